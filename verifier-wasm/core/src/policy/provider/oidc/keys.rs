//! Where the keys of an OIDC issuer come from, or those of a client.

use crate::document::{Node, Problems};
use crate::jose::{Algorithm, AlgorithmSet, JwkSet, KeyRules, Thumbprint, VerificationKey};
use crate::keys::{KeySource, is_https};
use crate::limits;
use crate::pem;
use crate::signature::{PublicKey, RsaLimit};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Whose keys are read.
#[derive(Clone, Copy)]
pub(in crate::policy::provider) enum Owner<'a> {
    /// Those of an issuer; `None` when it could not be read.
    Issuer(Option<&'a str>),
    /// Those of a client, for which nothing can be discovered.
    Client,
}

impl Owner<'_> {
    const fn ways(self) -> &'static str {
        match self {
            Self::Issuer(_) => "one of `discovery: true`, `jwks_uri`, `jwks`, `pem`",
            Self::Client => "one of `jwks_uri`, `jwks`, `pem`",
        }
    }
}

/// Reads exactly one of the ways to come by keys of `owner`, and what these keys must be like.
pub(in crate::policy::provider) fn read_keys(
    node: &Node<'_>,
    owner: Owner<'_>,
    rules: KeyRules,
    problems: &mut Problems,
) -> Option<(KeySource, KeyRules)> {
    let mut members = node.members(problems)?;
    let discovery = match owner {
        Owner::Issuer(_) => members.optional("discovery"),
        Owner::Client => None,
    };
    let jwks_uri = members.optional("jwks_uri");
    let jwks = members.optional("jwks");
    let pem = members.optional("pem");
    let pins = members.optional("pins");
    let serve_for = members.optional("serve_for");
    members.close(problems);
    let serve_for = match serve_for {
        None => None,
        Some(node) if jwks.is_some() || pem.is_some() => {
            problems.report(&node, "the keys are given here and serve for ever", "no `serve_for`");
            return None;
        }
        Some(node) => {
            let longest = limits::KEYS_STALE_LONGEST;
            Some(node.seconds(limits::KEYS_STALE_MAX..=longest, problems)?)
        }
    };
    let pins = match (pins, &pem) {
        (None, _) => Vec::new(),
        (Some(node), None) => read_pins(&node, problems)?,
        (Some(node), Some(_)) => {
            problems.report(&node, "the one key is given here already", "no `pins` beside `pem`");
            return None;
        }
    };
    let rules = rules.with_pins(pins).with_serve_for(serve_for);
    let source = match (discovery, jwks_uri, jwks, pem) {
        (Some(node), None, None, None) => read_discovery(&node, owner, problems),
        (None, Some(node), None, None) => read_jwks_uri(&node, problems),
        (None, None, Some(node), None) => read_jwks(&node, &rules, problems),
        (None, None, None, Some(node)) => read_pem(&node, &rules.algorithms, problems),
        _ => {
            problems.report(node, "there must be exactly one source of keys", owner.ways());
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
fn read_discovery(node: &Node<'_>, owner: Owner<'_>, problems: &mut Problems) -> Option<KeySource> {
    let Owner::Issuer(Some(issuer)) = owner else { return None };
    if !node.boolean(problems)? {
        problems.report(node, "no source of keys is left", owner.ways());
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
