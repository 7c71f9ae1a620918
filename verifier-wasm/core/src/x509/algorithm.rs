//! Signature algorithms of certificates (RFC 5280 section 4.1.1.2).

use super::fields::{Field, Fields, Oid, constructed};
use crate::digest::Hash;
use crate::hex::Hex;
use crate::refusal::{Code, Refusal};
use crate::signature::{KeyKind, Scheme};
use alloc::boxed::Box;
use core::fmt;
use der::Tag;

/// An AlgorithmIdentifier: identifier and parameters together say what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignatureAlgorithm {
    Accepted(&'static Accepted),
    /// RSASSA-PSS that would be accepted with a salt as long as its hash. This one has so many bytes.
    OtherSalt(Hash, u16),
    Other {
        oid: Box<[u8]>,
        /// The parameters in DER; empty when absent.
        parameters: Box<[u8]>,
    },
}

/// An accepted algorithm: identifier, parameters as above, and what they mean.
type Accepted = (&'static [u8], &'static [u8], Primitive);

/// The primitive of an accepted algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    RsaPkcs1(Hash),
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
}

impl Primitive {
    /// The scheme with a key of this kind; `None` when such a key does not sign so.
    pub(super) const fn scheme(self, kind: KeyKind) -> Option<Scheme> {
        match (self, kind) {
            (Self::RsaPkcs1(hash), KeyKind::Rsa { .. }) => Some(Scheme::RsaPkcs1(hash)),
            (Self::RsaPss(hash), KeyKind::Rsa { .. }) => Some(Scheme::RsaPss(hash)),
            (Self::Ed25519, KeyKind::Ed25519) => Some(Scheme::Ed25519),
            (Self::Ecdsa(hash), KeyKind::Ec(curve)) => Some(Scheme::Ecdsa(curve, hash)),
            _ => None,
        }
    }
}

const NULL: &[u8] = &[0x05, 0x00];
const ABSENT: &[u8] = &[];

const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const MGF1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";

/// The parameters of RSASSA-PSS (RFC 4055 section 3.1): the hash, MGF1 with the same hash, a salt as long as the
/// hash; the trailer is the default, which DER leaves out. The hash identifiers have NULL here, as in every
/// certificate of a public authority; without it they mean the same (section 2.1). Any other set is refused, the
/// empty one with it, which means SHA-1.
const PSS_SHA256: &[u8] = b"\
    \x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa2\x03\x02\x01\x20";
const PSS_SHA384: &[u8] = b"\
    \x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa2\x03\x02\x01\x30";
const PSS_SHA512: &[u8] = b"\
    \x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
    \xa2\x03\x02\x01\x40";

/// The accepted algorithms with their parameters. RSA has NULL, and without it is the same algorithm (RFC 4055 section
/// 5); ECDSA has none (RFC 5758 section 3.2), and authorities exist that write NULL; Ed25519 has none at all (RFC 8410
/// section 3). What is weaker than SHA-256 is not here.
const ACCEPTED: &[Accepted] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", NULL, Primitive::RsaPkcs1(Hash::Sha256)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", NULL, Primitive::RsaPkcs1(Hash::Sha384)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", NULL, Primitive::RsaPkcs1(Hash::Sha512)),
    (RSASSA_PSS, PSS_SHA256, Primitive::RsaPss(Hash::Sha256)),
    (RSASSA_PSS, PSS_SHA384, Primitive::RsaPss(Hash::Sha384)),
    (RSASSA_PSS, PSS_SHA512, Primitive::RsaPss(Hash::Sha512)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x02", ABSENT, Primitive::Ecdsa(Hash::Sha256)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x03", ABSENT, Primitive::Ecdsa(Hash::Sha384)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x04", ABSENT, Primitive::Ecdsa(Hash::Sha512)),
    (b"\x2b\x65\x70", ABSENT, Primitive::Ed25519),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", ABSENT, Primitive::RsaPkcs1(Hash::Sha256)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", ABSENT, Primitive::RsaPkcs1(Hash::Sha384)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", ABSENT, Primitive::RsaPkcs1(Hash::Sha512)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x02", NULL, Primitive::Ecdsa(Hash::Sha256)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x03", NULL, Primitive::Ecdsa(Hash::Sha384)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x04", NULL, Primitive::Ecdsa(Hash::Sha512)),
];

impl SignatureAlgorithm {
    /// Reads an AlgorithmIdentifier, whatever algorithm it is. Whether it is accepted is asked when a
    /// signature is checked, so that a root, whose own signature is not, may be signed with anything.
    pub(super) fn read(fields: &Fields<'_>, identifier: &Field<'_>) -> Result<Self, Refusal> {
        let mut inside = fields.inside(identifier)?;
        let oid = inside.oid("signatureAlgorithm.algorithm")?;
        let parameters = match inside.is_empty() {
            true => ABSENT,
            false => inside.any("signatureAlgorithm.parameters")?.der,
        };
        inside.finish("signatureAlgorithm")?;
        let known =
            |(of_known, with, _): &&Accepted| (*of_known, *with) == (oid.bytes(), parameters);
        if let Some(accepted) = ACCEPTED.iter().find(known) {
            return Ok(Self::Accepted(accepted));
        }
        let spelled = (oid.bytes() == RSASSA_PSS).then(|| pss(parameters)).flatten();
        let other = || Self::Other { oid: oid.bytes().into(), parameters: parameters.into() };
        Ok(spelled.unwrap_or_else(other))
    }

    /// The primitive, when the algorithm is an accepted one with its parameters.
    pub(super) const fn primitive(&self) -> Option<Primitive> {
        match self {
            Self::Accepted((_, _, primitive)) => Some(*primitive),
            Self::OtherSalt(..) | Self::Other { .. } => None,
        }
    }
}

/// RSASSA-PSS of one hash, however its identifiers are written; `None` for parameters that are not of this form, or that
/// mean SHA-1. A salt that is not there is as long as a SHA-1 (RFC 4055 section 3.1).
fn pss(parameters: &[u8]) -> Option<SignatureAlgorithm> {
    let code = Code::CertificateMalformed;
    let mut fields = Fields::of_sequence(parameters, "parameters", code).ok()?;
    let mut explicit = |number| {
        let field = fields.take_if(constructed(number), "parameters").ok()?;
        Some(field.map(|field| field.contents))
    };
    let (hash, mask, salt) = (explicit(0)??, explicit(1)??, explicit(2)?);
    fields.finish("parameters").ok()?;
    let hash = hash_of(hash)?;
    let mut mask = Fields::of_sequence(mask, "parameters", code).ok()?;
    let is_mgf1 = mask.oid("parameters").ok()?.bytes() == MGF1;
    let of_mask = mask.any("parameters").ok()?.der;
    mask.finish("parameters").ok()?;
    if !is_mgf1 || hash_of(of_mask) != Some(hash) {
        return None;
    }
    let salt = salt.map_or(Some(digest_bytes(Hash::Sha1)), small_integer)?;
    if salt != digest_bytes(hash) {
        return Some(SignatureAlgorithm::OtherSalt(hash, salt));
    }
    let means = Primitive::RsaPss(hash);
    ACCEPTED.iter().find(|(.., own)| *own == means).map(SignatureAlgorithm::Accepted)
}

/// The hash that an AlgorithmIdentifier names, with NULL or without (RFC 4055 section 2.1).
fn hash_of(identifier: &[u8]) -> Option<Hash> {
    let mut inside =
        Fields::of_sequence(identifier, "parameters", Code::CertificateMalformed).ok()?;
    let oid = inside.oid("parameters").ok()?;
    let null = inside.take_if(Tag::Null, "parameters").ok()?;
    inside.finish("parameters").ok()?;
    if null.is_some_and(|null| !null.contents.is_empty()) {
        return None;
    }
    match oid.bytes().strip_prefix(b"\x60\x86\x48\x01\x65\x03\x04\x02")? {
        [1] => Some(Hash::Sha256),
        [2] => Some(Hash::Sha384),
        [3] => Some(Hash::Sha512),
        _ => None,
    }
}

/// How long a digest is, which the salt must be as well.
const fn digest_bytes(hash: Hash) -> u16 {
    match hash {
        Hash::Sha1 => 20,
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    }
}

/// An INTEGER from 0 to 32767.
fn small_integer(der: &[u8]) -> Option<u16> {
    match *der {
        [0x02, 1, low @ 0..=0x7f] => Some(low.into()),
        [0x02, 2, 0, low @ 0x80..=0xff] => Some(low.into()),
        [0x02, 2, high @ 1..=0x7f, low] => Some(u16::from_be_bytes([high, low])),
        _ => None,
    }
}

impl fmt::Display for SignatureAlgorithm {
    /// The identifier, and the parameters in hexadecimal when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oid, parameters): (&[u8], &[u8]) = match self {
            Self::OtherSalt(hash, salt) => {
                let (hash, bytes) = (hash.name(), digest_bytes(*hash));
                return write!(f, "RSASSA-PSS with {hash} and a salt of {salt} bytes, not {bytes}");
            }
            Self::Accepted((oid, parameters, _)) => (oid, parameters),
            Self::Other { oid, parameters } => (oid, parameters),
        };
        write!(f, "{}", Oid::shown(oid))?;
        if !parameters.is_empty() {
            f.write_str(" with parameters ")?;
        }
        write!(f, "{}", Hex(parameters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::Curve;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const RSA: KeyKind = KeyKind::Rsa { bits: 2048 };

    /// One value; the contents are short.
    fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    fn primitive(oid: &[u8], parameters: &[u8]) -> Option<Primitive> {
        read(oid, parameters).primitive()
    }

    fn read(oid: &[u8], parameters: &[u8]) -> SignatureAlgorithm {
        let identifier = tlv(0x30, &[&tlv(6, oid), parameters].concat());
        let mut fields = Fields::of(&identifier, Code::CertificateMalformed).unwrap();
        let identifier = fields.any("signatureAlgorithm").unwrap();
        SignatureAlgorithm::read(&fields, &identifier).unwrap()
    }

    fn hash(last: u8, parameters: &[u8]) -> Vec<u8> {
        let oid = tlv(6, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]);
        tlv(0x30, &[&oid, parameters].concat())
    }

    /// `RSASSA-PSS-params`, from the identifiers of its hash and of the hash of MGF1.
    fn pss(of_message: &[u8], of_mask: &[u8], rest: &[u8]) -> Vec<u8> {
        let mgf1 = tlv(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08");
        let mask = tlv(0xa1, &tlv(0x30, &[&mgf1, of_mask].concat()));
        tlv(0x30, &[&tlv(0xa0, of_message), &mask, rest].concat())
    }

    fn salt(bytes: u8) -> Vec<u8> {
        tlv(0xa2, &tlv(2, &[bytes]))
    }

    #[test]
    fn x15_pss_has_one_of_three_sets_of_parameters() {
        let oid = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
        let check = |parameters: &[u8], expect: Option<Hash>| {
            let found = primitive(oid, parameters);
            assert_eq!(found, expect.map(Primitive::RsaPss), "{parameters:02x?}");
        };
        let (sha256, sha384) = (hash(1, NULL), hash(2, NULL));
        check(&pss(&sha256, &sha256, &salt(32)), Some(Hash::Sha256));
        check(&pss(&sha384, &sha384, &salt(48)), Some(Hash::Sha384));
        check(&pss(&hash(3, NULL), &hash(3, NULL), &salt(64)), Some(Hash::Sha512));
        for bytes in [0, 20, 31, 33, 48, 64] {
            check(&pss(&sha256, &sha256, &salt(bytes)), None);
        }
        check(&pss(&sha256, &sha384, &salt(32)), None);
        check(&pss(&sha384, &sha256, &salt(48)), None);
        check(&pss(&sha256, &sha256, &[]), None);
        // The hash identifiers with NULL or without mean the same.
        check(&pss(&hash(1, &[]), &hash(1, &[]), &salt(32)), Some(Hash::Sha256));
        check(&pss(&hash(2, &[]), &sha384, &salt(48)), Some(Hash::Sha384));
        check(&pss(&hash(3, NULL), &hash(3, &[]), &salt(64)), Some(Hash::Sha512));
        check(&pss(&hash(1, &[]), &hash(2, &[]), &salt(32)), None);
        check(&pss(&hash(1, b"\x05\x01\x00"), &sha256, &salt(32)), None);
        check(&pss(&hash(1, b"\x04\x00"), &sha256, &salt(32)), None);
        check(&pss(&hash(1, b"\x05\x00\x05\x00"), &sha256, &salt(32)), None);
        check(&pss(&sha256, &sha256, b"\xa2\x04\x02\x02\x00\x20"), None);
        check(&pss(&sha256, &sha256, b"\xa2\x04\x02\x02\x01\x20"), None);
        check(&pss(&hash(4, NULL), &hash(4, NULL), &salt(28)), None);
        let trailer = |number| tlv(0xa3, &tlv(2, &[number]));
        check(&pss(&sha256, &sha256, &[salt(32), trailer(1)].concat()), None);
        check(&pss(&sha256, &sha256, &[salt(32), trailer(2)].concat()), None);
        // Nothing, and nothing inside, mean SHA-1.
        for parameters in [ABSENT, NULL, &[0x30, 0]] {
            check(parameters, None);
        }
    }

    #[test]
    fn a_salt_of_another_length_is_named() {
        let oid = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
        let check = |parameters: &[u8], expect: &str| {
            assert_eq!(read(oid, parameters).to_string(), expect);
        };
        let (sha256, sha512) = (hash(1, NULL), hash(3, &[]));
        let named = |hash: &str, salt: u16, bytes: usize| {
            alloc::format!("RSASSA-PSS with {hash} and a salt of {salt} bytes, not {bytes}")
        };
        check(&pss(&sha256, &sha256, &salt(20)), &named("SHA-256", 20, 32));
        check(&pss(&sha256, &sha256, &salt(0)), &named("SHA-256", 0, 32));
        // Nothing said means 20.
        check(&pss(&sha512, &sha512, &[]), &named("SHA-512", 20, 64));
        check(&pss(&sha512, &sha512, b"\xa2\x04\x02\x02\x00\xbe"), &named("SHA-512", 190, 64));
        check(&pss(&sha512, &sha512, b"\xa2\x04\x02\x02\x01\x20"), &named("SHA-512", 288, 64));
        let other = read(oid, &[0x30, 0]).to_string();
        assert_eq!(other, "1.2.840.113549.1.1.10 with parameters 3000");
    }

    #[test]
    fn x15_parameters_are_exact() {
        let ed25519 = b"\x2b\x65\x70";
        assert_eq!(primitive(ed25519, ABSENT), Some(Primitive::Ed25519));
        assert_eq!(primitive(ed25519, NULL), None);
        assert_eq!(primitive(b"\x2b\x65\x71", ABSENT), None);
        let ecdsa = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
        assert_eq!(primitive(ecdsa, ABSENT), Some(Primitive::Ecdsa(Hash::Sha256)));
        assert_eq!(primitive(ecdsa, NULL), Some(Primitive::Ecdsa(Hash::Sha256)));
        assert_eq!(primitive(ecdsa, b"\x05\x01\x00"), None);
        assert_eq!(primitive(ecdsa, b"\x06\x01\x2a"), None);
        let rsa = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
        assert_eq!(primitive(rsa, NULL), Some(Primitive::RsaPkcs1(Hash::Sha256)));
        assert_eq!(primitive(rsa, ABSENT), Some(Primitive::RsaPkcs1(Hash::Sha256)));
        assert_eq!(primitive(rsa, &[0x30, 0]), None);
        // SHA-1, in either form.
        let sha1 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05";
        assert_eq!([primitive(sha1, NULL), primitive(sha1, ABSENT)], [None, None]);
    }

    #[test]
    fn a_primitive_needs_its_kind_of_key() {
        let kinds = [RSA, KeyKind::Ec(Curve::P521), KeyKind::Ed25519, KeyKind::Dsa];
        let check = |primitive: Primitive, expect: [Option<Scheme>; 4]| {
            assert_eq!(kinds.map(|kind| primitive.scheme(kind)), expect, "{primitive:?}");
        };
        let hash = Hash::Sha384;
        check(Primitive::RsaPkcs1(hash), [Some(Scheme::RsaPkcs1(hash)), None, None, None]);
        check(Primitive::RsaPss(hash), [Some(Scheme::RsaPss(hash)), None, None, None]);
        let ecdsa = Scheme::Ecdsa(Curve::P521, hash);
        check(Primitive::Ecdsa(hash), [None, Some(ecdsa), None, None]);
        check(Primitive::Ed25519, [None, None, Some(Scheme::Ed25519), None]);
    }
}
