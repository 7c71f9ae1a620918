//! `credmint cms`: one CMS message, verified or only shown.

use super::input;
use super::request::Request;
use super::verify::SingleRequest;
use clap::Args;
use credmint_verify::{Command, Misuse, Time};
use std::path::PathBuf;

mod show;

pub(super) use show::{Show, show};

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
    #[arg(long = "signer", value_name = "FILE", required_unless_present_any = ["batch", "anchors"])]
    signers: Vec<PathBuf>,
    /// A file with roots that signers' certificates in the message may lead to; repeat the flag for more
    #[arg(long = "anchor", value_name = "FILE", id = "anchors")]
    anchors: Vec<PathBuf>,
    /// A file with certificates that may lead from the signer to a root; repeat the flag for more
    #[arg(long = "intermediate", value_name = "FILE", requires = "anchors")]
    intermediates: Vec<PathBuf>,
    /// The rules of the message's maker
    #[arg(long, value_parser = ["generic", "amazon-ec2", "alibaba-ecs", "azure-attested"], default_value = "generic")]
    profile: String,
    /// Check the validity of the signer, or of its chain, at this time (RFC 3339 or Unix seconds)
    #[arg(long)]
    time: Option<Time>,
    /// A weak algorithm that is accepted
    #[arg(long, value_parser = ["sha1-rsa", "sha1-dsa"])]
    allow: Vec<String>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::Cms;

    fn into_request(self) -> Result<Request, Misuse> {
        Request::new()
            .with("cms", input::read_der_or_text(&self.message)?)?
            .with("content", self.content.as_deref().map(input::read_base64).transpose()?)?
            .with("signers", input::read_all_der_or_text(&self.signers)?)?
            .with("anchors", input::read_all_der_or_text(&self.anchors)?)?
            .with("intermediates", input::read_all_der_or_text(&self.intermediates)?)?
            .with("time", self.time)?
            .with("profile", self.profile)?
            .with("allow", self.allow)
    }
}
