//! Where connections come in: everybody's at an address, and those of a few programs of this machine there or at a socket in the
//! file system.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use listenfd::ListenFd;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, lookup_host};
use tokio::time::sleep;

use crate::config::PrivateListen;

/// Whoever may write to the socket may come in: the daemon's user and the group of its folder.
const MODE: u32 = 0o660;

/// How long to wait when the system refuses a connection, such as when file handles have run out.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(100);

/// Where connections come in.
pub trait Door: Send + Sync + 'static {
    /// One of them.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for one. Who it is from is not asked.
    fn admit(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Waits for one, through whatever the system says meanwhile.
    fn next(&self) -> impl Future<Output = Self::Stream> + Send {
        async {
            loop {
                match self.admit().await {
                    Ok(stream) => return stream,
                    // The peer has gone already.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Err(_) => sleep(ACCEPT_BACK_OFF).await,
                }
            }
        }
    }
}

impl Door for TcpListener {
    type Stream = TcpStream;

    async fn admit(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.accept().await?;
        // Without it a small answer may wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

impl<D: Door> Door for Arc<D> {
    type Stream = D::Stream;

    async fn admit(&self) -> io::Result<D::Stream> {
        D::admit(self).await
    }
}

/// Both ways of a connection.
pub trait Talk: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Talk for T {}

/// Where a few programs come in.
#[derive(Debug)]
pub enum PrivateDoor {
    /// At an address.
    Tcp(TcpListener),
    /// At a socket in the file system, which is removed at the end.
    Unix(UnixListener, PathBuf),
    /// At one that the service manager holds, and keeps.
    Held(UnixListener),
}

impl Door for PrivateDoor {
    type Stream = Box<dyn Talk>;

    async fn admit(&self) -> io::Result<Box<dyn Talk>> {
        Ok(match self {
            Self::Tcp(listener) => Box::new(listener.admit().await?),
            Self::Unix(listener, _) | Self::Held(listener) => Box::new(listener.accept().await?.0),
        })
    }
}

impl PrivateDoor {
    /// Removes the socket: nobody comes in any more. Whoever starts next would remove it as well.
    pub fn leave(&self) {
        if let Self::Unix(_, path) = self {
            let _ = fs::remove_file(path);
        }
    }
}

/// Sockets that the service manager listens on for this daemon (see `sd_listen_fds(3)`): whoever comes while it starts again waits there, and is
/// not turned away.
#[derive(Debug, Default)]
pub struct HeldSockets {
    tcp: Vec<std::net::TcpListener>,
    unix: Vec<std::os::unix::net::UnixListener>,
}

impl HeldSockets {
    /// Takes those that this process was started with. Call it before there are other threads: the environment is changed.
    ///
    /// # Errors
    /// One of them is no socket that is listened on.
    pub fn take() -> io::Result<Self> {
        let (mut passed, mut held) = (ListenFd::from_env(), Self::default());
        for index in 0..passed.len() {
            match passed.take_tcp_listener(index) {
                Ok(listener) => held.tcp.extend(listener),
                Err(_) => held.unix.extend(passed.take_unix_listener(index).map_err(|_| no_listener(index))?),
            }
        }
        Ok(held)
    }

    /// Opens everybody's door at `address`: the held socket that listens there, else one of our own.
    pub async fn public(&mut self, address: &str) -> io::Result<TcpListener> {
        let wanted: Vec<SocketAddr> = lookup_host(address).await?.collect();
        self.tcp(&wanted).await
    }

    async fn tcp(&mut self, wanted: &[SocketAddr]) -> io::Result<TcpListener> {
        let is_it = |held: &std::net::TcpListener| held.local_addr().is_ok_and(|at| wanted.contains(&at));
        let Some(place) = self.tcp.iter().position(is_it) else { return TcpListener::bind(wanted).await };
        let held = self.tcp.swap_remove(place);
        held.set_nonblocking(true)?;
        TcpListener::from_std(held)
    }

    /// Opens the door that `listen` names, as [`bind`] does where no held socket is there.
    pub async fn private(&mut self, listen: &PrivateListen) -> io::Result<PrivateDoor> {
        match listen {
            PrivateListen::Tcp(address) => Ok(PrivateDoor::Tcp(self.tcp(&[*address]).await?)),
            PrivateListen::Unix(path) => {
                let is_it = |held: &std::os::unix::net::UnixListener| {
                    held.local_addr().is_ok_and(|at| at.as_pathname().is_some_and(|at| is_one_file(at, path)))
                };
                let Some(place) = self.unix.iter().position(is_it) else { return bind(listen).await };
                let held = self.unix.swap_remove(place);
                held.set_nonblocking(true)?;
                Ok(PrivateDoor::Held(UnixListener::from_std(held)?))
            }
        }
    }

    /// That every held socket has its door.
    ///
    /// # Errors
    /// One is left, and where: whoever comes in there would wait for ever.
    pub fn all_taken(&self) -> io::Result<()> {
        let left = self.tcp.iter().filter_map(|held| Some(held.local_addr().ok()?.to_string()));
        let left = left.chain(
            self.unix.iter().filter_map(|held| Some(held.local_addr().ok()?.as_pathname()?.display().to_string())),
        );
        let left: Vec<String> = left.map(|place| format!("`{place}`")).collect();
        if left.is_empty() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::AddrNotAvailable, left.join(", "))) }
    }
}

/// Whether two paths lead to one file, however each is written: the service manager's is absolute, ours seen from the configuration.
fn is_one_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

fn no_listener(index: usize) -> io::Error {
    let which = index + 1;
    let words = format!(
        "socket {which} that the service manager holds is none to which connections come; write `ListenStream=` for it in the `.socket` unit"
    );
    io::Error::new(io::ErrorKind::InvalidInput, words)
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
    async fn a_socket_that_is_held_is_known_however_its_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("run");
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, folder.path().join("var-run")).unwrap();
        for written in ["run/p.sock", "run/./p.sock", "run/../run/p.sock", "var-run/p.sock"] {
            let held = std::os::unix::net::UnixListener::bind(real.join("p.sock")).unwrap();
            let mut sockets = HeldSockets { unix: vec![held], ..HeldSockets::default() };
            let listen = PrivateListen::Unix(folder.path().join(written));
            assert!(matches!(sockets.private(&listen).await, Ok(PrivateDoor::Held(_))), "{written}");
            assert!(sockets.all_taken().is_ok());
            fs::remove_file(real.join("p.sock")).unwrap();
        }
    }

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
