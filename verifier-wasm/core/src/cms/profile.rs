//! What a message must look like, by who makes it.

use super::algorithms::{Primitive, SignatureAlgorithm};
use super::signed_data::SignedMessage;
use crate::digest::Hash;
use crate::json;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::x509::fields::Fields;
use der::Tag;

/// The identifier byte of a SET.
const SET: u8 = 0x31;

/// Who makes the messages, and so which form of them is accepted. A message of one profile never passes
/// under another: the profiles differ in what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Anybody: signed attributes required, also others than those of RFC 5652 section 11 (their values are
    /// not read). RSA and ECDSA with SHA-256, SHA-384 or SHA-512. Unsigned attributes are not read.
    Generic,
    /// Instance identity documents of Amazon EC2, from the endpoint `rsa2048`: signed attributes required,
    /// and none but contentType, messageDigest, signingTime and CMSAlgorithmProtection. RSA with SHA-256; DSA
    /// with SHA-1, which the endpoint `pkcs7` has, only where [`Allow::sha1_dsa`] names it.
    AmazonEc2,
    /// Instance identity documents of Alibaba Cloud ECS: no signed attributes, content that is one JSON
    /// object in ASCII. RSA with SHA-1, which is what that signer does, or SHA-256.
    AlibabaEcs,
    /// Attested documents of Azure virtual machines: content that is one JSON object in ASCII, RSA with
    /// SHA-256, with or without signed attributes (none in every document seen), and a signer whose
    /// certificate is for a host name of Azure's metadata service. The digest algorithm may be named by that
    /// of the signature, `sha256WithRSAEncryption`, as Azure does and no other profile accepts.
    AzureAttested,
}

/// What the one who asks demands of a message.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CmsRules {
    /// Who makes the messages.
    pub profile: Profile,
    /// When given, the signer's certificate must be valid at this time.
    pub time: Option<UnixTime>,
    /// What is accepted beyond the profile.
    pub allow: Allow,
}

/// Weak algorithms that are accepted when they are named here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// RSA with SHA-1 of a pinned signer, under [`Profile::Generic`]; the cloud profiles do not heed it.
    pub sha1_rsa: bool,
    /// DSA with SHA-1 of a pinned signer, under [`Profile::Generic`] and for the older endpoint of [`Profile::AmazonEc2`].
    pub sha1_dsa: bool,
}

impl CmsRules {
    /// Rules for messages of a profile at a time: the signer's certificate must be valid then, and nothing is accepted
    /// beyond the profile.
    #[must_use]
    pub const fn new(profile: Profile, time: UnixTime) -> Self {
        Self { time: Some(time), ..Self::at_any_time(profile) }
    }

    /// As [`CmsRules::new`], but whether the certificate of a pinned signer has expired is not asked.
    #[must_use]
    pub const fn at_any_time(profile: Profile) -> Self {
        Self { profile, time: None, allow: Allow { sha1_rsa: false, sha1_dsa: false } }
    }

    /// With this as [`CmsRules::allow`].
    #[must_use]
    pub const fn with_allow(self, allow: Allow) -> Self {
        Self { allow, ..self }
    }

    /// Whether the algorithms of a message are among those of the profile.
    pub(super) fn accept(&self, signature: SignatureAlgorithm, hash: Hash) -> bool {
        match (self.profile, signature.primitive, hash) {
            (Profile::Generic, Primitive::Rsa, Hash::Sha1) => self.allow.sha1_rsa,
            (Profile::Generic, Primitive::Rsa, _) => true,
            (Profile::Generic, Primitive::Ecdsa, hash) => hash != Hash::Sha1,
            // The older endpoint of EC2: the algorithms are sound enough for nothing else.
            (Profile::Generic | Profile::AmazonEc2, Primitive::Dsa, hash) => {
                hash == Hash::Sha1 && self.allow.sha1_dsa
            }
            (Profile::AmazonEc2, Primitive::Rsa, hash) => hash == Hash::Sha256,
            // With SHA-1 only in the form that this signer writes: rsaEncryption, which names no hash.
            (Profile::AlibabaEcs, Primitive::Rsa, Hash::Sha1) => signature.hash.is_none(),
            (Profile::AlibabaEcs, Primitive::Rsa, hash) => hash == Hash::Sha256,
            (Profile::AzureAttested, Primitive::Rsa, hash) => hash == Hash::Sha256,
            (_, Primitive::Ecdsa | Primitive::Dsa, _) => false,
        }
    }
}

impl Profile {
    /// Whether the certificates in a message count: a signer's may then lead to a root. Amazon and Alibaba send
    /// none, so one that is there belongs to another use (C2).
    pub(super) const fn sends_certificates(self) -> bool {
        match self {
            Self::Generic | Self::AzureAttested => true,
            Self::AmazonEc2 | Self::AlibabaEcs => false,
        }
    }

    /// Its name in requests and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::AmazonEc2 => "amazon-ec2",
            Self::AlibabaEcs => "alibaba-ecs",
            Self::AzureAttested => "azure-attested",
        }
    }

    /// Whether a digest algorithm may be named by a signature algorithm that has it.
    pub(super) const fn digest_by_signature(self) -> bool {
        matches!(self, Self::AzureAttested)
    }

    /// Whether this is a cloud that signs identity documents and nothing else.
    const fn is_cloud(self) -> bool {
        matches!(self, Self::AmazonEc2 | Self::AlibabaEcs | Self::AzureAttested)
    }

    /// Checks the size of the content and the form that the profile demands.
    pub(super) fn check_form(self, message: &SignedMessage, content: &[u8]) -> Result<(), Refusal> {
        if self.is_cloud() && content.len() > limits::DOCUMENT_BYTES {
            return Err(Refusal::new(Code::CmsTooLarge)
                .detail("content")
                .expected(limits::DOCUMENT_BYTES)
                .found(content.len()));
        }
        if self.is_cloud() && message.signer().has_unsigned_attributes {
            return Err(Refusal::new(Code::CmsAttributes).detail("unsignedAttrs").expected("none"));
        }
        match self {
            Self::Generic => self.check_attributes(message, content),
            Self::AmazonEc2 => {
                self.check_attributes(message, content)?;
                check_no_others(message)
            }
            Self::AlibabaEcs | Self::AzureAttested => {
                self.check_attributes(message, content)?;
                check_no_others(message)?;
                check_ascii(content)?;
                json::parse_object(content).map(drop)
            }
        }
    }

    /// Signed attributes are there or not as the profile says.
    ///
    /// Without them the signature is over the content itself, and the DER of another message's attributes
    /// would be content that its signer did sign (draft-ietf-lamps-cms-euf-cma-signeddata). Azure may have
    /// them or not, because its content is always a JSON object, and no SET of attributes is one.
    fn check_attributes(self, message: &SignedMessage, content: &[u8]) -> Result<(), Refusal> {
        let present = message.signer().attributes.is_some();
        if !present && is_a_set(content) {
            return Err(Refusal::new(Code::CmsAttributesConfusion));
        }
        let expected = match self {
            Self::Generic | Self::AmazonEc2 if !present => "present",
            Self::AlibabaEcs if present => "absent",
            _ => return Ok(()),
        };
        Err(Refusal::new(Code::CmsAttributes).detail("signedAttrs").expected(expected))
    }
}

/// Whoever asks for a document chooses its audience, and the signature is over a SHA-1: two documents with one
/// digest differ in blocks that look random. These do not fit into printable ASCII, and honest ones do.
fn check_ascii(content: &[u8]) -> Result<(), Refusal> {
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    match content.iter().all(is_text) {
        true => Ok(()),
        false => Err(Refusal::new(Code::DocumentMalformed).expected("printable ASCII")),
    }
}

/// No attributes but those whose meaning is checked.
fn check_no_others(message: &SignedMessage) -> Result<(), Refusal> {
    match message.signer().attributes.as_ref().and_then(|attributes| attributes.other.as_deref()) {
        None => Ok(()),
        Some(other) => Err(Refusal::new(Code::CmsAttributes)
            .expected("contentType, messageDigest, signingTime, CMSAlgorithmProtection")
            .found(other)),
    }
}

/// Whether the content is one DER value of type SET, as signed attributes are when they are signed.
fn is_a_set(content: &[u8]) -> bool {
    // What cannot be one needs no refusal to be made.
    if content.first() != Some(&SET) {
        return false;
    }
    let read = |mut fields: Fields<'_>| {
        fields.take(Tag::Set, "content")?;
        fields.finish("content")
    };
    Fields::of(content, Code::CmsAttributesConfusion).and_then(read).is_ok()
}
