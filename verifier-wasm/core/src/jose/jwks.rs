//! JWK sets, and which of their keys a token may be checked with (RFC 7517 section 5).

use crate::jose::jwk::{check_public, private_member, public_half};
use crate::jose::{Algorithm, KeyWarning, Thumbprint, VerificationKey};
use crate::json::{self, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{PublicKey, RsaLimit};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::discriminant;

/// The keys of one issuer. It is replaced whole, never merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<VerificationKey>,
    /// The places of the keys, sorted by `kid`.
    by_kid: Vec<usize>,
    skipped: Vec<(String, Refusal)>,
    warnings: Vec<KeyWarning>,
    selection: Selection,
}

/// What configuration demands of the keys of an issuer, whatever its key set says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRules {
    /// The algorithms that keys may have; empty for the defaults. See [`VerificationKey::from_jwk`].
    pub algorithms: Vec<Algorithm>,
    /// The only keys that are used, by thumbprint; empty for all of them. A set that somebody else took over
    /// has none of these.
    pub pins: Vec<Thumbprint>,
}

/// What a token's `kid` means for a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selection {
    /// It names the key; a token that names another key finds none.
    ByKid,
    /// Nothing: the keys were configured without names (PEM), so each is tried.
    Unnamed,
}

impl JwkSet {
    /// Reads a JWK set whose keys are not pinned.
    ///
    /// `algorithms` is what the provider lists; empty means the default of each key's type.
    ///
    /// # Errors
    /// As [`JwkSet::parse_with`].
    pub fn parse(text: &[u8], algorithms: &[Algorithm]) -> Result<Self, Refusal> {
        let rules = KeyRules { algorithms: algorithms.to_vec(), pins: Vec::new() };
        Self::parse_with(text, &rules)
    }

    /// Reads a JWK set.
    ///
    /// A key that cannot be used is skipped with its reason ([`JwkSet::skipped`]), whatever is wrong with it. One
    /// that holds a secret is also warned of ([`JwkSet::warnings`]), and its public half is skipped wherever else it
    /// stands in the set.
    ///
    /// # Errors
    /// [`Code::JwksTooLarge`] beyond [`limits::JWKS_BYTES`] or [`limits::JWKS_KEYS`];
    /// [`Code::JwksMalformed`] when it is not strict JSON with a list `keys`; [`Code::JwksDuplicateKid`] when
    /// two usable keys of one type share a `kid`; when no key can be used, [`Code::KeyUnsupported`] if that alone
    /// is what is wrong with each of them, else [`Code::JwksEmpty`].
    pub fn parse_with(text: &[u8], rules: &KeyRules) -> Result<Self, Refusal> {
        if text.len() > limits::JWKS_BYTES {
            return Err(Refusal::new(Code::JwksTooLarge).detail(format!("{} octets", text.len())));
        }
        let set = json::parse_object(text)
            .map_err(|reason| Refusal::new(Code::JwksMalformed).detail(reason))?;
        let elements = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or_else(|| Refusal::new(Code::JwksMalformed).detail("keys: missing or no list"))?;
        if elements.len() > limits::JWKS_KEYS {
            return Err(Refusal::new(Code::JwksTooLarge).detail(format!("{} keys", elements.len())));
        }
        let published: Vec<PublicKey> = elements.iter().filter_map(published).collect();
        let mut keys = Vec::new();
        let mut skipped = Vec::new();
        let mut warnings = Vec::new();
        for (place, element) in elements.iter().enumerate() {
            let name = || match element.get("kid").and_then(Value::as_str) {
                Some(kid) if kid.len() <= limits::KID_BYTES => kid.to_string(),
                _ => format!("keys[{place}]"),
            };
            match read(element, rules).and_then(|key| check_secret(key, &published)) {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    warnings.extend(KeyWarning::of(&name(), element));
                    skipped.push((name(), reason));
                }
            }
        }
        Self::checked(keys, skipped, warnings, Selection::ByKid)
    }

    /// A set of keys from configuration.
    ///
    /// When none of them has a `kid`, as keys in PEM have none, a token's `kid` says nothing about
    /// them and each key that fits is tried. As soon as one has a `kid`, the rules of a JWK set hold.
    ///
    /// # Errors
    /// [`Code::JwksDuplicateKid`] and [`Code::JwksEmpty`], as [`JwkSet::parse`]; [`Code::JwksTooLarge`]
    /// beyond [`limits::JWKS_KEYS`].
    pub fn from_keys(keys: Vec<VerificationKey>) -> Result<Self, Refusal> {
        if keys.len() > limits::JWKS_KEYS {
            return Err(Refusal::new(Code::JwksTooLarge).detail(format!("{} keys", keys.len())));
        }
        let unnamed = keys.iter().all(|key| key.kid().is_none());
        let selection = if unnamed { Selection::Unnamed } else { Selection::ByKid };
        Self::checked(keys, Vec::new(), Vec::new(), selection)
    }

    fn checked(
        keys: Vec<VerificationKey>,
        skipped: Vec<(String, Refusal)>,
        warnings: Vec<KeyWarning>,
        selection: Selection,
    ) -> Result<Self, Refusal> {
        if keys.iter().all(|key| key.algorithms().is_empty()) {
            return Err(empty(&skipped));
        }
        if let Some(kid) = duplicate(&keys) {
            return Err(Refusal::new(Code::JwksDuplicateKid).detail(kid));
        }
        let mut places: Vec<(Option<&str>, usize)> =
            keys.iter().enumerate().map(|(place, key)| (key.kid(), place)).collect();
        places.sort_unstable();
        let by_kid = places.into_iter().map(|(_, place)| place).collect();
        Ok(Self { keys, by_kid, skipped, warnings, selection })
    }

    /// The keys that can be used, in the order of the set.
    #[must_use]
    pub fn keys(&self) -> &[VerificationKey] {
        &self.keys
    }

    /// The keys that were skipped: the `kid`, or the place in the list where there is none, and why.
    #[must_use]
    pub fn skipped(&self) -> &[(String, Refusal)] {
        &self.skipped
    }

    /// Secrets that the set publishes. Its issuer should be told.
    #[must_use]
    pub fn warnings(&self) -> &[KeyWarning] {
        &self.warnings
    }

    /// The keys of exactly this name, in the order of the set.
    fn named<'s>(&'s self, kid: &str) -> impl Iterator<Item = &'s VerificationKey> {
        let key_at = |place: &usize| self.keys.get(*place);
        let start = self
            .by_kid
            .partition_point(|place| key_at(place).and_then(VerificationKey::kid) < Some(kid));
        let rest = self.by_kid.get(start..).unwrap_or_default();
        rest.iter().filter_map(key_at).take_while(move |key| key.kid() == Some(kid))
    }

    /// Whether fetching the set again could bring a key of this name: `false` when the set has one already,
    /// usable or not, and when names say nothing here.
    #[must_use]
    pub fn lacks(&self, kid: &str) -> bool {
        self.selection == Selection::ByKid
            && self.named(kid).next().is_none()
            && !self.skipped.iter().any(|(name, _)| name == kid)
    }

    /// The keys that a token with this `kid` and algorithm may be checked with: at least one, at most
    /// [`limits::KEYS_TRIED`].
    ///
    /// A token with a `kid` is checked with keys of exactly that name, so a key without a name serves only
    /// tokens without one (but see [`JwkSet::from_keys`]). A token without a `kid` is checked with every
    /// key that carries its algorithm.
    ///
    /// # Errors
    /// [`Code::KeyUnknown`] when no key has the name; [`Code::JwsAlgorithmNotAllowed`] when those that have it
    /// do not carry the algorithm; [`Code::KeysTooMany`] when more would have to be tried.
    pub fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<&VerificationKey>, Refusal> {
        let named: Vec<&VerificationKey> = match (kid, self.selection) {
            (Some(kid), Selection::ByKid) => self.named(kid).collect(),
            (None, _) | (Some(_), Selection::Unnamed) => self.keys.iter().collect(),
        };
        let fitting: Vec<&VerificationKey> =
            named.iter().copied().filter(|key| key.algorithms().contains(algorithm)).collect();
        match (named.first(), fitting.len()) {
            (None, _) => Err(self.unknown(kid)),
            (Some(key), 0) => Err(Refusal::new(Code::JwsAlgorithmNotAllowed)
                .expected(key.algorithms())
                .found(algorithm)),
            (_, 1..=limits::KEYS_TRIED) => Ok(fitting),
            (_, found) => Err(Refusal::new(Code::KeysTooMany)
                .expected(format!("at most {}", limits::KEYS_TRIED))
                .found(found)),
        }
    }

    /// No key of this name: says so, or why the one that has it was skipped.
    fn unknown(&self, kid: Option<&str>) -> Refusal {
        let refusal = Refusal::new(Code::KeyUnknown);
        let Some(kid) = kid else { return refusal };
        match self.skipped.iter().find(|(name, _)| name == kid) {
            Some(skipped) => refusal.detail(format!("skipped: {}", line(skipped))),
            None => refusal.found(format!("kid {kid:?}")),
        }
    }
}

/// Why no key is left: each of them is of a kind that is not offered, or there is more to it.
fn empty(skipped: &[(String, Refusal)]) -> Refusal {
    let unsupported = !skipped.is_empty()
        && skipped.iter().all(|(_, reason)| reason.code() == Code::KeyUnsupported);
    let reasons: Vec<String> = skipped.iter().map(line).collect();
    Refusal::new(if unsupported { Code::KeyUnsupported } else { Code::JwksEmpty })
        .detail(reasons.join("; "))
}

/// A skipped key and its reason, for the operator.
fn line((name, reason): &(String, Refusal)) -> String {
    let texts = [reason.detail_text(), reason.found_text()];
    let what: Vec<&str> = texts.into_iter().flatten().collect();
    format!("{name}: {} ({})", reason.code().as_str(), what.join(", "))
}

/// Reads one element of `keys`.
fn read(element: &Value, rules: &KeyRules) -> Result<VerificationKey, Refusal> {
    let jwk = element
        .as_object()
        .ok_or_else(|| Refusal::new(Code::KeyMalformed).detail("the key is not an object"))?;
    let key = VerificationKey::from_jwk(jwk, &rules.algorithms, RsaLimit::Standard)?;
    check_public(jwk)?;
    if !rules.pins.is_empty() {
        let thumbprint = key.thumbprint();
        if !rules.pins.contains(&thumbprint) {
            return Err(Refusal::new(Code::KeyNotPinned).found(thumbprint));
        }
    }
    Ok(key)
}

/// The public half of an element that holds a private one too.
fn published(element: &Value) -> Option<PublicKey> {
    let jwk = element.as_object()?;
    private_member(jwk)?;
    public_half(jwk, RsaLimit::Standard).ok()
}

/// Refuses a key whose private half stands elsewhere in the set, under another name or for another use: whoever can
/// read the set can sign with it all the same.
fn check_secret(key: VerificationKey, published: &[PublicKey]) -> Result<VerificationKey, Refusal> {
    if published.contains(key.key()) {
        return Err(Refusal::new(Code::KeyMalformed)
            .detail("its private half stands elsewhere in the key set; replace the key"));
    }
    Ok(key)
}

/// A `kid` that two keys of one type share (RFC 7517 section 4.5).
fn duplicate(keys: &[VerificationKey]) -> Option<&str> {
    let type_of = |key: &VerificationKey| discriminant(&key.key().kind());
    keys.iter().enumerate().find_map(|(place, key)| {
        let kid = key.kid()?;
        let shares =
            |other: &VerificationKey| other.kid() == Some(kid) && type_of(other) == type_of(key);
        keys.iter().take(place).any(shares).then_some(kid)
    })
}

#[cfg(test)]
mod tests;
