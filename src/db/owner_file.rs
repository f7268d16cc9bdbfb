//! The file by which a folder knows its daemon where the store has no lock: it holds the daemon's name, and the daemon keeps it
//! locked while it lives.
//!
//! The kernel gives a lock up with its process, however that ends. So whoever gets the lock has proof that the daemon which is
//! named in the file is gone, without a word of the store, of the network or of a clock.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use super::lock;
use crate::files::open_private;

/// The most that is read of a file: many times the length of a name.
const MOST: u64 = 256;

/// The file, by its path.
#[derive(Clone, Debug)]
pub struct OwnerFile {
    path: PathBuf,
}

impl OwnerFile {
    /// The file at `path`, which need not be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Locks it for this process. `None` when another daemon of this folder has it.
    pub fn lock(&self) -> io::Result<Option<OwnerLock>> {
        // Opened for writing alone, it cannot be read.
        drop(open_private(&self.path, false)?);
        let file = File::options().read(true).write(true).open(&self.path)?;
        if !lock::try_for_a_while(&file)? {
            return Ok(None);
        }
        let predecessor = name_in(&file)?;
        Ok(Some(OwnerLock { file, predecessor }))
    }

    /// The daemon of this folder, when it is gone. `None` while one has the lock, and where none was ever named.
    ///
    /// # Errors
    /// When the file cannot be looked at, as by a user who may not read it.
    pub fn gone(&self) -> io::Result<Option<String>> {
        match File::open(&self.path) {
            Ok(file) if lock::is_held(&file)? => Ok(None),
            Ok(file) => name_in(&file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The lock of an [`OwnerFile`], until this is dropped.
#[derive(Debug)]
pub struct OwnerLock {
    file: File,
    predecessor: Option<String>,
}

impl OwnerLock {
    /// The daemon that was named when the lock was taken. It is gone.
    pub fn predecessor(&self) -> Option<&str> {
        self.predecessor.as_deref()
    }

    /// Names `owner` as the daemon of this folder. It need not reach the disk: a name that is lost with the machine is of a
    /// daemon that is presumed dead a little later.
    pub fn name(&self, owner: &str) -> io::Result<()> {
        let line = format!("{owner}\n");
        self.file.write_all_at(line.as_bytes(), 0)?;
        self.file.set_len(line.len() as u64)
    }
}

/// The name in the file; `None` when there is none, or what is there can be no name.
fn name_in(file: &File) -> io::Result<Option<String>> {
    let (mut file, mut bytes) = (file, Vec::new());
    file.seek(SeekFrom::Start(0))?;
    file.take(MOST).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let name = text.trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    Ok(is_name.then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, OwnerFile) {
        let folder = tempfile::TempDir::new().unwrap();
        let file = OwnerFile::new(folder.path().join("carillon.daemon"));
        (folder, file)
    }

    #[test]
    fn who_gets_the_lock_learns_who_is_gone() {
        let (_folder, file) = file();
        assert_eq!(file.gone().unwrap(), None, "nobody was ever here");
        let first = file.lock().unwrap().unwrap();
        assert_eq!(first.predecessor(), None);
        first.name("daemon-12345-0a0b0c0d").unwrap();
        assert_eq!(file.gone().unwrap(), None, "it lives");
        assert!(file.lock().unwrap().is_none());
        drop(first);
        assert_eq!(file.gone().unwrap().as_deref(), Some("daemon-12345-0a0b0c0d"));
        let second = file.lock().unwrap().unwrap();
        assert_eq!(second.predecessor(), Some("daemon-12345-0a0b0c0d"));
        // Until it has taken back what that one left, that one stays named.
        drop(second);
        let third = file.lock().unwrap().unwrap();
        third.name("daemon-1-00000000").unwrap();
        drop(third);
        assert_eq!(file.gone().unwrap().as_deref(), Some("daemon-1-00000000"));
    }

    #[test]
    fn what_is_no_name_names_nobody() {
        let (_folder, file) = file();
        for content in [&b""[..], b"\n", b"two words\n", b"nul\0\n", b"\xff\xfe\n"] {
            std::fs::write(&file.path, content).unwrap();
            assert_eq!(file.gone().unwrap(), None, "{content:?}");
            assert_eq!(file.lock().unwrap().unwrap().predecessor(), None, "{content:?}");
        }
    }
}
