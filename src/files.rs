//! Files on disk: those that hold people or secrets are their owner's alone, whatever the umask says.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// A new file that only its owner can read and write. One that is there already is an error.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The same, in place of an older one.
pub fn replace_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => create_private(path),
    }
}
