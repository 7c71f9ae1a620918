//! The HTTP service: a pure function from state to router.

mod answer;
mod body;
mod metadata;
mod record;
mod request;
mod state;
mod token;

pub use state::State;

use crate::limits::REQUEST_TIME;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use credmint_core::Code;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

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
        Err(_) => state.refuse(Code::RequestTimeout.into()).await.into_response(),
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
