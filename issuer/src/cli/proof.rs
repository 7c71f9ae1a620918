//! `credmint proof verify`: one token request, judged by a trust policy as the issuer would.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input;
use super::request::{self, Document, Members};
use super::time::{self, Time};
use crate::config;
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::exchange::Exchange;
use credmint_core::jose::KeyRules;
use credmint_core::keys::KeyRing;
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::{Code, Grant, Obligation, Presented, Refusal, Source, UnixTime, Verdict, json};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The policy, or a configuration that has one
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    policy: PathBuf,
    /// The token request as a JSON object of strings
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    form: PathBuf,
    /// The key sets of outside issuers: a JSON object from issuer to JWK set
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The time (RFC 3339 or Unix seconds) instead of now
    #[arg(long)]
    now: Option<Time>,
    /// A replay key that has been used; repeat the flag for more
    #[arg(long, value_name = "KEY")]
    consumed: Vec<String>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    policy: Document,
    now: Option<Time>,
    form: Form,
    #[serde(default)]
    keys: Keys,
    #[serde(default, deserialize_with = "request::list")]
    crls: Vec<String>,
    #[serde(default, deserialize_with = "request::list")]
    consumed: Vec<String>,
}

/// The parameters of a token request. One that is sent twice is a fault of the request that is judged.
type Form = Members<String>;

/// Key sets by issuer.
#[derive(Default, Deserialize)]
struct Keys(#[serde(deserialize_with = "request::unique_members")] BTreeMap<String, Document>);

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        Ok(Request {
            policy: Document(self.policy.display().to_string()),
            now: self.now,
            form: read_json(&self.form)?,
            keys: self.keys.as_deref().map(read_json).transpose()?.unwrap_or_default(),
            crls: Vec::new(),
            consumed: self.consumed,
        })
    }
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Misuse> {
    serde_json::from_str(&input::read_text(path)?)
        .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
}

impl Judge for Request {
    type Shared = LastPolicy;

    fn judge(self, shared: &mut LastPolicy) -> Result<Judgement, Misuse> {
        if !self.crls.is_empty() {
            return Err(Misuse::new("crls: certificate revocation lists are not offered"));
        }
        let policy = shared.open(&self.policy)?;
        let now = time::or_now(self.now);
        let Self { form, keys, consumed, .. } = self;
        let judge = Judged { policy: &policy, now, keys: &keys, consumed: &consumed };
        Ok(Presented::from_parameters(form.0).and_then(|presented| judge.decide(&presented)))
    }
}

/// The policy of the request before: requests of a batch mostly share one, and compiling it takes longer
/// than judging by it.
#[derive(Default)]
pub(super) struct LastPolicy(Option<(Document, Arc<TrustPolicy>)>);

impl LastPolicy {
    fn open(&mut self, document: &Document) -> Result<Arc<TrustPolicy>, Misuse> {
        if let Some((last, policy)) = &self.0
            && last == document
        {
            return Ok(Arc::clone(policy));
        }
        let policy = Arc::new(compile(document)?);
        self.0 = Some((document.clone(), Arc::clone(&policy)));
        Ok(policy)
    }
}

/// The policy of a request: a document, or the path of a file.
fn compile(policy: &Document) -> Result<TrustPolicy, Misuse> {
    if !policy.is_object() {
        return config::open_policy(Path::new(&policy.0)).map_err(|errors| lines(&errors));
    }
    let document = json::parse_with(policy.0.as_bytes(), json::Limits::DOCUMENT)
        .map_err(|refusal| Misuse::new(format_args!("policy: {refusal}")))?;
    TrustPolicy::from_document(&document).map_err(|errors| lines(&errors))
}

fn lines<E: ToString>(errors: &[E]) -> Misuse {
    Misuse::new(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// What a token request is judged by.
struct Judged<'a> {
    policy: &'a TrustPolicy,
    now: UnixTime,
    keys: &'a Keys,
    consumed: &'a [String],
}

impl Judged<'_> {
    /// The verdict of the exchange. What it wants is taken from the request, as if it had just been fetched.
    fn decide(&self, presented: &Presented) -> Judgement {
        let mut ring = KeyRing::default();
        let verdict = match self.ask(presented, &ring) {
            Verdict::Wanting(source) => {
                self.bring(&source, &mut ring)?;
                self.ask(presented, &ring)
            }
            decided => decided,
        };
        match verdict {
            Verdict::Granted(grant) => self.discharge(&grant),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Wanting(_) => {
                Err(Refusal::new(Code::InternalError).detail("fresh keys are not enough"))
            }
        }
    }

    fn ask(&self, presented: &Presented, ring: &KeyRing) -> Verdict<Grant> {
        let Self { policy, now, .. } = *self;
        Exchange { policy, keys: ring, signatures: SIGNATURES, now }.decide(presented)
    }

    fn bring(&self, source: &Source, ring: &mut KeyRing) -> Result<(), Refusal> {
        let (Source::Discovery { issuer, .. } | Source::KeySet { issuer, .. }) = source else {
            return Err(Refusal::new(Code::InternalError).detail("a source of another host"));
        };
        let set = self.keys.0.get(issuer).ok_or_else(|| {
            Refusal::new(Code::KeysUnavailable).detail("the request brings no keys").found(issuer)
        })?;
        let mut providers =
            self.policy.providers().filter_map(|(_, provider)| match provider.kind() {
                ProviderKind::Oidc(provider) => Some(provider),
                _ => None,
            });
        let rules = providers
            .find(|provider| provider.issuer() == issuer)
            .map_or_else(KeyRules::default, |provider| provider.key_rules().clone());
        ring.fetched(issuer, &rules, set.0.as_bytes(), self.now)
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
        proven.insert("consume".into(), keys.into());
        Ok(proven)
    }
}
