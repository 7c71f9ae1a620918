//! `credmint proof verify`: one token request, judged by a trust policy as the issuer would.

use super::flags::TlsFlags;
use super::input;
use super::request::Request;
use super::verify::SingleRequest;
use clap::Args;
use credmint_verify::{Command, Misuse, Time};
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The policy, or a configuration that has one
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    policy: PathBuf,
    /// The token request as a JSON object of strings
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    form: PathBuf,
    // As in `TlsFlags`: clap finds out by the flags of this very struct whether any of them is there.
    /// The certificate that the client shows in the handshake of TLS, PEM or DER
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<PathBuf>,
    /// The other certificates of the handshake, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_chain: Option<PathBuf>,
    /// The keys of issuers, for exchanged access tokens those of the policy's own too: a JWK set, or a JSON object from issuer
    /// to JWK set
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The time (RFC 3339 or Unix seconds) instead of now
    #[arg(long)]
    now: Option<Time>,
    /// A replay key that has been used; repeat the flag for more
    #[arg(long, value_name = "KEY")]
    consumed: Vec<String>,
    /// A file with revocation lists, PEM or DER; repeat the flag for more
    #[arg(long = "crl", value_name = "FILE")]
    crls: Vec<PathBuf>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::Proof;

    fn into_request(self) -> Result<Request, Misuse> {
        let Self { tls_certificate, tls_chain, .. } = self;
        let tls = TlsFlags { tls_certificate, tls_chain };
        Request::new()
            .with("policy", self.policy.display().to_string())?
            .with("now", self.now)?
            .with("form", input::read_json(&self.form)?)?
            .with("tls", tls.read()?)?
            .with("keys", self.keys.as_deref().map(input::read_json).transpose()?)?
            .with("crls", input::read_all_der_or_text(&self.crls)?)?
            .with("consumed", self.consumed)
    }
}
