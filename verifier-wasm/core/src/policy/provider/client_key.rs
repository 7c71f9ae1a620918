//! Settings of a client's own key.

use super::assertion_audiences::AssertionAudiences;
use super::oidc::{Owner, read_algorithms, read_keys};
use crate::document::{Members, Problems};
use crate::jose::{Algorithm, KeyRules};
use crate::keys::KeySource;
use crate::limits;
use alloc::vec::Vec;

/// The keys of one client, which signs its assertions itself (RFC 7523 section 2.2).
///
/// The client is the issuer of what it signs, so its id takes the place of an issuer wherever keys are held.
#[derive(Debug)]
pub struct ClientKeyProvider {
    pub(crate) keys: KeySource,
    pub(crate) key_rules: KeyRules,
    pub(crate) max_lifetime: i64,
    pub(crate) audiences: AssertionAudiences,
}

impl ClientKeyProvider {
    /// Where its keys come from.
    #[must_use]
    pub const fn keys(&self) -> &KeySource {
        &self.keys
    }

    /// What its keys must be like.
    #[must_use]
    pub const fn key_rules(&self) -> &KeyRules {
        &self.key_rules
    }

    /// The algorithms for keys that name none; empty for the defaults.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.key_rules.algorithms
    }
}

pub(super) fn read(
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<ClientKeyProvider> {
    let keys = members.required("keys", problems);
    let algorithms = members.optional("algorithms");
    let max_lifetime = members.optional("max_lifetime");
    let audiences = AssertionAudiences::read(members, problems);

    let algorithms = match algorithms {
        None => Some(Vec::new()),
        Some(node) => read_algorithms(&node, problems),
    };
    let max_lifetime = match max_lifetime {
        None => Some(limits::ASSERTION_LIFETIME),
        Some(node) => node.seconds(1..=limits::ASSERTION_LIFETIME_MAX, problems),
    };
    let rules = KeyRules::default().with_algorithms(algorithms?);
    let (keys, key_rules) = read_keys(&keys?, Owner::Client, rules, problems)?;
    Some(ClientKeyProvider { keys, key_rules, max_lifetime: max_lifetime?, audiences: audiences? })
}
