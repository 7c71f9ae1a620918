//! Revocation lists over time: when to fetch, which are kept, how long they are looked at, what a failure leaves.
//!
//! What is at an address may have been written by whoever stands between here and there. So a fetched list is looked at,
//! but is not believed to be an authority's, and replaces nothing, before a key of that authority was found to have signed
//! it: by a registered certificate when it comes ([`KeyRing::unverified_crls`]), or else by the first decision over a path of
//! that authority ([`Trace::take_lists`](crate::exchange::Trace::take_lists)). Then [`KeyRing::verified_crls`] keeps it in
//! the place of the one before it of its [`Lineage`]: one issuer, one key, one part of its certificates. It replaces no list of
//! another lineage, and an earlier list than the last one verified of its lineage is dropped.
//!
//! | lists held | last attempt | [`KeyRing::crls`] | [`KeyRing::due_crls`] |
//! |---|---|---|---|
//! | none | none, or over [`FETCH_BACK_OFF`] ago | wants a fetch | nothing |
//! | any or none | a failure just now | what is held | nothing |
//! | a current one, kept | under [`CRL_REFRESH`] ago, and brought a list that was verified | the lists | nothing |
//! | a current one, kept | under [`CRL_FRESH`] ago, otherwise | the lists | a fetch |
//! | a current one, kept | a failure | the lists | a fetch |
//! | a current one, kept | before [`CRL_FRESH`], or none since the start | wants a fetch | a fetch |
//! | none that is current and kept | over [`FETCH_BACK_OFF`] ago, over [`CRL_COOL_DOWN`] when it brought a list | wants a fetch | a fetch |
//! | none that is current and kept | less long ago | the lists as they are | nothing |
//!
//! - So a source that hangs makes no request wait while a list is current: it is fetched anew beside the requests, and a
//!   failure delays no request after it.
//! - What brought no list that was verified, or one that is past its nextUpdate, is asked again after [`CRL_COOL_DOWN`].
//! - A list past its nextUpdate stays: it still says what was revoked. Whether it is enough otherwise is for the
//!   rules of the path to say.
//!
//! [`CRL_COOL_DOWN`]: crate::limits::CRL_COOL_DOWN
//! [`CRL_FRESH`]: crate::limits::CRL_FRESH
//! [`CRL_REFRESH`]: crate::limits::CRL_REFRESH
//! [`FETCH_BACK_OFF`]: crate::limits::FETCH_BACK_OFF

mod held;

use super::named::Named;
use super::{Dated, KeyRing};
use crate::limits::CRL_SOURCES;
use crate::pem;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::verdict::{Source, Stop};
use crate::x509::{Crl, Floors, Lineage, VerifiedList};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is known of each address.
pub(super) type Lists = Arc<Named<Held>>;

/// What is known of one address.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    revision: u64,
    /// One of each lineage, the last that was verified.
    kept: Vec<Kept>,
    /// Those of the last answer that are not kept.
    fresh: Vec<Crl>,
    /// Those of answers before it that may still turn out to be an authority's, newest first, and when they came.
    earlier: Vec<Dated<Crl>>,
    answer: Option<Answer>,
    /// When the last attempt failed, if the last one did.
    failed: Option<UnixTime>,
}

/// A list that is kept.
#[derive(Clone, Debug)]
struct Kept {
    lineage: Lineage,
    list: Crl,
    /// Whether a key that the policy registers has signed it.
    registered: bool,
}

/// The last answer that brought lists.
#[derive(Clone, Copy, Debug)]
struct Answer {
    at: UnixTime,
    /// The first nextUpdate of its lists.
    until: UnixTime,
    /// Whether one of its lists is kept.
    settled: bool,
}

/// The lists that are held of some addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldCrls {
    /// Those whose signer is not known yet: of each address that has any, the newest first.
    pub unverified: Vec<Vec<Crl>>,
    /// Those that were verified.
    pub kept: Vec<(Lineage, Crl)>,
    /// The first address of which there is none.
    pub missing: Option<String>,
}

/// A list that is kept, for a host that stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCrl {
    /// Where it was fetched.
    pub url: String,
    /// Which lists it replaces, and which replace it.
    pub lineage: Lineage,
    /// The list.
    pub list: Crl,
    /// Whether a key that the policy registers has signed it: then it gives way to no other.
    pub registered: bool,
}

/// Which edition of a lineage was verified, for a host that stores it longer than the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlFloor {
    /// Whose lists, about which part.
    pub lineage: Lineage,
    /// The thisUpdate of the latest.
    pub this_update: UnixTime,
    /// The cRLNumber of the latest that has one: the contents of an INTEGER.
    pub number: Option<Vec<u8>>,
    /// Whether a key that the policy registers has signed it.
    pub registered: bool,
}

/// What came of lists that were verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptCrls {
    /// Those that are kept from now on.
    pub kept: Vec<KeptCrl>,
    /// Those that are no longer kept, since others have their places, by address and lineage. Their editions still count.
    pub dropped: Vec<(String, Lineage)>,
    /// The addresses that brought lists which their authority has replaced, and why those are not kept. For the operator.
    pub refused: Vec<(String, Refusal)>,
}

impl KeyRing {
    /// The revocation lists at `urls`, which are of the configuration.
    ///
    /// # Errors
    /// [`Stop::Wanting`] with [`Source::Crls`] when some must be waited for, as the module's table says.
    pub fn crls(&self, urls: &[&str], now: UnixTime) -> Result<HeldCrls, Stop> {
        let is_wanted = |held: Option<&Held>| held.is_none_or(|held| held.is_wanted(now));
        if let Some(wanted) = self.lists_that(urls, is_wanted) {
            return Err(Stop::Wanting(wanted));
        }
        let mut all = HeldCrls::default();
        for url in urls {
            match self.lists.get(url).filter(|held| !held.is_empty(now)) {
                Some(held) => {
                    let unverified: Vec<Crl> = held.recent(now).cloned().collect();
                    all.unverified.extend((!unverified.is_empty()).then_some(unverified));
                    all.kept.extend(held.kept.iter().map(|kept| (kept.lineage, kept.list.clone())));
                }
                None => _ = all.missing.get_or_insert_with(|| (*url).to_string()),
            }
        }
        Ok(all)
    }

    /// Which of the lists at `urls` are to be fetched though no request need wait for them, as [`KeyRing::due`] says it of
    /// keys.
    #[must_use]
    pub fn due_crls(&self, urls: &[&str], now: UnixTime) -> Option<Source> {
        let is_due =
            |held: Option<&Held>| held.is_some_and(|held| !held.is_empty(now) && held.is_old(now));
        self.lists_that(urls, is_due)
    }

    /// The addresses of which this is known.
    fn lists_that(&self, urls: &[&str], fits: impl Fn(Option<&Held>) -> bool) -> Option<Source> {
        let fitting = |url: &&&str| fits(self.lists.get(url));
        let urls: Vec<String> = urls.iter().filter(fitting).map(|url| (*url).to_string()).collect();
        (!urls.is_empty()).then_some(Source::Crls { urls })
    }

    /// Adds a list that no address is configured for: it is looked at whenever its authority is in a path. For a host
    /// that brings lists along with its question.
    pub fn give_crl(&mut self, list: Crl) {
        Arc::make_mut(&mut self.given).push(list);
        self.generation = self.generation.wrapping_add(1);
    }

    /// The lists that were given.
    pub(crate) fn given_crls(&self) -> &[Crl] {
        &self.given
    }

    /// The last editions that were verified.
    pub(crate) fn crl_floors(&self) -> &Floors {
        &self.floors
    }

    /// Takes the revocation lists at `url`, one in DER or several in PEM, as an answer to [`Source::Crls`]. Nothing that is
    /// kept changes.
    ///
    /// # Errors
    /// The codes of [`Crl::from_der`] and [`pem::revocation_lists`], also when one of several is no list. Each counts as a
    /// failure of the source. [`Code::CrlUnavailable`] when the ring is full.
    pub fn fetched_crl(&mut self, url: &str, body: &[u8], now: UnixTime) -> Result<(), Refusal> {
        let held = self.list_entry(url)?;
        match read(body) {
            Ok(lists) => {
                if held.take(lists, now) {
                    self.generation = self.generation.wrapping_add(1);
                }
                Ok(())
            }
            Err(refusal) => {
                held.failed = Some(now);
                Err(refusal)
            }
        }
    }

    /// Takes note that the host could not fetch the lists at `url`.
    pub fn failed_crl(&mut self, url: &str, now: UnixTime) {
        // A full ring remembers nothing of this address, so there is nothing to note.
        if let Ok(held) = self.list_entry(url) {
            held.failed = Some(now);
        }
    }

    /// The lists from `url` of which no signer is known yet, for [`TrustPolicy::verify_crls`](crate::policy::TrustPolicy::verify_crls).
    pub fn unverified_crls(&self, url: &str) -> impl Iterator<Item = &Crl> {
        self.lists.get(url).into_iter().flat_map(Held::unverified)
    }

    /// Takes note of lists that were found to be signed by their authorities. Each is kept in the place of the one before it,
    /// or dropped when its authority has replaced it. One from the future stays what it is.
    pub fn verified_crls(&mut self, found: &[VerifiedList], now: UnixTime) -> KeptCrls {
        let mut all = KeptCrls::default();
        let begun = |found: &&VerifiedList| found.list().this_update() <= now;
        if !found.iter().any(|found| begun(&found)) {
            return all;
        }
        for (url, held) in Arc::make_mut(&mut self.lists).iter_mut() {
            let mut renewed = false;
            for verified in found.iter().filter(begun) {
                if !held.has(verified.list()) {
                    continue;
                }
                let (list, lineage) = (verified.list().clone(), verified.lineage());
                let is_fresh = held.fresh.iter().any(|held| held.is_copy_of(&list));
                if self.floors.is_replaced(lineage, &list) {
                    held.drop_unverified(&list);
                    all.refused.push((url.to_string(), replaced(&list)));
                } else {
                    let registered = verified.is_of_registered();
                    let new = Kept { lineage, list: list.clone(), registered };
                    let (kept, dropped) = held.keep(new, Some(now));
                    all.dropped.extend(dropped.map(|dropped| (url.to_string(), dropped)));
                    if kept && self.floors.raise(lineage, &list, registered) {
                        renewed |= is_fresh;
                        all.kept.push(KeptCrl { url: url.to_string(), lineage, list, registered });
                    }
                }
                self.generation = self.generation.wrapping_add(1);
            }
            // The source says new things, so what it said before was found out by now or is nothing.
            if renewed {
                held.earlier.clear();
            }
        }
        all
    }

    /// Takes a list that was kept in an earlier life of the host. `is_configured` says whether its address still is; else it
    /// only keeps earlier lists away. Its signature is not checked again: where it was stored is trusted as this process is.
    ///
    /// # Errors
    /// [`Code::CrlUnavailable`] when the ring is full, or its address has no place for it.
    pub fn restore_crl(&mut self, stored: &KeptCrl, is_configured: bool) -> Result<(), Refusal> {
        let KeptCrl { url, lineage, list, registered } = stored;
        self.floors.raise(*lineage, list, *registered);
        if !is_configured {
            return Ok(());
        }
        let new = Kept { lineage: *lineage, list: list.clone(), registered: *registered };
        match self.list_entry(url)?.keep(new, None) {
            (true, _) => Ok(()),
            (false, _) => Err(full()),
        }
    }

    /// Takes note of an edition that was verified in an earlier life of the host.
    pub fn restore_crl_floor(&mut self, floor: &CrlFloor) {
        let edition = (floor.this_update, floor.number.as_deref());
        self.floors.restore(floor.lineage, edition, floor.registered);
    }

    /// Changes whenever something was brought from `url`, or could not be, as [`KeyRing::revision`] does for
    /// issuers.
    #[must_use]
    pub fn crl_revision(&self, url: &str) -> u64 {
        self.lists.get(url).map_or(0, |held| held.revision)
    }

    /// Drops the lists at every address that `keep` does not want. Which editions they were is still known.
    pub fn retain_crls(&mut self, keep: impl FnMut(&str) -> bool) {
        let before = self.lists.len();
        Arc::make_mut(&mut self.lists).retain(keep);
        if self.lists.len() != before {
            self.generation = self.generation.wrapping_add(1);
        }
    }

    fn list_entry(&mut self, url: &str) -> Result<&mut Held, Refusal> {
        let held = Arc::make_mut(&mut self.lists).entry(url, CRL_SOURCES).ok_or_else(full)?;
        held.revision = held.revision.wrapping_add(1);
        Ok(held)
    }
}

fn full() -> Refusal {
    Refusal::new(Code::CrlUnavailable).detail("more lists than are allowed")
}

fn replaced(list: &Crl) -> Refusal {
    Refusal::new(Code::CrlStale)
        .detail("an earlier list than the last one of its authority, or one with a lower number")
        .found(list)
}

/// The lists in a body: one in DER, or those in PEM.
fn read(body: &[u8]) -> Result<Vec<Crl>, Refusal> {
    // DER starts with a SEQUENCE, which base64 of one does not.
    match core::str::from_utf8(body) {
        Ok(text) if !text.starts_with('0') || text.contains("-----BEGIN ") => {
            pem::revocation_lists(text)?.iter().map(|der| Crl::from_der(der)).collect()
        }
        _ => Ok([Crl::from_der(body)?].into()),
    }
}

#[cfg(test)]
mod tests;
