//! What clients and verifiers need to know: the metadata (RFC 8414, OpenID Connect Discovery 1.0), the key set (RFC 7517),
//! and the description of the endpoints.

use super::State;
use super::openapi;
use crate::keys::SigningAlgorithm;
use axum::http::{HeaderName, HeaderValue, header};
use credmint_core::jose::Algorithm;
use credmint_core::{CLIENT_CREDENTIALS_GRANT, JWT_BEARER_GRANT, TOKEN_EXCHANGE_GRANT};
use serde_json::{Value, json};
use std::sync::Arc;

/// Five minutes, which is what the readers of the compatible service keep keys for. A signing key is published for fifteen
/// before it signs.
const CACHE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));

const JSON: (HeaderName, HeaderValue) =
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

type Cached = ([(HeaderName, HeaderValue); 2], String);

/// `{issuer}/jwks`.
pub(super) async fn jwks(axum::extract::State(state): axum::extract::State<Arc<State>>) -> Cached {
    ([CACHE, JSON], state.keys.jwks().as_ref().to_owned())
}

/// `{issuer}/openapi.json`.
pub(super) async fn openapi(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Cached {
    let endpoints = state.live().decider.policy().token_endpoints();
    ([CACHE, JSON], openapi::document(&state.issuer, &endpoints).to_string())
}

/// The metadata.
pub(super) async fn metadata(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Cached {
    ([CACHE, JSON], document(&state).to_string())
}

/// Every address comes from the configured issuer, whatever host the request names. All of it is true of what is served;
/// lists without elements are left out (RFC 8414 section 3.2), but for one that is required.
fn document(state: &State) -> Value {
    let issuer = &state.issuer;
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
    let signed_with: Vec<&str> =
        state.keys.algorithms().into_iter().map(SigningAlgorithm::as_str).collect();
    let mut document = json!({
        "issuer": issuer,
        // Clients of four families do not start without one. It refuses whatever comes.
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": [CLIENT_CREDENTIALS_GRANT, JWT_BEARER_GRANT, TOKEN_EXCHANGE_GRANT],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signed_with,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "act",
            "application_federated_credential_name",
        ],
    });
    let live = state.live();
    let tls = live.tls_client_auth.as_ref();
    if let Some(tls) = tls.filter(|_| live.decider.policy().accepts_tls_certificates()) {
        if let Some(Value::Array(methods)) =
            document.get_mut("token_endpoint_auth_methods_supported")
        {
            methods.push("tls_client_auth".into());
        }
        if let Some(endpoint) = &tls.token_endpoint {
            document["mtls_endpoint_aliases"] = json!({ "token_endpoint": endpoint });
        }
    }
    document
}
