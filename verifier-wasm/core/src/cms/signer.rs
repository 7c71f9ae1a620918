//! The signer that configuration names.

use super::profile::Allow;
use super::signer_info::SignerIdentifier;
use crate::refusal::{Code, Refusal};
use crate::signature::{KeyKind, PublicKey, RsaLimit};
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::sync::Arc;

/// A certificate whose key may sign messages.
///
/// It is pinned: configuration holds it whole, so neither its issuer's signature nor its extensions matter.
/// Clouds publish certificates that no path validation would take (without basicConstraints, or with every
/// part of the name `Unknown`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedSigner {
    /// Shared, so that each verified message names its signer without a copy.
    certificate: Arc<Certificate>,
    key: PublicKey,
}

impl PinnedSigner {
    /// Pins a certificate.
    ///
    /// # Errors
    /// As [`Certificate::public_key`]: RSA of 2048 to 4096 bits, P-256 and P-384 are offered.
    pub fn from_certificate(certificate: Certificate) -> Result<Self, Refusal> {
        let key = certificate.public_key(RsaLimit::Standard)?;
        Ok(Self { certificate: certificate.into(), key })
    }

    /// Pins a certificate whose key may be of a kind that only `allow` names.
    ///
    /// # Errors
    /// As [`PinnedSigner::from_certificate`].
    pub fn from_certificate_allowing(
        certificate: Certificate,
        allow: Allow,
    ) -> Result<Self, Refusal> {
        match Self::from_certificate(certificate.clone()) {
            Err(refusal) if refusal.code() == Code::UnsupportedKey && allow.sha1_dsa => {
                let key = PublicKey::from_legacy_dsa_spki(certificate.public_key_spki())?;
                Ok(Self { certificate: certificate.into(), key })
            }
            pinned => pinned,
        }
    }

    /// Whether its key is of a kind that is accepted only where it is named.
    #[must_use]
    pub(crate) fn is_legacy(&self) -> bool {
        self.key.kind() == KeyKind::Dsa
    }

    /// The certificate, as configured.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(super) fn shared(&self) -> Arc<Certificate> {
        Arc::clone(&self.certificate)
    }

    pub(super) const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether a message names this signer.
    pub(super) fn is_named_by(&self, identifier: &SignerIdentifier) -> bool {
        identifier.names(&self.certificate)
    }

    /// Refuses a time outside the certificate's validity, whose ends are inside.
    pub(super) fn check_valid_at(&self, time: UnixTime) -> Result<(), Refusal> {
        let (from, until) = (self.certificate.not_before(), self.certificate.not_after());
        if (from..=until).contains(&time) {
            return Ok(());
        }
        Err(Refusal::new(Code::CmsSignerExpired)
            .detail(self.certificate())
            .expected(format_args!("{from} to {until}"))
            .found(time))
    }
}
