//! `credmint x509 verify`: one certificate, its intermediates, the anchors.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input::{self, Time};
use crate::decide::SIGNATURES;
use clap::Args;
use const_oid::ObjectIdentifier;
use credmint_core::signature::Session;
use credmint_core::x509::{PathRules, TrustAnchor, VerifiedPath, verify_path};
use credmint_core::{Refusal, UnixTime};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The end-entity certificate, PEM or DER
    leaf: PathBuf,
    /// An intermediate certificate; repeat the flag for more
    #[arg(long = "intermediate", value_name = "FILE")]
    intermediates: Vec<PathBuf>,
    /// A trust anchor's certificate; repeat the flag for more
    #[arg(long = "anchor", value_name = "FILE", required = true)]
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
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    leaf: String,
    #[serde(default)]
    intermediates: Vec<String>,
    anchors: Vec<String>,
    #[serde(default)]
    crls: Vec<String>,
    time: Option<Time>,
    #[serde(default = "client_auth")]
    extended_key_usages: Vec<String>,
    max_depth: Option<usize>,
    #[serde(default)]
    require_crls: bool,
}

fn client_auth() -> Vec<String> {
    vec!["clientAuth".to_owned()]
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        let read = |paths: &[PathBuf]| {
            paths.iter().map(|path| input::read_der_or_text(path)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Request {
            leaf: input::read_der_or_text(&self.leaf)?,
            intermediates: read(&self.intermediates)?,
            anchors: read(&self.anchors)?,
            crls: Vec::new(),
            time: self.time,
            extended_key_usages: self.extended_key_usages,
            max_depth: self.max_depth,
            require_crls: false,
        })
    }
}

impl Judge for Request {
    fn judge(self) -> Result<Judgement, Misuse> {
        if !self.crls.is_empty() || self.require_crls {
            return Err(Misuse::new("certificate revocation lists are not offered"));
        }
        let usages = usages(&self.extended_key_usages)?;
        Ok(self.verify(&usages))
    }
}

/// The usages asked for; none for `any`.
fn usages(names: &[String]) -> Result<Vec<ObjectIdentifier>, Misuse> {
    if names == ["any"] {
        return Ok(Vec::new());
    }
    if names.is_empty() {
        return Err(Misuse::new(
            "extended_key_usages is empty: write [\"any\"] for no restriction",
        ));
    }
    names
        .iter()
        .map(|name| {
            credmint_core::x509::extended_key_usage(name)
                .ok_or_else(|| Misuse::new(format_args!("`{name}` is not an extended key usage")))
        })
        .collect()
}

impl Request {
    fn verify(&self, usages: &[ObjectIdentifier]) -> Judgement {
        let leaf = input::certificate(&self.leaf)?;
        let intermediates = input::certificates(&self.intermediates)?;
        let anchors = input::certificates(&self.anchors)?
            .into_iter()
            .map(TrustAnchor::from_certificate)
            .collect::<Result<Vec<_>, Refusal>>()?;
        let time: UnixTime = input::time_or_now(self.time);
        let mut rules = PathRules::at(time);
        rules.extended_key_usages = usages;
        rules.max_depth = self.max_depth;
        let session = Session::new(SIGNATURES);
        let path = verify_path(&leaf, &intermediates, &anchors, &rules, &session)?;
        Ok(proven(&path))
    }
}

fn proven(path: &VerifiedPath) -> Proven {
    let subjects: Vec<String> =
        path.certificates().map(|certificate| certificate.subject().to_string()).collect();
    let facts: Value =
        serde_json::from_str(&path.leaf().facts().to_string()).unwrap_or(Value::Null);
    let mut proven = Proven::new();
    proven.insert("path".into(), json!(subjects));
    proven.insert("anchor".into(), path.anchor().certificate().subject().to_string().into());
    proven.insert("certificate".into(), facts);
    proven
}
