//! Every request as it arrives: its id, and whether it is taken up at all.

use super::answer::{self, REQUEST_ID, Refused, id_value};
use super::state::State;
use crate::serve::{Arrival, Unserved};
use axum::extract::Request;
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What is asked whether the process lives is answered however much there is to do.
const UNCOUNTED: [&str; 2] = ["/healthz", "/readyz"];

/// What the front says of a request; of one that came through no connection, an id alone.
pub(super) fn arrival_of(extensions: &Extensions) -> Arrival {
    extensions.get().cloned().unwrap_or_default()
}

/// Takes a request up, or refuses it before anything of it is read. Such refusals are counted and stand in no record: their
/// number is what strangers like.
pub(super) async fn arrived(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    mut request: Request,
    next: Next,
) -> Response {
    let arrival = arrival_of(request.extensions());
    request.extensions_mut().insert(arrival.clone());
    let admitted = match arrival.unserved() {
        Some(unserved) => Err(unserved.clone()),
        None if UNCOUNTED.contains(&request.uri().path()) => Ok(None),
        None => match state.admission.admit(arrival.source()) {
            Ok(admitted) => Ok(Some(admitted)),
            Err(refusal) => Err(Unserved { refusal, status: None }),
        },
    };
    let mut answer = match admitted {
        Ok(_admitted) => answer::PANICKING.scope(arrival.id(), next.run(request)).await,
        Err(unserved) => refuse(&unserved, &arrival),
    };
    answer.headers_mut().entry(REQUEST_ID).or_insert_with(|| id_value(arrival.id()));
    answer
}

fn refuse(unserved: &Unserved, arrival: &Arrival) -> Response {
    let refusal = &unserved.refusal;
    tracing::debug!(
        request_id = %arrival.id(),
        source = arrival.source().map(tracing::field::display),
        code = refusal.code().as_str(),
        detail = refusal.detail_text(),
        "a request was not taken up"
    );
    let mut answer = Refused::new(refusal, None, arrival.id()).into_response();
    if let Some(status) = unserved.status {
        *answer.status_mut() = status;
    }
    answer
}
