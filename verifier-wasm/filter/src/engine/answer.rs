//! What a caller gets whose request goes no further, and what the operator reads of it.

use credmint_core::Refusal;
use credmint_core::guard::BearerAnswer;
use credmint_core::json::{Object, Value};

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
        let answer = BearerAnswer::new(&refusal, scope);
        Self { status: answer.status, fields: answer.fields(), body: answer.body(), refusal }
    }
}

/// The operator's record of a refusal, one line of JSON. It holds no token.
#[must_use]
pub fn record(answer: &Answer, request_id: Option<&str>) -> String {
    let members = answer.refusal.record().members();
    let mut record: Object = members.map(|(name, text)| (name, Value::from(text))).collect();
    record.insert("event", "refused");
    record.insert("status", i64::from(answer.status));
    if let Some(request_id) = request_id {
        record.insert("request_id", request_id);
    }
    record.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::{Code, Fault};

    #[test]
    fn the_operator_reads_what_the_caller_does_not() {
        let secret = Refusal::new(Code::KeyUnknown).detail("kid-7").expected("a").found("b");
        let answer = Answer::new(secret, &[]);
        let told = format!("{:?} {}", answer.fields, answer.body);
        let record = record(&answer, Some("r-1"));
        for word in ["kid-7", "key_unknown", Fault::Keys.as_str(), "\"request_id\":\"r-1\""] {
            assert!(record.contains(word), "{record}");
            assert!(word == Fault::Keys.as_str() || !told.contains(word), "{told}");
        }
    }
}
