//! The verification of a message (RFC 5652 sections 5.4 and 5.6).

use super::algorithms::{self, SignatureAlgorithm};
use super::chain::Authorities;
use super::profile::CmsRules;
use super::signed_data::SignedMessage;
use super::signer::PinnedSigner;
use crate::digest::Hash;
use crate::json::Value;
use crate::refusal::{Code, Refusal};
use crate::signature::{
    KeyKind, PublicKey, Question, RsaLimit, Scheme, Session, SignatureProvider,
};
use crate::time::UnixTime;
use crate::verdict::Stop;
use crate::x509::{Certificate, VerifiedPath};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Whose signatures are believed. A signer that is pinned needs no chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// Certificates of signers, pinned.
    pub signers: &'a [PinnedSigner],
    /// Roots that the certificates in messages may lead to, under the profiles whose makers send certificates:
    /// [`Profile::Generic`](super::Profile::Generic) and [`Profile::AzureAttested`](super::Profile::AzureAttested).
    pub authorities: Option<Authorities<'a>>,
}

/// Content that a trusted signer signed. Only [`SignedMessage::verify`] and [`SignedMessage::verify_by`] make
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedContent {
    content: Arc<[u8]>,
    signing_time: Option<UnixTime>,
    signer: Arc<Certificate>,
    /// How the signer leads to a root, when it is not pinned.
    path: Option<VerifiedPath>,
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

    /// The certificate of the signer: the configured one, or the one in the message that leads to a root.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The verified certificates: the signer's, and those between it and the root when it was not pinned.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let path = self.path.iter().flat_map(|path| path.certificates().skip(1));
        core::iter::once(&*self.signer).chain(path)
    }

    /// What conditions may read of [`VerifiedContent::certificates`], in their order.
    #[must_use]
    pub fn certificate_facts(&self) -> Vec<Value> {
        match &self.path {
            Some(path) => path.all_facts(),
            None => alloc::vec![self.signer.facts()],
        }
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
    /// [`Code::CmsSignerUnknown`], [`Code::CmsSignerExpired`] and [`Code::CmsSignerName`];
    /// [`Code::UnsupportedCmsAlgorithm`] and [`Code::CmsAlgorithmMismatch`]; [`Code::CmsDigestMismatch`],
    /// [`Code::CmsSignatureInvalid`] and the other codes of [`SignatureFailure`](crate::signature::SignatureFailure).
    pub fn verify(
        &self,
        detached: Option<&[u8]>,
        signers: &[PinnedSigner],
        rules: &CmsRules,
        signatures: SignatureProvider<'_>,
    ) -> Result<VerifiedContent, Stop> {
        self.verify_by(detached, &Trust { signers, authorities: None }, rules, signatures)
    }

    /// Verifies the message with its signer, who is pinned or has a chain to a root.
    ///
    /// SHA-1 is accepted from signers that are pinned alone, whatever the rules allow.
    ///
    /// # Errors
    /// As [`SignedMessage::verify`]. Of a chain, after the algorithms: [`Code::CertificatesTooMany`], and the
    /// codes of [`Certificate::from_der`] and of [`verify_path`](crate::x509::verify_path).
    pub fn verify_by(
        &self,
        detached: Option<&[u8]>,
        trust: &Trust<'_>,
        rules: &CmsRules,
        signatures: SignatureProvider<'_>,
    ) -> Result<VerifiedContent, Stop> {
        self.proven_by(detached, trust, rules, &Session::new(signatures))
    }

    /// As [`SignedMessage::verify_by`], in the session of a request.
    pub(crate) fn proven_by(
        &self,
        detached: Option<&[u8]>,
        trust: &Trust<'_>,
        rules: &CmsRules,
        session: &Session<'_>,
    ) -> Result<VerifiedContent, Stop> {
        let content = self.content(detached)?;
        rules.profile.check_form(self, content)?;
        let signing_time = self.signer().attributes.as_ref().and_then(|read| read.signing_time);
        let verified = |signer: Arc<Certificate>, path| VerifiedContent {
            content: self.shared_content().unwrap_or_else(|| content.into()),
            signing_time,
            signer,
            path,
        };
        let authorities = trust.authorities.filter(|_| rules.profile.sends_certificates());
        match (self.named_signer(trust.signers, rules.time), &authorities) {
            (Ok(pinned), _) => {
                rules.profile.check_name(pinned.certificate())?;
                self.check_signature(content, pinned.key(), rules, session)?;
                Ok(verified(pinned.shared(), None))
            }
            (Err(refusal), Some(authorities)) if refusal.code() == Code::CmsSignerUnknown => {
                let (signer, others) = self.embedded_signer()?;
                rules.profile.check_name(&signer)?;
                // Before the signatures of the path, as before every other.
                let (signature, hash) = self.agreed(rules)?;
                if hash == Hash::Sha1 {
                    let what = "signer without a pin";
                    return Err(algorithms::not_accepted(signature, hash, what).into());
                }
                let path = rules.profile.verify_chain(&signer, &others, authorities, session)?;
                let key = signer.public_key(RsaLimit::Standard)?;
                self.check_signature(content, &key, rules, session)?;
                Ok(verified(signer.into(), Some(path)))
            }
            (Err(refusal), _) => Err(refusal.into()),
        }
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

    /// The algorithms that all statements of the message agree on, when the profile has them.
    pub(super) fn agreed(&self, rules: &CmsRules) -> Result<(SignatureAlgorithm, Hash), Refusal> {
        let (signature, hash) = self.statements(rules.profile).agreed()?;
        match rules.accept(signature, hash) {
            true => Ok((signature, hash)),
            false => Err(algorithms::not_accepted(signature, hash, "profile")),
        }
    }

    /// The scheme of these algorithms with the key of the signer.
    fn scheme(&self, key: KeyKind, rules: &CmsRules) -> Result<Scheme, Refusal> {
        let (signature, hash) = self.agreed(rules)?;
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
        key: &PublicKey,
        rules: &CmsRules,
        session: &Session<'_>,
    ) -> Result<(), Stop> {
        let scheme = self.scheme(key.kind(), rules)?;
        let hash = scheme.hash().ok_or(Code::UnsupportedCmsAlgorithm)?;
        let signed = match &self.signer().attributes {
            None => content,
            Some(attributes) if attributes.message_digest == hash.digest(content) => {
                &attributes.signed
            }
            Some(_) => return Err(Code::CmsDigestMismatch.into()),
        };
        session
            .verify_encoded(Question::Any, Some(scheme), key, signed, &self.signer().signature)
            .map_err(|not| Stop::of_signature(not, Code::CmsSignatureInvalid))
    }
}
