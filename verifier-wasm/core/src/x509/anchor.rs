//! Registered roots.

use super::certificate::Certificate;
use crate::refusal::{Code, Refusal};
use crate::signature::RsaLimit;

/// A root that the configuration registers. Nothing that a client sends becomes one.
///
/// A path ends at it when its name is the issuer's and its *whole* key verifies the signature. More is
/// demanded of it than RFC 5280 section 6.1.1 does: as a certificate it must be an authority, and its dates,
/// path length, usages and critical extensions hold for every path that ends at it. Its own signature is
/// not checked; registering it is the statement that it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor(Certificate);

impl TrustAnchor {
    /// Takes a certificate from the configuration as a root, whose key is of the usual sizes.
    ///
    /// # Errors
    /// As [`TrustAnchor::from_certificate_allowing`].
    pub fn from_certificate(certificate: Certificate) -> Result<Self, Refusal> {
        Self::from_certificate_allowing(certificate, RsaLimit::Standard)
    }

    /// Takes a certificate from the configuration as a root. For larger RSA keys the rules of a path must allow them as
    /// well.
    ///
    /// Its dates are not looked at, there is no time here: the caller compares
    /// [`Certificate::not_after`] of [`TrustAnchor::certificate`].
    ///
    /// # Errors
    /// [`Code::CertificateNotCa`] or [`Code::CertificateKeyUsage`] when it is no certificate authority; what
    /// is wrong with its key as [`Certificate::public_key`] says.
    pub fn from_certificate_allowing(
        certificate: Certificate,
        rsa: RsaLimit,
    ) -> Result<Self, Refusal> {
        certificate.may_issue()?;
        certificate.public_key(rsa)?;
        Ok(Self(certificate))
    }

    /// Its name in DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.0.subject_der()
    }

    /// Its key, the SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        self.0.public_key_spki()
    }

    /// The certificate that was registered.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.0
    }
}

impl Certificate {
    /// Whether it may sign other certificates (RFC 5280 section 6.1.4 (k) and (n)).
    pub(super) fn may_issue(&self) -> Result<(), Refusal> {
        if !self.is_ca() {
            return Err(Refusal::new(Code::CertificateNotCa).detail(self));
        }
        match self.extensions().key_usage {
            Some(usage) if !usage.key_cert_sign() => {
                Err(Refusal::new(Code::CertificateKeyUsage).detail(self).expected("keyCertSign"))
            }
            _ => Ok(()),
        }
    }
}
