//! The crate oauth2, with the HTTP client of these tests.

#[path = "../../../examples/clients/rust/oauth2_client_assertion.rs"]
mod oauth2_client_assertion;

use std::convert::Infallible;

use http::header::CONTENT_TYPE;
use oauth2::{HttpRequest, HttpResponse, RequestTokenError};
use serde_json::{Value, json};

use crate::clients::{Client, named};
use crate::door::Door;
use crate::one_by_one::{expected, refused, told};

fn send(door: &Door, request: &HttpRequest) -> HttpResponse {
    let text = |value: &http::HeaderValue| value.to_str().expect("text").to_owned();
    let headers: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = door.world.client().request(
        door.world.address(),
        request.method().as_str(),
        request.uri().path(),
        &headers,
        request.body(),
    );
    let kind = answer.header("content-type").expect("a media type");
    let response = http::Response::builder().status(answer.status);
    response.header(CONTENT_TYPE, kind).body(answer.body.into_bytes()).expect("a response")
}

/// What the crate makes of `token`, as the other clients print it.
fn outcome(door: &Door, client_id: &str, token: &str) -> Value {
    let http = |request: HttpRequest| Ok::<_, Infallible>(send(door, &request));
    match oauth2_client_assertion::token(&http, &door.issuer(), client_id, token) {
        Ok(token) => json!({ "ok": true, "token": token }),
        Err(RequestTokenError::ServerResponse(answer)) => json!({
            "ok": false,
            "type": "ServerResponse",
            "error": answer.error().as_ref(),
            "description": answer.error_description(),
        }),
        Err(other) => json!({ "ok": false, "type": other.to_string() }),
    }
}

#[test]
fn rust_oauth2() {
    let door = Door::open();
    let client: &Client = named("rust/oauth2_client_assertion");
    let good = outcome(&door, "app_orders", &door.platform_token("orders", 3600));
    assert_eq!(told(&door, &good), expected(&door, client));
    for (subject, life, code) in
        [("billing", 3600, "credential_not_found"), ("orders", -120, "expired")]
    {
        let answer = outcome(&door, "app_orders", &door.platform_token(subject, life));
        refused(client, &answer, code);
        assert_eq!(door.world.record(&format!("\"{code}\"")).text("code"), code);
    }
    assert_eq!(door.world.minted(), 1);
}
