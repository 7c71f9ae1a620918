//! Refusals that a sender must not tell apart by the time they take: an unknown workload, a condition that is false, and
//! another client than the proof's.

use crate::measure::{median, micros};
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::json::{self, Limits};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_core::{JWT_BEARER_GRANT, Presented, UnixTime, Verdict};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ISSUER: &str = "https://sts.example.com/oauth2";
const IDP: &str = "https://idp.example.com";
/// How often each is asked, in turns.
const ROUNDS: usize = 1_000;
/// What two medians may differ by: a tenth, or this.
const APART: Duration = Duration::from_micros(50);

/// Measures and prints them.
pub(crate) fn run() {
    println!("refusals of discovered requests, {ROUNDS} of each in turns, signatures verified");
    let key = TestKey::ec();
    let policy = policy(&key);
    let token = |subject: &str, env: &str| {
        let claims = json!({
            "iss": IDP, "aud": ISSUER, "sub": subject, "env": env, "iat": NOW, "exp": NOW + 600,
        });
        jwt::sign(&key, &json!({ "alg": "ES256", "typ": "JWT", "kid": "k" }), &claims)
    };
    let request = |token: &str, client: Option<&str>| {
        let parameters = [("grant_type", JWT_BEARER_GRANT), ("assertion", token)];
        let client = client.map(|id| ("client_id", id));
        Presented::from_parameters(parameters.into_iter().chain(client)).expect("a request")
    };
    let requests = [
        ("unknown workload", request(&token("nobody", "prod"), None), "credential_not_found"),
        (
            "condition that is false",
            request(&token("w7", "test"), None),
            "verification_condition_false",
        ),
        ("another client", request(&token("w7", "prod"), Some("app_8")), "credential_not_found"),
    ];
    let mut samples = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, presented, expect), samples) in requests.iter().zip(&mut samples) {
            let start = Instant::now();
            let code = decide(&policy, presented);
            samples.push(start.elapsed());
            assert_eq!(code, *expect);
        }
    }
    let medians = samples.map(median);
    for ((name, ..), median) in requests.iter().zip(medians) {
        println!("{name:<44} {:>10}", micros(median));
    }
    let (least, most) = (medians.iter().min(), medians.iter().max());
    let (least, most) = (least.copied().unwrap_or_default(), most.copied().unwrap_or_default());
    let apart = most - least;
    let met = if apart <= APART.max(least / 10) { "met" } else { "NOT met" };
    println!("{:<44} {:>10}  at most a tenth or {}: {met}", "apart", micros(apart), micros(APART));
}

/// The code of the refusal.
fn decide(policy: &TrustPolicy, presented: &Presented) -> &'static str {
    let keys = KeyRing::default();
    let exchange = Exchange {
        own: None,
        policy,
        keys: &keys,
        signatures: SignatureProvider { backends: &[&AwsLc] },
        now: UnixTime::from_seconds(NOW),
    };
    match exchange.decide(presented, &mut Trace::none()) {
        Verdict::Refused(refusal) => refusal.code().as_str(),
        _ => "no refusal",
    }
}

/// A thousand clients of one provider, each with its workload.
fn policy(key: &TestKey) -> TrustPolicy {
    let client = |n: usize| {
        let condition = format!("jwt.claims.sub == 'w{n}' && jwt.claims.env.startsWith('prod')");
        let client = json!({
            "scopes": { "api": ["read"] },
            "credentials": { "main": { "provider": "idp", "discoverable": true, "condition": condition } },
        });
        (format!("app_{n}"), client)
    };
    let clients: Map<String, Value> = (0..1_000).map(client).collect();
    let policy = json!({
        "version": 1,
        "issuer": ISSUER,
        "providers": { "idp": {
            "type": "oidc", "issuer": IDP, "audiences": [ISSUER],
            "keys": { "jwks": { "keys": [key.jwk("k")] } },
        } },
        "resources": { "api": { "scopes": ["read"] } },
        "clients": clients,
    });
    let document = json::parse_with(policy.to_string().as_bytes(), Limits::DOCUMENT).expect("JSON");
    TrustPolicy::from_document(&document).expect("it loads")
}
