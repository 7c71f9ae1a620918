//! `credmint cms verify`: one CMS message, pinned signers.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input::{self, Time};
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::cms::{Allow, CmsRules, PinnedSigner, Profile, SignedMessage, VerifiedContent};
use credmint_core::signature::Session;
use credmint_core::{Refusal, base64, pem};
use serde::Deserialize;
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The message: base64, PEM, DER or BER
    message: PathBuf,
    /// The content, when it is beside the message
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// The certificate of a signer, pinned; repeat the flag for more
    #[arg(long = "signer", value_name = "FILE", required = true)]
    signers: Vec<PathBuf>,
    /// The rules of the message's maker
    #[arg(long, value_parser = ["generic", "amazon-ec2", "alibaba-ecs"], default_value = "generic")]
    profile: String,
    /// Check the signer's validity at this time (RFC 3339 or Unix seconds)
    #[arg(long)]
    time: Option<Time>,
    /// What is allowed beyond the profile
    #[arg(long, value_parser = ["sha1-rsa"])]
    allow: Vec<String>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    cms: String,
    content: Option<String>,
    #[serde(default)]
    signers: Vec<String>,
    #[serde(default)]
    anchors: Vec<String>,
    time: Option<Time>,
    #[serde(default = "generic")]
    profile: String,
    #[serde(default)]
    allow: Vec<String>,
}

fn generic() -> String {
    "generic".to_owned()
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        let content = match &self.content {
            None => None,
            Some(path) => Some(base64::encode_standard(
                &std::fs::read(path)
                    .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))?,
            )),
        };
        Ok(Request {
            cms: input::read_der_or_text(&self.message)?,
            content,
            signers: self
                .signers
                .iter()
                .map(|path| input::read_der_or_text(path))
                .collect::<Result<Vec<_>, _>>()?,
            anchors: Vec::new(),
            time: self.time,
            profile: self.profile,
            allow: self.allow,
        })
    }
}

impl Judge for Request {
    fn judge(self) -> Result<Judgement, Misuse> {
        if !self.anchors.is_empty() {
            return Err(Misuse::new("chains to anchors are not offered: pin the signers"));
        }
        let profile = match self.profile.as_str() {
            "generic" => Profile::Generic,
            "amazon-ec2" => Profile::AmazonEc2,
            "alibaba-ecs" => Profile::AlibabaEcs,
            other => {
                return Err(Misuse::new(format_args!(
                    "`{other}` is not a profile that is offered"
                )));
            }
        };
        let time = self.time.map(|time| time.0);
        let mut rules = CmsRules { profile, time, allow: Allow::default() };
        for allowance in &self.allow {
            match allowance.as_str() {
                "sha1-rsa" => rules.allow.sha1_rsa = true,
                other => return Err(Misuse::new(format_args!("`{other}` cannot be allowed"))),
            }
        }
        Ok(self.verify(&rules))
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
