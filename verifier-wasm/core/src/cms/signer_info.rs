//! What a message says about its signer (RFC 5652 section 5.3).

use super::algorithms::AlgorithmIdentifier;
use super::attributes::SignedAttributes;
use super::malformed;
use crate::hex::Hex;
use crate::refusal::Refusal;
use crate::x509::Certificate;
use crate::x509::fields::{Field, Fields, constructed, primitive};
use alloc::boxed::Box;
use core::fmt;
use der::Tag;

/// SignerInfo.
#[derive(Clone, Debug)]
pub(super) struct SignerInfo {
    pub(super) identifier: SignerIdentifier,
    pub(super) digest_algorithm: AlgorithmIdentifier,
    pub(super) attributes: Option<SignedAttributes>,
    pub(super) signature_algorithm: AlgorithmIdentifier,
    pub(super) signature: Box<[u8]>,
    /// There are unsigned attributes. Nothing proves them, so they are not read.
    pub(super) has_unsigned_attributes: bool,
}

/// How the message names its signer: only a key to look a configured certificate up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignerIdentifier {
    IssuerAndSerialNumber {
        /// The name in DER.
        issuer: Box<[u8]>,
        /// The content bytes of the INTEGER.
        serial: Box<[u8]>,
    },
    SubjectKeyIdentifier(Box<[u8]>),
}

impl SignerInfo {
    /// Reads the members of a SignerInfo.
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, Refusal> {
        let version = fields.take(Tag::Integer, "SignerInfo.version")?.contents;
        let identifier = fields.any("sid")?;
        let (identifier, expected) = SignerIdentifier::read(&fields, &identifier)?;
        if version != [expected] {
            return Err(malformed("SignerInfo.version").expected(expected));
        }
        let digest_algorithm = AlgorithmIdentifier::read(&mut fields, "digestAlgorithm")?;
        let attributes = match fields.take_if(constructed(0), "signedAttrs")? {
            None => None,
            Some(received) => Some(SignedAttributes::read(&received)?),
        };
        let signature_algorithm = AlgorithmIdentifier::read(&mut fields, "signatureAlgorithm")?;
        let signature = fields.take(Tag::OctetString, "signature")?.contents.into();
        let has_unsigned_attributes = fields.take_if(constructed(1), "unsignedAttrs")?.is_some();
        fields.finish("SignerInfo")?;
        Ok(Self {
            identifier,
            digest_algorithm,
            attributes,
            signature_algorithm,
            signature,
            has_unsigned_attributes,
        })
    }
}

impl SignerIdentifier {
    /// Whether it names this certificate (RFC 5652 section 5.3): by issuer and serial number byte by byte, or
    /// by the subject key identifier that the certificate itself carries.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerialNumber { issuer, serial } => {
                **issuer == *certificate.issuer_der() && **serial == *certificate.serial()
            }
            Self::SubjectKeyIdentifier(identifier) => {
                certificate.subject_key_identifier() == Some(identifier)
            }
        }
    }

    /// Reads a SignerIdentifier, and says which version of SignerInfo goes with it.
    fn read(fields: &Fields<'_>, sid: &Field<'_>) -> Result<(Self, u8), Refusal> {
        if sid.tag == primitive(0) {
            return Ok((Self::SubjectKeyIdentifier(sid.contents.into()), 3));
        }
        if sid.tag != Tag::Sequence {
            return Err(malformed("sid").found(sid.tag));
        }
        let mut inside = fields.inside(sid)?;
        let issuer = inside.take(Tag::Sequence, "sid.issuer")?.der.into();
        let serial = inside.take(Tag::Integer, "sid.serialNumber")?.contents.into();
        inside.finish("sid")?;
        Ok((Self::IssuerAndSerialNumber { issuer, serial }, 1))
    }
}

impl fmt::Display for SignerIdentifier {
    /// The serial number or the key identifier: what distinguishes signers of one issuer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self {
            Self::IssuerAndSerialNumber { serial, .. } => {
                f.write_str("serial number ")?;
                serial
            }
            Self::SubjectKeyIdentifier(identifier) => {
                f.write_str("subject key identifier ")?;
                identifier
            }
        };
        write!(f, "{}", Hex(bytes.get(..32).unwrap_or(bytes)))
    }
}
