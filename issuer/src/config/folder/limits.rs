//! What teams may use.

use super::super::error::ConfigError;
use super::super::yaml::{Content, Node};
use super::issuer_of;
use credmint_core::json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
}

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
            let error = ConfigError::new(file, node.place, "this is no object").at("/teams");
            return errors.push(error.expected("an object with the name of each team's file"));
        };
        for (team, place, node) in teams {
            let Content::Object(members) = node.content else {
                let error = ConfigError::new(file, node.place, "this is no object").at("/teams");
                errors.push(error.expected("`allowed_issuers` and `allowed_audiences`"));
                continue;
            };
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
            let _ = place;
        }
    }

    /// What `team` does in an entry of its file that it may not: the place, what is wrong, and how to mend it.
    pub(super) fn offences(
        &self,
        team: &str,
        part: &str,
        value: &Value,
        pointer: &str,
    ) -> Vec<(String, String, String)> {
        let allowed = self.teams.get(team).unwrap_or(&self.every);
        match part {
            "providers" => allowed.provider(value, pointer).into_iter().collect(),
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

    fn provider(&self, value: &Value, pointer: &str) -> Option<(String, String, String)> {
        let Some(issuer) = issuer_of(value) else {
            let message = "a team has providers of OIDC issuers only".to_owned();
            let expected = "this provider in organisation.yaml".to_owned();
            return Some((pointer.to_owned(), message, expected));
        };
        (!self.issuers.contains(issuer)).then(|| {
            let message = format!("this team may not trust the issuer `{issuer}`");
            let expected = "an issuer of `allowed_issuers` in organisation.yaml".to_owned();
            (format!("{pointer}/issuer"), message, expected)
        })
    }

    fn audience(&self, audience: &str, at: String) -> Option<(String, String, String)> {
        (!self.audiences.contains(audience)).then(|| {
            let message = format!("this team may not use the audience `{audience}`");
            let expected = "an audience of `allowed_audiences` in organisation.yaml".to_owned();
            (at, message, expected)
        })
    }
}
