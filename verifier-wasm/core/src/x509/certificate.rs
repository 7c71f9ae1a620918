//! The certificate itself (RFC 5280 section 4.1): strict DER, read once.

use super::algorithm::SignatureAlgorithm;
use super::extensions::{Extension, Extensions};
use super::fields::{Fields, constructed, primitive, whole_bytes};
use super::general_names::{GeneralName, is_host_name};
use super::names::Name;
use super::validity::Validity;
use crate::hex::Hex;
use crate::json::Value;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{PublicKey, RsaLimit};
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use der::Tag;
use once_cell::race::OnceBox;

/// An X.509 certificate that is well-formed. Nothing about it is trusted. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    raw: Box<[u8]>,
    tbs: Tbs,
    signature_algorithm: SignatureAlgorithm,
    signature: Place,
    /// The public key by the standard limit once it was needed: that of a registered certificate is needed at every request.
    key: OnceBox<Result<PublicKey, Refusal>>,
    /// The facts once they were needed: those of a registered signer are needed at every request.
    facts: OnceBox<Value>,
}

/// What is signed.
#[derive(Debug)]
struct Tbs {
    der: Place,
    serial: Place,
    issuer: Name,
    validity: Validity,
    subject: Name,
    public_key_spki: Place,
    extensions: Extensions,
    /// The values that the extensions are.
    extension_list: Place,
}

/// Where bytes of the certificate are in it, so that they need no copy.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    end: usize,
}

impl Place {
    /// Where `part` is in `whole`, out of which it was read.
    fn of(part: &[u8], whole: &[u8]) -> Self {
        let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
        Self { start, end: start.saturating_add(part.len()) }
    }

    fn bytes(self, whole: &[u8]) -> &[u8] {
        whole.get(self.start..self.end).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V1,
    V2,
    V3,
}

impl Certificate {
    /// Reads a certificate of at most [`limits::CERTIFICATE_BYTES`] bytes.
    ///
    /// # Errors
    /// [`Code::CertificateTooLarge`]; [`Code::CertificateMalformed`], [`Code::CertificateVersion`],
    /// [`Code::CertificateSerial`], [`Code::CertificateAlgorithmMismatch`],
    /// [`Code::CertificateExtensionDuplicate`], [`Code::CertificateExtensionInvalid`] and
    /// [`Code::CertificateExtensionsTooMany`] for what is not the strict DER of RFC 5280 section 4.1. The
    /// detail names the field.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        if der.len() > limits::CERTIFICATE_BYTES {
            return Err(Refusal::new(Code::CertificateTooLarge)
                .expected(limits::CERTIFICATE_BYTES)
                .found(der.len()));
        }
        let mut fields = Fields::of_sequence(der, "certificate", Code::CertificateMalformed)?;
        let tbs = fields.take(Tag::Sequence, "tbsCertificate")?;
        let outer = fields.take(Tag::Sequence, "signatureAlgorithm")?;
        let signature = fields.take(Tag::BitString, "signatureValue")?;
        let signature =
            whole_bytes(signature.contents).ok_or_else(|| fields.wrong("signatureValue"))?;
        let signature_algorithm = SignatureAlgorithm::read(&fields, &outer)?;
        let tbs = Tbs::read(fields.inside(&tbs)?, tbs.der, outer.der, der)?;
        fields.finish("certificate")?;
        let (raw, signature) = (der.into(), Place::of(signature, der));
        let (key, facts) = (OnceBox::new(), OnceBox::new());
        Ok(Self(Arc::new(Parts { raw, tbs, signature_algorithm, signature, key, facts })))
    }

    /// The whole certificate in DER, as it came in.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The TBSCertificate in DER, as it came in: the signed bytes.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.tbs.der.bytes(self.raw())
    }

    /// Whom it is about.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.tbs.subject
    }

    /// Who says so.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.tbs.issuer
    }

    /// The subject in DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.0.tbs.subject.der()
    }

    /// The issuer in DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        self.0.tbs.issuer.der()
    }

    /// The content bytes of the serial number: big-endian, with a leading zero byte when the top bit is
    /// set.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.0.tbs.serial.bytes(self.raw())
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn public_key_spki(&self) -> &[u8] {
        self.0.tbs.public_key_spki.bytes(self.raw())
    }

    /// The public key, checked in form.
    ///
    /// # Errors
    /// See [`PublicKey::from_spki_der`].
    pub fn public_key(&self, limit: RsaLimit) -> Result<PublicKey, Refusal> {
        let read = || PublicKey::from_spki_der(self.public_key_spki(), limit);
        match limit {
            RsaLimit::Standard => self.0.key.get_or_init(|| Box::new(read())).clone(),
            RsaLimit::Allow8192 => self.public_key(RsaLimit::Standard).or_else(|_| read()),
        }
    }

    /// What `make` says of it at the first call.
    pub(super) fn facts_or(&self, make: impl FnOnce() -> Value) -> &Value {
        self.0.facts.get_or_init(|| Box::new(make()))
    }

    /// The first second at which it is valid.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        self.0.tbs.validity.not_before
    }

    /// The last second at which it is valid.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.0.tbs.validity.not_after
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        crate::digest::sha256(&self.0.raw)
    }

    /// The subjectKeyIdentifier (RFC 5280 section 4.2.1.2), when the certificate has one.
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.tbs.extensions.subject_key_identifier.as_deref()
    }

    /// Whether issuer and subject are one name (RFC 5280 section 6.1).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.tbs.issuer.matches(&self.0.tbs.subject)
    }

    /// Whether basicConstraints say that it is a certificate authority (RFC 5280 section 6.1.4 (k)). A
    /// certificate of version 1 has no such extension and is none, wherever it is registered.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.tbs.extensions.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Its alternative names that are names of hosts, with wildcards: who reads these judges them.
    pub(crate) fn host_names(&self) -> impl Iterator<Item = &str> {
        self.0.tbs.extensions.subject_alt_names.iter().filter_map(|name| match name {
            GeneralName::Dns(text) if is_host_name(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What its extensions say.
    pub(super) fn extensions(&self) -> &Extensions {
        &self.0.tbs.extensions
    }

    /// Every extension, in their order.
    pub(super) fn extension_list(&self) -> impl Iterator<Item = Extension<'_>> {
        let list = self.0.tbs.extension_list.bytes(self.raw());
        let mut list = Fields::of(list, Code::CertificateMalformed).ok();
        core::iter::from_fn(move || {
            let left = list.as_mut().filter(|left| !left.is_empty())?;
            Extension::read(left).ok()
        })
    }

    /// How it is signed.
    pub(super) fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.0.signature_algorithm
    }

    /// The signature over [`Certificate::tbs`], as the algorithm encodes it.
    pub(super) fn signature(&self) -> &[u8] {
        self.0.signature.bytes(self.raw())
    }
}

impl PartialEq for Certificate {
    /// The same bytes.
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Certificate {}

impl fmt::Display for Certificate {
    /// Its subject; the serial number when the subject is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.tbs.subject.is_empty() {
            return write!(f, "{}", self.0.tbs.subject);
        }
        write!(f, "serial number {}", Hex(self.serial()))
    }
}

impl Tbs {
    /// Reads a TBSCertificate whose encoding is `der`, in the certificate `whole` whose outer AlgorithmIdentifier
    /// is `outer`.
    fn read(
        mut fields: Fields<'_>,
        der: &[u8],
        outer: &[u8],
        whole: &[u8],
    ) -> Result<Self, Refusal> {
        let version = version(&mut fields)?;
        let serial = serial_number(&mut fields)?;
        let inner = fields.take(Tag::Sequence, "signature")?;
        if inner.der != outer {
            return Err(Refusal::new(Code::CertificateAlgorithmMismatch));
        }
        let issuer = Name::read(&mut fields, "issuer")?;
        if issuer.is_empty() {
            return Err(fields.wrong("issuer").expected("a name that is not empty"));
        }
        let validity = fields.take(Tag::Sequence, "validity")?;
        let validity = Validity::read(fields.inside(&validity)?)?;
        let subject = Name::read(&mut fields, "subject")?;
        let public_key_spki = fields.take(Tag::Sequence, "subjectPublicKeyInfo")?.der;
        unique_identifiers(&mut fields, version)?;
        let list = extension_list(&mut fields, version)?;
        let extension_list = Place::of(list.as_ref().map_or(&[], Fields::contents), whole);
        let extensions = list.map_or_else(|| Ok(Extensions::default()), Extensions::read)?;
        fields.finish("tbsCertificate")?;
        let tbs = Self {
            der: Place::of(der, whole),
            serial: Place::of(serial, whole),
            issuer,
            validity,
            subject,
            public_key_spki: Place::of(public_key_spki, whole),
            extensions,
            extension_list,
        };
        tbs.check_names()?;
        // Roots and authorities of serial number 0 exist, and nothing asks which of them it is; a leaf is told apart from
        // others by it.
        let is_authority = tbs.extensions.basic_constraints.is_some_and(|own| own.ca);
        if serial == [0] && !is_authority {
            return Err(Refusal::new(Code::CertificateSerial)
                .detail("serialNumber")
                .expected("a positive number, unless it is an authority"));
        }
        Ok(tbs)
    }

    /// Bounds the names, and demands a subjectAltName where there is no subject. Section 4.1.2.6 asks authorities to mark it
    /// as critical, so that it is not ignored. It is not ignored here.
    fn check_names(&self) -> Result<(), Refusal> {
        let alternatives = self.extensions.subject_alt_names.len();
        let names = self.subject.attribute_count().saturating_add(alternatives);
        if names > limits::NAMES || self.issuer.attribute_count() > limits::NAMES {
            return Err(Refusal::new(Code::CertificateExtensionsTooMany)
                .expected(limits::NAMES)
                .found(names));
        }
        if self.subject.is_empty() && alternatives == 0 {
            return Err(Refusal::new(Code::CertificateExtensionInvalid)
                .detail("subjectAltName must be there when the subject is empty"));
        }
        Ok(())
    }
}

/// `[0] EXPLICIT INTEGER DEFAULT v1` (section 4.1.2.1). DER does not write the default.
fn version(fields: &mut Fields<'_>) -> Result<Version, Refusal> {
    let Some(explicit) = fields.take_if(constructed(0), "version")? else {
        return Ok(Version::V1);
    };
    let mut inside = fields.inside(&explicit)?;
    let number = inside.take(Tag::Integer, "version")?;
    inside.finish("version")?;
    match number.contents {
        [1] => Ok(Version::V2),
        [2] => Ok(Version::V3),
        _ => Err(Refusal::new(Code::CertificateVersion).detail("version").expected("v2 or v3")),
    }
}

/// An INTEGER of at most 20 bytes that is not negative (section 4.1.2.2), in as few bytes as it needs.
fn serial_number<'a>(fields: &mut Fields<'a>) -> Result<&'a [u8], Refusal> {
    let bytes = fields.take(Tag::Integer, "serialNumber")?.contents;
    let fits = match bytes {
        [0x00..=0x7f] => true,
        [0x01..=0x7f, rest @ ..] => rest.len() < 20,
        // A zero byte in front is there only because the next byte has its top bit set.
        [0x00, 0x80..=0xff, ..] => bytes.len() <= limits::SERIAL_BYTES,
        _ => false,
    };
    if fits { Ok(bytes) } else { Err(Refusal::new(Code::CertificateSerial).detail("serialNumber")) }
}

/// `[1]` and `[2] IMPLICIT BIT STRING OPTIONAL`, from version 2 on (section 4.1.2.8). Nothing reads them.
fn unique_identifiers(fields: &mut Fields<'_>, version: Version) -> Result<(), Refusal> {
    for (number, name) in [(1, "issuerUniqueID"), (2, "subjectUniqueID")] {
        let Some(identifier) = fields.take_if(primitive(number), name)? else { continue };
        if version < Version::V2 {
            return Err(Refusal::new(Code::CertificateVersion).detail(name).expected("v2 or v3"));
        }
        if !is_bit_string(identifier.contents) {
            return Err(fields.wrong(name));
        }
    }
    Ok(())
}

/// Whether these are the contents of a BIT STRING in DER: what is unused is zero (X.690 section 11.2.1).
fn is_bit_string(contents: &[u8]) -> bool {
    match *contents {
        [0] => true,
        [unused @ 0..=7, .., last] => last.trailing_zeros() >= u32::from(unused),
        _ => false,
    }
}

/// `[3] EXPLICIT Extensions OPTIONAL`, in version 3 only (section 4.1.2.9).
fn extension_list<'a>(
    fields: &mut Fields<'a>,
    version: Version,
) -> Result<Option<Fields<'a>>, Refusal> {
    let Some(explicit) = fields.take_if(constructed(3), "extensions")? else { return Ok(None) };
    if version < Version::V3 {
        return Err(Refusal::new(Code::CertificateVersion).detail("extensions").expected("v3"));
    }
    let mut inside = fields.inside(&explicit)?;
    let list = inside.take(Tag::Sequence, "extensions")?;
    let list = inside.inside(&list)?;
    inside.finish("extensions")?;
    Ok(Some(list))
}

#[cfg(test)]
mod tests;
