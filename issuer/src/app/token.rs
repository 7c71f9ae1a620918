//! `POST {issuer}/token`: a proof in, an access token out.

use super::answer::{Issued, Refused};
use super::arrived::arrival_of;
use super::request::TokenRequest;
use super::state::State;
use crate::audit::Decision;
use crate::decide::Decided;
use crate::live::{Confirmed, Live};
use crate::metrics;
use crate::mint::{MintError, Minted, prepare};
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use credmint_core::{Code, Refusal};
use std::sync::Arc;
use std::time::Instant;

/// The handler: request in, answer out, one record a decision, all at the time of the decision.
pub(super) async fn token(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: TokenRequest,
) -> Result<Issued, Refused> {
    // Before anything is used up for a decision that could not be recorded.
    if let Err(lost) = state.audit.available().await {
        let (form, id) = (request.presented.form, request.arrival.id());
        tracing::warn!(
            request_id = %id,
            source = request.arrival.source().map(tracing::field::display),
            code = lost.code().as_str(),
            detail = lost.detail_text(),
            "a request was refused before it was decided"
        );
        metrics::decided(Some(&request.presented), Err(lost.code()));
        return Err(Refused::new(&lost, Some(form), id));
    }
    let (live, begun) = (state.live(), Instant::now());
    let decided = live.decider.decide(&request.presented).await;
    metrics::decision_took(begun.elapsed(), decided.result.is_ok());
    // On a task of its own: who hangs up does not keep what was used up for the request out of the records.
    let (form, id) = (request.presented.form, request.arrival.id());
    let concluded = tokio::spawn(async move { conclude(&state, live, request, decided).await });
    concluded
        .await
        .unwrap_or_else(|_| Err(Refused::new(&Code::InternalError.into(), Some(form), id)))
}

/// Issues the token that was granted, if any, and records the decision.
async fn conclude(
    state: &State,
    mut live: Arc<Live>,
    request: TokenRequest,
    decided: Decided,
) -> Result<Issued, Refused> {
    let Decided { result, facts, bound, exchanged, now } = decided;
    let outcome = match result {
        Ok(grant) => {
            let current = state.live();
            match current.confirm(grant) {
                Ok(confirmed) => issue(state, confirmed).await,
                Err(refusal) => {
                    // The policy that refuses is the one of the record.
                    live = current;
                    Err(refusal)
                }
            }
        }
        Err(refusal) => Err(refusal),
    };
    let decision = Decision {
        time: now,
        request_id: request.arrival.id(),
        source: request.arrival.source(),
        policy_hash: &live.policy_hash,
        presented: Some(&request.presented),
        facts: facts.as_ref(),
        bound: bound.as_ref(),
        exchanged: exchanged.as_ref(),
        outcome: outcome.as_ref().map(|minted| (&minted.terms, minted.jti.as_str())),
    };
    state.record(&decision).await?;
    match outcome {
        Ok(minted) => Ok(Issued::new(minted, &request.presented.scope, request.arrival.id())),
        Err(refusal) => {
            Err(Refused::new(&refusal, Some(request.presented.form), request.arrival.id()))
        }
    }
}

/// Signs, and then does what must be done before anybody may have the token: a key that cannot be used uses up no proof, and
/// what was signed for a proof that cannot be consumed never leaves.
async fn issue(state: &State, grant: Confirmed) -> Result<Minted, Refusal> {
    let unavailable = |error: MintError| Refusal::new(Code::SigningUnavailable).detail(error);
    let begun = Instant::now();
    let prepared = prepare(grant.grant(), &state.keys).await;
    metrics::signing_took(begun.elapsed());
    let prepared = prepared.map_err(unavailable)?;
    let granted = grant.discharge(&*state.store).await?;
    // After it, so that nobody spends a client's rate with a proof that was used before.
    state.admission.admit_client(granted.terms().client_id())?;
    prepared.release(granted).map_err(unavailable)
}

/// Any other method than POST, which RFC 6749 section 3.2 demands. The status says so, as HTTP has it.
pub(super) async fn other_method(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: Request,
) -> (StatusCode, [(HeaderName, &'static str); 1], Refused) {
    let arrival = arrival_of(request.extensions());
    let refused = state.refuse(Code::RequestMethod.into(), &arrival).await;
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], refused)
}
