//! Answers of the token endpoint (RFC 6749 sections 5.1 and 5.2): the one place where a verdict becomes HTTP.

use crate::mint::Minted;
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use credmint_core::{Code, PublicCode, Refusal};
use serde::Serialize;
use std::any::Any;
use uuid::Uuid;

/// The header that marks an answer as a refusal of this service; its value is the public code.
const ERROR_HEADER: HeaderName = HeaderName::from_static(credmint_core::guard::ERROR_FIELD);

/// A token, with what the compatible client needs beside RFC 6749: `expires_at`.
#[derive(Serialize)]
pub(super) struct Issued {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// Unix time in seconds.
    expires_at: i64,
    /// What was granted, in the form in which it was asked for.
    scope: String,
}

impl From<Minted> for Issued {
    fn from(minted: Minted) -> Self {
        let terms = minted.terms;
        let items: Vec<String> =
            terms.scope().iter().map(|value| format!("{}|{value}", terms.audience())).collect();
        Self {
            access_token: minted.token.reveal().to_owned(),
            token_type: "Bearer",
            expires_in: terms.lifetime(),
            expires_at: minted.expires.seconds(),
            scope: items.join(" "),
        }
    }
}

impl IntoResponse for Issued {
    fn into_response(self) -> Response<Body> {
        Json(self).into_response()
    }
}

/// A refusal as the caller sees it: its public code, which parameter is meant where one is, and an id that leads the
/// operator to the whole. Nothing of the request is in it.
pub(super) struct Refused {
    code: PublicCode,
    told: Option<&'static str>,
    request_id: Uuid,
}

impl Refused {
    /// What the caller of this request is told of a refusal.
    pub(super) fn new(refusal: &Refusal, request_id: Uuid) -> Self {
        Self { code: refusal.code().public(), told: refusal.told_text(), request_id }
    }
}

/// RFC 6749 section 5.2: its code, and the public sentence with the public code and what the caller is told besides.
#[derive(Serialize)]
struct RefusedBody {
    error: &'static str,
    error_description: String,
    request_id: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        let code = self.code;
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut description = code.description();
        if let Some(told) = self.told {
            description.push(' ');
            description.push_str(told);
        }
        let body = RefusedBody {
            error: code.oauth_error(),
            error_description: description,
            request_id: self.request_id.to_string(),
        };
        let headers = [
            (ERROR_HEADER, HeaderValue::from_static(code.as_str())),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (status, headers, Json(body)).into_response()
    }
}

/// The answer after a panic, which is a bug: nothing of it is told.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let request_id = Uuid::new_v4();
    tracing::error!(%request_id, code = Code::InternalError.as_str(), "a handler panicked");
    Refused { code: Code::InternalError.public(), told: None, request_id }.into_response()
}
