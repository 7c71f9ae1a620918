//! What a message says of itself, for people: nothing of it is proven.

use super::algorithms::Statements;
use super::attributes::SignedAttributes;
use super::profile::{CmsRules, Profile};
use super::signed_data::SignedMessage;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The statements of a message about itself, unverified.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline<'a> {
    /// The content, unless it is beside the message. A document is a secret while it lives.
    pub content: Option<&'a [u8]>,
    /// How the signer is named: by the serial number of its certificate, or its key identifier.
    pub signer: String,
    /// The digest algorithm, by name or numbers.
    pub digest_algorithm: String,
    /// The signature algorithm, by name or numbers.
    pub signature_algorithm: String,
    /// The signed attributes by name or numbers; `None` when the signature is over the content itself.
    pub signed_attributes: Option<Vec<String>>,
    /// The time among the signed attributes.
    pub signing_time: Option<UnixTime>,
    /// Whether there are unsigned attributes.
    pub has_unsigned_attributes: bool,
    /// The certificates that the message carries, in DER, unparsed.
    pub certificates: &'a [Vec<u8>],
}

impl SignedMessage {
    /// What the message says of itself.
    #[must_use]
    pub fn outline(&self) -> Outline<'_> {
        let signer = self.signer();
        let attributes = signer.attributes.as_ref();
        Outline {
            content: self.attached(),
            signer: signer.identifier.to_string(),
            digest_algorithm: signer.digest_algorithm.name(),
            signature_algorithm: signer.signature_algorithm.name(),
            signed_attributes: attributes.map(SignedAttributes::names),
            signing_time: attributes.and_then(|read| read.signing_time),
            has_unsigned_attributes: signer.has_unsigned_attributes,
            certificates: self.certificates(),
        }
    }

    /// Whether the message has the form that a profile demands, with its content inside, as far as can be said
    /// without its signer.
    ///
    /// # Errors
    /// Those of [`SignedMessage::verify`] that come before and after the signer is looked up, up to the
    /// algorithms.
    pub fn check_form(&self, rules: &CmsRules) -> Result<(), Refusal> {
        let content = self.attached().ok_or(Code::CmsContentDetached)?;
        rules.profile.check_form(self, content)?;
        self.agreed(rules).map(drop)
    }

    /// Everything that the message says about its algorithms.
    pub(super) fn statements(&self, profile: Profile) -> Statements<'_> {
        let signer = self.signer();
        Statements {
            digest_algorithms: self.digest_algorithms(),
            digest_algorithm: &signer.digest_algorithm,
            signature_algorithm: &signer.signature_algorithm,
            protection: signer.attributes.as_ref().and_then(|read| read.protection.as_ref()),
            digest_by_signature: profile.digest_by_signature(),
        }
    }
}

/// The content is left out: only its size shows.
impl core::fmt::Debug for Outline<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Outline")
            .field("content_bytes", &self.content.map(<[u8]>::len))
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}
