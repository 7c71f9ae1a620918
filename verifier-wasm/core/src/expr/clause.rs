//! Which part of a condition does not hold, for the one who must mend the policy or the proof.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluate;
use super::syntax::{Form, Node, Path};
use super::{Expression, Facts};

/// The first part of a condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingClause {
    /// Its text.
    pub text: String,
    /// The values of the fields that it reads, each with its path; a field that is missing is named as such.
    pub found: String,
}

impl Expression {
    /// The first operand of the outermost `&&` that does not hold for `facts`, or the whole condition when there is no
    /// `&&`; `None` when the condition holds.
    #[must_use]
    pub fn failing_clause(&self, facts: &Facts) -> Option<FailingClause> {
        let whole = core::slice::from_ref(&self.root);
        let parts = match &self.root.form {
            Form::All(parts) => parts.as_slice(),
            _ => whole,
        };
        let failing = parts.iter().find(|part| evaluate::condition(part, facts) != Ok(true))?;
        let text = self.text.get(failing.start..failing.end)?;
        Some(FailingClause { text: text.into(), found: found(failing, facts) })
    }
}

fn found(part: &Node, facts: &Facts) -> String {
    let mut paths = Vec::new();
    part.collect_paths(&mut paths);
    let mut named: Vec<&Path> = Vec::new();
    for path in paths {
        if !named.contains(&path) {
            named.push(path);
        }
    }
    let values: Vec<String> = named.into_iter().map(|path| field(path, facts)).collect();
    values.join(", ")
}

fn field(path: &Path, facts: &Facts) -> String {
    let node = Node::new(0, 0, Form::Path(path.clone()));
    match evaluate::value(&node, facts) {
        Ok(value) => format!("{path} {value}"),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn the_first_part_that_fails_is_shown_with_its_values() {
        let facts = Facts::new(
            json::parse_object(br#"{"jwt":{"claims":{"id":"78","ref":"main"}}}"#).unwrap(),
        );
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let clause = Expression::parse(text).unwrap().failing_clause(&facts);
            let clause =
                clause.as_ref().map(|clause| (clause.text.as_str(), clause.found.as_str()));
            assert_eq!(clause, expect, "{text}");
        };
        check(r#"jwt.claims.ref == "main" && jwt.claims.id == "78""#, None);
        check(
            r#"jwt.claims.ref == "main" && jwt.claims.id == "77""#,
            Some((r#"jwt.claims.id == "77""#, r#"jwt.claims.id "78""#)),
        );
        check(
            r#"jwt.claims.id == "77" || jwt.claims.id == jwt.claims.ref"#,
            Some((
                r#"jwt.claims.id == "77" || jwt.claims.id == jwt.claims.ref"#,
                r#"jwt.claims.id "78", jwt.claims.ref "main""#,
            )),
        );
        let missing = Expression::parse(r#"jwt.claims.no == "x""#).unwrap();
        assert!(missing.failing_clause(&facts).unwrap().found.contains("jwt.claims.no"));
    }
}
