//! `credmint x509`: one certificate, verified with its intermediates and anchors, or only shown.

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
    /// The end-entity certificate, PEM or DER
    #[arg(required = false, required_unless_present = "batch")]
    leaf: PathBuf,
    /// A file with intermediate certificates; repeat the flag for more
    #[arg(long = "intermediate", value_name = "FILE")]
    intermediates: Vec<PathBuf>,
    /// A file with trust anchors' certificates; repeat the flag for more
    #[arg(long = "anchor", value_name = "FILE", required_unless_present = "batch")]
    anchors: Vec<PathBuf>,
    /// The time (RFC 3339 or Unix seconds) instead of now
    #[arg(long)]
    time: Option<Time>,
    /// What the certificate must be for: names or object identifiers, or any
    #[arg(long, value_delimiter = ',', default_value = "clientAuth")]
    extended_key_usages: Vec<String>,
    /// The most intermediates, self-issued ones not counted
    #[arg(long)]
    max_depth: Option<usize>,
    /// A file with revocation lists, PEM or DER; repeat the flag for more
    #[arg(long = "crl", value_name = "FILE")]
    crls: Vec<PathBuf>,
    /// Refuse when no current list covers a certificate of the path
    #[arg(long)]
    require_crls: bool,
    /// What is allowed beyond the defaults
    #[arg(long, value_parser = ["rsa-8192"])]
    allow: Vec<String>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::X509;

    fn into_request(self) -> Result<Request, Misuse> {
        Request::new()
            .with("leaf", input::read_der_or_text(&self.leaf)?)?
            .with("intermediates", input::read_all_der_or_text(&self.intermediates)?)?
            .with("anchors", input::read_all_der_or_text(&self.anchors)?)?
            .with("time", self.time)?
            .with("extended_key_usages", self.extended_key_usages)?
            .with("max_depth", self.max_depth)?
            .with("crls", input::read_all_der_or_text(&self.crls)?)?
            .with("require_crls", self.require_crls)?
            .with("allow", self.allow)
    }
}
