//! The template files: those compiled in, and an operator's folder over them, kind by kind and language by language.

use std::collections::BTreeSet;
use std::path::Path;

use super::kind::{Kind, Part};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::template::folder::{self, Loaded};

macro_rules! template {
    ($name:expr) => {
        ($name, include_str!(concat!("../../email_templates/", $name)))
    };
}

/// The letters of these kinds in every language.
macro_rules! letters {
    ($($kind:literal),* $(,)?) => {
        [$(
            letters!($kind in "", ".en", ".nl", ".de", ".it", ".es", ".pt"),
        )*]
    };
    ($kind:literal in $($language:literal),*) => {
        [$(
            template!(concat!($kind, "/subject", $language, ".txt")),
            template!(concat!($kind, "/body", $language, ".txt")),
            template!(concat!($kind, "/body", $language, ".html")),
        )*]
    };
}

/// The frames that the program brings along.
const FRAMES: [(&str, &str); 2] = [template!("base.html"), template!("base.txt")];

/// The letters that it brings along, a kind to a line.
const LETTERS: [[(&str, &str); Part::ALL.len() * Language::ALL.len()]; Kind::ALL.len()] =
    letters!["announcement", "opening", "last-hours", "confirmation", "renewal"];

/// The files of `folder` over the compiled-in ones, or these alone.
///
/// # Errors
/// As [`with_folder`].
pub(super) fn read(folder: Option<&Path>) -> Result<Loaded, Vec<Finding>> {
    folder.map_or_else(|| Ok(built_in()), with_folder)
}

/// The compiled-in files.
pub(super) fn built_in() -> Loaded {
    let document = |name: &str, text: &str| Document::new(format!("email_templates/{name}"), text);
    let files = FRAMES
        .iter()
        .chain(LETTERS.as_flattened())
        .map(|(name, text)| ((*name).to_owned(), document(name, text)))
        .collect();
    Loaded { files, ..Loaded::default() }
}

/// The compiled-in files with those of `folder` over them.
///
/// # Errors
/// A finding for each file that cannot be read, is not a template of the set, or leaves a kind half replaced.
fn with_folder(folder: &Path) -> Result<Loaded, Vec<Finding>> {
    let (loaded, mut findings) = folder::over(built_in().files, folder, &names());
    findings.extend(half_replaced(folder, &loaded.own));
    if findings.is_empty() { Ok(loaded) } else { Err(findings) }
}

/// How the files of the set are called.
fn names() -> Phrase {
    phrase!("template-file-names")
}

/// A letter with the shop's subject over our body would be nobody's letter.
fn half_replaced(folder: &Path, names: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for kind in Kind::ALL {
        for language in Language::ALL {
            let (given, missing): (Vec<String>, Vec<String>) = Part::ALL
                .map(|part| part.file(language))
                .into_iter()
                .partition(|file| names.contains(&format!("{kind}/{file}")));
            if given.is_empty() || missing.is_empty() {
                continue;
            }
            let message = phrase!(
                "template-half-replaced",
                language = Fact::text(language),
                kind = kind.name(),
                count = missing.len(),
                missing = Fact::texts(missing.iter().map(|file| format!("`{file}`")))
            );
            findings.push(Finding::error("template.half-replaced", place(&folder.join(kind.name())), message));
        }
    }
    findings
}

fn place(path: &Path) -> Place {
    Place::file(path.display().to_string())
}
