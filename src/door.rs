//! Where a few programs of this machine come in: at an address, or at a socket in the file system.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, UnixListener};

use crate::config::PrivateListen;

/// Whoever may write to the socket may come in: the daemon's user and the group of its folder.
const MODE: u32 = 0o660;

/// Where they come in.
#[derive(Debug)]
pub enum PrivateDoor {
    /// At an address.
    Tcp(TcpListener),
    /// At a socket in the file system, which is removed at the end.
    Unix(UnixListener, PathBuf),
}

/// Opens the door that `listen` names. A socket that a killed daemon has left is replaced; one that somebody listens on is
/// theirs.
pub async fn bind(listen: &PrivateListen) -> io::Result<PrivateDoor> {
    match listen {
        PrivateListen::Tcp(address) => Ok(PrivateDoor::Tcp(TcpListener::bind(address).await?)),
        PrivateListen::Unix(path) => {
            remove_left_over(path)?;
            let listener = UnixListener::bind(path)?;
            fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
            Ok(PrivateDoor::Unix(listener, path.clone()))
        }
    }
}

fn remove_left_over(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file of this name that is no socket"))
        }
        Ok(_) => match UnixStream::connect(path) {
            Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another program listens there")),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
            Err(error) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_was_left_is_replaced_and_no_other_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let listen = PrivateListen::Unix(folder.path().join("carillon.sock"));
        let PrivateListen::Unix(path) = &listen else { unreachable!() };
        let first = bind(&listen).await.unwrap();
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        assert_eq!(bind(&listen).await.unwrap_err().kind(), io::ErrorKind::AddrInUse, "it is in use");
        drop(first);
        assert!(path.exists(), "a killed daemon removes nothing");
        drop(bind(&listen).await.unwrap());
        fs::remove_file(path).unwrap();
        fs::write(path, "somebody's").unwrap();
        assert_eq!(bind(&listen).await.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(path).unwrap(), "somebody's");
    }
}
