//! What loads and is probably not what its author wants: findings with a stable id, a place, and a way to mend
//! them.
//!
//! A finding can be accepted where it is, or in the policy as a whole: `accept: [{ lint: …, reason: … }]`.

mod credentials;
mod providers;

pub use super::findings::LintId;

use super::TrustPolicy;
use super::acceptance::Acceptance;
use crate::time::UnixTime;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Which.
    pub id: LintId,
    /// Where: a JSON Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// What was found: a sentence without a full stop.
    pub message: String,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.pointer, self.id.as_str(), self.message, self.id.mend())
    }
}

/// The findings so far.
struct Findings(Vec<Lint>);

impl Findings {
    fn add(&mut self, id: LintId, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(Lint { id, pointer: pointer.into(), message: message.into() });
    }
}

impl TrustPolicy {
    /// What is probably not meant, in the order of the document. Certificates that end soon are looked for when
    /// there is a time.
    #[must_use]
    pub fn lints(&self, now: Option<UnixTime>) -> Vec<Lint> {
        let mut findings = Findings(Vec::new());
        providers::look(self, now, &mut findings);
        credentials::look(self, &mut findings);
        let accepted: Vec<&Acceptance> = self
            .accepted
            .iter()
            .chain(self.providers.values().flat_map(|provider| &provider.accepted))
            .chain(self.clients.values().flat_map(|client| {
                client.credentials.values().flat_map(|credential| &credential.accepted)
            }))
            .collect();
        without_accepted(findings.0, &accepted)
    }
}

fn without_accepted(mut found: Vec<Lint>, accepted: &[&Acceptance]) -> Vec<Lint> {
    let mut idle = Vec::new();
    for acceptance in accepted {
        let before = found.len();
        let within = |pointer: &str| {
            pointer.strip_prefix(acceptance.scope.as_str()).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || acceptance.scope.is_empty()
            })
        };
        found.retain(|lint| lint.id != acceptance.lint || !within(&lint.pointer));
        if found.len() == before {
            idle.push(Lint {
                id: LintId::AcceptanceIdle,
                pointer: acceptance.pointer.clone(),
                message: format!("there is no {} here", acceptance.lint.as_str()),
            });
        }
    }
    found.extend(idle);
    found
}

/// A JSON Pointer from its tokens.
fn pointer(tokens: &[&str]) -> String {
    tokens.iter().fold(String::new(), |pointer, token| {
        format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
    })
}

#[cfg(test)]
mod tests;
