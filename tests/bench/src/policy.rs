//! Trust policies: ten thousand bindings against ten, a long condition, loading.

use crate::measure::{compare, time};
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::expr::{Expression, Facts};
use credmint_core::jose::KeyRules;
use credmint_core::json::{self, Limits};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::{Grant, Presented, Refusal, UnixTime, Verdict};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::policy::{Fixes, bindings, discoverable};
use serde_json::json;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// The client whose proof is judged, which both policies have.
const CLIENT: usize = 7;

/// Runs all of it.
pub(crate) fn run() {
    println!("a token request judged, its signature taken for good");
    let key = TestKey::ec();
    let (few, many) = (World::new(10, &key), World::new(10_000, &key));
    compare("10,000 bindings", || many.decide(), ("10 bindings", || few.decide()), Some(1.1));

    let of = |n: usize| World::discovered(n, &key);
    let (few, many) = (of(10), of(10_000));
    compare(
        "found among 10,000 credentials",
        || many.decide(),
        ("found among 10", || few.decide()),
        Some(1.1),
    );

    let (condition, facts) = twenty_clauses();
    time("a condition of 20 clauses", || condition.condition(&facts), Duration::from_micros(10));

    loading("10,000 bindings", &bindings(10_000));
    for (fixes, name) in [
        (Fixes::Subjects, "10,000 discoverable credentials"),
        (Fixes::SubjectsAndRepositories, "10,000 discoverable credentials, mixed"),
    ] {
        loading(name, &discoverable(10_000, fixes));
    }
}

/// How long a policy of ten thousand clients takes to load, its overlap check included.
fn loading(what: &str, text: &str) {
    let start = Instant::now();
    let policy = load(text);
    let took = start.elapsed();
    assert_eq!(policy.clients().count(), 10_000);
    let met = if took <= Duration::from_secs(2) { "met" } else { "NOT met" };
    println!(
        "{:<44} {:>8.0} ms  under 2 s: {met}",
        format!("loading {what}"),
        took.as_secs_f64() * 1e3
    );
}

fn load(text: &str) -> TrustPolicy {
    let document = json::parse_with(text.as_bytes(), Limits::DOCUMENT).expect("JSON");
    TrustPolicy::from_document(&document).expect("it loads")
}

/// Everything that one decision needs.
struct World {
    policy: TrustPolicy,
    keys: KeyRing,
    presented: Presented,
}

impl World {
    /// A request that names its client and credential.
    fn new(n: usize, key: &TestKey) -> Self {
        let client = format!("app_{CLIENT}");
        Self::of(load(&bindings(n)), key, |token| {
            Presented::from_parameters([
                ("grant_type", "client_credentials"),
                ("client_id", &client),
                (
                    "client_assertion_type",
                    "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer",
                ),
                ("application_federated_credential_name", "main"),
                ("client_assertion", token),
                ("scope", "api.example.com|read"),
            ])
        })
    }

    /// A request that names neither.
    fn discovered(n: usize, key: &TestKey) -> Self {
        Self::of(load(&discoverable(n, Fixes::Subjects)), key, |token| {
            Presented::from_parameters([
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", token),
                ("scope", "api.example.com|read"),
            ])
        })
    }

    fn of(
        policy: TrustPolicy,
        key: &TestKey,
        present: impl FnOnce(&str) -> Result<Presented, Refusal>,
    ) -> Self {
        let issuer = "https://idp-0.example.com";
        let mut keys = KeyRing::default();
        let now = UnixTime::from_seconds(NOW);
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") });
        keys.discovered(issuer, discovery.to_string().as_bytes(), now).expect("a document");
        let set = json!({ "keys": [key.jwk("key-1")] }).to_string();
        keys.fetched(issuer, &KeyRules::default(), set.as_bytes(), now).expect("a key set");
        let claims = json!({
            "iss": issuer, "aud": "https://sts.example.com", "sub": format!("workload-{CLIENT}"),
            "iat": NOW, "exp": NOW + 600, "tenant": "t0", "env": "production",
            "ref": "refs/heads/main",
        });
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "key-1" });
        let token = jwt::sign(key, &header, &claims);
        let presented = present(&token).expect("a request");
        Self { policy, keys, presented }
    }

    fn decide(&self) -> Grant {
        let exchange = Exchange {
            policy: &self.policy,
            keys: &self.keys,
            signatures: SignatureProvider { backends: &[&Unasked] },
            now: UnixTime::from_seconds(NOW),
            own: None,
        };
        match exchange.decide(&self.presented, &mut Trace::none()) {
            Verdict::Granted(grant) => grant,
            Verdict::Refused(refusal) => panic!("a good proof: {refusal}"),
            Verdict::Wanting(_) => panic!("the keys are there"),
        }
    }
}

/// Says yes to everything: signatures are measured elsewhere.
struct Unasked;

impl Backend for Unasked {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        Answer::Good
    }
}

/// A condition of which every clause is looked at.
fn twenty_clauses() -> (Expression, Facts) {
    let mut text = String::new();
    let mut claims = json!({});
    for clause in 0..20 {
        let _ = match clause % 4 {
            0 => write!(text, "jwt.claims.c{clause} == 'value-{clause}'"),
            1 => write!(text, "jwt.claims.c{clause} in ['other', 'value-{clause}']"),
            2 => write!(text, "jwt.claims.c{clause}.startsWith('value-')"),
            _ => write!(text, "glob(jwt.claims.c{clause}, 'value-*')"),
        };
        if clause < 19 {
            text.push_str(" && ");
        }
        claims[format!("c{clause}")] = format!("value-{clause}").into();
    }
    let facts = json!({ "jwt": { "claims": claims } }).to_string();
    let facts = Facts::new(json::parse_object(facts.as_bytes()).expect("JSON"));
    let condition = Expression::parse(&text).expect("a condition");
    assert_eq!(condition.condition(&facts), Ok(true));
    (condition, facts)
}
