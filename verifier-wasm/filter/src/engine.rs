//! The decisions of the filter: events in, decisions out, no host call.
//!
//! A request whose key is held is decided at once. One that wants keys waits; all that wait are judged again when the one
//! call for the keys has been answered, or has failed. When to fetch, and what follows from an answer, is for the core to
//! say ([`KeyCache`]).
//!
//! A cache of verdicts would be in [`Engine::judge`], before the verification, and hold whole tokens with
//! [`KeyRing::generation`](credmint_core::keys::KeyRing::generation).

pub mod answer;
pub mod configuration;
pub mod headers;

use crate::host::Fields;
use answer::Answer;
use configuration::{Configuration, Endpoint};
use credmint_core::guard::{self, verify_access_token};
use credmint_core::keys::{AnswerHead, Fetch, KeyCache, Wait};
use credmint_core::limits::WAITING;
use credmint_core::signature::SignatureProvider;
use credmint_core::{Code, Refusal, Source, Stop, UnixTime, Verdict};
use std::collections::BTreeMap;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It continues to the service.
    Forward(Forward),
    /// It goes no further.
    Answer(Answer),
    /// It waits; a later event decides.
    Wait,
}

/// How a request continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Names of fields to remove first.
    pub remove: Vec<String>,
    /// Fields to set then. None where the path is open.
    pub set: Vec<(String, String)>,
}

/// What an answered call means.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled {
    /// Why it brought no keys, for the operator.
    pub failure: Option<String>,
    /// What is wrong with the keys that it brought, for the operator.
    pub notices: Vec<String>,
    /// The requests that were waiting. None of them is [`Decision::Wait`].
    pub decisions: Vec<(u32, Decision)>,
}

/// The state of one filter: its configuration, the keys, and who waits for them.
pub struct Engine {
    configuration: Configuration,
    cache: KeyCache,
    /// What a request waits for and what is not being fetched yet.
    wanted: Option<Source>,
    /// The host's call under way, and what it fetches.
    call: Option<(u32, Fetch)>,
    waiting: BTreeMap<u32, Waiting>,
}

struct Waiting {
    candidate: Candidate,
    wait: Wait,
}

/// A request that is judged by its token.
struct Candidate {
    token: String,
    /// Fields that do not go on.
    remove: Vec<String>,
}

impl Engine {
    /// An engine that has no keys yet.
    #[must_use]
    pub fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            cache: KeyCache::default(),
            wanted: None,
            call: None,
            waiting: BTreeMap::new(),
        }
    }

    /// What it was told.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// A request came.
    pub fn request(
        &mut self,
        number: u32,
        fields: &Fields,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Decision {
        let mut remove = self.configuration.headers.forgeries(fields);
        if !self.configuration.forward_authorization {
            remove.push("authorization".to_owned());
        }
        if self.is_open(fields) {
            return Decision::Forward(Forward { remove, set: Vec::new() });
        }
        let token = match token(fields) {
            Ok(token) => token.to_owned(),
            Err(refusal) => return self.refuse(refusal),
        };
        let candidate = Candidate { token, remove };
        match self.judge(&candidate, now, signatures) {
            Ok(decision) => decision,
            Err(_) if self.waiting.len() >= WAITING => {
                self.unavailable("too many requests wait for keys")
            }
            Err(source) => self
                .wait(number, Waiting { candidate, wait: Wait::new(now) }, source)
                .unwrap_or(Decision::Wait),
        }
    }

    /// A request has ended, in any way.
    pub fn gone(&mut self, number: u32) {
        self.waiting.remove(&number);
    }

    /// Begins the fetch that is to be made now, if there is one: what a request waits for, or keys that are to be had before
    /// any request would wait. [`Engine::called`] or [`Engine::failed`] says what came of it.
    pub fn due(&mut self, now: UnixTime) -> Option<(Fetch, Endpoint)> {
        let Configuration { endpoint, rules, source, .. } = &self.configuration;
        let endpoint = endpoint.as_ref()?;
        let seen = self.cache.ring().clone();
        let early = || match seen.jwks(&rules.issuer, source, None, now) {
            Err(Stop::Wanting(source)) => Some(source),
            _ => seen.due(&rules.issuer, source, now),
        };
        let source = self.wanted.take().or_else(early)?;
        let fetch = self.cache.begin(&source, &seen, now).begin.pop()?;
        Some((fetch, endpoint.clone()))
    }

    /// Whether a request waits for a call that has not been made.
    #[must_use]
    pub const fn wants_call(&self) -> bool {
        self.wanted.is_some()
    }

    /// The call was made and has this number.
    pub fn called(&mut self, call: u32, fetch: Fetch) {
        self.call = Some((call, fetch));
    }

    /// A call was answered, with this head and a body that is read if it may be; without a head it failed. `None` for a
    /// call that no request waits for any more.
    pub fn answered(
        &mut self,
        call: u32,
        head: Option<&AnswerHead<'_>>,
        body: impl FnOnce() -> Result<Vec<u8>, String>,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Option<Settled> {
        let (_, fetch) = self.call.take_if(|(number, _)| *number == call)?;
        let checked = match head {
            None => Err("the call failed".to_owned()),
            Some(head) => fetch.document.check(head).map_err(|refused| refused.to_string()),
        };
        Some(self.ended(fetch.flight, checked.and_then(|()| body()), now, signatures))
    }

    /// The call for a fetch could not be made.
    pub fn failed(
        &mut self,
        fetch: &Fetch,
        failure: String,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Settled {
        self.ended(fetch.flight, Err(failure), now, signatures)
    }

    fn ended(
        &mut self,
        flight: u32,
        body: Result<Vec<u8>, String>,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Settled {
        let ended = self.cache.ended(flight, body.as_deref().ok(), now).unwrap_or_default();
        let failure = body.err().or_else(|| Some(ended.refusal?.to_string()));
        let warnings = ended.warnings.iter().map(ToString::to_string);
        let unusable = ended.unusable.iter().map(ToString::to_string);
        let notices = unusable.chain(warnings).collect();
        Settled { failure, notices, decisions: self.judge_waiting(now, signatures) }
    }

    /// Time went by. `None` when that changes nothing.
    pub fn tick(&mut self, now: UnixTime, signatures: SignatureProvider<'_>) -> Option<Settled> {
        if let Some(flight) = self.cache.lost(now).pop() {
            self.call = None;
            let failure = Err("the host never answered".to_owned());
            return Some(self.ended(flight, failure, now, signatures));
        }
        if self.waiting.values().any(|waiting| waiting.wait.is_over(now)) {
            let decisions = self.judge_waiting(now, signatures);
            return Some(Settled { failure: None, notices: Vec::new(), decisions });
        }
        None
    }

    /// Whether the path, without its query, is one of the exceptions.
    fn is_open(&self, fields: &Fields) -> bool {
        let Ok([path]) = <[&[u8]; 1]>::try_from(values(fields, ":path")) else { return false };
        let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
        let path = std::str::from_utf8(path).unwrap_or_default();
        self.configuration.exceptions.contains(path)
    }

    /// Judges a request by its token, or says what it must wait for.
    fn judge(
        &self,
        candidate: &Candidate,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Result<Decision, Source> {
        let Configuration { rules, source, headers, .. } = &self.configuration;
        let ring = self.cache.ring();
        let verdict = verify_access_token(&candidate.token, rules, source, ring, now, signatures);
        let set = match verdict {
            Verdict::Granted(token) => Ok(headers.of(&token)),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Wanting(source @ Source::KeySet { .. }) => return Err(source),
            // A revocation list cannot be brought here, and waiting would not help.
            Verdict::Wanting(Source::Crls { .. }) => Err(Code::CrlUnavailable.into()),
            // No configuration asks for discovery, and no back end defers.
            Verdict::Wanting(_) => Err(Code::InternalError.into()),
        };
        Ok(match set {
            Ok(set) => Decision::Forward(Forward { remove: candidate.remove.clone(), set }),
            Err(refusal) => self.refuse(refusal),
        })
    }

    fn refuse(&self, refusal: Refusal) -> Decision {
        Decision::Answer(Answer::new(refusal, &self.configuration.rules.scope))
    }

    fn unavailable(&self, detail: &str) -> Decision {
        self.refuse(Refusal::new(Code::KeysUnavailable).detail(detail))
    }

    /// Lets a request wait once more, or says why it may not.
    fn wait(&mut self, number: u32, mut waiting: Waiting, source: Source) -> Option<Decision> {
        if let Err(refusal) = waiting.wait.again() {
            return Some(self.refuse(refusal));
        }
        if !self.cache.is_under_way(&source) {
            self.wanted = Some(source);
        }
        self.waiting.insert(number, waiting);
        None
    }

    /// Judges all that wait. Those that still want keys go on waiting, but not for ever.
    fn judge_waiting(
        &mut self,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Vec<(u32, Decision)> {
        let mut decisions = Vec::new();
        for (number, waiting) in std::mem::take(&mut self.waiting) {
            let decision = match self.judge(&waiting.candidate, now, signatures) {
                Ok(decision) => Some(decision),
                Err(_) if waiting.wait.is_over(now) => {
                    Some(self.unavailable("the keys did not arrive in time"))
                }
                Err(source) => self.wait(number, waiting, source),
            };
            decisions.extend(decision.map(|decision| (number, decision)));
        }
        decisions
    }
}

/// The one token of a request.
fn token(fields: &Fields) -> Result<&str, Refusal> {
    // A value that is no text is no token either, and an empty text is refused as such.
    let text = |value| std::str::from_utf8(value).unwrap_or_default();
    let values: Vec<&str> = values(fields, "authorization").into_iter().map(text).collect();
    guard::bearer(&values)
}

/// The values of all fields of a name, which is in lower case.
fn values<'a>(fields: &'a Fields, name: &str) -> Vec<&'a [u8]> {
    let named = fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_slice()).collect()
}

#[cfg(test)]
mod tests;
