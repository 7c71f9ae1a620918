//! The `Authorization` header of a token request (RFC 6749 section 2.3.1): a client may say there who it is, and nothing else.
//!
//! Two stock libraries send `Basic` with an empty password where they have a client id and no secret. A password would be a
//! client secret, and there are none here.

use crate::percent;
use axum::http::{HeaderMap, HeaderValue, header};
use base64ct::{Base64, Encoding};
use credmint_core::{Code, Refusal};
use zeroize::Zeroizing;

/// The id of a client, as it stands in `Basic`. RFC 6749 has it encoded as in a form; not every library does that.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    plain: String,
    decoded: Option<String>,
}

/// Which client the header names; `None` where there is no header, or no id in it.
///
/// # Errors
/// [`Code::ClientSecretRefused`] where there is a password; [`Code::AuthorizationUnsupported`] for more than one header, another
/// scheme than `Basic`, and what cannot be read. Nothing of the header is in them.
pub(super) fn client(headers: &HeaderMap) -> Result<Option<Named>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only,
        _ => return Err(unsupported("more than one header")),
    };
    let id = basic(value)?;
    Ok(Some(id).filter(|id| !id.is_empty()).map(|plain| {
        // RFC 6749 section 2.3.1 encodes it as a value of a form.
        let decoded = percent::decoded(&plain.replace('+', " "));
        Named { plain, decoded }
    }))
}

/// The user of `Basic` (RFC 7617 section 2), which has no password.
fn basic(value: &HeaderValue) -> Result<String, Refusal> {
    let (scheme, credentials) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(|| unsupported("not a scheme and credentials"))?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(unsupported("another scheme than Basic"));
    }
    // What follows may hold a secret: it is in no message, and goes from memory.
    let pair = Base64::decode_vec(credentials.trim_ascii()).map(Zeroizing::new);
    let pair = pair.map_err(|_| unsupported("not base64"))?;
    let colon = pair.iter().position(|byte| *byte == b':');
    let (id, password) = colon
        .and_then(|colon| Some((pair.get(..colon)?, pair.get(colon + 1..)?)))
        .ok_or_else(|| unsupported("no colon behind the client id"))?;
    if !password.is_empty() {
        return Err(Refusal::new(Code::ClientSecretRefused)
            .detail("a password in the Authorization header"));
    }
    let id = str::from_utf8(id).map_err(|_| unsupported("the client id is not UTF-8"))?;
    Ok(id.to_owned())
}

fn unsupported(what: &str) -> Refusal {
    Refusal::new(Code::AuthorizationUnsupported).detail(what).told(BASIC)
}

const BASIC: &str =
    "Leave the Authorization header out, or send Basic with the client id and an empty password.";

impl Named {
    /// Puts the id among the parameters, where the client would otherwise have put it.
    ///
    /// # Errors
    /// [`Code::ParameterInvalid`] when a parameter names another client.
    pub(super) fn join(self, parameters: &mut Vec<(String, String)>) -> Result<(), Refusal> {
        let Self { plain, decoded } = self;
        let mut same = parameters.iter_mut().filter(|(name, _)| name == CLIENT_ID);
        match (same.next(), same.next()) {
            // Of two it is refused that they are two.
            (Some(_), Some(_)) => {}
            (Some((_, id)), None) if *id == plain || decoded.as_ref() == Some(id) => {}
            // An empty parameter counts as missing.
            (Some((_, id)), None) if id.is_empty() => *id = decoded.unwrap_or(plain),
            (Some(_), None) => {
                return Err(Refusal::new(Code::ParameterInvalid)
                    .detail("client_id is not the client of the Authorization header")
                    .told("`client_id` and the Authorization header name different clients."));
            }
            (None, _) => parameters.push((CLIENT_ID.to_owned(), decoded.unwrap_or(plain))),
        }
        Ok(())
    }
}

const CLIENT_ID: &str = "client_id";

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (header::AUTHORIZATION, value.parse().unwrap())).collect()
    }

    fn basic_of(pair: &[u8]) -> String {
        format!("Basic {}", Base64::encode_string(pair))
    }

    #[test]
    fn a_client_may_say_who_it_is() {
        let check = |values: &[&str], expect: Option<(&str, Option<&str>)>| {
            let found = client(&headers(values)).unwrap();
            let found = found.as_ref().map(|id| (id.plain.as_str(), id.decoded.as_deref()));
            assert_eq!(found, expect, "{values:?}");
        };
        check(&[], None);
        check(&[&basic_of(b"app_1:")], Some(("app_1", Some("app_1"))));
        check(&["bAsIc  YXBwXzE6 "], Some(("app_1", Some("app_1"))));
        check(&[&basic_of(b"a%20b%3Ac+d:")], Some(("a%20b%3Ac+d", Some("a b:c d"))));
        check(&[&basic_of(b"100%:")], Some(("100%", None)));
        check(&[&basic_of(b"%ff:")], Some(("%ff", None)));
        check(&[&basic_of("équipe:".as_bytes())], Some(("équipe", Some("équipe"))));
        check(&[&basic_of(b":")], None);
    }

    #[test]
    fn a_password_and_whatever_is_not_basic_is_refused() {
        let check = |values: &[&str], expect: Code| {
            let refusal = client(&headers(values)).unwrap_err();
            assert_eq!(refusal.code(), expect, "{values:?}");
            let told = expect == Code::AuthorizationUnsupported;
            assert_eq!(refusal.told_text().is_some(), told, "{values:?}");
            let text = format!("{refusal} {refusal:?}");
            for secret in ["hunter2", "aHVudGVyMg", "app_1"] {
                assert!(!text.contains(secret), "{text}");
            }
        };
        check(&[&basic_of(b"app_1:hunter2")], Code::ClientSecretRefused);
        check(&[&basic_of(b":hunter2")], Code::ClientSecretRefused);
        check(&[&basic_of(b"app_1: ")], Code::ClientSecretRefused);
        check(&[&basic_of(b"app_1::")], Code::ClientSecretRefused);
        check(&[&basic_of(b"app_1:hunter2\xff")], Code::ClientSecretRefused);
        for value in [
            "",
            "Basic",
            "Basic ",
            "Basic hunter2",
            "Basic YXBwXzE6=",
            "Basic YXBwXzE6, Basic YXBwXzE6",
            "Bearer hunter2",
            "Bearer YXBwXzE6",
            "Digest username=\"app_1\"",
            "YXBwXzE6",
            "Basicx YXBwXzE6",
        ] {
            check(&[value], Code::AuthorizationUnsupported);
        }
        check(&[&basic_of(b"app_1")], Code::AuthorizationUnsupported);
        check(&[&basic_of(b"\xff:")], Code::AuthorizationUnsupported);
        check(&[&basic_of(b"app_1:"), &basic_of(b"app_1:")], Code::AuthorizationUnsupported);
    }

    #[test]
    fn a_client_is_named_once_or_twice_the_same() {
        let check = |id: &str, given: &[&str], expect: Result<&[&str], Code>| {
            let mut parameters: Vec<(String, String)> =
                given.iter().map(|id| ("client_id".to_owned(), (*id).to_owned())).collect();
            let named = client(&headers(&[&basic_of(format!("{id}:").as_bytes())])).unwrap();
            let joined = named.unwrap().join(&mut parameters).map_err(|refusal| refusal.code());
            let found: Vec<&str> = parameters.iter().map(|(_, id)| id.as_str()).collect();
            assert_eq!(joined.map(|()| found.as_slice()), expect, "{id} {given:?}");
        };
        check("app_1", &[], Ok(&["app_1"]));
        check("app_1", &["app_1"], Ok(&["app_1"]));
        check("app_1", &[""], Ok(&["app_1"]));
        check("app_1", &["app_2"], Err(Code::ParameterInvalid));
        check("app_1", &["app_1", "app_1"], Ok(&["app_1", "app_1"]));
        // Encoded or not: with the parameter beside it, either is the same client.
        check("a+b", &["a+b"], Ok(&["a+b"]));
        check("a+b", &["a b"], Ok(&["a b"]));
        check("a+b", &[], Ok(&["a b"]));
        check("a%2Bb", &[], Ok(&["a+b"]));
        check("100%", &[], Ok(&["100%"]));
    }
}
