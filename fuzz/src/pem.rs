//! Base64 and PEM.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use credmint_core::{Refusal, base64, limits, pem as core};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// A reader of one PEM block, by its label.
type OneBlock = fn(&str) -> Result<Vec<u8>, Refusal>;

const ONE_BLOCK: [(&str, OneBlock); 2] =
    [("PKCS7", core::message), ("PUBLIC KEY", core::public_key)];

/// A reader of PEM blocks of one label.
type Blocks = fn(&str) -> Result<Vec<Vec<u8>>, Refusal>;

const SEVERAL_BLOCKS: [(&str, Blocks, usize); 2] = [
    ("CERTIFICATE", core::certificates, limits::PEM_BYTES),
    ("X509 CRL", core::revocation_lists, limits::CRL_TEXT_BYTES),
];

/// A text in base64 or PEM: what is read from it is read from its own armour. Of what is taken as certificates, another
/// reader sees no other certificate and no private key.
pub fn pem(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let mut was_read = base64_of(text);
    for (label, read, most) in SEVERAL_BLOCKS {
        let Ok(found) = read(text) else { continue };
        let again: String = found.iter().map(|der| armour(label, der)).collect();
        if again.len() <= most {
            assert_eq!(read(&again).as_ref(), Ok(&found), "{again}");
        }
        was_read = true;
    }
    if let Ok(found) = core::certificates(text) {
        let others = CertificateDer::pem_slice_iter(data).filter_map(Result::ok);
        others.for_each(|other| assert!(found.iter().any(|der| *der == *other), "another reader"));
        assert!(PrivateKeyDer::from_pem_slice(data).is_err(), "a private key was read");
    }
    let only = core::certificates(text).ok().and_then(|found| <[Vec<u8>; 1]>::try_from(found).ok());
    assert_eq!(core::certificate(text).ok(), only.map(|[only]| only), "one certificate or several");
    for (label, read) in ONE_BLOCK {
        if let Ok(der) = read(text) {
            assert_eq!(read(&armour(label, &der)).as_ref(), Ok(&der), "{label}");
            was_read = true;
        }
    }
    assert!(!was_read || !text.contains("PRIVATE KEY-----"), "a private key was read");
    was_read
}

/// Base64 by two decoders, which agree on what it is; each byte string has one text.
fn base64_of(text: &str) -> bool {
    let standard = base64::decode_standard(text.as_bytes());
    assert_eq!(standard, Base64::decode_vec(text).ok(), "base64");
    let url = base64::decode_url(text.as_bytes());
    assert_eq!(url, Base64UrlUnpadded::decode_vec(text).ok(), "base64url");
    for (bytes, encode) in
        [(&standard, base64::encode_standard as fn(&[u8]) -> String), (&url, base64::encode_url)]
    {
        let again = bytes.as_deref().map(encode);
        assert!(again.is_none_or(|again| again == text), "two texts of one byte string");
    }
    let dense: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    assert_eq!(base64::decode_spaced(text), base64::decode_standard(dense.as_bytes()));
    standard.is_some() || url.is_some()
}

fn armour(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", Base64::encode_string(der))
}
