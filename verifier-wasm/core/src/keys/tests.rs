use super::*;
use crate::jose::fake::{jwks, rsa_jwk};
use alloc::format;
use alloc::vec::Vec;

const ISSUER: &str = "https://idp/tenant";
const DISCOVERY: &str = "https://idp/tenant/.well-known/openid-configuration";
const KEYS: &str = "https://idp/keys";
const DOCUMENT: &str = r#"{"issuer":"https://idp/tenant","jwks_uri":"https://idp/keys"}"#;
const START: i64 = 1_795_521_600;

/// What a ring answers, in words.
#[derive(Debug, PartialEq, Eq)]
enum Says {
    /// Keys with these names.
    Keys(String),
    Discovery(String),
    KeySet(String),
    Refuses(Code),
}

/// A ring and a clock that starts at [`START`].
struct Bench {
    ring: KeyRing,
    source: KeySource,
}

impl Bench {
    fn new() -> Self {
        Self { ring: KeyRing::default(), source: KeySource::JwksUri(KEYS.into()) }
    }

    /// A bench that holds a set with this key since the start.
    fn holding(kid: &str) -> Self {
        let mut bench = Self::new();
        bench.fetched(0, kid);
        bench
    }

    fn ask(&self, after: i64, kid: Option<&str>) -> Says {
        match self.ring.jwks(ISSUER, &self.source, kid, at(after)) {
            Ok(set) => {
                let names: Vec<&str> = set.keys().iter().filter_map(|key| key.kid()).collect();
                Says::Keys(names.join(" "))
            }
            Err(Stop::Wanting(Source::Discovery { issuer, url })) if issuer == ISSUER => {
                Says::Discovery(url)
            }
            Err(Stop::Wanting(Source::KeySet { issuer, url })) if issuer == ISSUER => {
                Says::KeySet(url)
            }
            Err(Stop::Wanting(other)) => panic!("{other:?}"),
            Err(Stop::Refused(refusal)) => Says::Refuses(refusal.code()),
        }
    }

    fn fetched(&mut self, after: i64, kid: &str) {
        self.ring.fetched(ISSUER, &KeyRules::default(), set(kid).as_bytes(), at(after)).unwrap();
    }

    fn failed(&mut self, after: i64) {
        self.ring.failed(ISSUER, at(after));
    }
}

fn at(after: i64) -> UnixTime {
    UnixTime::from_seconds(START + after)
}

fn set(kid: &str) -> String {
    jwks(&[rsa_jwk(1, &format!(r#","kid":"{kid}""#))])
}

fn keys(names: &str) -> Says {
    Says::Keys(names.into())
}

fn wants_keys() -> Says {
    Says::KeySet(KEYS.into())
}

fn wants_discovery() -> Says {
    Says::Discovery(DISCOVERY.into())
}

fn unavailable() -> Says {
    Says::Refuses(Code::KeysUnavailable)
}

#[test]
fn keys_are_fresh_then_stale_then_gone() {
    let bench = Bench::holding("a");
    for kid in [None, Some("a")] {
        assert_eq!(bench.ask(0, kid), keys("a"));
        assert_eq!(bench.ask(KEYS_FRESH - 1, kid), keys("a"));
        assert_eq!(bench.ask(KEYS_FRESH, kid), wants_keys());
        assert_eq!(bench.ask(KEYS_STALE_MAX, kid), wants_keys());
    }
}

#[test]
fn o10_stale_keys_serve_while_the_source_fails_but_not_for_ever() {
    let mut bench = Bench::holding("a");
    let failure = KEYS_FRESH + 5;
    bench.failed(failure);
    assert_eq!(bench.ask(failure, Some("a")), keys("a"));
    assert_eq!(bench.ask(failure + FETCH_BACK_OFF - 1, Some("a")), keys("a"));
    assert_eq!(bench.ask(failure + FETCH_BACK_OFF, Some("a")), wants_keys());
    let late = KEYS_STALE_MAX - 1;
    bench.failed(late);
    assert_eq!(bench.ask(late, Some("a")), keys("a"));
    assert_eq!(bench.ask(late + 1, Some("a")), unavailable());
    assert_eq!(bench.ask(late + FETCH_BACK_OFF, Some("a")), wants_keys());
    bench.fetched(late + FETCH_BACK_OFF, "b");
    assert_eq!(bench.ask(late + FETCH_BACK_OFF, Some("b")), keys("b"));
}

#[test]
fn o10_a_bad_answer_is_a_failure_and_leaves_the_last_good_set() {
    for (body, code) in [
        (r#"{"keys":[]}"#, Code::JwksEmpty),
        ("<html>", Code::JwksMalformed),
        (r#"{"keys":[{"kty":"oct"}]}"#, Code::KeyUnsupported),
    ] {
        let mut bench = Bench::holding("a");
        let generation = bench.ring.generation();
        let fetched =
            bench.ring.fetched(ISSUER, &KeyRules::default(), body.as_bytes(), at(KEYS_FRESH));
        assert_eq!(fetched.err().map(|refusal| refusal.code()), Some(code), "{body}");
        assert_eq!(bench.ask(KEYS_FRESH, Some("a")), keys("a"), "{body}");
        assert_eq!(bench.ask(KEYS_FRESH + FETCH_BACK_OFF, Some("a")), wants_keys());
        assert_eq!(bench.ring.generation(), generation);
    }
}

#[test]
fn o10_without_keys_a_failing_source_is_left_alone_for_a_while() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(0, None), wants_keys());
    bench.failed(0);
    assert_eq!(bench.ask(0, None), unavailable());
    assert_eq!(bench.ask(FETCH_BACK_OFF - 1, None), unavailable());
    assert_eq!(bench.ask(FETCH_BACK_OFF, None), wants_keys());
}

#[test]
fn o09_an_unknown_kid_fetches_once_in_a_while() {
    let mut bench = Bench::holding("a");
    let over = UNKNOWN_KID_COOL_DOWN;
    assert_eq!(bench.ask(over - 1, Some("b")), keys("a"));
    assert_eq!(bench.ask(over, Some("b")), wants_keys());
    assert_eq!(bench.ask(over, Some("a")), keys("a"));
    assert_eq!(bench.ask(over, None), keys("a"));
    bench.fetched(over, "a");
    for kid in ["b", "c", "d"] {
        assert_eq!(bench.ask(over + 1, Some(kid)), keys("a"));
    }
    assert_eq!(bench.ask(2 * over, Some("b")), wants_keys());
    bench.failed(2 * over);
    assert_eq!(bench.ask(3 * over - 1, Some("b")), keys("a"));
    assert_eq!(bench.ask(3 * over, Some("b")), wants_keys());
    bench.fetched(3 * over, "b");
    assert_eq!(bench.ask(3 * over, Some("b")), keys("b"));
}

#[test]
fn o09_a_key_that_was_skipped_is_not_fetched_again() {
    let mut bench = Bench::new();
    let both = jwks(&[rsa_jwk(1, r#","kid":"a""#), rsa_jwk(2, r#","kid":"enc","use":"enc""#)]);
    bench.ring.fetched(ISSUER, &KeyRules::default(), both.as_bytes(), at(0)).unwrap();
    assert_eq!(bench.ask(UNKNOWN_KID_COOL_DOWN, Some("enc")), keys("a"));
    assert_eq!(bench.ask(UNKNOWN_KID_COOL_DOWN, Some("b")), wants_keys());
}

#[test]
fn o11_a_removed_key_is_gone_with_the_next_set() {
    let mut bench = Bench::holding("leaked");
    let before = bench.ring.clone();
    let generation = before.generation();
    bench.fetched(KEYS_FRESH, "new");
    assert_eq!(bench.ask(KEYS_FRESH, None), keys("new"));
    assert_ne!(bench.ring.generation(), generation);
    let old = before.jwks(ISSUER, &bench.source, None, at(KEYS_FRESH - 1)).unwrap();
    assert_eq!(old.keys()[0].kid(), Some("leaked"));
}

#[test]
fn o11_keys_can_be_dropped_at_once() {
    let mut bench = Bench::holding("leaked");
    let generation = bench.ring.generation();
    bench.ring.retain(|issuer| issuer == ISSUER);
    assert_eq!(bench.ask(1, None), keys("leaked"));
    assert_eq!(bench.ring.generation(), generation);
    bench.ring.retain(|issuer| issuer != ISSUER);
    assert_eq!(bench.ask(1, None), wants_keys());
    assert_ne!(bench.ring.generation(), generation);
}

#[test]
fn j29_the_generation_changes_with_the_keys_alone() {
    let mut bench = Bench::holding("a");
    let generation = bench.ring.generation();
    bench.fetched(10, "a");
    bench.failed(20);
    assert_eq!(bench.ring.generation(), generation);
    bench.fetched(30, "b");
    assert_ne!(bench.ring.generation(), generation);
}

#[test]
fn o01_keys_live_inside_their_issuer() {
    let bench = Bench::holding("a");
    for issuer in ["https://idp/tenant/", "https://idp/Tenant", "https://idp", ""] {
        let result = bench.ring.jwks(issuer, &bench.source, Some("a"), at(0));
        assert!(matches!(result, Err(Stop::Wanting(Source::KeySet { .. }))), "{issuer}");
    }
}

#[test]
fn discovery_comes_first_and_again() {
    let mut bench = Bench { source: KeySource::Discovery, ..Bench::new() };
    assert_eq!(bench.ask(0, None), wants_discovery());
    bench.ring.discovered(ISSUER, DOCUMENT.as_bytes(), at(0)).unwrap();
    assert_eq!(bench.ask(0, None), wants_keys());
    bench.fetched(0, "a");
    assert_eq!(bench.ask(0, None), keys("a"));
    assert_eq!(bench.ask(DISCOVERY_FRESH - 1, None), wants_keys());
    assert_eq!(bench.ask(DISCOVERY_FRESH, None), wants_discovery());
    // After a failure the address may have moved.
    bench.failed(KEYS_FRESH);
    assert_eq!(bench.ask(KEYS_FRESH + FETCH_BACK_OFF, None), wants_discovery());
}

#[test]
fn a_bad_discovery_document_is_a_failure() {
    let mut bench = Bench { source: KeySource::Discovery, ..Bench::new() };
    assert_eq!(
        bench.ring.discovered(ISSUER, b"{}", at(0)).err().map(|refusal| refusal.code()),
        Some(Code::DiscoveryMalformed)
    );
    assert_eq!(bench.ask(0, None), unavailable());
    assert_eq!(bench.ask(FETCH_BACK_OFF, None), wants_discovery());
}

#[test]
fn static_keys_want_nothing() {
    let set = Arc::new(JwkSet::parse(set("a").as_bytes(), &[]).unwrap());
    let bench = Bench { ring: KeyRing::default(), source: KeySource::Static(set) };
    for after in [0, 10 * KEYS_STALE_MAX] {
        assert_eq!(bench.ask(after, Some("a")), keys("a"));
        assert_eq!(bench.ask(after, Some("b")), keys("a"));
    }
}

#[test]
fn a_clock_that_steps_back_breaks_nothing() {
    let mut bench = Bench::holding("a");
    assert_eq!(bench.ask(-1, None), keys("a"));
    assert_eq!(bench.ask(-KEYS_FRESH, None), wants_keys());
    assert_eq!(bench.ask(-100_000, None), wants_keys());
    bench.failed(0);
    assert_eq!(bench.ask(-100_000, None), wants_keys());
    bench.fetched(-100_000, "b");
    assert_eq!(bench.ask(-100_000, Some("b")), keys("b"));
    let ends = [UnixTime::from_seconds(i64::MIN), UnixTime::from_seconds(i64::MAX)];
    for now in ends {
        let result = bench.ring.jwks(ISSUER, &bench.source, None, now);
        assert!(matches!(result, Err(Stop::Wanting(_))));
    }
}

#[test]
fn the_number_of_issuers_is_bounded() {
    let mut ring = KeyRing::default();
    for number in 0..ISSUERS {
        ring.failed(&format!("https://idp/{number}"), at(0));
    }
    let body = set("a");
    let refusal = ring.fetched(ISSUER, &KeyRules::default(), body.as_bytes(), at(0)).unwrap_err();
    assert_eq!(refusal.code(), Code::KeysUnavailable);
    assert!(ring.fetched("https://idp/7", &KeyRules::default(), body.as_bytes(), at(0)).is_ok());
    ring.retain(|issuer| issuer != "https://idp/8");
    assert!(ring.fetched(ISSUER, &KeyRules::default(), body.as_bytes(), at(0)).is_ok());
}

#[test]
fn a_revision_is_that_of_its_issuer() {
    let mut ring = KeyRing::default();
    let mut seen = Vec::new();
    let mut note = |ring: &KeyRing| seen.push((ring.revision(ISSUER), ring.revision("other")));
    note(&ring);
    ring.discovered(ISSUER, DOCUMENT.as_bytes(), at(0)).unwrap();
    note(&ring);
    ring.fetched(ISSUER, &KeyRules::default(), set("a").as_bytes(), at(0)).unwrap();
    note(&ring);
    ring.failed("other", at(0));
    note(&ring);
    assert_eq!(
        ring.fetched(ISSUER, &KeyRules::default(), b"{}", at(0))
            .err()
            .map(|refusal| refusal.code()),
        Some(Code::JwksMalformed)
    );
    note(&ring);
    assert_eq!(seen, [(0, 0), (1, 0), (2, 0), (2, 1), (3, 1)]);
}

/// The table of the module, line by line: age of the keys, `kid`, the last answer and its age, and what is said.
#[test]
fn the_table_of_the_module() {
    const OLD: i64 = KEYS_STALE_MAX;
    const STALE: i64 = KEYS_STALE_MAX - 1;
    const FRESH: i64 = KEYS_FRESH - 1;
    const COOL: i64 = UNKNOWN_KID_COOL_DOWN;
    const BACK: i64 = FETCH_BACK_OFF;
    let check = |held: Option<i64>, kid: Option<&str>, failed: Option<i64>, expect: Says| {
        let mut bench = Bench::new();
        if let Some(age) = held {
            bench.fetched(-age, "a");
        }
        if let Some(age) = failed {
            bench.failed(-age);
        }
        assert_eq!(bench.ask(0, kid), expect, "{held:?} {kid:?} {failed:?}");
    };
    for kid in [None, Some("a"), Some("b")] {
        for held in [None, Some(OLD)] {
            check(held, kid, None, wants_keys());
            check(held, kid, Some(BACK), wants_keys());
            check(held, kid, Some(BACK - 1), unavailable());
            check(held, kid, Some(0), unavailable());
        }
        check(Some(STALE), kid, None, wants_keys());
        check(Some(STALE), kid, Some(BACK), wants_keys());
        check(Some(STALE), kid, Some(BACK - 1), keys("a"));
    }
    for kid in [None, Some("a")] {
        check(Some(0), kid, None, keys("a"));
        check(Some(FRESH), kid, None, keys("a"));
        check(Some(FRESH), kid, Some(BACK), keys("a"));
        check(Some(FRESH), kid, Some(0), keys("a"));
    }
    check(Some(COOL - 1), Some("b"), None, keys("a"));
    check(Some(COOL), Some("b"), None, wants_keys());
    check(Some(FRESH), Some("b"), Some(COOL - 1), keys("a"));
    check(Some(FRESH), Some("b"), Some(COOL), wants_keys());
}

#[test]
fn o12_warnings_are_those_of_the_set_that_is_held() {
    let mut ring = KeyRing::default();
    let mut take = |keys: &[String]| {
        ring.fetched(ISSUER, &KeyRules::default(), jwks(keys).as_bytes(), at(0)).unwrap();
        (ring.warnings(ISSUER).len(), ring.warnings("other").len())
    };
    let good = rsa_jwk(1, r#","kid":"a""#);
    assert_eq!(take(&[good.clone(), rsa_jwk(2, r#","d":"AQ""#)]), (1, 0));
    assert_eq!(take(&[good]), (0, 0));
}
