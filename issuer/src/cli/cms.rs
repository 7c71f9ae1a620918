//! `credmint cms verify`: one CMS message, pinned signers.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input;
use super::request;
use super::time::Time;
use crate::decide::SIGNATURES;
use clap::{Args, ValueEnum};
use credmint_core::cms::{self, CmsRules, PinnedSigner, SignedMessage, VerifiedContent};
use credmint_core::signature::Session;
use credmint_core::{Refusal, base64, pem};
use serde::Deserialize;
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The message: base64, PEM, DER or BER
    #[arg(required = false, required_unless_present = "batch")]
    message: PathBuf,
    /// The content, when it is beside the message
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// A file with signers' certificates, pinned; repeat the flag for more
    #[arg(long = "signer", value_name = "FILE", required_unless_present = "batch")]
    signers: Vec<PathBuf>,
    /// The rules of the message's maker
    #[arg(long, value_enum, default_value = "generic")]
    profile: Profile,
    /// Check the signer's validity at this time (RFC 3339 or Unix seconds)
    #[arg(long)]
    time: Option<Time>,
    /// What is allowed beyond the generic profile
    #[arg(long, value_enum)]
    allow: Vec<Allow>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
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

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
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
    #[value(skip)]
    AzureAttested,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Allow {
    /// RSA with SHA-1
    Sha1Rsa,
    /// DSA is not offered, so there is nothing to allow and its messages are refused
    #[value(skip)]
    Sha1Dsa,
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        Ok(Request {
            cms: input::read_der_or_text(&self.message)?,
            content: self.content.as_deref().map(input::read_base64).transpose()?,
            signers: input::read_all_der_or_text(&self.signers)?,
            anchors: Vec::new(),
            time: self.time,
            profile: Some(self.profile),
            allow: self.allow,
        })
    }
}

impl Judge for Request {
    type Shared = ();

    fn judge(self, (): &mut ()) -> Result<Judgement, Misuse> {
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
        Ok(self.verify(&CmsRules { profile, time: self.time.map(|time| time.0), allow }))
    }
}

impl Request {
    fn verify(&self, rules: &CmsRules) -> Judgement {
        let message = SignedMessage::parse(&pem::message(&self.cms)?)?;
        let content =
            self.content.as_deref().map(|text| input::octets(text, "content")).transpose()?;
        let signers = input::certificates(&self.signers)?
            .into_iter()
            .map(PinnedSigner::from_certificate)
            .collect::<Result<Vec<_>, Refusal>>()?;
        let session = Session::new(SIGNATURES);
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
