//! Certificate extensions (RFC 5280 section 4.2): which are read, and what the others mean for a path.

use super::fields::{Fields, Oid};
use super::general_names::GeneralName;
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;
use der::Tag;

/// id-ce, by encoded identifier.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];

/// What the extensions of one certificate say.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) subject_key_identifier: Option<Box<[u8]>>,
    pub(super) subject_alt_names: Vec<GeneralName>,
    /// subjectAltName is there and critical, as it must be when the subject is empty (section 4.1.2.6).
    pub(super) names_are_critical: bool,
    pub(super) has_name_constraints: bool,
    /// The first extension that restricts paths in a way that is not processed: a critical one that is not
    /// read here, or a restriction on policies, critical or not.
    pub(super) not_processed: Option<String>,
}

impl Extensions {
    /// Reads an Extensions SEQUENCE, which has at least one element, each of another type.
    pub(super) fn read(mut list: Fields<'_>) -> Result<Self, Refusal> {
        if list.is_empty() {
            return Err(list.wrong("extensions").expected("at least one extension"));
        }
        let mut all = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let extension = list.take(Tag::Sequence, "extension")?;
            let mut extension = list.inside(&extension)?;
            let oid = extension.oid("extension.extnID")?;
            let critical = extension.flag("extension.critical")?;
            let value = extension.take(Tag::OctetString, "extension.extnValue")?;
            extension.finish("extension")?;
            if seen.contains(&oid.octets()) {
                return Err(Refusal::new(Code::CertificateExtensionDuplicate).detail(oid));
            }
            if seen.len() >= limits::EXTENSIONS {
                return Err(Refusal::new(Code::CertificateExtensionsTooMany));
            }
            seen.push(oid.octets());
            all.read_one(oid, critical, value.contents)?;
        }
        Ok(all)
    }

    fn read_one(&mut self, oid: Oid<'_>, critical: bool, value: &[u8]) -> Result<(), Refusal> {
        match oid.octets() {
            BASIC_CONSTRAINTS => self.basic_constraints = Some(BasicConstraints::read(value)?),
            KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            EXTENDED_KEY_USAGE => self.extended_key_usage = Some(ExtendedKeyUsage::read(value)?),
            SUBJECT_KEY_IDENTIFIER => {
                let mut fields = Fields::of(value, Code::CertificateExtensionInvalid)?;
                let identifier = fields.take(Tag::OctetString, "subjectKeyIdentifier")?;
                fields.finish("subjectKeyIdentifier")?;
                self.subject_key_identifier = Some(identifier.contents.into());
            }
            SUBJECT_ALT_NAME => {
                let names = sequence(value, "subjectAltName")?;
                self.subject_alt_names = GeneralName::read_all(names, "subjectAltName")?;
                self.names_are_critical = critical;
            }
            NAME_CONSTRAINTS => self.has_name_constraints = true,
            POLICY_CONSTRAINTS | POLICY_MAPPINGS | INHIBIT_ANY_POLICY => self.leave(oid),
            _ if critical => self.leave(oid),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, oid: Oid<'_>) {
        self.not_processed.get_or_insert_with(|| oid.to_string());
    }
}

/// The values inside the SEQUENCE that an extension's value is.
fn sequence<'a>(value: &'a [u8], name: &str) -> Result<Fields<'a>, Refusal> {
    Fields::of_sequence(value, name, Code::CertificateExtensionInvalid)
}

/// Section 4.2.1.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BasicConstraints {
    pub(super) ca: bool,
    /// How many authorities that are not self-issued may stand below this one. Without meaning, and without
    /// effect, when `ca` is false.
    pub(super) path_length: Option<u8>,
}

impl BasicConstraints {
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = sequence(value, "basicConstraints")?;
        let ca = fields.flag("basicConstraints.cA")?;
        let length = "basicConstraints.pathLenConstraint";
        let path_length = match fields.take_if(Tag::Integer, length)? {
            None => None,
            // A longer chain than 127 cannot be presented, so a larger number means no more than this one.
            Some(field) => match *field.contents {
                [number @ 0..=0x7f] => Some(number),
                [0x01..=0x7f, _, ..] | [0x00, 0x80..=0xff, ..] => Some(0x7f),
                _ => return Err(fields.wrong(length)),
            },
        };
        fields.finish("basicConstraints")?;
        Ok(Self { ca, path_length })
    }
}

/// Section 4.2.1.3: the bits of the first octet, which has all that are asked about here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyUsage(u8);

impl KeyUsage {
    /// A named bit list in DER ends with a bit that is set (X.690 section 11.2.2), and keyUsage has one.
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Fields::of(value, Code::CertificateExtensionInvalid)?;
        let bits = fields.take(Tag::BitString, "keyUsage")?;
        let wrong = fields.wrong("keyUsage").expected("a bit list that ends with a bit set");
        fields.finish("keyUsage")?;
        // Nine bits are named: one octet, or two of which the second has its first bit alone.
        match *bits.contents {
            [unused @ 0..=7, octet]
                if octet != 0 && octet.trailing_zeros() == u32::from(unused) =>
            {
                Ok(Self(octet))
            }
            [7, octet, 0x80] => Ok(Self(octet)),
            _ => Err(wrong),
        }
    }

    pub(super) const fn digital_signature(self) -> bool {
        self.0 & 0x80 != 0
    }

    pub(super) const fn key_cert_sign(self) -> bool {
        self.0 & 0x04 != 0
    }
}

/// Section 4.2.1.12, as encoded identifiers. anyExtendedKeyUsage is one of them and stands for no other:
/// a certificate for everything is not a certificate for this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExtendedKeyUsage(Vec<Box<[u8]>>);

impl ExtendedKeyUsage {
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = sequence(value, "extendedKeyUsage")?;
        if fields.is_empty() {
            return Err(fields.wrong("extendedKeyUsage").expected("at least one usage"));
        }
        let mut usages = Vec::new();
        while !fields.is_empty() {
            usages.push(fields.oid("extendedKeyUsage")?.octets().into());
        }
        Ok(Self(usages))
    }

    pub(super) fn contains(&self, usage: &ObjectIdentifier) -> bool {
        self.0.iter().any(|own| **own == *usage.as_bytes())
    }
}
