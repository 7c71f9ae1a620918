//! The configuration of the filter: strict JSON, read once, wholly or not at all.

use crate::engine::headers::IdentityHeaders;
use credmint_core::document::{self, Members, Node, Problem, Problems};
use credmint_core::guard::{GuardRules, TimeMembers};
use credmint_core::jose::JwkSet;
use credmint_core::keys::KeySource;
use credmint_core::policy::{Bundle, TrustPolicy};
use credmint_core::{json, limits};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the filter is told.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What a token must be.
    pub rules: GuardRules,
    /// Where the issuer's keys come from.
    pub source: KeySource,
    /// Where they are fetched; `None` when they are in the configuration.
    pub endpoint: Option<Endpoint>,
    /// The header fields by which the service learns whose the token is.
    pub headers: IdentityHeaders,
    /// Paths that stay open, each exactly.
    pub exceptions: BTreeSet<String>,
    /// Whether the service gets the token as well.
    pub forward_authorization: bool,
    /// Who verifies signatures.
    pub signatures: Signatures,
}

/// Where a key set is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host's cluster.
    pub cluster: String,
    /// Host and port, as in the URL.
    pub authority: String,
    /// Path and query, as in the URL.
    pub path: String,
}

/// Who verifies signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// The host where it can, pure Rust where it cannot.
    #[default]
    Host,
    /// Pure Rust alone.
    PureRust,
}

/// What the members about times are called here.
const TIMES: TimeMembers = TimeMembers { skew: "skew", max_lifetime: "max_lifetime" };

impl Configuration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// Every [`Problem`]: not strict JSON, an unknown member, a missing one, a value that does not fit.
    pub fn read(text: &[u8]) -> Result<Self, Vec<Problem>> {
        // A policy in it may be larger than any proof.
        document::read_text(text, json::Limits::DOCUMENT, Self::from_node)
    }

    fn from_node(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mut members = node.members(problems)?;
        let rules = rules(&mut members, problems);
        let keys = members.required("keys", problems).and_then(|node| keys(&node, problems));
        let headers =
            members.read_or("headers", IdentityHeaders::default(), |node| headers(node, problems));
        let exceptions =
            members.read_or("exceptions", BTreeSet::new(), |node| exceptions(node, problems));
        let forward_authorization = members.flag("forward_authorization", true, problems);
        let signatures = members.read_or("signatures", Signatures::default(), |node| {
            let known = [("host", Signatures::Host), ("pure_rust", Signatures::PureRust)];
            node.word(&known, problems)
        });
        members.close(problems);
        let (source, endpoint) = keys?;
        Some(Self {
            rules: rules?,
            source,
            endpoint,
            headers: headers?,
            exceptions: exceptions?,
            forward_authorization: forward_authorization?,
            signatures: signatures?,
        })
    }
}

/// What a token must be. A bundle that `credmint policy bundle` wrote is read as a whole, so that an edge never runs on a
/// part of a policy; it says who the issuer is.
fn rules(members: &mut Members<'_>, problems: &mut Problems) -> Option<GuardRules> {
    let Some(node) = members.optional("policy") else {
        return GuardRules::read(members, None, TIMES, problems);
    };
    let policy = Bundle::from_node(&node, problems).map(|bundle| bundle.policy);
    // Without a good policy the rest is read all the same, for its problems.
    let issuer = policy.as_ref().map_or("", TrustPolicy::issuer);
    let rules = GuardRules::read(members, Some(issuer), TIMES, problems)?;
    within(&node, &policy?, &rules, problems)?;
    Some(rules)
}

/// A service asks for what the policy knows, or no token that the policy grants could ever reach it.
fn within(
    node: &Node<'_>,
    policy: &TrustPolicy,
    rules: &GuardRules,
    problems: &mut Problems,
) -> Option<()> {
    rules
        .audiences
        .iter()
        .try_for_each(|audience| named(node, policy, audience, rules, problems))?;
    let mut names = rules.audiences.iter().filter_map(|audience| policy.resource_named(audience));
    let first = names.next();
    if let Some(other) = names.find(|name| Some(*name) != first) {
        // A token that was made for one service would be taken by another.
        let message = format!("`{}` and `{other}` are two resources", first.unwrap_or_default());
        problems.report(node, message, "the names of one resource as `audience`");
        return None;
    }
    Some(())
}

/// The same of one of its names.
fn named(
    node: &Node<'_>,
    policy: &TrustPolicy,
    audience: &str,
    rules: &GuardRules,
    problems: &mut Problems,
) -> Option<()> {
    let known = policy.resource_named(audience).and_then(|name| policy.scopes_of(name));
    let Some(scopes) = known else {
        let known: Vec<&str> = policy.resources().map(|(audience, _)| audience).collect();
        let expected = format!("one of {}", known.join(", "));
        problems.report(node, format!("`{audience}` is not a resource of this policy"), expected);
        return None;
    };
    if let Some(value) = rules.scope.iter().find(|value| !scopes.contains(value)) {
        let message = format!("`{value}` is not a scope of `{audience}` in this policy");
        problems.report(node, message, format!("some of {}", scopes.join(", ")));
        return None;
    }
    Some(())
}

fn keys(node: &Node<'_>, problems: &mut Problems) -> Option<(KeySource, Option<Endpoint>)> {
    let mut members = node.members(problems)?;
    if members.has("jwks") {
        return given_keys(members, problems);
    }
    let cluster = members.required("cluster", problems);
    let address = members.required("jwks_uri", problems);
    // Known here, though not beside the other two.
    members.optional("jwks");
    members.close(problems);
    let cluster = cluster.and_then(|node| node.line(problems).map(str::to_owned));
    let (address, authority, path) = address.and_then(|node| url(&node, problems))?;
    let endpoint = Endpoint { cluster: cluster?, authority, path };
    Some((KeySource::JwksUri(address), Some(endpoint)))
}

/// Keys from the configuration, alone.
fn given_keys(
    mut members: Members<'_>,
    problems: &mut Problems,
) -> Option<(KeySource, Option<Endpoint>)> {
    let set = members.required("jwks", problems)?;
    let fetched = [members.optional("cluster"), members.optional("jwks_uri")];
    if fetched.iter().any(Option::is_some) {
        let message = "keys are either given as `jwks` or fetched, not both";
        problems.report(members.node(), message, "`jwks` alone, or `cluster` and `jwks_uri`");
    }
    members.close(problems);
    match JwkSet::parse(set.value.to_string().as_bytes(), &[]) {
        Ok(keys) => Some((KeySource::Static(Arc::new(keys)), None)),
        Err(refusal) => {
            problems.report(&set, refusal.to_string(), "a JWK set (RFC 7517 section 5)");
            None
        }
    }
}

/// An https URL without user information and fragment, its authority and its path.
fn url(node: &Node<'_>, problems: &mut Problems) -> Option<(String, String, String)> {
    let text = node.line(problems)?;
    let parts = split_url(text);
    if parts.is_none() {
        problems.report(node, "this is not the address of keys", "https://sts.example.com/jwks");
    }
    parts.map(|(authority, path)| (text.to_owned(), authority, path))
}

fn split_url(text: &str) -> Option<(String, String)> {
    let plain = text.len() <= limits::URL_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = text.strip_prefix("https://").filter(|_| plain)?;
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (rest, "/".to_owned()),
    };
    let stray = authority.contains(['@', '?', '#', '\\']) || path.contains('#');
    (!authority.is_empty() && !stray).then(|| (authority.to_owned(), path))
}

fn headers(node: &Node<'_>, problems: &mut Problems) -> Option<IdentityHeaders> {
    let mut members = node.members(problems)?;
    let default = IdentityHeaders::default();
    let mut name =
        |member, default| members.read_or(member, default, |node| header_name(node, problems));
    let subject = name("subject", default.subject);
    let client_id = name("client_id", default.client_id);
    let scope = name("scope", default.scope);
    members.close(problems);
    let headers = IdentityHeaders { subject: subject?, client_id: client_id?, scope: scope? };
    let IdentityHeaders { subject, client_id, scope } = &headers;
    if subject == client_id || client_id == scope || scope == subject {
        problems.report(node, "two fields have the same name", "three names");
        return None;
    }
    Some(headers)
}

/// A field name that means nothing to HTTP or to Envoy, since the client's own fields of this name are removed.
fn header_name(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let others = ["x-envoy-", "x-forwarded-", "x-request-id"];
    let ours = text.strip_prefix("x-").is_some_and(|rest| !rest.is_empty());
    if !ours || !text.bytes().all(plain) || others.iter().any(|other| text.starts_with(other)) {
        problems.report(
            node,
            format!("{text:?} is not a name for a field of identity"),
            "a name that begins with `x-`, not with `x-envoy-`, `x-forwarded-` or `x-request-id`, and has lower-case \
             letters, digits and hyphens alone",
        );
        return None;
    }
    Some(text.to_owned())
}

fn exceptions(node: &Node<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for path in node.list(problems)? {
        all.insert(open_path(&path, problems)?);
    }
    Some(all)
}

/// A path in the form that Envoy's normalisation leaves, so that no other spelling can mean it.
fn open_path(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#%;\\".contains(&byte);
    let dots = text.split('/').any(|segment| matches!(segment, "." | ".."));
    if !text.starts_with('/') || text.contains("//") || dots || !text.bytes().all(plain) {
        let expected =
            "one path like /healthz: without query, dot segments, double slashes, `%`, `;`, `\\`";
        problems.report(node, format!("{text:?} is not an exception"), expected);
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests;
