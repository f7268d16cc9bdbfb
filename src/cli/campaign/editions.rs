//! `campaign drafts` and `draft`: the next editions that the daemon has proposed. Each is a copy of what is applied, written when it is
//! asked for, in the reader's language.

use anyhow::anyhow;

use super::copy::{Original, tell, write_new};
use super::{DraftArgs, JsonArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar};
use crate::db::campaigns;
use crate::db::drafts::{self, EditionDraft};
use crate::document::Document;
use crate::phrase;
use crate::phrase::Fact;

/// `campaign drafts`.
pub(super) fn list(args: &JsonArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let now = context.clock.now();
    let waiting = store.read_blocking(|db| drafts::waiting(db, now))?;
    if args.json {
        context.json(&waiting)?;
        return Ok(Exit::Done);
    }
    if waiting.is_empty() {
        context.remark(&phrase!("drafts-none"))?;
        return Ok(Exit::Done);
    }
    let zone = settings.zone();
    let row = |draft: &EditionDraft| {
        let EditionDraft { slug, source, begins_at, proposed_at, .. } = draft;
        let (begins, since) = (context.moment(*begins_at, &zone), context.moment(*proposed_at, &zone));
        [slug.to_string(), source.to_string(), begins, since]
    };
    let rows = waiting.iter().map(row).collect();
    let header =
        [phrase!("column-draft"), phrase!("column-edition-of"), phrase!("column-opens"), phrase!("column-since")];
    context.table(header, rows)?;
    context.remark(&phrase!("drafts-next"))?;
    Ok(Exit::Done)
}

/// `campaign draft`.
pub(super) fn draft(args: &DraftArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (slug, now) = (&args.slug, context.clock.now());
    let unknown = || Failure::refused(phrase!("draft-unknown", slug = Fact::text(slug)));
    if args.dismiss {
        let who = context.answering(phrase!("who-dismisses"))?.to_owned();
        if !store.write_blocking(|db| drafts::dismiss(db, slug, &who, now))? {
            return Err(unknown());
        }
        context.remark(&phrase!("draft-dismissed", slug = Fact::text(slug)))?;
        return Ok(Exit::Done);
    }
    let waiting = store.read_blocking(|db| drafts::waiting(db, now))?;
    let draft = waiting.into_iter().find(|draft| draft.slug == *slug).ok_or_else(unknown)?;
    let calendar = calendar::load(context)?;
    let applied = store.read_blocking(|db| campaigns::find(db, &draft.source))?.ok_or_else(|| anyhow!("it is gone"))?;
    let document = Document::new(applied.source_name, applied.source_text);
    let original = match Original::read(&document, &calendar, Some(&store))? {
        Ok(original) => original,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let (slug, copy, resolved) = original.edition(&draft.edition, Some(slug), &calendar, context);
    let Some(path) = &args.out else {
        context.line(copy.text.trim_end_matches('\n'))?;
        return Ok(Exit::Done);
    };
    write_new(path, &copy.text)?;
    tell(path, &slug, &copy, resolved.as_ref(), args.json, context)
}
