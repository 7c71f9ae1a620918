//! Credentials for many: the conditions fix whose they are, and every token still says who.
//!
//! The subject is the client id, a text, and the individual's id, put together so that no two individuals give one. Since a
//! client id has no `:` in it, subjects of two clients differ; within a client the texts of its credentials must.

use super::identity::{alone, together};
use super::preset;
use super::provider::{Provider, ProviderKind};
use super::shared_issuers;
use crate::document::{Node, Problems};
use crate::expr::{self, Expression, FieldPath, Fields, Path};
use crate::json::Value;
use alloc::format;
use alloc::vec::Vec;

/// Whether `binds` says that a credential is for many; left out, it is for one.
pub(super) fn read(node: Option<Node<'_>>, problems: &mut Problems) -> Option<bool> {
    let Some(node) = node else { return Some(false) };
    match node.text(problems)? {
        "individual" => Some(false),
        "group" => Some(true),
        _ => {
            problems.report(&node, "this is not what a credential binds", "individual or group");
            None
        }
    }
}

/// Whether the conditions fix an owner, and the subject says who of the owner's it is. The credential's condition comes
/// back, with what it needs besides.
pub(super) fn require(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<Expression>,
    subject: Option<&Expression>,
    problems: &mut Problems,
) -> Option<Option<Expression>> {
    let group = provider.preset.definition().group.as_ref().filter(|_| !provider.is_pinned());
    let Some(group) = group else {
        problems.report(node, "there are no groups of these proofs", "`binds: individual`");
        return None;
    };
    if together(provider, condition.as_ref()).is_empty() {
        problems.report(node, "no condition says which proofs are meant", "a `condition`");
        return None;
    }
    let owner = require_owner(node, group, provider, condition.as_ref(), problems)?;
    let individual = match provider.preset.definition().chooses_identity {
        true => provider.identity.clone(),
        false => Fields::from(group.individual),
    };
    let Some(joined) = subject.and_then(Expression::joined) else {
        let expected = format!(
            "client.activeSubjectUrn: Append(\"urn:…:\", …) with {individual}, and a text between each two fields"
        );
        problems.report(node, "the tokens of this group do not say who", expected);
        return None;
    };
    let fields: Vec<&Path> = joined.fields().collect();
    let says = |path: &FieldPath| fields.iter().any(|field| field.is(&names(path)));
    let alternatives = individual.alternatives();
    let said =
        alternatives.iter().find(|paths| paths.iter().filter(|path| !is_size(path)).all(says));
    let Some(said) = said else {
        problems.report(
            node,
            "the tokens of this group do not say who",
            format!("{individual} in client.activeSubjectUrn"),
        );
        return None;
    };
    let several = owner
        .iter()
        .find(|path| only_value(path, provider, condition.as_ref()).is_none() && !says(path));
    if let Some(path) = several.filter(|_| group.within_owner) {
        let field = Fields::new(Vec::from([Vec::from([path.clone()])]));
        problems.report(
            node,
            "two owners may have an individual of one id each",
            format!(
                "one value of {field} in the conditions, or the field in client.activeSubjectUrn"
            ),
        );
        return None;
    }
    // A name in a list says who when there is no other.
    let lists = Fields::new(Vec::from([said.clone()]));
    let lists = lists.lists();
    if lists.is_empty() {
        return Some(condition);
    }
    alone(node, provider, condition.as_ref(), &lists, problems).map(Some)
}

/// The fields of the owner that the conditions fix; none when all proofs of the provider are one owner's.
fn require_owner(
    node: &Node<'_>,
    group: &preset::Group,
    provider: &Provider,
    condition: Option<&Expression>,
    problems: &mut Problems,
) -> Option<Vec<FieldPath>> {
    let Some(owner) = group.owner else {
        return match &provider.kind {
            ProviderKind::Oidc(oidc) if shared_issuers::owner(&oidc.issuer).is_some() => {
                let message =
                    "this issuer serves everybody, and nothing here says whose a token is";
                problems.report(node, message, "a provider of the `type` of this issuer");
                None
            }
            _ => Some(Vec::new()),
        };
    };
    let owner = Fields::from(owner);
    let fixed = fixed_owner(&owner, provider, condition);
    if fixed.is_none() {
        problems.report(
            node,
            "nothing says whose group this is",
            format!("every alternative of the conditions to fix {owner}, with == or in"),
        );
    }
    fixed.cloned()
}

/// The alternative of the owner that the conditions fix.
fn fixed_owner<'o>(
    owner: &'o Fields,
    provider: &Provider,
    condition: Option<&Expression>,
) -> Option<&'o Vec<FieldPath>> {
    let conditions = together(provider, condition);
    owner.alternatives().iter().find(|alternative| {
        expr::binds(&conditions, &Fields::new(Vec::from([(*alternative).clone()]))).is_ok()
    })
}

/// The value of this field when the conditions know of one alone.
fn only_value<'e>(
    path: &FieldPath,
    provider: &'e Provider,
    condition: Option<&'e Expression>,
) -> Option<&'e Value> {
    let conditions = together(provider, condition);
    let literals = conditions.into_iter().flat_map(Expression::literals);
    let mut values = literals.filter(|(field, _)| field.is(&names(path))).map(|(_, value)| value);
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn is_size(path: &FieldPath) -> bool {
    path.last().is_some_and(|last| last == "size()")
}

/// The names of a path as a subject has it: the element of a list is its first.
fn names(path: &FieldPath) -> Vec<&str> {
    path.iter().map(|name| if name == "[*]" { "[0]" } else { name.as_str() }).collect()
}

/// What a credential says of its subjects.
pub(super) struct Subjects<'a> {
    pub(super) credential: &'a str,
    /// The name of its provider.
    pub(super) of: &'a str,
    pub(super) provider: &'a Provider,
    pub(super) condition: Option<&'a Expression>,
    pub(super) is_group: bool,
    pub(super) mapping: Option<&'a Expression>,
}

/// Within a client no subject of a group may be one of another credential's.
pub(super) fn require_apart(node: &Node<'_>, all: &[Subjects<'_>], problems: &mut Problems) {
    for group in all.iter().filter(|subjects| subjects.is_group) {
        let Some(joined) = group.mapping.and_then(Expression::joined) else { continue };
        let others = all.iter().filter(|other| other.credential != group.credential);
        if let Some(other) = others.into_iter().find(|other| meet(group, joined.prefix(), other)) {
            let (name, other) = (group.credential, other.credential);
            problems.report(
                node,
                format!("subjects of the group `{name}` may be subjects of `{other}` as well"),
                format!(
                    "another text than {:?} at the beginning of one of the two",
                    joined.prefix()
                ),
            );
        }
    }
}

/// Whether a subject of the group, which begins with `prefix`, may be one of the other's.
fn meet(group: &Subjects<'_>, prefix: &str, other: &Subjects<'_>) -> bool {
    let Some(theirs) = other.mapping else { return false };
    // Of one provider and owner, and put together alike: it is the same individual, told apart from others alike.
    let is_same = other.is_group
        && other.of == group.of
        && group.mapping.is_some_and(|own| own.text() == theirs.text())
        && are_of_one_owner(group, other, theirs);
    let (beginning, is_whole) = theirs.beginning();
    !is_same && (beginning.starts_with(prefix) || (!is_whole && prefix.starts_with(beginning)))
}

/// Whether one subject of these two, which the same mapping writes, is of one owner's individual.
fn are_of_one_owner(group: &Subjects<'_>, other: &Subjects<'_>, mapping: &Expression) -> bool {
    let definition = group.provider.preset.definition().group.as_ref();
    let Some(owner) = definition.filter(|it| it.within_owner).and_then(|it| it.owner) else {
        return true;
    };
    let owner = Fields::from(owner);
    let fixed = |it: &Subjects<'_>| fixed_owner(&owner, it.provider, it.condition);
    let (Some(own), Some(theirs)) = (fixed(group), fixed(other)) else { return false };
    let says = |path: &FieldPath| {
        mapping.joined().is_some_and(|joined| joined.fields().any(|field| field.is(&names(path))))
    };
    let value =
        |it: &Subjects<'_>, path: &FieldPath| only_value(path, it.provider, it.condition).cloned();
    let is_one = |path: &FieldPath| {
        let own = value(group, path);
        own.is_some() && own == value(other, path)
    };
    own == theirs && own.iter().all(|path| says(path) || is_one(path))
}
