//! `credmint signature verify`: one signature, one key.

use super::input;
use super::request::Request;
use super::verify::SingleRequest;
use clap::Args;
use credmint_verify::{Command, Misuse};
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The algorithm by its JOSE name, as RS256
    #[arg(long, required = false, required_unless_present = "batch")]
    alg: String,
    /// Another hash for an ECDSA key, as SHA-512
    #[arg(long)]
    hash: Option<String>,
    /// How an ECDSA signature is encoded
    #[arg(long, value_parser = ["jose", "der"], default_value = "jose")]
    encoding: String,
    /// The public key: SubjectPublicKeyInfo in PEM, base64 or DER, or a JWK
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    key: PathBuf,
    /// The message
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    message: PathBuf,
    /// The signature, binary
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    signature: PathBuf,
    /// What is allowed beyond the defaults
    #[arg(long, value_parser = ["rsa-8192"])]
    allow: Vec<String>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::Signature;

    fn into_request(self) -> Result<Request, Misuse> {
        Request::new()
            .with("alg", self.alg)?
            .with("hash", self.hash)?
            .with("encoding", self.encoding)?
            .with("key", input::read_der_or_text(&self.key)?)?
            .with("message_b64", input::read_base64(&self.message)?)?
            .with("signature_b64", input::read_base64(&self.signature)?)?
            .with("allow", self.allow)
    }
}
