//! What teams may say of tokens: their scopes, claims, clients and lifetimes. What the organisation does not bound is free.

use super::super::super::error::ConfigError;
use super::super::super::place::Place;
use super::super::super::sources::child;
use super::super::super::yaml::{Content, Node};
use super::{Offence, texts};
use credmint_core::json::{Object, Value};
use credmint_core::limits::{
    ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_LIFETIME_MAX, ACCESS_TOKEN_LIFETIME_MIN,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) const SCOPES: &str = "allowed_scopes";
pub(super) const CLAIMS: &str = "allowed_claims";
pub(super) const CLIENTS: &str = "allowed_clients";
pub(super) const LIFETIME: &str = "max_token_lifetime";

/// The member of `attributes` that is no claim of its own.
const ACTIVE_SUBJECT: &str = "client.activeSubjectUrn";

/// Bounds of one team, or of every team.
#[derive(Clone, Default)]
pub(super) struct Bounds {
    /// Scope values by audience.
    scopes: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Claims that attributes may write.
    claims: Option<BTreeSet<String>>,
    /// Client ids, or how they begin when a star follows.
    clients: Option<BTreeSet<String>>,
    /// The longest lifetime of access tokens, in seconds.
    lifetime: Option<i64>,
}

impl Bounds {
    /// These, and those of `every` team where there is none: what a team has of its own for one thing frees it of nothing
    /// else.
    pub(super) fn or(&self, every: &Self) -> Self {
        let own = self.clone();
        Self {
            scopes: own.scopes.or_else(|| every.scopes.clone()),
            claims: own.claims.or_else(|| every.claims.clone()),
            clients: own.clients.or_else(|| every.clients.clone()),
            lifetime: own.lifetime.or(every.lifetime),
        }
    }

    pub(super) fn read(
        &mut self,
        name: &str,
        node: Node,
        file: &Path,
        errors: &mut Vec<ConfigError>,
    ) {
        let (read, expected) = match name {
            SCOPES => {
                let read = scopes(node).map(|scopes| self.scopes = Some(scopes));
                (read, "an object with a list of scope values for each audience")
            }
            CLAIMS => (texts(node).map(|list| self.claims = Some(list)), "a list of claims"),
            CLIENTS => {
                let read = clients(node).map(|list| self.clients = Some(list));
                (read, "a list of client ids, or of beginnings with one star behind, as pay_*")
            }
            _ => {
                let read = lifetime(&node).map(|seconds| self.lifetime = Some(seconds));
                (read, "seconds from 60 to 86400, as 900s")
            }
        };
        if let Err(place) = read {
            let message = format!("`{name}` cannot be read");
            let error = ConfigError::new(file, place, message).at(format!("/{name}"));
            errors.push(error.expected(expected));
        }
    }

    /// What a resource of the team offers beyond its bounds.
    pub(super) fn resource(&self, audience: &str, value: &Value, pointer: &str) -> Vec<Offence> {
        let listed = value.get("scopes").and_then(Value::as_array).unwrap_or_default();
        let scopes = self.scopes(audience, listed, &format!("{pointer}/scopes"));
        scopes.into_iter().chain(self.own_lifetime(value, pointer)).collect()
    }

    /// What a client of the team, which has the id `id`, may not. `default` is the lifetime that the organisation names.
    pub(super) fn client(
        &self,
        id: &str,
        client: &Value,
        pointer: &str,
        default: Option<&Value>,
    ) -> Vec<Offence> {
        let mut offences: Vec<Offence> = self.client_id(id, pointer).into_iter().collect();
        offences.extend(self.all_scopes(client, pointer));
        offences.extend(self.own_lifetime(client, pointer));
        let credentials = client.get("credentials").and_then(Value::as_object);
        for (name, credential) in credentials.into_iter().flat_map(Object::iter) {
            let pointer = child(&format!("{pointer}/credentials"), name);
            offences.extend(self.all_scopes(credential, &pointer));
            offences.extend(self.own_lifetime(credential, &pointer));
            offences.extend(self.claims(credential, &pointer));
        }
        if client.get("token_lifetime").is_none() {
            offences.extend(self.default_lifetime(default, pointer));
        }
        offences
    }

    fn client_id(&self, id: &str, pointer: &str) -> Option<Offence> {
        let is_it = |known: &String| match known.strip_suffix('*') {
            Some(beginning) => id.starts_with(beginning),
            None => known == id,
        };
        let clients = self.clients.as_ref().filter(|clients| !clients.iter().any(is_it))?;
        let expected = format!("{} (`{CLIENTS}`)", listed(clients));
        Some((pointer.to_owned(), format!("this team may not have the client `{id}`"), expected))
    }

    fn all_scopes(&self, holder: &Value, pointer: &str) -> Vec<Offence> {
        let scopes = holder.get("scopes").and_then(Value::as_object);
        let of_audience = |(audience, values): (&str, &Value)| {
            let values = values.as_array().unwrap_or_default();
            self.scopes(audience, values, &child(&format!("{pointer}/scopes"), audience))
        };
        scopes.into_iter().flat_map(Object::iter).flat_map(of_audience).collect()
    }

    fn scopes(&self, audience: &str, values: &[Value], at: &str) -> Vec<Offence> {
        let Some(scopes) = &self.scopes else { return Vec::new() };
        let nothing = BTreeSet::new();
        let allowed = scopes.get(audience).unwrap_or(&nothing);
        let foreign = |value: &&str| !allowed.contains(*value);
        let offence = |value: &str| {
            let message = format!("this team may not use the scope `{audience}|{value}`");
            (at.to_owned(), message, format!("{} (`{SCOPES}`)", listed(allowed)))
        };
        values.iter().filter_map(Value::as_str).filter(foreign).map(offence).collect()
    }

    fn claims(&self, credential: &Value, pointer: &str) -> Vec<Offence> {
        let Some(claims) = &self.claims else { return Vec::new() };
        let attributes = credential.get("attributes").and_then(Value::as_object);
        let names = attributes.into_iter().flat_map(Object::iter).map(|(name, _)| name);
        let offence = |name: &str| {
            let at = child(&format!("{pointer}/attributes"), name);
            let message = format!("this team may not write the claim `{name}`");
            (at, message, format!("{} (`{CLAIMS}`)", listed(claims)))
        };
        names
            .filter(|name| *name != ACTIVE_SUBJECT && !claims.contains(*name))
            .map(offence)
            .collect()
    }

    /// A lifetime that is written here and too long. What is no lifetime is for the core to say.
    fn own_lifetime(&self, holder: &Value, pointer: &str) -> Option<Offence> {
        let seconds = seconds(holder.get("token_lifetime")?)?;
        let most = self.lifetime.filter(|most| seconds > *most)?;
        let message = format!("tokens of this team live for {most} s at most");
        Some((format!("{pointer}/token_lifetime"), message, format!("{most}s (`{LIFETIME}`)")))
    }

    /// A client that leaves its lifetime to the organisation, whose own is too long for the team.
    fn default_lifetime(&self, default: Option<&Value>, pointer: &str) -> Option<Offence> {
        let seconds = default.and_then(seconds).unwrap_or(ACCESS_TOKEN_LIFETIME);
        let most = self.lifetime.filter(|most| seconds > *most)?;
        let message = format!(
            "tokens of this team live for {most} s at most, and without `token_lifetime` for {seconds} s"
        );
        Some((pointer.to_owned(), message, format!("`token_lifetime: {most}s` (`{LIFETIME}`)")))
    }
}

fn listed(texts: &BTreeSet<String>) -> String {
    match texts.is_empty() {
        true => "none".to_owned(),
        false => texts.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

fn scopes(node: Node) -> Result<BTreeMap<String, BTreeSet<String>>, Place> {
    let Content::Object(members) = node.content else { return Err(node.place) };
    members.into_iter().map(|(audience, _, list)| Ok((audience, texts(list)?))).collect()
}

/// Client ids. A star stands for more only at the end, behind something.
fn clients(node: Node) -> Result<BTreeSet<String>, Place> {
    let place = node.place;
    let clients = texts(node)?;
    let is_good = |text: &String| {
        let beginning = text.strip_suffix('*').unwrap_or(text);
        !beginning.is_empty() && !beginning.contains('*')
    };
    if clients.iter().all(is_good) { Ok(clients) } else { Err(place) }
}

fn lifetime(node: &Node) -> Result<i64, Place> {
    let range = ACCESS_TOKEN_LIFETIME_MIN..=ACCESS_TOKEN_LIFETIME_MAX;
    match &node.content {
        Content::Scalar(value) => seconds(value).filter(|it| range.contains(it)).ok_or(node.place),
        _ => Err(node.place),
    }
}

/// A duration as policies write it: an integer, or a text of an integer and `s`.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(seconds) => Some(*seconds),
        Value::String(text) => text.strip_suffix('s')?.parse().ok(),
        _ => None,
    }
}
