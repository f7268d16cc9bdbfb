//! The operator's folders of small text files, read as documents.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::files::{TextFileError, read_text};

/// The calendar overrides in `folder`: its `.toml` files, by name. A folder that does not exist holds none.
pub fn calendar_overrides(folder: &Path) -> Result<Vec<Document>, TextFileError> {
    let unreadable = |why| TextFileError::Unreadable { path: folder.display().to_string(), why };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(unreadable(why)),
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| read_text(path)).collect()
}
