//! The HTTP service: a pure function from state to router.

mod answer;
mod body;
mod metadata;
mod token;

use crate::audit::Audit;
use crate::decide::Decider;
use crate::keys::SigningKeys;
use crate::store::ReplayStore;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use credmint_core::{Code, Refusal};
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// The longest that one request may take: a fetch of discovery and keys, and room for a busy machine. The
/// compatible client gives up after 10 s.
const REQUEST_TIME: Duration = Duration::from_secs(9);

/// What the handlers share.
pub struct State {
    /// Decides token requests.
    pub decider: Decider,
    /// Signs access tokens.
    pub keys: SigningKeys,
    /// Remembers consumed proofs.
    pub store: Box<dyn ReplayStore>,
    /// Writes down each decision.
    pub audit: Audit,
    /// The issuer URL, without a slash at the end.
    pub issuer: String,
}

/// The service over its state. The issuer's path decides where the endpoints are.
pub fn app(state: Arc<State>) -> Router {
    let path = issuer_path(&state.issuer).to_owned();
    Router::new()
        .route(&format!("{path}/token"), post(token::token).fallback(token::other_method))
        .route(&format!("{path}/jwks"), get(metadata::jwks))
        .route(&format!("{path}/.well-known/openid-configuration"), get(metadata::metadata))
        // RFC 8414 section 3.1: the well-known part comes before the issuer's path.
        .route(&format!("/.well-known/oauth-authorization-server{path}"), get(metadata::metadata))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), in_time))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .with_state(state)
}

/// The header that marks an answer as a refusal of this service; its value is the public code.
pub(crate) const ERROR_HEADER: HeaderName =
    HeaderName::from_static(credmint_core::guard::ERROR_FIELD);

/// The path of the issuer URL, empty for none.
fn issuer_path(issuer: &str) -> &str {
    let after_scheme = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
}

/// Ends a request that takes too long with the answer that every refusal has.
async fn in_time(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => token::refused(&state, &Refusal::new(Code::RequestTimeout)).await,
    }
}

/// Ready means that a request could be served: the store answers.
async fn ready(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> (StatusCode, &'static str) {
    match state.store.check().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}

#[cfg(test)]
mod tests;
