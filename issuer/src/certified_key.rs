//! A certificate chain and its private key from two PEM files: the server's own, or a client's.

use crate::private_key::{self, PrivateKeyError};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, pem};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};

/// Reads the chain in `certificate`, the end-entity certificate first, and its private key in `key`.
///
/// # Errors
/// When a file cannot be read, is not PEM, or the two do not belong together.
pub(crate) fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, CertifiedKeyError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| CertifiedKeyError::Pem { path, cause }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed(certificate))?;
    let key = private_key::read(key)?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|cause| CertifiedKeyError::Pair { certificate: certificate.to_owned(), cause })
}

/// Why two files are no certificate and key for TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertifiedKeyError {
    /// A file is not readable PEM of its kind.
    #[error("{} cannot be used for TLS: {cause}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What the PEM reader says.
        cause: pem::Error,
    },
    /// A file has no private key, or not one alone.
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
    /// There is no certificate, or the key is not its key.
    #[error("{} cannot be used for TLS: {cause}", certificate.display())]
    Pair {
        /// The file of the chain.
        certificate: PathBuf,
        /// What the TLS library says.
        cause: rustls::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::authority::TestAuthority;
    use std::fs;

    #[test]
    fn files_that_do_not_fit_are_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
        let authority = TestAuthority::new();
        let (server, stranger) = (authority.server(), authority.server());
        fs::write(&certificate, server.certificate.pem()).unwrap();
        let found = |content: &str| {
            fs::write(&key, content).unwrap();
            read(&certificate, &key)
        };
        assert!(found(&server.key.serialize_pem()).is_ok());
        let other = found(&stranger.key.serialize_pem());
        assert!(matches!(other, Err(CertifiedKeyError::Pair { .. })));
        assert!(matches!(found("no PEM"), Err(CertifiedKeyError::Key(_))));
        fs::remove_file(&key).unwrap();
        assert!(matches!(read(&certificate, &key), Err(CertifiedKeyError::Key(_))));
        fs::write(&certificate, "no PEM").unwrap();
        assert!(matches!(found(&server.key.serialize_pem()), Err(CertifiedKeyError::Pair { .. })));
    }
}
