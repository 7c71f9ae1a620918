//! `credmint proof verify`: one token request, judged by a trust policy as the issuer would.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input::{self, Time};
use crate::config;
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::exchange::Exchange;
use credmint_core::keys::KeyRing;
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::{Code, Grant, Obligation, Presented, Refusal, Source, UnixTime, Verdict, json};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The policy, or a configuration that has one
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The token request as a JSON object
    #[arg(long, value_name = "FILE")]
    form: PathBuf,
    /// The key sets of outside issuers: a JSON object from issuer to JWK set
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The time (RFC 3339 or Unix seconds) instead of now
    #[arg(long)]
    now: Option<Time>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    policy: Value,
    now: Option<Time>,
    form: Map<String, Value>,
    #[serde(default)]
    keys: Map<String, Value>,
    #[serde(default)]
    crls: Vec<String>,
    #[serde(default)]
    consumed: Vec<String>,
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        let read = |path: &Path| {
            serde_json::from_str(&input::read_text(path)?)
                .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
        };
        Ok(Request {
            policy: Value::String(self.policy.display().to_string()),
            now: self.now,
            form: read(&self.form)?,
            keys: self.keys.as_deref().map(read).transpose()?.unwrap_or_default(),
            crls: Vec::new(),
            consumed: Vec::new(),
        })
    }
}

impl Judge for Request {
    fn judge(self) -> Result<Judgement, Misuse> {
        if !self.crls.is_empty() {
            return Err(Misuse::new("certificate revocation lists are not offered"));
        }
        let policy = policy(&self.policy)?;
        let mut parameters = Vec::new();
        for (name, value) in &self.form {
            match value {
                Value::String(text) => parameters.push((name.as_str(), text.as_str())),
                _ => return Err(Misuse::new(format_args!("form.{name} is not a string"))),
            }
        }
        let now = input::time_or_now(self.now);
        let ring = match ring(&policy, &self.keys, now) {
            Ok(ring) => ring,
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(Presented::from_parameters(parameters)
            .and_then(|presented| self.decide(&policy, &ring, now, &presented)))
    }
}

impl Request {
    fn decide(
        &self,
        policy: &TrustPolicy,
        ring: &KeyRing,
        now: UnixTime,
        presented: &Presented,
    ) -> Judgement {
        let exchange = Exchange { policy, keys: ring, signatures: SIGNATURES, now };
        match exchange.decide(presented) {
            Verdict::Granted(grant) => self.discharge(&grant),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Wanting(Source::Discovery { issuer, .. } | Source::KeySet { issuer, .. }) => {
                Err(Refusal::new(Code::KeysUnavailable)
                    .detail("the request brings no keys")
                    .found(issuer))
            }
            Verdict::Wanting(_) => Err(Refusal::new(Code::InternalError)),
        }
    }

    /// The obligations against the keys that the request says are used up.
    fn discharge(&self, grant: &Grant) -> Judgement {
        let mut keys = Vec::new();
        for obligation in grant.obligations() {
            let Obligation::Consume { key, until } = obligation else {
                return Err(
                    Refusal::new(Code::InternalError).detail("an obligation of another kind")
                );
            };
            if self.consumed.contains(key) {
                return Err(Refusal::new(Code::ProofReplayed));
            }
            keys.push(json!({ "key": key, "until": until.to_string() }));
        }
        let terms = grant.terms();
        let mut proven = Proven::new();
        proven.insert("subject".into(), terms.subject().into());
        proven.insert("client_id".into(), terms.client_id().into());
        proven.insert("audience".into(), terms.audience().into());
        proven.insert("scope".into(), terms.scope().join(" ").into());
        proven.insert("lifetime".into(), terms.lifetime().into());
        if !keys.is_empty() {
            proven.insert("consume".into(), keys.into());
        }
        Ok(proven)
    }
}

/// The policy of a request: a document, or the path of a file.
fn policy(value: &Value) -> Result<TrustPolicy, Misuse> {
    match value {
        Value::String(path) => {
            config::open_policy(Path::new(path)).map_err(|errors| Misuse::new(lines(&errors)))
        }
        Value::Object(_) => {
            let document = json::parse_with(value.to_string().as_bytes(), json::Limits::DOCUMENT)
                .map_err(|refusal| Misuse::new(format_args!("policy: {refusal}")))?;
            TrustPolicy::from_document(&document).map_err(|errors| Misuse::new(lines(&errors)))
        }
        _ => Err(Misuse::new("policy must be a document or the path of one")),
    }
}

fn lines<E: ToString>(errors: &[E]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The keys of the request, as if they had just been fetched.
fn ring(
    policy: &TrustPolicy,
    keys: &Map<String, Value>,
    now: UnixTime,
) -> Result<KeyRing, Refusal> {
    let mut ring = KeyRing::default();
    for (_, provider) in policy.providers() {
        let ProviderKind::Oidc(provider) = provider.kind() else { continue };
        if let Some(set) = keys.get(provider.issuer()) {
            ring.fetched(
                provider.issuer(),
                provider.algorithms(),
                set.to_string().as_bytes(),
                now,
            )?;
        }
    }
    Ok(ring)
}
