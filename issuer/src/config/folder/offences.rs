//! What the file of a team does that the team may not.

use super::super::sources::child;
use super::limits::{Allowed, Limits};
use credmint_core::document;
use credmint_core::json::{Object, Value};
use credmint_core::limits::ACCESS_TOKEN_LIFETIME_MAX;
use credmint_core::policy::Preset;
use std::collections::BTreeMap;

/// What is expected instead of an issuer that is not allowed.
const LISTED: &str = "an issuer of `allowed_issuers` in organisation.yaml";
/// The attribute that sets the second part of the subject, which every team may set: the first is its client id.
const SUBJECT: &str = "client.activeSubjectUrn";

/// Settings of providers that decide who is who, or which tokens are proofs. Other teams may use the provider.
const ORGANISATION_ONLY: [(&str, &str); 4] = [
    ("identity", "a team does not say which claims identify a bearer"),
    ("types", "a team does not say which types of tokens are proofs"),
    ("other_audiences", "a team does not say for whom else a proof may be"),
    ("clock_skew", "a team does not say how far clocks may be apart"),
];

/// What the files hold beside the entry that is checked.
pub(super) struct Surroundings<'a> {
    /// The providers of all files.
    pub(super) providers: Option<&'a Object>,
    /// The team of each entry that is not the organisation's, by the entry's pointer.
    pub(super) owners: &'a BTreeMap<String, String>,
}

/// A place, what is wrong there, and what should be there.
pub(super) struct Offence {
    /// A JSON Pointer into the policy.
    pub(super) at: String,
    pub(super) message: String,
    pub(super) expected: String,
}

impl Offence {
    fn new(at: impl Into<String>, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into(), expected: expected.into() }
    }
}

/// The entry of a team's file that is checked.
pub(super) struct Entry<'a> {
    pub(super) team: &'a str,
    /// `providers`, `resources` or `clients`.
    pub(super) part: &'a str,
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
    pub(super) pointer: &'a str,
}

/// Everything in `entry` that its team may not do.
pub(super) fn of(entry: &Entry<'_>, limits: &Limits, around: &Surroundings<'_>) -> Vec<Offence> {
    let allowed = limits.of(entry.team);
    let mut offences = Vec::new();
    match entry.part {
        "providers" => provider(entry, allowed, &mut offences),
        "resources" => {
            let scopes = entry.value.get("scopes");
            audience(entry.name, scopes, allowed, entry.pointer, entry.pointer, &mut offences);
        }
        _ => {
            client_id(entry, allowed, &mut offences);
            client_scopes(entry, allowed, &mut offences);
            lifetimes(entry, allowed, limits, &mut offences);
            for (pointer, credential) in credentials(entry) {
                offences
                    .extend(foreign_provider(entry.team, &pointer, credential, allowed, around));
                claims(&pointer, credential, allowed, &mut offences);
                offences.extend(discoverable(&pointer, credential, allowed));
            }
        }
    }
    offences
}

/// The issuer that a provider of a team trusts; `None` for providers that have none.
fn issuer_of(provider: &Value) -> Option<&str> {
    let own = provider.get("issuer").and_then(Value::as_str);
    let kind = provider.get("type").and_then(Value::as_str).unwrap_or_default();
    own.or_else(|| Preset::default_issuer_of(kind))
}

fn provider(entry: &Entry<'_>, allowed: &Allowed, offences: &mut Vec<Offence>) {
    let pointer = entry.pointer;
    let Some(issuer) = issuer_of(entry.value) else {
        let message = "a team has providers of OIDC issuers only";
        return offences.push(Offence::new(pointer, message, "this provider in organisation.yaml"));
    };
    if !allowed.issuer(issuer) {
        let message = format!("this team may not trust the issuer `{issuer}`");
        offences.push(Offence::new(format!("{pointer}/issuer"), message, LISTED));
    }
    for (member, message) in ORGANISATION_ONLY {
        if entry.value.get(member).is_some() {
            let expected = "this provider in organisation.yaml";
            offences.push(Offence::new(format!("{pointer}/{member}"), message, expected));
        }
    }
    if entry.value.get("keys").is_some_and(|keys| keys.get("serve_for").is_some()) {
        let message = "a team does not say how long removed keys are good";
        let expected = "this provider in organisation.yaml";
        offences.push(Offence::new(format!("{pointer}/keys/serve_for"), message, expected));
    }
    // Whoever chooses the keys of an issuer is that issuer.
    if let Some(keys) = entry.value.get("keys").filter(|keys| keys.get("discovery").is_none())
        && keys.as_object().is_some()
    {
        let expected = "`discovery: true`, or this provider in organisation.yaml";
        let message = "a team does not choose the keys of an issuer";
        offences.push(Offence::new(format!("{pointer}/keys"), message, expected));
    }
}

/// An audience at `at`, and the scope values of it at `scopes_at`.
fn audience(
    audience: &str,
    scopes: Option<&Value>,
    allowed: &Allowed,
    at: &str,
    scopes_at: &str,
    offences: &mut Vec<Offence>,
) {
    if !allowed.audience(audience) {
        let message = format!("this team may not use the audience `{audience}`");
        let expected = "an audience of `allowed_audiences` in organisation.yaml";
        return offences.push(Offence::new(at, message, expected));
    }
    let values = scopes.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for stranger in values.filter(|value| !allowed.scope(audience, value)) {
        let message = format!("this team may not use the scope `{stranger}` of `{audience}`");
        let expected = "a scope of `allowed_scopes` in organisation.yaml";
        offences.push(Offence::new(scopes_at, message, expected));
    }
}

fn client_id(entry: &Entry<'_>, allowed: &Allowed, offences: &mut Vec<Offence>) {
    if !allowed.client(entry.name, entry.team) {
        let message = format!("this team may not have the client `{}`", entry.name);
        let expected = "a client id of `allowed_clients` in organisation.yaml";
        offences.push(Offence::new(entry.pointer, message, expected));
    }
}

fn client_scopes(entry: &Entry<'_>, allowed: &Allowed, offences: &mut Vec<Offence>) {
    let pointer = format!("{}/scopes", entry.pointer);
    let scopes = entry.value.get("scopes").and_then(Value::as_object);
    for (name, values) in scopes.into_iter().flat_map(Object::iter) {
        audience(name, Some(values), allowed, &pointer, &child(&pointer, name), offences);
    }
}

fn credentials<'a>(entry: &Entry<'a>) -> impl Iterator<Item = (String, &'a Value)> {
    let pointer = format!("{}/credentials", entry.pointer);
    let credentials = entry.value.get("credentials").and_then(Value::as_object);
    credentials
        .into_iter()
        .flat_map(Object::iter)
        .map(move |(name, credential)| (child(&pointer, name), credential))
}

/// A provider of another team: an issuer that is not the team's own to trust is not so by way of another team either.
fn foreign_provider(
    team: &str,
    pointer: &str,
    credential: &Value,
    allowed: &Allowed,
    around: &Surroundings<'_>,
) -> Option<Offence> {
    let provider = credential.get("provider")?.as_str()?;
    let owner = around.owners.get(&child("/providers", provider))?;
    let issuer = issuer_of(around.providers?.get(provider)?)?;
    (owner != team && !allowed.issuer(issuer)).then(|| {
        let message = format!("this team may not trust the issuer `{issuer}`, which `{owner}` may");
        Offence::new(format!("{pointer}/provider"), message, LISTED)
    })
}

/// Claims of access tokens: a service that reads one trusts who may set it.
fn claims(pointer: &str, credential: &Value, allowed: &Allowed, offences: &mut Vec<Offence>) {
    let pointer = format!("{pointer}/attributes");
    let attributes = credential.get("attributes").and_then(Value::as_object);
    for (name, _) in attributes.into_iter().flat_map(Object::iter) {
        if name != SUBJECT && !allowed.claim(name) {
            let message = format!("this team may not set the claim `{name}`");
            let expected = "a claim of `allowed_claims` in organisation.yaml";
            offences.push(Offence::new(child(&pointer, name), message, expected));
        }
    }
}

/// A discoverable credential takes proofs whose sender has another team's in mind, or nobody's.
fn discoverable(pointer: &str, credential: &Value, allowed: &Allowed) -> Option<Offence> {
    let wants = credential.get("discoverable").and_then(Value::as_bool) == Some(true);
    (wants && !allowed.discoverable()).then(|| {
        let expected = "`allowed_discoverable: true` in organisation.yaml";
        let message = "this team may not have discoverable credentials";
        Offence::new(format!("{pointer}/discoverable"), message, expected)
    })
}

/// Lifetimes of access tokens: those that the file sets, and the organisation's where the client has none.
fn lifetimes(entry: &Entry<'_>, allowed: &Allowed, limits: &Limits, offences: &mut Vec<Offence>) {
    let most = allowed.lifetime().unwrap_or(limits.lifetime());
    let mut check = |at: String, seconds: i64| {
        if seconds > most {
            let message = format!("tokens of this team may not live {seconds} seconds");
            let expected = format!("`token_lifetime` of at most {most}s");
            offences.push(Offence::new(at, message, expected));
        }
    };
    let own = entry.value.get("token_lifetime").map(seconds);
    for (pointer, credential) in credentials(entry) {
        if let Some(value) = credential.get("token_lifetime") {
            check(format!("{pointer}/token_lifetime"), seconds(value));
        } else if own.is_none() {
            check(pointer, limits.lifetime());
        }
    }
    if let Some(own) = own {
        check(format!("{}/token_lifetime", entry.pointer), own);
    }
}

/// The seconds of a duration. One that is malformed is reported when the policy is compiled.
fn seconds(value: &Value) -> i64 {
    let read = |node: &document::Node<'_>, problems: &mut document::Problems| {
        node.seconds(0..=ACCESS_TOKEN_LIFETIME_MAX, problems)
    };
    document::read(value, read).unwrap_or(0)
}
