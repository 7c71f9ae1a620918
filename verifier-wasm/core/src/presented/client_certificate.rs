//! The certificate of a TLS client (RFC 8705 section 2.1).

use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;
use core::fmt;

/// The certificate that a client showed in a TLS handshake, whose private key it has proven to hold there. Whether
/// anybody trusts the certificate is not known.
///
/// No parameter of a request becomes one: what a client sends about itself is no handshake.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    leaf: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl ClientCertificate {
    /// For a transport alone: DER of the `leaf`, and of the other certificates of the handshake in any order. Who calls
    /// this vouches that the signature of the handshake (`CertificateVerify`, RFC 8446 section 4.4.3) was verified with
    /// the key of the leaf: by itself, or by a proxy that has proven who it is on this very connection.
    ///
    /// # Errors
    /// [`Code::CertificatesTooMany`] over [`limits::CERTIFICATES`], leaf included; [`Code::CertificateTooLarge`] over
    /// [`limits::CERTIFICATE_BYTES`] for one.
    pub fn from_transport(leaf: Vec<u8>, chain: Vec<Vec<u8>>) -> Result<Self, Refusal> {
        if chain.len() >= limits::CERTIFICATES {
            return Err(Code::CertificatesTooMany.into());
        }
        for certificate in chain.iter().chain([&leaf]) {
            if certificate.len() > limits::CERTIFICATE_BYTES {
                return Err(Refusal::new(Code::CertificateTooLarge)
                    .expected(format_args!("at most {} bytes", limits::CERTIFICATE_BYTES))
                    .found(format_args!("{} bytes", certificate.len())));
            }
        }
        Ok(Self { leaf, chain })
    }

    /// The certificate whose key signed, DER.
    #[must_use]
    pub fn leaf(&self) -> &[u8] {
        &self.leaf
    }

    /// The others, DER.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

/// Nothing of a proof is shown.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a certificate of TLS")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn certificates_of_a_handshake_are_bounded() {
        let check = |leaf: usize, chain: &[usize], expect: Result<usize, Code>| {
            let chain = chain.iter().map(|length| vec![0; *length]).collect();
            let certificate = ClientCertificate::from_transport(vec![0; leaf], chain);
            let count = certificate.map(|certificate| certificate.chain().len() + 1);
            assert_eq!(count.map_err(|refusal| refusal.code()), expect);
        };
        let (large, most) = (limits::CERTIFICATE_BYTES, limits::CERTIFICATES - 1);
        check(large, &[], Ok(1));
        check(large + 1, &[], Err(Code::CertificateTooLarge));
        check(1, &vec![large; most], Ok(limits::CERTIFICATES));
        check(1, &[1, large + 1], Err(Code::CertificateTooLarge));
        check(1, &vec![1; most + 1], Err(Code::CertificatesTooMany));
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        let certificate = ClientCertificate::from_transport(vec![0xab], vec![vec![0xcd]]).unwrap();
        assert_eq!(alloc::format!("{certificate:?}"), "a certificate of TLS");
    }
}
