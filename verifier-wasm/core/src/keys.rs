//! Key sets of issuers over time: when to fetch, how long to use, when to refuse.
//!
//! The core fetches nothing. [`KeyRing::jwks`] gives the keys, or says what it wants; [`KeyRing::due`] says what is to be
//! fetched beside, though nobody need wait for it. The host fetches, and a [`KeyCache`] is the loop around it: it begins
//! one fetch a source for all who want it, takes the answers, and bounds how often a request asks again.
//!
//! | keys held, by age | token's `kid` | last answer of the source | [`KeyRing::jwks`] | [`KeyRing::due`] |
//! |---|---|---|---|---|
//! | none, or from [`KEYS_STALE_MAX`] | any | none, or over [`FETCH_BACK_OFF`] ago | wants a fetch | nothing |
//! | none, or from [`KEYS_STALE_MAX`] | any | a failure just now | refused: [`Code::KeysUnavailable`] | nothing |
//! | under [`KEYS_REFRESH`] | known or none | any | the keys | nothing |
//! | under [`KEYS_STALE_MAX`] | known or none | a failure just now | the keys | nothing |
//! | under [`KEYS_STALE_MAX`] | known or none | any other | the keys | a fetch |
//! | under [`KEYS_STALE_MAX`] | unknown | over [`UNKNOWN_KID_COOL_DOWN`] ago | wants a fetch | as above |
//! | under [`KEYS_STALE_MAX`] | unknown | less long ago | the keys, which will not match | as above |
//!
//! - A token whose key is held never waits: a source that hangs delays no request until the keys are too old to be used.
//! - A set is replaced whole, never merged. One without a usable key replaces too: the issuer has withdrawn its keys, and
//!   the next token that names one of them is refused as [`Code::KeyUnknown`]. Only an answer that is no JWK set leaves
//!   the last good set where it is and counts as a failure.
//! - The age of a set counts from the start of its fetch: what the issuer did while it answered may not be in it. So a
//!   removed key is refused at the latest [`KEYS_STALE_MAX`] seconds after its removal, or after
//!   [`KeyRules::serve_for`] where its provider has that.
//! - Discovery comes before the keys and is repeated after [`DISCOVERY_FRESH`], and after every failure, since
//!   the address of the keys may have moved.
//! - Clocks may step. Every age is the distance between two times in either direction, so a step back
//!   makes a set old, never young for ever.

mod answer;
mod cache;
mod discovery;
mod lists;
mod named;

pub use answer::{AnswerHead, AnswerRefused, Document};
pub use cache::{Ended, Fetch, Flights, KeyCache, Wait};
pub use discovery::{is_http, is_https};
pub use lists::{CrlFloor, HeldCrls, KeptCrl, KeptCrls};

use self::named::Named;
use crate::jose::{JwkSet, KeyRules, KeyWarning};
use crate::limits::{
    DISCOVERY_FRESH, FETCH_BACK_OFF, ISSUERS, KEYS_REFRESH, KEYS_STALE_MAX, UNKNOWN_KID_COOL_DOWN,
};
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::verdict::{Source, Stop};
use crate::x509::{Crl, Floors};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Where the keys of an issuer come from. Configuration says it, never a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The issuer's discovery document names their address (OpenID Connect Discovery section 4).
    Discovery,
    /// This address.
    JwksUri(String),
    /// These keys. Nothing is ever fetched.
    Static(Arc<JwkSet>),
}

/// The keys of all issuers at one moment, and the revocation lists. Cloning is cheap, and a clone does not change with the original.
///
/// Issuers are told apart by their exact text (RFC 8725 section 3.8). Two providers of one issuer share
/// its keys, so they must name the same source and the same rules.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    issuers: Arc<Named<Issuer>>,
    lists: lists::Lists,
    /// The last edition of each lineage of revocation lists.
    floors: Floors,
    /// Revocation lists that came with the question.
    given: Arc<Vec<Crl>>,
    generation: u64,
}

/// What is known of one issuer.
#[derive(Clone, Debug, Default)]
struct Issuer {
    /// How often something was brought or failed.
    revision: u64,
    jwks_uri: Option<Dated<Arc<str>>>,
    keys: Option<Dated<Arc<JwkSet>>>,
    /// How many seconds the keys serve, where that is not the usual time.
    serve_for: Option<i64>,
    answer: Option<Dated<Answer>>,
}

#[derive(Clone, Debug)]
struct Dated<T> {
    value: T,
    at: UnixTime,
}

/// How the last attempt to get keys ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Keys,
    Failure,
}

impl KeyRing {
    /// The keys of `issuer`, good for a token that names `kid`.
    ///
    /// `issuer` is the configured text, never the token's. When the answer is the keys, the token's `kid` may
    /// still match none of them.
    ///
    /// # Errors
    /// [`Stop::Wanting`] with [`Source::Discovery`] or [`Source::KeySet`], for which the request must wait;
    /// [`Code::KeysUnavailable`] when the source failed a moment ago and nothing is left that may be used. The module's
    /// table says when.
    pub fn jwks(
        &self,
        issuer: &str,
        source: &KeySource,
        kid: Option<&str>,
        now: UnixTime,
    ) -> Result<Arc<JwkSet>, Stop> {
        if let KeySource::Static(keys) = source {
            return Ok(Arc::clone(keys));
        }
        let nothing = Issuer::default();
        let held = self.issuers.get(issuer).unwrap_or(&nothing);
        match held.decide(kid, now) {
            Decision::Use(keys) => Ok(keys),
            Decision::Fetch => Err(Stop::Wanting(held.wanted(issuer, source, now))),
            Decision::Refuse => Err(Refusal::new(Code::KeysUnavailable).detail(issuer).into()),
        }
    }

    /// What is to be fetched for `issuer` though no request need wait for it, as the module's table says: keys that are
    /// held and serve, but not for ever. A host with a clock of its own asks it now and then, another one after each
    /// request. Where nothing is held a request must want it first, so that one which no key can verify causes no fetch.
    #[must_use]
    pub fn due(&self, issuer: &str, source: &KeySource, now: UnixTime) -> Option<Source> {
        if matches!(source, KeySource::Static(_)) {
            return None;
        }
        let nothing = Issuer::default();
        let held = self.issuers.get(issuer).unwrap_or(&nothing);
        held.is_due(now).then(|| held.wanted(issuer, source, now))
    }

    /// Takes the discovery document of `issuer`, as an answer to [`Source::Discovery`].
    ///
    /// # Errors
    /// [`Code::DiscoveryMalformed`] when it is too large, not strict JSON, or `jwks_uri` is not an https URL;
    /// [`Code::DiscoveryIssuer`] when it names another issuer (RFC 8414 section 3.3). Either counts as a failure of
    /// the source. [`Code::KeysUnavailable`] when the ring is full.
    pub fn discovered(&mut self, issuer: &str, body: &[u8], now: UnixTime) -> Result<(), Refusal> {
        self.take_discovery(issuer, body, now, now).map(|_| ())
    }

    /// As [`KeyRing::discovered`], of a document whose fetch began at `began`. Gives the address of the keys.
    fn take_discovery(
        &mut self,
        issuer: &str,
        body: &[u8],
        began: UnixTime,
        now: UnixTime,
    ) -> Result<String, Refusal> {
        let entry = self.entry(issuer)?;
        match discovery::jwks_uri(issuer, body) {
            Ok(uri) => {
                entry.jwks_uri = Some(Dated { value: uri.as_str().into(), at: began });
                Ok(uri)
            }
            Err(refusal) => {
                entry.fail(now);
                Err(refusal)
            }
        }
    }

    /// Takes the JWK set of `issuer`, as an answer to [`Source::KeySet`]. `rules` are those of its provider.
    ///
    /// # Errors
    /// The codes of [`JwkSet::published`], which count as a failure of the source; the last good set stays.
    /// [`Code::KeysUnavailable`] when the ring is full.
    pub fn fetched(
        &mut self,
        issuer: &str,
        rules: &KeyRules,
        body: &[u8],
        now: UnixTime,
    ) -> Result<(), Refusal> {
        self.take_keys(issuer, rules, body, now, now)
    }

    /// As [`KeyRing::fetched`], of a set whose fetch began at `began`.
    fn take_keys(
        &mut self,
        issuer: &str,
        rules: &KeyRules,
        body: &[u8],
        began: UnixTime,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let entry = self.entry(issuer)?;
        let keys = JwkSet::published(body, rules).inspect_err(|_| entry.fail(now))?;
        let changed = entry.keys.as_ref().is_none_or(|held| *held.value != keys);
        entry.keys = Some(Dated { value: Arc::new(keys), at: began });
        entry.serve_for = rules.serve_for;
        entry.answer = Some(Dated { value: Answer::Keys, at: now });
        if changed {
            self.generation = self.generation.wrapping_add(1);
        }
        Ok(())
    }

    /// Takes note that the host could not fetch what was wanted for `issuer`: no answer in time, a status
    /// other than 200, a refused address.
    pub fn failed(&mut self, issuer: &str, now: UnixTime) {
        // A full ring remembers nothing of this issuer, so there is nothing to note.
        if let Ok(entry) = self.entry(issuer) {
            entry.fail(now);
        }
    }

    /// Drops every issuer that `keep` does not want: those that a new policy no longer names, or one whose
    /// keys must be fetched anew at once.
    pub fn retain(&mut self, keep: impl FnMut(&str) -> bool) {
        let before = self.issuers.len();
        Arc::make_mut(&mut self.issuers).retain(keep);
        if self.issuers.len() != before {
            self.generation = self.generation.wrapping_add(1);
        }
    }

    /// How many keys are held for `issuer`, and when their fetch began; `None` before the first.
    #[must_use]
    pub fn held(&self, issuer: &str) -> Option<(usize, UnixTime)> {
        let keys = self.issuers.get(issuer)?.keys.as_ref()?;
        Some((keys.value.keys().len(), keys.at))
    }

    /// What the publisher of the keys that are held for `issuer` should be told. A host logs it when
    /// [`KeyRing::generation`] has changed.
    #[must_use]
    pub fn warnings(&self, issuer: &str) -> &[KeyWarning] {
        let keys = self.issuers.get(issuer).and_then(|held| held.keys.as_ref());
        keys.map_or(&[], |keys| keys.value.warnings())
    }

    /// Why the set that is held for `issuer` serves no token, when it serves none. A host logs it as it does the warnings.
    #[must_use]
    pub fn why_unusable(&self, issuer: &str) -> Option<Refusal> {
        self.issuers.get(issuer)?.keys.as_ref()?.value.why_unusable()
    }

    /// Changes whenever a key set or a revocation list changes. A verdict that is remembered is remembered with this number.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Changes whenever something was brought for `issuer`, or could not be. A host that waited for another
    /// fetch of the same issuer asks again when this number is not the one that it saw before.
    #[must_use]
    pub fn revision(&self, issuer: &str) -> u64 {
        self.issuers.get(issuer).map_or(0, |held| held.revision)
    }

    /// What is known of `issuer`, about to change.
    fn entry(&mut self, issuer: &str) -> Result<&mut Issuer, Refusal> {
        let full = || Refusal::new(Code::KeysUnavailable).detail("more issuers than are allowed");
        let entry = Arc::make_mut(&mut self.issuers).entry(issuer, ISSUERS).ok_or_else(full)?;
        entry.revision = entry.revision.wrapping_add(1);
        Ok(entry)
    }
}

enum Decision {
    Use(Arc<JwkSet>),
    Fetch,
    Refuse,
}

impl Issuer {
    /// The table of the module: what a request gets.
    fn decide(&self, kid: Option<&str>, now: UnixTime) -> Decision {
        let Some(keys) = self.keys.as_ref().filter(|keys| keys.age(now) < self.serve_for()) else {
            return if self.just_failed(now) { Decision::Refuse } else { Decision::Fetch };
        };
        let cooling =
            self.answer.as_ref().is_some_and(|answer| answer.age(now) < UNKNOWN_KID_COOL_DOWN);
        let lacking = kid.is_some_and(|kid| keys.value.lacks(kid)) && !cooling;
        if lacking { Decision::Fetch } else { Decision::Use(Arc::clone(&keys.value)) }
    }

    /// The table of the module: what is fetched beside.
    fn is_due(&self, now: UnixTime) -> bool {
        let serves =
            |keys: &Dated<Arc<JwkSet>>| (KEYS_REFRESH..self.serve_for()).contains(&keys.age(now));
        self.keys.as_ref().is_some_and(serves) && !self.just_failed(now)
    }

    fn serve_for(&self) -> i64 {
        self.serve_for.unwrap_or(KEYS_STALE_MAX)
    }

    fn just_failed(&self, now: UnixTime) -> bool {
        let last = self.answer.as_ref().filter(|answer| answer.value == Answer::Failure);
        last.is_some_and(|failure| failure.age(now) < FETCH_BACK_OFF)
    }

    /// The next thing to fetch.
    fn wanted(&self, issuer: &str, source: &KeySource, now: UnixTime) -> Source {
        let discovered = self.jwks_uri.as_ref().filter(|uri| uri.age(now) < DISCOVERY_FRESH);
        let address = match source {
            KeySource::JwksUri(uri) => Some(uri.as_str()),
            KeySource::Discovery | KeySource::Static(_) => discovered.map(|uri| &*uri.value),
        };
        let issuer = issuer.to_string();
        match address {
            Some(url) => Source::KeySet { issuer, url: url.to_string() },
            None => Source::Discovery { url: discovery::address(&issuer), issuer },
        }
    }

    fn fail(&mut self, now: UnixTime) {
        self.answer = Some(Dated { value: Answer::Failure, at: now });
        self.jwks_uri = None;
    }
}

impl<T> Dated<T> {
    /// Seconds between then and now, in either direction.
    fn age(&self, now: UnixTime) -> i64 {
        now.since(self.at).saturating_abs()
    }
}

#[cfg(test)]
mod tests;
