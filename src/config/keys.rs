//! The key file: made once, readable by its owner only, never overwritten.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use secrecy::ExposeSecret;

use crate::files::{SecretFileError, create_private, folder_of, read_secret};
use crate::keys::{Keyring, KeyringError};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// There is no such file, or it cannot be read or written.
    #[error("cannot use the key file `{path}`; {}", what_to_do(.why))]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// Others can read it.
    #[error("the key file {0}")]
    Exposed(SecretFileError),
    /// There is one already. Keys are never overwritten: what was made with them would be lost.
    #[error("the key file `{path}` exists already and is left as it is")]
    Exists {
        /// The file.
        path: String,
    },
    /// It holds something other than keys.
    #[error("cannot use the key file `{path}`")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        why: KeyringError,
    },
}

/// What a person does about a file that cannot be read or written because of `why`. New keys are no answer where there are some: what was
/// made with them would be lost.
fn what_to_do(why: &io::Error) -> &'static str {
    match why.kind() {
        io::ErrorKind::PermissionDenied => {
            "let the user who runs this own it and the folders above it, and nobody else read it"
        }
        io::ErrorKind::NotFound => "restore it from its backup, or make one with `carillon init` for a new store",
        _ => "mend what keeps it from being read, or restore it from its backup",
    }
}

/// Reads the keys from `path`.
pub fn load_keyring(path: &Path) -> Result<Keyring, KeysError> {
    let text = read_secret(path).map_err(|error| match error {
        SecretFileError::Unreadable { path, why } => KeysError::Unusable { path, why },
        exposed @ SecretFileError::Exposed { .. } => KeysError::Exposed(exposed),
    })?;
    Keyring::parse(text.expose_secret()).map_err(|why| KeysError::Invalid { path: path.display().to_string(), why })
}

/// Makes a key file with one new key. It appears whole or not at all.
pub fn create_keyring(path: &Path) -> Result<Keyring, KeysError> {
    let unusable = |why| KeysError::Unusable { path: path.display().to_string(), why };
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| unusable(io::Error::other(error)))?;
    let keyring = Keyring::generate(secret);
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = Path::new(&draft);
    let written = write_private(draft, keyring.to_text().expose_secret())
        // Unlike a rename, a link does not replace a file that is there.
        .and_then(|()| fs::hard_link(draft, path));
    let tidied = fs::remove_file(draft);
    match written {
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeysError::Exists { path: path.display().to_string() })
        }
        outcome => outcome.and(tidied).map(|()| keyring).map_err(unusable),
    }
}

/// Writes `keyring`, which holds all the keys of the file at `path` and a new one, in its place: whole or not at all.
pub fn replace_keyring(path: &Path, keyring: &Keyring) -> Result<(), KeysError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = Path::new(&draft);
    write_private(draft, keyring.to_text().expose_secret())
        .and_then(|()| fs::rename(draft, path))
        .and_then(|()| fs::File::open(folder_of(path))?.sync_all())
        .map_err(|why| KeysError::Unusable { path: path.display().to_string(), why })
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_replaced() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys.toml");
        let keyring = create_keyring(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load_keyring(&path).unwrap().current(), keyring.current());
        assert!(matches!(create_keyring(&path), Err(KeysError::Exists { .. })));
        assert_eq!(load_keyring(&path).unwrap().current(), keyring.current());
        let more = keyring.with_new([9; 32], jiff::Timestamp::UNIX_EPOCH);
        replace_keyring(&path, &more).unwrap();
        assert!(load_keyring(&path).unwrap().ids().eq(more.ids()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys.toml");
        create_keyring(&path).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load_keyring(&path).unwrap_err();
            let said = format!("is open to others (mode {mode:o}); run `chmod 600 {}`", path.display());
            assert!(error.to_string().ends_with(&said), "{error}");
        }
        assert!(matches!(load_keyring(&folder.path().join("none")), Err(KeysError::Unusable { .. })));
        let said = |kind: io::ErrorKind| KeysError::Unusable { path: "keys".to_owned(), why: kind.into() }.to_string();
        assert!(said(io::ErrorKind::NotFound).contains("carillon init"));
        for there_is_one in [io::ErrorKind::PermissionDenied, io::ErrorKind::IsADirectory] {
            assert!(!said(there_is_one).contains("carillon init"), "{there_is_one}");
        }
    }
}
