//! Files on disk: a person's text is read in one way, and what holds people or secrets is its owner's alone, whatever
//! the umask says.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// Why a text that a person wrote cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TextFileError {
    /// There is no such file, or it cannot be read.
    #[error("{}", phrase!("cannot-read", path = path))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// It is no UTF-8 text.
    #[error("{0}")]
    Encoding(Box<Finding>),
}

impl Spoken for TextFileError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Unreadable { path, .. } => phrase!("cannot-read", path = path),
            Self::Encoding(finding) => finding.line(),
        }
    }
}

impl TextFileError {
    /// The same as a finding.
    pub fn into_finding(self) -> Finding {
        match self {
            Self::Unreadable { path, why } => {
                Finding::error("file.unreadable", Place::file(path), phrase!("file-unreadable", why = why.phrase()))
            }
            Self::Encoding(finding) => *finding,
        }
    }
}

/// The folder that a file is in; `.` for a bare name.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a text that a person wrote. Its name is the path as given.
pub fn read_text(path: &Path) -> Result<Document, TextFileError> {
    let name = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => Document::decode(name, bytes).map_err(TextFileError::Encoding),
        Err(why) => Err(TextFileError::Unreadable { path: name, why }),
    }
}

/// What is in a file, `most` bytes of it and one more: enough to see that there are too many.
pub fn read_bounded(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a desktop, an archive or an editor leaves files of this name behind. None of them can be meant.
pub fn is_left_behind(name: &str) -> bool {
    let low = name.to_ascii_lowercase();
    let desktops = ["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"];
    low.starts_with(['.', '~', '#'])
        || desktops.contains(&low.as_str())
        || ["~", ".bak", ".orig", ".rej", ".swp", ".tmp"].iter().any(|end| low.ends_with(end))
}

/// The file of rejected rows beside `file`: `members.rejected.csv` beside `members.csv`. Such a file may be handed in
/// itself when it is mended; what is rejected again then goes to `members.rejected-2.csv`. So does what is rejected while the first is
/// still there, whichever table of that name it is from: somebody may be mending it.
pub fn rejected_beside(file: &Path) -> PathBuf {
    new_beside(file, "rejected")
}

/// The first file of `members.KIND.csv`, `members.KIND-2.csv` … beside `members.csv` that is not there yet.
fn new_beside(file: &Path, kind: &str) -> PathBuf {
    let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let round = stem.rsplit_once(&format!(".{kind}")).and_then(|(stem, round)| match round {
        "" => Some((stem, 2)),
        _ => Some((stem, round.strip_prefix('-')?.parse::<u32>().ok()?.saturating_add(1))),
    });
    let (stem, first) = round.unwrap_or((&stem, 1));
    let named = |round: u32| {
        file.with_file_name(match round {
            1 => format!("{stem}.{kind}.csv"),
            round => format!("{stem}.{kind}-{round}.csv"),
        })
    };
    let free = (first..u32::MAX).map(named).find(|path| path.symlink_metadata().is_err());
    free.unwrap_or_else(|| named(first))
}

/// The file of people who left another program, beside the export `file` of that program: `members.left.csv` beside
/// `members.csv`. One that is there already stays, as for [`rejected_beside`].
pub fn left_beside(file: &Path) -> PathBuf {
    new_beside(file, "left")
}

/// Why a secret cannot be read from its file.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum SecretFileError {
    /// There is no such file, or it cannot be read.
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// People other than its owner may read or change it.
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
}

impl Spoken for SecretFileError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Unreadable { path, .. } => phrase!("secret-unreadable", path = path),
            Self::Exposed { path, mode } => phrase!("secret-exposed", path = path, mode = format!("{mode:o}")),
        }
    }
}

/// Reads a secret: keys, a password. A file that others than its owner can read is refused.
pub fn read_secret(path: &Path) -> Result<SecretString, SecretFileError> {
    let unreadable = |why| SecretFileError::Unreadable { path: path.display().to_string(), why };
    let mut file = File::open(path).map_err(unreadable)?;
    if let Some(mode) = exposed(&file.metadata().map_err(unreadable)?) {
        return Err(SecretFileError::Exposed { path: path.display().to_string(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    let text: SecretString = text.into();
    Ok(text.expose_secret().trim_start_matches('\u{feff}').into())
}

/// The permission bits of a file, when they let others than the owner in.
pub fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    fs::metadata(path).map(|metadata| exposed(&metadata))
}

/// The permission bits, when they let others than the owner in.
fn exposed(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

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

/// A file that only its owner can read, to write on from its start or, with `append`, from its end; made when there is
/// none, and shut to others when it is open to them.
pub fn open_private(path: &Path, append: bool) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true).append(append);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    shut(path)?;
    Ok(file)
}

/// Shuts a file to others than its owner, when there is such a file.
///
/// # Errors
/// When it is open to others and belongs to somebody else.
pub fn shut(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if exposed(&metadata).is_some() => {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let owners = metadata.permissions().mode() & 0o700;
                fs::set_permissions(path, fs::Permissions::from_mode(owners))?;
            }
            Ok(())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A folder that only its owner can look into, and those above it, where there are none yet.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file that anybody may read, as a web server does, in place of an older one: whoever reads it sees one or the
/// other whole. Its folder is made when there is none.
pub fn replace_public(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        fs::create_dir_all(folder)?;
        open_to_everybody(folder, 0o755)?;
    }
    // Another process may write the same file at the same time.
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = Path::new(&draft);
    let written = File::create(draft).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        open_to_everybody(draft, 0o644)?;
        fs::rename(draft, path)
    });
    if written.is_err() {
        // Why it could not be written is the news, not that half of it is left.
        let _ = fs::remove_file(draft);
    }
    written
}

/// Gives a file or folder this mode, whatever the mask says.
fn open_to_everybody(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, mode);
        Ok(())
    }
}

/// Has every file that this process makes from now on be its owner's alone, unless it is made for others expressly.
pub fn make_private_by_default() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_public_file_is_exchanged_whole_and_anybody_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("public/carillon/gates.jwt");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for content in ["first", "second"] {
            replace_public(&file, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
            assert_eq!(mode(&file), 0o644);
        }
        assert_eq!(mode(file.parent().unwrap()), 0o755);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
        fs::create_dir(folder.path().join("taken")).unwrap();
        replace_public(&folder.path().join("taken"), b"x").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left of what could not be written");
    }

    #[test]
    fn rejected_rows_never_replace_the_file_that_they_come_from() {
        for (file, beside) in [
            ("members.csv", "members.rejected.csv"),
            ("in/liste.export.txt", "in/liste.export.rejected.csv"),
            ("members.rejected.csv", "members.rejected-2.csv"),
            ("in/members.rejected-2.csv", "in/members.rejected-3.csv"),
            ("members.rejected-x.csv", "members.rejected-x.rejected.csv"),
            ("members", "members.rejected.csv"),
        ] {
            assert_eq!(rejected_beside(Path::new(file)), Path::new(beside), "{file}");
        }
    }

    #[test]
    fn a_file_that_somebody_may_be_mending_is_never_written_over() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (there, next) in
            [("members.rejected.csv", "members.rejected-2.csv"), ("members.rejected-2.csv", "members.rejected-3.csv")]
        {
            fs::write(at(there), "being mended").unwrap();
            // A workbook of the same name has the same rejected rows' file.
            assert_eq!(rejected_beside(&at("members.csv")), at(next));
            assert_eq!(rejected_beside(&at("members.xlsx")), at(next));
        }
        assert_eq!(rejected_beside(&at("members.rejected.csv")), at("members.rejected-3.csv"));
        assert_eq!(left_beside(&at("members.csv")), at("members.left.csv"));
        fs::write(at("members.left.csv"), "being mended").unwrap();
        assert_eq!(left_beside(&at("members.csv")), at("members.left-2.csv"));
    }
}
