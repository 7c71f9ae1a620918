//! The HTTP service: a pure function from state to router.

mod answer;
mod arrived;
mod authorization;
mod authorize;
mod body;
mod metadata;
pub mod openapi;
mod places;
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
use axum::routing::{any, get, post};
use credmint_core::Code;
use places::path_of;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// The service over its state. The issuer's path decides where the endpoints are.
pub fn app(state: Arc<State>) -> Router {
    let path = path_of(&state.issuer);
    let mut router = Router::new()
        .route(&format!("{path}/authorize"), any(authorize::authorize))
        .route(&format!("{path}/jwks"), get(metadata::jwks))
        .route(&format!("{path}/openapi.json"), get(metadata::openapi))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready));
    for place in places::of_metadata(path) {
        router = router.route(&place, get(metadata::metadata));
    }
    // They follow from the issuer URL, which no reload changes.
    for address in state.live().decider.policy().token_endpoints() {
        let endpoint = post(token::token).fallback(token::other_method);
        let endpoint = endpoint.layer(middleware::from_fn(answer::challenge));
        router = router.route(path_of(&address), endpoint);
    }
    router
        .layer(middleware::from_fn_with_state(Arc::clone(&state), in_time))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), arrived::arrived))
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

/// Ends a request that takes too long with the answer that every refusal has.
async fn in_time(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let arrival = arrived::arrival_of(request.extensions());
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => state.refuse(Code::RequestTimeout.into(), &arrival).await.into_response(),
    }
}

/// Ready means that a request could be served: the store answers.
async fn ready(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> (StatusCode, &'static str) {
    let now = state.live().decider.now();
    if state.identities.iter().any(|identity| !identity.condition(now).is_good()) {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server certificate is not valid\n");
    }
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
