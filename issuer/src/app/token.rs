//! `POST {issuer}/token`: a proof in, an access token out.

use super::State;
use super::answer::{self, Issued};
use super::body;
use crate::audit::Decision;
use crate::mint::mint;
use crate::store::{Consumed, ReplayStore};
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use credmint_core::{Code, Fault, Presented, Recorded, Refusal, StoreUnavailable, Terms, UnixTime};
use std::sync::Arc;
use uuid::Uuid;

/// The handler: request in, answer out, one record a decision.
pub(super) async fn token(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let request_id = Uuid::new_v4();
    let presented = match read(&headers, body).await {
        Ok(presented) => Arc::new(presented),
        Err(refusal) => return refused(&state, &refusal).await,
    };
    let mut facts = None;
    let time = state.decider.now();
    let outcome = exchange(&state, &presented, &mut facts).await;
    let decision = Decision {
        time,
        request_id,
        presented: Some(&presented),
        facts: facts.as_ref(),
        outcome: outcome.as_ref().map(|outcome| (&outcome.terms, outcome.jti.as_str())),
    };
    // Nobody gets a token, or a reason, of which there is no record.
    let recorded = state.audit.record(state.decider.policy(), &decision).await;
    match recorded.and(outcome) {
        Ok(Outcome { terms, jti, issued }) => {
            tracing::info!(
                %request_id,
                verdict = "accept",
                client = presented.client_id,
                credential = presented.credential,
                proof = presented.assertion.kind(),
                subject = terms.subject(),
                audience = terms.audience(),
                scope = terms.scope().join(" "),
                jti,
                "token issued"
            );
            (StatusCode::OK, Json(issued)).into_response()
        }
        Err(refusal) => {
            record_refusal(request_id, Some(&presented), &refusal);
            answer::refused(refusal.code().public(), request_id)
        }
    }
}

/// Any other method than POST, which RFC 6749 section 3.2 demands. The status says so, as HTTP has it.
pub(super) async fn other_method(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
) -> Response<Body> {
    let mut answer = refused(&state, &Refusal::new(Code::RequestMethod)).await;
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    answer
}

/// Records and answers the refusal of a request that was not read.
pub(super) async fn refused(state: &State, refusal: &Refusal) -> Response<Body> {
    let request_id = Uuid::new_v4();
    let decision = Decision {
        time: state.decider.now(),
        request_id,
        presented: None,
        facts: None,
        outcome: Err(refusal),
    };
    let recorded = state.audit.record(state.decider.policy(), &decision).await;
    let refusal = recorded.err().unwrap_or_else(|| refusal.clone());
    record_refusal(request_id, None, &refusal);
    answer::refused(refusal.code().public(), request_id)
}

/// A token that was issued, and what the record says of it.
struct Outcome {
    terms: Terms,
    jti: String,
    issued: Issued,
}

/// Decides, does what must be done before minting, mints.
async fn exchange(
    state: &State,
    presented: &Arc<Presented>,
    facts: &mut Option<Recorded>,
) -> Result<Outcome, Refusal> {
    let grant = state.decider.decide_recorded(presented, facts).await?;
    let now = state.decider.now();
    let granted = grant.discharge(&StoreAt { store: state.store.as_ref(), now }).await?;
    let minted = mint(&granted, now, state.keys.current())
        .map_err(|error| Refusal::new(Code::SigningUnavailable).detail(error))?;
    let terms = granted.terms().clone();
    let items: Vec<String> =
        terms.scope().iter().map(|value| format!("{}|{value}", terms.audience())).collect();
    let issued = Issued::new(&minted, terms.lifetime(), items.join(" "));
    Ok(Outcome { terms, jti: minted.jti, issued })
}

/// The store at the time of one decision, as the core asks it.
struct StoreAt<'a> {
    store: &'a dyn ReplayStore,
    now: UnixTime,
}

impl credmint_core::ReplayStore for StoreAt<'_> {
    async fn consume(&self, key: &str, until: UnixTime) -> Result<bool, StoreUnavailable> {
        match self.store.consume(key, until, self.now).await {
            Ok(Consumed::First) => Ok(true),
            Ok(Consumed::Again) => Ok(false),
            Err(error) => {
                tracing::error!(%error, "the replay store failed");
                Err(StoreUnavailable)
            }
        }
    }
}

/// A request becomes [`Presented`]: a form in the body, whatever the query says.
async fn read(headers: &HeaderMap, body: Body) -> Result<Presented, Refusal> {
    let body = body::read(body).await?;
    if !is_form(headers) {
        return Err(Code::RequestContentType.into());
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    // The parser puts U+FFFD where the octets are no UTF-8.
    if pairs.iter().any(|(name, value)| name.contains('\u{fffd}') || value.contains('\u{fffd}')) {
        return Err(Refusal::new(Code::RequestMalformed).detail("a parameter is not UTF-8"));
    }
    Presented::from_parameters(pairs)
}

/// Whether there is one content type and it is that of a form; parameters such as `charset` are tolerated.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let essence = only.as_bytes().split(|octet| *octet == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The operator's record of a refusal: the whole of the reason, nothing of the proof. What its sender can mend is
/// news; what somebody here must mend is a warning.
fn record_refusal(request_id: Uuid, presented: Option<&Presented>, refusal: &Refusal) {
    let record = refusal.record();
    macro_rules! record {
        ($level:ident) => {
            tracing::$level!(
                %request_id,
                verdict = "refuse",
                code = record.code,
                step = record.step,
                fault = record.fault,
                public = record.public,
                client = presented.map(|presented| presented.client_id.as_str()),
                credential = presented.map(|presented| presented.credential.as_str()),
                proof = presented.map(|presented| presented.assertion.kind()),
                detail = record.detail,
                expected = record.expected,
                found = record.found,
                "{}",
                record.sentence
            )
        };
    }
    match refusal.code().fault() {
        Fault::Credential => record!(info),
        _ => record!(warn),
    }
}
