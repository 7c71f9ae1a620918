//! One proof by every form of a token request: the same grant on the same resource, or a refusal.

use credmint_core::{
    ACCESS_TOKEN_TYPE, CLIENT_CREDENTIALS_GRANT, ID_TOKEN_BEARER, ID_TOKEN_TYPE,
    JWT_BEARER_ASSERTION, JWT_BEARER_GRANT, JWT_SPIFFE_ASSERTION, JWT_TYPE, PKCS7_TYPE,
    TOKEN_EXCHANGE_GRANT,
};
use credmint_tests::commands;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ISSUER: &str = "https://sts.example.com/oauth2";
const IDP: &str = "https://idp.example.com";
const OTHER: &str = "https://other.example.com";
/// The identifiers of the resource `api.example.com`.
const API: &str = "https://api.example.com/v1";
const API_TOO: &str = "https://api.example.com/v2";
/// The resource `pay.example.com` has one.
const PAY: &str = "https://pay.example.com";

/// The key of `IDP` and that of `OTHER`.
static KEYS: LazyLock<(TestKey, TestKey)> = LazyLock::new(|| (TestKey::ec(), TestKey::ec()));

static POLICY: LazyLock<Value> = LazyLock::new(|| {
    let provider = |issuer: &str, key: &TestKey| {
        json!({
            "type": "oidc", "issuer": issuer, "audiences": [ISSUER],
            "keys": { "jwks": { "keys": [key.jwk("k")] } },
        })
    };
    let credential = |provider: &str, subject: &str, discoverable: bool, scopes: Value| {
        json!({
            "provider": provider, "condition": format!("jwt.claims.sub == '{subject}'"),
            "discoverable": discoverable, "scopes": scopes,
        })
    };
    let both = json!({ "api.example.com": ["read", "write"], "pay.example.com": ["read", "pay"] });
    let mut standing = credential("idp", "standing", true, both.clone());
    standing["default_scopes"] = json!({ "api.example.com": ["read"] });
    let mut several = credential("idp", "several", true, both.clone());
    several["default_scopes"] = json!({ "api.example.com": ["read"], "pay.example.com": ["pay"] });
    json!({
        "version": 1,
        "issuer": ISSUER,
        "providers": { "idp": provider(IDP, &KEYS.0), "other": provider(OTHER, &KEYS.1) },
        "resources": {
            "api.example.com": { "scopes": ["read", "write", "admin"], "resource": [API, API_TOO] },
            "pay.example.com": { "scopes": ["read", "pay"], "resource": PAY },
            "ops.example.com": { "scopes": ["run"] },
        },
        "clients": { "app": {
            "scopes": both,
            "credentials": {
                "one": credential("idp", "one", true, json!({ "api.example.com": ["read", "write"] })),
                "two": credential("idp", "two", true, both.clone()),
                "standing": standing,
                "several": several,
                "hidden": credential("idp", "hidden", false, json!({ "api.example.com": ["read"] })),
                "elsewhere": credential("other", "one", true, json!({ "api.example.com": ["read"] })),
            },
        }, "other": {
            "scopes": { "api.example.com": ["read"] },
            "credentials": { "main": credential("idp", "of other", true, json!({ "api.example.com": ["read"] })) },
        } },
    })
});

/// A token of `IDP` for the workload of this name.
fn token(subject: &str) -> String {
    signed(&KEYS.0, &json!({ "iss": IDP, "sub": subject }))
}

fn signed(key: &TestKey, claims: &Value) -> String {
    let good = json!({ "aud": ISSUER, "iat": NOW, "exp": NOW + 600 });
    let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "k" });
    jwt::sign(key, &header, &merged(good, claims))
}

fn merged(mut base: Value, change: &Value) -> Value {
    base.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    base
}

/// How a proof is sent.
#[derive(Clone, Copy, Debug)]
enum By {
    Idaas,
    Grant,
    Subject(&'static str),
    Assertion,
}

/// The standard forms that carry a token of an issuer.
const STANDARD: [By; 5] = [
    By::Grant,
    By::Subject(JWT_TYPE),
    By::Subject(ID_TOKEN_TYPE),
    By::Subject(ACCESS_TOKEN_TYPE),
    By::Assertion,
];

/// A request with this proof and these parameters besides. A parameter that is null is left out.
fn form(by: By, token: &str, more: &Value) -> Value {
    let carrying = match by {
        By::Idaas => json!({
            "grant_type": CLIENT_CREDENTIALS_GRANT, "client_assertion_type": ID_TOKEN_BEARER,
            "client_assertion": token,
        }),
        By::Grant => json!({ "grant_type": JWT_BEARER_GRANT, "assertion": token }),
        By::Subject(kind) => json!({
            "grant_type": TOKEN_EXCHANGE_GRANT, "subject_token": token, "subject_token_type": kind,
        }),
        By::Assertion => json!({
            "grant_type": CLIENT_CREDENTIALS_GRANT, "client_assertion_type": JWT_BEARER_ASSERTION,
            "client_assertion": token,
        }),
    };
    let mut form = merged(carrying, more);
    form.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    form
}

fn answers(forms: &[Value]) -> Vec<Value> {
    let request = |form: &Value| json!({ "id": 0, "now": NOW, "form": form, "policy": *POLICY });
    commands::answers("proof", &forms.iter().map(request).collect::<Vec<_>>()).unwrap()
}

/// The code of a refusal, or what is granted: audience and scope.
fn told(answer: &Value) -> String {
    match answer["code"].as_str() {
        Some(code) => code.to_owned(),
        None => {
            let text = |member: &str| answer[member].as_str().unwrap_or("?");
            format!("{}: {}", text("audience"), text("scope"))
        }
    }
}

/// Checks what is asked for in all standard forms: workload, parameters, and what comes of it.
#[track_caller]
fn check(cases: &[(&str, Value, &str)]) {
    for by in STANDARD {
        let forms: Vec<Value> =
            cases.iter().map(|(subject, more, _)| form(by, &token(subject), more)).collect();
        for ((subject, more, expect), answer) in cases.iter().zip(answers(&forms)) {
            assert_eq!(told(&answer), *expect, "{by:?} {subject} {more}: {answer}");
        }
    }
}

/// `aud` is the text by which the request names the resource, or else its name.
#[test]
fn a_resource_is_named_in_the_words_of_the_request() {
    check(&[
        ("one", json!({ "audience": "api.example.com" }), "api.example.com: read write"),
        ("one", json!({ "resource": API }), "https://api.example.com/v1: read write"),
        ("one", json!({ "resource": API_TOO }), "https://api.example.com/v2: read write"),
        ("one", json!({ "audience": API }), "https://api.example.com/v1: read write"),
        ("one", json!({}), "api.example.com: read write"),
        (
            "one",
            json!({ "resource": API, "audience": API }),
            "https://api.example.com/v1: read write",
        ),
        // Both name one resource; `resource` counts first.
        (
            "one",
            json!({ "resource": API, "audience": "api.example.com" }),
            "https://api.example.com/v1: read write",
        ),
        ("two", json!({ "resource": PAY, "scope": "pay" }), "https://pay.example.com: pay"),
        // Bad twins: compared character by character, and never another's.
        ("one", json!({ "resource": "https://api.example.com/v1/" }), "target_not_granted"),
        ("one", json!({ "resource": "https://API.example.com/v1" }), "target_not_granted"),
        ("one", json!({ "resource": "https://nobody.example.com" }), "target_not_granted"),
        ("one", json!({ "audience": "nobody.example.com" }), "target_not_granted"),
        ("one", json!({ "resource": PAY }), "target_not_granted"),
        ("one", json!({ "audience": "ops.example.com" }), "target_not_granted"),
        ("two", json!({ "resource": API, "audience": PAY }), "target_ambiguous"),
        ("two", json!({ "resource": API, "audience": "pay.example.com" }), "target_ambiguous"),
        ("one", json!({ "resource": "api.example.com" }), "target_malformed"),
        ("one", json!({ "resource": "https://api.example.com/v1#x" }), "target_malformed"),
        ("one", json!({ "audience": "a|b" }), "target_malformed"),
    ]);
}

#[test]
fn a_scope_is_plain_or_qualified() {
    check(&[
        ("one", json!({ "scope": "read" }), "api.example.com: read"),
        ("one", json!({ "scope": "write read write" }), "api.example.com: write read"),
        ("one", json!({ "scope": "api.example.com|read" }), "api.example.com: read"),
        (
            "one",
            json!({ "scope": "https://api.example.com/v1|read" }),
            "https://api.example.com/v1: read",
        ),
        ("one", json!({ "scope": "api.example.com|.all" }), "api.example.com: read write"),
        ("two", json!({ "scope": "pay.example.com|pay" }), "pay.example.com: pay"),
        ("two", json!({ "scope": "pay", "audience": "pay.example.com" }), "pay.example.com: pay"),
        (
            "one",
            json!({ "scope": "api.example.com|read", "resource": API }),
            "https://api.example.com/v1: read",
        ),
        // Bad twins.
        ("one", json!({ "scope": "admin" }), "scope_not_granted"),
        ("one", json!({ "scope": "read admin" }), "scope_not_granted"),
        ("one", json!({ "scope": "api.example.com|admin" }), "scope_not_granted"),
        ("one", json!({ "scope": "ops.example.com|run" }), "scope_not_granted"),
        ("one", json!({ "scope": "read api.example.com|write" }), "scope_malformed"),
        ("one", json!({ "scope": "api.example.com|read write" }), "scope_malformed"),
        ("two", json!({ "scope": "api.example.com|read pay.example.com|pay" }), "scope_audiences"),
        ("two", json!({ "scope": "api.example.com|read", "resource": PAY }), "target_ambiguous"),
        ("two", json!({ "scope": "pay", "audience": "api.example.com" }), "scope_not_granted"),
    ]);
}

/// Without a resource that is asked for: that of the default scopes, the only one, or none.
#[test]
fn what_nobody_asks_for_is_what_the_credential_says() {
    check(&[
        ("standing", json!({}), "api.example.com: read"),
        ("standing", json!({ "scope": "write" }), "api.example.com: write"),
        ("standing", json!({ "audience": "pay.example.com" }), "pay.example.com: read pay"),
        ("standing", json!({ "scope": "pay" }), "scope_not_granted"),
        ("several", json!({}), "target_missing"),
        ("several", json!({ "resource": PAY }), "https://pay.example.com: pay"),
        ("several", json!({ "resource": API }), "https://api.example.com/v1: read"),
        ("two", json!({}), "target_missing"),
        ("two", json!({ "scope": "read" }), "target_missing"),
        ("two", json!({ "audience": "api.example.com" }), "api.example.com: read write"),
    ]);
}

/// What a request may have besides, and what it may not.
#[test]
fn what_stands_beside_a_proof() {
    check(&[
        ("one", json!({ "client_id": "app" }), "api.example.com: read write"),
        (
            "one",
            json!({ "client_id": "app", "application_federated_credential_name": "one" }),
            "api.example.com: read write",
        ),
        (
            "hidden",
            json!({ "client_id": "app", "application_federated_credential_name": "hidden" }),
            "api.example.com: read",
        ),
        ("one", json!({ "client_id": "" }), "api.example.com: read write"),
        ("one", json!({ "unknown": "x" }), "api.example.com: read write"),
        ("hidden", json!({}), "credential_not_found"),
        ("one", json!({ "client_id": "other" }), "credential_not_found"),
        ("one", json!({ "client_id": "nobody" }), "client_unknown"),
        ("one", json!({ "client_id": "a\u{0}b" }), "parameter_invalid"),
        (
            "one",
            json!({ "client_id": "app", "application_federated_credential_name": "two" }),
            "verification_condition_false",
        ),
        (
            "one",
            json!({ "client_id": "app", "application_federated_credential_name": "x" }),
            "credential_unknown",
        ),
        ("one", json!({ "application_federated_credential_name": "one" }), "parameter_missing"),
        ("one", json!({ "client_secret": "x" }), "client_secret_refused"),
        ("one", json!({ "client_id": "app", "client_secret": "x" }), "client_secret_refused"),
    ]);
}

/// White space around a proof is not the proof's.
#[test]
fn a_proof_is_trimmed_and_nothing_else_of_it() {
    for by in STANDARD {
        let good = token("one");
        let padded = |text: String| form(by, &text, &json!({}));
        let inside = good.replacen('.', ". ", 1);
        let found = answers(&[
            padded(format!("{good}\n")),
            padded(format!(" \t\r\n{good} \n")),
            padded(inside),
            padded(format!("{good}\u{a0}")),
            padded(" \n".to_owned()),
        ]);
        let found: Vec<String> = found.iter().map(told).collect();
        let granted = "api.example.com: read write";
        let expect = [granted, granted, "jws_base64", "jws_base64", "jws_structure"];
        assert_eq!(found[..2], expect[..2], "{by:?}");
        for refused in &found[2..] {
            assert!(
                refused.starts_with("jws_") || refused == "parameter_missing",
                "{by:?} {refused}"
            );
        }
    }
}

#[test]
fn an_exchange_says_what_it_exchanges() {
    let check = |more: Value, expect: &str| {
        let answer = answers(&[form(By::Subject(JWT_TYPE), &token("one"), &more)]).remove(0);
        assert_eq!(told(&answer), expect, "{more}");
    };
    let granted = "api.example.com: read write";
    check(json!({ "requested_token_type": ACCESS_TOKEN_TYPE }), granted);
    check(json!({ "requested_token_type": JWT_TYPE }), granted);
    check(json!({ "requested_token_type": ID_TOKEN_TYPE }), "parameter_invalid");
    check(json!({ "subject_token_type": null }), "parameter_missing");
    check(
        json!({ "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token" }),
        "parameter_invalid",
    );
    check(json!({ "subject_token": null }), "parameter_missing");
    check(json!({ "actor_token": token("one") }), "actor_token");
    check(json!({ "actor_token": token("one"), "actor_token_type": JWT_TYPE }), "actor_token");
}

/// A token in the place of another proof is read as what its place says, and never as what it is.
#[test]
fn a_proof_in_the_place_of_another_kind_is_refused() {
    let good = token("one");
    let found = answers(&[
        // As a document.
        form(By::Subject(PKCS7_TYPE), &good, &json!({})),
        // As an SVID, of which it has no subject.
        merged(
            form(By::Assertion, &good, &json!({})),
            &json!({ "client_assertion_type": JWT_SPIFFE_ASSERTION }),
        ),
        // The grant in the place of the assertion, and the reverse.
        json!({ "grant_type": JWT_BEARER_GRANT, "client_assertion": good }),
        json!({ "grant_type": JWT_BEARER_GRANT, "subject_token": good, "subject_token_type": JWT_TYPE }),
        json!({ "grant_type": TOKEN_EXCHANGE_GRANT, "assertion": good }),
        json!({ "grant_type": CLIENT_CREDENTIALS_GRANT, "assertion": good }),
        json!({ "grant_type": "authorization_code", "assertion": good }),
        form(
            By::Assertion,
            &good,
            &json!({ "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" }),
        ),
    ]);
    let found: Vec<String> = found.iter().map(told).collect();
    assert_eq!(
        found[1..],
        [
            "issuer_unknown",
            "parameter_missing",
            "parameter_missing",
            "parameter_missing",
            "parameter_missing",
            "unsupported_grant_type",
            "unsupported_assertion_type",
        ]
    );
    assert!(found[0].starts_with("cms_"), "{}", found[0]);
}

/// The issuer that a token names selects a configured key. It proves nothing by itself.
#[test]
fn an_issuer_cannot_be_mixed_up_with_another() {
    let (idp, other) = (&KEYS.0, &KEYS.1);
    for by in STANDARD {
        let check = |key: &TestKey, claims: Value, more: Value, expect: &str| {
            let answer = answers(&[form(by, &signed(key, &claims), &more)]).remove(0);
            assert_eq!(told(&answer), expect, "{by:?} {claims} {more}");
        };
        let (of_idp, of_other) =
            (json!({ "iss": IDP, "sub": "one" }), json!({ "iss": OTHER, "sub": "one" }));
        check(idp, of_idp.clone(), json!({}), "api.example.com: read write");
        check(other, of_other.clone(), json!({}), "api.example.com: read");
        // Signed by one, in the name of the other.
        check(other, of_idp.clone(), json!({}), "jws_signature_invalid");
        check(idp, of_other.clone(), json!({}), "jws_signature_invalid");
        // With the names of the one and the proof of the other.
        let names = |name: &str| json!({ "client_id": "app", "application_federated_credential_name": name });
        check(other, of_other, names("one"), "token_of_another_provider");
        check(idp, of_idp, names("elsewhere"), "token_of_another_provider");
        if !matches!(by, By::Subject(_)) {
            // As a subject it would be an access token to exchange.
            check(idp, json!({ "iss": ISSUER, "sub": "one" }), json!({}), "issuer_unknown");
        }
        check(idp, json!({ "sub": "one" }), json!({}), "issuer_unknown");
        check(idp, json!({ "iss": [IDP], "sub": "one" }), json!({}), "issuer_unknown");
        // Meant for another authorization server, with ours beside it or not.
        let aud = |aud: Value| json!({ "iss": IDP, "sub": "one", "aud": aud });
        check(idp, aud(json!("https://as.example.org")), json!({}), "audience_wrong");
        check(idp, aud(json!([ISSUER, "https://as.example.org"])), json!({}), "audience_ambiguous");
    }
}

/// What a request asks for on a resource, and how the request of the compatible service says the same.
fn asked() -> impl Strategy<Value = (Value, String)> {
    let names: &[&str] =
        &["api.example.com", API, API_TOO, "pay.example.com", PAY, "ops.example.com", "nobody"];
    let values: &[&str] = &["read", "write", "pay", "admin", "run"];
    let scope = proptest::sample::subsequence(values.to_vec(), 1..=2);
    (proptest::sample::select(names.to_vec()), scope, 0..3_u8).prop_map(|(name, values, how)| {
        let qualified: Vec<String> = values.iter().map(|value| format!("{name}|{value}")).collect();
        let qualified = qualified.join(" ");
        let more = match how {
            0 => json!({ "scope": qualified }),
            1 => json!({ "scope": values.join(" "), "audience": name }),
            _ => json!({ "scope": values.join(" "), "audience": name, "scope_beside": "x" }),
        };
        (more, qualified)
    })
}

/// What is granted, but for the words of the request.
fn grant(answer: &Value) -> Option<Map<String, Value>> {
    let mut granted = answer.as_object()?.clone();
    granted.remove("form");
    (answer["verdict"] == "accept").then_some(granted)
}

proptest! {
    /// The same token and the same resource: by whatever form, and whether it names its credential or is found, the grant is
    /// that of the compatible service, or there is none.
    #[test]
    fn whatever_the_form_the_grant_is_the_same_or_a_refusal(
        subject in proptest::sample::select(vec!["one", "two", "standing", "several", "hidden", "of other", "nobody"]),
        credential in proptest::sample::select(vec!["one", "two", "standing", "several", "hidden", "main"]),
        (more, qualified) in asked(),
        by in proptest::sample::select(STANDARD.to_vec()),
        named in 0..3_u8,
    ) {
        let token = token(subject);
        let client = if credential == "main" { "other" } else { "app" };
        let names = json!({ "client_id": client, "application_federated_credential_name": credential });
        let idaas = form(By::Idaas, &token, &merged(names.clone(), &json!({ "scope": qualified })));
        let asking = match named {
            0 => more,
            1 => merged(more, &json!({ "client_id": client })),
            _ => merged(more, &names),
        };
        let found = answers(&[form(by, &token, &asking)]).remove(0);
        // A request that names no credential is compared with the one that names what was found.
        let own = match found["credential"].as_str().filter(|_| named < 2) {
            Some(own) => {
                let client = &found["client_id"];
                let names = json!({ "client_id": client, "application_federated_credential_name": own });
                form(By::Idaas, &token, &merged(names, &json!({ "scope": qualified })))
            }
            None => idaas,
        };
        let compatible = answers(&[own]).remove(0);
        match (grant(&found), grant(&compatible)) {
            (Some(found), Some(compatible)) => prop_assert_eq!(found, compatible),
            (Some(_), None) => prop_assert!(false, "{} but {}", found, compatible),
            (None, Some(_)) => {
                // Only what is not found, though it could be named.
                prop_assert!(named < 2, "{} but {}", found, compatible);
                let code = found["code"].as_str().unwrap_or_default();
                prop_assert!(["credential_not_found", "issuer_unknown"].contains(&code), "{}", found);
            }
            (None, None) if named == 2 => prop_assert!(
                found["step"] == compatible["step"], "{} but {}", found, compatible
            ),
            (None, None) => {}
        }
    }
}
