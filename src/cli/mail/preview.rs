//! `carillon mail preview`: letters in files, and on one page, to look at before anybody receives them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde::Serialize;

use super::gallery::{self, GalleryLetter};
use super::sample::{CampaignSends, For, SAMPLE_READER, Writer};
use super::{Context, Exit};
use crate::mail::{Kind, LetterCopy, MessageId};
use crate::member::Language;
use crate::phrase;
use crate::phrase::Fact;

/// The page that shows all letters.
const PAGE: &str = "index.html";

/// The arguments of `carillon mail preview`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which letter: announcement, opening, last-hours, confirmation or renewal; when left out, every one, or all of the
    /// campaign
    kind: Option<Kind>,
    /// In which language: fr, en, nl, de, it, es or pt; when left out, in all that the letter is written in
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Show this campaign's title, dates, offers and texts instead of an example's
    #[arg(long, value_name = "FILE")]
    campaign: Option<PathBuf>,
    /// A folder of templates to try out, instead of the configured one
    #[arg(long, value_name = "FOLDER")]
    templates: Option<PathBuf>,
    /// Where to write the files
    #[arg(long, value_name = "FOLDER", default_value = "mail-preview")]
    out: PathBuf,
    /// Open the page that shows them all, as the desktop opens pages
    #[arg(long)]
    open: bool,
    /// Print the paths as JSON
    #[arg(long)]
    json: bool,
}

/// What was written.
#[derive(Serialize)]
struct WrittenFile {
    kind: String,
    language: Language,
    subject: String,
    html: String,
    text: String,
    eml: String,
    /// Whether the campaign sends this letter; left out where none is named, and of letters that no campaign sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<bool>,
    #[serde(skip)]
    sends: Option<CampaignSends>,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = super::settings(context)?;
    let templates = match super::templates(args.templates, settings.as_ref()) {
        Ok(templates) => templates,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let mut writer = Writer::new(settings.as_ref(), templates)?;
    if let Some(file) = &args.campaign {
        writer = match writer.with_campaign(file, context)? {
            Ok(writer) => writer,
            Err(findings) => return Ok(context.findings(&findings)?),
        };
    }
    fs::create_dir_all(&args.out)
        .with_context(|| phrase!("cannot-make-folder", path = Fact::text(args.out.display())))?;
    let to = SAMPLE_READER.parse()?;
    let domain = writer.sender.from.address.domain();
    let (mut written, mut shown) = (Vec::new(), Vec::new());
    let kinds = args.kind.map_or_else(|| writer.kinds(), |kind| vec![kind]);
    let mut all = Vec::new();
    for kind in kinds {
        all.extend(writer.letters(kind)?.into_iter().map(|letters| (kind, letters)));
    }
    for (kind, letters) in all {
        let languages = args.language.map_or_else(|| letters.languages(), |language| vec![language]);
        for language in languages {
            let id = MessageId::parse(&format!("preview.{}.{language}@{domain}", letters.name()))?;
            let person = For { to: &to, language, id: &id, now: context.clock.now() };
            let copy = writer.write(&letters, &person)?;
            let sends = writer.sends(kind, language);
            let mut file = write(&args.out, kind, (letters.name(), language), &copy)?;
            (file.sent, file.sends) = (sends.map(|sends| sends == CampaignSends::Yes), sends);
            written.push(file);
            shown.push(GalleryLetter {
                name: letters.name().to_owned(),
                note: sends.and_then(CampaignSends::note),
                language,
                subject: copy.rendered.subject.as_str().to_owned(),
                html: copy.rendered.html,
                text: copy.rendered.text,
            });
        }
    }
    let page = args.out.join(PAGE);
    let brand = settings.as_ref().map(|settings| settings.shop.brand.clone()).unwrap_or_default();
    fs::write(&page, gallery::page(&shown, &brand, context.language))
        .with_context(|| phrase!("cannot-write", path = Fact::text(page.display())))?;
    if args.json {
        context.json(&written)?;
        return Ok(Exit::Done);
    }
    for letter in written {
        let (kind, language) = (letter.kind.as_str(), Fact::text(letter.language));
        context.say(&phrase!("preview-letter", kind = kind, language = language, subject = letter.subject))?;
        if let Some(note) = letter.sends.and_then(CampaignSends::note) {
            context.indented(&note)?;
        }
        for path in [letter.html, letter.text, letter.eml] {
            context.line(format!("  {path}"))?;
        }
    }
    let path = Fact::text(page.display());
    context.say(&phrase!("preview-page", path = path.clone()))?;
    if args.open && !opened(&page) {
        context.remark(&phrase!("preview-not-opened", path = path))?;
    }
    Ok(Exit::Done)
}

/// Has the desktop open a page, and says whether it could be asked to.
fn opened(page: &Path) -> bool {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = || Stdio::null();
    // A browser may stay for hours, so it is not waited for.
    Command::new(opener).arg(page).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().is_ok()
}

fn write(
    folder: &Path,
    kind: Kind,
    (name, language): (&str, Language),
    copy: &LetterCopy,
) -> anyhow::Result<WrittenFile> {
    let file = |suffix: &str, bytes: &[u8]| -> anyhow::Result<String> {
        let path = folder.join(format!("{name}.{language}.{suffix}"));
        fs::write(&path, bytes).with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
        Ok(path.display().to_string())
    };
    Ok(WrittenFile {
        kind: kind.to_string(),
        language,
        subject: copy.rendered.subject.as_str().to_owned(),
        html: file("html", copy.rendered.html.as_bytes())?,
        text: file("txt", copy.rendered.text.as_bytes())?,
        eml: file("eml", &copy.bytes)?,
        sent: None,
        sends: None,
    })
}
