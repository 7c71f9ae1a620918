//! Clients that sign their assertions with a key of their own: one provider, one client, one credential.
//!
//! Such an assertion says `iss` = `sub` = client id, and nothing else of it says who it is. So the id must lead to one key,
//! and the key to one id: else one client could sign as another, or a token of an issuer be taken for an assertion.

use super::client::Client;
use super::provider::{ClientKeyProvider, Provider, ProviderKind};
use super::{Credential, TrustPolicy};
use crate::document::{Node, Problems};
use crate::jose::KeyRules;
use crate::keys::KeySource;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

impl TrustPolicy {
    /// The own key of a client, and the name of the credential that it is for.
    pub(crate) fn own_key(&self, client_id: &str) -> Option<(&str, &ClientKeyProvider)> {
        let client = self.clients.get(client_id)?;
        client
            .credentials()
            .find_map(|(name, credential)| Some((name, own_key(&self.providers, credential)?)))
    }

    /// All whose keys may be fetched: the name by which a [`KeyRing`](crate::keys::KeyRing) holds them, an issuer or a client
    /// id, and what the keys must be like.
    pub fn key_holders(&self) -> impl Iterator<Item = (&str, &KeyRules)> {
        let issuers = self.providers.values().filter_map(|provider| match &provider.kind {
            ProviderKind::Oidc(oidc) => Some((oidc.issuer(), oidc.key_rules())),
            _ => None,
        });
        let clients = self.clients.keys().filter_map(|id| {
            let (_, own) = self.own_key(id)?;
            Some((id.as_str(), own.key_rules()))
        });
        issuers.chain(clients)
    }

    /// The same holders with where their keys come from, for a host that fetches before anybody asks, or compares two policies.
    pub fn key_sources(&self) -> impl Iterator<Item = (&str, &KeySource, &KeyRules)> {
        let issuers = self.providers.values().filter_map(|provider| match &provider.kind {
            ProviderKind::Oidc(oidc) => Some((oidc.issuer(), oidc.keys(), oidc.key_rules())),
            _ => None,
        });
        let clients = self.clients.keys().filter_map(|id| {
            let (_, own) = self.own_key(id)?;
            Some((id.as_str(), own.keys(), own.key_rules()))
        });
        issuers.chain(clients)
    }
}

fn own_key<'p>(
    providers: &'p BTreeMap<String, Provider>,
    credential: &Credential,
) -> Option<&'p ClientKeyProvider> {
    match &providers.get(&credential.provider)?.kind {
        ProviderKind::ClientKey(own) => Some(own),
        _ => None,
    }
}

/// How a client signs for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// With a key that the policy names.
    OwnKey,
    /// With the key of a certificate that the assertion brings.
    Certificate,
}

fn signs(provider: &Provider) -> Option<Signs> {
    match &provider.kind {
        ProviderKind::ClientKey(_) => Some(Signs::OwnKey),
        ProviderKind::Pca(pca) if pca.x5c.is_some() => Some(Signs::Certificate),
        _ => None,
    }
}

/// Reports every id that is an issuer's as well, every key that is not one credential's alone, and every client that does
/// not sign in one way.
pub(super) fn require_apart(
    (providers_node, providers): (&Node<'_>, &BTreeMap<String, Provider>),
    (clients_node, clients): (&Node<'_>, &BTreeMap<String, Client>),
    problems: &mut Problems,
) {
    for (name, provider) in providers {
        let ProviderKind::Oidc(oidc) = &provider.kind else { continue };
        let (Some(own), Some(client)) =
            (providers_node.below(&[name]), clients_node.below(&[oidc.issuer()]))
        else {
            continue;
        };
        let expected = "a client id that no issuer has: `iss` alone says whose an assertion is";
        report_both(&own, &client, "an issuer and a client have one name", expected, problems);
    }
    let mut keys: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for (id, client) in clients {
        let mut first: Option<(Signs, Node<'_>)> = None;
        for (name, credential) in client.credentials() {
            let Some(way) = providers.get(&credential.provider).and_then(signs) else { continue };
            let Some(place) = clients_node.below(&[id, "credentials", name]) else { continue };
            match &first {
                Some((other, at)) if *other == Signs::OwnKey || way == Signs::OwnKey => {
                    let message = "a client signs with one key of its own, or with certificates";
                    let expected = "one of the two; a JWK set holds several keys";
                    report_both(at, &place, message, expected, problems);
                }
                _ => first = Some((way, place.clone())),
            }
            if way != Signs::OwnKey {
                continue;
            }
            match keys.get(credential.provider.as_str()) {
                None => drop(keys.insert(&credential.provider, place)),
                Some(other) => {
                    let message = format!("`{}` is the key of one client", credential.provider);
                    let expected = "a provider for each client and credential";
                    report_both(other, &place, &message, expected, problems);
                }
            }
        }
    }
}

/// Reports what two places have together at each of them.
fn report_both(
    one: &Node<'_>,
    other: &Node<'_>,
    message: &str,
    expected: &str,
    problems: &mut Problems,
) {
    for (node, see) in [(one, other), (other, one)] {
        problems.report(node, format!("{message}; see {}", see.pointer()), expected);
    }
}
