//! `credmint cms verify`: one CMS message, pinned signers.

use super::SingleRequest;
use super::input;
use super::request::Request;
use clap::Args;
use credmint_judge::{Command, Misuse, Time};
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
    #[arg(long, value_parser = ["generic", "amazon-ec2", "alibaba-ecs"], default_value = "generic")]
    profile: String,
    /// Check the signer's validity at this time (RFC 3339 or Unix seconds)
    #[arg(long)]
    time: Option<Time>,
    /// What is allowed beyond the generic profile
    #[arg(long, value_parser = ["sha1-rsa"])]
    allow: Vec<String>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::Cms;

    fn into_request(self) -> Result<Request, Misuse> {
        Request::new()
            .with("cms", input::read_der_or_text(&self.message)?)?
            .with("content", self.content.as_deref().map(input::read_base64).transpose()?)?
            .with("signers", input::read_all_der_or_text(&self.signers)?)?
            .with("time", self.time)?
            .with("profile", self.profile)?
            .with("allow", self.allow)
    }
}
