//! Flags that several commands have.

use super::input;
use clap::{Args, ValueEnum};
use credmint_verify::Misuse;
use serde_json::{Value, json};
use std::path::PathBuf;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where the policy is.
#[derive(Args)]
pub(super) struct PolicyFile {
    /// The policy, or a configuration that has one, YAML or JSON
    #[arg(long, alias = "config", value_name = "FILE")]
    pub(super) policy: PathBuf,
}

/// What the client has shown in the handshake of TLS. The answer is what it would be if the handshake had proven its key.
#[derive(Args)]
pub(super) struct TlsFlags {
    /// The certificate that the client shows in the handshake of TLS, PEM or DER
    #[arg(long, value_name = "FILE")]
    pub(super) tls_certificate: Option<PathBuf>,
    /// The other certificates of the handshake, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(super) tls_chain: Option<PathBuf>,
}

impl TlsFlags {
    /// The member of a request.
    pub(super) fn read(&self) -> Result<Option<Value>, Misuse> {
        let text = |path: &PathBuf| input::read_der_or_text(path);
        let Some(certificate) = self.tls_certificate.as_ref().map(text).transpose()? else {
            return Ok(None);
        };
        let chain = self.tls_chain.as_ref().map(text).transpose()?.unwrap_or_default();
        Ok(Some(json!({ "certificate": certificate, "chain": chain })))
    }
}
