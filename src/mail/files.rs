//! The template files: those compiled in, and an operator's folder over them, kind by kind and language by language.

use std::collections::BTreeMap;
use std::path::Path;

use super::kind::{Kind, Part};
use crate::document::Document;
use crate::files::{TextFileError, read_text};
use crate::finding::{Finding, Place};
use crate::member::Language;

/// The files by their names in the set, such as `opening/body.en.html`. The documents carry the names for people.
pub(super) type Files = BTreeMap<String, Document>;

macro_rules! compiled_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../email_templates/", $name)))),*]
    };
}

/// Every file that the program brings along.
const BUILT_IN: [(&str, &str); 26] = compiled_in![
    "announcement/body.en.html",
    "announcement/body.en.txt",
    "announcement/body.html",
    "announcement/body.txt",
    "announcement/subject.en.txt",
    "announcement/subject.txt",
    "base.html",
    "base.txt",
    "confirmation/body.en.html",
    "confirmation/body.en.txt",
    "confirmation/body.html",
    "confirmation/body.txt",
    "confirmation/subject.en.txt",
    "confirmation/subject.txt",
    "last-hours/body.en.html",
    "last-hours/body.en.txt",
    "last-hours/body.html",
    "last-hours/body.txt",
    "last-hours/subject.en.txt",
    "last-hours/subject.txt",
    "opening/body.en.html",
    "opening/body.en.txt",
    "opening/body.html",
    "opening/body.txt",
    "opening/subject.en.txt",
    "opening/subject.txt",
];

/// The compiled-in files.
pub(super) fn built_in() -> Files {
    let document = |name: &str, text: &str| Document::new(format!("email_templates/{name}"), text);
    BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), document(name, text))).collect()
}

/// The compiled-in files with those of `folder` over them.
///
/// # Errors
/// A finding for each file that cannot be read, is not a template of the set, or leaves a kind half replaced.
pub(super) fn with_folder(folder: &Path) -> Result<Files, Vec<Finding>> {
    let mut files = built_in();
    let mut findings = Vec::new();
    let mut names = Vec::new();
    list(folder, "", &mut names, &mut findings);
    for name in &names {
        let path = folder.join(name);
        let shown = path.display().to_string();
        if !files.contains_key(name) {
            findings.push(unknown(shown));
            continue;
        }
        match read_text(&path) {
            Ok(document) => _ = files.insert(name.clone(), document),
            Err(error) => findings.push(error.into_finding()),
        }
    }
    findings.extend(half_replaced(folder, &names));
    if findings.is_empty() { Ok(files) } else { Err(findings) }
}

/// Gathers the files of `folder` and of the folders in it, by their names in the set.
fn list(folder: &Path, prefix: &str, names: &mut Vec<String>, findings: &mut Vec<Finding>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(why) => {
            let path = folder.display().to_string();
            return findings.push(TextFileError::Unreadable { path, why }.into_finding());
        }
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What editors and desktops leave behind is not meant for us.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if entry.path().is_dir() && prefix.is_empty() {
            list(&entry.path(), &format!("{name}/"), names, findings);
        } else {
            names.push(format!("{prefix}{name}"));
        }
    }
    names.sort();
}

/// A letter with the shop's subject over our body would be nobody's letter.
fn half_replaced(folder: &Path, names: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for kind in Kind::ALL {
        for language in Language::ALL {
            let (given, missing): (Vec<&str>, Vec<&str>) = Part::ALL
                .map(|part| part.file(language))
                .into_iter()
                .partition(|file| names.contains(&format!("{kind}/{file}")));
            if given.is_empty() || missing.is_empty() {
                continue;
            }
            let message =
                format!("the {} letter `{kind}` is replaced in part: {} is missing", english(language), join(&missing));
            let remedy = "add what is missing, or remove the others of this language";
            findings.push(Finding::error("template.half-replaced", place(&folder.join(kind.name())), message, remedy));
        }
    }
    findings
}

fn english(language: Language) -> &'static str {
    match language {
        Language::Fr => "French",
        Language::En => "English",
    }
}

fn join(files: &[&str]) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" and ")
}

fn place(path: &Path) -> Place {
    Place::file(path.display().to_string())
}

fn unknown(shown: String) -> Finding {
    let remedy = "name it as in `docs/mail.md`: a kind's folder with `subject.txt`, `body.txt`, `body.html`, or `base.html`, `base.txt`";
    Finding::error("template.unknown-file", Place::file(shown), "this is no file of the template set", remedy)
}
