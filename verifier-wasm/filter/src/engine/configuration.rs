//! The configuration of the filter: strict JSON, read once, wholly or not at all.

use crate::engine::headers::IdentityHeaders;
use credmint_core::guard::GuardRules;
use credmint_core::jose::JwkSet;
use credmint_core::json::{self, Object, Value};
use credmint_core::keys::KeySource;
use credmint_core::policy::{Bundle, TrustPolicy};
use credmint_core::{is_scope_token, limits};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What the filter is told.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What a token must be.
    pub rules: GuardRules,
    /// Where the issuer's keys come from.
    pub source: KeySource,
    /// Where they are fetched; `None` when they stand in the configuration.
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

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A JSON Pointer (RFC 6901). For a missing member, the object that lacks it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

type Read<T> = Result<T, Problem>;

impl Configuration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// The first [`Problem`]: not strict JSON, an unknown member, a missing one, a value that does not fit.
    pub fn read(document: &[u8]) -> Read<Self> {
        // A policy in it may be larger than any proof.
        let document = json::parse_with(document, json::Limits::DOCUMENT)
            .map_err(|refusal| Problem { pointer: String::new(), message: refusal.to_string() })?;
        let root = Node { value: &document, pointer: String::new() };
        let members = root.members(&[
            "issuer",
            "policy",
            "audience",
            "keys",
            "scope",
            "skew",
            "max_lifetime",
            "headers",
            "exceptions",
            "forward_authorization",
            "signatures",
        ])?;
        let (source, endpoint) = keys(&members.required("keys")?)?;
        Ok(Self {
            rules: rules(&members)?,
            source,
            endpoint,
            headers: headers(&members)?,
            exceptions: exceptions(&members)?,
            forward_authorization: members
                .optional("forward_authorization", Node::boolean)?
                .unwrap_or(true),
            signatures: members.optional("signatures", signatures)?.unwrap_or_default(),
        })
    }
}

fn rules(members: &Members<'_>) -> Read<GuardRules> {
    let policy = members.optional("policy", bundle)?;
    let issuer = match &policy {
        None => members.required("issuer")?.text()?.to_owned(),
        Some(policy) => policy.issuer().to_owned(),
    };
    if policy.is_some() && members.object.contains("issuer") {
        return members.required("issuer")?.problem("the policy says who the issuer is");
    }
    let skew = |node: &Node<'_>| node.seconds(0, limits::SKEW_MAX);
    let lifetime = |node: &Node<'_>| node.seconds(1, limits::OIDC_LIFETIME_MAX);
    let rules = GuardRules {
        issuer,
        audience: members.required("audience")?.text()?.to_owned(),
        scope: members.optional("scope", scope)?.unwrap_or_default(),
        skew: members.optional("skew", skew)?.unwrap_or(limits::SKEW),
        max_lifetime: members
            .optional("max_lifetime", lifetime)?
            .unwrap_or(limits::ACCESS_TOKEN_LIFETIME_MAX),
    };
    if let Some(policy) = policy {
        within(&members.required("policy")?, &policy, &rules)?;
    }
    Ok(rules)
}

/// The issuer and the resources of a bundle that `credmint policy bundle` wrote. It is read as a whole, so that an edge
/// never runs on a part of a policy.
fn bundle(node: &Node<'_>) -> Read<TrustPolicy> {
    match Bundle::read(node.value) {
        Ok(bundle) => Ok(bundle.policy),
        Err(errors) => Err(match errors.first() {
            Some(error) => Problem {
                pointer: format!("{}{}", node.pointer, error.pointer),
                message: format!("{}; expected {}", error.message, error.expected),
            },
            None => Problem { pointer: node.pointer.clone(), message: "no policy".to_owned() },
        }),
    }
}

/// A service asks for what the policy knows, or no token that the policy grants could ever reach it.
fn within(node: &Node<'_>, policy: &TrustPolicy, rules: &GuardRules) -> Read<()> {
    let Some(scopes) = policy.scopes_of(&rules.audience) else {
        return node.problem(&format!("`{}` is no resource of this policy", rules.audience));
    };
    match rules.scope.iter().find(|value| !scopes.contains(value)) {
        None => Ok(()),
        Some(value) => {
            node.problem(&format!("`{value}` is no scope of `{}` in this policy", rules.audience))
        }
    }
}

/// Scope values (RFC 6749 section 3.3).
fn scope(node: &Node<'_>) -> Read<Vec<String>> {
    node.elements()?
        .iter()
        .map(|value| {
            let text = value.text()?;
            if is_scope_token(text) {
                Ok(text.to_owned())
            } else {
                value
                    .problem("a scope value has no blanks, quotes, backslashes or other than ASCII")
            }
        })
        .collect()
}

fn keys(node: &Node<'_>) -> Read<(KeySource, Option<Endpoint>)> {
    let members = node.members(&["cluster", "jwks_uri", "jwks"])?;
    if let Some(keys) = members.optional("jwks", static_keys)? {
        return match members.object.len() {
            1 => Ok((KeySource::Static(Arc::new(keys)), None)),
            _ => node.problem("keys are either given as `jwks` or fetched, not both"),
        };
    }
    let cluster = members.required("cluster")?.text()?.to_owned();
    let address = members.required("jwks_uri")?;
    let (authority, path) = split_url(&address)?;
    let source = KeySource::JwksUri(address.text()?.to_owned());
    Ok((source, Some(Endpoint { cluster, authority, path })))
}

fn static_keys(node: &Node<'_>) -> Read<JwkSet> {
    let text = node.value.to_string();
    JwkSet::parse(text.as_bytes(), &[]).or_else(|refusal| node.problem(&refusal.to_string()))
}

/// Authority and path of an https URL without user information and fragment.
fn split_url(node: &Node<'_>) -> Read<(String, String)> {
    let wrong = || node.problem("this must be a URL like https://sts.example.com/jwks");
    let text = node.text()?;
    let plain = text.len() <= limits::URL_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    let Some(rest) = text.strip_prefix("https://").filter(|_| plain) else { return wrong() };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (rest, "/".to_owned()),
    };
    if authority.is_empty() || authority.contains(['@', '?', '#', '\\']) || path.contains('#') {
        return wrong();
    }
    Ok((authority.to_owned(), path))
}

fn headers(members: &Members<'_>) -> Read<IdentityHeaders> {
    let names = |node: &Node<'_>| {
        let members = node.members(&["subject", "client_id", "scope"])?;
        let default = IdentityHeaders::default();
        let name = |member, default| Ok(members.optional(member, header_name)?.unwrap_or(default));
        let headers = IdentityHeaders {
            subject: name("subject", default.subject)?,
            client_id: name("client_id", default.client_id)?,
            scope: name("scope", default.scope)?,
        };
        let all = BTreeSet::from([&headers.subject, &headers.client_id, &headers.scope]);
        if all.len() == 3 { Ok(headers) } else { node.problem("two fields have the same name") }
    };
    Ok(members.optional("headers", names)?.unwrap_or_default())
}

/// A field name that means nothing to HTTP or to Envoy, since the client's own fields of this name are removed.
fn header_name(node: &Node<'_>) -> Read<String> {
    let text = node.text()?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let others = ["x-envoy-", "x-forwarded-", "x-request-id"];
    let ours = text.strip_prefix("x-").is_some_and(|rest| !rest.is_empty());
    if !ours || !text.bytes().all(plain) || others.iter().any(|other| text.starts_with(other)) {
        return node.problem(
            "a field name begins with `x-`, not with `x-envoy-`, `x-forwarded-` or `x-request-id`, and has \
             lower-case letters, digits and hyphens alone",
        );
    }
    Ok(text.to_owned())
}

fn exceptions(members: &Members<'_>) -> Read<BTreeSet<String>> {
    let paths = |node: &Node<'_>| node.elements()?.iter().map(open_path).collect();
    Ok(members.optional("exceptions", paths)?.unwrap_or_default())
}

/// A path in the form that Envoy's normalisation leaves, so that no other spelling can mean it.
fn open_path(node: &Node<'_>) -> Read<String> {
    let text = node.text()?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#%;\\".contains(&byte);
    let dots = text.split('/').any(|segment| matches!(segment, "." | ".."));
    if !text.starts_with('/') || text.contains("//") || dots || !text.bytes().all(plain) {
        return node.problem(
            "an exception is one path like /healthz: without query, dot segments, double slashes, `%`, `;`, `\\`",
        );
    }
    Ok(text.to_owned())
}

fn signatures(node: &Node<'_>) -> Read<Signatures> {
    match node.text()? {
        "host" => Ok(Signatures::Host),
        "pure_rust" => Ok(Signatures::PureRust),
        _ => node.problem("this must be `host` or `pure_rust`"),
    }
}

/// A value and its place.
struct Node<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    fn child(&self, name: &str, value: &'a Value) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{escaped}", self.pointer) }
    }

    fn problem<T>(&self, message: &str) -> Read<T> {
        Err(Problem { pointer: self.pointer.clone(), message: message.to_owned() })
    }

    fn other_kind<T>(&self, expected: &str) -> Read<T> {
        self.problem(&format!("this must be {expected}, not of kind {}", self.value.kind()))
    }

    /// The members of an object that has none but these.
    fn members(&self, known: &[&str]) -> Read<Members<'a>> {
        let Some(object) = self.value.as_object() else { return self.other_kind("an object") };
        match object.iter().find(|(name, _)| !known.contains(name)) {
            None => Ok(Members { object, node: self.child_of_nothing() }),
            Some((name, value)) => self.child(name, value).problem(&format!(
                "this member is not known; those known are {}",
                known.join(", ")
            )),
        }
    }

    fn child_of_nothing(&self) -> Self {
        Self { value: self.value, pointer: self.pointer.clone() }
    }

    fn elements(&self) -> Read<Vec<Self>> {
        let Some(values) = self.value.as_array() else { return self.other_kind("a list") };
        Ok(values
            .iter()
            .enumerate()
            .map(|(at, value)| self.child(&at.to_string(), value))
            .collect())
    }

    /// A text that is not empty and has no control characters.
    fn text(&self) -> Read<&'a str> {
        match self.value.as_str() {
            None => self.other_kind("a string"),
            Some(text) if text.is_empty() || text.chars().any(char::is_control) => {
                self.problem("this is empty or has control characters")
            }
            Some(text) => Ok(text),
        }
    }

    fn boolean(&self) -> Read<bool> {
        self.value.as_bool().map_or_else(|| self.other_kind("true or false"), Ok)
    }

    fn seconds(&self, least: i64, most: i64) -> Read<i64> {
        match self.value.as_integer() {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => self.problem(&format!("this must be {least} to {most} seconds, as an integer")),
        }
    }
}

struct Members<'a> {
    object: &'a Object,
    node: Node<'a>,
}

impl<'a> Members<'a> {
    fn required(&self, name: &str) -> Read<Node<'a>> {
        match self.object.get(name) {
            Some(value) => Ok(self.node.child(name, value)),
            None => self.node.problem(&format!("`{name}` is missing")),
        }
    }

    fn optional<T>(&self, name: &str, read: impl FnOnce(&Node<'a>) -> Read<T>) -> Read<Option<T>> {
        self.object.get(name).map(|value| read(&self.node.child(name, value))).transpose()
    }
}

#[cfg(test)]
mod tests;
