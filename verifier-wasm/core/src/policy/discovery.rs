//! Whose a proof may be when its request names no credential.
//!
//! Of the discoverable credentials of a provider those come into question whose conditions fix what the proof states:
//! an [index](index) from literals to credentials finds them, so that the number of credentials does not matter. Two
//! that one proof could be of [do not load](overlap).
//!
//! Providers that can be asked about one proof make up a [`Space`]. Within one, all discoverable credentials are compared,
//! those of other providers too. Whatever this check does not know of, a request that is found to be of two credentials is
//! refused.

use super::client::{Client, Credential};
use super::identity::together;
use super::provider::{Provider, ProviderKind};
use crate::document::{Node, Problems};
use crate::expr::{self, Alternative, Facts};
use crate::limits::{ALTERNATIVES, DISCOVERY_CERTIFICATE_PROVIDERS, DISCOVERY_PROVIDERS};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

mod index;
mod keyed;
mod overlap;

use index::Index;
use keyed::Keyed;

/// What a policy says of providers and clients, and where.
pub(super) struct Parts<'p> {
    pub(super) providers: (&'p Node<'p>, &'p BTreeMap<String, Provider>),
    pub(super) clients: (&'p Node<'p>, &'p BTreeMap<String, Client>),
}

/// Where requests that name no credential are looked for. Only what is enabled is in it: client, credential and provider.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    /// By the name of the provider.
    providers: BTreeMap<String, Index>,
    /// The names of the providers of each space.
    spaces: BTreeMap<Space, Vec<String>>,
}

/// Which providers can be asked about one proof.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    /// Those of the issuer that a token names.
    Issuer(String),
    /// Those of the trust domain that the subject of a token names.
    TrustDomain(String),
    /// Those of documents, which name nobody.
    Documents,
    /// Those of the certificates of a client, which the request names.
    Certificates(String),
}

/// A discoverable credential.
struct Entry<'p> {
    client: &'p str,
    name: &'p str,
    credential: &'p Credential,
    provider: &'p Provider,
    /// The ways in which its conditions hold.
    alternatives: Vec<Alternative>,
}

impl Discovery {
    /// The discoverable credentials of a policy. Of what is wrong with them `problems` take note.
    pub(super) fn of(parts: &Parts<'_>, problems: &mut Problems) -> Self {
        let entries = entries(parts, problems);
        let mut discovery = Self::default();
        let mut members: BTreeMap<Space, Vec<usize>> = BTreeMap::new();
        let mut of_provider: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            for space in spaces(entry) {
                let names = discovery.spaces.entry(space.clone()).or_default();
                if !names.contains(&entry.credential.provider) {
                    names.push(entry.credential.provider.clone());
                }
                members.entry(space).or_default().push(index);
            }
            of_provider.entry(&entry.credential.provider).or_default().push(index);
        }
        for (space, names) in &mut discovery.spaces {
            names.sort();
            require_few(space, names, parts, problems);
        }
        let mut all_keyed: BTreeMap<usize, Vec<Keyed<'_>>> = BTreeMap::new();
        for (name, indices) in of_provider {
            let Some(keyed) = keyed::all(&entries, &indices, parts, problems) else { continue };
            let index = Index::of(&entries, &keyed, parts, problems);
            discovery.providers.insert(name.to_string(), index);
            for one in keyed {
                all_keyed.entry(one.entry).or_default().push(one);
            }
        }
        let mut check = overlap::Check::new(&entries, parts, problems);
        for indices in members.values() {
            let keyed = indices.iter().filter_map(|index| all_keyed.get(index)).flatten();
            if check.space(&keyed.collect::<Vec<_>>()).is_none() {
                break;
            }
        }
        discovery
    }

    /// The providers with discoverable credentials, of `client` where one is named, whose issuer this is; in the order of
    /// their names.
    pub(crate) fn providers_of_issuer(&self, issuer: &str, client: Option<&str>) -> Vec<&str> {
        self.providers_of(&Space::Issuer(issuer.to_string()), client)
    }

    /// The same of a trust domain: `id` is `spiffe://` and its name.
    pub(crate) fn providers_of_trust_domain(&self, id: &str, client: Option<&str>) -> Vec<&str> {
        self.providers_of(&Space::TrustDomain(id.to_string()), client)
    }

    /// The same of documents.
    pub(crate) fn document_providers(&self, client: Option<&str>) -> Vec<&str> {
        self.providers_of(&Space::Documents, client)
    }

    /// The same of certificates, whose client every request names.
    pub(crate) fn certificate_providers(&self, client: &str) -> Vec<&str> {
        self.providers_of(&Space::Certificates(client.to_string()), Some(client))
    }

    fn providers_of(&self, space: &Space, client: Option<&str>) -> Vec<&str> {
        let is_its = |name: &&String| {
            client.is_none_or(|client| {
                self.providers.get(*name).is_some_and(|index| index.has_client(client))
            })
        };
        let names = self.spaces.get(space).into_iter().flatten();
        names.filter(is_its).map(String::as_str).collect()
    }

    /// The credentials, of `client` where one is named, whose conditions may hold for what a proof of this provider states:
    /// client ids and names, in their order. `facts` are those that the conditions are evaluated for, or the same without
    /// their `client`.
    pub(crate) fn candidates<'d>(
        &'d self,
        provider: &str,
        client: Option<&str>,
        facts: &Facts,
    ) -> Vec<(&'d str, &'d str)> {
        self.providers
            .get(provider)
            .map(|index| index.candidates(client, facts))
            .unwrap_or_default()
    }
}

/// Every discoverable credential that is in use, in the order of clients and names.
fn entries<'p>(parts: &Parts<'p>, problems: &mut Problems) -> Vec<Entry<'p>> {
    let mut entries = Vec::new();
    for (client, own) in parts.clients.1.iter().filter(|(_, client)| client.enabled) {
        for (name, credential) in &own.credentials {
            let provider = parts.providers.1.get(&credential.provider);
            let Some(provider) = provider.filter(|provider| provider.enabled) else { continue };
            if !credential.enabled || !credential.discoverable {
                continue;
            }
            let conditions = together(provider, credential.condition.as_ref());
            match expr::alternatives(&conditions) {
                Some(alternatives) => {
                    entries.push(Entry { client, name, credential, provider, alternatives });
                }
                None => problems.report(
                    &parts.credential(client, name),
                    "there are too many ways to meet the conditions of this discoverable credential",
                    format!("at most {ALTERNATIVES} alternatives when each `||` is written out"),
                ),
            }
        }
    }
    entries
}

impl<'p> Parts<'p> {
    /// Where a credential is.
    fn credential(&self, client: &str, name: &str) -> Node<'p> {
        let (clients, _) = self.clients;
        clients.below(&[client, "credentials", name]).unwrap_or_else(|| clients.clone())
    }
}

/// The spaces in which a credential is looked for.
fn spaces(entry: &Entry<'_>) -> Vec<Space> {
    match &entry.provider.kind {
        ProviderKind::Oidc(oidc) => {
            let domain = oidc.trust_domain.iter().map(|id| Space::TrustDomain(id.clone()));
            // Tokens that need not name an issuer name none that is known.
            let issuer = oidc.names_issuer.then(|| Space::Issuer(oidc.issuer.clone()));
            issuer.into_iter().chain(domain).collect()
        }
        ProviderKind::Pkcs7(_) => vec![Space::Documents],
        ProviderKind::Pca(_) => vec![Space::Certificates(entry.client.to_string())],
        // Its client is found by its id.
        ProviderKind::ClientKey(_) => Vec::new(),
    }
}

/// Each provider of a space costs a signature, of certificates a path of them.
fn require_few(space: &Space, names: &[String], parts: &Parts<'_>, problems: &mut Problems) {
    let (most, of) = match space {
        Space::Issuer(issuer) => (DISCOVERY_PROVIDERS, format!("of the issuer {issuer}")),
        Space::TrustDomain(id) => (DISCOVERY_PROVIDERS, format!("of the trust domain {id}")),
        Space::Documents => (DISCOVERY_PROVIDERS, "of documents".to_string()),
        Space::Certificates(client) => {
            (DISCOVERY_CERTIFICATE_PROVIDERS, format!("of certificates of `{client}`"))
        }
    };
    let Some(last) = names.get(most) else { return };
    let (node, _) = parts.providers;
    problems.report(
        &node.below(&[last]).unwrap_or_else(|| node.clone()),
        format!("{} providers {of} have discoverable credentials", names.len()),
        format!("at most {most}, since each of them is tried with a proof"),
    );
}

#[cfg(test)]
mod tests;
