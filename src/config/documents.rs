//! The operator's folders of small text files, read as documents.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::Document;

/// Why a folder of documents cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{path}`")]
pub struct DocumentsError {
    path: String,
    #[source]
    why: io::Error,
}

/// The calendar overrides in `folder`: its `.toml` files, by name. A folder that does not exist holds none.
pub fn calendar_overrides(folder: &Path) -> Result<Vec<Document>, DocumentsError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |why| DocumentsError { path, why }
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(unreadable(folder)(why)),
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().map_err(unreadable(folder))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            Ok(Document::new(path.display().to_string(), text))
        })
        .collect()
}
