//! Requests that name no credential, or no client: whose proof it is, by what the proof states.

use credmint_tests::commands;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ISSUER: &str = "https://sts.example.com/oauth2";
const IDP: &str = "https://idp.example.com";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Two providers of one issuer for different audiences, one of another issuer with another key, and their credentials.
fn policy(key: &TestKey, other: &TestKey) -> Value {
    let provider = |issuer: &str, audience: &str, key: &TestKey| {
        json!({
            "type": "oidc", "issuer": issuer, "audiences": [audience],
            "keys": { "jwks": { "keys": [key.jwk("k")] } },
        })
    };
    let client = |credentials: Value| json!({ "scopes": { "api.example.com": ["read"] }, "credentials": credentials });
    let credential = |provider: &str, condition: &str, discoverable: bool| {
        json!({
            "provider": provider, "condition": condition, "discoverable": discoverable,
            "scopes": { "api.example.com": ["read"] },
        })
    };
    json!({
        "version": 1,
        "issuer": ISSUER,
        "providers": {
            "idp": provider(IDP, ISSUER, key),
            "also": provider(IDP, "https://also.example.com", key),
            "other": provider("https://other.example.com", ISSUER, other),
        },
        "resources": { "api.example.com": { "scopes": ["read"] } },
        "clients": {
            "app_a": client(json!({
                "main": credential("idp", "jwt.claims.sub == 'a' && jwt.claims.env == 'prod'", true),
                "test": credential("idp", "jwt.claims.sub == 'a' && jwt.claims.env == 'test'", true),
                "patterns": credential("idp", "jwt.claims.sub == 'p' && jwt.claims.ref.startsWith('refs/heads/')", true),
                "hidden": credential("idp", "jwt.claims.sub == 'h'", false),
            })),
            "app_b": client(json!({
                "main": credential("idp", "jwt.claims.sub == 'b'", true),
                "heads": credential("idp", "jwt.claims.sub == 's' && jwt.claims.ref.startsWith('refs/heads/')", true),
                "tags": credential("idp", "jwt.claims.sub == 's' && jwt.claims.ref.startsWith('refs/tags/')", true),
                "also": credential("also", "jwt.claims.sub == 'a'", true),
            })),
            "app_c": client(json!({ "main": credential("other", "jwt.claims.sub == 'a'", true) })),
            "app_d": { "enabled": false, "scopes": { "api.example.com": ["read"] },
                       "credentials": { "main": { "provider": "idp", "condition": "jwt.claims.sub == 'd'", "discoverable": true } } },
        },
    })
}

/// One request: what is changed of the claims and of the form, and the subject or the code that comes of it.
type Case = (Value, Value, &'static str);

/// The good token is of `a` in production.
fn check(cases: &[Case]) {
    let (key, other) = (TestKey::ec(), TestKey::ec());
    let policy = policy(&key, &other);
    let merged = |mut base: Value, change: &Value| {
        base.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        base
    };
    let request = |(claims, form, _): &Case| {
        let good = json!({
            "iss": IDP, "aud": ISSUER, "sub": "a", "env": "prod", "iat": NOW, "exp": NOW + 600,
        });
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "k" });
        let signer = if form.get("signer").is_some() { &other } else { &key };
        let token = jwt::sign(signer, &header, &merged(good, claims));
        let good = json!({
            "grant_type": JWT_BEARER, "assertion": token, "scope": "api.example.com|read",
        });
        let mut form = merged(good, form);
        form.as_object_mut().unwrap().remove("signer");
        json!({ "id": 0, "now": NOW, "form": form, "policy": policy })
    };
    let requests: Vec<Value> = cases.iter().map(request).collect();
    let answers = commands::answers("proof", &requests).unwrap();
    for ((claims, form, expect), answer) in cases.iter().zip(&answers) {
        let found = answer["code"].as_str().or(answer["subject"].as_str());
        assert_eq!(found, Some(*expect), "{claims} {form}: {answer}");
    }
}

#[test]
fn what_a_proof_states_finds_its_credential() {
    check(&[
        (json!({}), json!({}), "app_a"),
        (json!({ "env": "test" }), json!({}), "app_a"),
        (json!({ "sub": "b" }), json!({}), "app_b"),
        (json!({ "sub": "s", "ref": "refs/heads/main" }), json!({}), "app_b"),
        (json!({ "sub": "s", "ref": "refs/tags/v1" }), json!({}), "app_b"),
        (json!({ "aud": "https://also.example.com" }), json!({}), "app_b"),
        (json!({ "iss": "https://other.example.com" }), json!({ "signer": "other" }), "app_c"),
        // Nobody is for these.
        (json!({ "sub": "x" }), json!({}), "credential_not_found"),
        (json!({ "env": "stage" }), json!({}), "credential_not_found"),
        (json!({ "env": ["prod"] }), json!({}), "credential_not_found"),
        (json!({ "sub": "h" }), json!({}), "credential_not_found"),
        (json!({ "sub": "d" }), json!({}), "credential_not_found"),
        (json!({ "sub": "s", "ref": "refs/pull/1" }), json!({}), "credential_not_found"),
        // Of an only one its own condition says what is wrong.
        (json!({ "sub": "p", "ref": "refs/tags/v1" }), json!({}), "verification_condition_false"),
        (json!({ "sub": "p" }), json!({}), "verification_condition_error"),
    ]);
}

/// The issuer that a token names selects a configured key, and nothing else.
#[test]
fn a_proof_chooses_no_key_and_no_provider() {
    check(&[
        (json!({ "iss": "https://idp.example.com/" }), json!({}), "issuer_unknown"),
        (json!({ "iss": "https://nobody.example.com" }), json!({}), "issuer_unknown"),
        (json!({ "iss": 7 }), json!({}), "issuer_unknown"),
        (json!({ "iss": ISSUER }), json!({}), "issuer_unknown"),
        // A key of one issuer signs nothing for another.
        (json!({}), json!({ "signer": "other" }), "jws_signature_invalid"),
        (json!({ "iss": "https://other.example.com" }), json!({}), "jws_signature_invalid"),
        // Of providers that refuse it, the furthest counts.
        (json!({ "aud": "https://nobody.example.com" }), json!({}), "audience_wrong"),
        (json!({ "iat": NOW - 900, "exp": NOW - 600 }), json!({}), "expired"),
    ]);
}

/// What a request names binds it.
#[test]
fn names_narrow_what_is_found() {
    let client = |id: &str| json!({ "client_id": id });
    let both = |id: &str, name: &str| json!({ "client_id": id, "application_federated_credential_name": name });
    check(&[
        (json!({}), client("app_a"), "app_a"),
        (json!({}), client("app_b"), "credential_not_found"),
        (json!({}), client("app_c"), "issuer_unknown"),
        (json!({}), client("app_d"), "client_disabled"),
        (json!({}), client("nobody"), "client_unknown"),
        (json!({}), both("app_a", "main"), "app_a"),
        (json!({}), both("app_a", "test"), "verification_condition_false"),
        (json!({}), both("app_a", "nothing"), "credential_unknown"),
        (json!({}), both("app_b", "main"), "verification_condition_false"),
        // What is not discoverable can be named.
        (json!({ "sub": "h" }), both("app_a", "hidden"), "app_a"),
        (json!({ "sub": "h" }), client("app_a"), "credential_not_found"),
        (
            json!({}),
            json!({ "application_federated_credential_name": "main" }),
            "parameter_missing",
        ),
    ]);
}
