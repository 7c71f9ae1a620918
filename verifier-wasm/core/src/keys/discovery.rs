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
        return Err(malformed().detail(format!("{} bytes", body.len())));
    }
    let document = json::parse_object(body).map_err(|reason| malformed().detail(reason))?;
    match document.get("issuer") {
        Some(Value::String(named)) if named == issuer => {}
        Some(Value::String(named)) => {
            return Err(Refusal::new(Code::DiscoveryIssuer).expected(issuer).found(named));
        }
        _ => return Err(malformed().detail("issuer: missing or not a string")),
    }
    match document.get("jwks_uri") {
        Some(Value::String(uri)) if is_https(uri) => Ok(uri.clone()),
        Some(Value::String(uri)) => {
            Err(malformed().detail("jwks_uri: not an https URL in plain form").found(uri))
        }
        _ => Err(malformed().detail("jwks_uri: missing or not a string")),
    }
}

/// Whether a text is an https URL in plain form: a host, no user, no fragment, printable ASCII. What the
/// host may resolve to is for whoever fetches.
#[must_use]
pub fn is_https(url: &str) -> bool {
    is_plain(url, "https://")
}

/// The same of an http URL, which is good for what is signed and names its signer: a revocation list (RFC 5280 section 8
/// tells authorities not to publish lists over https).
#[must_use]
pub fn is_http(url: &str) -> bool {
    is_plain(url, "http://")
}

fn is_plain(url: &str, scheme: &str) -> bool {
    let Some(rest) = url.strip_prefix(scheme) else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    !authority.is_empty()
        && !authority.starts_with(':')
        && !authority.contains('@')
        && !url.contains(['#', '\\'])
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && url.len() <= limits::URL_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://idp/tenant";

    #[test]
    fn the_address_follows_the_issuer() {
        let check = |issuer: &str, expect: &str| assert_eq!(address(issuer), expect);
        check("https://idp", "https://idp/.well-known/openid-configuration");
        check("https://idp/", "https://idp/.well-known/openid-configuration");
        check("https://idp/a/v2.0", "https://idp/a/v2.0/.well-known/openid-configuration");
    }

    #[test]
    fn o02_the_document_is_the_one_of_the_issuer() {
        let check = |issuer: &str, expect: Result<&str, Code>| {
            let body = format!(r#"{{"issuer":{issuer},"jwks_uri":"https://idp/keys"}}"#);
            let found = jwks_uri(ISSUER, body.as_bytes()).map_err(|refusal| refusal.code());
            assert_eq!(found.as_deref().map_err(|code| *code), expect, "{issuer}");
        };
        check(r#""https://idp/tenant""#, Ok("https://idp/keys"));
        check(r#""https://idp/tenant/""#, Err(Code::DiscoveryIssuer));
        check(r#""https://idp/{tenant}""#, Err(Code::DiscoveryIssuer));
        check(r#""https://IDP/tenant""#, Err(Code::DiscoveryIssuer));
        check(r#"["https://idp/tenant"]"#, Err(Code::DiscoveryMalformed));
        check("null", Err(Code::DiscoveryMalformed));
    }

    #[test]
    fn o13_keys_come_by_https_from_a_plain_address() {
        let check = |uri: &str, expect: bool| {
            let body = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":{uri}}}"#);
            let found = jwks_uri(ISSUER, body.as_bytes()).map_err(|refusal| refusal.code());
            assert_eq!(found.is_ok(), expect, "{uri}");
            assert!(expect || found == Err(Code::DiscoveryMalformed), "{uri}");
        };
        check(r#""https://other.example:8443/keys?v=1&user=a@b""#, true);
        check(r#""https://[2001:db8::1]/keys""#, true);
        for uri in [
            r#""http://idp/keys""#,
            r#""HTTPS://idp/keys""#,
            r#""file:///etc/passwd""#,
            r#""//idp/keys""#,
            r#""https:///keys""#,
            r#""https://:443/keys""#,
            r#""https://user@idp/keys""#,
            r#""https://idp@evil/keys""#,
            r#""https://idp\\@evil/keys""#,
            r#""https://idp\\evil/keys""#,
            r#""https://idp/keys#top""#,
            r#""https://idp/ke ys""#,
            r#""https://idp/\r\nHost: evil""#,
            r#""https://idé/keys""#,
            r#"["https://idp/keys"]"#,
            "null",
        ] {
            check(uri, false);
        }
        let long = |length: usize| format!(r#""https://idp/{}""#, "a".repeat(length - 12));
        check(&long(limits::URL_BYTES), true);
        check(&long(limits::URL_BYTES + 1), false);
    }

    #[test]
    fn other_documents_are_refused() {
        let large = format!(
            r#"{{"issuer":"{ISSUER}","jwks_uri":"https://idp/keys"{}}}"#,
            " ".repeat(limits::DISCOVERY_BYTES)
        );
        for body in ["", "<html>", "[]", "{}", r#"{"issuer":"https://idp/tenant"}"#, &large] {
            let refusal = jwks_uri(ISSUER, body.as_bytes()).unwrap_err();
            assert_eq!(refusal.code(), Code::DiscoveryMalformed);
        }
        let twice =
            r#"{"issuer":"https://evil","issuer":"https://idp/tenant","jwks_uri":"https://a"}"#;
        assert_eq!(
            jwks_uri(ISSUER, twice.as_bytes()).err().map(|refusal| refusal.code()),
            Some(Code::DiscoveryMalformed)
        );
    }
}
