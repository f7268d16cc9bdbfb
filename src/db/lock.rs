//! The lock by which one daemon has a SQLite store to itself: a file beside the store, locked while the daemon lives.
//!
//! The kernel gives the lock up with the process, however it ends. It is named after the store's real path, so a store
//! reached through a symbolic link has the same one. A file beside the store and not the store itself, because SQLite
//! keeps locks of its own on that, and a process that closes a file loses every lock of the other kind it has on it.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::{StoreError, StoreResult};
use crate::files::open_private;

/// How often the lock is tried, and the pause between. Whoever looks whether a daemon runs shares the lock for a moment,
/// and must not keep one from starting.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// Takes the lock of the store at `store`, a real path.
///
/// # Errors
/// [`StoreError::Locked`] when another daemon has it, [`StoreError::SecondName`] when the store has another name, under
/// which another daemon would take another lock.
pub(super) fn take(store: &Path) -> StoreResult<File> {
    let path = beside(store);
    let unreachable =
        |error: io::Error| StoreError::Unreachable { url: path.display().to_string(), why: error.to_string() };
    match store.metadata() {
        Ok(found) if found.nlink() > 1 => return Err(StoreError::SecondName { file: store.display().to_string() }),
        // A backup is to be put where no store is.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unreachable(error)),
        _ => {}
    }
    let file = open_private(&path, false).map_err(unreachable)?;
    if try_for_a_while(&file).map_err(unreachable)? {
        // That it is changed now is how others see since when it is held. On a full disk they see that of the last daemon.
        let _ = file.set_len(0).and_then(|()| (&file).write_all(std::process::id().to_string().as_bytes()));
        Ok(file)
    } else {
        Err(StoreError::Locked { lock: path.display().to_string() })
    }
}

/// Locks `file` for this process alone. Says whether it could.
pub(super) fn try_for_a_while(file: &File) -> io::Result<bool> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Whether a daemon has the lock of the store at `store`, a real path.
///
/// # Errors
/// When the lock cannot be looked at, as by a user who may not read it.
pub(super) fn is_taken(store: &Path) -> io::Result<bool> {
    match File::open(beside(store)) {
        Ok(file) => is_held(&file),
        // No daemon was ever here.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// When the lock of the store at `store`, a real path, was last taken, by the clock of its file system. Nothing where that cannot be seen.
pub(super) fn taken_at(store: &Path) -> Option<Timestamp> {
    Timestamp::try_from(beside(store).metadata().ok()?.modified().ok()?).ok()
}

/// Whether somebody has `file` locked for themselves. Whoever asks shares the lock until the file is dropped.
pub(super) fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn beside(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = folder.path().join("carillon.db");
        std::fs::write(&store, b"").unwrap();
        (folder, store)
    }

    #[test]
    fn it_is_seen_while_it_is_held_and_no_longer() {
        let (_folder, store) = store();
        assert!(!is_taken(&store).unwrap(), "there is no file yet");
        let held = take(&store).unwrap();
        assert!(is_taken(&store).unwrap());
        assert!(matches!(take(&store), Err(StoreError::Locked { .. })));
        drop(held);
        assert!(!is_taken(&store).unwrap());
    }

    #[test]
    fn looking_keeps_no_daemon_from_starting() {
        let (_folder, store) = store();
        drop(take(&store).unwrap());
        let looking = File::open(beside(&store)).unwrap();
        looking.try_lock_shared().unwrap();
        let starting = std::thread::spawn({
            let store = store.clone();
            move || take(&store)
        });
        looking.unlock().unwrap();
        starting.join().unwrap().unwrap();
    }

    #[test]
    fn a_store_with_two_names_is_not_taken() {
        let (folder, store) = store();
        std::fs::hard_link(&store, folder.path().join("again.db")).unwrap();
        assert!(matches!(take(&store), Err(StoreError::SecondName { .. })));
    }
}
