//! Parts of an expression for messages about them.

use alloc::format;
use alloc::string::{String, ToString};

use super::syntax::{Form, Node};
use crate::json::Value;

/// An operand for a message, without any value.
pub(super) fn in_words(operand: &Node) -> String {
    match &operand.form {
        Form::Path(path) => path.to_string(),
        Form::Literal(Value::Array(_)) => "the list".into(),
        Form::Literal(Value::Object(_)) => "the map".into(),
        Form::Literal(_) => "the literal".into(),
        Form::Append(_) => "Append(…)".into(),
        Form::PercentEncode(_) => "percentEncode(…)".into(),
        Form::Has(path) => format!("has({path})"),
        Form::IsNullOrEmpty(_) => "IsNullOrEmpty(…)".into(),
        Form::Glob(..) => "glob(…)".into(),
        Form::Not(_) => "the negation".into(),
        Form::All(_) => "the conjunction".into(),
        Form::Any(_) => "the disjunction".into(),
        Form::Relation(..) => "the comparison".into(),
        Form::Index(target, _) => format!("{}[…]", in_words(target)),
        Form::Size(_) => "size(…)".into(),
        Form::Values(inner) => in_words(inner),
        Form::Text(test, ..) => format!("{}(…)", test.as_str()),
        Form::Quantified(part) => format!("{}(…)", part.quantifier.as_str()),
    }
}
