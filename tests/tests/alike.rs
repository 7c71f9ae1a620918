//! What a sender must not tell apart: an unknown workload, a condition that is false, another client than the proof's, and,
//! but for the key that is not there, an unknown issuer.

use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::json::{self, Limits};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::{Code, JWT_BEARER_GRANT, Presented, PublicCode, UnixTime, Verdict};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use serde_json::json;
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
