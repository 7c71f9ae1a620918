//! What verifiers need to know: the key set (RFC 7517) and the metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::State;
use axum::Json;
use axum::http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use std::sync::Arc;

/// Five minutes, which is what the readers of the compatible service keep keys for.
const CACHE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));

type Cached = ([(HeaderName, HeaderValue); 1], Json<Value>);

/// `{issuer}/jwks`.
pub(super) async fn jwks(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Cached {
    ([CACHE], Json(state.signer.jwks()))
}

/// The metadata. Every address comes from the configured issuer, whatever host the request names.
pub(super) async fn metadata(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Cached {
    let issuer = &state.issuer;
    let document = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": ["client_credentials"],
        // The methods are those of federated credentials, which have no registered name of their own.
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512", "ES256", "ES384"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [state.signer.algorithm()],
        "scopes_supported": [],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"],
    });
    ([CACHE], Json(document))
}
