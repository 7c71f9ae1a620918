//! Clients (applications) and their federated credentials.

use super::identity_fields;
use super::provider::{Provider, read_condition};
use super::reader::{Node, PLAIN_NAME, Problems, is_plain_name};
use super::resource::{self, ScopesByAudience};
use crate::expr::{self, Expression, Root};
use crate::limits;
use crate::scope::is_scope_value;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One client.
#[derive(Debug)]
pub struct Client {
    pub(crate) enabled: bool,
    pub(crate) credentials: BTreeMap<String, Credential>,
}

impl Client {
    /// The federated credential of this name.
    #[must_use]
    pub fn credential(&self, name: &str) -> Option<&Credential> {
        self.credentials.get(name)
    }

    /// The federated credentials by name.
    pub fn credentials(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.credentials.iter().map(|(name, credential)| (name.as_str(), credential))
    }
}

/// One federated credential of a client: which proofs of its provider are the client's.
#[derive(Debug)]
pub struct Credential {
    pub(crate) enabled: bool,
    pub(crate) provider: String,
    pub(crate) scopes: ScopesByAudience,
    pub(crate) condition: Option<Expression>,
    pub(crate) active_subject_urn: Option<Expression>,
    pub(crate) token_lifetime: i64,
}

impl Credential {
    /// The name of its provider.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The audiences on which it has scopes.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }
}

/// What clients are read against.
pub(super) struct Surroundings<'a> {
    pub(super) providers: &'a BTreeMap<String, Provider>,
    pub(super) resources: &'a ScopesByAudience,
    /// The lifetime of tokens unless a client says otherwise, in seconds.
    pub(super) lifetime: i64,
}

pub(super) fn read_all(
    node: &Node<'_>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<BTreeMap<String, Client>> {
    let mut clients = BTreeMap::new();
    for (id, entry) in node.entries(problems)? {
        if !is_client_id(id) {
            problems.report(
                &entry,
                "this is not a client id",
                "printable ASCII without blank and `:`, which separates it from the subject",
            );
        }
        if let Some(client) = read(&entry, around, problems) {
            clients.insert(id.to_string(), client);
        }
    }
    Some(clients)
}

fn read(node: &Node<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Client> {
    let mut members = node.members(problems)?;
    let enabled = members.enabled(problems);
    let scopes = members.required("scopes", problems);
    let lifetime = members.optional("token_lifetime");
    let entries = members.required("credentials", problems);
    members.close(problems);

    let lifetime = match lifetime {
        None => around.lifetime,
        Some(node) => read_lifetime(&node, problems)?,
    };
    let scopes = resource::read_subset(&scopes?, around.resources, "the resources", problems)?;
    let entries = entries?.entries(problems)?;
    let single = entries.len() == 1;
    let mut credentials = BTreeMap::new();
    for (name, entry) in entries {
        if !is_plain_name(name) {
            problems.report(&entry, "this is not a credential name", PLAIN_NAME);
        }
        let owner = Owner { scopes: &scopes, single, lifetime };
        if let Some(credential) = read_credential(&entry, around.providers, &owner, problems) {
            credentials.insert(name.to_string(), credential);
        }
    }
    Some(Client { enabled: enabled?, credentials })
}

/// What a credential takes from its client.
struct Owner<'a> {
    scopes: &'a ScopesByAudience,
    /// Whether the client has this credential alone.
    single: bool,
    lifetime: i64,
}

fn read_credential(
    node: &Node<'_>,
    providers: &BTreeMap<String, Provider>,
    owner: &Owner<'_>,
    problems: &mut Problems,
) -> Option<Credential> {
    let mut members = node.members(problems)?;
    let enabled = members.enabled(problems);
    let provider = members.required("provider", problems);
    let scopes = members.optional("scopes");
    let condition = members.optional("condition");
    let attributes = members.optional("attributes");
    members.close(problems);

    let scopes = match scopes {
        Some(node) => resource::read_subset(&node, owner.scopes, "the client", problems),
        None if owner.single => Some(owner.scopes.clone()),
        None => {
            problems.report(
                node,
                "`scopes` is missing, and the client has more than one credential",
                "the part of the client's scopes that this credential may have",
            );
            None
        }
    };
    let provider_node = provider?;
    let name = provider_node.text(problems)?;
    let Some(provider) = providers.get(name) else {
        problems.report(
            &provider_node,
            format!("there is no usable provider `{name}`"),
            "a provider of this policy",
        );
        return None;
    };
    let model = provider.kind.model();
    let condition = match condition {
        None => None,
        Some(node) => Some(read_condition(&node, model, problems)?),
    };
    let active_subject_urn = match attributes {
        None => None,
        Some(node) => read_attributes(&node, model, problems)?,
    };
    require_identity(node, provider, condition.as_ref(), problems)?;
    Some(Credential {
        enabled: enabled?,
        provider: name.to_string(),
        scopes: scopes?,
        condition,
        active_subject_urn,
        token_lifetime: owner.lifetime,
    })
}

/// Every way to satisfy trust and verification condition together must say who.
fn require_identity(
    node: &Node<'_>,
    provider: &Provider,
    condition: Option<&Expression>,
    problems: &mut Problems,
) -> Option<()> {
    let conditions: Vec<&Expression> =
        provider.trust_condition.as_ref().into_iter().chain(condition).collect();
    let fields = identity_fields::of(&provider.kind);
    match expr::binds(&conditions, fields) {
        Ok(()) => Some(()),
        Err(unbound) => {
            problems.report(
                node,
                unbound.to_string(),
                format!("every alternative of the conditions to fix {fields}, with == or in"),
            );
            None
        }
    }
}

/// The attribute mappings. Only `client.activeSubjectUrn` has a place in the token; the claims that say what
/// a token is are never written by a mapping.
fn read_attributes(
    node: &Node<'_>,
    model: Root,
    problems: &mut Problems,
) -> Option<Option<Expression>> {
    let mut members = node.members(problems)?;
    let urn = members.optional("client.activeSubjectUrn");
    members.close(problems);
    let Some(urn) = urn else { return Some(None) };
    let text = urn.text(problems)?;
    let parsed = Expression::parse(text).and_then(|expression| {
        expression.check_mapping(&[Root::Client, model]).map(|()| expression)
    });
    match parsed {
        Ok(expression) => Some(Some(expression)),
        Err(error) => {
            problems.report(&urn, error.to_string(), "an expression that gives a string");
            None
        }
    }
}

/// A lifetime of access tokens, in seconds.
pub(super) fn read_lifetime(node: &Node<'_>, problems: &mut Problems) -> Option<i64> {
    node.seconds(limits::ACCESS_TOKEN_LIFETIME_MIN..=limits::ACCESS_TOKEN_LIFETIME_MAX, problems)
}

fn is_client_id(id: &str) -> bool {
    id.len() <= limits::NAME_BYTES && is_scope_value(id) && !id.contains(':')
}
