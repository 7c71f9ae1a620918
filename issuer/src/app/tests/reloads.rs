//! A policy that takes the place of another while a request waits.

use super::*;
use crate::app::State;
use crate::live::Live;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use bytes::Bytes;
use credmint_core::policy::TrustPolicy;
use std::sync::OnceLock;

const NOW: i64 = 1_795_521_600;

/// A key, as its issuer publishes it, and a token that it signed.
fn proof() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der()).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let jwks = serde_json::json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "kid": "k",
        "x": base64::encode_url(x), "y": base64::encode_url(y),
    }] });
    let claims = serde_json::json!({
        "iss": "https://idp.example.com", "aud": "x", "sub": "s", "iat": NOW, "exp": NOW + 600,
    });
    let input = [r#"{"alg":"ES256","kid":"k"}"#.to_owned(), claims.to_string()]
        .map(|part| base64::encode_url(part.as_bytes()))
        .join(".");
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    (jwks.to_string(), format!("{input}.{}", base64::encode_url(signature.as_ref())))
}

fn policy(client: &str, credential: &str, condition: &str) -> Arc<TrustPolicy> {
    service::policy(&format!(
        r#"{{
          "version": 1,
          "issuer": "https://sts.example.com/oauth2",
          "providers": {{ "idp": {{ "type": "oidc", "issuer": "https://idp.example.com",
            "audiences": ["x"], "keys": {{ "jwks_uri": "https://idp.example.com/keys" }} }} }},
          "resources": {{ "api": {{ "scopes": ["read"] }} }},
          "clients": {{ "{client}": {{ "scopes": {{ "api": ["read"] }}, "credentials": {{
            "main": {{ {credential} "provider": "idp", "condition": "{condition}" }} }} }} }}
        }}"#
    ))
}

/// What is answered to a good request when `next` takes the place of the policy while the keys are fetched.
async fn answer(next: Arc<TrustPolicy>) -> (u16, String) {
    let (jwks, token) = proof();
    let directory = TempDir::new().unwrap();
    let state: Arc<OnceLock<Arc<State>>> = Arc::default();
    let (reloaded, keys) = (Arc::clone(&state), jwks.clone());
    let source = Answering(move |_: &str| {
        let state = reloaded.get().unwrap();
        let before = state.live();
        if before.policy_version == 1 {
            let keys = keys.clone();
            let fetcher = Answering(move |_: &str| Ok(Bytes::from(keys.clone())));
            let decider = before.decider.renewed(Arc::clone(&next), Box::new(fetcher));
            let live = Live { decider, policy_version: 2, ..Live::clone(&before) };
            state.live.store(Arc::new(live));
        }
        Ok(Bytes::from(jwks.clone()))
    });
    let clock = || Arc::new(|| UnixTime::from_seconds(NOW));
    let started = service::state(
        policy("known", "", "jwt.claims.sub == 's'"),
        Box::new(source),
        clock(),
        Arc::new(store(directory.path(), clock()).await),
        &AuditConfig::at(AuditPlace::Off),
        SigningKeys::fresh(SigningAlgorithm::Es256),
    );
    let started = state.get_or_init(|| Arc::new(started));
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "client_credentials"),
            ("client_id", "known"),
            ("client_assertion_type", ID_TOKEN_BEARER),
            ("application_federated_credential_name", "main"),
            ("client_assertion", token.as_str()),
            ("scope", "api|read"),
        ])
        .finish();
    let service = app(Arc::clone(started));
    let answer = ask(&service, "POST", "/oauth2/token", &[("content-type", FORM)], &form).await;
    assert_eq!(started.live().policy_version, 2, "{}", answer.body);
    (answer.status, answer.body)
}

/// A request ends by the policy that it began with, but gets nothing when its client was taken away meanwhile.
#[tokio::test]
async fn k4_a_client_that_is_disabled_meanwhile_gets_no_token() {
    let condition = "jwt.claims.sub == 's'";
    let (status, body) = answer(policy("known", "", "jwt.claims.sub == 'other'")).await;
    assert_eq!(status, 200, "{body}");
    for next in [policy("other", "", condition), policy("known", r#""enabled": false,"#, condition)]
    {
        let (status, body) = answer(next).await;
        assert_eq!(status, 401, "{body}");
    }
}
