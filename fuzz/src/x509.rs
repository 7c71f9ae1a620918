//! Certificates and revocation lists.

use super::NOW;
use super::verdicts::accepts;
use base64ct::{Base64, Encoding};
use credmint_core::x509::{Certificate, Crl, Name};
use credmint_verify::Command;
use serde_json::json;

/// An authority that nothing else uses, the certificates that it has issued, and its only list, which names one of them.
const ANCHOR: &[u8] = include_bytes!("../anchor.der");
const LEAF: &[u8] = include_bytes!("../seeds/certificate/leaf.der");
const REVOKED: &[u8] = include_bytes!("../revoked.der");
const LIST: &[u8] = include_bytes!("../seeds/crl/revokes-one.der");

/// A leaf with the certificates that follow it, to a fixed anchor and to the last of them.
pub fn certificate(data: &[u8]) -> bool {
    let certificates = split(data);
    let (Some(leaf), Some(last)) = (certificates.first(), certificates.last()) else {
        return false;
    };
    if let Ok(certificate) = Certificate::from_der(leaf) {
        assert_eq!(certificate.raw(), *leaf, "a certificate is its bytes");
        check_name(certificate.subject());
        check_name(certificate.issuer());
        let _ = (certificate.to_string(), certificate.outline(), certificate.facts());
    }
    let others = certificates.iter().skip(1);
    let intermediates: Vec<_> = others.map(|other| Base64::encode_string(other)).collect();
    let request = |anchor: &[u8]| {
        json!({
            "id": 0, "leaf": Base64::encode_string(leaf), "intermediates": intermediates,
            "anchors": [Base64::encode_string(anchor)], "time": NOW, "extended_key_usages": ["any"],
        })
    };
    let by_ours = accepts(Command::X509, &request(ANCHOR));
    let was_signed = || [ANCHOR, LEAF, REVOKED].iter().any(|ours| holds(leaf, signed_part(ours)));
    assert!(!by_ours || was_signed(), "not signed");
    accepts(Command::X509, &request(last)) || by_ours
}

/// A revocation list: beside the list that names a certificate, before it or instead of it where lists are required, none
/// lets that certificate pass.
pub fn crl(data: &[u8]) -> bool {
    let Ok(list) = Crl::from_der(data) else { return false };
    assert_eq!(list.raw(), data, "a list is its bytes");
    check_name(list.issuer());
    let _ = (list.to_string(), list.reason_of(&[0x12, 0x34]));
    let (list, names_it) = (Base64::encode_string(data), Base64::encode_string(LIST));
    let request = |crls: &[&String], required: bool| {
        json!({
            "id": 0, "leaf": Base64::encode_string(REVOKED), "time": NOW, "crls": crls,
            "anchors": [Base64::encode_string(ANCHOR)], "require_crls": required,
        })
    };
    for (crls, required) in [
        (&[&names_it, &list][..], false),
        (&[&list, &names_it], false),
        (&[&list, &names_it], true),
        (&[&list], true),
    ] {
        assert!(!accepts(Command::X509, &request(crls, required)), "it was revoked");
    }
    true
}

/// A name is itself, also when it is read again.
fn check_name(name: &Name) {
    let again = Name::from_der(name.der()).expect("a name");
    assert!(again.matches(name) && name.matches(&again), "{name}");
    assert_eq!(again.to_string(), name.to_string());
}

/// The DER values of two length bytes that stand one after another; the rest is the last of them.
fn split(mut data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let [0x30, 0x82, high, low, ..] = data {
        let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
        let Some((first, rest)) = data.split_at_checked(length) else { break };
        parts.push(first);
        data = rest;
    }
    if !data.is_empty() {
        parts.push(data);
    }
    parts
}

/// The TBSCertificate of the seed.
fn signed_part(certificate: &[u8]) -> &[u8] {
    let inner = &certificate[4..];
    let header = if inner[1] == 0x82 { 4 } else { 3 };
    let length = inner[2..header].iter().fold(0, |all, byte| all << 8 | usize::from(*byte));
    &inner[..header + length]
}

fn holds(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}
