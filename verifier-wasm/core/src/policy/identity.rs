//! Who a credential is for: every way to satisfy its conditions must say so.

use super::provider::{Provider, ProviderKind, parse_condition};
use super::shared_issuers;
use super::structured::conjunction;
use crate::document::{Node, Problems};
use crate::expr::{self, Expression, Fields};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

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
