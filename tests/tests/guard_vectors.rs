//! The vectors of a protected resource, natively: the core's guard and its key cache by themselves.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use credmint_aws_lc::AwsLc;
use credmint_core::guard::{BearerAnswer, GuardRules, bearer, verify_access_token};
use credmint_core::jose::JwkSet;
use credmint_core::keys::{AnswerHead, KeyCache, KeySource, Wait};
use credmint_core::signature::SignatureProvider;
use credmint_core::{Code, Refusal, UnixTime, Verdict};
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;

const SIGNATURES: SignatureProvider<'static> = SignatureProvider { backends: &[&AwsLc] };

fn vectors(name: &str) -> Result<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/guard").join(name);
    let vectors: Vec<Value> = serde_json::from_slice(&fs::read(path)?)?;
    ensure!(vectors.len() > 20, "{} vectors", vectors.len());
    Ok(vectors)
}

fn rules(vector: &Value) -> Result<GuardRules> {
    let rules = &vector["rules"];
    let text =
        |name: &str| Ok::<_, anyhow::Error>(rules[name].as_str().context("text")?.to_owned());
    let scope = rules["scope"].as_array().into_iter().flatten();
    Ok(GuardRules::new(text("issuer")?, text("audience")?)
        .with_scope(scope.filter_map(Value::as_str)))
}

fn time(value: &Value) -> Result<UnixTime> {
    Ok(UnixTime::from_seconds(value.as_i64().context("a time")?))
}

#[test]
fn requests_get_their_answers() -> Result<()> {
    for vector in vectors("requests.json")? {
        let name = vector["name"].as_str().context("a name")?;
        let rules = rules(&vector)?;
        let set = JwkSet::parse(vector["keys"].to_string().as_bytes(), &[])?;
        let source = KeySource::Static(Arc::new(set));
        let values = vector["authorization"].as_array().context("a list")?;
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let (cache, now) = (KeyCache::default(), time(&vector["now"])?);
        let verdict = match bearer(&values) {
            Ok(token) => verify_access_token(token, &rules, &source, cache.ring(), now, SIGNATURES),
            Err(refusal) => Verdict::Refused(refusal),
        };
        let said = match verdict {
            Verdict::Granted(token) => json!({ "accept": {
                "subject": token.subject(), "client_id": token.client_id(), "scope": token.scope().join(" "),
            } }),
            Verdict::Refused(refusal) => {
                let answer = BearerAnswer::new(&refusal, &rules.scope);
                let fields = answer
                    .fields()
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.into()));
                json!({
                    "refuse": refusal.code().as_str(), "status": answer.status, "body": answer.body(),
                    "headers": Value::Object(fields.collect()),
                })
            }
            Verdict::Wanting(source) => anyhow::bail!("{name}: wants {source:?}"),
        };
        ensure!(said == vector["expect"], "{name}: {said}\nnot {}", vector["expect"]);
    }
    Ok(())
}

/// A host that is nothing but the loop.
struct Host {
    rules: GuardRules,
    source: KeySource,
    cache: KeyCache,
    flight: Option<u32>,
    waiting: Vec<(String, Wait)>,
}

impl Host {
    /// What a token gets now, and what is fetched from now on.
    fn ask(&mut self, token: &str, mut wait: Wait, now: UnixTime) -> (Value, Option<String>) {
        let seen = self.cache.ring().clone();
        let verdict = verify_access_token(token, &self.rules, &self.source, &seen, now, SIGNATURES);
        let refused = |refusal: Refusal| json!({ "refuse": refusal.code().as_str() });
        let (said, source) = match verdict {
            Verdict::Granted(token) => (
                json!({ "accept": token.subject() }),
                seen.due(&self.rules.issuer, &self.source, now),
            ),
            Verdict::Refused(refusal) => {
                (refused(refusal), seen.due(&self.rules.issuer, &self.source, now))
            }
            Verdict::Wanting(source) => match wait.again() {
                Ok(()) => {
                    self.waiting.push((token.to_owned(), wait));
                    (json!({ "wait": true }), Some(source))
                }
                Err(refusal) => (refused(refusal), None),
            },
        };
        let begun = source.and_then(|source| self.cache.begin(&source, &seen, now).begin.pop());
        if let Some(fetch) = &begun {
            self.flight = Some(fetch.flight);
        }
        (said, begun.map(|fetch| fetch.url))
    }

    /// What those get who waited for the fetch that ends now.
    fn answer(&mut self, answer: &Value, now: UnixTime) -> Result<Vec<Value>> {
        let flight = self.flight.take().context("a fetch under way")?;
        let body = (!answer.is_null()).then(|| body(answer)).transpose()?.flatten();
        let _ = self.cache.ended(flight, body.as_deref(), now).context("a flight")?;
        let waited = std::mem::take(&mut self.waiting);
        Ok(waited.into_iter().map(|(token, wait)| self.ask(&token, wait, now).0).collect())
    }
}

/// The body of an answer, if it may be read.
fn body(answer: &Value) -> Result<Option<Vec<u8>>> {
    let mut body = answer["body"].as_str().context("a body")?.as_bytes().to_vec();
    if let Some(length) = answer["padded"].as_u64() {
        body.resize(usize::try_from(length)?, b' ');
    }
    let field = |name: &str| answer[name].as_str().into_iter().collect();
    let head = AnswerHead {
        status: u16::try_from(answer["status"].as_u64().context("a status")?)?,
        content_type: field("content_type"),
        content_encoding: field("content_encoding"),
        length: Some(body.len()),
    };
    let document = credmint_core::keys::Document::KeySet;
    Ok(document.check(&head).is_ok().then_some(body))
}

#[test]
fn keys_over_time() -> Result<()> {
    for vector in vectors("timelines.json")? {
        let uri = vector["jwks_uri"].as_str().context("jwks_uri")?.to_owned();
        let mut host = Host {
            rules: rules(&vector)?,
            source: KeySource::JwksUri(uri),
            cache: KeyCache::default(),
            flight: None,
            waiting: Vec::new(),
        };
        for (number, step) in vector["steps"].as_array().context("steps")?.iter().enumerate() {
            let place = format!("{}, step {number}", vector["name"]);
            let now = time(&step["at"])?;
            match step["ask"].as_str() {
                Some(token) => {
                    let (said, fetch) = host.ask(token, Wait::new(now), now);
                    ensure!(said == step["expect"], "{place}: {said}");
                    ensure!(
                        fetch.as_deref() == step["fetch"].as_str(),
                        "{place}: fetches {fetch:?}"
                    );
                }
                None => {
                    let said = Value::from(host.answer(&step["answer"], now)?);
                    ensure!(said == step["decides"], "{place}: {said}");
                }
            }
        }
    }
    Ok(())
}

/// The codes of a protected resource that no verify command can give have their vector here.
#[test]
fn codes_of_the_guard_have_a_vector() -> Result<()> {
    let vectors = vectors("requests.json")?;
    for code in [
        Code::TokenMissing,
        Code::AuthorizationMalformed,
        Code::ScopeInsufficient,
        Code::ClockImplausible,
        Code::TokenBound,
    ] {
        let found = vectors.iter().any(|vector| vector["expect"]["refuse"] == code.as_str());
        ensure!(found, "{}: no vector", code.as_str());
    }
    Ok(())
}
