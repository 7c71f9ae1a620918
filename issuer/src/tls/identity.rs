//! The certificate that the server shows, which can be replaced while it serves.

use crate::certified_key::{self, CertifiedKeyError};
use crate::limits::CERTIFICATE_ENDS;
use arc_swap::ArcSwap;
use credmint_core::UnixTime;
use credmint_core::x509::Certificate;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The certificate chain and key of the server. It is shared: what replaces it is shown in each handshake from then on.
#[derive(Clone, Debug)]
pub struct ServerIdentity(Arc<ArcSwap<Shown>>);

#[derive(Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    file: PathBuf,
    key_file: PathBuf,
    /// Of the server's own certificate. `None` when it could not be read.
    validity: Option<Validity>,
}

/// What the files of an identity hold that is not shown yet.
pub struct Renewed {
    identity: ServerIdentity,
    shown: Shown,
}

impl Renewed {
    /// Shows it from here on.
    pub fn show(self) {
        self.identity.0.store(Arc::new(self.shown));
    }
}

/// From when and until when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its first second.
    pub not_before: UnixTime,
    /// Its last second.
    pub not_after: UnixTime,
}

impl ServerIdentity {
    /// Reads two PEM files: a chain, the server's own certificate first, and its private key.
    ///
    /// # Errors
    /// When a file cannot be read, is not PEM, or the two do not belong together; when the certificate is not valid `now`.
    pub fn open(certificate: &Path, key: &Path, now: UnixTime) -> Result<Self, IdentityError> {
        let shown = Shown::open(certificate, key, now)?;
        Ok(Self(Arc::new(ArcSwap::from_pointee(shown))))
    }

    /// Reads its files again. What they hold is shown when [`Renewed::show`] says so.
    ///
    /// # Errors
    /// As [`ServerIdentity::open`].
    pub fn read_again(&self, now: UnixTime) -> Result<Renewed, IdentityError> {
        let before = self.0.load();
        let shown = Shown::open(&before.file, &before.key_file, now)?;
        Ok(Renewed { identity: self.clone(), shown })
    }

    /// From when and until when the server's own certificate is valid. `None` when that cannot be read of it.
    #[must_use]
    pub fn validity(&self) -> Option<Validity> {
        self.0.load().validity
    }

    /// How it stands with it at this time.
    #[must_use]
    pub fn condition(&self, now: UnixTime) -> Condition {
        match self.validity() {
            None => Condition::Unknown,
            Some(Validity { not_after, .. }) if now > not_after => Condition::Ended(not_after),
            Some(Validity { not_before, .. }) if now < not_before => {
                Condition::NotBegun(not_before)
            }
            Some(Validity { not_after, .. }) if now.plus(CERTIFICATE_ENDS) > not_after => {
                Condition::Ends(not_after)
            }
            Some(_) => Condition::Valid,
        }
    }

    /// The file of its chain.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.0.load().file.clone()
    }
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.load().key))
    }
}

impl Shown {
    fn open(certificate: &Path, key: &Path, now: UnixTime) -> Result<Self, IdentityError> {
        let (file, key_file) = (certificate.to_owned(), key.to_owned());
        let key = certified_key::read(certificate, key)?;
        let validity = match key.end_entity_cert().map(|leaf| Certificate::from_der(leaf)) {
            Ok(Ok(leaf)) => {
                Some(Validity { not_before: leaf.not_before(), not_after: leaf.not_after() })
            }
            Ok(Err(error)) => {
                tracing::warn!(file = %file.display(), %error, "the end of the server certificate is not watched");
                None
            }
            Err(_) => None,
        };
        match validity {
            Some(Validity { not_after, .. }) if now > not_after => {
                Err(IdentityError::Ended { file, not_after })
            }
            Some(Validity { not_before, .. }) if now < not_before => {
                Err(IdentityError::NotBegun { file, not_before })
            }
            validity => Ok(Self { key: Arc::new(key), file, key_file, validity }),
        }
    }
}

/// How it stands with a certificate that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// It is valid, for longer than two weeks.
    Valid,
    /// It is valid until then.
    Ends(UnixTime),
    /// It expired then.
    Ended(UnixTime),
    /// It is not valid before then.
    NotBegun(UnixTime),
    /// Its validity cannot be read of it.
    Unknown,
}

impl Condition {
    /// Whether clients take it.
    #[must_use]
    pub const fn is_good(self) -> bool {
        !matches!(self, Self::Ended(_) | Self::NotBegun(_))
    }
}

/// Why a certificate is not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The files cannot be used.
    #[error(transparent)]
    Files(#[from] CertifiedKeyError),
    /// It has expired.
    #[error("{}: the certificate expired at {not_after}", file.display())]
    Ended {
        /// The file.
        file: PathBuf,
        /// Its last second.
        not_after: UnixTime,
    },
    /// It is not valid yet.
    #[error("{}: the certificate is not valid before {not_before}", file.display())]
    NotBegun {
        /// The file.
        file: PathBuf,
        /// Its first second.
        not_before: UnixTime,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::authority::TestAuthority;
    use std::fs;

    #[test]
    fn a_certificate_is_shown_while_it_is_valid_and_can_be_replaced() {
        let folder = tempfile::TempDir::new().unwrap();
        let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
        let authority = TestAuthority::new();
        let write = |from: i32, to: i32| {
            let server = authority.server_valid(from, to);
            fs::write(&certificate, server.certificate.pem()).unwrap();
            fs::write(&key, server.key.serialize_pem()).unwrap();
        };
        let at = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            UnixTime::from_seconds(at.as_second())
        };
        write(2025, 2027);
        let open = |now| ServerIdentity::open(&certificate, &key, at(now));
        let identity = open("2026-12-01T00:00:00Z").unwrap();
        let first = identity.validity().unwrap();
        assert_eq!(first.not_after, at("2027-01-01T00:00:00Z"));
        let early = open("2024-12-31T23:59:59Z").unwrap_err().to_string();
        assert!(early.ends_with("is not valid before 2025-01-01T00:00:00Z"), "{early}");
        let late = open("2027-01-01T00:00:01Z").unwrap_err().to_string();
        assert!(late.ends_with("expired at 2027-01-01T00:00:00Z"), "{late}");

        let replace = |now| identity.read_again(at(now)).map(Renewed::show);
        write(2026, 2028);
        replace("2026-12-01T00:00:00Z").unwrap();
        assert_eq!(identity.validity().unwrap().not_after, at("2028-01-01T00:00:00Z"));
        write(2024, 2025);
        assert!(matches!(replace("2026-12-01T00:00:00Z"), Err(IdentityError::Ended { .. })));
        assert_eq!(identity.validity().unwrap().not_after, at("2028-01-01T00:00:00Z"));
    }
}
