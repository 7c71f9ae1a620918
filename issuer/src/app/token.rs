//! `POST {issuer}/token`: a proof in, an access token out.

use super::answer::{Issued, Refused};
use super::request::TokenRequest;
use super::state::State;
use crate::audit::Decision;
use crate::decide::Decided;
use crate::mint::{MintError, Minted, prepare};
use axum::http::{HeaderName, StatusCode, header};
use credmint_core::{Code, Grant, Refusal};
use std::sync::Arc;

/// The handler: request in, answer out, one record a decision, all at the time of the decision.
pub(super) async fn token(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: TokenRequest,
) -> Result<Issued, Refused> {
    let live = state.live();
    let Decided { result, facts, bound, exchanged, now } =
        live.decider.decide(&request.presented).await;
    let outcome = match result {
        Ok(grant) => issue(&state, grant).await,
        Err(refusal) => Err(refusal),
    };
    let decision = Decision {
        time: now,
        request_id: request.id,
        policy_hash: &live.policy_hash,
        presented: Some(&request.presented),
        facts: facts.as_ref(),
        bound: bound.as_ref(),
        exchanged: exchanged.as_ref(),
        outcome: outcome.as_ref().map(|minted| (&minted.terms, minted.jti.as_str())),
    };
    state.record(&decision).await?;
    match outcome {
        Ok(minted) => Ok(Issued::new(minted, &request.presented.scope, request.id)),
        Err(refusal) => Err(Refused::new(&refusal, Some(request.presented.form), request.id)),
    }
}

/// Signs, and then does what must be done before anybody may have the token: a key that cannot be used uses up no proof, and
/// what was signed for a proof that cannot be consumed never leaves.
async fn issue(state: &State, grant: Grant) -> Result<Minted, Refusal> {
    let unavailable = |error: MintError| Refusal::new(Code::SigningUnavailable).detail(error);
    let prepared = prepare(&grant, &state.keys).await.map_err(unavailable)?;
    let granted = grant.discharge(&*state.store).await?;
    prepared.release(granted).map_err(unavailable)
}

/// Any other method than POST, which RFC 6749 section 3.2 demands. The status says so, as HTTP has it.
pub(super) async fn other_method(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> (StatusCode, [(HeaderName, &'static str); 1], Refused) {
    let refused = state.refuse(Code::RequestMethod.into()).await;
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], refused)
}
