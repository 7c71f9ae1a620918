//! Values of requests: binary, keys, certificates.
//!
//! A value that a sender of proofs could have made is refused when it is malformed; only the shape of the request
//! itself is wrong use.

use super::answer::Misuse;
use credmint_core::signature::{PublicKey, RsaLimit};
use credmint_core::x509::Certificate;
use credmint_core::{Code, Refusal, base64, pem};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Octets in standard base64.
pub(super) fn octets(text: &str, member: &str) -> Result<Vec<u8>, Refusal> {
    base64::decode_spaced(text).ok_or_else(|| {
        Refusal::new(Code::ParameterInvalid).detail(member).expected("standard base64")
    })
}

/// One certificate in PEM or base64 DER.
pub(super) fn certificate(text: &str) -> Result<Certificate, Refusal> {
    Certificate::from_der(&pem::certificate(text)?)
}

/// Certificates; each text may be a bundle of several.
pub(super) fn certificates(texts: &[String]) -> Result<Vec<Certificate>, Refusal> {
    let mut certificates = Vec::new();
    for text in texts {
        for der in pem::certificates(text)? {
            certificates.push(Certificate::from_der(&der)?);
        }
    }
    Ok(certificates)
}

/// A public key: SubjectPublicKeyInfo in PEM or base64 DER.
pub(super) fn spki(text: &str, limit: RsaLimit) -> Result<PublicKey, Refusal> {
    PublicKey::from_spki_der(&pem::public_key(text)?, limit)
}

/// The octets of a file, or of standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Misuse> {
    let octets = if path == Path::new("-") {
        let mut octets = Vec::new();
        std::io::stdin().read_to_end(&mut octets).map(|_| octets)
    } else {
        std::fs::read(path)
    };
    octets.map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Misuse> {
    String::from_utf8(read(path)?)
        .map_err(|_| Misuse::new(format_args!("{}: not UTF-8", path.display())))
}

/// The octets of a file in standard base64.
pub(super) fn read_base64(path: &Path) -> Result<String, Misuse> {
    Ok(base64::encode_standard(&read(path)?))
}

/// The text of a file that may be binary DER or text: binary becomes base64.
pub(super) fn read_der_or_text(path: &Path) -> Result<String, Misuse> {
    // A DER or BER structure starts with a SEQUENCE, which no text of ours does.
    match String::from_utf8(read(path)?) {
        Ok(text) if !text.starts_with('0') => Ok(text),
        Ok(text) => Ok(base64::encode_standard(text.as_bytes())),
        Err(error) => Ok(base64::encode_standard(error.as_bytes())),
    }
}

/// As [`read_der_or_text`], for each of several files.
pub(super) fn read_all_der_or_text(paths: &[PathBuf]) -> Result<Vec<String>, Misuse> {
    paths.iter().map(|path| read_der_or_text(path)).collect()
}
