//! `credmint cms verify`: one CMS message, pinned signers.

use crate::Host;
use crate::answer::{Judgement, Misuse, Proven};
use crate::input;
use crate::request;
use crate::time::Time;
use credmint_core::cms::{self, CmsRules, PinnedSigner, SignedMessage, VerifiedContent};
use credmint_core::signature::Session;
use credmint_core::{Refusal, base64, pem};
use serde::Deserialize;

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    cms: String,
    content: Option<String>,
    #[serde(default, deserialize_with = "request::list")]
    signers: Vec<String>,
    #[serde(default, deserialize_with = "request::list")]
    anchors: Vec<String>,
    time: Option<Time>,
    profile: Option<Profile>,
    #[serde(default, deserialize_with = "request::list")]
    allow: Vec<Allow>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Profile {
    /// Anybody: signed attributes required
    #[default]
    Generic,
    /// Instance identity documents of Amazon EC2
    AmazonEc2,
    /// Instance identity documents of Alibaba Cloud ECS
    AlibabaEcs,
    /// Not offered
    AzureAttested,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Allow {
    /// RSA with SHA-1
    Sha1Rsa,
    /// DSA is not offered, so there is nothing to allow and its messages are refused
    Sha1Dsa,
}

impl crate::Request for Request {
    fn judge(self, host: &dyn Host) -> Result<Judgement, Misuse> {
        if !self.anchors.is_empty() {
            return Err(Misuse::new("anchors: chains are not offered; pin the signers"));
        }
        let profile = match self.profile.unwrap_or_default() {
            Profile::Generic => cms::Profile::Generic,
            Profile::AmazonEc2 => cms::Profile::AmazonEc2,
            Profile::AlibabaEcs => cms::Profile::AlibabaEcs,
            Profile::AzureAttested => {
                return Err(Misuse::new("profile: `azure-attested` is not offered"));
            }
        };
        let allow = cms::Allow { sha1_rsa: self.allow.contains(&Allow::Sha1Rsa) };
        Ok(self.verify(&CmsRules { profile, time: self.time.map(|time| time.0), allow }, host))
    }
}

impl Request {
    fn verify(&self, rules: &CmsRules, host: &dyn Host) -> Judgement {
        let message = SignedMessage::parse(&pem::message(&self.cms)?)?;
        let content =
            self.content.as_deref().map(|text| input::octets(text, "content")).transpose()?;
        let signers = input::certificates(&self.signers)?
            .into_iter()
            .map(PinnedSigner::from_certificate)
            .collect::<Result<Vec<_>, Refusal>>()?;
        let session = Session::new(host.signatures());
        let verified = message.verify(content.as_deref(), &signers, rules, &session)?;
        Ok(proven(&verified))
    }
}

fn proven(verified: &VerifiedContent) -> Proven {
    let mut proven = Proven::new();
    match std::str::from_utf8(verified.content()) {
        Ok(text) => proven.insert("content".into(), text.into()),
        Err(_) => {
            proven.insert("content_b64".into(), base64::encode_standard(verified.content()).into())
        }
    };
    proven.insert("signer".into(), verified.signer().subject().to_string().into());
    if let Some(time) = verified.signing_time() {
        proven.insert("signing_time".into(), time.to_string().into());
    }
    proven
}
