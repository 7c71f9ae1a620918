//! Values of requests: binary, keys, certificates.
//!
//! A value that a sender of proofs could have made is refused when it is malformed; only the shape of the request
//! itself is wrong use.

use credmint_core::signature::{PublicKey, RsaLimit};
use credmint_core::x509::{Certificate, Crl};
use credmint_core::{Code, Refusal, base64, cms, limits, pem};

/// Bytes in standard base64.
pub(crate) fn bytes(text: &str, member: &str) -> Result<Vec<u8>, Refusal> {
    base64::decode_spaced(text).ok_or_else(|| {
        Refusal::new(Code::ParameterInvalid).detail(member).expected("standard base64")
    })
}

/// One certificate in PEM or base64 DER.
pub(crate) fn certificate(text: &str) -> Result<Certificate, Refusal> {
    Certificate::from_der(&pem::certificate(text)?)
}

/// Certificates; each text may be a bundle of several, in PEM, base64 DER or PKCS #7.
pub(crate) fn certificates(texts: &[String]) -> Result<Vec<Certificate>, Refusal> {
    let mut certificates = Vec::new();
    for text in texts {
        certificates.extend(cms::certificates(text, limits::INTERMEDIATES)?);
    }
    Ok(certificates)
}

/// Revocation lists, each text one in base64 DER or several in PEM.
pub(crate) fn revocation_lists(texts: &[String]) -> Result<Vec<Crl>, Refusal> {
    let mut lists = Vec::new();
    for text in texts {
        for der in pem::revocation_lists(text)? {
            if lists.len() >= limits::CRLS {
                return Err(Refusal::new(Code::CrlTooLarge)
                    .detail("number of lists")
                    .expected(format_args!("at most {}", limits::CRLS)));
            }
            lists.push(Crl::from_der(&der)?);
        }
    }
    Ok(lists)
}

/// A public key: SubjectPublicKeyInfo in PEM or base64 DER.
pub(crate) fn spki(text: &str, limit: RsaLimit) -> Result<PublicKey, Refusal> {
    PublicKey::from_spki_der(&pem::public_key(text)?, limit)
}
