//! The verification of a message (RFC 5652 sections 5.4 and 5.6).

use super::algorithms::{self, Statements};
use super::profile::CmsRules;
use super::signed_data::SignedMessage;
use super::signer::PinnedSigner;
use crate::refusal::{Code, Refusal};
use crate::signature::{KeyKind, Scheme, Session, SignatureFailure, decode_signature};
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::vec::Vec;

/// Content that a configured signer signed. Only [`SignedMessage::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedContent {
    content: Vec<u8>,
    signing_time: Option<UnixTime>,
    signer: Certificate,
}

impl VerifiedContent {
    /// The content.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// When the signer says that it signed (RFC 5652 section 11.3). It is signed, which does not make it true.
    #[must_use]
    pub const fn signing_time(&self) -> Option<UnixTime> {
        self.signing_time
    }

    /// The configured certificate of the signer.
    #[must_use]
    pub const fn signer(&self) -> &Certificate {
        &self.signer
    }
}

impl SignedMessage {
    /// Verifies the message with the signer of `signers` that it names.
    ///
    /// `detached` is content that came beside the message. When there is content inside as well, the two must
    /// be equal.
    ///
    /// # Errors
    /// In this order: [`Code::CmsContentDetached`] and [`Code::CmsContentDiffers`]; [`Code::CmsTooLarge`],
    /// [`Code::CmsAttributes`], [`Code::CmsAttributesConfusion`], [`Code::DocumentMalformed`] and the codes of
    /// [`json::parse_object`](crate::json::parse_object) for what the profile demands of the form;
    /// [`Code::CmsSignerUnknown`] and [`Code::CmsSignerExpired`]; [`Code::CmsAlgorithm`] and
    /// [`Code::CmsAlgorithmMismatch`]; [`Code::CmsDigestMismatch`], [`Code::CmsSignatureInvalid`] and the other
    /// codes of [`SignatureFailure`].
    pub fn verify(
        &self,
        detached: Option<&[u8]>,
        signers: &[PinnedSigner],
        rules: &CmsRules,
        session: &Session<'_>,
    ) -> Result<VerifiedContent, Refusal> {
        let content = self.content(detached)?;
        rules.profile.check_form(self, content)?;
        let signer = self.named_signer(signers, rules.time)?;
        let scheme = self.scheme(signer.key().kind(), rules)?;
        self.check_signature(content, signer, scheme, session)?;
        Ok(VerifiedContent {
            content: content.to_vec(),
            signing_time: self.signer().attributes.as_ref().and_then(|read| read.signing_time),
            signer: signer.certificate().clone(),
        })
    }

    /// The content, from inside or beside the message (RFC 5652 section 5.2).
    fn content<'a>(&'a self, detached: Option<&'a [u8]>) -> Result<&'a [u8], Refusal> {
        match (self.attached(), detached) {
            (None, None) => Err(Refusal::new(Code::CmsContentDetached)),
            (Some(inside), Some(beside)) if inside != beside => {
                Err(Refusal::new(Code::CmsContentDiffers))
            }
            (Some(content), _) | (None, Some(content)) => Ok(content),
        }
    }

    /// The configured signer that the message names.
    fn named_signer<'s>(
        &self,
        signers: &'s [PinnedSigner],
        time: Option<UnixTime>,
    ) -> Result<&'s PinnedSigner, Refusal> {
        let identifier = &self.signer().identifier;
        let signer = signers
            .iter()
            .find(|signer| signer.is_named_by(identifier))
            .ok_or_else(|| Refusal::new(Code::CmsSignerUnknown).found(identifier))?;
        match time {
            None => Ok(signer),
            Some(time) => signer.check_valid_at(time).map(|()| signer),
        }
    }

    /// The scheme that all statements of the message agree on, when the profile and the key have it.
    fn scheme(&self, key: KeyKind, rules: &CmsRules) -> Result<Scheme, Refusal> {
        let signer = self.signer();
        let statements = Statements {
            digest_algorithms: self.digest_algorithms(),
            digest_algorithm: &signer.digest_algorithm,
            signature_algorithm: &signer.signature_algorithm,
            protection: signer.attributes.as_ref().and_then(|read| read.protection.as_ref()),
        };
        let (signature, hash) = statements.agreed()?;
        if !rules.accept(signature, hash) {
            return Err(algorithms::not_accepted(signature, hash, "profile"));
        }
        algorithms::scheme(signature, hash, key)
            .ok_or_else(|| algorithms::not_accepted(signature, hash, "key of the signer"))
    }

    /// Checks the digest of the content against the signed one, then the signature over the attributes; the
    /// signature over the content where there are no attributes.
    ///
    /// The digests are public, so an ordinary comparison gives nothing away; one of another length is unequal.
    fn check_signature(
        &self,
        content: &[u8],
        signer: &PinnedSigner,
        scheme: Scheme,
        session: &Session<'_>,
    ) -> Result<(), Refusal> {
        let hash = scheme.hash().ok_or(Code::CmsAlgorithm)?;
        let signed = match &self.signer().attributes {
            None => content,
            Some(attributes) if attributes.message_digest == hash.digest(content) => {
                &attributes.signed
            }
            Some(_) => return Err(Refusal::new(Code::CmsDigestMismatch)),
        };
        let signature = decode_signature(scheme, signer.key(), &self.signer().signature)
            .ok_or(SignatureFailure::Malformed.refusal(Code::CmsSignatureInvalid))?;
        session
            .verify(scheme, signer.key(), signed, &signature)
            .map_err(|failure| failure.refusal(Code::CmsSignatureInvalid))
    }
}
