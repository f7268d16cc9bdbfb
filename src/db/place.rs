//! How the file of a store is told from its copies.

use std::path::Path;

/// A file by its number and, where the file system tells it, the instant at which it was made: numbers are used again,
/// and small file systems that are filled in the same order give the same ones.
#[cfg(unix)]
pub(super) fn file_place(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;

    use jiff::Timestamp;

    match std::fs::metadata(path) {
        Ok(metadata) => {
            let made = metadata.created().ok().and_then(|at| Timestamp::try_from(at).ok());
            let born = made.map_or_else(|| "unknown".to_owned(), |at| at.as_nanosecond().to_string());
            format!("sqlite file={} born={born}", metadata.ino())
        }
        Err(_) => "sqlite file=gone".to_owned(),
    }
}

/// Where files have no number that programs can ask for, the path stands for them.
#[cfg(not(unix))]
pub(super) fn file_place(path: &Path) -> String {
    format!("sqlite path={}", path.display())
}
