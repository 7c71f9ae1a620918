//! The trust policy: which proofs are believed, whose they are, and what their bearers may have.
//!
//! A document ([`crate::json::Value`]) compiles to an immutable [`TrustPolicy`] or does not load at all. Absent
//! means refused; an unknown member is an error; every problem is reported with its place.

mod acceptance;
mod access_token;
mod addresses;
mod anchors;
mod bundle;
mod case;
mod claims;
mod client;
mod discovery;
mod findings;
mod group;
pub mod guide;
mod identity;
pub mod lint;
mod models;
mod own_keys;
mod preset;
mod presets;
mod provider;
mod resource;
mod shared_issuers;
mod signed_lists;
mod structured;
pub(crate) use models::spelled_certificate;
#[cfg(test)]
pub(crate) use models::unreadable_of_certificate;
#[cfg(test)]
pub(crate) mod tests;

pub use anchors::AnchorEnds;
pub use bundle::{Bundle, policy_hash, write_bundle};
pub(crate) use case::{Case, Expectation};
pub(crate) use claims::RESERVED_CLAIMS;
pub use client::{Client, Credential};
pub(crate) use discovery::Discovery;
pub use preset::Field;
pub use presets::{Preset, Takes};
pub(crate) use provider::EmbeddedKeys;
pub use provider::{
    AssertionAudiences, ClientKeyProvider, CrlSource, OidcProvider, PcaProvider, Pkcs7Provider,
    Provider, ProviderKind, guessable_audience,
};
pub(crate) use provider::{FirstUses, Instances};
pub use resource::resources_of_issuer;
pub use shared_issuers::shared_issuers;
pub use structured::fields as match_fields;

use crate::document::{self, Node, Problem, Problems};
use crate::expr::{self, Path};
use crate::jose::Algorithm;
use crate::json::Value;
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A compiled trust policy.
#[derive(Debug)]
pub struct TrustPolicy {
    issuer: String,
    providers: BTreeMap<String, Provider>,
    resources: resource::Resources,
    clients: BTreeMap<String, Client>,
    discovery: Discovery,
    /// The lifetime of tokens unless something else is said, in seconds.
    lifetime: i64,
    accepted: Vec<acceptance::Acceptance>,
    tests: Vec<Case>,
}

/// To which provider a proof is presented. It is enabled, and takes the kind of proof that was presented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProviderBinding<'p> {
    /// The policy it comes from.
    pub(crate) policy: &'p TrustPolicy,
    /// The provider's name.
    pub(crate) name: &'p str,
    /// The provider.
    pub(crate) provider: &'p Provider,
}

/// Which client, which federated credential, which provider a request is about. All three are enabled, and
/// the provider takes the kind of proof that was presented.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'p> {
    /// The policy it comes from.
    pub policy: &'p TrustPolicy,
    /// The client's id.
    pub client_id: &'p str,
    /// The client.
    pub client: &'p Client,
    /// The federated credential's name.
    pub credential_name: &'p str,
    /// The federated credential.
    pub credential: &'p Credential,
    /// The credential's provider.
    pub provider: &'p Provider,
}

impl<'p> Binding<'p> {
    /// To which provider the proof is presented.
    pub(crate) fn to(&self) -> ProviderBinding<'p> {
        ProviderBinding {
            policy: self.policy,
            name: &self.credential.provider,
            provider: self.provider,
        }
    }

    /// Whether a field that the conditions let through can be an integer alone: by what is known of such proofs, or since
    /// a condition compares it with integers.
    pub(crate) fn is_integer(&self, path: &Path) -> bool {
        let mut conditions = self.provider.trust_condition.iter().chain(&self.credential.condition);
        expr::is_integer(path, &self.provider.preset.models())
            || conditions.any(|condition| condition.demands_integer(path))
    }
}

impl TrustPolicy {
    /// Compiles a policy document.
    ///
    /// # Errors
    /// Every problem that was found, each with the JSON Pointer (RFC 6901) of its place.
    pub fn from_document(document: &Value) -> Result<Self, Vec<Problem>> {
        document::read(document, Self::read)
    }

    fn read(document: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        Self::read_with(document, case::read_all, problems)
    }

    /// Reads a policy whose tests are read by `read_tests`: what is never called is not linked where space is short.
    fn read_with(
        document: &Node<'_>,
        read_tests: impl FnOnce(&Node<'_>, case::Around<'_>, &mut Problems) -> Option<Vec<Case>>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut members = document.members(problems)?;
        let version = members.required("version", problems);
        let issuer = members.required("issuer", problems);
        let lifetime = members.optional("token_lifetime");
        let providers = members.required("providers", problems);
        let resources = members.required("resources", problems);
        let clients = members.required("clients", problems);
        let accepted = acceptance::read(members.optional("accept"), problems);
        let tests = members.optional("tests");
        members.close(problems);

        if let Some(version) = version {
            version.integer(1..=1, "the only version there is", problems);
        }
        let issuer = issuer.and_then(|node| read_issuer(&node, problems))?;
        let lifetime = match lifetime {
            None => limits::ACCESS_TOKEN_LIFETIME,
            Some(node) => access_token::read_lifetime(&node, problems)?,
        };
        let providers_node = providers?;
        let providers = provider::read_all(&providers_node, &issuer, problems)?;
        let resources = resource::read_all(&resources?, &issuer, problems)?;
        let around =
            client::Surroundings { providers: &providers, resources: &resources.scopes, lifetime };
        let clients_node = clients?;
        let clients = client::read_all(&clients_node, &around, problems)?;
        own_keys::require_apart((&providers_node, &providers), (&clients_node, &clients), problems);
        let parts = discovery::Parts {
            providers: (&providers_node, &providers),
            clients: (&clients_node, &clients),
        };
        let discovery = Discovery::of(&parts, problems);
        let tests = match tests {
            None => Vec::new(),
            Some(node) => read_tests(&node, (&providers, &clients), problems)?,
        };
        let accepted = accepted?;
        Some(Self { issuer, providers, resources, clients, discovery, lifetime, accepted, tests })
    }

    /// The issuer URL of the access tokens, without a slash at the end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token endpoint's URL: what an assertion must name as its audience.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        let mut endpoint = self.issuer.clone();
        endpoint.push_str("/token");
        endpoint
    }

    /// The providers by name.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &Provider)> {
        self.providers.iter().map(|(name, provider)| (name.as_str(), provider))
    }

    /// The scope values that the resource server of this audience knows; `None` when there is none.
    #[must_use]
    pub fn scopes_of(&self, audience: &str) -> Option<&[String]> {
        self.resources.scopes.get(audience).map(Vec::as_slice)
    }

    /// The name of the resource server that a request means by this text: its name itself, or one of its identifiers
    /// (RFC 8707 section 2), compared character by character.
    #[must_use]
    pub fn resource_named(&self, text: &str) -> Option<&str> {
        let known = self.resources.scopes.get_key_value(text).map(|(name, _)| name);
        known.or_else(|| self.resources.identifiers.get(text)).map(String::as_str)
    }

    /// The identifiers of the resource servers, each with the name of its own.
    pub fn resource_identifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources.identifiers.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// The resource servers by audience, each with the scope values that it knows.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.resources
            .scopes
            .iter()
            .map(|(audience, scopes)| (audience.as_str(), scopes.as_slice()))
    }

    /// The clients by id.
    pub fn clients(&self) -> impl Iterator<Item = (&str, &Client)> {
        self.clients.iter().map(|(id, client)| (id.as_str(), client))
    }

    /// The lifetime of tokens of `credential` for the resource server of this name, in seconds: its own, and no longer
    /// than the resource server allows.
    pub(crate) fn token_lifetime(&self, credential: &Credential, resource: &str) -> i64 {
        let most = self.resources.lifetimes.get(resource).copied().unwrap_or(i64::MAX);
        credential.token_lifetime.min(most)
    }

    /// The longest lifetime that a token by this policy can have, in seconds.
    #[must_use]
    pub fn longest_token_lifetime(&self) -> i64 {
        let credentials = self.clients.values().flat_map(Client::credentials);
        credentials
            .map(|(_, credential)| credential.token_lifetime())
            .max()
            .unwrap_or(self.lifetime)
    }

    /// What tokens for the resource server of this name are signed with, where the policy says so.
    #[must_use]
    pub fn signing_algorithm(&self, resource: &str) -> Option<Algorithm> {
        self.resources.signing.get(resource).copied()
    }

    /// The resource servers for which the policy says what tokens are signed with, each with that.
    pub fn signing_algorithms(&self) -> impl Iterator<Item = (&str, Algorithm)> {
        self.resources.signing.iter().map(|(resource, algorithm)| (resource.as_str(), *algorithm))
    }

    /// The tests of the policy, in their order.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.tests.iter()
    }

    /// The client of this id.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    /// Whether a client can prove itself by the certificate of its TLS connection (RFC 8705 section 2.1): an enabled provider
    /// accepts it.
    #[must_use]
    pub fn accepts_tls_certificates(&self) -> bool {
        self.providers.values().any(|provider| {
            provider.enabled && matches!(&provider.kind, ProviderKind::Pca(pca) if pca.tls)
        })
    }

    /// Finds what a request is about that names client and credential: the provider comes from the credential. Nothing in
    /// the proof takes part.
    ///
    /// # Errors
    /// Unknown or disabled client, credential or provider.
    pub fn bind_named(&self, client_id: &str, credential: &str) -> Result<Binding<'_>, Refusal> {
        let (client_id, client) = self.enabled_client(client_id)?;
        let Some((credential_name, credential)) = client.credentials.get_key_value(credential)
        else {
            return Err(Refusal::new(Code::CredentialUnknown).found(credential));
        };
        if !credential.enabled {
            return Err(Refusal::new(Code::CredentialDisabled).found(credential_name));
        }
        let Some(provider) = self.providers.get(&credential.provider) else {
            return Err(Refusal::new(Code::InternalError).detail("provider of a loaded credential"));
        };
        if !provider.enabled {
            return Err(Refusal::new(Code::ProviderDisabled).found(&credential.provider));
        }
        Ok(Binding { policy: self, client_id, client, credential_name, credential, provider })
    }

    /// Where a request that names no credential is looked for.
    pub(crate) const fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    /// The binding to the enabled provider of this name.
    pub(crate) fn provider_binding(&self, name: &str) -> Option<ProviderBinding<'_>> {
        let (name, provider) = self.providers.get_key_value(name)?;
        provider.enabled.then_some(ProviderBinding { policy: self, name, provider })
    }

    /// The client of this id.
    ///
    /// # Errors
    /// When there is none, or it is disabled.
    pub(crate) fn enabled_client(&self, id: &str) -> Result<(&str, &Client), Refusal> {
        let Some((id, client)) = self.clients.get_key_value(id) else {
            return Err(Refusal::new(Code::ClientUnknown).found(id));
        };
        if !client.enabled {
            return Err(Refusal::new(Code::ClientDisabled).found(id));
        }
        Ok((id, client))
    }
}

impl fmt::Display for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "client {}, credential {}, provider {} ({})",
            self.client_id,
            self.credential_name,
            self.credential.provider,
            self.provider.kind.name()
        )
    }
}

/// The issuer URL: https, or http for a loopback address as RFC 8252 has it; no query, no fragment
/// (RFC 8414 section 2), no slash at the end, so that the endpoints below it have one spelling.
fn read_issuer(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.name(problems)?;
    let loopback = ["http://127.0.0.1", "http://[::1]", "http://localhost"].iter().any(|start| {
        text.strip_prefix(start).is_some_and(|rest| rest.starts_with([':', '/']) || rest.is_empty())
    });
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    let well_formed = (text.starts_with("https://") || loopback)
        && !host.is_empty()
        && !host.starts_with('/')
        && !text.ends_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        // What a router takes for a pattern, at the start of a segment or anywhere.
        && !text.contains(['?', '#', '@', '\\', '{', '}', '*'])
        && !host.contains("/:");
    if !well_formed {
        problems.report(
            node,
            "this is not an issuer URL",
            "https://host[/path], no query, no fragment, no slash at the end",
        );
        return None;
    }
    Some(text.to_string())
}
