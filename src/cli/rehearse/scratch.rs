//! The folder of a rehearsal's copy: its owner's alone, and gone when the rehearsal is over. What one left that was killed, the
//! next one removes.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::exit::Failure;
use crate::files::create_private;
use crate::phrase;
use crate::phrase::Fact;

/// How the names of such folders begin.
const NAME: &str = "carillon-rehearsal-";

/// The file that whoever uses the folder keeps locked.
const LOCK: &str = "lock";

/// A folder, until this is dropped.
pub(super) struct ScratchFolder {
    path: PathBuf,
    _lock: File,
}

impl ScratchFolder {
    /// Makes a new one, after removing those that nobody uses any more.
    pub(super) fn new() -> anyhow::Result<Self> {
        let above = std::env::temp_dir();
        sweep(&above);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| Failure::unreachable(format!("no random numbers: {error}")))?;
        let name = format!("{:016x}", u64::from_be_bytes(random));
        // It gets its name when it is locked: no other rehearsal takes it for one that was left.
        let (draft, path) = (above.join(format!(".{name}.new")), above.join(format!("{NAME}{name}")));
        let make = || -> io::Result<File> {
            private_folder(&draft)?;
            let lock = create_private(&draft.join(LOCK))?;
            lock.lock()?;
            fs::rename(&draft, &path)?;
            Ok(lock)
        };
        let lock = make().with_context(|| phrase!("cannot-make-folder", path = Fact::text(above.display())))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where a file of it is, or will be.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, folder = %self.path.display(), "the copy of a rehearsal is left: remove it");
        }
    }
}

/// A new folder that only its owner can look into.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes what rehearsals left that were killed. What cannot be looked at or removed is somebody else's.
fn sweep(above: &Path) {
    let Ok(entries) = fs::read_dir(above) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(NAME);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_left(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody uses a folder any more.
fn is_left(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_alone_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt as _;
        let scratch = ScratchFolder::new().unwrap();
        let path = scratch.path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(scratch.at("copy"), "people").unwrap();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_one_left_is_swept_and_what_is_in_use_is_not() {
        let above = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = above.path().join(format!("{NAME}{name}"));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(LOCK), "").unwrap();
            folder
        };
        let (left, used) = (folder("left"), folder("used"));
        let lock = File::open(used.join(LOCK)).unwrap();
        lock.lock().unwrap();
        let foreign = above.path().join("another-thing");
        fs::create_dir(&foreign).unwrap();
        sweep(above.path());
        assert!(!left.exists() && used.exists() && foreign.exists());
    }
}
