//! The service as a caller sees it.

mod answers;
mod authorization;
mod forms;
mod json_bodies;
mod one_time;
mod places;
mod reloads;

use super::*;
use crate::audit::{Audit, Seal};
use crate::config::{AuditConfig, AuditPlace, StoreConfig};
use crate::decide::Clock;
use crate::keys::{SigningAlgorithm, SigningKeys};
use crate::store::DatabaseStore;
use crate::tests::service::{self, Answering};
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use credmint_core::keys::AnswerRefused;
use credmint_core::{ID_TOKEN_BEARER, UnixTime, base64, json, limits};
use http_body_util::BodyExt;
use std::path::Path;
use tempfile::TempDir;
use tower::ServiceExt;

const FORM: &str = "application/x-www-form-urlencoded";
const POLICY: &str = r#"{
  "version": 1,
  "issuer": "https://sts.example.com/oauth2",
  "providers": {
    "idp": { "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"],
      "keys": { "jwks": { "keys": [ { "kty": "EC", "crv": "P-256", "kid": "k",
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU" } ] } } }
  },
  "resources": { "api": { "scopes": ["read"] } },
  "clients": {
    "known": { "scopes": { "api": ["read"] }, "credentials": {
      "main": { "provider": "idp", "condition": "jwt.claims.sub == 's'" } } }
  }
}"#;

async fn service() -> (TempDir, Router) {
    started(POLICY, |_| {}).await
}

/// The service over a policy, with its state changed before it starts.
async fn started(policy: &str, change: impl FnOnce(&mut State)) -> (TempDir, Router) {
    let directory = TempDir::new().unwrap();
    let nothing = Answering(|_: &str| Err(AnswerRefused::Status { status: 500 }.into()));
    let clock: Clock = Arc::new(|| UnixTime::from_seconds(1_795_521_600));
    let store = store(directory.path(), clock.clone()).await;
    let store = Arc::new(store);
    let mut state = service::state(
        service::policy(policy),
        Box::new(nothing),
        clock,
        store,
        &AuditConfig::at(AuditPlace::Off),
        SigningKeys::fresh(SigningAlgorithm::Es256),
    );
    change(&mut state);
    (directory, app(Arc::new(state)))
}

/// A store of the service in a folder.
async fn store(folder: &Path, clock: Clock) -> DatabaseStore {
    DatabaseStore::open(&StoreConfig::default(), folder, clock).await.unwrap()
}

/// What the service answers.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// A header field that is there once.
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let only = values.next().filter(|_| values.next().is_none())?;
        Some(only.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The answer to a request with these header fields.
async fn ask(
    service: &Router,
    method: &str,
    uri: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// Status, headers and body of the answer, without the request id.
async fn post(service: &Router, uri: &str, types: &[&str], body: &[u8]) -> (u16, String, String) {
    let mut request = Request::post(uri);
    for media_type in types {
        request = request.header(header::CONTENT_TYPE, *media_type);
    }
    let request = request.body(Body::from(body.to_vec())).unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let mut headers = answer.headers().clone();
    let id = headers.remove("request-id").unwrap();
    let headers = format!("{headers:?}");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let mut body = json::parse_object(&body).unwrap();
    if let Some(told) = body.remove("request_id") {
        assert_eq!(told.as_str(), id.to_str().ok());
    }
    (status, headers, body.to_string())
}

/// The form of a request with this client and JOSE header; nobody signed it.
fn form(client: &str, header: &str) -> String {
    let token = format!("{}.e30.{}", base64::encode_url(header.as_bytes()), "A".repeat(86));
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client)
        .append_pair("client_assertion_type", ID_TOKEN_BEARER)
        .append_pair("application_federated_credential_name", "main")
        .append_pair("client_assertion", &token)
        .append_pair("scope", "api|read")
        .finish()
}

#[tokio::test]
async fn i09_a_stranger_sees_no_difference_between_clients() {
    let (_directory, service) = service().await;
    for header in [
        r#"{"alg":"ES256","kid":"k"}"#,
        r#"{"alg":"ES256","kid":"other"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"RS256","kid":"k"}"#,
        r#"{"alg":"none"}"#,
    ] {
        let ask = async |client| {
            let form = form(client, header);
            post(&service, "/oauth2/token", &[FORM], form.as_bytes()).await
        };
        let (known, unknown) = (ask("known").await, ask("unknown").await);
        assert_eq!(known, unknown, "{header}");
        assert_eq!(known.0, 401);
        assert!(known.2.contains("not_trusted"), "{}", known.2);
    }
}

#[tokio::test]
async fn i15_parameters_come_once_in_a_form_in_the_body() {
    let (_directory, service) = service().await;
    let good = form("known", r#"{"alg":"none"}"#);
    let check = async |uri: &str, types: &[&str], body: &[u8], status: u16, public: &str| {
        let answer = post(&service, uri, types, body).await;
        assert_eq!(answer.0, status, "{answer:?}");
        assert!(answer.1.contains(&format!("\"credmint-error\": \"{public}\"")), "{answer:?}");
        assert!(answer.1.contains("no-store"), "{answer:?}");
    };
    let token = "/oauth2/token";
    // The one that is read to its end.
    check(token, &[FORM], good.as_bytes(), 401, "not_trusted").await;
    check(
        token,
        &["Application/X-WWW-Form-Urlencoded ; charset=utf-8"],
        good.as_bytes(),
        401,
        "not_trusted",
    )
    .await;
    // What the query says is not read, not even as the second of a parameter.
    let in_query = format!("{token}?{good}");
    check(&in_query, &[FORM], good.as_bytes(), 401, "not_trusted").await;
    check(&in_query, &[FORM], b"", 400, "invalid_request").await;
    for types in [&[][..], &["application/json"], &["text/plain"], &[FORM, FORM], &["x, x"]] {
        check(token, types, good.as_bytes(), 400, "invalid_request").await;
    }
    for more in ["&client_id=known", "&client_id=", "&client%5Fid=x", "&a&a", "&x=%ff"] {
        check(token, &[FORM], format!("{good}{more}").as_bytes(), 400, "invalid_request").await;
    }
    let large = format!("{good}&x={}", "x".repeat(limits::REQUEST_BYTES));
    check(token, &[FORM], large.as_bytes(), 413, "request_too_large").await;
    let many: String = (0..limits::PARAMETERS).map(|number| format!("&{number}=")).collect();
    check(token, &[FORM], format!("{good}{many}").as_bytes(), 413, "request_too_large").await;
}
