//! Answers of the token endpoint (RFC 6749 sections 5.1 and 5.2): the one place where a verdict becomes HTTP.

use crate::admission::retry_after;
use crate::mint::Minted;
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use credmint_core::{
    ACCESS_TOKEN_TYPE, Code, OauthAnswer, PublicCode, Refusal, RequestForm, ScopeDialect,
    ScopeRequest,
};
use serde::Serialize;
use std::any::Any;
use uuid::Uuid;

/// The header that marks an answer as a refusal of this service; its value is the public code.
const ERROR_HEADER: HeaderName = HeaderName::from_static(credmint_core::guard::ERROR_FIELD);

/// The header with the id that leads the operator to the record of this request. Clients show it beside an error.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// A token as its caller gets it.
pub(super) struct Issued {
    body: IssuedBody,
    request_id: Uuid,
}

/// RFC 6749 section 5.1 and RFC 8693 section 2.2.1, with what the compatible client needs besides: `expires_at`.
#[derive(Serialize)]
struct IssuedBody {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// Unix time in seconds.
    expires_at: i64,
    /// What kind of token it is (RFC 8693 section 3), whatever the grant.
    issued_token_type: &'static str,
    /// What was granted, in the form in which it was asked for.
    scope: String,
}

impl Issued {
    /// The answer with a token to a request that asked for this.
    pub(super) fn new(minted: Minted, asked: &ScopeRequest, request_id: Uuid) -> Self {
        let terms = minted.terms;
        let scope = match asked.dialect {
            ScopeDialect::Plain => terms.scope().join(" "),
            ScopeDialect::Qualified => {
                // What stands in the items comes last of all that names the resource.
                let audience = asked.targets.last().map_or(terms.audience(), String::as_str);
                let items = terms.scope().iter().map(|value| format!("{audience}|{value}"));
                items.collect::<Vec<_>>().join(" ")
            }
        };
        let body = IssuedBody {
            access_token: minted.token.reveal().to_owned(),
            token_type: "Bearer",
            expires_in: terms.lifetime(),
            expires_at: minted.expires.seconds(),
            issued_token_type: ACCESS_TOKEN_TYPE,
            scope,
        };
        Self { body, request_id }
    }
}

impl IntoResponse for Issued {
    fn into_response(self) -> Response<Body> {
        ([(REQUEST_ID, id_value(self.request_id))], Json(self.body)).into_response()
    }
}

/// A refusal as the caller sees it: its public code, which parameter is meant where one is, and an id that leads the
/// operator to the whole. Nothing of the request is in it.
pub(super) struct Refused {
    code: PublicCode,
    answer: OauthAnswer,
    told: Option<&'static str>,
    request_id: Uuid,
}

impl Refused {
    /// What the caller is told of a refusal, where the request had this form. One that was not read has none.
    pub(super) fn new(refusal: &Refusal, form: Option<RequestForm>, request_id: Uuid) -> Self {
        let code = refusal.code().public();
        let answer = code.answer(form.unwrap_or(RequestForm::Idaas));
        Self { code, answer, told: refusal.told_text(), request_id }
    }
}

/// RFC 6749 section 5.2: its code, and the public sentence with what the caller is told besides.
#[derive(Serialize)]
struct RefusedBody {
    error: &'static str,
    error_description: String,
    request_id: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        let code = self.code;
        let OauthAnswer { status, error, .. } = self.answer;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = RefusedBody {
            error,
            error_description: description(code, error, self.told),
            request_id: self.request_id.to_string(),
        };
        let headers = [
            (ERROR_HEADER, HeaderValue::from_static(code.as_str())),
            (REQUEST_ID, id_value(self.request_id)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut answer = (status, headers, Json(body)).into_response();
        if let Some(seconds) = retry_after(code) {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// What the caller reads. Libraries put `error` before it: the public code comes first only where it says more.
fn description(code: PublicCode, error: &str, told: Option<&str>) -> String {
    let mut description = match code.as_str() == error {
        true => code.sentence().to_owned(),
        false => code.description(),
    };
    if let Some(told) = told {
        description.push(' ');
        description.push_str(told);
    }
    description
}

pub(super) fn id_value(id: Uuid) -> HeaderValue {
    HeaderValue::from_str(&id.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// RFC 6749 section 5.2: who tried to authenticate in the `Authorization` header, and failed, is answered with the scheme
/// that there is. Nobody else is: two families of libraries show this header in the place of the error.
pub(super) async fn challenge(request: Request, next: Next) -> Response<Body> {
    let tried = request.headers().contains_key(header::AUTHORIZATION);
    let mut answer = next.run(request).await;
    if tried && answer.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Basic realm=\"token endpoint\"");
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    answer
}

tokio::task_local! {
    /// The id of the request, for the answer that knows nothing else of it.
    pub(super) static PANICKING: Uuid;
}

/// The answer after a panic, which is a bug: nothing of it is told.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let request_id = PANICKING.try_get().unwrap_or_else(|_| Uuid::new_v4());
    tracing::error!(%request_id, code = Code::InternalError.as_str(), "a handler panicked");
    Refused::new(&Code::InternalError.into(), None, request_id).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_once() {
        let check = |code: PublicCode, error: &str, told: Option<&str>, expect: &str| {
            assert_eq!(description(code, error, told), expect);
        };
        let (request, proof) = (PublicCode::InvalidRequest, PublicCode::Expired);
        check(request, "invalid_request", None, "The request is malformed.");
        check(request, "invalid_request", Some("Do."), "The request is malformed. Do.");
        check(proof, "invalid_grant", None, "expired: The proof or token has expired.");
        check(proof, "invalid_request", None, "expired: The proof or token has expired.");
    }

    /// RFC 6749 section 5.2 names the characters.
    #[test]
    fn descriptions_are_plain() {
        for code in PublicCode::ALL {
            let text = description(*code, code.oauth_error(), None);
            let plain = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(text.bytes().all(plain) && text.ends_with('.'), "{text}");
        }
    }
}
