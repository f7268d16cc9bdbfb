//! `carillon mail preview`: a letter in files, to look at before anybody receives it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::sample::Writer;
use super::{Context, Exit};
use crate::mail::{Kind, MessageId, Rendered};
use crate::member::Language;

/// The arguments of `carillon mail preview`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which letter: announcement, opening, last-hours or confirmation
    kind: Kind,
    /// In which language, fr or en; when left out, in all that the letter is written in
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
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder `{}`", args.out.display()))?;
    let languages = args.language.map_or_else(|| writer.languages(args.kind), |language| vec![language]);
    let mut written = Vec::new();
    for language in languages {
        let (letter, purpose) = writer.write(args.kind, language)?;
        let domain = writer.sender.from.address.domain();
        let id = MessageId::parse(&format!("preview.{}.{language}@{domain}", args.kind))?;
        let eml = writer.message((&letter, &purpose), &"camille@example.net".parse()?, &id, context.clock.now())?;
        written.push(write(&args.out, args.kind, language, &letter, &eml)?);
    }
    if args.json {
        context.json(&written)?;
        return Ok(Exit::Done);
    }
    for letter in written {
        context.line(format!("{} ({}): {}", letter.kind, letter.language, letter.subject))?;
        for path in [letter.html, letter.text, letter.eml] {
            context.line(format!("  {path}"))?;
        }
    }
    Ok(Exit::Done)
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
