//! What the endpoints answer.

use super::named;
use credmint_core::{PublicCode, RequestForm};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The answers of the token endpoint by status: a token, or the refusals that the table of public codes has.
pub(super) fn token() -> Value {
    let mut answers = Map::new();
    answers.insert(
        "200".to_owned(),
        json!({
            "description": "An access token",
            "headers": { "request-id": header("RequestId") },
            "content": { "application/json": { "schema": named("Issued") } },
        }),
    );
    for (status, errors) in refusals() {
        let mut headers = Map::from_iter([
            ("request-id".to_owned(), header("RequestId")),
            ("credmint-error".to_owned(), header("PublicCode")),
        ]);
        if matches!(status, 429 | 503) {
            headers.insert("Retry-After".to_owned(), header("RetryAfter"));
        }
        if status == 401 {
            headers.insert("WWW-Authenticate".to_owned(), header("Challenge"));
        }
        let error = json!({ "properties": { "error": { "enum": errors } } });
        let schema = json!({ "allOf": [named("Refused"), error] });
        let answer = json!({
            "description": meaning(status),
            "headers": headers,
            "content": { "application/json": { "schema": schema } },
        });
        answers.insert(status.to_string(), answer);
    }
    answers.into()
}

/// The values of `error` by status. A method that is not POST is refused with a status of HTTP's.
fn refusals() -> BTreeMap<u16, BTreeSet<&'static str>> {
    let mut refusals = BTreeMap::from([(405, BTreeSet::from(["invalid_request"]))]);
    for code in PublicCode::ALL.iter().filter(|code| !OF_RESOURCES.contains(code)) {
        for answer in RequestForm::ALL.iter().map(|form| code.answer(*form)) {
            refusals.entry(answer.status).or_insert_with(BTreeSet::new).insert(answer.error);
        }
    }
    refusals
}

/// What protected resources alone refuse with.
const OF_RESOURCES: [PublicCode; 2] = [PublicCode::InsufficientScope, PublicCode::TokenMissing];

fn meaning(status: u16) -> &'static str {
    match status {
        400 => {
            "The request is malformed, asks for what is not granted, or holds a proof as its grant that is not accepted"
        }
        401 => "The client is not authenticated: its proof is not accepted",
        405 => "Another method than POST",
        408 => "The request arrived too slowly",
        413 => "The request is too large",
        429 => "There are too many requests of this address or client",
        500 => "The server failed",
        _ => "Something that is needed is not available; try again after some seconds",
    }
}

/// The header fields of answers.
pub(super) fn headers() -> Value {
    let text =
        |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    let codes: Vec<&str> = PublicCode::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "RequestId": {
            "description": "Leads the operator to the record of the request",
            "schema": { "type": "string", "format": "uuid" },
        },
        "PublicCode": { "description": "The public code of a refusal", "schema": { "enum": codes } },
        "RetryAfter": {
            "description": "Seconds after which the request may be sent again; there where too much is to be done",
            "schema": { "type": "integer" },
        },
        "Challenge": text("There where the request had an Authorization header (RFC 6749 section 5.2)"),
    })
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The bodies of answers by name.
pub(super) fn schemas() -> Map<String, Value> {
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let text = || json!({ "type": "string" });
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    let issued = object(
        json!({
            "access_token": { "type": "string", "description": "A JWT access token (RFC 9068)" },
            "token_type": { "const": "Bearer" },
            "expires_in": { "type": "integer", "description": "Seconds" },
            "expires_at": { "type": "integer", "description": "Unix time in seconds" },
            "issued_token_type": { "const": "urn:ietf:params:oauth:token-type:access_token" },
            "scope": { "type": "string", "description": "What was granted, in the form of the request" },
        }),
        &["access_token", "token_type", "expires_in", "expires_at", "issued_token_type", "scope"],
    );
    let refused = object(
        json!({
            "error": { "type": "string", "description": "RFC 6749 section 5.2, RFC 8693 section 2.2.2" },
            "error_description": { "type": "string", "pattern": "^[ !#-\\[\\]-~]+$" },
            "request_id": { "type": "string", "format": "uuid" },
        }),
        &["error", "error_description", "request_id"],
    );
    let metadata = object(
        json!({
            "issuer": text(),
            "authorization_endpoint": text(),
            "token_endpoint": text(),
            "jwks_uri": text(),
            "grant_types_supported": texts(),
            "response_types_supported": texts(),
            "token_endpoint_auth_methods_supported": texts(),
            "token_endpoint_auth_signing_alg_values_supported": texts(),
        }),
        &[
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
        ],
    );
    let keys = object(
        json!({ "keys": { "type": "array", "items": { "type": "object" }, "minItems": 1 } }),
        &["keys"],
    );
    let document =
        object(json!({ "openapi": text(), "paths": { "type": "object" } }), &["openapi", "paths"]);
    let schemas = [
        ("Issued", issued),
        ("Refused", refused),
        ("Metadata", metadata),
        ("KeySet", keys),
        ("Document", document),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
