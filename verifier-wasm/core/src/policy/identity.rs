//! Who a credential is for: every way to satisfy its conditions must say so.

use super::provider::{Provider, ProviderKind, parse_condition};
use super::shared_issuers;
use super::structured::conjunction;
use crate::document::{Node, Problems};
use crate::expr::{self, Expression, FieldPath, Fields, Segment};
use crate::json::Value;
use crate::limits::{IDENTITY_ALTERNATIVES, IDENTITY_CLAIMS};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Claims that say what a token is and not who has it (RFC 7519 section 4.1, RFC 7800).
const NOT_WHO: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "cnf"];

/// Every way to satisfy trust and verification condition together must say who, and for a shared issuer also
/// whose. The credential's condition comes back, with what it needs besides.
pub(super) fn require(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<Expression>,
    problems: &mut Problems,
) -> Option<Option<Expression>> {
    let condition = match only_names(node, provider, condition, problems)? {
        Ok(condition) => condition,
        Err(unbound) => {
            let group = match &provider.preset.definition().group {
                Some(_) => "; or, when it is for many, `binds: group`",
                None => "",
            };
            let fields = &provider.identity;
            let expected = format!(
                "every alternative of the conditions to fix {fields}, with == or in{group}"
            );
            problems.report(node, unbound, expected);
            return None;
        }
    };
    require_owner(node, provider, condition.as_ref(), problems)?;
    Some(condition)
}

/// For an issuer that serves everybody the conditions must say whose.
pub(super) fn require_owner(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<&Expression>,
    problems: &mut Problems,
) -> Option<()> {
    let ProviderKind::Oidc(oidc) = &provider.kind else { return Some(()) };
    let Some(owner) = shared_issuers::owner(&oidc.issuer) else { return Some(()) };
    let owner = Fields::from(owner);
    let Err(unbound) = expr::binds(&together(provider, condition), &owner) else { return Some(()) };
    let expected = format!(
        "every alternative of the conditions to fix {owner}, with == or in: anybody gets tokens of this issuer"
    );
    problems.report(node, unbound.to_string(), expected);
    None
}

/// The conditions of a proof of this credential.
pub(super) fn together<'e>(
    provider: &'e Provider,
    condition: Option<&'e Expression>,
) -> Vec<&'e Expression> {
    provider.trust_condition.as_ref().into_iter().chain(condition).collect()
}

/// The condition when it identifies, or what is wrong with it. A name among several says nothing of the others: where the
/// condition fixes one of a list, it is made to demand that there is no other.
fn only_names(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<Expression>,
    problems: &mut Problems,
) -> Option<Result<Option<Expression>, String>> {
    let identity = &provider.identity;
    let unbound = match expr::binds(&together(provider, condition.as_ref()), identity) {
        Ok(()) => return Some(Ok(condition)),
        Err(unbound) => unbound.to_string(),
    };
    let conditions = together(provider, condition.as_ref());
    let mut paths =
        conditions.iter().flat_map(|condition| condition.paths().map(ToString::to_string));
    let mut lists = identity.lists();
    let paths: Vec<String> = paths.by_ref().collect();
    lists.retain(|list| paths.iter().any(|path| path.starts_with(&list.join("."))));
    let every = lists.clone();
    let choices = lists.into_iter().map(|list| vec![list]).chain([every]);
    for lists in choices.filter(|lists| !lists.is_empty()) {
        let narrowed = alone(node, provider, condition.as_ref(), &lists, problems)?;
        if expr::binds(&together(provider, Some(&narrowed)), identity).is_ok() {
            return Some(Ok(Some(narrowed)));
        }
    }
    Some(Err(unbound))
}

/// The condition that holds when each of these lists has one element besides.
pub(super) fn alone(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<&Expression>,
    lists: &[&[String]],
    problems: &mut Problems,
) -> Option<Expression> {
    let sizes: Vec<String> =
        lists.iter().map(|list| format!("{}.size() == 1", list.join("."))).collect();
    let sizes = sizes.join(" && ");
    let text = match condition {
        Some(condition) => format!("{} && {sizes}", conjunction(&[condition])),
        None => sizes,
    };
    parse_condition(&text, provider.preset, node, problems)
}

/// The claims that the author of a provider says identify: a list of them, all together, or a list of such lists.
pub(super) fn read_chosen(node: &Node<'_>, problems: &mut Problems) -> Option<Fields> {
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
    if let [_, _, name] = path.as_slice()
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
