//! The wording files that rows of an import name.
//!
//! What such a file holds is kept in the store for years, shown as proof and copied with every backup. So only a text
//! counts that lies beside the import file and is meant to be read by people: a row must not lead to a secret.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::document::Document;
use crate::files::folder_of;
use crate::keys::{Keyring, KeyringError};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

/// Bytes of the largest wording file that is read.
const LARGEST: u64 = 100_000;

/// How the names of texts for people end.
const ENDINGS: [&str; 4] = ["txt", "md", "html", "htm"];

/// The wording files beside one import file, each read once.
pub(super) struct Wordings {
    folder: PathBuf,
    read: HashMap<String, Result<Arc<str>, Phrase>>,
}

impl Wordings {
    /// The texts in the folder of `file` and below it.
    pub(super) fn beside(file: &Path) -> Self {
        Self { folder: folder_of(file).to_owned(), read: HashMap::new() }
    }

    /// The text that `name` names, or why it is not used.
    pub(super) fn read(&mut self, name: &str) -> Result<Arc<str>, Phrase> {
        if let Some(known) = self.read.get(name) {
            return known.clone();
        }
        let text = text_of(&self.folder, Path::new(name));
        self.read.insert(name.to_owned(), text.clone());
        text
    }
}

fn text_of(folder: &Path, name: &Path) -> Result<Arc<str>, Phrase> {
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(phrase!("wording-file-elsewhere"));
    }
    let said = |error: std::io::Error| error.phrase();
    let folder = folder.canonicalize().map_err(said)?;
    let path = folder.join(name).canonicalize().map_err(said)?;
    if !path.starts_with(&folder) {
        return Err(phrase!("wording-file-leads-out"));
    }
    // Of the file that a symbolic link leads to, not of the link.
    if !is_for_people(name) || !is_for_people(&path) {
        return Err(phrase!(
            "wording-file-not-for-people",
            endings = Fact::texts(ENDINGS.map(|ending| format!(".{ending}")))
        ));
    }
    let metadata = fs::metadata(&path).map_err(said)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(phrase!("wording-file-size"));
    }
    let document = Document::decode("", fs::read(&path).map_err(said)?).map_err(|finding| finding.message)?;
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if document.text.contains(is_odd) {
        return Err(phrase!("wording-file-control-characters"));
    }
    if matches!(Keyring::parse(&document.text), Ok(_) | Err(KeyringError::Damaged { .. })) {
        return Err(phrase!("wording-file-keys"));
    }
    Ok(document.text.into())
}

fn is_for_people(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use secrecy::ExposeSecret;
    use tempfile::TempDir;

    use super::*;

    const TEXT: &str = "J’accepte de recevoir l’annonce des avant-premières.\n";

    #[test]
    fn a_text_beside_the_import_is_read_and_nothing_else() {
        let outside = TempDir::new().unwrap();
        let folder = outside.path().join("import");
        let at = |name: &str| folder.join(name);
        fs::create_dir_all(at("forms/sub")).unwrap();
        for name in
            ["w.txt", "w.MD", "forms/sub/w.html", "carillon.toml", "carillon.keys", "w", "../out.txt", "w.txt.sh"]
        {
            fs::write(at(name), TEXT).unwrap();
        }
        fs::write(at("marked.txt"), format!("\u{feff}{TEXT}")).unwrap();
        fs::write(at("latin.txt"), b"avant-premi\xe8res").unwrap();
        fs::write(at("binary.txt"), "SQLite format 3\0").unwrap();
        fs::write(at("large.txt"), "mot ".repeat(30_000)).unwrap();
        fs::write(at("renamed.txt"), Keyring::generate([1; 32]).to_text().expose_secret()).unwrap();
        symlink(at("w.txt"), at("link.txt")).unwrap();
        symlink(at("carillon.keys"), at("keys.txt")).unwrap();
        symlink(at("../out.txt"), at("out.txt")).unwrap();
        symlink("/etc", at("etc")).unwrap();
        let mut wordings = Wordings::beside(&at("members.csv"));
        for name in ["w.txt", "w.MD", "forms/sub/w.html", "marked.txt", "link.txt"] {
            assert_eq!(wordings.read(name).as_deref(), Ok(TEXT), "{name}");
        }
        let inside = at("w.txt");
        for (name, why) in [
            (inside.to_str().unwrap(), "without `..`"),
            ("/etc/passwd", "without `..`"),
            ("../out.txt", "without `..`"),
            ("forms/../w.txt", "without `..`"),
            ("./../out.txt", "without `..`"),
            ("out.txt", "leads out"),
            ("etc/passwd", "leads out"),
            ("carillon.toml", "text for people"),
            ("carillon.keys", "text for people"),
            ("keys.txt", "text for people"),
            ("w", "text for people"),
            ("w.txt.sh", "text for people"),
            ("forms", "text for people"),
            ("latin.txt", "not UTF-8"),
            ("binary.txt", "control characters"),
            ("large.txt", "plausible size"),
            ("renamed.txt", "holds keys"),
            ("none.txt", "No such file"),
            ("", "text for people"),
        ] {
            let said = wordings.read(name).unwrap_err().to_string();
            assert!(said.contains(why), "{name}: {said}");
        }
    }
}
