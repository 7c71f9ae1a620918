//! What hostile input costs, in bytes allocated and signatures checked. Time is not measured: it would say more about
//! the machine than about the code.

use credmint_core::exchange::{Exchange, Trace};
use credmint_core::guard::{GuardRules, verify_access_token};
use credmint_core::jose::{JwkSet, KeyRules, UnverifiedJws};
use credmint_core::json::{self, Limits};
use credmint_core::keys::{KeyRing, KeySource};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::x509::{Certificate, Crl};
use credmint_core::{
    Code, ID_TOKEN_BEARER, Presented, Refusal, Stop, UnixTime, Verdict, base64, limits,
};
use credmint_tests::fixtures::bare_certificate::{BareCertificate, extension, signed};
use credmint_tests::fixtures::der;
use credmint_tests::fixtures::jwt::{sign, sign_text};
use credmint_tests::fixtures::key::TestKey;
use serde_json::{Value, json};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Arc, LazyLock};

const NOW: i64 = 1_795_521_600;
static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::ec);

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts what each thread asks for. What is given back is not taken off.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is the callee's condition.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(bytes: usize) {
    // A thread that is ending has no counter left, and no test.
    let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + bytes));
}

/// The result of some work and the bytes that it allocated.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.get();
    let result = work();
    (result, ALLOCATED.get() - before)
}

/// Refuses every signature, at no cost, and counts.
#[derive(Default)]
struct Refusing(Cell<usize>);

impl Backend for Refusing {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        self.0.set(self.0.get() + 1);
        Answer::Bad
    }
}

/// Accepts every signature, at no cost, and counts.
#[derive(Default)]
struct Accepting(Cell<usize>);

impl Backend for Accepting {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        self.0.set(self.0.get() + 1);
        Answer::Good
    }
}

fn claims(more: &str) -> String {
    format!(
        r#"{{"iss":"https://sts","aud":"api","sub":"s","client_id":"c","jti":"j","iat":{NOW},"exp":{}{more}}}"#,
        NOW + 600
    )
}

/// An access token with this payload.
fn token(payload: &str) -> String {
    sign_text(&KEY, "ES256", r#"{"alg":"ES256","kid":"a","typ":"at+jwt"}"#, payload)
}

/// A token with this text for its header.
fn with_header(header: &str) -> String {
    sign_text(&KEY, "ES256", header, &claims(""))
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// Judges an access token by one key. Gives the code, what was allocated, and how many signatures were checked.
fn guard(token: &str) -> (Option<Code>, usize, usize) {
    let keys = JwkSet::parse(set(&[KEY.jwk("a")]).as_bytes(), &[]).expect("a good set");
    let source = KeySource::Static(Arc::new(keys));
    let rules = GuardRules::new("https://sts", "api").with_skew(30).with_max_lifetime(3600);
    let accepting = Accepting::default();
    let backends: [&dyn Backend; 1] = [&accepting];
    let ring = KeyRing::default();
    let (verdict, allocated) = measured(|| {
        let provider = SignatureProvider { backends: &backends };
        let now = UnixTime::from_seconds(NOW);
        verify_access_token(token, &rules, &source, &ring, now, provider)
    });
    let code = match verdict {
        Verdict::Granted(_) => None,
        Verdict::Refused(refusal) => Some(refusal.code()),
        Verdict::Wanting(source) => panic!("{source:?}"),
    };
    (code, allocated, accepting.0.get())
}

/// What may be allocated for input that is refused by its size or in the middle of its form: a refusal's texts, and what
/// was read until then.
const REFUSED_EARLY: usize = 4 * 1024;

#[test]
fn j24_a_million_dots_are_not_split() {
    let dots = ".".repeat(1_000_000);
    let (code, allocated, signatures) = guard(&dots);
    assert_eq!((code, signatures), (Some(Code::TokenTooLarge), 0));
    assert!(allocated < REFUSED_EARLY, "{allocated}");
    let (code, allocated, _) = guard(&dots[..limits::TOKEN_BYTES]);
    assert_eq!(code, Some(Code::JwsMalformed));
    assert!(allocated < REFUSED_EARLY, "{allocated}");
}

#[test]
fn j27_brackets_are_not_read_beyond_the_depth() {
    let brackets = "[".repeat(100_000);
    let (refused, allocated) = measured(|| json::parse(brackets.as_bytes()).map_err(|r| r.code()));
    assert_eq!(refused, Err(Code::JsonTooDeep));
    assert!(allocated < REFUSED_EARLY, "{allocated}");
    let objects = r#"{"a":"#.repeat(100_000);
    let (refused, allocated) = measured(|| json::parse(objects.as_bytes()).map_err(|r| r.code()));
    assert_eq!(refused, Err(Code::JsonTooDeep));
    assert!(allocated < 2 * REFUSED_EARLY, "{allocated}");
    // As a set of keys, which may be larger than a token.
    let (refused, allocated) =
        measured(|| JwkSet::parse(brackets.as_bytes(), &[]).map_err(|r| r.code()));
    assert_eq!(refused, Err(Code::JwksMalformed));
    assert!(allocated < REFUSED_EARLY, "{allocated}");
}

/// A refusal allocates at most this many times the bytes of its input. The most is a list of single digits: two bytes
/// of text for a value in memory, in a list that grew by doubling.
const MULTIPLE: usize = 48;

/// The worst that fits into a token, by what it is refused for, or accepted.
fn worst_tokens() -> Vec<(&'static str, String)> {
    let members =
        |count: usize| -> String { (0..count).map(|number| format!(r#","{number}":0"#)).collect() };
    let zeros = |count: usize| format!(r#","x":[0{}]"#, ",0".repeat(count - 1));
    let nested = format!(r#","x":[{}]"#, vec!["[]"; 3_000].join(","));
    let long = format!(r#","x":"{}""#, "x".repeat(11_800));
    let escaped = format!(r#","x":"{}""#, "\\u0041".repeat(1_900));
    vec![
        ("widest header", with_header(&format!(r#"{{"alg":"ES256"{}}}"#, members(255)))),
        ("header too wide", with_header(&format!(r#"{{"alg":"ES256"{}}}"#, members(300)))),
        ("header of numbers", with_header(&format!(r#"{{"alg":"ES256"{}}}"#, zeros(2_000)))),
        (
            "longest header",
            with_header(&format!(r#"{{"alg":"none","x":"{}"}}"#, "x".repeat(4_000))),
        ),
        ("longest kid", with_header(&format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(256)))),
        ("widest claims", token(&claims(&members(240)))),
        ("claims too wide", token(&claims(&members(1_000)))),
        ("longest list", token(&claims(&zeros(4_000)))),
        ("list too long", token(&claims(&zeros(5_500)))),
        ("lists in a list", token(&claims(&nested))),
        ("longest claim", token(&claims(&long))),
        ("escaped claim", token(&claims(&escaped))),
        ("claims of brackets", token(&"[".repeat(11_800))),
        ("a duplicate at the end", token(&claims(&format!(r#"{long},"sub":"t""#)))),
        (
            "many audiences",
            token(
                &claims("").replace(r#""api""#, &format!("[{}\"api\"]", r#""a","#.repeat(2_800))),
            ),
        ),
        ("five parts", format!("{}.AA.AA", token(&claims(&long)))),
        ("claims too long by a letter", "A".repeat(limits::TOKEN_BYTES + 1)),
    ]
}

#[test]
fn the_worst_refusal_costs_a_small_multiple_of_an_acceptance() {
    let (mut refusals, mut worst_refusal, mut worst_acceptance) = (0, 0, 0);
    for (what, token) in worst_tokens() {
        let (code, allocated, signatures) = guard(&token);
        let length = token.len();
        println!(
            "{what}: {code:?}, {length} bytes, {allocated} allocated, {signatures} signatures"
        );
        assert!(length <= limits::TOKEN_BYTES + 1, "{what}: {length}");
        assert!(signatures <= 1, "{what}");
        assert!(allocated <= MULTIPLE * length, "{what}: {allocated} for {length}");
        let worst = if code.is_some() { &mut worst_refusal } else { &mut worst_acceptance };
        *worst = allocated.max(*worst);
        refusals += usize::from(code.is_some());
    }
    assert!(refusals >= 10, "{refusals} refusals");
    assert!(worst_refusal <= 2 * worst_acceptance, "{worst_refusal} against {worst_acceptance}");
}

#[test]
fn j07_a_set_of_sixty_four_keys_without_names_costs_four_signatures_or_none() {
    // RSA keys in form alone: their primes are not known.
    let key = |number: usize| {
        let mut modulus = vec![0xd5; 512];
        modulus[100] = u8::try_from(number).expect("a small number");
        json!({ "kty": "RSA", "e": "AQAB", "n": base64::encode_url(&modulus) })
    };
    let header = base64::encode_url(br#"{"alg":"RS256"}"#);
    let token = format!("{header}.e30.{}", base64::encode_url(&[1; 512]));
    let check = |count: usize, code: Code, checked: usize| {
        let keys: Vec<Value> = (0..count).map(key).collect();
        let text = set(&keys);
        let (keys, allocated) =
            measured(|| JwkSet::parse(text.as_bytes(), &[]).expect("a good set"));
        assert!(allocated <= MULTIPLE * text.len(), "{allocated} for {}", text.len());
        let refusing = Refusing::default();
        let backends: [&dyn Backend; 1] = [&refusing];
        let signatures = SignatureProvider { backends: &backends };
        let (result, allocated) = measured(|| {
            UnverifiedJws::parse(&token)
                .and_then(|jws| jws.verify(&keys, signatures).map_err(Stop::into_refusal))
        });
        assert_eq!(result.map(|_| ()).map_err(|refusal| refusal.code()), Err(code));
        assert_eq!(refusing.0.get(), checked);
        assert!(allocated < 2 * REFUSED_EARLY, "{allocated}");
    };
    check(1, Code::JwsSignatureInvalid, 1);
    check(limits::KEYS_TRIED, Code::JwsSignatureInvalid, limits::KEYS_TRIED);
    check(limits::KEYS_TRIED + 1, Code::KeysTooMany, 0);
    check(limits::JWKS_KEYS, Code::KeysTooMany, 0);
}

#[test]
fn a_set_of_the_largest_size_is_read_within_the_multiple() {
    let fill =
        |element: &str, count: usize| format!(r#"{{"keys":[{}]}}"#, vec![element; count].join(","));
    let long = format!(r#"{{"keys":[{{"x":"{}"}}]}}"#, "x".repeat(250_000));
    for (what, text, code) in [
        ("numbers", fill("0", 5_000), Code::JwksMalformed),
        ("empty objects", fill("{}", 64), Code::JwksEmpty),
        ("a long member", long, Code::JwksEmpty),
        ("too long", " ".repeat(limits::JWKS_BYTES + 1), Code::JwksTooLarge),
    ] {
        let (result, allocated) = measured(|| JwkSet::parse(text.as_bytes(), &[]));
        assert_eq!(result.err().map(|refusal| refusal.code()), Some(code), "{what}");
        // Each key that is skipped has a reason, whatever its size.
        let allowed = MULTIPLE * text.len() + limits::JWKS_KEYS * 1024;
        println!("{what}: {} bytes, {allocated} allocated", text.len());
        assert!(allocated <= allowed, "{what}: {allocated} for {}", text.len());
    }
}

/// Names that are compared before anybody knows who signed: in a list, in a leaf, in both.
#[test]
fn names_of_distribution_points_are_few_before_any_signature() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let name = der::sequence(&[]);
    let full = |names: Vec<u8>| der::value(0xa0, &der::value(0xa0, &names));
    let list = |names: Vec<u8>| {
        let draft = BareCertificate::new(&der::name(&[("2.5.4.3", "a")]), &name, &key);
        let scope = extension("2.5.29.28", true, &der::sequence(&[&full(names)]));
        let times = |text: &[u8]| der::value(der::tag::UTC_TIME, text);
        let tbs = der::sequence(&[
            &der::small_integer(1),
            &draft.algorithm,
            &draft.issuer,
            &times(b"261124000000Z"),
            &times(b"261201000000Z"),
            &der::value(0xa0, &der::sequence(&[&scope])),
        ]);
        signed(&tbs, &draft.algorithm, &key)
    };
    let leaf = |names: Vec<u8>| {
        let points = der::sequence(&[&der::sequence(&[&full(names)])]);
        BareCertificate::new(&der::name(&[("2.5.4.3", "a")]), &der::name(&[("2.5.4.3", "b")]), &key)
            .with("2.5.29.31", false, &points)
            .signed(&key)
    };
    let most = limits::DISTRIBUTION_POINT_NAMES;
    let empty = |count: usize| [0x86, 0].repeat(count);
    let other = |count: usize| [0x86, 1, b'x'].repeat(count);
    for names in [empty(1_000_000), other(300_000), empty(most + 1)] {
        let der = list(names);
        assert!(der.len() <= limits::CRL_BYTES);
        let (read, allocated) = measured(|| Crl::from_der(&der).map(drop).map_err(|r| r.code()));
        assert_eq!(read, Err(Code::CrlTooLarge));
        // The list is not copied before it is refused, nor are its names.
        assert!(allocated < 2 * REFUSED_EARLY, "{allocated}");
    }
    for names in [empty(6_400), other(5_000), empty(most + 1)] {
        let der = leaf(names);
        assert!(der.len() <= limits::CERTIFICATE_BYTES);
        let (read, allocated) =
            measured(|| Certificate::from_der(&der).map(drop).map_err(|r| r.code()));
        assert_eq!(read, Err(Code::CertificateExtensionsTooMany));
        assert!(allocated < 2 * REFUSED_EARLY, "{allocated}");
    }
    assert_eq!(Crl::from_der(&list(other(most))).map(drop), Ok(()));
    assert_eq!(Certificate::from_der(&leaf(empty(most))).map(drop), Ok(()));
}

/// A policy with this many OIDC providers, and as many clients with a credential each.
fn policy(count: usize) -> TrustPolicy {
    let providers: Vec<String> = (0..count)
        .map(|n| {
            format!(
                r#""p{n:05}":{{"type":"oidc","issuer":"https://idp{n:05}","audiences":["x"],"keys":{{"jwks_uri":"https://idp{n:05}/keys"}}}}"#
            )
        })
        .collect();
    let clients: Vec<String> = (0..count)
        .map(|n| {
            format!(
                r#""c{n:05}":{{"scopes":{{"api":["read"]}},"credentials":{{"main":{{"provider":"p{n:05}","condition":"jwt.claims.sub == 's'"}}}}}}"#
            )
        })
        .collect();
    let text = format!(
        r#"{{"version":1,"issuer":"https://sts","providers":{{{}}},"resources":{{"api":{{"scopes":["read"]}}}},"clients":{{{}}}}}"#,
        providers.join(","),
        clients.join(",")
    );
    let document = json::parse_with(text.as_bytes(), Limits::DOCUMENT).expect("JSON");
    TrustPolicy::from_document(&document).expect("a policy that loads")
}

/// A decision costs the same, to the byte, whether ten issuers are known or ten thousand.
#[test]
fn ten_thousand_issuers_cost_what_ten_cost() {
    let cost = |count: usize| -> Result<(usize, usize), Refusal> {
        let policy = policy(count);
        let now = UnixTime::from_seconds(NOW);
        let mut ring = KeyRing::default();
        let keys = set(&[KEY.jwk("a")]);
        for n in 0..count {
            let issuer = format!("https://idp{n:05}");
            ring.fetched(&issuer, &KeyRules::default(), keys.as_bytes(), now)?;
        }
        let last = count - 1;
        let claims = json!({ "iss": format!("https://idp{last:05}"), "aud": "x", "sub": "s", "iat": NOW, "exp": NOW + 60 });
        let presented = Presented::from_parameters([
            ("grant_type", "client_credentials"),
            ("client_id", &format!("c{last:05}")),
            ("client_assertion_type", ID_TOKEN_BEARER),
            ("application_federated_credential_name", "main"),
            ("client_assertion", &sign(&KEY, &json!({ "alg": "ES256", "kid": "a" }), &claims)),
            ("scope", "api|read"),
        ])?;
        let accepting = Accepting::default();
        let backends: [&dyn Backend; 1] = [&accepting];
        let signatures = SignatureProvider { backends: &backends };
        let exchange = Exchange { policy: &policy, keys: &ring, signatures, now, own: None };
        let (verdict, allocated) = measured(|| exchange.decide(&presented, &mut Trace::none()));
        assert!(matches!(verdict, Verdict::Granted(_)), "{verdict:?}");
        Ok((allocated, accepting.0.get()))
    };
    let few = cost(10).expect("a cost");
    let many = cost(limits::ISSUERS).expect("a cost");
    println!("bytes allocated and signatures: {few:?} and {many:?}");
    assert_eq!(few, many);
}
