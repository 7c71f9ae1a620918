//! What a token says of itself before anything of it is proven.

use crate::base64;
use crate::json::{self, Value};
use alloc::string::{String, ToString};

/// A text among the claims of a token of which nothing is proven: good for looking up what is configured, and for nothing
/// else.
pub(crate) fn claimed(token: &str, name: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let claims = base64::decode_url(payload.as_bytes())?;
    let claims = json::parse_object_with(&claims, json::Limits::CLAIMS).ok()?;
    claims.get(name).and_then(Value::as_str).map(ToString::to_string)
}
