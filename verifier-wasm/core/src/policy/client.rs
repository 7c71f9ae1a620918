//! Clients (applications) and their federated credentials.

use super::acceptance::{self, Acceptance};
use super::access_token::{read_lifetime, refuse_sender_binding};
use super::claims::{self, ClaimMappings};
use super::provider::{Provider, both, documents, parse_condition, read_condition};
use super::resource::{self, ScopesByAudience};
use super::structured;
use super::{group, identity};
use crate::document::{Node, Problems};
use crate::expr::Expression;
use crate::names::{PLAIN_NAME, is_plain_name};
use crate::nearest::nearest;
use crate::token_text::is_client_id;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One client.
#[derive(Debug)]
pub struct Client {
    pub(crate) enabled: bool,
    /// The resources for which it may exchange access tokens of others.
    pub(crate) may_exchange: Vec<String>,
    pub(crate) credentials: BTreeMap<String, Credential>,
}

impl Client {
    /// Whether it gets tokens at all.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.enabled
    }

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
    /// What a request gets that asks for no scope; on a resource that is not in it, everything.
    pub(crate) default_scopes: ScopesByAudience,
    /// What `match` compiles to, and the author's condition.
    pub(crate) condition: Option<Expression>,
    pub(crate) attributes: ClaimMappings,
    pub(crate) token_lifetime: i64,
    /// Whether it is for many individuals, of which each token says one.
    pub(crate) is_group: bool,
    /// Whether a request that does not name it may be bound to it.
    pub(crate) discoverable: bool,
    pub(crate) accepted: Vec<Acceptance>,
}

impl Credential {
    /// Whether proofs are bound to it.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The name of its provider.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The condition that a proof must meet to be the client's: what `match` stands for, and the policy's own.
    #[must_use]
    pub const fn condition(&self) -> Option<&Expression> {
        self.condition.as_ref()
    }

    /// Whether a request that does not name it may be bound to it, by what its proof states.
    #[must_use]
    pub const fn is_discoverable(&self) -> bool {
        self.discoverable
    }

    /// What it says of its subjects, when there is its provider.
    fn subjects<'c>(
        &'c self,
        name: &'c str,
        providers: &'c BTreeMap<String, Provider>,
    ) -> Option<group::Subjects<'c>> {
        Some(group::Subjects {
            credential: name,
            of: &self.provider,
            provider: providers.get(&self.provider)?,
            condition: self.condition.as_ref(),
            is_group: self.is_group,
            mapping: self.attributes.active_subject_urn.as_ref(),
        })
    }

    /// The lifetime of its access tokens in seconds, before the limit of a resource.
    #[must_use]
    pub const fn token_lifetime(&self) -> i64 {
        self.token_lifetime
    }

    /// The resource of a request that names none: the only one with default scopes, or else the only one of all.
    pub(crate) fn default_resource(&self) -> Option<&str> {
        let mut names = match self.default_scopes.is_empty() {
            true => self.scopes.keys(),
            false => self.default_scopes.keys(),
        };
        match (names.next(), names.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
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
                "visible ASCII without `:`, which separates it from the subject, and without quote, backslash and `|`",
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
    let enabled = members.flag("enabled", true, problems);
    let scopes = members.required("scopes", problems);
    let lifetime = members.optional("token_lifetime");
    let entries = members.required("credentials", problems);
    let may_exchange = members.optional("may_exchange");
    refuse_sender_binding(&mut members, problems);
    members.close(problems);

    let lifetime = match lifetime {
        None => around.lifetime,
        Some(node) => read_lifetime(&node, problems)?,
    };
    let scopes = resource::read_subset(&scopes?, around.resources, "the resources", problems)?;
    let may_exchange = match may_exchange {
        None => Vec::new(),
        Some(node) => read_exchanged(&node, &scopes, problems)?,
    };
    let entries_node = entries?;
    let entries = entries_node.entries(problems)?;
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
    let all = credentials.iter();
    let subjects: Vec<_> =
        all.filter_map(|(name, own)| own.subjects(name, around.providers)).collect();
    group::require_apart(&entries_node, &subjects, problems);
    Some(Client { enabled: enabled?, may_exchange, credentials })
}

/// Resources for which a client may exchange tokens of others: some of those on which it has scopes itself.
fn read_exchanged(
    node: &Node<'_>,
    scopes: &ScopesByAudience,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let names = node.names(problems)?;
    if let Some(stranger) = names.iter().find(|name| !scopes.contains_key(*name)) {
        let message = format!("the client has no scopes on `{stranger}`");
        problems.report(node, message, "resources of the client's `scopes`");
        return None;
    }
    Some(names)
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
    let enabled = members.flag("enabled", true, problems);
    let provider = members.required("provider", problems);
    let scopes = members.optional("scopes");
    let structured = members.optional("match");
    let condition = members.optional("condition");
    let attributes = members.optional("attributes");
    let lifetime = members.optional("token_lifetime");
    let binds = members.optional("binds");
    let default_scopes = members.optional("default_scopes");
    let discoverable = members.flag("discoverable", false, problems);
    let accepted = acceptance::read(members.optional("accept"), problems);
    let lists = documents::Lists::take(&mut members);
    refuse_sender_binding(&mut members, problems);
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
    let default_scopes = match (default_scopes, &scopes) {
        (Some(node), Some(scopes)) => {
            resource::read_subset(&node, scopes, "the credential", problems)
        }
        _ => Some(ScopesByAudience::new()),
    };
    let token_lifetime = match lifetime {
        None => Some(owner.lifetime),
        Some(node) => read_lifetime(&node, problems),
    };
    let provider_node = provider?;
    let name = provider_node.text(problems)?;
    let Some(provider) = providers.get(name) else {
        let expected = match nearest(name, providers.keys().map(String::as_str)) {
            Some(near) => format!("a provider of this policy; is `{near}` meant?"),
            None => "a provider of this policy".into(),
        };
        problems.report(&provider_node, format!("there is no usable provider `{name}`"), expected);
        return None;
    };
    let condition = match provider.is_own_key() {
        true => {
            let discoverable = discoverable.and_then(|_| node.below(&["discoverable"]));
            refuse_beside_key([&structured, &condition, &binds, &discoverable], problems)
        }
        false => read_conditions(provider, structured, condition, problems)?,
    };
    let condition = lists.and(condition, provider.preset, problems)?;
    let attributes = match attributes {
        None => ClaimMappings::default(),
        Some(node) => claims::read(&node, provider.preset, problems)?,
    };
    let is_group = group::read(binds, problems)?;
    let condition = match is_group {
        _ if provider.is_own_key() => None,
        false => identity::require(node, provider, condition, problems)?,
        true => {
            let subject = attributes.active_subject_urn.as_ref();
            identity::require_owner(node, provider, condition.as_ref(), problems)?;
            group::require(node, provider, condition, subject, problems)?
        }
    };
    Some(Credential {
        enabled: enabled?,
        provider: name.to_string(),
        scopes: scopes?,
        default_scopes: default_scopes?,
        condition,
        attributes,
        token_lifetime: token_lifetime?,
        is_group,
        discoverable: discoverable?,
        accepted: accepted?,
    })
}

/// A client's own key is all that identifies it: nothing more can be asked of what it signs.
fn refuse_beside_key(
    others: [&Option<Node<'_>>; 4],
    problems: &mut Problems,
) -> Option<Expression> {
    for other in others.into_iter().flatten() {
        let message = "the key identifies the client, so there is nothing to demand besides";
        problems.report(other, message, "no such member beside the client's own key");
    }
    None
}

/// What `match` stands for, and the condition; both must hold.
fn read_conditions(
    provider: &Provider,
    structured: Option<Node<'_>>,
    condition: Option<Node<'_>>,
    problems: &mut Problems,
) -> Option<Option<Expression>> {
    let preset = provider.preset;
    let own = match condition {
        None => None,
        Some(node) => Some(read_condition(&node, preset, problems)?),
    };
    let Some(node) = structured else { return Some(own) };
    let text = structured::compile(&node, preset, problems)?;
    let compiled = parse_condition(&text, preset, &node, problems)?;
    Some(Some(both(compiled, own, preset, &node, problems)?))
}
