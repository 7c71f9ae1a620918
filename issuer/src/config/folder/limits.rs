//! What teams may use.

use super::super::error::ConfigError;
use super::super::place::Place;
use super::super::sources::child;
use super::super::yaml::{Content, Node};
use super::issuer_of;
use credmint_core::json::{Object, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is expected instead of an issuer that is not allowed.
const LISTED: &str = "an issuer of `allowed_issuers` in organisation.yaml";

/// Issuers and audiences of one team, or of every team that has no lists of its own.
#[derive(Default)]
struct Allowed {
    issuers: BTreeSet<String>,
    audiences: BTreeSet<String>,
}

/// What the organisation allows.
#[derive(Default)]
pub(super) struct Limits {
    every: Allowed,
    teams: BTreeMap<String, Allowed>,
    /// Where each team is named.
    named: Vec<(String, PathBuf, Place)>,
}

/// What the files hold beside the entry that is checked.
pub(super) struct Surroundings<'a> {
    /// The providers of all files.
    pub(super) providers: Option<&'a Object>,
    /// The team of each entry that is not the organisation's, by the entry's pointer.
    pub(super) owners: &'a BTreeMap<String, String>,
}

/// A place, what is wrong there, and what should be there.
type Offence = (String, String, String);

impl Limits {
    /// Reads one member of the organisation's file: `allowed_issuers`, `allowed_audiences` or `teams`.
    pub(super) fn read(
        &mut self,
        name: &str,
        node: Node,
        file: &Path,
        errors: &mut Vec<ConfigError>,
    ) {
        if name != "teams" {
            return self.every.read(name, node, file, errors);
        }
        let Content::Object(teams) = node.content else {
            let error = ConfigError::new(file, node.place, "this is not an object").at("/teams");
            return errors.push(error.expected("an object with the name of each team's file"));
        };
        for (team, place, node) in teams {
            let Content::Object(members) = node.content else {
                let error =
                    ConfigError::new(file, node.place, "this is not an object").at("/teams");
                errors.push(error.expected("`allowed_issuers` and `allowed_audiences`"));
                continue;
            };
            self.named.push((team.clone(), file.to_owned(), place));
            let allowed = self.teams.entry(team).or_default();
            for (name, place, node) in members {
                if matches!(name.as_str(), "allowed_issuers" | "allowed_audiences") {
                    allowed.read(&name, node, file, errors);
                } else {
                    let message = format!("`{name}` is not known here");
                    let error = ConfigError::new(file, place, message).at("/teams");
                    errors.push(error.expected("allowed_issuers or allowed_audiences"));
                }
            }
        }
    }

    /// Lists for a team that has no file. A misspelt name would leave the team with the lists of every team.
    pub(super) fn strangers(&self, teams: &BTreeSet<String>) -> Vec<ConfigError> {
        let stranger = |(team, file, place): &(String, PathBuf, Place)| {
            let message = format!("there is no file of a team `{team}` in this folder");
            let error = ConfigError::new(file, *place, message).at(child("/teams", team));
            error.expected("the name of a file beside this one, without its ending")
        };
        self.named.iter().filter(|(team, ..)| !teams.contains(team)).map(stranger).collect()
    }

    /// What `team` does in an entry of its file that it may not.
    pub(super) fn offences(
        &self,
        team: &str,
        part: &str,
        value: &Value,
        pointer: &str,
        around: &Surroundings<'_>,
    ) -> Vec<Offence> {
        let allowed = self.teams.get(team).unwrap_or(&self.every);
        match part {
            "providers" => allowed.provider(value, pointer),
            "resources" => {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                let audience = name.replace("~1", "/").replace("~0", "~");
                allowed.audience(&audience, pointer.to_owned()).into_iter().collect()
            }
            _ => {
                let scopes = value.get("scopes").and_then(Value::as_object);
                let audiences = scopes.into_iter().flat_map(|scopes| scopes.iter());
                audiences
                    .filter_map(|(audience, _)| {
                        allowed.audience(audience, format!("{pointer}/scopes"))
                    })
                    .chain(allowed.credentials(team, value, pointer, around))
                    .collect()
            }
        }
    }
}

impl Allowed {
    fn read(&mut self, name: &str, node: Node, file: &Path, errors: &mut Vec<ConfigError>) {
        let mut wrong = |place| {
            let error = ConfigError::new(file, place, format!("`{name}` is a list of texts"));
            errors.push(error.at(format!("/{name}")).expected("a list of texts"));
        };
        let Content::Array(elements) = node.content else { return wrong(node.place) };
        let list = if name == "allowed_issuers" { &mut self.issuers } else { &mut self.audiences };
        for element in elements {
            match element.content {
                Content::Scalar(Value::String(text)) => {
                    list.insert(text);
                }
                _ => wrong(element.place),
            }
        }
    }

    fn provider(&self, value: &Value, pointer: &str) -> Vec<Offence> {
        let Some(issuer) = issuer_of(value) else {
            let message = "a team has providers of OIDC issuers only".to_owned();
            let expected = "this provider in organisation.yaml".to_owned();
            return vec![(pointer.to_owned(), message, expected)];
        };
        let mut offences = Vec::new();
        if !self.issuers.contains(issuer) {
            let message = format!("this team may not trust the issuer `{issuer}`");
            offences.push((format!("{pointer}/issuer"), message, LISTED.to_owned()));
        }
        // What identifies decides who may take whose place.
        if value.get("identity").is_some() {
            let message = "a team does not say which claims identify".to_owned();
            let expected = "this provider in organisation.yaml".to_owned();
            offences.push((format!("{pointer}/identity"), message, expected));
        }
        // Whoever chooses the keys of an issuer is that issuer.
        if let Some(keys) = value.get("keys").filter(|keys| keys.get("discovery").is_none())
            && keys.as_object().is_some()
        {
            let message = "a team does not choose the keys of an issuer".to_owned();
            let expected = "`discovery: true`, or this provider in organisation.yaml".to_owned();
            offences.push((format!("{pointer}/keys"), message, expected));
        }
        offences
    }

    /// What the credentials of a client use of other teams' providers: an issuer that is not the team's own to trust
    /// is not so by way of another team either.
    fn credentials(
        &self,
        team: &str,
        client: &Value,
        pointer: &str,
        around: &Surroundings<'_>,
    ) -> Vec<Offence> {
        let credentials = client.get("credentials").and_then(Value::as_object);
        let offence = |(name, credential): (&str, &Value)| {
            let provider = credential.get("provider")?.as_str()?;
            let owner = around.owners.get(&child("/providers", provider))?;
            let issuer = issuer_of(around.providers?.get(provider)?)?;
            (owner != team && !self.issuers.contains(issuer)).then(|| {
                let at = format!("{}/provider", child(&format!("{pointer}/credentials"), name));
                let message =
                    format!("this team may not trust the issuer `{issuer}`, which `{owner}` may");
                (at, message, LISTED.to_owned())
            })
        };
        credentials.into_iter().flat_map(Object::iter).filter_map(offence).collect()
    }

    fn audience(&self, audience: &str, at: String) -> Option<Offence> {
        (!self.audiences.contains(audience)).then(|| {
            let message = format!("this team may not use the audience `{audience}`");
            let expected = "an audience of `allowed_audiences` in organisation.yaml".to_owned();
            (at, message, expected)
        })
    }
}
