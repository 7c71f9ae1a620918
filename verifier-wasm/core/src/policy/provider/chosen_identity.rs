//! The claims that the author of a provider says identify.

use crate::document::{Node, Problems};
use crate::expr::{Expression, FieldPath, Fields, Segment};
use crate::json::Value;
use crate::limits::{IDENTITY_ALTERNATIVES, IDENTITY_CLAIMS};
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

/// Claims that say what a token is and not who has it (RFC 7519 section 4.1, RFC 7800, RFC 8417, RFC 8693, `OpenID` Connect
/// Core sections 2 and 3.3.2.11). Some of them the requester chooses. `azp` and `client_id` may say who.
const NOT_WHO: [&str; 20] = [
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "cnf",
    "nonce",
    "scope",
    "amr",
    "acr",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "act",
    "may_act",
    "events",
    "txn",
];

/// `identity` of a provider: a list of them, all together, or a list of such lists.
pub(super) fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Fields> {
    let elements = node.elements(problems)?;
    let lists = elements.iter().filter(|element| matches!(element.value, Value::Array(_))).count();
    let alternatives = match lists {
        0 => vec![read_together(node, problems)?],
        all if all == elements.len() => elements
            .iter()
            .map(|element| read_together(element, problems))
            .collect::<Option<_>>()?,
        _ => {
            let expected = "claims, all of which identify together, or lists of such claims";
            problems.report(node, "this is a list of claims and of lists", expected);
            return None;
        }
    };
    if alternatives.len() > IDENTITY_ALTERNATIVES {
        let expected = format!("at most {IDENTITY_ALTERNATIVES} alternatives");
        problems.report(node, "these are too many", expected);
        return None;
    }
    Some(Fields::new(alternatives))
}

fn read_together(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<FieldPath>> {
    let elements = node.elements(problems)?;
    if elements.len() > IDENTITY_CLAIMS {
        let expected = format!("at most {IDENTITY_CLAIMS} claims");
        problems.report(node, "these are too many", expected);
        return None;
    }
    elements.iter().map(|element| read_claim(element, problems)).collect()
}

/// The name of a claim, or a path from `jwt.claims` on.
fn read_claim(node: &Node<'_>, problems: &mut Problems) -> Option<FieldPath> {
    let text = node.name(problems)?;
    let path = match text.starts_with("jwt.claims") {
        true => path_of(text),
        false => Some(vec!["jwt".to_string(), "claims".to_string(), text.to_string()]),
    };
    let Some(path) = path.filter(|path| path.iter().all(|name| is_claim_name(name))) else {
        problems.report(
            node,
            "this is not the name of a claim",
            "a name, or a path as jwt.claims.a.b",
        );
        return None;
    };
    if let [_, _, name, ..] = path.as_slice()
        && NOT_WHO.contains(&name.as_str())
    {
        let message = format!("`{name}` says what a token is, and not who has it");
        problems.report(node, message, "`sub`, or a claim of your issuer that never changes");
        return None;
    }
    Some(path)
}

/// Names that stand for places in a list are no claims.
fn is_claim_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('[') && !name.ends_with("()")
}

fn path_of(text: &str) -> Option<FieldPath> {
    let expression = Expression::parse(text).ok()?;
    let mut paths = expression.paths();
    let (path, None) = (paths.next()?, paths.next()) else { return None };
    let mut names = vec![path.root().to_string()];
    for segment in path.segments() {
        match segment {
            Segment::Member(name) => names.push(name.clone()),
            Segment::Index(_) => return None,
        }
    }
    (names.len() > 2 && expression.is_path()).then_some(names)
}
