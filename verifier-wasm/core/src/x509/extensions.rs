//! Certificate extensions (RFC 5280 section 4.2): which are read, and what the others mean for a path.

use super::distribution_points::DistributionPoint;
use super::fields::{Fields, Oid, primitive};
use super::general_names::GeneralName;
use super::name_constraints::NameConstraints;
use super::policies::{
    CertificatePolicies, PolicyConstraints, PolicyMappings, inhibit_any_policy, skip_certificates,
};
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
const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];

/// One extension, whatever it is.
pub(super) struct Extension<'a> {
    pub(super) oid: Oid<'a>,
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the next one of an Extensions SEQUENCE.
    pub(super) fn read(list: &mut Fields<'a>) -> Result<Self, Refusal> {
        let extension = list.take(Tag::Sequence, "extension")?;
        let mut extension = list.inside(&extension)?;
        let oid = extension.oid("extension.extnID")?;
        let critical = extension.flag("extension.critical")?;
        let value = extension.take(Tag::OctetString, "extension.extnValue")?.contents;
        extension.finish("extension")?;
        Ok(Self { oid, critical, value })
    }
}

/// Whether an extension is one of those that are read for what they mean.
pub(super) fn is_read(oid: Oid<'_>) -> bool {
    // id-ce, and what says where things are published (id-pe).
    matches!(oid.bytes(), [0x55, 0x1d, ..] | [0x2b, 6, 1, 5, 5, 7, 1, ..])
}

/// What the extensions of one certificate say.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) subject_key_identifier: Option<Box<[u8]>>,
    /// Which key of its authority signed it, as it says: a hint for whoever looks for that authority, and no more.
    pub(super) authority_key_identifier: Option<Box<[u8]>>,
    pub(super) subject_alt_names: Vec<GeneralName>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) policies: Option<CertificatePolicies>,
    pub(super) policy_mappings: Option<PolicyMappings>,
    pub(super) policy_constraints: Option<PolicyConstraints>,
    pub(super) inhibit_any_policy: Option<u8>,
    /// Where the certificate's revocation would be published.
    pub(super) distribution_points: Vec<DistributionPoint>,
    /// The first critical extension that is not read here, or not whole.
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
            let Extension { oid, critical, value } = Extension::read(&mut list)?;
            if seen.contains(&oid.bytes()) {
                return Err(Refusal::new(Code::CertificateExtensionDuplicate).detail(oid));
            }
            if seen.len() >= limits::EXTENSIONS {
                return Err(Refusal::new(Code::CertificateExtensionsTooMany));
            }
            seen.push(oid.bytes());
            all.read_one(oid, critical, value)?;
        }
        Ok(all)
    }

    fn read_one(&mut self, oid: Oid<'_>, critical: bool, value: &[u8]) -> Result<(), Refusal> {
        match oid.bytes() {
            BASIC_CONSTRAINTS => self.basic_constraints = Some(BasicConstraints::read(value)?),
            KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            EXTENDED_KEY_USAGE => self.extended_key_usage = Some(ExtendedKeyUsage::read(value)?),
            // Section 4.2.1.2: never critical.
            SUBJECT_KEY_IDENTIFIER if critical => {
                return Err(Refusal::new(Code::CertificateExtensionInvalid)
                    .detail("subjectKeyIdentifier")
                    .expected("not critical"));
            }
            SUBJECT_KEY_IDENTIFIER => {
                let mut fields = Fields::of(value, Code::CertificateExtensionInvalid)?;
                let identifier = fields.take(Tag::OctetString, "subjectKeyIdentifier")?;
                fields.finish("subjectKeyIdentifier")?;
                self.subject_key_identifier = Some(identifier.contents.into());
            }
            AUTHORITY_KEY_IDENTIFIER if !critical => {
                self.authority_key_identifier = authority_key_identifier(value);
            }
            SUBJECT_ALT_NAME => {
                let names = sequence(value, "subjectAltName")?;
                self.subject_alt_names = GeneralName::read_all(names, "subjectAltName")?;
            }
            CRL_DISTRIBUTION_POINTS => {
                let points = sequence(value, "cRLDistributionPoints")?;
                self.distribution_points = DistributionPoint::read_all(points)?;
            }
            // Section 4.2.1.10 asks authorities to mark it as critical, so that it is not ignored. It is not ignored
            // here: it binds whether it is marked or not.
            NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::read(value)?),
            CERTIFICATE_POLICIES => {
                let policies = CertificatePolicies::read(value)?;
                if critical && !policies.qualifiers_known {
                    self.leave(oid);
                }
                self.policies = Some(policies);
            }
            POLICY_MAPPINGS => self.policy_mappings = Some(PolicyMappings::read(value)?),
            POLICY_CONSTRAINTS => self.policy_constraints = Some(PolicyConstraints::read(value)?),
            INHIBIT_ANY_POLICY => self.inhibit_any_policy = Some(inhibit_any_policy(value)?),
            _ if critical => self.leave(oid),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, oid: Oid<'_>) {
        self.not_processed.get_or_insert_with(|| oid.to_string());
    }
}

/// The keyIdentifier (section 4.2.1.1). Nothing depends on it, so what cannot be read is no hint.
pub(super) fn authority_key_identifier(value: &[u8]) -> Option<Box<[u8]>> {
    let identifier =
        sequence(value, "authorityKeyIdentifier").ok()?.take_if(primitive(0), "").ok()?;
    identifier.map(|identifier| identifier.contents.into())
}

/// The values inside the SEQUENCE that an extension's value is.
fn sequence<'a>(value: &'a [u8], name: &str) -> Result<Fields<'a>, Refusal> {
    Fields::of_sequence(value, name, Code::CertificateExtensionInvalid)
}

/// Section 4.2.1.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BasicConstraints {
    pub(super) ca: bool,
    /// How many authorities that are not self-issued may be below this one. Without meaning, and without
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
            Some(field) => Some(skip_certificates(&field).ok_or_else(|| fields.wrong(length))?),
        };
        fields.finish("basicConstraints")?;
        Ok(Self { ca, path_length })
    }
}

/// Section 4.2.1.3: the bits from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyUsage(u16);

impl KeyUsage {
    /// The bits and their names.
    pub(super) const NAMES: &'static [(u16, &'static str)] = &[
        (0x8000, "digitalSignature"),
        (0x4000, "nonRepudiation"),
        (0x2000, "keyEncipherment"),
        (0x1000, "dataEncipherment"),
        (0x0800, "keyAgreement"),
        (0x0400, "keyCertSign"),
        (0x0200, "cRLSign"),
        (0x0100, "encipherOnly"),
        (0x0080, "decipherOnly"),
    ];

    const fn of(first: u8, second: u8) -> Self {
        Self(u16::from_be_bytes([first, second]))
    }

    pub(super) const fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    /// A list of at most nine bits, of which one at least is set. DER ends it with a bit that is set (X.690 section
    /// 11.2.2), but authorities exist that write zero bits behind it, and these say nothing.
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Fields::of(value, Code::CertificateExtensionInvalid)?;
        let bits = fields.take(Tag::BitString, "keyUsage")?;
        fields.finish("keyUsage")?;
        let zero = |unused: u8, byte: u8| byte.trailing_zeros() >= u32::from(unused);
        match *bits.contents {
            [unused @ 0..=7, byte] if byte != 0 && zero(unused, byte) => Ok(Self::of(byte, 0)),
            [unused @ 0..=7, byte, second @ (0 | 0x80)]
                if (byte | second) != 0 && zero(unused, second) =>
            {
                Ok(Self::of(byte, second))
            }
            _ => Err(Refusal::new(Code::CertificateExtensionInvalid)
                .detail("keyUsage")
                .expected("a list of named bits, one of them set")),
        }
    }

    pub(super) const fn digital_signature(self) -> bool {
        self.has(0x8000)
    }

    pub(super) const fn key_cert_sign(self) -> bool {
        self.has(0x0400)
    }

    pub(super) const fn crl_sign(self) -> bool {
        self.has(0x0200)
    }
}

/// Section 4.2.1.12, as encoded identifiers. anyExtendedKeyUsage is one of them and implies no other:
/// a certificate for everything is not a certificate for this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExtendedKeyUsage {
    /// The values in the SEQUENCE, which were read.
    list: Box<[u8]>,
}

impl ExtendedKeyUsage {
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = sequence(value, "extendedKeyUsage")?;
        if fields.is_empty() {
            return Err(fields.wrong("extendedKeyUsage").expected("at least one usage"));
        }
        let list = fields.contents().into();
        while !fields.is_empty() {
            fields.oid("extendedKeyUsage")?;
        }
        Ok(Self { list })
    }

    /// The usages, as encoded identifiers.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = &[u8]> {
        let mut fields = Fields::of(&self.list, Code::CertificateExtensionInvalid).ok();
        core::iter::from_fn(move || {
            let left = fields.as_mut().filter(|left| !left.is_empty())?;
            Some(left.oid("extendedKeyUsage").ok()?.bytes())
        })
    }

    pub(super) fn contains(&self, usage: &ObjectIdentifier) -> bool {
        self.identifiers().any(|own| own == usage.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::Certificate;
    use crate::x509::tests::forge::{
        ANY_USAGE, BASIC_CONSTRAINTS, CLIENT_AUTH, Draft, EXTENDED_KEY_USAGE, INHIBIT_ANY_POLICY,
        KEY_USAGE, Key, NAME_CONSTRAINTS, POLICIES, POLICY_CONSTRAINTS, POLICY_MAPPINGS,
        SUBJECT_ALT_NAME, extension, name, sequence, tlv,
    };

    /// The extensions of a certificate with this one alone, or the code of the refusal.
    fn read(arc: u8, critical: bool, value: &[u8]) -> Result<Extensions, Code> {
        let draft = Draft::new(&name("x"), Key(1)).extension(arc, critical, value);
        match Certificate::from_der(&draft.der("issuer", Key(2))) {
            Ok(certificate) => Ok(certificate.extensions().clone()),
            Err(refusal) => Err(refusal.code()),
        }
    }

    #[test]
    fn basic_constraints() {
        let check = |value: &[u8], expect: Option<(bool, Option<u8>)>| {
            let read = read(BASIC_CONSTRAINTS, true, value);
            let expect = expect
                .map(|(ca, path_length)| BasicConstraints { ca, path_length })
                .ok_or(Code::CertificateExtensionInvalid);
            assert_eq!(read.map(|all| all.basic_constraints.unwrap()), expect, "{value:02x?}");
        };
        check(b"\x30\x00", Some((false, None)));
        check(b"\x30\x03\x01\x01\xff", Some((true, None)));
        check(b"\x30\x06\x01\x01\xff\x02\x01\x00", Some((true, Some(0))));
        check(b"\x30\x07\x01\x01\xff\x02\x02\x00\x80", Some((true, Some(0x7f))));
        check(b"\x30\x07\x01\x01\xff\x02\x02\x01\x00", Some((true, Some(0x7f))));
        check(b"\x30\x03\x02\x01\x01", Some((false, Some(1))));
        check(b"\x30\x03\x01\x01\x00", Some((false, None)));

        check(b"", None);
        check(b"\x31\x00", None);
        check(b"\x30\x03\x01\x01\x01", None);
        check(b"\x30\x06\x01\x01\xff\x02\x01\xff", None);
        check(b"\x30\x07\x01\x01\xff\x02\x02\x00\x01", None);
        check(b"\x30\x05\x01\x01\xff\x02\x00", None);
        check(b"\x30\x06\x02\x01\x01\x01\x01\xff", None);
        check(b"\x30\x00\x05\x00", None);
    }

    #[test]
    fn key_usage() {
        let check = |value: &[u8], expect: Option<(bool, bool)>| {
            let read = read(KEY_USAGE, true, value).map(|all| {
                let usage = all.key_usage.unwrap();
                (usage.digital_signature(), usage.key_cert_sign())
            });
            assert_eq!(read, expect.ok_or(Code::CertificateExtensionInvalid), "{value:02x?}");
        };
        check(b"\x03\x02\x07\x80", Some((true, false)));
        check(b"\x03\x02\x02\x04", Some((false, true)));
        check(b"\x03\x02\x01\x86", Some((true, true)));
        check(b"\x03\x02\x00\x01", Some((false, false)));
        check(b"\x03\x03\x07\x80\x80", Some((true, false)));
        check(b"\x03\x03\x07\x00\x80", Some((false, false)));
        // Zero bits behind the last that is set.
        check(b"\x03\x02\x00\x80", Some((true, false)));
        check(b"\x03\x02\x05\xc0", Some((true, false)));
        check(b"\x03\x03\x07\x80\x00", Some((true, false)));

        check(b"\x03\x03\x07\x00\x00", None);

        check(b"\x03\x01\x00", None);
        check(b"\x03\x02\x00\x00", None);
        check(b"\x03\x02\x07\xc0", None);
        check(b"\x03\x02\x08\x80", None);
        check(b"\x03\x03\x06\x80\x40", None);
        check(b"\x03\x04\x07\x80\x80\x80", None);
        check(b"\x04\x02\x07\x80", None);
        check(b"\x03\x02\x07\x80\x05\x00", None);
    }

    #[test]
    fn x08_a_key_identifier_is_bytes_and_never_critical() {
        let check = |critical: bool, value: &[u8], good: bool| {
            let read = read(SUBJECT_KEY_IDENTIFIER[2], critical, value);
            let expect = if good { Ok(()) } else { Err(Code::CertificateExtensionInvalid) };
            assert_eq!(read.map(drop), expect, "{value:02x?}");
        };
        check(false, b"\x04\x02\x01\x02", true);
        check(true, b"\x04\x02\x01\x02", false);
        check(false, b"\x04\x02\x01\x02\x00", false);
        check(false, b"\x03\x02\x00\x02", false);
        check(false, b"", false);
    }

    #[test]
    fn extended_key_usage() {
        let client_auth = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
        let check = |value: &[u8], expect: Option<bool>| {
            let read = read(EXTENDED_KEY_USAGE, false, value)
                .map(|all| all.extended_key_usage.unwrap().contains(&client_auth));
            assert_eq!(read, expect.ok_or(Code::CertificateExtensionInvalid), "{value:02x?}");
        };
        check(&sequence(&[CLIENT_AUTH]), Some(true));
        check(&sequence(&[ANY_USAGE, CLIENT_AUTH]), Some(true));
        check(&sequence(&[ANY_USAGE]), Some(false));
        // An arc that is 2 only in 32 bits.
        check(
            &sequence(&[b"\x06\x0c\x2b\x06\x01\x05\x05\x07\x03\x90\x80\x80\x80\x02"]),
            Some(false),
        );
        check(&sequence(&[]), None);
        check(&sequence(&[b"\x05\x00"]), None);
        check(&sequence(&[b"\x06\x00"]), None);
    }

    #[test]
    fn subject_alternative_names() {
        let check = |names: &[u8], good: bool| {
            let read = read(SUBJECT_ALT_NAME, false, names);
            assert_eq!(
                read.err(),
                (!good).then_some(Code::CertificateExtensionInvalid),
                "{names:02x?}"
            );
        };
        let names = |tag: u8, contents: &[u8]| sequence(&[&tlv(tag, contents)]);
        check(&names(0x82, b"a.example"), true);
        check(&names(0x82, b"*.example"), true);
        check(&names(0x87, &[127, 0, 0, 1]), true);
        check(&names(0x87, &[0; 16]), true);
        check(&names(0xa4, &name("x")), true);
        check(&names(0xa0, b""), true);
        check(&names(0x88, b"\x2a"), true);

        check(&sequence(&[]), false);
        check(&names(0x82, b"\xc3\xa4.example"), false);
        check(&names(0x87, &[127, 0, 0]), false);
        check(&names(0x87, &[0; 8]), false);
        check(&names(0xa4, b"\x05\x00"), false);
        check(&names(0xa4, &[name("x"), name("y")].concat()), false);
        check(&names(0xa2, b"a.example"), false);
        check(&names(0x89, b"x"), false);
        check(&names(0x16, b"a.example"), false);
        check(&[names(0x82, b"a.example"), tlv(5, b"")].concat(), false);
    }

    #[test]
    fn x08_what_is_critical_is_processed_or_remembered() {
        let check = |arc: u8, critical: bool, value: &[u8], expect: Result<Option<&str>, Code>| {
            let read = read(arc, critical, value).map(|all| all.not_processed);
            assert_eq!(read.as_ref().map(|oid| oid.as_deref()).map_err(|code| *code), expect);
        };
        let invalid = Err(Code::CertificateExtensionInvalid);
        check(99, true, b"", Ok(Some("2.5.29.99")));
        check(99, false, b"", Ok(None));
        let constraints = sequence(&[&tlv(0xa0, &sequence(&[b"\x82\x01a"]))]);
        check(NAME_CONSTRAINTS, true, &constraints, Ok(None));
        check(NAME_CONSTRAINTS, false, &constraints, Ok(None));
        check(NAME_CONSTRAINTS, false, b"", invalid);
        check(NAME_CONSTRAINTS, true, b"", invalid);
        // A policy with a qualifier of no known type.
        let qualifier = sequence(&[&sequence(&[b"\x06\x01\x2a\x05\x00"])]);
        let odd = sequence(&[&sequence(&[b"\x06\x01\x2a", &qualifier])]);
        check(POLICIES, true, &odd, Ok(Some("2.5.29.32")));
        check(POLICIES, false, &odd, Ok(None));
        check(POLICIES, true, &sequence(&[&sequence(&[b"\x06\x01\x2a"])]), Ok(None));
        for arc in [POLICIES, POLICY_MAPPINGS, POLICY_CONSTRAINTS, INHIBIT_ANY_POLICY] {
            check(arc, false, b"", invalid);
            check(arc, false, b"\x30\x00", invalid);
        }
    }

    #[test]
    fn the_first_of_several_is_named() {
        let draft = Draft::new(&name("x"), Key(1))
            .raw_extension(&extension(99, true, b""))
            .raw_extension(&extension(98, true, b""));
        let certificate = draft.signed_by("issuer", Key(2));
        assert_eq!(certificate.extensions().not_processed.as_deref(), Some("2.5.29.99"));
    }
}
