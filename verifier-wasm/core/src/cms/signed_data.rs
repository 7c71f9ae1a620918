//! The structure of a message (RFC 5652 sections 3 and 5): read, not believed.

use super::algorithms::AlgorithmIdentifier;
use super::signer_info::{SignerIdentifier, SignerInfo};
use super::{ID_DATA, is, malformed};
use crate::ber;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::x509::fields::{Fields, Oid, constructed};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;
use core::fmt;
use der::Tag;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// Names of content types, for the one who reads the refusal.
const CONTENT_TYPES: [(ObjectIdentifier, &str); 10] = [
    (ID_DATA, "id-data"),
    (SIGNED_DATA, "id-signedData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3"), "id-envelopedData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.4"), "signedAndEnvelopedData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.5"), "id-digestedData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6"), "id-encryptedData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.2"), "id-ct-authData"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4"), "id-ct-TSTInfo"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.9"), "id-ct-compressedData"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.4"), "Authenticode"),
];

/// A message of the right structure. Nothing in it is proven, and nothing can be decided by it; see
/// [`SignedMessage::verify`].
#[derive(Clone)]
pub struct SignedMessage {
    digest_algorithms: Vec<AlgorithmIdentifier>,
    content: Option<Arc<[u8]>>,
    /// The certificates that the message carries, unparsed.
    certificates: Vec<Vec<u8>>,
    signer: SignerInfo,
}

/// A signed document is a secret while it lives: nothing of it shows.
impl fmt::Debug for SignedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedMessage").finish_non_exhaustive()
    }
}

impl SignedMessage {
    /// Reads a ContentInfo with SignedData over id-data, in BER or DER, of at most [`limits::CMS_BYTES`] bytes.
    ///
    /// # Errors
    /// [`Code::CmsTooLarge`]; [`Code::BerMalformed`], [`Code::BerTooDeep`] and [`Code::BerTooMany`] as
    /// [`ber::to_der`]; [`Code::CmsContentType`], with the name of the type; [`Code::CmsSignerCount`];
    /// [`Code::CmsAttributes`] for signed attributes that are not DER, repeated, or lack contentType or
    /// messageDigest; [`Code::CmsMalformed`] for everything else, with the name of the field.
    pub fn parse(message: &[u8]) -> Result<Self, Refusal> {
        let der = normalised(message)?;
        Self::read(signed_data(&der)?)
    }

    /// Reads the members of SignedData (section 5.1).
    fn read(mut fields: Fields<'_>) -> Result<Self, Refusal> {
        let version = fields.take(Tag::Integer, "version")?.contents;
        let digest_algorithms = digest_algorithms(&mut fields)?;
        let content = content(&mut fields)?;
        let certificates = certificates(&mut fields)?;
        if fields.take_if(constructed(1), "crls")?.is_some() {
            return Err(malformed("crls").expected("none"));
        }
        let signer = only_signer(&mut fields)?;
        fields.finish("SignedData")?;
        // With id-data and nothing but X.509 certificates the version says only how the signer is named.
        let expected: &[u8] = match signer.identifier {
            SignerIdentifier::IssuerAndSerialNumber { .. } => &[1],
            SignerIdentifier::SubjectKeyIdentifier(_) => &[3],
        };
        match version == expected {
            true => Ok(Self { digest_algorithms, content, certificates, signer }),
            false => Err(malformed("version")),
        }
    }

    /// The content inside the message, to be shared.
    pub(super) fn shared_content(&self) -> Option<Arc<[u8]>> {
        self.content.clone()
    }

    pub(super) fn digest_algorithms(&self) -> &[AlgorithmIdentifier] {
        &self.digest_algorithms
    }

    /// The content inside the message. Nobody has verified it.
    pub(crate) fn attached(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates that the message carries. Nobody has looked into them.
    pub(super) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    pub(super) const fn signer(&self) -> &SignerInfo {
        &self.signer
    }
}

/// A message of at most [`limits::CMS_BYTES`] bytes in DER.
pub(super) fn normalised(message: &[u8]) -> Result<Vec<u8>, Refusal> {
    if message.len() > limits::CMS_BYTES {
        return Err(Refusal::new(Code::CmsTooLarge)
            .expected(limits::CMS_BYTES)
            .found(message.len()));
    }
    ber::to_der(message)
}

/// The members of the SignedData that a ContentInfo in DER is around (sections 3 and 5.1).
pub(super) fn signed_data(der: &[u8]) -> Result<Fields<'_>, Refusal> {
    let mut info = Fields::of_sequence(der, "ContentInfo", Code::CmsMalformed)?;
    check_content_type(info.oid("contentType")?, &SIGNED_DATA)?;
    let content = info.take(constructed(0), "content")?;
    let mut content = info.inside(&content)?;
    let signed_data = content.take(Tag::Sequence, "SignedData")?;
    let fields = content.inside(&signed_data)?;
    content.finish("content")?;
    info.finish("ContentInfo")?;
    Ok(fields)
}

fn check_content_type(found: Oid<'_>, expected: &ObjectIdentifier) -> Result<(), Refusal> {
    if is(found, expected) {
        return Ok(());
    }
    let name = |oid: Oid<'_>| match CONTENT_TYPES.iter().find(|(known, _)| is(oid, known)) {
        Some((_, name)) => (*name).to_string(),
        None => oid.to_string(),
    };
    Err(Refusal::new(Code::CmsContentType)
        .expected(name(Oid::shown(expected.as_bytes())))
        .found(name(found)))
}

fn digest_algorithms(fields: &mut Fields<'_>) -> Result<Vec<AlgorithmIdentifier>, Refusal> {
    let set = fields.take(Tag::Set, "digestAlgorithms")?;
    let mut set = fields.inside(&set)?;
    let mut all = Vec::new();
    while !set.is_empty() {
        all.push(AlgorithmIdentifier::read(&mut set, "digestAlgorithms")?);
    }
    Ok(all)
}

/// EncapsulatedContentInfo (section 5.2). Without eContent the message is detached.
fn content(fields: &mut Fields<'_>) -> Result<Option<Arc<[u8]>>, Refusal> {
    let encapsulated = fields.take(Tag::Sequence, "encapContentInfo")?;
    let mut encapsulated = fields.inside(&encapsulated)?;
    check_content_type(encapsulated.oid("eContentType")?, &ID_DATA)?;
    let content = match encapsulated.take_if(constructed(0), "eContent")? {
        None => None,
        Some(explicit) => {
            let mut inside = encapsulated.inside(&explicit)?;
            let bytes = inside.take(Tag::OctetString, "eContent")?.contents;
            inside.finish("eContent")?;
            Some(bytes.into())
        }
    };
    encapsulated.finish("encapContentInfo")?;
    Ok(content)
}

/// Certificates are let in, because most signers send theirs, and not looked into here. Other kinds than X.509
/// would have another version of SignedData.
pub(super) fn certificates(fields: &mut Fields<'_>) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut all = Vec::new();
    if let Some(certificates) = fields.take_if(constructed(0), "certificates")? {
        let mut certificates = fields.inside(&certificates)?;
        while !certificates.is_empty() {
            all.push(certificates.take(Tag::Sequence, "certificates")?.der.to_vec());
        }
    }
    Ok(all)
}

/// The one SignerInfo. None would verify anything, and of several one may be good and another one read.
fn only_signer(fields: &mut Fields<'_>) -> Result<SignerInfo, Refusal> {
    let set = fields.take(Tag::Set, "signerInfos")?;
    let mut set = fields.inside(&set)?;
    let one = || Refusal::new(Code::CmsSignerCount).expected("one");
    if set.is_empty() {
        return Err(one().found("none"));
    }
    let signer = set.take(Tag::Sequence, "SignerInfo")?;
    if !set.is_empty() {
        return Err(one().found("several"));
    }
    SignerInfo::read(set.inside(&signer)?)
}
