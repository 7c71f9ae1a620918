//! Where things are: metadata at each place that clients look at, the token endpoint and its aliases, what refuses.

use super::*;
use crate::live::{Live, TlsClientAuth};
use serde_json::{Value, json};

const WELL_KNOWN: [&str; 2] = ["oauth-authorization-server", "openid-configuration"];

/// A service whose issuer has this URL.
async fn service_of(issuer: &str) -> (TempDir, Router) {
    started(&POLICY.replace("https://sts.example.com/oauth2", issuer), |_| {}).await
}

#[tokio::test]
async fn metadata_is_at_every_place_and_true() {
    let (_directory, service) = service().await;
    let get = async |uri: &str| ask(&service, "GET", uri, &[], "").await;
    for name in WELL_KNOWN {
        for place in [
            format!("/.well-known/{name}/oauth2"),
            format!("/oauth2/.well-known/{name}"),
            format!("/oauth2/.well-known/{name}?x=y"),
        ] {
            let answer = get(&place).await;
            assert_eq!(answer.status, 200, "{place}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
            let mut document = answer.json();
            let algorithms = document.as_object_mut().and_then(|members| {
                members.remove("token_endpoint_auth_signing_alg_values_supported")
            });
            let algorithms = algorithms.as_ref().and_then(Value::as_array).unwrap();
            assert!(algorithms.contains(&"ES256".into()) && !algorithms.contains(&"none".into()));
            assert_eq!(
                document,
                json!({
                    "issuer": "https://sts.example.com/oauth2",
                    "authorization_endpoint": "https://sts.example.com/oauth2/authorize",
                    "token_endpoint": "https://sts.example.com/oauth2/token",
                    "jwks_uri": "https://sts.example.com/oauth2/jwks",
                    "grant_types_supported": [
                        "client_credentials",
                        "urn:ietf:params:oauth:grant-type:jwt-bearer",
                        "urn:ietf:params:oauth:grant-type:token-exchange",
                    ],
                    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                    "response_types_supported": [],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                    "claims_supported":
                        ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "act", "application_federated_credential_name"],
                })
            );
        }
        // Nowhere else.
        for place in [
            format!("/.well-known/{name}"),
            format!("/.well-known/{name}/oauth2/"),
            format!("/.well-known/{name}/other"),
            format!("/.well-known/{name}/oauth2/token"),
        ] {
            assert_eq!(get(&place).await.status, 404, "{place}");
        }
    }
    // Each address that it names is served.
    for (method, place, status) in
        [("GET", "jwks", 200), ("GET", "authorize", 400), ("POST", "token", 400)]
    {
        let answer = ask(&service, method, &format!("/oauth2/{place}"), &[], "").await;
        assert_eq!(answer.status, status, "{place}");
    }
}

#[tokio::test]
async fn an_issuer_without_a_path_has_its_metadata_once() {
    let (_directory, service) = service_of("https://sts.example.com").await;
    for name in WELL_KNOWN {
        let answer = ask(&service, "GET", &format!("/.well-known/{name}"), &[], "").await;
        assert_eq!(answer.json()["token_endpoint"], "https://sts.example.com/token");
    }
}

#[tokio::test]
async fn tls_client_authentication_is_told_where_it_is() {
    let accepting = POLICY.replacen(r#""providers": {"#, &format!(r#""providers": {{ {PLANT}"#), 1);
    let with = async |policy: &str, endpoint: Option<&str>| {
        let tls = TlsClientAuth { token_endpoint: endpoint.map(str::to_owned) };
        started(policy, move |state| {
            let mut live = Live::clone(&state.live());
            live.tls_client_auth = Some(tls);
            state.live.store(Arc::new(live));
        })
        .await
    };
    let place = "/oauth2/.well-known/openid-configuration";
    let alias = "https://mtls.sts.example.com/oauth2/token";
    for (endpoint, expect) in
        [(None, Value::Null), (Some(alias), json!({ "token_endpoint": alias }))]
    {
        let (_directory, service) = with(&accepting, endpoint).await;
        let document = ask(&service, "GET", place, &[], "").await.json();
        assert_eq!(
            document["token_endpoint_auth_methods_supported"],
            json!(["none", "private_key_jwt", "tls_client_auth"])
        );
        assert_eq!(document["mtls_endpoint_aliases"], expect);
    }
    // No provider takes such a certificate: where it would be shown is nothing to a client.
    let refusing = accepting.replacen(r#""tls": "accept""#, r#""tls": "refuse""#, 1);
    let disabled = accepting.replacen(r#""type": "pca""#, r#""type": "pca", "enabled": false"#, 1);
    for policy in [POLICY, &refusing, &disabled] {
        let (_directory, service) = with(policy, Some(alias)).await;
        let document = ask(&service, "GET", place, &[], "").await.json();
        assert_eq!(
            document["token_endpoint_auth_methods_supported"],
            json!(["none", "private_key_jwt"])
        );
        assert_eq!(document["mtls_endpoint_aliases"], Value::Null);
    }
}

/// A provider of certificates of TLS.
const PLANT: &str = r#""plant": { "type": "pca", "tls": "accept",
    "fingerprints": ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] },"#;

#[tokio::test]
async fn nobody_signs_in() {
    let (_directory, service) = service().await;
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"] {
        for query in ["", "?response_type=code&client_id=known&redirect_uri=https%3A%2F%2Fx"] {
            let uri = format!("/oauth2/authorize{query}");
            let answer = ask(&service, method, &uri, &[], "").await;
            assert_eq!(answer.status, 400, "{method} {uri}");
            assert_eq!(
                answer.body,
                "Nobody signs in here: programs get tokens at the token endpoint, with a proof of what \
                 they are.\n"
            );
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            assert_eq!(answer.header("location"), None);
        }
    }
    assert_eq!(ask(&service, "GET", "/oauth2/authorize/", &[], "").await.status, 404);
}

#[tokio::test]
async fn the_token_endpoint_answers_at_its_aliases_alone() {
    let form = form("known", r#"{"alg":"none"}"#);
    let check = async |issuer: &str, served: &[&str], others: &[&str]| {
        let (_directory, service) = service_of(issuer).await;
        let post = async |uri: &str| {
            let answer = ask(&service, "POST", uri, &[("content-type", FORM)], &form).await;
            (answer.status, answer.header("credmint-error").map(str::to_owned))
        };
        for place in served {
            // What the address has besides is never read.
            for query in ["", "?client-request-id=1&scope=other&client_id=x&client_id=y"] {
                let answer = post(&format!("{place}{query}")).await;
                assert_eq!(answer, (401, Some("not_trusted".to_owned())), "{place}");
            }
            let answer = ask(&service, "GET", place, &[], "").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{place}");
        }
        for place in others {
            assert_eq!(post(place).await.0, 404, "{issuer} {place}");
        }
    };
    check(
        "https://sts.example.com/oauth2",
        &["/oauth2/token", "/oauth2/v1/oauth/token"],
        &["/token", "/v1/oauth/token", "/oauth2/oauth2/v2.0/token", "/oauth2/v2.0/token"],
    )
    .await;
    check(
        "https://sts.example.com/acme/v2.0",
        &["/acme/v2.0/token", "/acme/v2.0/v1/oauth/token", "/acme/oauth2/v2.0/token"],
        &["/acme/token", "/oauth2/v2.0/token", "/acme/oauth2/v1.0/token", "/acme/oauth2/token"],
    )
    .await;
    check(
        "https://sts.example.com",
        &["/token", "/v1/oauth/token"],
        &["/oauth2/v2.0/token", "/oauth2/token"],
    )
    .await;
}

/// What is served is what is published, with the addresses of this issuer.
#[tokio::test]
async fn the_endpoints_are_described_where_they_are() {
    let (_directory, service) = service().await;
    let answer = ask(&service, "GET", "/oauth2/openapi.json", &[], "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json(), openapi::example());

    let (_directory, service) = service_of("https://other.example.com/a/v2.0").await;
    let document = ask(&service, "GET", "/a/v2.0/openapi.json", &[], "").await.json();
    assert_eq!(document["servers"], json!([{ "url": "https://other.example.com/a/v2.0" }]));
    // Every operation is answered at its address, with a status that it has.
    for (place, item) in document["paths"].as_object().unwrap() {
        let below = match item.get("servers") {
            Some(servers) => servers[0]["url"].as_str().unwrap(),
            None => "https://other.example.com/a/v2.0",
        };
        let uri = format!("{}{place}", path_of(below));
        for (method, operation) in item.as_object().unwrap() {
            if method == "servers" {
                continue;
            }
            let answer = ask(&service, &method.to_uppercase(), &uri, &[], "").await;
            let expect = operation["responses"].get(answer.status.to_string());
            let content = expect.unwrap_or_else(|| panic!("{method} {uri}: {}", answer.status));
            let media = content["content"].as_object().unwrap().keys().next().unwrap();
            assert!(answer.header("content-type").unwrap().starts_with(media.as_str()), "{uri}");
        }
    }
}
