//! Secret files of the state directory, for their owner alone: the key-encryption key, and the signing keys of version 0.1.

use super::SigningAlgorithm;
use crate::limits::KEY_FILE_BYTES;
use crate::secret_file;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Permissions that only the owner may have, and execution.
const FORBIDDEN_ON_FILE: u32 = 0o177;
/// Others may look at the directory, but not put a file of theirs in the place of ours.
const FORBIDDEN_ON_DIRECTORY: u32 = 0o022;

/// The file in which version 0.1 kept its key of this algorithm: `signing-key-es256.pk8`, in PKCS#8.
pub(crate) fn former_path(directory: &Path, algorithm: SigningAlgorithm) -> PathBuf {
    let name = algorithm.as_str().to_ascii_lowercase();
    directory.join(format!("signing-key-{name}.pk8"))
}

/// Writes a file that appears whole or not at all, and never in the place of one that is there: it is
/// written under another name and then linked to its own, which fails when that exists.
pub(crate) fn create_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft_name = path.as_os_str().to_owned();
    draft_name.push(format!(".{}.new", uuid::Uuid::new_v4()));
    let draft = PathBuf::from(draft_name);
    let written = write_private(&draft, content).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        // A key that signed must be there after a power failure.
        Ok(()) => path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all()),
    }
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// The content of a private file; `None` when there is none. The mode is that of the opened file, not
/// of whatever has its name a moment later. Who can read a file of mode 0600 owns it, or is root.
pub(crate) fn read_private(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFileError> {
    let failed = |cause| KeyFileError::Read { path: path.to_owned(), cause };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_file() || mode & FORBIDDEN_ON_FILE != 0 {
        return Err(KeyFileError::FileMode { path: path.to_owned(), mode });
    }
    secret_file::read(file, KEY_FILE_BYTES).map(Some).map_err(failed)
}

pub(crate) fn check_directory(directory: &Path) -> Result<(), KeyFileError> {
    let metadata = fs::metadata(directory)
        .map_err(|cause| KeyFileError::Read { path: directory.to_owned(), cause })?;
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_dir() || mode & FORBIDDEN_ON_DIRECTORY != 0 {
        return Err(KeyFileError::DirectoryMode { path: directory.to_owned(), mode });
    }
    Ok(())
}

/// Why a key file cannot be used. No text holds anything of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file or the directory cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A new key cannot be written.
    #[error("{} cannot be written: {cause}", path.display())]
    Create {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Others than the owner may use the file, or it is no file.
    #[error("{} has mode {mode:04o}; a secret key is a regular file of mode 0600", path.display())]
    FileMode {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others than the owner may write to the directory, or it is no directory.
    #[error("{} has mode {mode:04o}; the state directory is writable by its owner alone (0700)", path.display())]
    DirectoryMode {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is not a key for the algorithm.
    #[error("{} is not an unencrypted PKCS#8 key in DER for {algorithm}", path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
        /// What it should be for.
        algorithm: SigningAlgorithm,
    },
    /// The system gives no random numbers.
    #[error("a key could not be generated: the system gives no random numbers")]
    Generate,
}
