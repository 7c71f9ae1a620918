//! Digest and signature algorithms of a signer (RFC 3370, RFC 5754).

use super::{is, malformed};
use crate::digest::Hash;
use crate::refusal::{Code, Refusal};
use crate::signature::{KeyKind, Scheme};
use crate::x509::fields::{Field, Fields, Oid, constructed};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use const_oid::ObjectIdentifier;
use der::Tag;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// Digest algorithms (RFC 3370 section 2.1, RFC 5754 section 2).
const DIGESTS: [(ObjectIdentifier, Hash); 4] = [
    (oid("1.3.14.3.2.26"), Hash::Sha1),
    (oid("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
    (oid("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
    (oid("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
];

/// Signature algorithms (RFC 3370 sections 3.1 and 3.2, RFC 5754 sections 3.2 and 3.3). rsaEncryption leaves the hash to
/// the digest algorithm.
const SIGNATURES: [(ObjectIdentifier, Primitive, Option<Hash>); 9] = [
    (oid("1.2.840.113549.1.1.1"), Primitive::Rsa, None),
    (oid("1.2.840.113549.1.1.5"), Primitive::Rsa, Some(Hash::Sha1)),
    (oid("1.2.840.113549.1.1.11"), Primitive::Rsa, Some(Hash::Sha256)),
    (oid("1.2.840.113549.1.1.12"), Primitive::Rsa, Some(Hash::Sha384)),
    (oid("1.2.840.113549.1.1.13"), Primitive::Rsa, Some(Hash::Sha512)),
    (oid("1.2.840.10045.4.3.2"), Primitive::Ecdsa, Some(Hash::Sha256)),
    (oid("1.2.840.10045.4.3.3"), Primitive::Ecdsa, Some(Hash::Sha384)),
    (oid("1.2.840.10045.4.3.4"), Primitive::Ecdsa, Some(Hash::Sha512)),
    (oid("1.2.840.10040.4.3"), Primitive::Dsa, Some(Hash::Sha1)),
];

/// Names of algorithms that are offered, for people.
const NAMES: [(ObjectIdentifier, &str); 13] = [
    (oid("1.3.14.3.2.26"), "SHA-1"),
    (oid("2.16.840.1.101.3.4.2.1"), "SHA-256"),
    (oid("2.16.840.1.101.3.4.2.2"), "SHA-384"),
    (oid("2.16.840.1.101.3.4.2.3"), "SHA-512"),
    (oid("1.2.840.113549.1.1.1"), "rsaEncryption"),
    (oid("1.2.840.113549.1.1.5"), "sha1WithRSAEncryption"),
    (oid("1.2.840.113549.1.1.11"), "sha256WithRSAEncryption"),
    (oid("1.2.840.113549.1.1.12"), "sha384WithRSAEncryption"),
    (oid("1.2.840.113549.1.1.13"), "sha512WithRSAEncryption"),
    (oid("1.2.840.10045.4.3.2"), "ecdsa-with-SHA256"),
    (oid("1.2.840.10045.4.3.3"), "ecdsa-with-SHA384"),
    (oid("1.2.840.10045.4.3.4"), "ecdsa-with-SHA512"),
    (oid("1.2.840.10040.4.3"), "dsa-with-SHA1"),
];

/// Names of algorithms that are not offered, for the one who reads the refusal.
const NOT_OFFERED: [(ObjectIdentifier, &str); 6] = [
    (oid("1.2.840.113549.2.5"), "MD5"),
    (oid("1.2.840.113549.1.1.4"), "RSA with MD5"),
    (oid("1.2.840.113549.1.1.10"), "RSASSA-PSS"),
    (oid("1.2.840.10040.4.1"), "DSA"),
    (oid("2.16.840.1.101.3.4.3.2"), "DSA with SHA-256"),
    (oid("1.3.101.112"), "Ed25519"),
];

/// The arithmetic of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Rsa,
    Ecdsa,
    Dsa,
}

/// A signature algorithm, and the hash when it names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignatureAlgorithm {
    pub(super) primitive: Primitive,
    pub(super) hash: Option<Hash>,
}

/// An AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AlgorithmIdentifier {
    oid: Box<[u8]>,
    parameters: Parameters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parameters {
    Absent,
    Null,
    Other,
}

impl AlgorithmIdentifier {
    /// Reads the next value of a structure, a SEQUENCE.
    pub(super) fn read(fields: &mut Fields<'_>, name: &str) -> Result<Self, Refusal> {
        let identifier = fields.take(Tag::Sequence, name)?;
        Self::read_contents(fields, &identifier, name)
    }

    /// Reads what `identifier` contains: it may have an implicit tag.
    fn read_contents(
        fields: &Fields<'_>,
        identifier: &Field<'_>,
        name: &str,
    ) -> Result<Self, Refusal> {
        let mut inside = fields.inside(identifier)?;
        let oid = inside.oid(name)?;
        let parameters = match inside.is_empty() {
            true => Parameters::Absent,
            false => match inside.any(name)? {
                Field { tag: Tag::Null, contents: [], .. } => Parameters::Null,
                Field { tag: Tag::Null, .. } => return Err(malformed(name)),
                _ => Parameters::Other,
            },
        };
        inside.finish(name)?;
        Ok(Self { oid: oid.bytes().into(), parameters })
    }

    /// The hash function of a digest algorithm. Parameters may be NULL or absent (RFC 5754 section 2).
    /// With `by_signature` it may also be named by the RSA algorithm that has it.
    fn digest(&self, by_signature: bool) -> Option<Hash> {
        if self.parameters == Parameters::Other {
            return None;
        }
        let known = DIGESTS.iter().find(|(oid, _)| is(self.oid(), oid)).map(|(_, hash)| *hash);
        let of_signature = || match self.signature() {
            Ok(SignatureAlgorithm { primitive: Primitive::Rsa, hash }) if by_signature => hash,
            _ => None,
        };
        known.or_else(of_signature)
    }

    /// The signature algorithm. Parameters may be NULL or absent with RSA (RFC 5754 section 3.2). They are absent with
    /// ECDSA (section 3.3), for which signers exist that write NULL, and with DSA (RFC 3370 section 3.1).
    fn signature(&self) -> Result<SignatureAlgorithm, Refusal> {
        let known = SIGNATURES.iter().find(|(oid, ..)| is(self.oid(), oid));
        match (known, self.parameters) {
            (
                Some((_, primitive @ (Primitive::Rsa | Primitive::Ecdsa), hash)),
                Parameters::Absent | Parameters::Null,
            )
            | (Some((_, primitive, hash)), Parameters::Absent) => {
                Ok(SignatureAlgorithm { primitive: *primitive, hash: *hash })
            }
            _ => Err(self.not_offered("signatureAlgorithm")),
        }
    }

    fn oid(&self) -> Oid<'_> {
        Oid::shown(&self.oid)
    }

    /// Its name for people, or its numbers.
    pub(super) fn name(&self) -> String {
        let known = NAMES.iter().chain(&NOT_OFFERED).find(|(oid, _)| is(self.oid(), oid));
        known.map_or_else(|| self.oid().to_string(), |(_, name)| (*name).to_string())
    }

    fn not_offered(&self, field: &str) -> Refusal {
        let name = NOT_OFFERED.iter().find(|(oid, _)| is(self.oid(), oid));
        let found = match (name, self.parameters) {
            (Some((_, name)), _) => (*name).to_string(),
            (None, Parameters::Absent) => self.oid().to_string(),
            (None, _) => format!("{} with parameters", self.oid()),
        };
        Refusal::new(Code::UnsupportedCmsAlgorithm).detail(field).found(found)
    }
}

/// CMSAlgorithmProtection (RFC 6211): the algorithms, signed.
#[derive(Clone, Debug)]
pub(super) struct AlgorithmProtection {
    digest: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

impl AlgorithmProtection {
    /// Reads CMSAlgorithmProtection (RFC 6211 section 2). In SignedData it has a signature algorithm and no MAC
    /// algorithm.
    pub(super) fn read(values: &mut Fields<'_>) -> Result<Self, Refusal> {
        const NAME: &str = "CMSAlgorithmProtection";
        let sequence = values.take(Tag::Sequence, NAME)?;
        let mut inside = values.inside(&sequence)?;
        let digest = AlgorithmIdentifier::read(&mut inside, NAME)?;
        let signature = inside.take(constructed(1), NAME)?;
        let signature = AlgorithmIdentifier::read_contents(&inside, &signature, NAME)?;
        inside.finish(NAME)?;
        Ok(Self { digest, signature })
    }
}

/// Everything that a message says about the algorithms of its signer.
pub(super) struct Statements<'a> {
    pub(super) digest_algorithms: &'a [AlgorithmIdentifier],
    pub(super) digest_algorithm: &'a AlgorithmIdentifier,
    pub(super) signature_algorithm: &'a AlgorithmIdentifier,
    pub(super) protection: Option<&'a AlgorithmProtection>,
    /// Whether a digest algorithm may be named by a signature algorithm.
    pub(super) digest_by_signature: bool,
}

impl Statements<'_> {
    /// The algorithms, when all statements agree on them.
    pub(super) fn agreed(&self) -> Result<(SignatureAlgorithm, Hash), Refusal> {
        let hash = self
            .digest_algorithm
            .digest(self.digest_by_signature)
            .ok_or_else(|| self.digest_algorithm.not_offered("digestAlgorithm"))?;
        let signature = self.signature_algorithm.signature()?;
        if let Some(named) = signature.hash.filter(|named| *named != hash) {
            return Err(mismatch("signatureAlgorithm").expected(hash.name()).found(named.name()));
        }
        let announces = |algorithm: &AlgorithmIdentifier| {
            algorithm.digest(self.digest_by_signature) == Some(hash)
        };
        if !self.digest_algorithms.iter().any(announces) {
            return Err(mismatch("digestAlgorithms").expected(hash.name()));
        }
        // RFC 6211 section 3 demands the same values: an encoder writes both from one.
        let same = |protection: &AlgorithmProtection| {
            protection.digest == *self.digest_algorithm
                && protection.signature == *self.signature_algorithm
        };
        match self.protection.is_none_or(same) {
            true => Ok((signature, hash)),
            false => Err(mismatch("CMSAlgorithmProtection")),
        }
    }
}

fn mismatch(field: &str) -> Refusal {
    Refusal::new(Code::CmsAlgorithmMismatch).detail(field)
}

/// The refusal of algorithms that the profile or the signer's key does not have.
pub(super) fn not_accepted(signature: SignatureAlgorithm, hash: Hash, by: &str) -> Refusal {
    let primitive: String = match signature.primitive {
        Primitive::Rsa => "RSA".into(),
        Primitive::Ecdsa => "ECDSA".into(),
        Primitive::Dsa => "DSA".into(),
    };
    Refusal::new(Code::UnsupportedCmsAlgorithm)
        .detail(by)
        .found(format_args!("{primitive} with {}", hash.name()))
}

/// The scheme of these algorithms with a key, unless the key is of another kind.
pub(super) fn scheme(signature: SignatureAlgorithm, hash: Hash, key: KeyKind) -> Option<Scheme> {
    match (signature.primitive, key) {
        (Primitive::Rsa, KeyKind::Rsa { .. }) => Some(Scheme::RsaPkcs1(hash)),
        (Primitive::Ecdsa, KeyKind::Ec(curve)) => Some(Scheme::Ecdsa(curve, hash)),
        (Primitive::Dsa, KeyKind::Dsa) if hash == Hash::Sha1 => Some(Scheme::DsaSha1),
        _ => None,
    }
}
