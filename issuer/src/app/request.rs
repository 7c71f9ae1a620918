//! A token request as it comes in over HTTP.

use super::answer::Refused;
use super::body;
use super::state::State;
use crate::peer::Peer;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use credmint_core::{Code, Presented, Refusal};
use std::sync::Arc;
use uuid::Uuid;

/// A request that could be read. One that cannot be is refused, and that is recorded, before any handler sees it.
pub(super) struct TokenRequest {
    /// The id that the caller is told of a refusal.
    pub(super) id: Uuid,
    /// What came in; nothing of it is proven.
    pub(super) presented: Arc<Presented>,
}

impl FromRequest<Arc<State>> for TokenRequest {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        match read(&parts, body).await {
            Ok(presented) => Ok(Self { id: Uuid::new_v4(), presented: Arc::new(presented) }),
            Err(refusal) => Err(state.refuse(refusal).await),
        }
    }
}

/// A request becomes [`Presented`]: a form in the body, whatever the query says.
async fn read(parts: &Parts, body: Body) -> Result<Presented, Refusal> {
    let body = body::read(body).await?;
    let certificate = Peer::certificate_of(parts)?;
    if !is_form(&parts.headers) {
        return Err(Refusal::new(Code::RequestContentType).told(match is_json(&body) {
            true => JSON,
            false => FORM,
        }));
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    // The parser puts U+FFFD where the bytes are no UTF-8.
    if pairs.iter().any(|(name, value)| name.contains('\u{fffd}') || value.contains('\u{fffd}')) {
        return Err(Refusal::new(Code::RequestMalformed)
            .detail("a parameter is not UTF-8")
            .told("A parameter is not UTF-8."));
    }
    Presented::over_tls(pairs, certificate).map_err(|refusal| match is_json(&body) {
        true => refusal.told(JSON),
        false => refusal,
    })
}

const FORM: &str = "Send the parameters as a form, application/x-www-form-urlencoded.";
const JSON: &str =
    "The body is JSON: send the parameters as a form, application/x-www-form-urlencoded.";

/// Whether a body was meant as JSON: no parameter of a form begins like it.
fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether there is one content type and it is that of a form; parameters such as `charset` are tolerated.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let essence = only.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}
