//! Which lists are held and kept, and when they are fetched.

use super::*;
use crate::base64;
use crate::limits::{
    CRL_COOL_DOWN, CRL_FLOORS, CRL_FRESH, CRL_REFRESH, CRL_UNVERIFIED_AGE, CRL_UNVERIFIED_BYTES,
    CRLS, FETCH_BACK_OFF,
};
use crate::x509::Certificate;
use crate::x509::tests::forge::list::{CRL_NUMBER, ListDraft};
use crate::x509::tests::forge::{Draft, Key, tlv};
use alloc::format;
use alloc::vec;

const URL: &str = "https://pki.example/a.crl";
const MIRROR: &str = "http://mirror.example/a.crl";

/// A moment within the time of the lists of these tests: from 24 November to 1 December 2026.
fn now() -> UnixTime {
    UnixTime::from_civil(2026, 11, 25, 0, 0, 0).unwrap()
}

fn draft(number: u8, from: &str) -> ListDraft {
    ListDraft::new()
        .extension(CRL_NUMBER, false, &[0x02, 0x01, number])
        .holds(from, "261201000000Z")
}

fn list(number: u8, from: &str) -> Vec<u8> {
    draft(number, from).der("a", Key(1))
}

fn first() -> Vec<u8> {
    list(1, "261124000000Z")
}

fn second() -> Vec<u8> {
    list(2, "261124120000Z")
}

/// The authority that signs the lists of these tests.
fn signer() -> Certificate {
    Draft::authority("a", Key(1)).signed_by("root", Key(2))
}

/// A key of `signer` is found to have signed all that `url` has brought and that is not kept.
fn verify_by(ring: &mut KeyRing, url: &str, signer: &Certificate, now: UnixTime) -> KeptCrls {
    let found: Vec<VerifiedList> =
        ring.unverified_crls(url).map(|list| VerifiedList::for_test(list, signer)).collect();
    ring.verified_crls(&found, now)
}

/// Fetches a list that its authority has signed, and gives the codes of what was not kept.
#[track_caller]
fn bring(ring: &mut KeyRing, body: &[u8], now: UnixTime) -> Vec<Code> {
    ring.fetched_crl(URL, body, now).unwrap();
    let kept = verify_by(ring, URL, &signer(), now);
    kept.refused.iter().map(|(_, refusal)| refusal.code()).collect()
}

/// What the ring says: the lists without a known signer, and those that are kept; `None` for a wanted fetch.
type Held = (Vec<Vec<u8>>, Vec<Vec<u8>>);

fn held(ring: &KeyRing, now: UnixTime) -> Option<Held> {
    let raw = |lists: &[Crl]| lists.iter().map(|list| list.raw().to_vec()).collect();
    match ring.crls(&[URL], now) {
        Ok(lists) => {
            assert_eq!(
                lists.missing.is_some(),
                lists.unverified.is_empty() && lists.kept.is_empty()
            );
            let kept: Vec<Crl> = lists.kept.iter().map(|(_, list)| list.clone()).collect();
            Some((raw(&lists.unverified.concat()), raw(&kept)))
        }
        Err(Stop::Wanting(Source::Crls { urls })) => {
            assert_eq!(urls, [URL]);
            None
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// One kept list and no other.
fn kept(list: Vec<u8>) -> Option<Held> {
    Some((vec![], vec![list]))
}

fn is_due(ring: &KeyRing, now: UnixTime) -> bool {
    ring.due_crls(&[URL], now).is_some()
}

#[test]
fn a_list_serves_while_it_is_fetched_anew() {
    let mut ring = KeyRing::default();
    assert!(!is_due(&ring, now()), "a request is to want it");
    bring(&mut ring, &first(), now());
    for (age, due) in [(0, false), (CRL_REFRESH - 1, false), (CRL_REFRESH, true)] {
        assert_eq!(held(&ring, now().plus(age)), kept(first()), "{age}");
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
    bring(&mut ring, &first(), now());
    assert_eq!(held(&ring, now()), kept(first()));
    assert_eq!(held(&ring, now().plus(CRL_FRESH - 1)), kept(first()));
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
    assert_eq!(ring.crls(&[], now()), Ok(HeldCrls::default()));
}

#[test]
fn x28_a_list_past_its_next_update_is_asked_for_anew_and_kept() {
    let end = UnixTime::from_civil(2026, 12, 1, 0, 0, 0).unwrap();
    let mut ring = KeyRing::default();
    bring(&mut ring, &first(), end.plus(-100));
    assert_eq!(held(&ring, end.plus(-1)), kept(first()));
    assert_eq!(held(&ring, end), None);
    // The source still has the old one: it is not asked again at once.
    bring(&mut ring, &first(), end);
    assert_eq!(held(&ring, end.plus(CRL_COOL_DOWN - 1)), kept(first()));
    assert_eq!(held(&ring, end.plus(CRL_COOL_DOWN)), None);
}

#[test]
fn a_failure_leaves_what_is_held_and_a_pause() {
    let mut ring = KeyRing::default();
    ring.failed_crl(URL, now());
    assert_eq!(held(&ring, now().plus(FETCH_BACK_OFF - 1)), Some((vec![], vec![])));
    assert_eq!(held(&ring, now().plus(FETCH_BACK_OFF)), None);
    bring(&mut ring, &first(), now());
    let later = now().plus(CRL_FRESH);
    ring.failed_crl(URL, later);
    let held_and_due = |ring: &KeyRing, now| (held(ring, now), is_due(ring, now));
    assert_eq!(held_and_due(&ring, later.plus(FETCH_BACK_OFF - 1)), (kept(first()), false));
    assert_eq!(held_and_due(&ring, later.plus(FETCH_BACK_OFF)), (kept(first()), true));
    // What is no list is a failure, too.
    let code = ring.fetched_crl(URL, b"<html>", later).unwrap_err().code();
    assert_eq!(code, Code::CrlMalformed);
    assert_eq!(held(&ring, later.plus(1)), kept(first()));
}

#[test]
fn x28_the_list_from_before_a_revocation_does_not_come_back() {
    let mut ring = KeyRing::default();
    assert_eq!(bring(&mut ring, &second(), now()), []);
    assert_eq!(bring(&mut ring, &first(), now()), [Code::CrlStale]);
    assert_eq!(held(&ring, now()), kept(second()));
    // Later by its number alone or by its date alone, where the other is earlier: neither is a next list.
    for wrong in [list(9, "261124000000Z"), list(1, "261124140000Z")] {
        assert_eq!(bring(&mut ring, &wrong, now()), [Code::CrlStale]);
        assert_eq!(held(&ring, now()), kept(second()));
    }
    // The same again, a later one, one with the same number, one without a number.
    let unnumbered = draft(1, "261124150000Z").without_extension(CRL_NUMBER).der("a", Key(1));
    for good in [second(), list(3, "261124130000Z"), list(3, "261124140000Z"), unnumbered] {
        assert_eq!(bring(&mut ring, &good, now()), []);
        assert_eq!(held(&ring, now()), kept(good));
    }
    // The number of the one before it still counts.
    assert_eq!(bring(&mut ring, &list(2, "261124160000Z"), now()), [Code::CrlStale]);
}

#[test]
fn x28_what_nobody_has_signed_replaces_nothing_and_sets_no_floor() {
    let mut ring = KeyRing::default();
    bring(&mut ring, &first(), now());
    // A great number, a late date: it is looked at beside the one that is kept.
    let forged = list(0x7f, "261124230000Z");
    ring.fetched_crl(URL, &forged, now()).unwrap();
    assert_eq!(held(&ring, now()), Some((vec![forged.clone()], vec![first()])));
    // The next good one is taken, and the forged one goes.
    assert_eq!(bring_verified_alone(&mut ring, &second()), 1);
    assert_eq!(held(&ring, now()), kept(second()));
    // Then the old one again.
    assert_eq!(bring(&mut ring, &first(), now()), [Code::CrlStale]);
    assert_eq!(held(&ring, now()), kept(second()));
    // Where the kept one comes again, what was forged is looked at for a while.
    ring.fetched_crl(URL, &forged, now()).unwrap();
    let later = now().plus(CRL_UNVERIFIED_AGE);
    for (age, unverified) in [(-1, vec![forged.clone()]), (0, vec![])] {
        let mut ring = ring.clone();
        ring.fetched_crl(URL, &second(), later.plus(age)).unwrap();
        assert_eq!(held(&ring, later.plus(age)), Some((unverified, vec![second()])));
    }
    // What a request has waited for is asked again soon, since nothing good came.
    let mut ring = KeyRing::default();
    ring.fetched_crl(URL, &forged, now()).unwrap();
    assert_eq!(held(&ring, now().plus(CRL_COOL_DOWN - 1)), Some((vec![forged], vec![])));
    assert_eq!(held(&ring, now().plus(CRL_COOL_DOWN)), None);
}

/// Fetches a list, which alone of all that are held is found to be signed, and gives how many are kept anew.
fn bring_verified_alone(ring: &mut KeyRing, body: &[u8]) -> usize {
    ring.fetched_crl(URL, body, now()).unwrap();
    let found = ring.unverified_crls(URL).find(|list| list.raw() == body);
    let found = VerifiedList::for_test(found.unwrap(), &signer());
    ring.verified_crls(&[found], now()).kept.len()
}

#[test]
fn x28_a_list_that_waits_for_its_signer_outlasts_a_forged_one() {
    let mut ring = KeyRing::default();
    bring(&mut ring, &first(), now());
    ring.fetched_crl(URL, &second(), now()).unwrap();
    let forged = list(0x7f, "261124230000Z");
    ring.fetched_crl(URL, &forged, now()).unwrap();
    assert_eq!(held(&ring, now()), Some((vec![forged, second()], vec![first()])));
    // What waits is bounded, the newest first, and what comes again stays the value that it is.
    let again = ring.unverified_crls(URL).nth(1).cloned().unwrap();
    for number in 0..40 {
        ring.fetched_crl(URL, &list(number, "261124220000Z"), now()).unwrap();
        ring.fetched_crl(URL, &second(), now()).unwrap();
        assert!(ring.unverified_crls(URL).next().unwrap().is_copy_of(&again));
        assert!(ring.unverified_crls(URL).count() <= CRLS);
    }
    let large = |number| {
        let padding = vec![0; crate::limits::CRL_BYTES - 1000];
        draft(number, "261124220000Z").extension(99, false, &padding).der("a", Key(1))
    };
    for number in 0..5 {
        ring.fetched_crl(URL, &large(number), now()).unwrap();
        let bytes: usize = ring.unverified_crls(URL).map(|list| list.raw().len()).sum();
        assert!(bytes <= CRL_UNVERIFIED_BYTES, "{bytes}");
    }
}

#[test]
fn x28_a_list_of_another_lineage_displaces_none() {
    let authorities = draft(9, "261124200000Z").scope(&[b"\x82\x01\xff"]).der("a", Key(1));
    let of_another = list(9, "261124200000Z");
    let mut ring = KeyRing::default();
    bring(&mut ring, &first(), now());
    bring(&mut ring, &authorities, now());
    assert_eq!(held(&ring, now()), Some((vec![], vec![first(), authorities.clone()])));
    ring.fetched_crl(URL, &of_another, now()).unwrap();
    let other = Draft::authority("a", Key(3)).signed_by("root", Key(2));
    assert_eq!(verify_by(&mut ring, URL, &other, now()).kept.len(), 1);
    let all = vec![first(), authorities.clone(), of_another.clone()];
    assert_eq!(held(&ring, now()), Some((vec![], all)));
    // Each goes on by itself.
    bring(&mut ring, &second(), now());
    let all = vec![second(), authorities, of_another];
    assert_eq!(held(&ring, now()), Some((vec![], all)));
}

#[test]
fn the_lineages_of_one_address_are_bounded() {
    let of_part = |i: usize, until: &str| {
        let uri = format!("http://x/{i}");
        let point = tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri.as_bytes())));
        draft(1, "261124000000Z").scope(&[&point]).holds("261124000000Z", until).der("a", Key(1))
    };
    let mut ring = KeyRing::default();
    for i in 0..CRLS {
        bring(&mut ring, &of_part(i, "261201000000Z"), now());
    }
    let last = of_part(CRLS, "261201000000Z");
    bring(&mut ring, &last, now());
    let (unverified, kept) = held(&ring, now()).unwrap();
    assert_eq!((unverified, kept.len()), (vec![last.clone()], CRLS));
    // One that is past its time makes room, when a list has no other.
    let past = UnixTime::from_civil(2026, 12, 1, 0, 0, 0).unwrap();
    bring(&mut ring, &of_part(CRLS, "261203000000Z"), past);
    let (_, kept) = held(&ring, past).unwrap();
    assert_eq!(kept.len(), CRLS);
    assert!(kept.contains(&of_part(CRLS, "261203000000Z")));
}

/// A list about the part with this number, of the authority with this name and key.
fn part(number: usize, (name, key): (&str, u64)) -> (Vec<u8>, Certificate) {
    let uri = format!("http://x/{number}");
    let point = tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri.as_bytes())));
    let body = draft(1, "261124000000Z").scope(&[&point]).der(name, Key(key));
    (body, Draft::authority(name, Key(key)).signed_by("root", Key(2)))
}

/// Brings a list, and gives what is kept and dropped when it is found to be signed.
fn take(
    ring: &mut KeyRing,
    (body, signer): &(Vec<u8>, Certificate),
    registered: bool,
) -> (usize, usize) {
    ring.fetched_crl(URL, body, now()).unwrap();
    let list = ring.unverified_crls(URL).find(|list| list.raw() == body);
    let found = VerifiedList::for_test(list.unwrap(), signer);
    let found = if registered { found.of_registered() } else { found };
    let kept = ring.verified_crls(&[found], now());
    (kept.kept.len(), kept.dropped.len())
}

#[test]
fn x28_one_signer_takes_no_places_from_others() {
    let mut ring = KeyRing::default();
    for i in 0..CRLS {
        assert_eq!(take(&mut ring, &part(i, ("b", 3)), false), (1, 0));
    }
    // One more of his takes no place of his own, the first of another does.
    assert_eq!(take(&mut ring, &part(CRLS, ("b", 3)), false), (0, 0));
    let real = (first(), signer());
    assert_eq!(take(&mut ring, &real, false), (1, 1));
    assert!(held(&ring, now()).unwrap().1.contains(&first()));
    // Up to as many as he has left, and not back again.
    for i in 0..7 {
        assert_eq!(take(&mut ring, &part(i, ("a", 1)), false), (1, 1), "{i}");
    }
    assert_eq!(take(&mut ring, &part(9, ("a", 1)), false), (0, 0));
    assert_eq!(take(&mut ring, &part(CRLS + 1, ("b", 3)), false), (0, 0));
    // What was dropped still has its floor.
    let old = draft(1, "261123000000Z").der("a", Key(1));
    assert_eq!(bring(&mut ring, &old, now()), [Code::CrlStale]);
}

#[test]
fn x28_a_registered_authority_has_a_place_among_any_number_of_keys() {
    let mut ring = KeyRing::default();
    for key in 0..16 {
        assert_eq!(take(&mut ring, &part(0, ("b", 50 + key)), false), (1, 0));
    }
    let real = (first(), signer());
    assert_eq!(take(&mut ring.clone(), &real, false), (0, 0));
    assert_eq!(take(&mut ring, &real, true), (1, 1));
    for key in 0..30 {
        take(&mut ring, &part(1, ("b", 50 + key)), false);
    }
    assert!(held(&ring, now()).unwrap().1.contains(&first()));
}

#[test]
fn what_is_restored_is_bounded_as_what_is_kept() {
    let mut ring = KeyRing::default();
    for i in 0..CRLS + 4 {
        let (body, signer) = part(i, ("b", 3));
        let list = Crl::from_der(&body).unwrap();
        let lineage = VerifiedList::for_test(&list, &signer).lineage();
        let stored = KeptCrl { url: URL.to_string(), lineage, list, registered: false };
        let expect = if i < CRLS { None } else { Some(Code::CrlUnavailable) };
        let code = ring.restore_crl(&stored, true).err().map(|refusal| refusal.code());
        assert_eq!(code, expect, "{i}");
    }
    ring.failed_crl(URL, now());
    assert_eq!(held(&ring, now()).unwrap().1.len(), CRLS);
    // The floors are, too.
    let mut ring = KeyRing::default();
    let of = |bytes: [u8; 2], signer: u8| {
        let mut lineage = [signer; 32];
        lineage[30..].copy_from_slice(&bytes);
        Lineage::from_bytes(lineage)
    };
    for number in 0..CRL_FLOORS {
        let lineage = of(u16::try_from(number).unwrap().to_be_bytes(), 7);
        let floor = CrlFloor { lineage, this_update: now(), number: None, registered: false };
        ring.restore_crl_floor(&floor);
    }
    ring.fetched_crl(URL, &second(), now()).unwrap();
    assert_eq!(verify_by(&mut ring, URL, &signer(), now()).kept.len(), 1);
    assert_eq!(bring(&mut ring, &first(), now()), [Code::CrlStale]);
}

#[test]
fn a_list_from_the_future_sets_no_floor() {
    let future = list(9, "261130000000Z");
    let mut ring = KeyRing::default();
    bring(&mut ring, &first(), now());
    assert_eq!(bring(&mut ring, &future, now()), []);
    assert_eq!(held(&ring, now()), Some((vec![future.clone()], vec![first()])));
    assert_eq!(bring_verified_alone(&mut ring, &second()), 1);
    // When its time has come it is one like any other.
    let then = UnixTime::from_civil(2026, 11, 30, 0, 0, 0).unwrap();
    bring(&mut ring, &future, then);
    assert_eq!(held(&ring, then), kept(future));
}

#[test]
fn of_two_lists_of_one_moment_the_one_that_revokes_more_stays() {
    let moment = || draft(1, "261124000000Z");
    let more = moment().revoking(&[7]).der("a", Key(1));
    for order in [[first(), more.clone()], [more.clone(), first()]] {
        let mut ring = KeyRing::default();
        for body in order {
            assert_eq!(bring(&mut ring, &body, now()), []);
        }
        assert_eq!(held(&ring, now()), kept(more.clone()));
    }
}

#[test]
fn x28_floors_hold_for_every_address_and_across_a_restart() {
    let mut ring = KeyRing::default();
    ring.fetched_crl(URL, &second(), now()).unwrap();
    let stored = verify_by(&mut ring, URL, &signer(), now()).kept;
    assert_eq!(stored.len(), 1);
    let old_from = |ring: &mut KeyRing, url| {
        ring.fetched_crl(url, &first(), now()).unwrap();
        verify_by(ring, url, &signer(), now()).refused.len()
    };
    assert_eq!(old_from(&mut ring, MIRROR), 1);
    // The next life knows what this one kept: it is looked at, and a request waits for a newer one once.
    let mut ring = KeyRing::default();
    ring.restore_crl(&stored[0], true).unwrap();
    assert_eq!(held(&ring, now()), None);
    ring.failed_crl(URL, now());
    assert_eq!(held(&ring, now()), kept(second()));
    assert_eq!(held(&ring, now().plus(FETCH_BACK_OFF)), kept(second()));
    assert_eq!(old_from(&mut ring, URL), 1);
    assert_eq!(held(&ring, now()), kept(second()));
    // Of an address that the policy no longer names it is the floor alone that stays.
    let mut ring = KeyRing::default();
    ring.restore_crl(&stored[0], false).unwrap();
    assert_eq!(held(&ring, now()), None);
    assert_eq!(old_from(&mut ring, MIRROR), 1);
}

#[test]
fn lists_come_as_der_or_as_pem_one_or_several() {
    let armoured = |der: &[u8]| {
        let base64 = base64::encode_standard(der);
        format!("-----BEGIN X509 CRL-----\n{base64}\n-----END X509 CRL-----\n")
    };
    let mut ring = KeyRing::default();
    let pem = armoured(&first());
    bring(&mut ring, pem.as_bytes(), now());
    assert_eq!(held(&ring, now()), kept(first()));
    let (generation, revision) = (ring.generation(), ring.crl_revision(URL));
    bring(&mut ring, &first(), now());
    assert_eq!(ring.generation(), generation);
    assert_eq!(ring.crl_revision(URL), revision + 1);
    let other = pem.replace("X509 CRL", "CERTIFICATE");
    let refused = |ring: &mut KeyRing, body: &str| {
        ring.fetched_crl(URL, body.as_bytes(), now()).err().map(|refusal| refusal.code())
    };
    assert_eq!(refused(&mut ring, &other), Some(Code::CrlMalformed));
    // Several: all are looked at, and one that is no list spoils them.
    let of_b = draft(1, "261124000000Z").der("b", Key(3));
    let both = format!("{}{}", armoured(&second()), armoured(&of_b));
    ring.fetched_crl(URL, both.as_bytes(), now()).unwrap();
    assert_eq!(held(&ring, now()), Some((vec![second(), of_b], vec![first()])));
    assert_eq!(refused(&mut ring, &format!("{pem}{}", armoured(b"x"))), Some(Code::CrlMalformed));
    assert_eq!(refused(&mut ring, &format!("{pem}{other}")), Some(Code::CrlMalformed));
    assert_eq!(refused(&mut ring, &pem.repeat(CRLS + 1)), Some(Code::CrlTooLarge));
    assert_eq!(refused(&mut ring, &pem.repeat(CRLS)), None);
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
