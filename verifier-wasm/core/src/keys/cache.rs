//! The loop of every host, without its input and output: wanted → fetched → asked again.
//!
//! ```text
//! ask the core ──► an answer ──► is something due? begin it, and do not wait for it
//!      │ wants a source
//!      ▼
//! begin: one flight a source; who wants what is under way waits for that flight
//!      │ the host fetches
//!      ▼
//! ended: the ring takes the body, or the failure ──► all who wait ask again, a bounded number of times
//! ```

use super::{CrlFloor, Document, KeptCrl, KeptCrls, KeyRing};
use crate::jose::{KeyRules, KeyWarning};
use crate::limits::{FETCH_DEADLINE, FETCH_GRACE, FETCH_ROUNDS, FETCH_WAIT};
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::verdict::Source;
use crate::x509::VerifiedList;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The key ring of a host, and what is being fetched for it.
#[derive(Debug, Default)]
pub struct KeyCache {
    ring: KeyRing,
    /// What configuration demands of the keys of each issuer.
    rules: BTreeMap<String, KeyRules>,
    /// Few at a time; a flight is found by its owner or its number.
    flights: Vec<Flight>,
    /// The number of the last flight.
    last: u32,
}

/// For whom a flight is. Discovery and keys of an issuer are one flight.
#[derive(Debug, PartialEq, Eq)]
enum Owner {
    Issuer(String),
    RevocationList(String),
}

/// What is under way for one owner.
#[derive(Debug)]
struct Flight {
    owner: Owner,
    number: u32,
    document: Document,
    /// When the fetch of this document began.
    began: UnixTime,
}

/// One fetch, for the host to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The flight that it belongs to; [`KeyCache::ended`] wants it back.
    pub flight: u32,
    /// What is fetched: how large it may be, and what its answer must say.
    pub document: Document,
    /// The issuer that it is about, as configured; none for a revocation list.
    pub issuer: Option<String>,
    /// Where it is.
    pub url: String,
}

/// What a request waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flights {
    /// Fetches that the host is to begin.
    pub begin: Vec<Fetch>,
    /// The flights after which to ask again, those of `begin` among them. None: ask again at once.
    pub wait: Vec<u32>,
}

/// What came of a fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The next fetch of the same flight: the keys after the discovery document. The flight goes on with it.
    pub next: Option<Fetch>,
    /// Why what was fetched was not taken. For the operator.
    pub refusal: Option<Refusal>,
    /// Why the key set that was taken serves no token, where the set is a new one. For the operator.
    pub unusable: Option<Refusal>,
    /// Secrets that a key set publishes, where the set is a new one. For the operator.
    pub warnings: Vec<KeyWarning>,
}

impl KeyCache {
    /// A cache that holds nothing yet. An issuer that `rules` does not name has no rules of its own.
    #[must_use]
    pub fn new(rules: BTreeMap<String, KeyRules>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The cache of another configuration that takes the place of this one. It holds of this one the keys of the issuers whose
    /// rules are the same in `rules` and of which `is_same` says that their source is, the revocation lists at addresses that
    /// `is_list` knows, and every edition of a list that was verified. What is under way for this one comes to this one alone.
    #[must_use]
    pub fn carried(
        &self,
        rules: BTreeMap<String, KeyRules>,
        mut is_same: impl FnMut(&str) -> bool,
        is_list: impl FnMut(&str) -> bool,
    ) -> Self {
        let mut ring = self.ring.clone();
        ring.retain(|issuer| self.rules.get(issuer) == rules.get(issuer) && is_same(issuer));
        ring.retain_crls(is_list);
        Self { ring, rules, ..Self::default() }
    }

    /// What is held.
    #[must_use]
    pub const fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Begins what `source` needs, unless it is under way already, or `seen`, the ring that was asked, is no longer what
    /// is known of it.
    ///
    /// For [`Verdict::Wanting`](crate::Verdict::Wanting) the request waits for the flights; for [`KeyRing::due`] nobody
    /// does.
    pub fn begin(&mut self, source: &Source, seen: &KeyRing, now: UnixTime) -> Flights {
        let mut flights = Flights::default();
        for (owner, document, url) in parts(source) {
            if owner.revision(&self.ring) != owner.revision(seen) {
                continue;
            }
            if let Some(flight) = self.flights.iter().find(|flight| flight.owner == owner) {
                flights.wait.push(flight.number);
                continue;
            }
            self.last = self.last.wrapping_add(1);
            let number = self.last;
            let issuer = owner.issuer().cloned();
            self.flights.push(Flight { owner, number, document, began: now });
            flights.wait.push(number);
            flights.begin.push(Fetch { flight: number, document, issuer, url });
        }
        flights
    }

    /// Whether all that `source` needs is being fetched already.
    #[must_use]
    pub fn is_under_way(&self, source: &Source) -> bool {
        let open = |owner: &Owner| self.flights.iter().any(|flight| flight.owner == *owner);
        parts(source).iter().all(|(owner, ..)| open(owner))
    }

    /// A fetch ended: with the body of an answer that [`Document::check`] let pass, or with none. `None` for a flight that
    /// is over already.
    pub fn ended(&mut self, flight: u32, body: Option<&[u8]>, now: UnixTime) -> Option<Ended> {
        let place = self.flights.iter().position(|open| open.number == flight)?;
        let Flight { owner, number, document, began } = self.flights.swap_remove(place);
        Some(match owner {
            Owner::RevocationList(url) => self.list_ended(&url, body, now),
            Owner::Issuer(issuer) => match (document, body) {
                (_, None) => {
                    self.ring.failed(&issuer, now);
                    Ended::default()
                }
                (Document::Discovery, Some(body)) => {
                    match self.ring.take_discovery(&issuer, body, began, now) {
                        Ok(url) => self.keys_next(number, issuer, url, now),
                        Err(refusal) => Ended::refused(refusal),
                    }
                }
                (_, Some(body)) => self.keys_ended(&issuer, body, began, now),
            },
        })
    }

    /// Flights whose host owes an answer for so long that it will not come; each is to be ended without a body.
    #[must_use]
    pub fn lost(&self, now: UnixTime) -> Vec<u32> {
        let patience = FETCH_DEADLINE.saturating_add(FETCH_GRACE);
        let lost = |flight: &&Flight| now.since(flight.began).saturating_abs() > patience;
        self.flights.iter().filter(lost).map(|flight| flight.number).collect()
    }

    /// Takes note of revocation lists that were verified, as [`KeyRing::verified_crls`] says.
    pub fn verified_crls(&mut self, found: &[VerifiedList], now: UnixTime) -> KeptCrls {
        self.ring.verified_crls(found, now)
    }

    /// Takes a revocation list that was kept in an earlier life of the host, as [`KeyRing::restore_crl`] says.
    ///
    /// # Errors
    /// As there.
    pub fn restore_crl(&mut self, stored: &KeptCrl, is_configured: bool) -> Result<(), Refusal> {
        self.ring.restore_crl(stored, is_configured)
    }

    /// Takes note of an edition of a list, as [`KeyRing::restore_crl_floor`] says.
    pub fn restore_crl_floor(&mut self, floor: &CrlFloor) {
        self.ring.restore_crl_floor(floor);
    }

    fn keys_next(&mut self, number: u32, issuer: String, url: String, now: UnixTime) -> Ended {
        let document = Document::KeySet;
        let next = Fetch { flight: number, document, issuer: Some(issuer.clone()), url };
        let owner = Owner::Issuer(issuer);
        self.flights.push(Flight { owner, number, document, began: now });
        Ended { next: Some(next), ..Ended::default() }
    }

    fn keys_ended(&mut self, issuer: &str, body: &[u8], began: UnixTime, now: UnixTime) -> Ended {
        let before = self.ring.generation();
        let none = KeyRules::default();
        let rules = self.rules.get(issuer).unwrap_or(&none);
        match self.ring.take_keys(issuer, rules, body, began, now) {
            Err(refusal) => Ended::refused(refusal),
            // Said once for each set, not for each time that the same one is fetched.
            Ok(()) if self.ring.generation() == before => Ended::default(),
            Ok(()) => Ended {
                unusable: self.ring.why_unusable(issuer),
                warnings: self.ring.warnings(issuer).to_vec(),
                ..Ended::default()
            },
        }
    }

    fn list_ended(&mut self, url: &str, body: Option<&[u8]>, now: UnixTime) -> Ended {
        let taken = match body {
            Some(body) => self.ring.fetched_crl(url, body, now),
            None => {
                self.ring.failed_crl(url, now);
                Ok(())
            }
        };
        taken.map_or_else(Ended::refused, |()| Ended::default())
    }
}

impl Owner {
    const fn issuer(&self) -> Option<&String> {
        match self {
            Self::Issuer(issuer) => Some(issuer),
            Self::RevocationList(_) => None,
        }
    }

    fn revision(&self, ring: &KeyRing) -> u64 {
        match self {
            Self::Issuer(issuer) => ring.revision(issuer),
            Self::RevocationList(url) => ring.crl_revision(url),
        }
    }
}

impl Ended {
    fn refused(refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }
}

/// What a source is made of: whose flight it is, what is fetched, where.
fn parts(source: &Source) -> Vec<(Owner, Document, String)> {
    match source {
        Source::Discovery { issuer, url } => {
            Vec::from([(Owner::Issuer(issuer.clone()), Document::Discovery, url.clone())])
        }
        Source::KeySet { issuer, url } => {
            Vec::from([(Owner::Issuer(issuer.clone()), Document::KeySet, url.clone())])
        }
        Source::Crls { urls } => {
            let list = |url: &String| {
                (Owner::RevocationList(url.clone()), Document::RevocationList, url.clone())
            };
            urls.iter().map(list).collect()
        }
        // Nothing that is fetched.
        Source::Signatures(_) => Vec::new(),
    }
}

/// How long one request goes on waiting and asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    since: UnixTime,
    rounds: usize,
}

impl Wait {
    /// A request that comes now.
    #[must_use]
    pub const fn new(now: UnixTime) -> Self {
        Self { since: now, rounds: 0 }
    }

    /// A request that has waited so often already.
    #[must_use]
    pub const fn after(rounds: usize, since: UnixTime) -> Self {
        Self { since, rounds }
    }

    /// The request wants something once more.
    ///
    /// # Errors
    /// [`Code::KeysUnavailable`] when it has waited [`FETCH_ROUNDS`] times.
    pub fn again(&mut self) -> Result<(), Refusal> {
        if self.rounds >= FETCH_ROUNDS {
            let detail = format!("gave up after {FETCH_ROUNDS} fetches");
            return Err(Refusal::new(Code::KeysUnavailable).detail(detail));
        }
        self.rounds = self.rounds.saturating_add(1);
        Ok(())
    }

    /// Whether the request has waited for longer than [`FETCH_WAIT`].
    #[must_use]
    pub fn is_over(&self, now: UnixTime) -> bool {
        now.since(self.since).saturating_abs() > FETCH_WAIT
    }
}

#[cfg(test)]
mod tests;
