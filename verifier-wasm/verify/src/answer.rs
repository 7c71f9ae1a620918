//! Answers, for machines.

use credmint_core::{Refusal, Stop, secrets};
use serde_json::{Map, Value, json};
use std::fmt;

/// What was proven, as members of an answer.
pub type Proven = Map<String, Value>;

/// A request that is not understood: wrong use, not a refusal.
#[derive(Debug)]
pub struct Misuse(String);

impl Misuse {
    /// Wrong use, with a sentence that says what is wrong. A token that stood where none belongs is not repeated.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(secrets::hide(&message.to_string()).into_owned())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a verification says: yes with what was proven, or no with the reason.
pub type Verification = Result<Proven, Refused>;

/// A refusal, and what an answer has beside it. Nothing of this is proven.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The reason.
    pub refusal: Refusal,
    /// Members of the answer.
    pub beside: Map<String, Value>,
}

/// What the request does not bring is not proven.
impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        stop.into_refusal().into()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, beside: Map::new() }
    }
}

/// The members of an answer that say the verdict.
#[must_use]
pub fn to_json(judgement: Result<Verification, Misuse>) -> Map<String, Value> {
    let answer = match judgement {
        Ok(Ok(mut proven)) => {
            proven.insert("verdict".into(), "accept".into());
            return proven;
        }
        Ok(Err(refused)) => {
            let mut answer = said(refusal(&refused.refusal));
            answer.extend(refused.beside);
            return answer;
        }
        Err(misuse) => json!({ "verdict": "error", "detail": misuse.0 }),
    };
    said(answer)
}

/// The members of an object. One without a value says nothing.
fn said(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect()
        }
        _ => Map::new(),
    }
}

fn refusal(refusal: &Refusal) -> Value {
    let record = refusal.record();
    json!({
        "verdict": "refuse",
        "code": record.code,
        "step": record.step,
        "fault": record.fault,
        "detail": record.detail.unwrap_or(record.sentence),
        "expected": record.expected,
        "found": record.found,
        "rule": refusal.code().rule(),
        "public": record.public,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Code;

    #[test]
    fn a_refusal_always_has_a_detail() {
        let answer = to_json(Ok(Err(Refusal::new(Code::KeyUnknown).into())));
        assert_eq!(answer["detail"], Code::KeyUnknown.sentence());
        assert!(!answer.contains_key("found"));
        let answer = to_json(Ok(Err(Refusal::new(Code::KeyUnknown).detail("why").into())));
        assert_eq!(answer["detail"], "why");
    }
}
