//! Certificate revocation lists (RFC 5280 section 5): strict DER, read once.
//!
//! What is read is a *complete* list of the revocations of *its own signer*, possibly of a part of them
//! (issuingDistributionPoint). A delta list and an indirect list refuse by name: whoever ignored their
//! marks would take a few changes for everything, or one authority's revocations for another's.

mod edition;
mod entries;
mod scope;

pub(crate) use edition::{Floors, gives_way};
pub use edition::{Lineage, VerifiedList};
pub use entries::RevocationReason;

use super::algorithm::SignatureAlgorithm;
use super::certificate::Certificate;
use super::distribution_points::Reasons;
use super::extensions::authority_key_identifier;
use super::fields::{Fields, Oid, constructed, whole_bytes};
use super::names::Name;
use super::validity::either_time;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::ops::Range;
use der::Tag;
use edition::Edition;
use entries::Entries;
use scope::Scope;

/// A revocation list that is well-formed. Nothing about it is trusted. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Crl(Arc<List>);

#[derive(Debug)]
struct List {
    raw: Box<[u8]>,
    /// The signed bytes within `raw`.
    tbs: Range<usize>,
    signature_algorithm: SignatureAlgorithm,
    signature: Box<[u8]>,
    issuer: Name,
    edition: Edition,
    next_update: UnixTime,
    entries: Entries,
    scope: Scope,
    authority_key: Option<Box<[u8]>>,
}

impl Crl {
    /// Reads a CertificateList of at most [`limits::CRL_BYTES`] bytes and [`limits::CRL_ENTRIES`] entries.
    ///
    /// Version 1 has no extensions, of the list or of an entry. Without a cRLNumber the date alone tells an old list from a
    /// new one. A freedom that RFC 5280 leaves authorities is refused here: a list without nextUpdate would never be stale.
    ///
    /// # Errors
    /// [`Code::CrlTooLarge`], also for a distribution point of more names than any has; [`Code::UnsupportedCrlDelta`] and [`Code::UnsupportedCrlIndirect`] for these kinds;
    /// [`Code::CrlExtensionCritical`] for an unknown critical extension of the list or of any entry;
    /// [`Code::CrlMalformed`] for what is not the strict DER of section 5.1. The detail names the field.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        if der.len() > limits::CRL_BYTES {
            return Err(Refusal::new(Code::CrlTooLarge)
                .expected(format_args!("at most {} bytes", limits::CRL_BYTES))
                .found(der.len()));
        }
        let mut outer = Fields::of(der, Code::CrlMalformed)?;
        let list = outer.take(Tag::Sequence, "certificateList")?;
        outer.finish("certificateList")?;
        let mut fields = Fields::of(list.contents, Code::CrlMalformed)?;
        let tbs = fields.take(Tag::Sequence, "tbsCertList")?;
        let outer_algorithm = fields.take(Tag::Sequence, "signatureAlgorithm")?;
        let signature = fields.take(Tag::BitString, "signatureValue")?;
        let signature =
            whole_bytes(signature.contents).ok_or_else(|| fields.wrong("signatureValue"))?;
        let signature_algorithm = SignatureAlgorithm::read(&fields, &outer_algorithm)?;
        let content = fields.inside(&tbs)?;
        fields.finish("certificateList")?;
        // The signed bytes are the first within the outer value.
        let start = der.len().saturating_sub(list.contents.len());
        let signed = start..start.saturating_add(tbs.der.len());
        let tbs = Tbs::read(content, outer_algorithm.der)?;
        Ok(Self(Arc::new(List {
            raw: der.into(),
            tbs: signed,
            signature_algorithm,
            signature: signature.into(),
            issuer: tbs.issuer,
            edition: tbs.edition,
            next_update: tbs.next_update,
            entries: tbs.entries,
            scope: tbs.scope,
            authority_key: tbs.authority_key,
        })))
    }

    /// The whole list in DER, as it came in.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The TBSCertList in DER, as it came in: the signed bytes.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.raw.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// Who says so.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// From when on it holds.
    #[must_use]
    pub fn this_update(&self) -> UnixTime {
        self.0.edition.this_update
    }

    /// The second at which it no longer holds: by then the next list is there.
    #[must_use]
    pub fn next_update(&self) -> UnixTime {
        self.0.next_update
    }

    /// Its cRLNumber: the contents of an INTEGER from zero on.
    #[must_use]
    pub fn number(&self) -> Option<&[u8]> {
        self.0.edition.number.as_deref()
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.count()
    }

    /// Whether it revokes none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why the certificate with this serial number ([`Certificate::serial`]) is revoked; `None` when the list
    /// does not have it.
    #[must_use]
    pub fn reason_of(&self, serial: &[u8]) -> Option<RevocationReason> {
        self.0.entries.reason_of(serial)
    }

    /// Whether this is the very value that `other` is a copy of.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether this one stands in the place of `other` of the same lineage. Of two that neither date nor number tells apart
    /// it is the one that revokes more.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        match self.edition().compared(other.edition()) {
            Ordering::Less => false,
            Ordering::Equal => self.len() > other.len(),
            Ordering::Greater => true,
        }
    }

    /// Which of the lists of its lineage it is.
    pub(super) fn edition(&self) -> &Edition {
        &self.0.edition
    }

    /// For which reasons silence of the list about `certificate` means that it is not revoked.
    ///
    /// # Errors
    /// Why the certificate is not of the part of the issuer's certificates that the list is about, in words.
    pub(super) fn covers(&self, certificate: &Certificate) -> Result<Reasons, &'static str> {
        self.0.scope.covers(certificate)
    }

    /// The subjectKeyIdentifier of whoever signed it, as it says itself: a hint at where to begin, and no more.
    pub(super) fn authority_key(&self) -> Option<&[u8]> {
        self.0.authority_key.as_deref()
    }

    /// How it is signed.
    pub(super) fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.0.signature_algorithm
    }

    /// The signature over [`Crl::tbs`], as the algorithm encodes it.
    pub(super) fn signature(&self) -> &[u8] {
        &self.0.signature
    }
}

impl PartialEq for Crl {
    /// The same bytes.
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Crl {}

impl fmt::Display for Crl {
    /// Its issuer and its date.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list of {} of {}", self.issuer(), self.this_update())
    }
}

/// What is signed.
struct Tbs {
    issuer: Name,
    edition: Edition,
    next_update: UnixTime,
    entries: Entries,
    scope: Scope,
    authority_key: Option<Box<[u8]>>,
}

impl Tbs {
    /// Reads a TBSCertList in a list whose outer AlgorithmIdentifier is `outer`.
    fn read(mut fields: Fields<'_>, outer: &[u8]) -> Result<Self, Refusal> {
        // Section 5.1.2.1: version 1 is not written, and there is no other but version 2.
        let may_extend = match fields.take_if(Tag::Integer, "version")? {
            None => false,
            Some(version) if *version.contents == [1] => true,
            Some(_) => return Err(fields.wrong("version").expected("v2, or none for v1")),
        };
        // Section 5.1.1.2: inside and outside the same.
        if fields.take(Tag::Sequence, "signature")?.der != outer {
            return Err(fields.wrong("signature").expected("the algorithm of signatureAlgorithm"));
        }
        let issuer = Name::read(&mut fields, "issuer")?;
        if issuer.is_empty() || issuer.attribute_count() > limits::NAMES {
            return Err(fields.wrong("issuer").expected("a name of an authority"));
        }
        let this_update = either_time(&mut fields, "thisUpdate")?;
        let next_update = either_time(&mut fields, "nextUpdate")?;
        let entries = fields.take_if(Tag::Sequence, "revokedCertificates")?;
        let extensions = match fields.take_if(constructed(0), "crlExtensions")? {
            None => Extensions::default(),
            Some(_) if !may_extend => {
                return Err(fields.wrong("crlExtensions").expected("none in version 1"));
            }
            Some(explicit) => {
                let mut inside = fields.inside(&explicit)?;
                let list = inside.take(Tag::Sequence, "crlExtensions")?;
                let extensions = Extensions::read(inside.inside(&list)?, &issuer)?;
                inside.finish("crlExtensions")?;
                extensions
            }
        };
        // What kind of list it is comes first: the entries of other kinds follow other rules.
        let entries = match entries {
            Some(list) => Entries::read(fields.inside(&list)?, may_extend)?,
            None => Entries::default(),
        };
        fields.finish("tbsCertList")?;
        let Extensions { number, scope, authority_key } = extensions;
        let edition = Edition { this_update, number };
        Ok(Self { issuer, edition, next_update, entries, scope, authority_key })
    }
}

/// id-ce, by encoded identifier.
const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];

/// What the extensions of a list say (section 5.2).
#[derive(Default)]
struct Extensions {
    number: Option<Box<[u8]>>,
    scope: Scope,
    authority_key: Option<Box<[u8]>>,
}

impl Extensions {
    fn read(list: Fields<'_>, issuer: &Name) -> Result<Self, Refusal> {
        let mut number = None;
        let (mut scope, mut authority_key) = (None, None);
        each_extension(list, |oid, critical, value| {
            match oid.bytes() {
                CRL_NUMBER => number = Some(read_number(value)?),
                DELTA_CRL_INDICATOR => {
                    return Err(Refusal::new(Code::UnsupportedCrlDelta).detail(issuer));
                }
                ISSUING_DISTRIBUTION_POINT => scope = Some(Scope::read(value)?),
                // Critical it is refused as any other: nothing is decided by it.
                AUTHORITY_KEY_IDENTIFIER if !critical => {
                    authority_key = authority_key_identifier(value);
                }
                _ if critical => {
                    return Err(Refusal::new(Code::CrlExtensionCritical).detail(issuer).found(oid));
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self { number, scope: scope.unwrap_or_default(), authority_key })
    }
}

/// Hands on each extension of a SEQUENCE of them, each of another type.
fn each_extension<'a>(
    mut list: Fields<'a>,
    mut take: impl FnMut(Oid<'a>, bool, &'a [u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    if list.is_empty() {
        return Err(list.wrong("extensions").expected("at least one extension"));
    }
    let mut seen: Vec<&[u8]> = Vec::new();
    while !list.is_empty() {
        let extension = list.take(Tag::Sequence, "extension")?;
        let mut extension = list.inside(&extension)?;
        let oid = extension.oid("extension.extnID")?;
        let critical = extension.flag("extension.critical")?;
        let value = extension.take(Tag::OctetString, "extension.extnValue")?;
        extension.finish("extension")?;
        if seen.contains(&oid.bytes()) || seen.len() >= limits::EXTENSIONS {
            return Err(list.wrong("extensions").expected("each extension once").found(oid));
        }
        seen.push(oid.bytes());
        take(oid, critical, value.contents)?;
    }
    Ok(())
}

/// A CRLNumber (section 5.2.3): an INTEGER from zero on, of at most 20 bytes.
fn read_number(value: &[u8]) -> Result<Box<[u8]>, Refusal> {
    let mut fields = Fields::of(value, Code::CrlMalformed)?;
    let number = fields.take(Tag::Integer, "cRLNumber")?.contents;
    let wrong = fields.wrong("cRLNumber").expected("an integer from 0 on, of at most 20 bytes");
    fields.finish("cRLNumber")?;
    match number {
        [0x00..=0x7f] | [0x00, 0x80..=0xff, ..] | [0x01..=0x7f, _, ..] if number.len() <= 20 => {
            Ok(number.into())
        }
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests;
