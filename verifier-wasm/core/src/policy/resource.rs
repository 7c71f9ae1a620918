//! Resource servers and scopes.

use super::access_token::{read_lifetime, read_signing_algorithm, refuse_sender_binding};
use super::addresses::is_of_issuer;
use crate::document::{Node, Problem, Problems};
use crate::jose::Algorithm;
use crate::json::Value;
use crate::limits::SCOPE_BYTES;
use crate::scope::{ALL_SCOPES, is_audience, is_identifier, is_scope_value};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Scope values by audience.
pub(crate) type ScopesByAudience = BTreeMap<String, Vec<String>>;

/// The resource servers.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// Each audience with the scope values that it knows.
    pub(super) scopes: ScopesByAudience,
    /// The longest lifetime of tokens for an audience that names one, in seconds.
    pub(super) lifetimes: BTreeMap<String, i64>,
    /// What tokens for an audience are signed with, where it says so.
    pub(super) signing: BTreeMap<String, Algorithm>,
    /// What a request may call a resource server beside its name (RFC 8707 section 2), each with its name.
    pub(super) identifiers: BTreeMap<String, String>,
}

pub(super) fn read_all(
    node: &Node<'_>,
    issuer: &str,
    problems: &mut Problems,
) -> Option<Resources> {
    let mut resources = Resources::default();
    for (audience, resource) in node.entries(problems)? {
        if !is_audience(audience) {
            problems.report(
                &resource,
                "this is not an audience",
                "printable ASCII without blank and `|`",
            );
            continue;
        }
        if is_of_issuer(audience, issuer) {
            problems.report(&resource, OF_ISSUER, NAME_EXPECTED);
            continue;
        }
        let Some(mut members) = resource.members(problems) else { continue };
        let scopes = members.required("scopes", problems);
        let lifetime = members.optional("token_lifetime");
        let identifiers = members.optional("resource");
        let signing = members.optional("signing_algorithm");
        refuse_sender_binding(&mut members, problems);
        members.close(problems);
        if let Some(identifiers) = identifiers {
            resources.read_identifiers(audience, &identifiers, issuer, problems);
        }
        if let Some(lifetime) = lifetime.and_then(|node| read_lifetime(&node, problems)) {
            resources.lifetimes.insert(audience.to_string(), lifetime);
        }
        if let Some(signing) = signing.and_then(|node| read_signing_algorithm(&node, problems)) {
            resources.signing.insert(audience.to_string(), signing);
        }
        if let Some(scopes) = scopes.and_then(|node| read_scopes(&node, problems)) {
            resources.scopes.insert(audience.to_string(), scopes);
        }
    }
    let both = resources.identifiers.keys().find(|id| resources.scopes.contains_key(*id));
    if let Some(both) = both {
        let message = format!("`{both}` is the name of a resource and the identifier of one");
        problems.report(node, message, "texts that each say one thing");
    }
    Some(resources)
}

/// What is wrong with a resource that is called like its issuer.
const OF_ISSUER: &str = "this is an address of the issuer";
const NAME_EXPECTED: &str = "a name or an address of the resource server";

/// The resources in a policy document whose name or identifier is `address` or below it, each as a problem: for another
/// address of its issuer, of which the policy knows nothing. What is no policy has none.
#[must_use]
pub fn resources_of_issuer(document: &Value, address: &str) -> Vec<Problem> {
    let (mut found, mut unreadable) = (Problems::default(), Problems::default());
    let resources = Node::root(document).below(&["resources"]);
    let resources = resources.and_then(|node| node.entries(&mut unreadable)).unwrap_or_default();
    for (name, resource) in resources {
        if is_of_issuer(name, address) {
            found.report(&resource, OF_ISSUER, NAME_EXPECTED);
        }
        let Some(identifiers) = resource.below(&["resource"]) else { continue };
        let listed = listed(&identifiers, &mut unreadable).unwrap_or_default();
        if listed.iter().any(|identifier| is_of_issuer(identifier, address)) {
            found.report(&identifiers, OF_ISSUER, NAME_EXPECTED);
        }
    }
    found.into_list()
}

/// One identifier or several.
fn listed(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    match node.value.as_array() {
        Some(_) => node.names(problems),
        None => node.name(problems).map(|one| Vec::from([one.to_string()])),
    }
}

impl Resources {
    /// `resource`: one identifier or several.
    fn read_identifiers(
        &mut self,
        name: &str,
        node: &Node<'_>,
        issuer: &str,
        problems: &mut Problems,
    ) {
        for identifier in listed(node, problems).unwrap_or_default() {
            if !is_identifier(&identifier) {
                let expected = "an absolute URI without a fragment, as https://api.example.com/v1";
                problems.report(node, format!("`{identifier}` identifies no resource"), expected);
            } else if is_of_issuer(&identifier, issuer) {
                let message = format!("`{identifier}` is an address of the issuer");
                problems.report(node, message, "an address of the resource server");
            } else if let Some(other) =
                self.identifiers.insert(identifier.clone(), name.to_string())
            {
                let message = format!("`{identifier}` identifies `{other}` already");
                problems.report(node, message, "an identifier for one resource");
            }
        }
    }
}

/// Scopes by audience that must be a part of `within`; `of` names the whole in messages.
pub(super) fn read_subset(
    node: &Node<'_>,
    within: &ScopesByAudience,
    of: &str,
    problems: &mut Problems,
) -> Option<ScopesByAudience> {
    let mut subset = BTreeMap::new();
    for (audience, scopes) in node.entries(problems)? {
        let Some(whole) = within.get(audience) else {
            problems.report(
                &scopes,
                format!("`{audience}` is not an audience of {of}"),
                "an audience that is",
            );
            continue;
        };
        let Some(values) = read_scopes(&scopes, problems) else { continue };
        if let Some(stranger) = values.iter().find(|value| !whole.contains(value)) {
            problems.report(
                &scopes,
                format!("`{stranger}` is not a scope of {of}"),
                format!("some of {}", whole.join(", ")),
            );
            continue;
        }
        subset.insert(audience.to_string(), values);
    }
    Some(subset)
}

fn read_scopes(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let values = node.names(problems)?;
    // A token with all of them must be one that every guard takes.
    let together =
        values.iter().fold(0_usize, |sum, value| sum.saturating_add(value.len()).saturating_add(1));
    if together > SCOPE_BYTES {
        let expected = format!("at most {SCOPE_BYTES} bytes");
        problems.report(node, format!("the scope values are {together} bytes together"), expected);
        return None;
    }
    if let Some(bad) = values.iter().find(|value| !is_scope_value(value) || *value == ALL_SCOPES) {
        problems.report(
            node,
            format!("`{bad}` cannot be a scope value"),
            "printable ASCII without blank, quote, backslash and `|`; `.all` is reserved",
        );
        return None;
    }
    Some(values)
}
