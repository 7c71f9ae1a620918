//! Expressions.

use credmint_core::expr::{Expression, Facts, Model, Shape};
use credmint_core::json;

/// Facts that have a value of each kind, and the names that the seeds use.
const FACTS: &str = r#"{
    "client": { "id": "app_1" },
    "jwt": {
        "header": { "kid": "k" },
        "claims": {
            "sub": "repo:o/r:ref:refs/heads/main", "repository_id": "77", "ref": "refs/heads/main",
            "run_id": "5", "number": 7, "decimal": 1.5, "flag": true, "nothing": null,
            "groups": ["a", "bb"], "kubernetes.io": { "namespace": "shop" }
        }
    }
}"#;

/// An expression: an error points into its text; what is evaluated has one value, and the clauses of a condition, which
/// explain it, hold when it does.
pub fn expression(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{}", error.offset());
            return false;
        }
    };
    let facts = Facts::new(json::parse_object(FACTS.as_bytes()).expect("facts"));
    let condition = expression.condition(&facts);
    assert_eq!(expression.clauses(&facts).holds, condition, "{text}");
    let value = expression.evaluate(&facts);
    if let Ok(holds) = condition {
        assert_eq!(value, Ok(holds.into()), "{text}");
    }
    let models = [Model::jwt(Shape::Any), Model::client(Shape::Any)];
    let is_condition = expression.check_condition(&models).is_ok();
    expression.check_mapping(&models).is_ok() || is_condition
}
