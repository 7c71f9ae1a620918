//! Explanations, for machines.

use credmint_core::exchange::{Explanation, Note, Outcome};
use credmint_core::expr::Clause;
use serde_json::{Map, Value, json};

/// The steps of an explanation in their order. The first that failed is the verdict.
#[must_use]
pub fn explanation_to_json(explanation: &Explanation) -> Value {
    explanation.notes().iter().map(step).collect::<Vec<_>>().into()
}

fn step(note: &Note) -> Value {
    let (outcome, code, advice) = match &note.outcome {
        Outcome::Passed => ("passed", None, None),
        Outcome::Failed(refusal) => {
            ("failed", Some(refusal.code().as_str()), Some(refusal.code().advice()))
        }
    };
    said(json!({
        "step": note.step.as_str(),
        "outcome": outcome,
        "code": code,
        "expected": note.expected,
        "found": note.found,
        "clause": note.clause.as_ref().map(clause),
        "hint": note.hint,
        "advice": advice,
    }))
}

/// The depth of the recursion is that of the expression, which its parser bounds.
fn clause(clause: &Clause) -> Value {
    let (holds, error) = match &clause.holds {
        Ok(holds) => (Some(*holds), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let values: Map<String, Value> =
        clause.values.iter().map(|(path, value)| (path.clone(), value.as_str().into())).collect();
    let parts: Vec<Value> = clause.parts.iter().map(self::clause).collect();
    said(json!({
        "text": clause.text,
        "holds": holds,
        "error": error,
        "values": (!values.is_empty()).then_some(values),
        "operator": (!parts.is_empty()).then_some(clause.operator),
        "parts": (!parts.is_empty()).then_some(parts),
        "hint": clause.hint,
    }))
}

/// A member without a value says nothing.
fn said(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}
