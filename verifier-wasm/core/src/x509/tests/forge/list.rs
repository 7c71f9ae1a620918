//! Revocation lists for tests, signed as the certificates of the parent module are.

use super::{ECDSA_SHA256, Key, extension, name, sequence, tlv};
use crate::x509::Crl;
use alloc::vec;
use alloc::vec::Vec;

pub(crate) const CRL_NUMBER: u8 = 20;
pub(crate) const REASON_CODE: u8 = 21;
pub(crate) const DELTA_CRL_INDICATOR: u8 = 27;
pub(crate) const ISSUING_DISTRIBUTION_POINT: u8 = 28;
pub(crate) const CERTIFICATE_ISSUER: u8 = 29;
pub(crate) const CRL_DISTRIBUTION_POINTS: u8 = 31;

/// A list about to be signed: its fields in order, each as DER, to be replaced or left out.
#[derive(Clone)]
pub(crate) struct ListDraft {
    fields: Vec<(&'static str, Vec<u8>)>,
    entries: Vec<Vec<u8>>,
    extensions: Vec<(u8, Vec<u8>)>,
}

impl ListDraft {
    /// A list with the number 1 and no entries, from 24 November 2026 to 1 December 2026.
    pub(crate) fn new() -> Self {
        let fields = vec![
            ("version", b"\x02\x01\x01".to_vec()),
            ("algorithm", ECDSA_SHA256.to_vec()),
            ("issuer", Vec::new()),
            ("this update", tlv(0x17, b"261124000000Z")),
            ("next update", tlv(0x17, b"261201000000Z")),
            ("entries", Vec::new()),
            ("extensions", Vec::new()),
            ("outer algorithm", ECDSA_SHA256.to_vec()),
            ("signature", Vec::new()),
            ("after", Vec::new()),
        ];
        Self { fields, entries: Vec::new(), extensions: Vec::new() }.extension(
            CRL_NUMBER,
            false,
            b"\x02\x01\x01",
        )
    }

    /// Replaces a field; empty leaves it out.
    pub(crate) fn with(mut self, field: &str, der: &[u8]) -> Self {
        let known = self.fields.iter_mut().find(|(name, _)| *name == field).unwrap();
        known.1 = der.to_vec();
        self
    }

    /// Holds from one UTCTime to another.
    pub(crate) fn holds(self, this_update: &str, next_update: &str) -> Self {
        self.with("this update", &tlv(0x17, this_update.as_bytes()))
            .with("next update", &tlv(0x17, next_update.as_bytes()))
    }

    /// Adds an entry for a serial number, given as the contents of its INTEGER.
    pub(crate) fn revoking(self, serial: &[u8]) -> Self {
        self.raw_entry(&sequence(&[&tlv(0x02, serial), &tlv(0x17, b"261123000000Z")]))
    }

    /// Adds an entry for a serial number with extensions.
    pub(crate) fn revoking_with(self, serial: &[u8], extensions: &[&[u8]]) -> Self {
        let date = tlv(0x17, b"261123000000Z");
        self.raw_entry(&sequence(&[&tlv(0x02, serial), &date, &sequence(extensions)]))
    }

    pub(crate) fn raw_entry(mut self, der: &[u8]) -> Self {
        self.entries.push(der.to_vec());
        self
    }

    /// Adds an extension below id-ce, in place of one of the same type.
    pub(crate) fn extension(mut self, arc: u8, critical: bool, value: &[u8]) -> Self {
        self.extensions.retain(|(own, _)| *own != arc);
        self.extensions.push((arc, extension(arc, critical, value)));
        self
    }

    /// Adds an Extension as it is.
    pub(crate) fn raw_extension(mut self, der: &[u8]) -> Self {
        self.extensions.push((0, der.to_vec()));
        self
    }

    pub(crate) fn without_extension(mut self, arc: u8) -> Self {
        self.extensions.retain(|(own, _)| *own != arc);
        self
    }

    /// A list about a part: the fields of an IssuingDistributionPoint.
    pub(crate) fn scope(self, fields: &[&[u8]]) -> Self {
        self.extension(ISSUING_DISTRIBUTION_POINT, true, &sequence(fields))
    }

    /// The DER, signed by the authority with this common name and key.
    pub(crate) fn der(&self, issuer: &str, key: Key) -> Vec<u8> {
        let mut fields = self.fields.clone();
        for (field, der) in &mut fields {
            match *field {
                "issuer" if der.is_empty() => *der = name(issuer),
                "entries" if der.is_empty() && !self.entries.is_empty() => {
                    *der = tlv(0x30, &self.entries.concat());
                }
                "extensions" if der.is_empty() && !self.extensions.is_empty() => {
                    let list: Vec<_> =
                        self.extensions.iter().map(|(_, der)| der.as_slice()).collect();
                    *der = tlv(0xa0, &sequence(&list));
                }
                _ => {}
            }
        }
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| *field == name).unwrap();
            found.1.as_slice()
        };
        let tbs: Vec<&[u8]> = fields[..7].iter().map(|(_, der)| der.as_slice()).collect();
        let tbs = sequence(&tbs);
        let signature = match field("signature") {
            [] => tlv(0x03, &[&[0], key.sign(&tbs).as_slice()].concat()),
            given => given.to_vec(),
        };
        sequence(&[&tbs, field("outer algorithm"), &signature, field("after")])
    }

    pub(crate) fn signed_by(&self, issuer: &str, key: Key) -> Crl {
        Crl::from_der(&self.der(issuer, key)).unwrap()
    }
}

/// A DistributionPointName with these URIs, in the `[0]` of either structure that has one.
pub(crate) fn point(uris: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = uris.iter().flat_map(|uri| tlv(0x86, uri.as_bytes())).collect();
    tlv(0xa0, &tlv(0xa0, &names))
}

/// The value of a CRLDistributionPoints with a point for each of these fields.
pub(crate) fn points(points: &[&[u8]]) -> Vec<u8> {
    let points: Vec<Vec<u8>> = points.iter().map(|fields| tlv(0x30, fields)).collect();
    tlv(0x30, &points.concat())
}
