//! What a caller gets whose request goes no further at a protected resource (RFC 6750 section 3).

use crate::json::Object;
use crate::limits::FETCH_BACK_OFF;
use crate::refusal::{Code, PublicCode, Refusal};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The header field that marks an answer as a refusal of ours; its value is the public code.
pub const ERROR_FIELD: &str = "credmint-error";

/// The answer to a request that was refused. It shows what the table of refusals makes public, and the scope that the
/// resource needs; all of that is ours or configured, nothing of the request is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What the caller is told, in one word.
    pub public: PublicCode,
    /// The value of `error` in the body: that of RFC 6750 section 3.1, or the public code where it has none to offer.
    pub error: &'static str,
    /// The value of `error_description`: the public code and its sentence.
    pub description: String,
    /// The value of `WWW-Authenticate`. Only where another token could help: not when the failure is ours.
    pub challenge: Option<String>,
    /// Seconds after which to try again, for `Retry-After`.
    pub retry_after: Option<i64>,
}

impl BearerAnswer {
    /// The answer for a refusal, where `scope` is what the resource needs.
    #[must_use]
    pub fn new(refusal: &Refusal, scope: &[String]) -> Self {
        let public = refusal.code().public();
        let status = public.bearer_status();
        let description = public.description();
        // A request without a token gets no error code in its challenge; the body may say what is missing.
        let error = Some(public.bearer_error()).filter(|error| !error.is_empty());
        Self {
            status,
            public,
            error: error.unwrap_or(public.as_str()),
            challenge: (status < 500).then(|| challenge(refusal.code(), &description, scope)),
            description,
            retry_after: (status == 503).then_some(FETCH_BACK_OFF),
        }
    }

    /// The body: a JSON object with `error` and `error_description`.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = Object::new();
        body.insert("error", self.error);
        body.insert("error_description", self.description.as_str());
        body.to_string()
    }

    /// The header fields that belong to the answer, names in lower case.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("content-type", Some("application/json".to_string())),
            ("cache-control", Some("no-store".to_string())),
            (ERROR_FIELD, Some(self.public.as_str().to_string())),
            ("www-authenticate", self.challenge.clone()),
            ("retry-after", self.retry_after.map(|seconds| seconds.to_string())),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// The value of `WWW-Authenticate`. No text in it has quotes or backslashes.
fn challenge(code: Code, description: &str, scope: &[String]) -> String {
    // RFC 6750 section 3.1: a request without a token gets no error code.
    if code == Code::TokenMissing {
        return "Bearer".to_string();
    }
    let error = code.public().bearer_error();
    let mut challenge = format!("Bearer error=\"{error}\", error_description=\"{description}\"");
    if code == Code::ScopeInsufficient {
        challenge.push_str(&format!(", scope=\"{}\"", scope.join(" ")));
    }
    challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let check = |code: Code, status: u16, expect: Option<&str>| {
            let scope = ["read".to_string(), "write".to_string()];
            let answer = BearerAnswer::new(&code.into(), &scope);
            assert_eq!((answer.status, answer.challenge.as_deref()), (status, expect), "{code:?}");
            let field = answer.fields().into_iter().find(|(name, _)| *name == "www-authenticate");
            assert_eq!(field.map(|(_, value)| value).as_deref(), expect);
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
    fn a_challenge_never_comes_with_a_failure_of_ours_and_always_with_one_of_the_caller() {
        for code in Code::ALL {
            let answer = BearerAnswer::new(&(*code).into(), &[]);
            assert_eq!(answer.challenge.is_some(), answer.status < 500, "{code:?}");
            assert_eq!(answer.retry_after.is_some(), answer.status == 503, "{code:?}");
        }
    }

    #[test]
    fn bodies() {
        let check = |code: Code, expect: &str| {
            assert_eq!(BearerAnswer::new(&code.into(), &[]).body(), expect);
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
        let answer = BearerAnswer::new(&secret, &[]);
        let told = format!("{:?} {}", answer.fields(), answer.body());
        for word in ["kid-7", "key_unknown"] {
            assert!(!told.contains(word), "{told}");
        }
    }
}
