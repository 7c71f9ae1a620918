//! OIDC providers: their settings, and what they demand of a token.

mod keys;

pub(super) use self::keys::{Owner, read_keys};
use super::Preset;
use super::assertion_audiences::AssertionAudiences;
use crate::document::{Members, Node, Problems};
use crate::jose::{Algorithm, Audiences, ClaimRules, KeyRules, Types};
use crate::keys::KeySource;
use crate::limits;
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An OIDC issuer whose tokens are believed.
#[derive(Debug)]
pub struct OidcProvider {
    pub(crate) issuer: String,
    /// Whether tokens must name the issuer. Those of a trust domain need not: its keys alone say who signed.
    pub(crate) names_issuer: bool,
    /// The id of the trust domain whose tokens it takes, as `spiffe://example.org`.
    pub(crate) trust_domain: Option<String>,
    pub(crate) audiences: Vec<String>,
    /// What a token may name beside one of the audiences.
    pub(crate) other_audiences: Vec<String>,
    /// The values of `typ` that the policy names.
    pub(crate) types: Option<Vec<String>>,
    /// Seconds by which clocks may differ.
    pub(crate) clock_skew: i64,
    pub(crate) keys: KeySource,
    pub(crate) key_rules: KeyRules,
    pub(crate) embedded_keys: EmbeddedKeys,
    pub(crate) max_lifetime: i64,
    /// Whether the policy names a `max_lifetime`.
    pub(crate) limits_lifetime: bool,
    /// Of a trust domain: the audiences of an SVID by which a client authenticates itself to the token endpoint.
    pub(crate) assertion_audiences: AssertionAudiences,
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

    /// Whether it takes tokens of the type of access tokens (RFC 9068 section 2.1).
    pub(crate) fn takes_access_tokens(&self) -> bool {
        let is_it = |text: &String| Types::ACCESS_TOKEN.accept(text);
        self.types.iter().flatten().any(is_it)
    }

    /// The type that a good token of it has, where it must have one.
    pub(crate) fn usual_type(&self) -> Option<&str> {
        let listed = self.types.as_deref()?;
        if Types::of_list(listed).absent { None } else { listed.first().map(String::as_str) }
    }

    /// What its tokens must say of themselves at `now`.
    pub(crate) fn claim_rules(&self, now: UnixTime) -> ClaimRules<'_> {
        let audiences = Audiences::beside(&self.audiences, &self.other_audiences);
        let types = match &self.types {
            Some(listed) => Types::of_list(listed),
            None if self.key_rules.svids => Types::SVID,
            None => Types::JWT,
        };
        let rules = ClaimRules::new(now, &self.issuer, audiences, types, self.max_lifetime)
            .with_skew(self.clock_skew);
        if self.names_issuer { rules } else { rules.with_any_issuer() }
    }
}

/// Who issues the tokens of a provider that is read.
#[derive(Clone, Copy)]
pub(super) struct Issuers<'a> {
    /// Our own issuer, which may not be theirs.
    pub(super) own: &'a str,
    /// The trust domain of SVIDs, as an id: it takes the place of an issuer that is not named.
    pub(super) domain: Option<&'a str>,
}

pub(super) fn read(
    members: &mut Members<'_>,
    preset: Preset,
    issuers: Issuers<'_>,
    problems: &mut Problems,
) -> Option<OidcProvider> {
    let default_issuer = preset.default_issuer().or(issuers.domain);
    let issuer = match default_issuer {
        Some(_) => members.optional("issuer"),
        None => members.required("issuer", problems),
    };
    let names_issuer = issuer.is_some() || issuers.domain.is_none();
    let audiences = members.required("audiences", problems);
    let other_audiences = members.optional("other_audiences");
    let types = members.optional("types");
    let clock_skew = members.optional("clock_skew");
    let keys = members.required("keys", problems);
    let algorithms = members.optional("algorithms");
    let max_lifetime = members.optional("max_lifetime");
    let embedded_keys = members.optional("embedded_keys");
    let assertion_audiences = match issuers.domain {
        None => Some(AssertionAudiences::Issuer),
        Some(_) => AssertionAudiences::read(members, problems),
    };

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
        Some(node) => read_issuer(&node, issuers.own, problems),
        None => default_issuer.map(ToString::to_string),
    };
    let audiences = audiences.and_then(|node| node.names(problems));
    let other_audiences = match other_audiences {
        None => Some(Vec::new()),
        Some(node) => node.names(problems),
    };
    let types = match types {
        None => Some(None),
        Some(node) => read_types(&node, problems).map(Some),
    };
    let clock_skew = match clock_skew {
        None => Some(limits::SKEW),
        Some(node) => node.seconds(0..=limits::SKEW_MAX, problems),
    };
    let algorithms = algorithms?;
    let mut rules = KeyRules::default().with_algorithms(algorithms);
    rules.svids = issuers.domain.is_some();
    let (keys, key_rules) =
        keys.and_then(|node| read_keys(&node, Owner::Issuer(issuer.as_deref()), rules, problems))?;
    Some(OidcProvider {
        issuer: issuer?,
        names_issuer,
        trust_domain: issuers.domain.map(ToString::to_string),
        audiences: audiences?,
        other_audiences: other_audiences?,
        types: types?,
        clock_skew: clock_skew?,
        keys,
        key_rules,
        embedded_keys: embedded_keys?,
        max_lifetime: max_lifetime?.saturating_add(preset.definition().dated_back),
        limits_lifetime,
        assertion_audiences: assertion_audiences?,
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

/// The values of `typ`: media types, of which `application/` may be left out.
fn read_types(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let types = node.names(problems)?;
    let is_type = |text: &String| {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&c);
        text.bytes().all(allowed)
    };
    if types.iter().all(is_type) {
        return Some(types);
    }
    problems.report(node, "this is not a list of media types", "values of `typ`, as JWT, at+jwt");
    None
}

pub(super) fn read_algorithms(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<Algorithm>> {
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
