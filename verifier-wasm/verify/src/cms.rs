//! `credmint cms verify`: one CMS message, its signer pinned or led to a root.

use crate::Host;
use crate::answer::{Misuse, Proven, Verification};
use crate::input;
use crate::request;
use crate::time::{self, Time};
use credmint_core::cms::{
    self, Authorities, CmsRules, PinnedSigner, SignedMessage, Trust, VerifiedContent,
};
use credmint_core::x509::TrustAnchor;
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
    #[serde(default, deserialize_with = "request::list")]
    intermediates: Vec<String>,
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
    /// Attested documents of Azure virtual machines
    AzureAttested,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Allow {
    /// RSA with SHA-1
    Sha1Rsa,
    /// DSA with SHA-1
    Sha1Dsa,
}

impl crate::Request for Request {
    fn judge(self, host: &dyn Host) -> Result<Verification, Misuse> {
        let profile = match self.profile.unwrap_or_default() {
            Profile::Generic => cms::Profile::Generic,
            Profile::AmazonEc2 => cms::Profile::AmazonEc2,
            Profile::AlibabaEcs => cms::Profile::AlibabaEcs,
            Profile::AzureAttested => cms::Profile::AzureAttested,
        };
        let allow = cms::Allow {
            sha1_rsa: self.allow.contains(&Allow::Sha1Rsa),
            sha1_dsa: self.allow.contains(&Allow::Sha1Dsa),
        };
        let rules = match self.time {
            Some(time) => CmsRules::new(profile, time.0),
            None => CmsRules::at_any_time(profile),
        };
        Ok(self.verify(&rules.with_allow(allow), host))
    }
}

impl Request {
    fn verify(&self, rules: &CmsRules, host: &dyn Host) -> Verification {
        let message = SignedMessage::parse(&pem::message(&self.cms)?)?;
        let content =
            self.content.as_deref().map(|text| input::bytes(text, "content")).transpose()?;
        let signers = input::certificates(&self.signers)?
            .into_iter()
            .map(|signer| PinnedSigner::from_certificate_allowing(signer, rules.allow))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let anchors = input::certificates(&self.anchors)?
            .into_iter()
            .map(TrustAnchor::from_certificate)
            .collect::<Result<Vec<_>, Refusal>>()?;
        let intermediates = input::certificates(&self.intermediates)?;
        // A chain has no meaning without a time; a pinned certificate has.
        let authorities = (!anchors.is_empty()).then(|| Authorities {
            anchors: &anchors,
            intermediates: &intermediates,
            time: time::or_now(self.time, host),
        });
        let trust = Trust { signers: &signers, authorities };
        let verified = crate::settle(host, |signatures| {
            message.verify_by(content.as_deref(), &trust, rules, signatures)
        })?;
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
    let path: Vec<_> = verified.certificates().map(|one| one.subject().to_string()).collect();
    if path.len() > 1 {
        proven.insert("path".into(), path.into());
    }
    if let Some(time) = verified.signing_time() {
        proven.insert("signing_time".into(), time.to_string().into());
    }
    proven
}
