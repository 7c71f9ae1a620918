//! What a caller gets whose request goes no further (RFC 6750 section 3).

use credmint_core::json::{Object, Value};
use credmint_core::{Code, Refusal, limits};

/// An answer to a request, in the host's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Why. The operator may see all of it; the rest of this structure holds what the caller may.
    pub refusal: Refusal,
    /// The HTTP status.
    pub status: u16,
    /// The header fields.
    pub fields: Vec<(&'static str, String)>,
    /// A JSON object: `error` and `error_description`.
    pub body: String,
}

impl Answer {
    /// The answer for a refusal, where `scope` is what the service needs.
    #[must_use]
    pub fn new(refusal: Refusal, scope: &[String]) -> Self {
        let public = refusal.code().public();
        let status = public.bearer_status();
        let description = format!("{}: {}", public.as_str(), public.sentence());
        let mut fields = vec![
            ("content-type", "application/json".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("credmint-error", public.as_str().to_owned()),
        ];
        if status < 500 {
            fields.push(("www-authenticate", challenge(&refusal, &description, scope)));
        } else if status == 503 {
            fields.push(("retry-after", limits::FETCH_BACK_OFF.to_string()));
        }
        let mut body = Object::new();
        // A request without a token gets no error code in its challenge; the body may say what is missing.
        let error = Some(public.bearer_error()).filter(|error| !error.is_empty());
        body.insert("error", error.unwrap_or(public.as_str()));
        body.insert("error_description", description);
        Self { refusal, status, fields, body: body.to_string() }
    }
}

/// The value of `WWW-Authenticate`. All that goes into it is ours or configured, and has no quotes.
fn challenge(refusal: &Refusal, description: &str, scope: &[String]) -> String {
    let public = refusal.code().public();
    // RFC 6750 section 3.1: whoever presented no token is told no error.
    if refusal.code() == Code::TokenMissing {
        return "Bearer".to_owned();
    }
    let mut challenge =
        format!("Bearer error=\"{}\", error_description=\"{description}\"", public.bearer_error());
    if refusal.code() == Code::ScopeInsufficient {
        challenge.push_str(&format!(", scope=\"{}\"", scope.join(" ")));
    }
    challenge
}

/// The operator's record of a refusal, one line of JSON. It holds no token.
#[must_use]
pub fn record(answer: &Answer, request_id: Option<&str>) -> String {
    let refusal = &answer.refusal;
    let code = refusal.code();
    let mut record: Object = [
        ("event", Value::from("refused")),
        ("code", code.as_str().into()),
        ("step", code.step().as_str().into()),
        ("fault", code.fault().as_str().into()),
        ("public", code.public().as_str().into()),
        ("status", i64::from(answer.status).into()),
        ("sentence", code.sentence().into()),
    ]
    .into_iter()
    .collect();
    for (name, text) in [
        ("detail", refusal.detail_text()),
        ("expected", refusal.expected_text()),
        ("found", refusal.found_text()),
        ("request_id", request_id),
    ] {
        if let Some(text) = text {
            record.insert(name, text);
        }
    }
    record.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::{Fault, PublicCode};

    fn field<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
        let mut found = answer.fields.iter().filter(|(field, _)| *field == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    #[test]
    fn challenges() {
        let check = |code: Code, status: u16, expect: Option<&str>| {
            let answer = Answer::new(code.into(), &["read".to_owned(), "write".to_owned()]);
            assert_eq!(answer.status, status, "{code:?}");
            assert_eq!(field(&answer, "www-authenticate"), expect, "{code:?}");
            assert_eq!(field(&answer, "cache-control"), Some("no-store"));
            assert_eq!(field(&answer, "credmint-error"), Some(code.public().as_str()));
        };
        check(Code::TokenMissing, 401, Some("Bearer"));
        check(
            Code::Expired,
            401,
            Some(
                "Bearer error=\"invalid_token\", \
                 error_description=\"expired: The proof or token has expired.\"",
            ),
        );
        check(
            Code::ScopeInsufficient,
            403,
            Some(
                "Bearer error=\"insufficient_scope\", error_description=\"insufficient_scope: The token \
                 does not carry the scope that this resource needs.\", scope=\"read write\"",
            ),
        );
        check(
            Code::AuthorizationMalformed,
            400,
            Some(
                "Bearer error=\"invalid_request\", \
                 error_description=\"invalid_request: The request is malformed.\"",
            ),
        );
        check(Code::KeysUnavailable, 503, None);
        check(Code::InternalError, 500, None);
    }

    #[test]
    fn who_must_wait_is_told_how_long() {
        let answer = Answer::new(Code::KeysUnavailable.into(), &[]);
        assert_eq!(field(&answer, "retry-after"), Some("10"));
        assert_eq!(field(&Answer::new(Code::Expired.into(), &[]), "retry-after"), None);
    }

    #[test]
    fn bodies() {
        let check = |code: Code, expect: &str| {
            assert_eq!(Answer::new(code.into(), &[]).body, expect);
        };
        check(
            Code::Expired,
            r#"{"error":"invalid_token","error_description":"expired: The proof or token has expired."}"#,
        );
        check(
            Code::TokenMissing,
            r#"{"error":"token_missing","error_description":"token_missing: No token was presented."}"#,
        );
    }

    /// Otherwise they would need escaping in a quoted string.
    #[test]
    fn public_texts_have_no_quotes() {
        for code in PublicCode::ALL {
            let text = [code.as_str(), code.sentence(), code.bearer_error()].concat();
            let plain = |byte| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(text.bytes().all(plain), "{text}");
        }
    }

    #[test]
    fn the_caller_learns_nothing_that_is_the_operators() {
        let secret = Refusal::new(Code::KeyUnknown).detail("kid-7").expected("a").found("b");
        let answer = Answer::new(secret, &[]);
        let told = format!("{:?} {}", answer.fields, answer.body);
        for word in ["kid-7", "key_unknown"] {
            assert!(!told.contains(word), "{told}");
        }
        let record = record(&answer, Some("r-1"));
        for word in ["kid-7", "key_unknown", Fault::Keys.as_str(), "\"request_id\":\"r-1\""] {
            assert!(record.contains(word), "{record}");
        }
    }
}
