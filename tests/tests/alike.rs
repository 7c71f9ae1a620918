//! What a sender must not tell apart: an unknown workload, a condition that is false, another client than the proof's, and,
//! but for the key that is not there, an unknown issuer.

use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::json::{self, Limits};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::{
    Code, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT, Presented, PublicCode, UnixTime, Verdict, base64,
};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::PrivateCa;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ISSUER: &str = "https://sts.example.com/oauth2";
const IDP: &str = "https://idp.example.com";

/// The back end of the issuer, and how often it was asked.
struct Counting(AtomicUsize);

impl Backend for Counting {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        self.0.fetch_add(1, Ordering::SeqCst);
        AwsLc.verify(scheme, key, message, signature)
    }
}

fn policy(key: &TestKey) -> TrustPolicy {
    let client = |subject: &str| {
        let condition =
            format!("jwt.claims.sub == '{subject}' && jwt.claims.env.startsWith('prod')");
        json!({
            "scopes": { "api": ["read"] },
            "credentials": { "main": { "provider": "idp", "discoverable": true, "condition": condition } },
        })
    };
    let policy = json!({
        "version": 1,
        "issuer": ISSUER,
        "providers": { "idp": {
            "type": "oidc", "issuer": IDP, "audiences": [ISSUER],
            "keys": { "jwks": { "keys": [key.jwk("k")] } },
        } },
        "resources": { "api": { "scopes": ["read"] } },
        "clients": { "app_1": client("one"), "app_2": client("two") },
    });
    let document = json::parse_with(policy.to_string().as_bytes(), Limits::DOCUMENT).unwrap();
    TrustPolicy::from_document(&document).unwrap()
}

#[test]
fn refusals_that_look_alike_cost_alike() {
    let key = TestKey::ec();
    let policy = policy(&key);
    let check = |issuer: &str,
                 subject: &str,
                 env: &str,
                 client: Option<&str>,
                 expect: (Code, usize)| {
        let claims = json!({
            "iss": issuer, "aud": ISSUER, "sub": subject, "env": env, "iat": NOW, "exp": NOW + 600,
        });
        let token = jwt::sign(&key, &json!({ "alg": "ES256", "typ": "JWT", "kid": "k" }), &claims);
        let parameters = [("grant_type", JWT_BEARER_GRANT), ("assertion", &token)];
        let named = client.map(|id| ("client_id", id));
        let presented = Presented::from_parameters(parameters.into_iter().chain(named)).unwrap();
        let (keys, counting) = (KeyRing::default(), Counting(AtomicUsize::new(0)));
        let exchange = Exchange {
            own: None,
            policy: &policy,
            keys: &keys,
            signatures: SignatureProvider { backends: &[&counting] },
            now: UnixTime::from_seconds(NOW),
        };
        let refusal = match exchange.decide(&presented, &mut Trace::none()) {
            Verdict::Refused(refusal) => refusal,
            other => panic!("{subject} {env} {client:?}: {other:?}"),
        };
        assert_eq!((refusal.code(), counting.0.into_inner()), expect, "{subject} {env} {client:?}");
        // All that the answer is made of, beside the id of the request.
        assert_eq!(refusal.code().public(), PublicCode::NotTrusted);
    };
    check(IDP, "nobody", "prod", None, (Code::CredentialNotFound, 1));
    check(IDP, "one", "test", None, (Code::VerificationConditionFalse, 1));
    check(IDP, "one", "prod", Some("app_2"), (Code::CredentialNotFound, 1));
    check(IDP, "one", "test", Some("app_1"), (Code::VerificationConditionFalse, 1));
    // There is no key that a signature could be verified with.
    check("https://other.example.com", "one", "prod", None, (Code::IssuerUnknown, 0));
    check(IDP, "one", "prod", Some("nobody"), (Code::ClientUnknown, 0));
}

/// What a client signs, with certificates in the header: their form is read before anything is looked up.
#[test]
fn certificates_in_the_header_tell_nobody_who_is_configured() {
    let (own, idp) = (TestKey::ec(), TestKey::ec());
    let plant = PrivateCa::new("Plant");
    let mut x5c = plant.provider();
    x5c["x5c"] = json!("accept");
    let client = |provider: &str, more: &Value| {
        let mut main = json!({ "provider": provider });
        for (member, value) in more.as_object().unwrap() {
            main[member] = value.clone();
        }
        json!({ "scopes": { "api": ["read"] }, "credentials": { "main": main } })
    };
    let policy = json!({
        "version": 1,
        "issuer": ISSUER,
        "providers": {
            "own": { "type": "client_key", "keys": { "jwks": { "keys": [own.jwk("k")] } } },
            "plant": x5c,
            "idp": {
                "type": "oidc", "issuer": IDP, "audiences": [ISSUER],
                "keys": { "jwks": { "keys": [idp.jwk("k")] } },
            },
        },
        "resources": { "api": { "scopes": ["read"] } },
        "clients": {
            "app_own": client("own", &json!({})),
            "app_x5c": client("plant", &json!({ "discoverable": true, "condition": "cert.subject.CN == 'machine'" })),
            "app_idp": client("idp", &json!({ "discoverable": true, "condition": "jwt.claims.sub == 'one'" })),
        },
    });
    let document = json::parse_with(policy.to_string().as_bytes(), Limits::DOCUMENT).unwrap();
    let policy = TrustPolicy::from_document(&document).unwrap();
    // Of another authority, which nobody trusts.
    let other = PrivateCa::new("Other");
    let machine = other.client("machine");
    let [leaf, middle] =
        [machine.certificate_der(), other.intermediate_der()].map(base64::encode_standard);
    let check = |header: &Value, beside: Option<&str>, expect: [Code; 4]| {
        let issuers = ["app_nobody", "app_own", "app_x5c", IDP];
        let found = issuers.map(|issuer| {
            let claims = json!({
                "iss": issuer, "sub": issuer, "aud": ISSUER, "jti": "j", "iat": NOW, "exp": NOW + 60,
            });
            let token = jwt::sign(machine.key(), header, &claims);
            let parameters = [
                ("grant_type", "client_credentials"),
                ("client_assertion_type", JWT_BEARER_ASSERTION),
                ("client_assertion", &token),
            ];
            let beside = beside.map(|certificate| ("client_x509", certificate));
            let presented = Presented::from_parameters(parameters.into_iter().chain(beside));
            let keys = KeyRing::default();
            let exchange = Exchange {
                own: None,
                policy: &policy,
                keys: &keys,
                signatures: SignatureProvider { backends: &[&AwsLc] },
                now: UnixTime::from_seconds(NOW),
            };
            match exchange.decide(&presented.unwrap(), &mut Trace::none()) {
                Verdict::Refused(refusal) => refusal.code(),
                other => panic!("{issuer} {header}: {other:?}"),
            }
        });
        assert_eq!(found, expect, "{header}");
        let public = found.map(Code::public);
        assert_eq!(public, [public[0]; 4], "{header}");
    };
    let with = |x5c: Value| json!({ "alg": "ES256", "kid": "o", "x5c": x5c });
    let noted = |x5c: Value, bytes: usize| json!({ "alg": "ES256", "kid": "o", "x5c": x5c, "note": "x".repeat(bytes) });
    let unknown = Code::IssuerUnknown;
    let good = [unknown, Code::JwsEmbeddedKey, Code::PathNotFound, Code::KeyUnknown];
    check(&with(json!([leaf, middle])), None, good);
    check(&with(json!([leaf])), Some(&leaf), good);
    let large = [unknown, Code::JwsEmbeddedKey, Code::PathNotFound, Code::JwsEmbeddedKey];
    check(&noted(json!([leaf, middle]), 5000), None, large);
    // More certificates than fit into the header of a token without them.
    let many = [&[leaf.clone()][..], &vec![middle.clone(); 7]].concat();
    check(&noted(json!(many), 2000), None, large);
    check(&noted(json!([leaf]), 17_000), None, [Code::JwsHeaderTooLarge; 4]);
    check(&json!({ "alg": "ES256", "note": "x".repeat(5000) }), None, [Code::JwsHeaderTooLarge; 4]);
    for junk in [
        json!([]),
        json!("x"),
        json!({}),
        json!(null),
        json!([7]),
        json!(["-"]),
        json!([leaf, "-"]),
    ] {
        check(&with(junk), None, [Code::JwsHeaderInvalid; 4]);
    }
    check(&noted(json!([]), 5000), None, [Code::JwsHeaderInvalid; 4]);
    check(&with(json!(["MAA="])), None, [Code::CertificateMalformed; 4]);
    check(&with(json!(vec![leaf.clone(); 9])), None, [Code::CertificatesTooMany; 4]);
    check(&with(json!([leaf])), Some(&middle), [Code::AssertionCertificate; 4]);
    check(&with(json!([leaf])), Some("!"), [Code::PemMalformed; 4]);
}
