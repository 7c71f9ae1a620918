//! Answers of the token endpoint (RFC 6749 sections 5.1 and 5.2): the one place where a verdict becomes HTTP.

use super::ERROR_HEADER;
use crate::mint::Minted;
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use credmint_core::{Code, PublicCode};
use serde::Serialize;
use std::any::Any;
use uuid::Uuid;

/// A token, with what the compatible client needs beside RFC 6749: `expires_at`.
#[derive(Serialize)]
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) token_type: &'static str,
    /// Seconds.
    pub(super) expires_in: i64,
    /// Unix time in seconds.
    pub(super) expires_at: i64,
    /// What was granted, in the form in which it was asked for.
    pub(super) scope: String,
}

impl Issued {
    pub(super) fn new(minted: &Minted, lifetime: i64, scope: String) -> Self {
        Self {
            access_token: minted.token.reveal().to_owned(),
            token_type: "Bearer",
            expires_in: lifetime,
            expires_at: minted.expires.seconds(),
            scope,
        }
    }
}

/// A refusal as the caller sees it: the RFC 6749 code, the public sentence with the public code, and an id that
/// leads the operator to the whole.
#[derive(Serialize)]
struct Refused {
    error: &'static str,
    error_description: String,
    request_id: String,
}

/// The answer for a code. Nothing of the request is in it.
pub(super) fn refused(code: PublicCode, request_id: Uuid) -> Response<Body> {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = Refused {
        error: code.oauth_error(),
        error_description: code.description(),
        request_id: request_id.to_string(),
    };
    let headers = [
        (ERROR_HEADER, HeaderValue::from_static(code.as_str())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Json(body)).into_response()
}

/// The answer after a panic, which is a bug: nothing of it is told.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let request_id = Uuid::new_v4();
    tracing::error!(%request_id, code = Code::InternalError.as_str(), "a handler panicked");
    refused(Code::InternalError.public(), request_id)
}
