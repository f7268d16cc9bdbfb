//! `carillon mail preview`: a letter in files, to look at before anybody receives it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::sample::{For, Writer};
use super::{Context, Exit};
use crate::mail::{Kind, LetterCopy, MessageId};
use crate::member::Language;
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon mail preview`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which letter: announcement, opening, last-hours, confirmation or renewal
    kind: Kind,
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
    let to = "camille@example.net".parse()?;
    let domain = writer.sender.from.address.domain();
    let mut written = Vec::new();
    for letters in writer.letters(args.kind)? {
        let languages = args.language.map_or_else(|| letters.languages(), |language| vec![language]);
        for language in languages {
            let id = MessageId::parse(&format!("preview.{}.{language}@{domain}", letters.name()))?;
            let person = For { to: &to, language, id: &id, now: context.clock.now() };
            let copy = writer.write(&letters, &person)?;
            written.push(write(&args.out, args.kind, (letters.name(), language), &copy)?);
        }
    }
    if args.json {
        context.json(&written)?;
        return Ok(Exit::Done);
    }
    for letter in written {
        let (kind, language) = (letter.kind.as_str(), Fact::text(letter.language));
        context.say(&phrase!("preview-letter", kind = kind, language = language, subject = letter.subject))?;
        for path in [letter.html, letter.text, letter.eml] {
            context.line(format!("  {path}"))?;
        }
    }
    Ok(Exit::Done)
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
    })
}
