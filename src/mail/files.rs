//! The template files: those compiled in, and an operator's folder over them, kind by kind and language by language.

use std::collections::BTreeSet;
use std::path::Path;

use super::kind::{Kind, Part};
use crate::document::Document;
use crate::files::{TextFileError, read_text};
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::template::Files;

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

/// The files of a set, and what came with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Loaded {
    /// Every file.
    pub(super) files: Files,
    /// The names of those that an operator's folder holds.
    pub(super) own: BTreeSet<String>,
    /// A note for each file of the folder that nobody meant as a template.
    pub(super) notes: Vec<Finding>,
}

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
    let files = BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), document(name, text))).collect();
    Loaded { files, ..Loaded::default() }
}

/// The compiled-in files with those of `folder` over them.
///
/// # Errors
/// A finding for each file that cannot be read, is not a template of the set, or leaves a kind half replaced.
fn with_folder(folder: &Path) -> Result<Loaded, Vec<Finding>> {
    let mut loaded = built_in();
    let mut listing = Listing::default();
    listing.read(folder, "");
    let Listing { names, mut findings, notes } = listing;
    for name in &names {
        let path = folder.join(name);
        let shown = path.display().to_string();
        if !loaded.files.contains_key(name) {
            findings.push(unknown(shown));
            continue;
        }
        match read_text(&path) {
            Ok(document) => _ = loaded.files.insert(name.clone(), document),
            Err(error) => findings.push(error.into_finding()),
        }
    }
    findings.extend(half_replaced(folder, &names));
    if findings.is_empty() { Ok(Loaded { own: names, notes, ..loaded }) } else { Err(findings) }
}

/// What a folder of templates holds.
#[derive(Default)]
struct Listing {
    /// The files, by their names in the set.
    names: BTreeSet<String>,
    /// What cannot be read.
    findings: Vec<Finding>,
    /// What is passed over.
    notes: Vec<Finding>,
}

impl Listing {
    /// Gathers the files of `folder` and of the folders in it.
    fn read(&mut self, folder: &Path, prefix: &str) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(why) => return self.findings.push(unreadable(folder, why)),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(why) => return self.findings.push(unreadable(folder, why)),
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_left_behind(&name) {
                self.notes.push(passed_over(entry.path().display().to_string()));
            } else if entry.path().is_dir() && prefix.is_empty() {
                self.read(&entry.path(), &format!("{name}/"));
            } else {
                self.names.insert(format!("{prefix}{name}"));
            }
        }
    }
}

/// Whether a desktop, an archive or an editor leaves files of this name behind. None of them can be a template.
fn is_left_behind(name: &str) -> bool {
    let low = name.to_ascii_lowercase();
    let desktops = ["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"];
    low.starts_with(['.', '~', '#'])
        || desktops.contains(&low.as_str())
        || ["~", ".bak", ".orig", ".rej", ".swp", ".tmp"].iter().any(|end| low.ends_with(end))
}

/// A letter with the shop's subject over our body would be nobody's letter.
fn half_replaced(folder: &Path, names: &BTreeSet<String>) -> Vec<Finding> {
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
            let message = format!(
                "the {} letter `{kind}` is replaced in part: {} is missing",
                language.english(),
                join(&missing)
            );
            let remedy = "add what is missing, or remove the others of this language";
            findings.push(Finding::plain_error(
                "template.half-replaced",
                place(&folder.join(kind.name())),
                message,
                remedy,
            ));
        }
    }
    findings
}

fn join(files: &[&str]) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" and ")
}

fn place(path: &Path) -> Place {
    Place::file(path.display().to_string())
}

fn passed_over(shown: String) -> Finding {
    let message = "this file is passed over: a desktop or an editor left it behind";
    Finding::plain_note("template.passed-over", Place::file(shown), message, "remove it if you like")
}

fn unreadable(folder: &Path, why: std::io::Error) -> Finding {
    TextFileError::Unreadable { path: folder.display().to_string(), why }.into_finding()
}

fn unknown(shown: String) -> Finding {
    let remedy = "name it as in `docs/mail.md`: a kind's folder with `subject.txt`, `body.txt`, `body.html`, or `base.html`, `base.txt`";
    Finding::plain_error("template.unknown-file", Place::file(shown), "this is no file of the template set", remedy)
}
