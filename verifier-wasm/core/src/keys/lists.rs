//! Revocation lists over time: when to fetch, how long a list is looked at, what a failure leaves.
//!
//! | list held | last attempt | [`KeyRing::crls`] | [`KeyRing::due_crls`] |
//! |---|---|---|---|
//! | none | none, or over [`FETCH_BACK_OFF`] ago | wants a fetch | nothing |
//! | any or none | a failure just now | what is held | nothing |
//! | current, fetched under [`CRL_REFRESH`] ago | any | the list | nothing |
//! | current, fetched under [`CRL_FRESH`] ago | any other | the list | a fetch |
//! | current, older | a failure | the list | a fetch |
//! | current, older | brought it | wants a fetch | a fetch |
//! | past its nextUpdate | over [`FETCH_BACK_OFF`] ago, over [`CRL_COOL_DOWN`] when it brought a list | wants a fetch | a fetch |
//! | past its nextUpdate | less long ago | the list as it is | nothing |
//!
//! - So a source that hangs makes no request wait while a list is current: it is fetched anew beside the requests, and a
//!   failure delays no request after it.
//! - A list past its nextUpdate stays: it still says what was revoked. Whether it is enough otherwise is for the
//!   rules of the path to say.
//! - A list is replaced whole, and never by an earlier one of its sequence: whoever stands between here and the
//!   authority could otherwise bring back the list from before a revocation.

use super::named::Named;
use super::{Dated, KeyRing};
use crate::limits::{CRL_COOL_DOWN, CRL_FRESH, CRL_REFRESH, CRL_SOURCES, FETCH_BACK_OFF};
use crate::pem;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::verdict::{Source, Stop};
use crate::x509::Crl;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is known of each address.
pub(super) type Lists = Arc<Named<Held>>;

/// What is known of one address.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    revision: u64,
    list: Option<Dated<Crl>>,
    /// When the last attempt failed, if the last one did.
    failed: Option<UnixTime>,
}

impl KeyRing {
    /// The revocation lists at `urls`, which are of the configuration, in their order; `None` where one cannot be
    /// had.
    ///
    /// # Errors
    /// [`Stop::Wanting`] with [`Source::Crls`] when some must be waited for, as the module's table says.
    pub fn crls(&self, urls: &[&str], now: UnixTime) -> Result<Vec<Option<Crl>>, Stop> {
        let is_wanted = |held: Option<&Held>| held.is_none_or(|held| held.is_wanted(now));
        if let Some(wanted) = self.lists_that(urls, is_wanted) {
            return Err(Stop::Wanting(wanted));
        }
        let held = |url: &&str| {
            let list = self.lists.get(url)?.list.as_ref()?;
            Some(list.value.clone())
        };
        Ok(urls.iter().map(held).collect())
    }

    /// Which of the lists at `urls` are to be fetched though no request need wait for them, as [`KeyRing::due`] says it of
    /// keys.
    #[must_use]
    pub fn due_crls(&self, urls: &[&str], now: UnixTime) -> Option<Source> {
        let is_due =
            |held: Option<&Held>| held.is_some_and(|held| held.list.is_some() && held.is_old(now));
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

    /// Takes the revocation list at `url`, DER or PEM, as an answer to [`Source::Crls`].
    ///
    /// # Errors
    /// The codes of [`Crl::from_der`] and [`pem::revocation_list`], and [`Code::CrlStale`] for a list that is earlier
    /// than the one held. Each counts as a failure of the source; the last good list stays.
    /// [`Code::CrlUnavailable`] when the ring is full.
    pub fn fetched_crl(&mut self, url: &str, body: &[u8], now: UnixTime) -> Result<(), Refusal> {
        let held = self.list_entry(url)?;
        let list = match read(body).and_then(|list| held.not_earlier(list)) {
            Ok(list) => list,
            Err(refusal) => {
                held.failed = Some(now);
                return Err(refusal);
            }
        };
        let changed = held.list.as_ref().is_none_or(|held| held.value != list);
        held.list = Some(Dated { value: list, at: now });
        held.failed = None;
        if changed {
            self.generation = self.generation.wrapping_add(1);
        }
        Ok(())
    }

    /// Takes note that the host could not fetch the list at `url`.
    pub fn failed_crl(&mut self, url: &str, now: UnixTime) {
        // A full ring remembers nothing of this address, so there is nothing to note.
        if let Ok(held) = self.list_entry(url) {
            held.failed = Some(now);
        }
    }

    /// Changes whenever something was brought from `url`, or could not be, as [`KeyRing::revision`] does for
    /// issuers.
    #[must_use]
    pub fn crl_revision(&self, url: &str) -> u64 {
        self.lists.get(url).map_or(0, |held| held.revision)
    }

    fn list_entry(&mut self, url: &str) -> Result<&mut Held, Refusal> {
        let full = || Refusal::new(Code::CrlUnavailable).detail("more lists than are allowed");
        let held = Arc::make_mut(&mut self.lists).entry(url, CRL_SOURCES).ok_or_else(full)?;
        held.revision = held.revision.wrapping_add(1);
        Ok(held)
    }
}

impl Held {
    /// The table of the module: what a request waits for.
    fn is_wanted(&self, now: UnixTime) -> bool {
        let old = |list: &Dated<Crl>| {
            let current = now < list.value.next_update();
            !current || (self.failed.is_none() && list.age(now) >= CRL_FRESH)
        };
        self.is_old(now) && self.list.as_ref().is_none_or(old)
    }

    /// Whether a newer one should be had, and may be asked for.
    fn is_old(&self, now: UnixTime) -> bool {
        let just = |failed: UnixTime| now.since(failed).saturating_abs() < FETCH_BACK_OFF;
        if self.failed.is_some_and(just) {
            return false;
        }
        let Some(list) = &self.list else { return true };
        let past = now >= list.value.next_update();
        list.age(now) >= if past { CRL_COOL_DOWN } else { CRL_REFRESH }
    }

    fn not_earlier(&self, list: Crl) -> Result<Crl, Refusal> {
        match &self.list {
            Some(held) if held.value.supersedes(&list) => Err(Refusal::new(Code::CrlStale)
                .detail("an earlier list than the one that is held")
                .expected(&held.value)
                .found(&list)),
            _ => Ok(list),
        }
    }
}

fn read(body: &[u8]) -> Result<Crl, Refusal> {
    match core::str::from_utf8(body) {
        Ok(text) if text.trim_ascii_start().starts_with("-----BEGIN ") => {
            Crl::from_der(&pem::revocation_list(text)?)
        }
        _ => Crl::from_der(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64;
    use crate::x509::tests::forge::Key;
    use crate::x509::tests::forge::list::{CRL_NUMBER, ListDraft};
    use alloc::format;

    const URL: &str = "https://pki.example/a.crl";

    /// A moment within the time of the lists of these tests: from 24 November to 1 December 2026.
    fn now() -> UnixTime {
        UnixTime::from_civil(2026, 11, 25, 0, 0, 0).unwrap()
    }

    fn list(number: u8, from: &str) -> Vec<u8> {
        ListDraft::new()
            .extension(CRL_NUMBER, false, &[0x02, 0x01, number])
            .holds(from, "261201000000Z")
            .der("a", Key(1))
    }

    fn first() -> Vec<u8> {
        list(1, "261124000000Z")
    }

    /// What the ring says: `None` for a wanted fetch.
    fn held(ring: &KeyRing, now: UnixTime) -> Option<Option<Vec<u8>>> {
        match ring.crls(&[URL], now) {
            Ok(lists) => Some(lists[0].as_ref().map(|list| list.raw().to_vec())),
            Err(Stop::Wanting(Source::Crls { urls })) => {
                assert_eq!(urls, [URL]);
                None
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn is_due(ring: &KeyRing, now: UnixTime) -> bool {
        ring.due_crls(&[URL], now).is_some()
    }

    #[test]
    fn a_list_serves_while_it_is_fetched_anew() {
        let mut ring = KeyRing::default();
        assert!(!is_due(&ring, now()), "a request is to want it");
        ring.fetched_crl(URL, &first(), now()).unwrap();
        for (age, due) in [(0, false), (CRL_REFRESH - 1, false), (CRL_REFRESH, true)] {
            assert_eq!(held(&ring, now().plus(age)), Some(Some(first())), "{age}");
            assert_eq!(is_due(&ring, now().plus(age)), due, "{age}");
        }
        // Nobody brought it anew in all that time, or failed to: now a request waits.
        assert_eq!(held(&ring, now().plus(CRL_FRESH)), None);
        assert_eq!(ring.due_crls(&[], now()), None);
    }

    #[test]
    fn a_list_is_fetched_when_it_is_missing_or_old() {
        let mut ring = KeyRing::default();
        assert_eq!(held(&ring, now()), None);
        ring.fetched_crl(URL, &first(), now()).unwrap();
        let have = Some(Some(first()));
        assert_eq!(held(&ring, now()), have);
        assert_eq!(held(&ring, now().plus(CRL_FRESH - 1)), have);
        assert_eq!(held(&ring, now().plus(CRL_FRESH)), None);
        // A clock that steps back makes it old.
        assert_eq!(held(&ring, now().plus(-CRL_FRESH)), None);
        // Another address is another list, and all that are due are wanted at once.
        let wanting = |due: &[&str]| {
            let urls = due.iter().map(|url| (*url).to_string()).collect();
            Err(Stop::Wanting(Source::Crls { urls }))
        };
        assert_eq!(
            ring.crls(&["https://b", URL, "https://c"], now()),
            wanting(&["https://b", "https://c"])
        );
        assert_eq!(ring.crls(&[], now()), Ok(Vec::new()));
    }

    #[test]
    fn x28_a_list_past_its_next_update_is_asked_for_anew_and_kept() {
        let end = UnixTime::from_civil(2026, 12, 1, 0, 0, 0).unwrap();
        let mut ring = KeyRing::default();
        ring.fetched_crl(URL, &first(), end.plus(-100)).unwrap();
        assert_eq!(held(&ring, end.plus(-1)), Some(Some(first())));
        assert_eq!(held(&ring, end), None);
        // The source still has the old one: it is not asked again at once.
        ring.fetched_crl(URL, &first(), end).unwrap();
        assert_eq!(held(&ring, end.plus(CRL_COOL_DOWN - 1)), Some(Some(first())));
        assert_eq!(held(&ring, end.plus(CRL_COOL_DOWN)), None);
    }

    #[test]
    fn a_failure_leaves_what_is_held_and_a_pause() {
        let mut ring = KeyRing::default();
        ring.failed_crl(URL, now());
        assert_eq!(held(&ring, now().plus(FETCH_BACK_OFF - 1)), Some(None));
        assert_eq!(held(&ring, now().plus(FETCH_BACK_OFF)), None);
        ring.fetched_crl(URL, &first(), now()).unwrap();
        let later = now().plus(CRL_FRESH);
        ring.failed_crl(URL, later);
        let held_and_due = |ring: &KeyRing, now| (held(ring, now), is_due(ring, now));
        let have = Some(Some(first()));
        assert_eq!(held_and_due(&ring, later.plus(FETCH_BACK_OFF - 1)), (have.clone(), false));
        assert_eq!(held_and_due(&ring, later.plus(FETCH_BACK_OFF)), (have, true));
        // What is no list is a failure, too.
        let code = ring.fetched_crl(URL, b"<html>", later).unwrap_err().code();
        assert_eq!(code, Code::CrlMalformed);
        assert_eq!(held(&ring, later.plus(1)), Some(Some(first())));
    }

    #[test]
    fn x28_the_list_from_before_a_revocation_does_not_come_back() {
        let mut ring = KeyRing::default();
        let second = list(2, "261124120000Z");
        ring.fetched_crl(URL, &second, now()).unwrap();
        let refusal = ring.fetched_crl(URL, &first(), now()).unwrap_err();
        assert_eq!(refusal.code(), Code::CrlStale);
        assert_eq!(held(&ring, now()), Some(Some(second.clone())));
        // The same again, a later one, and a sequence that begins anew with a later date.
        for good in [second, list(3, "261124130000Z"), list(1, "261124140000Z")] {
            ring.fetched_crl(URL, &good, now()).unwrap();
            assert_eq!(held(&ring, now()), Some(Some(good)));
        }
    }

    #[test]
    fn lists_come_as_der_or_as_pem() {
        let mut ring = KeyRing::default();
        let base64 = base64::encode_standard(&first());
        let pem = format!("-----BEGIN X509 CRL-----\n{base64}\n-----END X509 CRL-----\n");
        ring.fetched_crl(URL, pem.as_bytes(), now()).unwrap();
        assert_eq!(held(&ring, now()), Some(Some(first())));
        let (generation, revision) = (ring.generation(), ring.crl_revision(URL));
        ring.fetched_crl(URL, &first(), now()).unwrap();
        assert_eq!(ring.generation(), generation);
        assert_eq!(ring.crl_revision(URL), revision + 1);
        let other = pem.replace("X509 CRL", "CERTIFICATE");
        assert_eq!(
            ring.fetched_crl(URL, other.as_bytes(), now()).err().map(|refusal| refusal.code()),
            Some(Code::CrlMalformed)
        );
    }

    #[test]
    fn the_number_of_lists_is_bounded() {
        let mut ring = KeyRing::default();
        for i in 0..CRL_SOURCES {
            ring.failed_crl(&format!("https://{i}"), now());
        }
        let code = ring.fetched_crl(URL, &first(), now()).unwrap_err().code();
        assert_eq!(code, Code::CrlUnavailable);
    }
}
