//! What every answer of the token endpoint has.

use super::*;

#[tokio::test]
async fn every_refusal_has_an_id_in_body_and_header() {
    let (_directory, service) = service().await;
    let good = form("known", r#"{"alg":"none"}"#);
    let mut seen = std::collections::BTreeSet::new();
    for (method, media, body, status) in [
        ("POST", FORM, good.as_str(), 401),
        ("POST", FORM, "", 400),
        ("POST", "text/plain", "", 400),
        ("GET", FORM, "", 405),
        ("POST", FORM, &"x".repeat(limits::REQUEST_BYTES + 1), 413),
    ] {
        let fields = [("content-type", media)];
        let answer = ask(&service, method, "/oauth2/token", &fields, body).await;
        assert_eq!(answer.status, status);
        let told = answer.json();
        assert_eq!(answer.header("request-id"), told["request_id"].as_str());
        assert!(seen.insert(told["request_id"].to_string()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// Libraries write `error: error_description`.
#[tokio::test]
async fn no_description_repeats_the_error() {
    let (_directory, service) = service().await;
    let check = async |body: &str, error: &str, start: &str| {
        let answer = ask(&service, "POST", "/oauth2/token", &[("content-type", FORM)], body).await;
        let told = answer.json();
        assert_eq!(told["error"], error, "{told}");
        assert!(told["error_description"].as_str().unwrap().starts_with(start), "{told}");
    };
    let good = form("known", r#"{"alg":"none"}"#);
    check(&good, "invalid_client", "not_trusted: The client").await;
    check("", "invalid_request", "The request is malformed. `grant_type` is missing").await;
    check(
        &good.replace("client_credentials", "password"),
        "unsupported_grant_type",
        "This grant_type is not offered. `grant_type` is malformed",
    )
    .await;
    check(&good.replace("api%7Cread", "%7C"), "invalid_scope", "The scope asked for").await;
}
