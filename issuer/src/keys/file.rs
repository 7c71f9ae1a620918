//! A signing key in a file of the state directory: PKCS#8 in DER, for the owner alone.
//!
//! DER and not PEM, so that the only copies of the key are ones that are overwritten when they are done
//! with. `openssl pkcs8 -topk8 -nocrypt -outform DER` makes such a file from any other form.

use super::{PublicJwk, SignError, Signer, SigningAlgorithm};
use crate::limits::KEY_FILE_BYTES;
use crate::secret_file;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use credmint_core::signature::{PublicKey, RsaLimit};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Permissions that only the owner may have, and execution.
const FORBIDDEN_ON_FILE: u32 = 0o177;
/// Others may look at the directory, but not put a file of theirs in the place of ours.
const FORBIDDEN_ON_DIRECTORY: u32 = 0o022;

/// Signs with a key that was read from a file.
pub struct FileSigner {
    private: PrivateKey,
    public: PublicJwk,
}

/// aws-lc overwrites both when they are dropped. There is no `Debug` and no way out.
enum PrivateKey {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl FileSigner {
    /// The key of `algorithm` in `directory`; makes one when there is none.
    ///
    /// # Errors
    /// When the file or the directory is open to others, unreadable, or not such a key.
    pub fn open_or_create(
        directory: &Path,
        algorithm: SigningAlgorithm,
    ) -> Result<Self, KeyFileError> {
        if let Some(found) = Self::open(directory, algorithm)? {
            return Ok(found);
        }
        let path = path_of(directory, algorithm);
        let key = generate(algorithm).ok_or(KeyFileError::Generate)?;
        create_whole(&path, &key)
            .map_err(|cause| KeyFileError::Create { path: path.clone(), cause })?;
        // What counts is the file: another process may have been first.
        Self::open(directory, algorithm)?.ok_or(KeyFileError::Vanished { path })
    }

    /// The key of `algorithm` in `directory`, when there is one.
    ///
    /// # Errors
    /// As [`FileSigner::open_or_create`].
    pub fn open(
        directory: &Path,
        algorithm: SigningAlgorithm,
    ) -> Result<Option<Self>, KeyFileError> {
        check_directory(directory)?;
        let path = path_of(directory, algorithm);
        let Some(key) = read_private(&path)? else { return Ok(None) };
        match Self::from_pkcs8(&key, algorithm) {
            Some(signer) => Ok(Some(signer)),
            None => Err(KeyFileError::NotAKey { path, algorithm }),
        }
    }

    fn from_pkcs8(key: &[u8], algorithm: SigningAlgorithm) -> Option<Self> {
        let (private, spki) = match algorithm {
            SigningAlgorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).ok()?;
                let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
                (PrivateKey::Ec(pair), spki)
            }
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(key).ok()?;
                let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
                (PrivateKey::Rsa(pair), spki)
            }
        };
        // The same check that verifiers make: a key that they refuse must not sign.
        let public = PublicKey::from_spki_der(spki.as_ref(), RsaLimit::Standard).ok()?;
        Some(Self { private, public: PublicJwk::new(public, algorithm)? })
    }
}

impl Signer for FileSigner {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        match &self.private {
            PrivateKey::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| SignError)?;
                Ok(signature.as_ref().to_vec())
            }
            PrivateKey::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| SignError)?;
                Ok(signature)
            }
        }
    }
}

/// `signing-key-es256.pk8`, `signing-key-rs256.pk8`.
fn path_of(directory: &Path, algorithm: SigningAlgorithm) -> PathBuf {
    let name = algorithm.as_str().to_ascii_lowercase();
    directory.join(format!("signing-key-{name}.pk8"))
}

/// A new private key in PKCS#8; `None` when there is no randomness.
fn generate(algorithm: SigningAlgorithm) -> Option<Zeroizing<Vec<u8>>> {
    let key = match algorithm {
        SigningAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            pair.to_pkcs8v1().ok()?.as_ref().to_vec()
        }
        SigningAlgorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let key: Pkcs8V1Der<'_> = pair.as_der().ok()?;
            key.as_ref().to_vec()
        }
    };
    Some(Zeroizing::new(key))
}

/// Writes a file that appears whole or not at all, and never in the place of one that is there: it is
/// written under another name and then linked to its own, which fails when that exists.
fn create_whole(path: &Path, content: &[u8]) -> io::Result<()> {
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
fn read_private(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFileError> {
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

fn check_directory(directory: &Path) -> Result<(), KeyFileError> {
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
    /// The key was there and is gone.
    #[error("{} was removed while it was opened", path.display())]
    Vanished {
        /// Which.
        path: PathBuf,
    },
    /// Others than the owner may use the file, or it is no file.
    #[error("{} has mode {mode:04o}; a signing key is a regular file of mode 0600", path.display())]
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
    #[error("a signing key could not be generated: the system gives no random numbers")]
    Generate,
}
