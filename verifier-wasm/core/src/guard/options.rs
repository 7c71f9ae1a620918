//! What a guard is told about tokens: the part of its configuration that is the same on every host.

use super::GuardRules;
use crate::document::{Members, Node, Problems};
use crate::limits;
use crate::token_text::is_scope_token;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What a host calls the members that bound times.
#[derive(Clone, Copy, Debug)]
pub struct TimeMembers {
    /// Seconds by which clocks may differ: 30 when it is absent.
    pub skew: &'static str,
    /// The longest lifetime in seconds that is believed: a day when it is absent, which is the longest that a policy of
    /// ours can ask for.
    pub max_lifetime: &'static str,
}

impl GuardRules {
    /// Rules for the tokens of an issuer at a resource: no scope value is asked for, clocks may differ by
    /// [`limits::SKEW`], and a lifetime of up to [`limits::ACCESS_TOKEN_LIFETIME_MAX`] is believed.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: Vec::from([audience.into()]),
            scope: Vec::new(),
            skew: limits::SKEW,
            max_lifetime: limits::ACCESS_TOKEN_LIFETIME_MAX,
        }
    }

    /// With one more of [`GuardRules::audiences`].
    #[must_use]
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// With these as [`GuardRules::scope`].
    #[must_use]
    pub fn with_scope(self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { scope: values.into_iter().map(Into::into).collect(), ..self }
    }

    /// With this as [`GuardRules::skew`].
    #[must_use]
    pub fn with_skew(self, seconds: i64) -> Self {
        Self { skew: seconds, ..self }
    }

    /// With this as [`GuardRules::max_lifetime`].
    #[must_use]
    pub fn with_max_lifetime(self, seconds: i64) -> Self {
        Self { max_lifetime: seconds, ..self }
    }

    /// Takes the members `issuer`, `audience`, `scope` and `times`. With an issuer that is `known` already, say from a
    /// policy, there may be none beside it.
    pub fn read(
        members: &mut Members<'_>,
        known: Option<&str>,
        times: TimeMembers,
        problems: &mut Problems,
    ) -> Option<Self> {
        let issuer = match known {
            None => members.required("issuer", problems).and_then(|node| owned(&node, problems)),
            Some(known) => read_issuer_beside(members, known, problems),
        };
        let audiences = members.required("audience", problems);
        let audiences = audiences.and_then(|node| read_audiences(&node, problems));
        let scope = members.read_or("scope", Vec::new(), |node| read_scope(node, problems));
        let skew = members.read_or(times.skew, limits::SKEW, |node| {
            node.integer(0..=limits::SKEW_MAX, "seconds", problems)
        });
        let most = limits::ACCESS_TOKEN_LIFETIME_MAX;
        let max_lifetime = members.read_or(times.max_lifetime, most, |node| {
            node.integer(1..=limits::OIDC_LIFETIME_MAX, "seconds", problems)
        });
        Some(Self {
            issuer: issuer?,
            audiences: audiences?,
            scope: scope?,
            skew: skew?,
            max_lifetime: max_lifetime?,
        })
    }
}

fn owned(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    node.line(problems).map(ToString::to_string)
}

/// One name of the resource, or a list of them.
fn read_audiences(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    if node.value.as_array().is_none() {
        return owned(node, problems).map(|one| Vec::from([one]));
    }
    let elements = node.elements(problems)?;
    elements.iter().map(|element| owned(element, problems)).collect()
}

fn read_issuer_beside(
    members: &mut Members<'_>,
    known: &str,
    problems: &mut Problems,
) -> Option<String> {
    match members.optional("issuer") {
        None => Some(known.to_string()),
        Some(node) => {
            problems.report(&node, "the policy says who the issuer is", "no `issuer` beside it");
            None
        }
    }
}

/// Scope values (RFC 6749 section 3.3), any number of them.
fn read_scope(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let mut values = Vec::new();
    for element in node.list(problems)? {
        let text = element.text(problems)?;
        if !is_scope_token(text) {
            let message = format!("{text:?} cannot be a scope value");
            problems.report(&element, message, "visible ASCII without blank, quote and backslash");
            return None;
        }
        values.push(text.to_string());
    }
    Some(values)
}
