//! What can be known about an expression before there are facts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::SyntaxError;
use super::syntax::{Form, Node, Operator, Path};
use crate::json::Value;

// The names that `Value::kind` gives; a test holds them together.
const ARRAY: &str = "array";
const BOOLEAN: &str = "boolean";
const INTEGER: &str = "integer";
const STRING: &str = "string";

/// A model that the facts may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Root {
    /// The certificate of a PCA assertion.
    Cert,
    /// The client and the credential of the request. They are not part of the proof.
    Client,
    /// An OIDC token.
    Jwt,
    /// A signed instance document.
    Pkcs7,
}

impl Root {
    /// The first name of the model's paths.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cert => "cert",
            Self::Client => "client",
            Self::Jwt => "jwt",
            Self::Pkcs7 => "pkcs7",
        }
    }
}

/// Checks a condition: a boolean about the proof.
pub(super) fn condition(root: &Node, roots: &[Root]) -> Result<(), SyntaxError> {
    truth(root, roots)?;
    let mut paths = Vec::new();
    root.collect_paths(&mut paths);
    if paths.iter().all(|path| path.root() == Root::Client.as_str()) {
        return error(
            root,
            "a condition reads a field of the proof; this one reads only the client",
        );
    }
    Ok(())
}

/// Checks the source of an attribute: a string or an integer.
pub(super) fn mapping(root: &Node, roots: &[Root]) -> Result<(), SyntaxError> {
    one_of(root, &[STRING, INTEGER])?;
    part(root, roots)
}

/// A part that stands where a boolean is needed.
fn truth(node: &Node, roots: &[Root]) -> Result<(), SyntaxError> {
    one_of(node, &[BOOLEAN])?;
    if matches!(node.form, Form::Literal(_)) {
        return constant(node);
    }
    part(node, roots)
}

fn part(node: &Node, roots: &[Root]) -> Result<(), SyntaxError> {
    match &node.form {
        Form::Literal(_) => Ok(()),
        Form::Path(path) | Form::Has(path) => known(node, path, roots),
        Form::Not(inner) => truth(inner, roots),
        Form::All(parts) | Form::Any(parts) => parts.iter().try_for_each(|part| truth(part, roots)),
        Form::Relation(operator, left, right) => {
            part(left, roots)?;
            part(right, roots)?;
            not_constant(node)?;
            relation(node, *operator, left, right)
        }
        Form::IsNullOrEmpty(argument) => {
            part(argument, roots)?;
            not_constant(node)
        }
        Form::Append(parts) => parts.iter().try_for_each(|argument| {
            one_of(argument, &[STRING, INTEGER, BOOLEAN])?;
            part(argument, roots)
        }),
        Form::Glob(text, pattern) => {
            one_of(text, &[STRING])?;
            part(text, roots)?;
            not_constant(node)?;
            match pattern.trim_start_matches('*') {
                "" => error(node, "a pattern has more in it than stars"),
                _ => Ok(()),
            }
        }
    }
}

fn relation(node: &Node, operator: Operator, left: &Node, right: &Node) -> Result<(), SyntaxError> {
    if let (Form::Path(a), Form::Path(b)) = (&left.form, &right.form)
        && a == b
    {
        return error(node, format!("{a} is compared with itself"));
    }
    match operator {
        Operator::Equal | Operator::NotEqual => comparable(node, kind(left), kind(right)),
        Operator::In => {
            one_of(right, &[ARRAY])?;
            match &right.form {
                Form::Literal(Value::Array(elements)) => match elements.first() {
                    None => error(right, "nothing is in an empty list"),
                    Some(first) => comparable(node, kind(left), Some(first.kind())),
                },
                _ => Ok(()),
            }
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            one_of(left, &[INTEGER])?;
            one_of(right, &[INTEGER])
        }
    }
}

/// The kind of a part, where the facts do not decide it.
const fn kind(node: &Node) -> Option<&'static str> {
    match &node.form {
        Form::Literal(value) => Some(value.kind()),
        Form::Path(_) => None,
        Form::Append(_) => Some(STRING),
        Form::Not(_)
        | Form::All(_)
        | Form::Any(_)
        | Form::Relation(..)
        | Form::Has(_)
        | Form::IsNullOrEmpty(_)
        | Form::Glob(..) => Some(BOOLEAN),
    }
}

fn one_of(node: &Node, kinds: &[&str]) -> Result<(), SyntaxError> {
    match kind(node) {
        Some(found) if !kinds.contains(&found) => {
            error(node, format!("expected {}, found {found}", kinds.join(" or ")))
        }
        _ => Ok(()),
    }
}

fn comparable(
    node: &Node,
    left: Option<&'static str>,
    right: Option<&'static str>,
) -> Result<(), SyntaxError> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => {
            error(node, format!("{left} does not compare with {right}"))
        }
        _ => Ok(()),
    }
}

fn known(node: &Node, path: &Path, roots: &[Root]) -> Result<(), SyntaxError> {
    if !roots.iter().any(|root| root.as_str() == path.root()) {
        let names: Vec<&str> = roots.iter().map(|root| root.as_str()).collect();
        return error(
            node,
            format!("there is no `{}` here; there are: {}", path.root(), names.join(", ")),
        );
    }
    if path.is(&[Root::Client.as_str(), "activeSubjectUrn"]) {
        return error(node, "client.activeSubjectUrn is written by a mapping and cannot be read");
    }
    Ok(())
}

/// A comparison without a field has the same value for every proof.
fn not_constant(node: &Node) -> Result<(), SyntaxError> {
    let mut paths = Vec::new();
    node.collect_paths(&mut paths);
    if paths.is_empty() { constant(node) } else { Ok(()) }
}

fn constant(node: &Node) -> Result<(), SyntaxError> {
    error(node, "this is the same for every proof")
}

fn error(node: &Node, message: impl Into<String>) -> Result<(), SyntaxError> {
    Err(SyntaxError::new(node.start, message))
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    const ROOTS: [Root; 2] = [Root::Client, Root::Jwt];

    #[test]
    fn kinds_have_the_names_of_values() {
        assert_eq!(ARRAY, Value::Array(Vec::new()).kind());
        assert_eq!(BOOLEAN, Value::Bool(true).kind());
        assert_eq!(INTEGER, Value::Integer(0).kind());
        assert_eq!(STRING, Value::String(String::new()).kind());
    }

    #[test]
    fn conditions_that_can_be_meant() {
        for text in [
            "jwt.claims.sub == 'a'",
            "'a' == jwt.claims.sub",
            "jwt.claims.sub in ['a', 'b'] && !IsNullOrEmpty(jwt.claims.ref)",
            "jwt.claims.email_verified",
            "jwt.claims.email_verified == true",
            "(jwt.claims.sub == 'a') != jwt.claims.flag",
            "jwt.claims.sub == client.clientId",
            "'a' in jwt.claims.groups",
            "has(jwt.claims.x) || jwt.claims.n >= 3",
            "Append(jwt.claims.a, ':', jwt.claims.b) == 'x:y'",
            "jwt.claims.a == jwt.claims.b",
            "glob(jwt.claims.ref, 'refs/heads/*')",
            "jwt.claims.x == null",
        ] {
            let checked = Expression::parse(text).unwrap().check_condition(&ROOTS);
            assert_eq!(checked, Ok(()), "{text}");
        }
    }

    #[test]
    fn conditions_that_cannot_be_meant() {
        let check = |text: &str, expect: &str| {
            let error = Expression::parse(text).unwrap().check_condition(&ROOTS).unwrap_err();
            assert_eq!(format!("{} {}", error.offset(), error.message()), expect, "{text}");
        };
        let same = |offset: usize| format!("{offset} this is the same for every proof");
        check("true", &same(0));
        check("1 == 1", &same(0));
        check("jwt.claims.sub == 'a' || 1 == 1", &same(25));
        check("jwt.claims.sub == 'a' || true", &same(25));
        check("jwt.claims.sub == 'a' && !false", &same(26));
        check("(1 == 1) == jwt.claims.flag", &same(1));
        check("IsNullOrEmpty('jwt.issuer')", &same(0));
        check("'a' in ['a']", &same(0));
        check("glob('abc', 'a*')", &same(0));
        check("'jwt.claims.sub'", "0 expected boolean, found string");
        check("Append(jwt.claims.sub)", "0 expected boolean, found string");
        check("jwt.claims.a && Append(jwt.claims.sub)", "16 expected boolean, found string");
        check("!'a' && jwt.claims.b", "1 expected boolean, found string");
        check("[] && jwt.claims.b", "0 expected boolean, found array");
        check("cert.subject.CN == 'a'", "0 there is no `cert` here; there are: client, jwt");
        check("has(Jwt.claims)", "0 there is no `Jwt` here; there are: client, jwt");
        check("jwt.claims.a == Append(sub)", "23 there is no `sub` here; there are: client, jwt");
        check(
            "client.clientId == 'app'",
            "0 a condition reads a field of the proof; this one reads only the client",
        );
        check(
            "jwt.claims.sub == client['activeSubjectUrn']",
            "18 client.activeSubjectUrn is written by a mapping and cannot be read",
        );
        check("jwt.claims.a == jwt.claims['a']", "0 jwt.claims.a is compared with itself");
        check("jwt.claims.a in jwt.claims.a", "0 jwt.claims.a is compared with itself");
        check("Append(jwt.claims.a) == 1", "0 string does not compare with integer");
        check("(jwt.claims.a == 'x') == 'true'", "0 boolean does not compare with string");
        check("Append(jwt.claims.a) in [1]", "0 string does not compare with integer");
        check("jwt.claims.a in []", "16 nothing is in an empty list");
        check("jwt.claims.a in 'abc'", "16 expected array, found string");
        check("jwt.claims.a < '7'", "15 expected integer, found string");
        check(
            "Append(jwt.claims.a, null) == 'x'",
            "21 expected string or integer or boolean, found null",
        );
        check("glob(1, 'a')", "5 expected string, found integer");
        check("glob(jwt.claims.ref, '**')", "0 a pattern has more in it than stars");
        check("glob(jwt.claims.ref, '')", "0 a pattern has more in it than stars");
    }

    #[test]
    fn mappings() {
        let check = |text: &str, expect: Option<&str>| {
            let checked = Expression::parse(text).unwrap().check_mapping(&ROOTS);
            assert_eq!(
                checked.err().map(|e| e.message().into()),
                expect.map(String::from),
                "{text}"
            );
        };
        check("jwt.claims.run_id", None);
        check("Append('urn:gh:run:', jwt.claims.run_id)", None);
        check("Append(client.applicationFederatedCredentialId, ':', jwt.claims.a)", None);
        check("'constant'", None);
        check("7", None);
        check("jwt.claims.a == 'b'", Some("expected string or integer, found boolean"));
        check("['a']", Some("expected string or integer, found array"));
        check("null", Some("expected string or integer, found null"));
        check("cert.serialNumber", Some("there is no `cert` here; there are: client, jwt"));
    }
}
