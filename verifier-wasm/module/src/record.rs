//! Answers as JSON text.

use credmint_core::document::Problem;
use credmint_core::guard::VerifiedAccessToken;
use credmint_core::json::{Object, Value};
use credmint_core::policy::Bundle;
use credmint_core::{Code, Refusal, Source, Verdict};

/// The record of a verification.
pub(crate) fn verdict(verdict: Verdict<VerifiedAccessToken>) -> String {
    match verdict {
        Verdict::Granted(token) => access_token(&token),
        Verdict::Refused(refusal) => self::refusal(&refusal),
        Verdict::Wanting(source) => wanting(&source),
    }
}

/// The record of a bearer token that was read.
pub(crate) fn bearer(token: Result<&str, Refusal>) -> String {
    match token {
        Ok(token) => record("accept", [("token", Value::from(token))]),
        Err(refusal) => self::refusal(&refusal),
    }
}

/// The record of a policy that was read.
pub(crate) fn bundle(bundle: &Bundle) -> String {
    let scopes = |values: &[String]| -> Value {
        values.iter().map(|value| Value::from(value.as_str())).collect::<Vec<_>>().into()
    };
    let resources: Object =
        bundle.policy.resources().map(|(audience, values)| (audience, scopes(values))).collect();
    record(
        "accept",
        [
            ("issuer", Value::from(bundle.policy.issuer())),
            ("hash", Value::from(bundle.hash.as_str())),
            ("resources", Value::from(resources)),
        ],
    )
}

/// The record of something taken.
pub(crate) fn accepted() -> String {
    record("accept", [])
}

/// The record of wrong arguments.
pub(crate) fn misuse(message: &str) -> String {
    record("misuse", [("message", Value::from(message))])
}

/// The record of a document of the caller's that is not as it should be.
pub(crate) fn problems(problems: &[Problem]) -> String {
    let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let list = problems.iter().map(problem).collect::<Vec<_>>();
    let message = Value::from(sentences.join("; "));
    record("misuse", [("message", message), ("problems", Value::Array(list))])
}

fn problem(problem: &Problem) -> Value {
    let members = [
        ("pointer", Some(problem.pointer.as_str())),
        ("message", Some(problem.message.as_str())),
        ("expected", Some(problem.expected.as_str())),
        ("hint", problem.hint.as_deref()),
    ];
    let members = members.into_iter().filter_map(|(name, text)| Some((name, text?)));
    Value::Object(members.collect())
}

/// The record of a refusal.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    let code = refusal.code();
    let public = code.public();
    let optional = [
        ("detail", refusal.detail_text()),
        ("expected", refusal.expected_text()),
        ("found", refusal.found_text()),
    ];
    let members = [
        ("code", Value::from(code.as_str())),
        ("step", Value::from(code.step().as_str())),
        ("fault", Value::from(code.fault().as_str())),
        ("public", Value::from(public.as_str())),
        ("status", Value::from(i64::from(public.bearer_status()))),
        ("error", Value::from(public.bearer_error())),
        ("sentence", Value::from(public.sentence())),
        ("message", Value::from(refusal.to_string())),
    ];
    let optional = optional.into_iter().filter_map(|(name, text)| Some((name, Value::from(text?))));
    record("refuse", members.into_iter().chain(optional))
}

fn access_token(token: &VerifiedAccessToken) -> String {
    let scope = token.scope().iter().map(|value| Value::from(value.as_str())).collect();
    record(
        "accept",
        [
            ("subject", Value::from(token.subject())),
            ("clientId", Value::from(token.client_id())),
            ("scope", Value::Array(scope)),
            ("audience", Value::from(token.audience())),
            ("issuer", Value::from(token.issuer())),
            ("expires", Value::from(token.expires().seconds())),
            ("issued", Value::from(token.issued().seconds())),
            ("jti", Value::from(token.jti())),
            ("claims", Value::Object(token.claims().clone())),
        ],
    )
}

fn wanting(source: &Source) -> String {
    let (kind, issuer, url) = match source {
        Source::Discovery { issuer, url } => ("discovery", issuer, url),
        Source::KeySet { issuer, url } => ("key_set", issuer, url),
        // No back end of this host defers.
        _ => return refusal(&Refusal::new(Code::InternalError)),
    };
    record(
        "wanting",
        [
            ("kind", Value::from(kind)),
            ("issuer", Value::from(issuer.as_str())),
            ("url", Value::from(url.as_str())),
        ],
    )
}

fn record<'a>(verdict: &str, members: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let mut record = Object::new();
    record.insert("verdict".to_owned(), Value::from(verdict));
    for (name, value) in members {
        record.insert(name.to_owned(), value);
    }
    Value::Object(record).to_string()
}
