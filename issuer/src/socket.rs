//! Listening at a Unix socket, where only who may open the socket's file can connect: a proxy on this machine.

use crate::forwarded::Form;
use crate::limits::BACKLOG;
use crate::peer::Peer;
use crate::tls::ListenError;
use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// Others may look at the folder, but not put a socket of theirs in the place of ours.
const FORBIDDEN_ON_FOLDER: u32 = 0o022;
/// In the mode of a folder: only its owner moves what is in it.
const STICKY: u32 = 0o1000;

/// Accepts the connections of a proxy.
pub struct ProxySocket {
    listener: UnixListener,
    /// The file, where it is ours to remove.
    file: Option<Bound>,
    form: Form,
}

/// The file of a socket that this process made.
struct Bound {
    path: PathBuf,
    /// Device and number: another process may have put its own there since.
    identity: (u64, u64),
    /// Held while it is listened at, so that of two processes that start at once one finds the other.
    _lock: File,
}

impl ProxySocket {
    /// Listens at `path`, whose file has the permissions `mode` before anybody can connect. A socket that nobody listens at
    /// any more is replaced. A lock beside it, `path` with `.lock` behind it, keeps two processes from doing so to each other.
    ///
    /// # Errors
    /// When there is something else, or somebody listens; when others may write to the folder; when it cannot be bound.
    pub fn bind(path: &Path, mode: u32, form: Form) -> Result<Self, ListenError> {
        check(path)?;
        let failed = |cause| ListenError::Socket { path: path.to_owned(), cause };
        let lock = lock(path).map_err(failed)?;
        if is_left_behind(path).map_err(failed)? {
            fs::remove_file(path).map_err(failed)?;
        }
        let socket = UnixSocket::new_stream().map_err(failed)?;
        socket.bind(path).map_err(failed)?;
        // A socket that does not listen yet takes no connection.
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
        let listener = socket.listen(BACKLOG).map_err(failed)?;
        let identity = identity(path).map_err(failed)?;
        let file = Bound { path: path.to_owned(), identity, _lock: lock };
        Ok(Self { listener, file: Some(file), form })
    }

    /// Listens at a socket that somebody else made, and whose file is theirs.
    #[must_use]
    pub const fn over(listener: UnixListener, form: Form) -> Self {
        Self { listener, file: None, form }
    }
}

/// Holds the lock of a socket.
fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(name)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::AddrInUse.into()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Device and number of what is at `path`.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Whether a socket may be at `path`, where one may be in use. Nothing changes by it.
///
/// # Errors
/// When there is something else; when others may write to the folder, or one of another user than root is among those above.
pub fn check(path: &Path) -> Result<(), ListenError> {
    let failed = |cause| ListenError::Socket { path: path.to_owned(), cause };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Whoever may write to a folder above may put one of theirs in the place of the next, unless that is theirs alone to move.
    for (above, folder) in fs::canonicalize(folder).map_err(failed)?.ancestors().enumerate() {
        let found = fs::metadata(folder).map_err(failed)?;
        let mode = found.permissions().mode() & 0o7777;
        let is_ours = [0, rustix::process::geteuid().as_raw()].contains(&found.uid());
        if !is_ours {
            let (path, owner) = (folder.to_owned(), found.uid());
            return Err(ListenError::SocketFolderOwner { path, owner });
        }
        let is_sticky = above > 0 && mode & STICKY != 0;
        if mode & FORBIDDEN_ON_FOLDER != 0 && !is_sticky {
            return Err(ListenError::SocketFolder { path: folder.to_owned(), mode });
        }
    }
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(found) if !found.file_type().is_socket() => {
            Err(failed(io::Error::other("there is something that is no socket")))
        }
        Ok(_) => Ok(()),
    }
}

/// Whether there is a socket at which nobody listens.
fn is_left_behind(path: &Path) -> io::Result<bool> {
    match BlockingStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(true),
        Err(error) => Err(error),
        Ok(_) => Err(io::ErrorKind::AddrInUse.into()),
    }
}

impl ProxySocket {
    /// The next connection.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) async fn accept(&self) -> io::Result<(UnixStream, Peer)> {
        let (stream, _) = self.listener.accept().await?;
        Ok((stream, Peer::proxy(None, self.form)))
    }
}

impl Drop for ProxySocket {
    fn drop(&mut self) {
        let Some(Bound { path, identity: ours, .. }) = &self.file else { return };
        if identity(path).is_ok_and(|found| found == *ours) {
            // What is left is replaced at the next start.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn private_folder() -> TempDir {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        folder
    }

    fn bind(path: &Path) -> Result<ProxySocket, String> {
        ProxySocket::bind(path, 0o600, Form::Xfcc).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_socket_is_for_those_of_its_mode_alone() {
        let folder = private_folder();
        let path = folder.path().join("proxy.sock");
        for mode in [0o600, 0o660] {
            let socket = ProxySocket::bind(&path, mode, Form::Xfcc).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, mode);
            check(&path).unwrap();
            let used = bind(&path).err().unwrap();
            assert!(used.ends_with("address in use"), "{used}");
            drop(socket);
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn what_a_process_left_behind_is_replaced_and_nothing_else() {
        let folder = private_folder();
        let path = folder.path().join("proxy.sock");
        // Dropped without its file.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(bind(&path).unwrap());
        fs::write(&path, "a file").unwrap();
        let other = bind(&path).err().unwrap();
        assert!(other.ends_with("there is something that is no socket"), "{other}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a file");
    }

    #[tokio::test]
    async fn i28_a_folder_that_others_may_move_is_refused() {
        let above = private_folder();
        let folder = above.path().join("sockets");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        for (mode, expect) in [(0o777, false), (0o770, false), (0o1777, true), (0o755, true)] {
            fs::set_permissions(above.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(check(&folder.join("proxy.sock")).is_ok(), expect, "{mode:o}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_others_may_write_to_is_refused() {
        let folder = private_folder();
        let path = folder.path().join("proxy.sock");
        for mode in [0o770, 0o707, 0o1777] {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            let error = bind(&path).err().unwrap();
            assert!(error.contains(&format!("has mode {mode:04o}")), "{error}");
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        drop(bind(&path).unwrap());
    }
}
