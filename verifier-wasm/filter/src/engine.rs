//! The decisions of the filter: events in, decisions out, no host call.
//!
//! A request that wants keys waits. All that wait are judged again when the one call for the keys has been
//! answered, or has failed; whether keys that are left may then be used is
//! [`KeyRing`]'s to say.
//!
//! A cache of verdicts would stand in [`Engine::judge`], before the verification, and hold whole tokens with
//! [`KeyRing::generation`].

pub mod answer;
pub mod configuration;
pub mod fetching;
pub mod headers;

use crate::host::Fields;
use crate::limits::{PATIENCE, WAITING};
use answer::Answer;
use configuration::{Configuration, Endpoint};
use credmint_core::guard::{self, verify_access_token};
use credmint_core::jose::KeyRules;
use credmint_core::keys::KeyRing;
use credmint_core::signature::SignatureProvider;
use credmint_core::{Code, Refusal, Source, UnixTime, Verdict};
use fetching::Fetcher;
use std::collections::BTreeMap;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on to the service.
    Forward(Forward),
    /// It goes no further.
    Answer(Answer),
    /// It waits; a later event decides.
    Wait,
}

/// How a request goes on.
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
    /// The requests that were waiting. None of them is [`Decision::Wait`].
    pub decisions: Vec<(u32, Decision)>,
}

/// The state of one filter: its configuration, the keys, and who waits for them.
pub struct Engine {
    configuration: Configuration,
    ring: KeyRing,
    fetcher: Fetcher,
    waiting: BTreeMap<u32, Waiting>,
}

struct Waiting {
    candidate: Candidate,
    since: UnixTime,
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
            ring: KeyRing::default(),
            fetcher: Fetcher::default(),
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
            Some(decision) => decision,
            None => self.wait(number, Waiting { candidate, since: now }),
        }
    }

    /// A request is over, whatever became of it.
    pub fn gone(&mut self, number: u32) {
        self.waiting.remove(&number);
    }

    /// The call to make now, if there is one. [`Engine::called`] or [`Engine::failed`] says what came of it.
    #[must_use]
    pub fn due(&self, now: UnixTime) -> Option<&Endpoint> {
        self.configuration.endpoint.as_ref().filter(|_| self.fetcher.is_due(now))
    }

    /// Whether a request waits for a call that has not been made.
    #[must_use]
    pub fn wants_call(&self) -> bool {
        self.fetcher.state == fetching::Fetching::Wanted
    }

    /// The call was made and has this number.
    pub const fn called(&mut self, call: u32, now: UnixTime) {
        self.fetcher.called(call, now);
    }

    /// A call was answered: with a body, or with the reason why there is none. `None` for a call that nobody waits
    /// for any more.
    pub fn answered(
        &mut self,
        call: u32,
        body: Result<Vec<u8>, String>,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Option<Settled> {
        if !self.fetcher.is_answer(call) {
            return None;
        }
        let issuer = &self.configuration.rules.issuer;
        let taken = body.and_then(|body| {
            self.ring
                .fetched(issuer, &KeyRules::default(), &body, now)
                .map_err(|refusal| refusal.to_string())
        });
        match taken {
            Ok(()) => {
                self.fetcher.succeeded(now);
                Some(Settled { failure: None, decisions: self.judge_waiting(now, signatures) })
            }
            Err(failure) => Some(self.failed(failure, now, signatures)),
        }
    }

    /// The call could not be made, or brought no keys.
    pub fn failed(
        &mut self,
        failure: String,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Settled {
        self.fetcher.failed(now);
        self.ring.failed(&self.configuration.rules.issuer, now);
        Settled { failure: Some(failure), decisions: self.judge_waiting(now, signatures) }
    }

    /// Time went by. `None` when that changes nothing.
    pub fn tick(&mut self, now: UnixTime, signatures: SignatureProvider<'_>) -> Option<Settled> {
        if self.fetcher.is_lost(now) {
            return Some(self.failed("the host never answered".to_owned(), now, signatures));
        }
        let late = |waiting: &Waiting| now.since(waiting.since).saturating_abs() > PATIENCE;
        if self.waiting.values().any(late) {
            return Some(Settled { failure: None, decisions: self.judge_waiting(now, signatures) });
        }
        None
    }

    /// Whether the path, without its query, is one of the exceptions.
    fn is_open(&self, fields: &Fields) -> bool {
        let Ok([path]) = <[&[u8]; 1]>::try_from(values(fields, ":path")) else { return false };
        let path = path.split(|octet| *octet == b'?').next().unwrap_or_default();
        let path = std::str::from_utf8(path).unwrap_or_default();
        self.configuration.exceptions.contains(path)
    }

    /// Judges a request by its token. `None` when keys are wanted.
    fn judge(
        &self,
        candidate: &Candidate,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Option<Decision> {
        let Configuration { rules, source, headers, .. } = &self.configuration;
        let verdict =
            verify_access_token(&candidate.token, rules, source, &self.ring, now, signatures);
        let set = match verdict {
            Verdict::Granted(token) => Ok(headers.of(&token)),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Wanting(Source::KeySet { .. }) => return None,
            // Nobody here can bring a revocation list, and waiting would not help.
            Verdict::Wanting(Source::Crls { .. }) => Err(Code::CrlUnavailable.into()),
            // No configuration asks for discovery, and no back end defers.
            Verdict::Wanting(_) => Err(Code::InternalError.into()),
        };
        Some(match set {
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

    fn wait(&mut self, number: u32, waiting: Waiting) -> Decision {
        if self.waiting.len() >= WAITING {
            return self.unavailable("too many requests wait for keys");
        }
        self.fetcher.want();
        self.waiting.insert(number, waiting);
        Decision::Wait
    }

    /// Judges all that wait. Those that still want keys go on waiting, but not for ever.
    fn judge_waiting(
        &mut self,
        now: UnixTime,
        signatures: SignatureProvider<'_>,
    ) -> Vec<(u32, Decision)> {
        let mut decisions = Vec::new();
        for (number, waiting) in std::mem::take(&mut self.waiting) {
            let late = now.since(waiting.since).saturating_abs() > PATIENCE;
            match self.judge(&waiting.candidate, now, signatures) {
                Some(decision) => decisions.push((number, decision)),
                None if late => {
                    decisions.push((number, self.unavailable("the keys did not come in time")));
                }
                None => {
                    self.fetcher.want();
                    self.waiting.insert(number, waiting);
                }
            }
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
