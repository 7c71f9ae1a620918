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
use crate::metrics::{self, ActiveRequest};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use credmint_core::Code;
use places::path_of;
use std::sync::Arc;
use std::time::Instant;
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
    let measured = Measured::begin(&request);
    let answer = match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => state.refuse(Code::RequestTimeout.into(), &arrival).await.into_response(),
    };
    measured.end(answer.status());
    answer
}

/// An HTTP request that is being answered, for the metrics.
struct Measured {
    begun: Instant,
    method: &'static str,
    route: String,
    _active: ActiveRequest,
}

impl Measured {
    fn begin(request: &Request) -> Self {
        // What a stranger sends is no label: methods of the standard and the routes that there are.
        let method = match request.method().as_str() {
            "GET" => "GET",
            "HEAD" => "HEAD",
            "POST" => "POST",
            "OPTIONS" => "OPTIONS",
            _ => "_OTHER",
        };
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or_else(String::new, |route| route.as_str().to_owned());
        Self { begun: Instant::now(), method, route, _active: ActiveRequest::begin() }
    }

    fn end(self, status: StatusCode) {
        metrics::http_request(self.method, &self.route, status.as_u16(), self.begun.elapsed());
    }
}

/// Ready means that a request could be served to its end. Which part is not ready anybody may know, why the operator alone.
async fn ready(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> (StatusCode, String) {
    // On a task of its own: who hangs up ends no look half way, which others would take for an answer.
    let looked = tokio::spawn(async move { state.readiness.look().await });
    let Ok(report) = looked.await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: serving\n".to_owned());
    };
    let status = match report.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, report.names())
}

#[cfg(test)]
mod tests;
