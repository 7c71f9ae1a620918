//! The discovery document: where it is, and the one thing it is read for (OpenID Connect Discovery
//! section 4, RFC 8414).

use crate::json::{self, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::format;
use alloc::string::String;

/// The address of an issuer's discovery document: a slash at the end of the issuer is left out, then the
/// well-known path follows (OpenID Connect Discovery section 4.1).
pub(super) fn address(issuer: &str) -> String {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{base}/.well-known/openid-configuration")
}

/// The `jwks_uri` of a discovery document, which must be the one of this issuer.
pub(super) fn jwks_uri(issuer: &str, body: &[u8]) -> Result<String, Refusal> {
    let malformed = || Refusal::new(Code::DiscoveryMalformed);
    if body.len() > limits::DISCOVERY_BYTES {
        return Err(malformed().detail(format!("{} octets", body.len())));
    }
    let mut document = json::parse_object(body).map_err(|reason| malformed().detail(reason))?;
    match document.get("issuer") {
        Some(Value::String(named)) if named == issuer => {}
        Some(Value::String(named)) => {
            return Err(Refusal::new(Code::DiscoveryIssuer).expected(issuer).found(named));
        }
        _ => return Err(malformed().detail("issuer: missing or no string")),
    }
    match document.remove("jwks_uri") {
        Some(Value::String(uri)) if is_https(&uri) => Ok(uri),
        Some(Value::String(uri)) => {
            Err(malformed().detail("jwks_uri: not an https URL in plain form").found(uri))
        }
        _ => Err(malformed().detail("jwks_uri: missing or no string")),
    }
}

/// Whether a text is an https URL in plain form: a host, no user, no fragment, printable ASCII. What the
/// host may resolve to is for whoever fetches.
fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    !authority.is_empty()
        && !authority.starts_with(':')
        && !authority.contains('@')
        && !url.contains(['#', '\\'])
        && url.bytes().all(|octet| octet.is_ascii_graphic())
        && url.len() <= limits::URL_BYTES
}
