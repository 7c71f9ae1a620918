use super::*;
use crate::jose::tests::fake::{jwks, rsa_jwk};
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

    /// What is to be fetched beside.
    fn due(&self, after: i64) -> Option<Source> {
        self.ring.due(ISSUER, &self.source, at(after))
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
fn j32_keys_serve_while_they_are_fetched_anew_until_they_are_too_old() {
    let bench = Bench::holding("a");
    for kid in [None, Some("a")] {
        for age in [0, KEYS_REFRESH - 1, KEYS_REFRESH, KEYS_STALE_MAX - 1] {
            assert_eq!(bench.ask(age, kid), keys("a"));
        }
        assert_eq!(bench.ask(KEYS_STALE_MAX, kid), wants_keys());
    }
    let wanted = Source::KeySet { issuer: ISSUER.into(), url: KEYS.into() };
    assert_eq!(bench.due(0), None);
    assert_eq!(bench.due(KEYS_REFRESH - 1), None);
    for age in [KEYS_REFRESH, KEYS_STALE_MAX - 1, -KEYS_REFRESH] {
        assert_eq!(bench.due(age), Some(wanted.clone()), "{age}");
    }
    assert_eq!(bench.due(KEYS_STALE_MAX), None, "a request is to want them");
    let mut bench = Bench::new();
    assert_eq!(bench.due(0), None);
    let set = JwkSet::parse(set("a").as_bytes(), &[]).unwrap();
    bench.source = KeySource::Static(Arc::new(set));
    assert_eq!(bench.due(100), None);
}

/// The time counts from the start of the fetch, and ends like the usual one.
#[test]
fn k5_keys_serve_longer_where_their_provider_says_so() {
    let mut bench = Bench::holding("a");
    let rules = KeyRules::default().with_serve_for(Some(3600));
    bench.ring.fetched(ISSUER, &rules, set("a").as_bytes(), at(0)).unwrap();
    assert_eq!(bench.ask(KEYS_STALE_MAX, Some("a")), keys("a"));
    assert!(bench.due(KEYS_STALE_MAX).is_some());
    bench.failed(3590);
    assert_eq!(bench.ask(3599, Some("a")), keys("a"));
    assert_eq!((bench.ask(3600, Some("a")), bench.due(3600)), (wants_keys(), None));
    bench.fetched(4000, "a");
    assert_eq!(bench.ask(4000 + KEYS_STALE_MAX, Some("a")), wants_keys());
}

#[test]
fn o10_stale_keys_serve_while_the_source_fails_but_not_for_ever() {
    let mut bench = Bench::holding("a");
    let failure = KEYS_REFRESH + 5;
    bench.failed(failure);
    assert_eq!((bench.ask(failure, Some("a")), bench.due(failure)), (keys("a"), None));
    assert_eq!(bench.ask(failure + FETCH_BACK_OFF, Some("a")), keys("a"));
    assert!(bench.due(failure + FETCH_BACK_OFF).is_some());
    let late = KEYS_STALE_MAX - 1;
    bench.failed(late);
    assert_eq!(bench.ask(late, Some("a")), keys("a"));
    assert_eq!(bench.ask(late + 1, Some("a")), unavailable());
    assert_eq!(bench.ask(late + FETCH_BACK_OFF, Some("a")), wants_keys());
    bench.fetched(late + FETCH_BACK_OFF, "b");
    assert_eq!(bench.ask(late + FETCH_BACK_OFF, Some("b")), keys("b"));
}

#[test]
fn o10_an_answer_that_is_no_key_set_is_a_failure_and_leaves_the_last_good_one() {
    for body in ["", "<html>", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "[]"] {
        let mut bench = Bench::holding("a");
        let generation = bench.ring.generation();
        let none = KeyRules::default();
        let now = at(KEYS_REFRESH);
        let refusal = bench.ring.fetched(ISSUER, &none, body.as_bytes(), now).unwrap_err();
        assert_eq!(refusal.code(), Code::JwksMalformed, "{body}");
        assert_eq!(bench.ask(KEYS_REFRESH, Some("a")), keys("a"), "{body}");
        assert_eq!(bench.due(KEYS_REFRESH), None);
        assert!(bench.due(KEYS_REFRESH + FETCH_BACK_OFF).is_some());
        assert_eq!(bench.ring.generation(), generation);
    }
}

/// K3: what the issuer no longer publishes is withdrawn at once, the last key too.
#[test]
fn o10_a_set_without_usable_keys_withdraws_them_all() {
    let leaked = jwks(&[rsa_jwk(1, r#","kid":"a","d":"AQ""#)]);
    let cases = [
        (r#"{"keys":[]}"#, "", Code::JwksEmpty),
        (r#"{"keys":[{"kty":"oct"}]}"#, "", Code::UnsupportedKey),
        (r#"{"keys":[{"kty":"RSA","kid":"a"}]}"#, "skipped: a: key_malformed", Code::JwksEmpty),
        (&leaked, "skipped: a: key_malformed", Code::JwksEmpty),
    ];
    for (body, detail, why) in cases {
        let mut bench = Bench::holding("a");
        let generation = bench.ring.generation();
        bench.ring.fetched(ISSUER, &KeyRules::default(), body.as_bytes(), at(1)).unwrap();
        assert_ne!(bench.ring.generation(), generation);
        assert_eq!(bench.ask(1, Some("a")), keys(""), "{body}");
        let set = bench.ring.jwks(ISSUER, &bench.source, Some("a"), at(1)).unwrap();
        for kid in [Some("a"), None] {
            let refusal = set.candidates(kid, crate::jose::Algorithm::Rs256).unwrap_err();
            assert_eq!(refusal.code(), Code::KeyUnknown, "{body}");
            assert!(kid.is_none() || refusal.detail_text().unwrap_or("").starts_with(detail));
        }
        assert_eq!(bench.ring.why_unusable(ISSUER).unwrap().code(), why, "{body}");
        // The good twin comes as any set does.
        assert!(bench.due(1 + KEYS_REFRESH).is_some());
        bench.fetched(1 + KEYS_REFRESH, "a");
        assert_eq!(bench.ask(1 + KEYS_REFRESH, Some("a")), keys("a"));
        assert_eq!(bench.ring.why_unusable(ISSUER), None);
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
    bench.fetched(KEYS_REFRESH, "new");
    assert_eq!(bench.ask(KEYS_REFRESH, None), keys("new"));
    assert_ne!(bench.ring.generation(), generation);
    let old = before.jwks(ISSUER, &bench.source, None, at(KEYS_REFRESH - 1)).unwrap();
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
    bench.failed(KEYS_STALE_MAX);
    assert_eq!(bench.ask(KEYS_STALE_MAX + FETCH_BACK_OFF, None), wants_discovery());
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
    assert_eq!(bench.ask(-KEYS_STALE_MAX, None), wants_keys());
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
    const FRESH: i64 = KEYS_REFRESH - 1;
    const COOL: i64 = UNKNOWN_KID_COOL_DOWN;
    const BACK: i64 = FETCH_BACK_OFF;
    let check = |held: Option<i64>, kid, failed: Option<i64>, expect: Says, due: bool| {
        let mut bench = Bench::new();
        if let Some(age) = held {
            bench.fetched(-age, "a");
        }
        if let Some(age) = failed {
            bench.failed(-age);
        }
        assert_eq!(bench.ask(0, kid), expect, "{held:?} {kid:?} {failed:?}");
        assert_eq!(bench.due(0).is_some(), due, "{held:?} {kid:?} {failed:?}");
    };
    for kid in [None, Some("a"), Some("b")] {
        for held in [None, Some(OLD)] {
            check(held, kid, None, wants_keys(), false);
            check(held, kid, Some(BACK), wants_keys(), false);
            check(held, kid, Some(BACK - 1), unavailable(), false);
            check(held, kid, Some(0), unavailable(), false);
        }
    }
    for kid in [None, Some("a")] {
        for held in [0, FRESH] {
            check(Some(held), kid, None, keys("a"), false);
            check(Some(held), kid, Some(BACK), keys("a"), false);
            check(Some(held), kid, Some(0), keys("a"), false);
        }
        for held in [KEYS_REFRESH, STALE] {
            check(Some(held), kid, None, keys("a"), true);
            check(Some(held), kid, Some(BACK), keys("a"), true);
            check(Some(held), kid, Some(BACK - 1), keys("a"), false);
        }
    }
    check(Some(COOL - 1), Some("b"), None, keys("a"), false);
    check(Some(COOL), Some("b"), None, wants_keys(), false);
    check(Some(FRESH), Some("b"), Some(COOL - 1), keys("a"), false);
    check(Some(FRESH), Some("b"), Some(COOL), wants_keys(), false);
    check(Some(STALE), Some("b"), Some(COOL - 1), keys("a"), true);
    check(Some(STALE), Some("b"), Some(COOL), wants_keys(), true);
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
