//! The signer that configuration names.

use super::signer_info::SignerIdentifier;
use crate::refusal::{Code, Refusal};
use crate::signature::{PublicKey, RsaLimit};
use crate::time::UnixTime;
use crate::x509::Certificate;

/// A certificate whose key may sign messages.
///
/// It is pinned: configuration holds it whole, so neither its issuer's signature nor its extensions matter.
/// Clouds publish certificates that no path validation would take (without basicConstraints, or with every
/// part of the name `Unknown`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedSigner {
    certificate: Certificate,
    key: PublicKey,
}

impl PinnedSigner {
    /// Pins a certificate.
    ///
    /// # Errors
    /// As [`Certificate::public_key`]: RSA of 2048 to 4096 bits, P-256 and P-384 are offered.
    pub fn from_certificate(certificate: Certificate) -> Result<Self, Refusal> {
        let key = certificate.public_key(RsaLimit::Standard)?;
        Ok(Self { certificate, key })
    }

    /// The certificate, as configured.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(super) const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether a message names this signer (RFC 5652 section 5.3): issuer and serial number octet by octet, or
    /// the subject key identifier that the certificate itself carries.
    pub(super) fn is_named_by(&self, identifier: &SignerIdentifier) -> bool {
        match identifier {
            SignerIdentifier::IssuerAndSerialNumber { issuer, serial } => {
                **issuer == *self.certificate.issuer_der() && **serial == *self.certificate.serial()
            }
            SignerIdentifier::SubjectKeyIdentifier(identifier) => {
                self.certificate.subject_key_identifier() == Some(identifier)
            }
        }
    }

    /// Refuses a time outside the certificate's validity, whose ends are inside.
    pub(super) fn check_valid_at(&self, time: UnixTime) -> Result<(), Refusal> {
        let (from, until) = (self.certificate.not_before(), self.certificate.not_after());
        if (from..=until).contains(&time) {
            return Ok(());
        }
        Err(Refusal::new(Code::CmsSignerExpired)
            .detail(&self.certificate)
            .expected(format_args!("{from} to {until}"))
            .found(time))
    }
}
