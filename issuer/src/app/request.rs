//! A token request as it comes in over HTTP.

use super::answer::Refused;
use super::arrived::arrival_of;
use super::state::State;
use super::{authorization, body};
use crate::peer::Peer;
use crate::serve::Arrival;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use credmint_core::{Code, Presented, Refusal, parameters_from_json};
use std::sync::Arc;

/// A request that could be read. One that cannot be is refused, and that is recorded, before any handler sees it.
pub(super) struct TokenRequest {
    /// Its id, and from where it comes.
    pub(super) arrival: Arrival,
    /// What came in; nothing of it is proven.
    pub(super) presented: Arc<Presented>,
}

impl FromRequest<Arc<State>> for TokenRequest {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let arrival = arrival_of(&parts.extensions);
        match read(&parts, body, &arrival).await {
            Ok(presented) => Ok(Self { arrival, presented: Arc::new(presented) }),
            Err(refusal) => Err(state.refuse(refusal, &arrival).await),
        }
    }
}

/// A request becomes [`Presented`]: parameters in the body, whatever the query says. The media type alone decides how they are
/// read.
async fn read(parts: &Parts, body: Body, arrival: &Arrival) -> Result<Presented, Refusal> {
    let headers = &parts.headers;
    let coming = arrival.reading();
    let body = body::read(body).await?;
    drop(coming);
    let certificate = Peer::certificate_of(parts)?;
    let Some(media) = Media::of(headers) else {
        return Err(Refusal::new(Code::RequestContentType).told(match looks_like_json(&body) {
            true => SAY_JSON,
            false => FORM,
        }));
    };
    let client = authorization::client(headers)?;
    let mut parameters = match media {
        Media::Form => form(&body)?,
        Media::Json => json(&body)?,
    };
    if let Some(client) = client {
        client.join(&mut parameters)?;
    }
    Presented::over_tls(parameters, certificate).map_err(|refusal| match media {
        Media::Form if looks_like_json(&body) => refusal.told(SAY_JSON),
        _ => refusal,
    })
}

/// How the body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    Form,
    Json,
}

impl Media {
    /// The one content type there is; parameters such as `charset` are tolerated, since both are UTF-8 in any case.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut types = headers.get_all(header::CONTENT_TYPE).iter();
        let (Some(only), None) = (types.next(), types.next()) else { return None };
        let essence = only.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let is = |name: &[u8]| essence.trim_ascii().eq_ignore_ascii_case(name);
        match () {
            () if is(b"application/x-www-form-urlencoded") => Some(Self::Form),
            () if is(b"application/json") => Some(Self::Json),
            () => None,
        }
    }
}

fn form(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let parameters: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    // The parser puts U+FFFD where the bytes are no UTF-8.
    let is_broken = |text: &str| text.contains('\u{fffd}');
    if parameters.iter().any(|(name, value)| is_broken(name) || is_broken(value)) {
        return Err(Refusal::new(Code::RequestMalformed)
            .detail("a parameter is not UTF-8")
            .told("A parameter is not UTF-8."));
    }
    Ok(parameters)
}

/// JSON is for the grants that stock clients send so.
fn json(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let parameters = parameters_from_json(body)?;
    let is_of_clients = |(name, value): &(String, String)| {
        name == "grant_type" && value == "client_credentials" || name == "client_assertion"
    };
    match parameters.iter().any(is_of_clients) {
        true => Err(Refusal::new(Code::RequestContentType)
            .detail("client_credentials or a client assertion in JSON")
            .told(NOT_AS_JSON)),
        false => Ok(parameters),
    }
}

const FORM: &str = "Send the parameters as a form, application/x-www-form-urlencoded.";
const SAY_JSON: &str = "The body is JSON: send the parameters as a form, application/x-www-form-urlencoded, or for the grants \
                        jwt-bearer and token-exchange as application/json.";
const NOT_AS_JSON: &str = "JSON is for the grants jwt-bearer and token-exchange without a client assertion: send these \
                           parameters as a form, application/x-www-form-urlencoded.";

/// Whether a body was meant as JSON: no parameter of a form begins like it.
fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}
