use super::*;
use crate::jose::tests::fake::{jwks, rsa_jwk};
use crate::keys::{HeldCrls, KeySource};
use crate::limits::{FETCH_BACK_OFF, KEYS_REFRESH, KEYS_STALE_MAX, UNKNOWN_KID_COOL_DOWN};
use crate::verdict::Stop;
use alloc::vec;

const ISSUER: &str = "https://idp";
const KEYS: &str = "https://idp/keys";

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(1_795_521_600 + seconds)
}

fn source() -> KeySource {
    KeySource::JwksUri(KEYS.into())
}

fn key_set() -> Source {
    Source::KeySet { issuer: ISSUER.into(), url: KEYS.into() }
}

/// The fetch of the key set in a flight.
fn fetch(flight: u32) -> Fetch {
    let issuer = Some(ISSUER.into());
    Fetch { flight, document: Document::KeySet, issuer, url: KEYS.into() }
}

fn set(kid: &str) -> String {
    jwks(&[rsa_jwk(1, &format!(r#","kid":"{kid}""#))])
}

/// Begins a source as one does who has just asked.
fn begin(cache: &mut KeyCache, source: &Source, now: i64) -> Flights {
    let seen = cache.ring().clone();
    cache.begin(source, &seen, at(now))
}

/// A cache that fetched the key "a" at this time.
fn holding(now: i64) -> KeyCache {
    let mut cache = KeyCache::default();
    let flights = begin(&mut cache, &key_set(), now);
    let body = set("a");
    let ended = cache.ended(flights.wait[0], Some(body.as_bytes()), at(now));
    assert_eq!(ended, Some(Ended::default()));
    cache
}

/// Whether a token with this `kid` gets keys, and whether something is due then.
fn ask(cache: &KeyCache, kid: &str, now: i64) -> (bool, bool) {
    let got = cache.ring().jwks(ISSUER, &source(), Some(kid), at(now));
    (got.is_ok(), cache.ring().due(ISSUER, &source(), at(now)).is_some())
}

#[test]
fn o09_one_flight_serves_all_who_want_it() {
    let mut cache = KeyCache::default();
    let first = begin(&mut cache, &key_set(), 0);
    let fetch = fetch(1);
    assert_eq!(first, Flights { begin: vec![fetch], wait: vec![1] });
    assert!(cache.is_under_way(&key_set()));
    let second = begin(&mut cache, &key_set(), 1);
    assert_eq!(second, Flights { begin: vec![], wait: vec![1] });
    let before = cache.ring().clone();
    assert!(cache.ended(1, Some(set("a").as_bytes()), at(2)).is_some());
    assert!(!cache.is_under_way(&key_set()));
    // Who asked before it ended asks again rather than beginning another one.
    assert_eq!(cache.begin(&key_set(), &before, at(2)), Flights::default());
    // And nobody ends it twice.
    assert_eq!(cache.ended(1, None, at(3)), None);
    assert_eq!(ask(&cache, "a", 3), (true, false));
}

#[test]
fn j32_a_source_that_hangs_stalls_no_known_key() {
    let mut cache = holding(0);
    let due = cache.ring().due(ISSUER, &source(), at(KEYS_REFRESH)).unwrap();
    assert_eq!(begin(&mut cache, &due, KEYS_REFRESH).wait, [2]);
    for now in [KEYS_REFRESH, KEYS_REFRESH + FETCH_DEADLINE, KEYS_STALE_MAX - 1] {
        assert_eq!(ask(&cache, "a", now), (true, true), "{now}");
        assert_eq!(begin(&mut cache, &due, now).begin, [], "{now}");
    }
    assert_eq!(ask(&cache, "a", KEYS_STALE_MAX), (false, false));
    // After a failure there is a pause, in which the keys serve all the same.
    assert_eq!(cache.ended(2, None, at(KEYS_REFRESH + 5)), Some(Ended::default()));
    assert_eq!(ask(&cache, "a", KEYS_REFRESH + 5), (true, false));
    assert_eq!(ask(&cache, "a", KEYS_REFRESH + 5 + FETCH_BACK_OFF), (true, true));
}

#[test]
fn o11_keys_age_from_the_start_of_their_fetch() {
    let mut cache = KeyCache::default();
    let flight = begin(&mut cache, &key_set(), 0).wait[0];
    let _ = cache.ended(flight, Some(set("a").as_bytes()), at(60));
    assert_eq!(ask(&cache, "a", KEYS_REFRESH - 1), (true, false));
    assert_eq!(ask(&cache, "a", KEYS_REFRESH), (true, true));
    assert_eq!(ask(&cache, "a", KEYS_STALE_MAX), (false, false));
    // The pause for unknown names counts from the answer.
    let unknown = |now| {
        matches!(cache.ring().jwks(ISSUER, &source(), Some("b"), at(now)), Err(Stop::Wanting(_)))
    };
    assert!(!unknown(60 + UNKNOWN_KID_COOL_DOWN - 1));
    assert!(unknown(60 + UNKNOWN_KID_COOL_DOWN));
}

#[test]
fn discovery_and_keys_are_one_flight() {
    let mut cache = KeyCache::default();
    let url = "https://idp/.well-known/openid-configuration";
    let discovery = Source::Discovery { issuer: ISSUER.into(), url: url.into() };
    let flights = begin(&mut cache, &discovery, 0);
    assert_eq!(flights.begin[0].document, Document::Discovery);
    let document = br#"{"issuer":"https://idp","jwks_uri":"https://idp/keys"}"#;
    let ended = cache.ended(1, Some(document), at(1)).unwrap();
    assert_eq!(ended, Ended { next: Some(fetch(1)), ..Ended::default() });
    assert_eq!(begin(&mut cache, &key_set(), 1).begin, [], "it is under way");
    assert_eq!(cache.ended(1, Some(set("a").as_bytes()), at(2)), Some(Ended::default()));
    assert_eq!(ask(&cache, "a", 2), (true, false));
    // One that is not of this issuer ends the flight.
    let mut cache = KeyCache::default();
    let flight = begin(&mut cache, &discovery, 0).wait[0];
    let ended = cache.ended(flight, Some(b"{}"), at(1)).unwrap();
    assert_eq!(ended.refusal.unwrap().code(), Code::DiscoveryMalformed);
    assert_eq!(ended.next, None);
    assert!(!cache.is_under_way(&discovery));
}

#[test]
fn each_revocation_list_is_a_flight_of_its_own() {
    let lists =
        |urls: &[&str]| Source::Crls { urls: urls.iter().map(|url| (*url).into()).collect() };
    let mut cache = KeyCache::default();
    assert_eq!(begin(&mut cache, &lists(&["https://a", "https://b"]), 0).wait, [1, 2]);
    let flights = begin(&mut cache, &lists(&["https://b", "https://c"]), 0);
    assert_eq!((flights.begin.len(), flights.wait), (1, vec![2, 3]));
    assert!(!cache.is_under_way(&lists(&["https://c", "https://d"])));
    let ended = cache.ended(2, Some(b"no list"), at(0)).unwrap();
    assert_eq!(ended.refusal.unwrap().code().step(), crate::Step::Form);
    assert_eq!(cache.ended(1, None, at(0)), Some(Ended::default()));
    let missing = Some("https://a".into());
    let expect = Ok(HeldCrls { missing, ..HeldCrls::default() });
    assert_eq!(cache.ring().crls(&["https://a", "https://b"], at(1)), expect);
}

#[test]
fn a_flight_whose_host_never_answers_is_lost() {
    let mut cache = KeyCache::default();
    let flight = begin(&mut cache, &key_set(), 0).wait[0];
    let patience = FETCH_DEADLINE + FETCH_GRACE;
    assert!(cache.lost(at(patience)).is_empty());
    assert_eq!(cache.lost(at(patience + 1)), [flight]);
    assert_eq!(cache.lost(at(-patience - 1)), [flight], "a clock that stepped back");
    let _ = cache.ended(flight, None, at(patience + 1));
    assert!(cache.lost(at(100)).is_empty());
}

#[test]
fn o12_what_the_operator_hears_of_a_set_is_said_once() {
    let mut cache = KeyCache::default();
    let mut take = |body: &str, now: i64| {
        let flight = begin(&mut cache, &key_set(), now).wait[0];
        let ended = cache.ended(flight, Some(body.as_bytes()), at(now)).unwrap();
        (ended.warnings.len(), ended.refusal.or(ended.unusable).map(|refusal| refusal.code()))
    };
    let leaky = jwks(&[rsa_jwk(1, r#","kid":"a""#), rsa_jwk(2, r#","d":"AQ""#)]);
    assert_eq!(take(&set("a"), 0), (0, None));
    assert_eq!(take(&leaky, 1), (1, None));
    assert_eq!(take(&leaky, 2), (0, None));
    assert_eq!(take(r#"{"keys":[]}"#, 3), (0, Some(Code::JwksEmpty)));
    assert_eq!(take(r#"{"keys":[]}"#, 4), (0, None));
    assert_eq!(take("<html>", 5), (0, Some(Code::JwksMalformed)));
    assert_eq!(take("<html>", 6), (0, Some(Code::JwksMalformed)));
}

#[test]
fn a_request_asks_so_often_and_waits_so_long() {
    let mut wait = Wait::new(at(0));
    for _ in 0..FETCH_ROUNDS {
        assert_eq!(wait.again(), Ok(()));
    }
    let refusal = wait.again().unwrap_err();
    assert_eq!(refusal.code(), Code::KeysUnavailable);
    assert_eq!(refusal.detail_text(), Some("gave up after 4 fetches"));
    assert!(!wait.is_over(at(FETCH_WAIT)) && wait.is_over(at(FETCH_WAIT + 1)));
}
