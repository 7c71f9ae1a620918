//! Answers as JSON text.

use credmint_core::document::Problem;
use credmint_core::guard::{BearerAnswer, VerifiedAccessToken};
use credmint_core::json::{Object, Value};
use credmint_core::keys::{Document, Fetch, Flights};
use credmint_core::policy::Bundle;
use credmint_core::{Code, Refusal, Source, Verdict};

/// The record of a verification at a resource that needs `scope`.
pub(crate) fn verdict(
    verdict: Verdict<VerifiedAccessToken>,
    flights: &Flights,
    scope: &[String],
) -> String {
    let mut record = match verdict {
        Verdict::Granted(token) => access_token(&token),
        Verdict::Refused(refusal) => refused(&refusal, scope),
        Verdict::Wanting(Source::Discovery { .. } | Source::KeySet { .. }) => {
            let wait = flights.wait.iter().map(|flight| Value::from(i64::from(*flight)));
            record("wanting", [("wait", Value::Array(wait.collect()))])
        }
        // No back end of this host defers.
        Verdict::Wanting(_) => refused(&Refusal::new(Code::InternalError), scope),
    };
    if !flights.begin.is_empty() {
        record.insert("fetch", Value::Array(flights.begin.iter().map(fetch).collect()));
    }
    text(record)
}

/// The record of a bearer token that was read.
pub(crate) fn bearer(token: Result<&str, Refusal>) -> String {
    match token {
        Ok(token) => text(record("accept", [("token", Value::from(token))])),
        Err(refusal) => self::refusal(&refusal, &[]),
    }
}

/// The record of a policy that was read.
pub(crate) fn bundle(bundle: &Bundle) -> String {
    let scopes = |values: &[String]| -> Value {
        values.iter().map(|value| Value::from(value.as_str())).collect::<Vec<_>>().into()
    };
    let policy = &bundle.policy;
    let named = policy.resources().map(|(audience, values)| (audience, scopes(values)));
    // What a token may name besides is an audience as well.
    let identified = policy
        .resource_identifiers()
        .filter_map(|(identifier, name)| Some((identifier, scopes(policy.scopes_of(name)?))));
    let resources: Object = named.chain(identified).collect();
    text(record(
        "accept",
        [
            ("issuer", Value::from(bundle.policy.issuer())),
            ("hash", Value::from(bundle.hash.as_str())),
            ("resources", Value::from(resources)),
        ],
    ))
}

/// The record of something taken, and what is to be fetched next.
pub(crate) fn taken(next: Option<&Fetch>) -> String {
    let next = next.map(|next| ("fetch", Value::Array(Vec::from([fetch(next)]))));
    text(record("accept", next))
}

/// The record of wrong arguments.
pub(crate) fn misuse(message: &str) -> String {
    text(record("misuse", [("message", Value::from(message))]))
}

/// The record of a document of the caller's that is not as it should be.
pub(crate) fn problems(problems: &[Problem]) -> String {
    let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let list = problems.iter().map(problem).collect::<Vec<_>>();
    let message = Value::from(sentences.join("; "));
    text(record("misuse", [("message", message), ("problems", Value::Array(list))]))
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

/// The record of a refusal at a resource that needs `scope`.
pub(crate) fn refusal(refusal: &Refusal, scope: &[String]) -> String {
    text(refused(refusal, scope))
}

/// The document of this name.
pub(crate) fn document(name: &str) -> Option<Document> {
    [Document::Discovery, Document::KeySet].into_iter().find(|known| document_name(*known) == name)
}

const fn document_name(document: Document) -> &'static str {
    match document {
        Document::Discovery => "discovery",
        Document::KeySet => "key_set",
        Document::RevocationList => "revocation_list",
    }
}

/// What JavaScript is to fetch.
fn fetch(fetch: &Fetch) -> Value {
    let bytes = i64::try_from(fetch.document.max_bytes()).unwrap_or(i64::MAX);
    let members = [
        ("flight", Value::from(i64::from(fetch.flight))),
        ("document", Value::from(document_name(fetch.document))),
        ("url", Value::from(fetch.url.as_str())),
        ("accept", Value::from(fetch.document.accept())),
        ("bytes", Value::from(bytes)),
    ];
    Value::Object(members.into_iter().collect())
}

fn refused(refusal: &Refusal, scope: &[String]) -> Object {
    let answer = BearerAnswer::new(refusal, scope);
    let headers: Object = answer.fields().into_iter().collect();
    let seen = refusal.record().members().map(|(name, text)| (name, Value::from(text)));
    let told = [
        ("publicSentence", Value::from(answer.public.sentence())),
        ("message", Value::from(refusal.to_string())),
        ("status", Value::from(i64::from(answer.status))),
        ("headers", Value::from(headers)),
        ("body", Value::from(answer.body())),
    ];
    record("refuse", seen.chain(told))
}

fn access_token(token: &VerifiedAccessToken) -> Object {
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
            ("claims", Value::Object(marked(token.claims()))),
        ],
    )
}

/// Claims for `JSON.parse`, which would round an integer beyond 2^53 in silence: it is an object whose one member has the
/// name U+0000, which no claim has.
fn marked(claims: &Object) -> Object {
    claims.iter().map(|(name, value)| (name, marked_value(value))).collect()
}

/// The depth of the recursion is that of the claims, which their reader bounds.
fn marked_value(value: &Value) -> Value {
    match value {
        Value::BigInteger(digits) => {
            Value::Object(core::iter::once(("\0", digits.as_str())).collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(marked_value).collect()),
        Value::Object(members) => Value::Object(marked(members)),
        plain => plain.clone(),
    }
}

fn record<'a>(verdict: &str, members: impl IntoIterator<Item = (&'a str, Value)>) -> Object {
    let mut record: Object = members.into_iter().collect();
    record.insert("verdict", verdict);
    record
}

fn text(record: Object) -> String {
    Value::Object(record).to_string()
}
