//! OIDC providers: their settings, and what they demand of a token.

use super::Preset;
use crate::document::{Members, Node, Problems};
use crate::jose::{
    Algorithm, AlgorithmSet, Audiences, ClaimRules, JwkSet, KeyRules, Thumbprint, Types,
    VerificationKey,
};
use crate::keys::{KeySource, is_https};
use crate::limits;
use crate::pem;
use crate::signature::{PublicKey, RsaLimit};
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// An OIDC issuer whose tokens are believed.
#[derive(Debug)]
pub struct OidcProvider {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) keys: KeySource,
    pub(crate) key_rules: KeyRules,
    pub(crate) embedded_keys: EmbeddedKeys,
    pub(crate) max_lifetime: i64,
    /// Whether the policy names a `max_lifetime`.
    pub(crate) limits_lifetime: bool,
}

/// What becomes of a token that carries a key of its own choice, or says where to fetch one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmbeddedKeys {
    /// The key is not heeded, and the token is judged without it.
    Ignore,
    /// The token is refused.
    Refuse,
}

impl OidcProvider {
    /// The issuer, compared character by character.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audiences of which a token must have one.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Where its keys come from.
    #[must_use]
    pub const fn keys(&self) -> &KeySource {
        &self.keys
    }

    /// The algorithms for keys that name none; empty for the defaults.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.key_rules.algorithms
    }

    /// What its keys must be like.
    #[must_use]
    pub const fn key_rules(&self) -> &KeyRules {
        &self.key_rules
    }

    /// What its tokens must say of themselves at `now`.
    pub(crate) fn claim_rules(&self, now: UnixTime) -> ClaimRules<'_> {
        ClaimRules {
            now,
            skew: limits::SKEW,
            issuer: &self.issuer,
            subject: None,
            audiences: Audiences { accepted: &self.audiences, several: false },
            types: Types::JWT,
            max_lifetime: self.max_lifetime,
        }
    }
}

pub(super) fn read(
    members: &mut Members<'_>,
    preset: Preset,
    own_issuer: &str,
    problems: &mut Problems,
) -> Option<OidcProvider> {
    let issuer = match preset.default_issuer() {
        Some(_) => members.optional("issuer"),
        None => members.required("issuer", problems),
    };
    let audiences = members.required("audiences", problems);
    let keys = members.required("keys", problems);
    let algorithms = members.optional("algorithms");
    let max_lifetime = members.optional("max_lifetime");
    let embedded_keys = members.optional("embedded_keys");

    let algorithms = match algorithms {
        None => Some(Vec::new()),
        Some(node) => read_algorithms(&node, problems),
    };
    let limits_lifetime = max_lifetime.is_some();
    let max_lifetime = match max_lifetime {
        None => Some(limits::OIDC_LIFETIME),
        Some(node) => node.seconds(1..=limits::OIDC_LIFETIME_MAX, problems),
    };
    let embedded_keys = match embedded_keys {
        None => Some(EmbeddedKeys::Ignore),
        Some(node) => read_embedded_keys(&node, problems),
    };
    let issuer = match issuer {
        Some(node) => read_issuer(&node, own_issuer, problems),
        None => preset.default_issuer().map(ToString::to_string),
    };
    let audiences = audiences.and_then(|node| node.names(problems));
    let algorithms = algorithms?;
    let (keys, key_rules) =
        keys.and_then(|node| read_keys(&node, issuer.as_deref(), algorithms, problems))?;
    Some(OidcProvider {
        issuer: issuer?,
        audiences: audiences?,
        keys,
        key_rules,
        embedded_keys: embedded_keys?,
        max_lifetime: max_lifetime?,
        limits_lifetime,
    })
}

/// Any issuer but our own: an access token that could be exchanged for another would live for ever.
fn read_issuer(node: &Node<'_>, own_issuer: &str, problems: &mut Problems) -> Option<String> {
    let issuer = node.name(problems)?;
    if issuer == own_issuer {
        problems.report(node, "this is the issuer of our own tokens", "the issuer of the proofs");
        return None;
    }
    Some(issuer.to_string())
}

fn read_algorithms(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<Algorithm>> {
    let mut algorithms = Vec::new();
    for element in node.elements(problems)? {
        match Algorithm::from_name(element.text(problems)?) {
            Some(algorithm) => algorithms.push(algorithm),
            None => {
                let known: Vec<&str> = Algorithm::ALL.iter().map(|known| known.as_str()).collect();
                problems.report(&element, "this algorithm is not offered", known.join(", "));
                return None;
            }
        }
    }
    Some(algorithms)
}

fn read_embedded_keys(node: &Node<'_>, problems: &mut Problems) -> Option<EmbeddedKeys> {
    match node.text(problems)? {
        "ignore" => Some(EmbeddedKeys::Ignore),
        "refuse" => Some(EmbeddedKeys::Refuse),
        _ => {
            problems.report(node, "this is not a way to treat embedded keys", "ignore or refuse");
            None
        }
    }
}

const WAYS: &str = "one of `discovery: true`, `jwks_uri`, `jwks`, `pem`";

/// Exactly one of the four ways to come by keys of `issuer`, which is `None` when it could not be read, and
/// what these keys must be like.
fn read_keys(
    node: &Node<'_>,
    issuer: Option<&str>,
    algorithms: Vec<Algorithm>,
    problems: &mut Problems,
) -> Option<(KeySource, KeyRules)> {
    let mut members = node.members(problems)?;
    let discovery = members.optional("discovery");
    let jwks_uri = members.optional("jwks_uri");
    let jwks = members.optional("jwks");
    let pem = members.optional("pem");
    let pins = members.optional("pins");
    members.close(problems);
    let pins = match (pins, &pem) {
        (None, _) => Vec::new(),
        (Some(node), None) => read_pins(&node, problems)?,
        (Some(node), Some(_)) => {
            problems.report(&node, "the one key is given here already", "no `pins` beside `pem`");
            return None;
        }
    };
    let rules = KeyRules { algorithms, pins };
    let source = match (discovery, jwks_uri, jwks, pem) {
        (Some(node), None, None, None) => read_discovery(&node, issuer?, problems),
        (None, Some(node), None, None) => read_jwks_uri(&node, problems),
        (None, None, Some(node), None) => read_jwks(&node, &rules, problems),
        (None, None, None, Some(node)) => read_pem(&node, &rules.algorithms, problems),
        _ => {
            problems.report(node, "there must be exactly one source of keys", WAYS);
            None
        }
    };
    Some((source?, rules))
}

/// The thumbprints of the only keys that are used.
fn read_pins(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<Thumbprint>> {
    let mut pins = Vec::new();
    for element in node.elements(problems)? {
        match Thumbprint::from_text(element.text(problems)?) {
            Some(pin) => pins.push(pin),
            None => {
                let expected = "43 characters of base64url: the SHA-256 thumbprint of RFC 7638";
                problems.report(&element, "this is not a thumbprint", expected);
                return None;
            }
        }
    }
    if pins.len() > limits::JWKS_KEYS {
        let expected = alloc::format!("at most {}, as many as a set has keys", limits::JWKS_KEYS);
        problems.report(node, "these are too many", expected);
        return None;
    }
    Some(pins)
}

/// The discovery document is fetched from below the issuer's own address.
fn read_discovery(node: &Node<'_>, issuer: &str, problems: &mut Problems) -> Option<KeySource> {
    if !node.boolean(problems)? {
        problems.report(node, "no source of keys is left", WAYS);
        return None;
    }
    if !is_https(issuer) {
        problems.report(
            node,
            "the issuer is not an https URL in plain form",
            "`jwks_uri`, `jwks` or `pem`",
        );
        return None;
    }
    Some(KeySource::Discovery)
}

fn read_jwks_uri(node: &Node<'_>, problems: &mut Problems) -> Option<KeySource> {
    let url = node.name(problems)?;
    if !is_https(url) {
        problems.report(node, "keys are fetched over https alone", "an https URL in plain form");
        return None;
    }
    Some(KeySource::JwksUri(url.to_string()))
}

fn read_jwks(node: &Node<'_>, rules: &KeyRules, problems: &mut Problems) -> Option<KeySource> {
    let text = match node.value.as_str() {
        Some(text) => text.to_string(),
        None => node.value.to_string(),
    };
    match JwkSet::parse_with(text.as_bytes(), rules) {
        Ok(set) => Some(KeySource::Static(Arc::new(set))),
        Err(refusal) => {
            problems.report(
                node,
                refusal.to_string(),
                "a JWK set (RFC 7517) with one usable key at least",
            );
            None
        }
    }
}

fn read_pem(
    node: &Node<'_>,
    algorithms: &[Algorithm],
    problems: &mut Problems,
) -> Option<KeySource> {
    let text = node.text(problems)?;
    let set = pem::public_key(text)
        .and_then(|der| PublicKey::from_spki_der(&der, RsaLimit::Standard))
        .and_then(|key| {
            let set = match algorithms {
                [] => AlgorithmSet::default_of(key.kind()),
                listed => AlgorithmSet::from_iter(listed.iter().copied()).fitting(key.kind()),
            };
            JwkSet::from_keys(vec![VerificationKey::new(key, set, None)])
        });
    match set {
        Ok(set) => Some(KeySource::Static(Arc::new(set))),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "one PUBLIC KEY block");
            None
        }
    }
}
