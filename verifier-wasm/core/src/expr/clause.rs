//! Which parts of a condition hold and which do not, for whoever must correct the policy or the proof.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluate;
use super::syntax::{Form, Node, Operator, Path, Segment};
use super::{EvalError, Expression, Facts};
use crate::json::Value;
use crate::nearest::nearest;
use crate::redact::redacted_below;

/// The first part of a condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailingClause {
    /// Its text.
    pub text: String,
    /// The values of the fields that it reads, each with its path; a field that is missing is named as such.
    pub found: String,
}

/// A part of a condition, judged by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its text.
    pub text: String,
    /// Its result.
    pub holds: Result<bool, EvalError>,
    /// The values of the fields that it reads, each as its path and its value, or what is wrong with the field.
    /// Secrets are hidden.
    pub values: Vec<(String, String)>,
    /// Of `&&` and `||` the operands, in their order.
    pub parts: Vec<Self>,
    /// `&&` or `||` when there are parts, else nothing.
    pub operator: &'static str,
    /// What is probably meant, when the clause does not hold and something is near.
    pub hint: Option<String>,
}

impl Expression {
    /// The first operand of the outermost `&&` that does not hold for `facts`, or the whole condition when there is no
    /// `&&`; `None` when the condition holds.
    #[must_use]
    pub(crate) fn failing_clause(&self, facts: &Facts) -> Option<FailingClause> {
        let whole = core::slice::from_ref(&self.root);
        let parts = match &self.root.form {
            Form::All(parts) => parts.as_slice(),
            _ => whole,
        };
        let failing = parts.iter().find(|part| evaluate::condition(part, facts) != Ok(true))?;
        let values: Vec<String> = values(failing, facts)
            .into_iter()
            .map(|(path, value)| match value {
                Ok(value) => format!("{path} {value}"),
                Err(error) => error.to_string(),
            })
            .collect();
        Some(FailingClause { text: self.text_of(failing), found: values.join(", ") })
    }

    /// The condition and its parts, each judged by itself for `facts`.
    #[must_use]
    pub fn clauses(&self, facts: &Facts) -> Clause {
        self.clause(&self.root, facts)
    }

    /// The depth of the recursion is that of the tree, which the parser bounds.
    fn clause(&self, node: &Node, facts: &Facts) -> Clause {
        let holds = evaluate::condition(node, facts);
        let (operator, parts) = match &node.form {
            Form::All(parts) => ("&&", parts.as_slice()),
            Form::Any(parts) => ("||", parts.as_slice()),
            _ => ("", &[][..]),
        };
        let leaf = parts.is_empty();
        let texts = |(path, value): (&Path, Result<Value, EvalError>)| {
            let value = value.map_or_else(|error| error.to_string(), |value| value.to_string());
            (path.to_string(), value)
        };
        Clause {
            text: self.text_of(node),
            hint: if leaf && holds != Ok(true) { hint(node, facts) } else { None },
            holds,
            values: if leaf {
                values(node, facts).into_iter().map(texts).collect()
            } else {
                Vec::new()
            },
            parts: parts.iter().map(|part| self.clause(part, facts)).collect(),
            operator,
        }
    }

    fn text_of(&self, node: &Node) -> String {
        self.text.get(node.start..node.end).unwrap_or_default().into()
    }
}

/// The fields that a part reads, each once, with their values as they may be shown.
fn values<'n>(part: &'n Node, facts: &Facts) -> Vec<(&'n Path, Result<Value, EvalError>)> {
    let mut paths = Vec::new();
    part.collect_paths(&mut paths);
    let mut found: Vec<(&Path, Result<Value, EvalError>)> = Vec::new();
    for path in paths {
        if !found.iter().any(|(known, _)| *known == path) {
            let value = value_at(path, facts);
            found.push((path, value.map(|value| redacted_below(names(path), &value))));
        }
    }
    found
}

/// The names of the members that a path goes through.
fn names(path: &Path) -> impl Iterator<Item = &str> {
    path.segments().iter().filter_map(|segment| match segment {
        Segment::Member(name) => Some(name.as_str()),
        Segment::Index(_) => None,
    })
}

fn value_at(path: &Path, facts: &Facts) -> Result<Value, EvalError> {
    let node = Node::new(0, 0, Form::Path(path.clone()));
    evaluate::value(&node, facts)
}

/// What is probably meant by a comparison of a field with literals that does not hold.
fn hint(node: &Node, facts: &Facts) -> Option<String> {
    let Form::Relation(operator, left, right) = &node.form else { return None };
    let (path, literal) = match (operator, &left.form, &right.form) {
        (Operator::Equal | Operator::In, Form::Path(path), Form::Literal(literal))
        | (Operator::Equal, Form::Literal(literal), Form::Path(path)) => (path, literal),
        _ => return None,
    };
    let literals = match literal {
        Value::Array(elements) => elements.as_slice(),
        single => core::slice::from_ref(single),
    };
    match value_at(path, facts) {
        Ok(value) => hint_of_value(path, &value, literals),
        Err(EvalError::Missing { missing, .. }) => {
            hint_of_name(path, &missing, facts).or_else(|| hint_of_attribute(path, &missing))
        }
        Err(_) => None,
    }
}

fn hint_of_value(path: &Path, found: &Value, literals: &[Value]) -> Option<String> {
    let first = literals.first()?;
    if found.kind() != first.kind() {
        let quoted = literals.iter().any(|literal| literal.as_str() == Some(&found.to_string()));
        let unquoted = literals.iter().any(|literal| found.as_str() == Some(&literal.to_string()));
        return match (quoted, unquoted) {
            // In a test it may be its value that is written otherwise than in a proof; `check` knows the kinds of claims.
            (true, _) => Some(format!(
                "{path} is not a string here: take the quotes away, or put those of a test's value there"
            )),
            (_, true) => Some(format!(
                "{path} is a string here: put the literal in quotes, or take those of a test's value away"
            )),
            _ => None,
        };
    }
    let found = found.as_str()?;
    let texts = || literals.iter().filter_map(Value::as_str);
    if let Some(same) = texts().find(|text| text.to_lowercase() == found.to_lowercase()) {
        return Some(format!("{same:?} differs from what was found in upper and lower case only"));
    }
    if let Some(same) = texts().find(|text| text.trim() == found.trim()) {
        return Some(format!("{same:?} differs from what was found in white space only"));
    }
    let near = nearest(found, texts())?;
    Some(format!("{near:?} is near to what was found: one of the two may be misspelt"))
}

/// What the last name of a path that is missing may have been meant to be.
fn hint_of_name(path: &Path, missing: &str, facts: &Facts) -> Option<String> {
    let whole = path.to_string();
    if missing != whole {
        return None;
    }
    let (last, above) = path.segments().split_last()?;
    let Segment::Member(name) = last else { return None };
    let above = Path::new(path.root().into(), above.to_vec());
    let parent = value_at(&above, facts).ok()?;
    let near = nearest(name, parent.as_object()?.iter().map(|(name, _)| name))?;
    Some(format!("there is a {near:?} in {above}: one of the two may be misspelt"))
}

/// Why an attribute of a certificate's name may be missing although somebody sees it there.
fn hint_of_attribute(path: &Path, missing: &str) -> Option<String> {
    if missing != path.to_string() {
        return None;
    }
    let name = match path.segments() {
        [Segment::Member(name), Segment::Member(attribute)] if path.root() == "cert" => {
            matches!(name.as_str(), "subject" | "issuer").then_some(attribute)?
        }
        _ => return None,
    };
    Some(format!(
        "{path} is missing as well where the name has {name} more than once, or not as plain text"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn facts() -> Facts {
        Facts::new(
            json::parse_object(
                br#"{"jwt":{"claims":{"id":"78","n":7,"ref":"main","token":"t","secret":{"part":["s"]},"repository":"org/repo-a"}},
                    "cert":{"subject":{"CN":"press-7"}}}"#,
            )
            .unwrap(),
        )
    }

    #[test]
    fn the_first_part_that_fails_is_shown_with_its_values() {
        let facts = facts();
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
        check(
            r#"jwt.claims.token == "x""#,
            Some((r#"jwt.claims.token == "x""#, r#"jwt.claims.token "hidden: 1 bytes""#)),
        );
        // What stands below a secret is one.
        check(
            r#"jwt.claims.secret.part[0] == "x""#,
            Some((
                r#"jwt.claims.secret.part[0] == "x""#,
                r#"jwt.claims.secret.part[0] "hidden: 1 bytes""#,
            )),
        );
        let missing = Expression::parse(r#"jwt.claims.no == "x""#).unwrap();
        assert!(missing.failing_clause(&facts).unwrap().found.contains("jwt.claims.no"));
    }

    #[test]
    fn every_part_is_judged_by_itself() {
        let text = r#"jwt.claims.ref == "dev" && (jwt.claims.id == "78" || jwt.claims.no == 1)"#;
        let clause = Expression::parse(text).unwrap().clauses(&facts());
        assert_eq!((clause.text.as_str(), clause.operator), (text, "&&"));
        assert_eq!(clause.holds, Ok(false));
        let [first, second] = clause.parts.as_slice() else { panic!("{clause:?}") };
        assert_eq!(first.holds, Ok(false));
        assert_eq!(first.values, [("jwt.claims.ref".to_string(), r#""main""#.to_string())]);
        assert_eq!((second.operator, second.holds.clone()), ("||", Ok(true)));
        assert_eq!(second.parts[0].holds, Ok(true));
        assert_eq!(
            second.parts[1].holds.as_ref().map_err(ToString::to_string),
            Err("jwt.claims.no is missing".into())
        );
        assert!(second.parts[1].values[0].1.contains("jwt.claims.no"));
    }

    #[test]
    fn hints_say_what_is_probably_meant() {
        let check = |text: &str, expect: Option<&str>| {
            let hint = Expression::parse(text).unwrap().clauses(&facts()).hint;
            let as_expected = match (&hint, expect) {
                (Some(hint), Some(expect)) => hint.contains(expect),
                (None, None) => true,
                _ => false,
            };
            assert!(as_expected, "{text}: {hint:?}");
        };
        check(r#"jwt.claims.repository == "org/repo-b""#, Some(r#""org/repo-b" is near"#));
        check(r#"jwt.claims.repository in ["x", "org/repo-b"]"#, Some(r#""org/repo-b" is near"#));
        check(r#""Org/Repo-A" == jwt.claims.repository"#, Some("upper and lower case only"));
        check(r#"jwt.claims.repository == "org/repo-a ""#, Some("white space only"));
        check(r#"jwt.claims.repository == "else""#, None);
        check(r#"jwt.claims.repository == "org/repo-a""#, None);
        check(r#"jwt.claims.id == 78"#, Some("put the literal in quotes"));
        check(r#"jwt.claims.n == "7""#, Some("take the quotes away"));
        check(r#"jwt.claims.n == "8""#, None);
        check(r#"jwt.claims.repositry == "a""#, Some(r#"there is a "repository" in jwt.claims"#));
        check(r#"jwt.claim.repository == "a""#, None);
        check(r#"glob(jwt.claims.ref, "dev*")"#, None);
        check(r#"cert.subject.OU == "line 1""#, Some("has OU more than once"));
        check(r#"cert.serialNumber == "01""#, None);
    }
}
