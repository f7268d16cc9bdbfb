//! An operator's folder over the files that the program brings along.

use std::collections::BTreeSet;
use std::path::Path;

use super::Files;
use crate::files::{TextFileError, is_left_behind, read_text};
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Phrase;

/// The files of a set, and what came with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Every file.
    pub files: Files,
    /// The names of those that an operator's folder holds.
    pub own: BTreeSet<String>,
    /// A note for each file of the folder that nobody meant as a part of the set.
    pub notes: Vec<Finding>,
}

/// `built_in` with the files of `folder` over them, also those in folders in it. `names` says, for people, how the files of
/// the set are called.
/// Also returns a finding for each file that cannot be read, or is none of the set: then nothing of it should be used.
pub fn over(built_in: Files, folder: &Path, names: &Phrase) -> (Loaded, Vec<Finding>) {
    let mut files = built_in;
    let mut listing = Listing::default();
    listing.read(folder, "");
    let Listing { names: own, mut findings, notes } = listing;
    for name in &own {
        let path = folder.join(name);
        let shown = path.display().to_string();
        if !files.contains_key(name) {
            findings.push(unknown(shown, names.clone()));
            continue;
        }
        match read_text(&path) {
            Ok(document) => _ = files.insert(name.clone(), document),
            Err(error) => findings.push(error.into_finding()),
        }
    }
    (Loaded { files, own, notes }, findings)
}

/// What a folder holds.
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

fn passed_over(shown: String) -> Finding {
    Finding::note("template.passed-over", Place::file(shown), phrase!("template-passed-over"))
}

fn unreadable(folder: &Path, why: std::io::Error) -> Finding {
    TextFileError::Unreadable { path: folder.display().to_string(), why }.into_finding()
}

fn unknown(shown: String, names: Phrase) -> Finding {
    Finding::error("template.unknown-file", Place::file(shown), phrase!("template-unknown-file")).mended_by(names)
}
