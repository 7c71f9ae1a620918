//! `{issuer}/authorize`: what the metadata must name for four families of clients to go on, and what nobody needs.

use axum::http::StatusCode;

/// Any request for it. Here is no user who could sign in, and so nothing to authorize.
pub(super) async fn authorize() -> (StatusCode, &'static str) {
    (
        StatusCode::BAD_REQUEST,
        "Nobody signs in here: programs get tokens at the token endpoint, with a proof of what they are.\n",
    )
}
