//! What verifiers need to know: the key set (RFC 7517) and the metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::State;
use axum::http::{HeaderName, HeaderValue, header};
use credmint_core::jose::Algorithm;
use credmint_core::{ID_TOKEN_BEARER, PKCS7_BEARER, X509_JWT_BEARER};
use serde_json::json;
use std::sync::Arc;

/// Five minutes, which is what the readers of the compatible service keep keys for.
const CACHE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));

const JSON: (HeaderName, HeaderValue) =
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

type Cached = ([(HeaderName, HeaderValue); 2], String);

/// `{issuer}/jwks`.
pub(super) async fn jwks(axum::extract::State(state): axum::extract::State<Arc<State>>) -> Cached {
    ([CACHE, JSON], state.keys.jwks().to_string())
}

/// The metadata. Every address comes from the configured issuer, whatever host the request names.
pub(super) async fn metadata(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Cached {
    let issuer = &state.issuer;
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
    let document = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": ["client_credentials"],
        // The methods are assertions of federated credentials, which have no registered names: those of
        // their types stand for them.
        "token_endpoint_auth_methods_supported": [X509_JWT_BEARER, ID_TOKEN_BEARER, PKCS7_BEARER],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [state.keys.current().public().algorithm().as_str()],
        "scopes_supported": [],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"],
    });
    ([CACHE, JSON], document.to_string())
}
