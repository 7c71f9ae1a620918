//! Where key-encryption keys come from: a file, an environment variable, a systemd credential; or a file beside the store that is
//! made when there is none.

use super::file::{self, KeyFileError};
use super::seal::SealingKey;
use super::{SealingKeyPlace, SigningAlgorithm, seal::Sealed};
use crate::limits::{KEY_FILE_BYTES, SEALING_KEY_BYTES};
use crate::secret_file;
use aws_lc_rs::rand;
use base64ct::{Base64, Encoding};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file that is made beside a SQLite store where the configuration names nothing else.
const BESIDE: &str = "key-encryption-key";

/// The key that seals, and those that opened what was sealed before it.
pub(crate) struct SealingKeys {
    first: SealingKey,
    former: Vec<SealingKey>,
}

impl SealingKeys {
    /// The keys of these places, the first of which seals.
    pub(crate) fn read(
        first: &SealingKeyPlace,
        former: &[SealingKeyPlace],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SealingKeyError> {
        let former = former.iter().map(|place| place.read(variable)).collect::<Result<_, _>>()?;
        Ok(Self { first: first.read(variable)?, former })
    }

    /// The key beside a SQLite store, which is made when there is none.
    pub(crate) fn beside(
        folder: &Path,
        former: &[SealingKeyPlace],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SealingKeyError> {
        let path = folder.join(BESIDE);
        if file::read_private(&path)?.is_none() {
            let mut key = Zeroizing::new([0; SEALING_KEY_BYTES]);
            rand::fill(&mut *key).map_err(|_| KeyFileError::Generate)?;
            let mut text = Zeroizing::new([0; 45]);
            let length = Base64::encode(&*key, &mut *text).map_or(0, str::len);
            text[length] = b'\n';
            file::create_whole(&path, &text[..=length])
                .map_err(|cause| KeyFileError::Create { path: path.clone(), cause })?;
        }
        // What counts is the file: another process may have been first.
        Self::read(&SealingKeyPlace::File(path), former, variable)
    }

    /// Seals a private key by the first key; `None` when there is no randomness.
    pub(crate) fn seal(
        &self,
        private: &[u8],
        kid: &str,
        algorithm: SigningAlgorithm,
    ) -> Option<Sealed> {
        self.first.seal(private, kid, algorithm)
    }

    /// Opens what any of the keys sealed.
    pub(crate) fn open(
        &self,
        sealed: &Sealed,
        kid: &str,
        algorithm: SigningAlgorithm,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut keys = std::iter::once(&self.first).chain(&self.former);
        let key = keys.find(|key| key.id() == sealed.by)?;
        key.open(&sealed.bytes, kid, algorithm)
    }

    /// Whether the first key sealed it.
    pub(crate) fn is_first(&self, sealed: &Sealed) -> bool {
        self.first.id() == sealed.by
    }
}

impl SealingKeyPlace {
    fn read(
        &self,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SealingKey, SealingKeyError> {
        let text = match self {
            Self::File(path) => file::read_private(path)?
                .ok_or_else(|| SealingKeyError::Absent { place: path.display().to_string() })?,
            Self::Env(name) => {
                let absent = || SealingKeyError::Absent { place: format!("${name}") };
                Zeroizing::new(variable(name).ok_or_else(absent)?.into_bytes())
            }
            Self::Credential(name) => read_credential(name, variable)?,
        };
        let wrong = || SealingKeyError::Form { place: self.to_string() };
        let mut key = Zeroizing::new([0; SEALING_KEY_BYTES]);
        let decoded = Base64::decode(text.trim_ascii(), &mut *key).map_err(|_| wrong())?;
        if decoded.len() != SEALING_KEY_BYTES {
            return Err(wrong());
        }
        SealingKey::new(&key).ok_or_else(wrong)
    }
}

/// systemd keeps the folder from others; the mode of the files in it says how it does that.
fn read_credential(
    name: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Zeroizing<Vec<u8>>, SealingKeyError> {
    const FOLDER: &str = "CREDENTIALS_DIRECTORY";
    let absent = || SealingKeyError::Absent { place: format!("${FOLDER}") };
    let path = Path::new(&variable(FOLDER).ok_or_else(absent)?).join(name);
    File::open(&path)
        .and_then(|file| secret_file::read(file, KEY_FILE_BYTES))
        .map_err(|cause| SealingKeyError::Read { path, cause })
}

/// Why there is no key-encryption key. No text holds anything of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealingKeyError {
    /// There is nothing at its place.
    #[error("there is no key-encryption key: {place} is not there")]
    Absent {
        /// Where it was looked for.
        place: String,
    },
    /// It is no such key.
    #[error("{place} is no key-encryption key, which is 32 random bytes in base64")]
    Form {
        /// Where it was looked for.
        place: String,
    },
    /// A credential cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn write(path: &Path, content: &str, mode: u32) {
        fs::write(path, content).unwrap();
        fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_comes_from_a_file_a_variable_or_a_credential() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kek");
        let here = folder.path().display().to_string();
        let variable = |name: &str| match name {
            "KEK" => Some(TEXT.to_owned()),
            "CREDENTIALS_DIRECTORY" => Some(here.clone()),
            _ => None,
        };
        let read = |place: &SealingKeyPlace| place.read(&variable).map(|key| key.id().to_owned());
        write(&path, &format!("{TEXT}\n"), 0o600);
        let file = SealingKeyPlace::File(path.clone());
        let id = read(&file).unwrap();
        assert_eq!(read(&SealingKeyPlace::Env("KEK".into())).unwrap(), id);
        assert_eq!(read(&SealingKeyPlace::Credential("kek".into())).unwrap(), id);
        let fails = |place: &SealingKeyPlace, expect: &str| {
            let error = read(place).unwrap_err().to_string();
            assert!(error.contains(expect) && !error.contains("AAEC"), "{error}");
        };
        fails(&SealingKeyPlace::Env("OTHER".into()), "$OTHER is not there");
        fails(&SealingKeyPlace::File(folder.path().join("other")), "other is not there");
        fails(&SealingKeyPlace::Credential("other".into()), "other cannot be read");
        write(&path, TEXT, 0o640);
        fails(&file, "mode 0640");
        for wrong in ["", "AAEC", &TEXT[1..], &format!("{TEXT}AA=="), &format!("{TEXT} {TEXT}")] {
            write(&path, wrong, 0o600);
            fails(&file, "32 random bytes in base64");
        }
    }

    #[test]
    fn beside_a_store_it_is_made_once_and_for_its_owner() {
        let folder = TempDir::new().unwrap();
        let open = || SealingKeys::beside(folder.path(), &[], &|_| None).unwrap();
        let sealed = open().seal(b"key", "kid", SigningAlgorithm::Es256).unwrap();
        assert!(open().is_first(&sealed));
        assert!(open().open(&sealed, "kid", SigningAlgorithm::Es256).is_some());
        let mode = fs::metadata(folder.path().join(BESIDE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_former_key_opens_and_does_not_seal() {
        let folder = TempDir::new().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        write(&old, TEXT, 0o600);
        write(&new, &TEXT.replace("AAEC", "BBEC"), 0o600);
        let read = |first: &Path, former: &[SealingKeyPlace]| {
            SealingKeys::read(&SealingKeyPlace::File(first.into()), former, &|_| None).unwrap()
        };
        let algorithm = SigningAlgorithm::Ps256;
        let sealed = read(&old, &[]).seal(b"key", "kid", algorithm).unwrap();
        assert_eq!(read(&new, &[]).open(&sealed, "kid", algorithm), None);
        let both = read(&new, &[SealingKeyPlace::File(old)]);
        let opened = both.open(&sealed, "kid", algorithm).unwrap();
        assert!(!both.is_first(&sealed));
        let again = both.seal(&opened, "kid", algorithm).unwrap();
        assert!(both.is_first(&again));
    }
}
