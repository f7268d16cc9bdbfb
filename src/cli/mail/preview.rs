//! `carillon mail preview`: a letter in files, to look at before anybody receives it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::{Context, Exit};
use crate::mail::message::{self, Outgoing};
use crate::mail::{Kind, MessageId, Purpose, Rendered, SaleLetter, Sender, TemplateSet, samples};
use crate::member::Language;

/// The arguments of `carillon mail preview`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which letter: announcement, opening, last-hours or confirmation
    kind: Kind,
    /// In which language, fr or en; both when left out
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// A folder of templates to try out, instead of the configured one
    #[arg(long, value_name = "FOLDER")]
    templates: Option<PathBuf>,
    /// Where to write the files
    #[arg(long, value_name = "FOLDER", default_value = "mail-preview")]
    out: PathBuf,
    /// Print the paths as JSON
    #[arg(long)]
    json: bool,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    kind: String,
    language: Language,
    subject: String,
    html: String,
    text: String,
    eml: String,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = super::settings(context)?;
    let sender = super::sender(settings.as_ref())?;
    let set = match super::templates(args.templates, settings.as_ref()) {
        Ok(set) => set,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder `{}`", args.out.display()))?;
    let languages = args.language.map_or_else(|| Language::ALL.to_vec(), |language| vec![language]);
    let mut written = Vec::new();
    for language in languages {
        let (letter, purpose) = letter(&set, &sender, args.kind, language)?;
        let eml = message::build(&Outgoing {
            from: &sender.from,
            reply_to: sender.reply_to.as_ref(),
            to: &"camille@example.net".parse()?,
            letter: &letter,
            date: context.clock.now(),
            id: &MessageId::parse(&format!("preview.{}.{language}@{}", args.kind, sender.from.address.domain()))?,
            purpose: &purpose,
        })?;
        written.push(write(&args.out, args.kind, language, &letter, &eml)?);
    }
    if args.json {
        context.json(&written)?;
    } else {
        for letter in written {
            context.line(format!("{} ({}): {}", letter.kind, letter.language, letter.subject))?;
            for path in [letter.html, letter.text, letter.eml] {
                context.line(format!("  {path}"))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The sample letter of a kind, signed by the shop of the settings.
fn letter(set: &TemplateSet, sender: &Sender, kind: Kind, language: Language) -> anyhow::Result<(Rendered, Purpose)> {
    let Kind::Sale(kind) = kind else {
        let confirmation = samples::confirmation(language)?;
        let letter = set.confirmation(&crate::mail::Confirmation { shop: sender.shop.clone(), ..confirmation })?;
        return Ok((letter, Purpose::Functional));
    };
    let [recipient, _] = samples::recipients()?;
    let sale = samples::sale(language)?;
    let letter = SaleLetter { language, shop: sender.shop.clone(), sale, texts: crate::mail::Texts::default() };
    let rendered = set.prepare(kind, &letter)?.for_recipient(&recipient)?;
    Ok((rendered, sender.mailing(recipient.unsubscribe_url, &["preview", kind.name()])))
}

fn write(folder: &Path, kind: Kind, language: Language, letter: &Rendered, eml: &[u8]) -> anyhow::Result<Written> {
    let file = |suffix: &str, bytes: &[u8]| -> anyhow::Result<String> {
        let path = folder.join(format!("{kind}.{language}.{suffix}"));
        fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(path.display().to_string())
    };
    Ok(Written {
        kind: kind.to_string(),
        language,
        subject: letter.subject.as_str().to_owned(),
        html: file("html", letter.html.as_bytes())?,
        text: file("txt", letter.text.as_bytes())?,
        eml: file("eml", eml)?,
    })
}
