//! JWK sets, and which of their keys a token may be checked with (RFC 7517 section 5).

use crate::jose::jwk::{Uses, check_public, is_of_bundle, withdrawn_by};
use crate::jose::{Algorithm, KeyWarning, Thumbprint, VerificationKey};
use crate::json::{self, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::RsaLimit;
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
///
/// The default demands nothing beside the rules for every key: the default algorithms, and no pins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyRules {
    /// The algorithms that keys may have; empty for the defaults. See [`VerificationKey::from_jwk`].
    pub algorithms: Vec<Algorithm>,
    /// The only keys that are used, by thumbprint; empty for all of them. A set that an attacker took over
    /// has none of these.
    pub pins: Vec<Thumbprint>,
    /// Whether the set may be the bundle of a SPIFFE trust domain, whose keys for tokens have the use `jwt-svid`.
    pub svids: bool,
    /// Seconds that a fetched set serves, from the start of its fetch, while no other comes; `None` for
    /// [`KEYS_STALE_MAX`](crate::limits::KEYS_STALE_MAX).
    pub serve_for: Option<i64>,
}

impl KeyRules {
    /// With these as [`KeyRules::algorithms`].
    #[must_use]
    pub fn with_algorithms(self, algorithms: impl Into<Vec<Algorithm>>) -> Self {
        Self { algorithms: algorithms.into(), ..self }
    }

    /// With these as [`KeyRules::pins`].
    #[must_use]
    pub fn with_pins(self, pins: impl Into<Vec<Thumbprint>>) -> Self {
        Self { pins: pins.into(), ..self }
    }

    /// With this as [`KeyRules::serve_for`].
    #[must_use]
    pub fn with_serve_for(self, seconds: Option<i64>) -> Self {
        Self { serve_for: seconds, ..self }
    }

    /// With `true` as [`KeyRules::svids`].
    #[must_use]
    pub fn of_svids(self) -> Self {
        Self { svids: true, ..self }
    }
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
        let rules = KeyRules::default().with_algorithms(algorithms);
        Self::parse_with(text, &rules)
    }

    /// Reads a JWK set that must have a key to be of any use, as one in a configuration must.
    ///
    /// A key that cannot be used is skipped with its reason ([`JwkSet::skipped`]), whatever is wrong with it. One
    /// that holds a secret is also warned of ([`JwkSet::warnings`]), and its public half is skipped wherever else it
    /// stands in the set. The same key twice under one `kid` is one key with the algorithms of both; different keys of
    /// one type under one `kid` are all skipped, since the name does not distinguish them (RFC 7517 section 4.5).
    ///
    /// # Errors
    /// As [`JwkSet::published`]; and when no key can be used, [`Code::UnsupportedKey`] or [`Code::JwksDuplicateKid`] if
    /// that alone is what is wrong with each of them, else [`Code::JwksEmpty`].
    pub fn parse_with(text: &[u8], rules: &KeyRules) -> Result<Self, Refusal> {
        let set = Self::published(text, rules)?;
        set.why_unusable().map_or(Ok(set), Err)
    }

    /// Reads a JWK set that an issuer publishes, as [`JwkSet::parse_with`] does. One without a usable key is a set all
    /// the same: it says that the issuer has withdrawn the keys that it had, and every token is refused by it.
    ///
    /// # Errors
    /// [`Code::JwksTooLarge`] beyond [`limits::JWKS_BYTES`] or [`limits::JWKS_KEYS`];
    /// [`Code::JwksMalformed`] when it is not strict JSON with a list `keys`.
    pub fn published(text: &[u8], rules: &KeyRules) -> Result<Self, Refusal> {
        if text.len() > limits::JWKS_BYTES {
            return Err(Refusal::new(Code::JwksTooLarge).detail(format!("{} bytes", text.len())));
        }
        let malformed = |detail: String| Refusal::new(Code::JwksMalformed).detail(detail);
        let set = json::parse(text).map_err(|reason| malformed(reason.to_string()))?;
        let elements = elements(&set).map_err(|what| malformed(what.to_string()))?;
        if elements.len() > limits::JWKS_KEYS {
            return Err(Refusal::new(Code::JwksTooLarge).detail(format!("{} keys", elements.len())));
        }
        let uses = match rules.svids && elements.iter().any(is_of_bundle) {
            true => Uses::JwtSvids,
            false => Uses::Signatures,
        };
        let withdrawn: Vec<Vec<u8>> = elements.iter().flat_map(withdrawn_by).collect();
        let mut keys = Vec::new();
        let mut skipped = Vec::new();
        let mut warnings = Vec::new();
        for (place, element) in elements.iter().enumerate() {
            let name = || match element.get("kid").and_then(Value::as_str) {
                Some(kid) if !kid.is_empty() && kid.len() <= limits::KID_BYTES => kid.to_string(),
                _ => format!("keys[{place}]"),
            };
            match read(element, rules, uses).and_then(|key| check_secret(key, &withdrawn)) {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    warnings.extend(KeyWarning::of(&name(), element));
                    skipped.push((name(), reason));
                }
            }
        }
        Ok(Self::sorted(keys, skipped, warnings, Selection::ByKid))
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
        let set = Self::sorted(keys, Vec::new(), Vec::new(), selection);
        set.why_unusable().map_or(Ok(set), Err)
    }

    fn sorted(
        keys: Vec<VerificationKey>,
        mut skipped: Vec<(String, Refusal)>,
        warnings: Vec<KeyWarning>,
        selection: Selection,
    ) -> Self {
        let keys = without_ambiguous(merged(keys), &mut skipped);
        // A set has few keys, so each is put where it belongs.
        let mut places: Vec<(Option<&str>, usize)> = Vec::with_capacity(keys.len());
        for (place, key) in keys.iter().enumerate() {
            let at = places.partition_point(|(kid, _)| *kid <= key.kid());
            places.insert(at, (key.kid(), place));
        }
        let by_kid = places.into_iter().map(|(_, place)| place).collect();
        Self { keys, by_kid, skipped, warnings, selection }
    }

    /// Why no token can be verified with the set. `None` when it has a key that can be used.
    #[must_use]
    pub fn why_unusable(&self) -> Option<Refusal> {
        let unusable = self.keys.iter().all(|key| key.algorithms().is_empty());
        unusable.then(|| empty(&self.skipped))
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
    /// [`Code::KeyUnknown`] when no key has the name; [`Code::AlgorithmNotAllowed`] when those that have it
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
            (Some(key), 0) => Err(Refusal::new(Code::AlgorithmNotAllowed)
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

/// Why no key is left: there is one thing that is wrong with each of them, or more to it.
fn empty(skipped: &[(String, Refusal)]) -> Refusal {
    let each =
        |code| !skipped.is_empty() && skipped.iter().all(|(_, reason)| reason.code() == code);
    if let Some((name, _)) = skipped.first().filter(|_| each(Code::JwksDuplicateKid)) {
        return Refusal::new(Code::JwksDuplicateKid).detail(name);
    }
    let unsupported = each(Code::UnsupportedKey);
    let reasons: Vec<String> = skipped.iter().map(line).collect();
    Refusal::new(if unsupported { Code::UnsupportedKey } else { Code::JwksEmpty })
        .detail(reasons.join("; "))
}

/// A skipped key and its reason, for the operator.
fn line((name, reason): &(String, Refusal)) -> String {
    let texts = [reason.detail_text(), reason.found_text()];
    let what: Vec<&str> = texts.into_iter().flatten().collect();
    format!("{name}: {} ({})", reason.code().as_str(), what.join(", "))
}

/// The keys of a set as they stand in it, or what the text is instead.
fn elements(set: &Value) -> Result<&[Value], &'static str> {
    match set {
        Value::Array(_) => Err("a list of keys; a set is {\"keys\": [ … ]} around it"),
        Value::Object(members) if members.contains("kty") && !members.contains("keys") => {
            Err("one key; a set is {\"keys\": [ … ]} around it")
        }
        set => set.get("keys").and_then(Value::as_array).ok_or("keys: missing or not a list"),
    }
}

/// Reads one element of `keys`.
fn read(element: &Value, rules: &KeyRules, uses: Uses) -> Result<VerificationKey, Refusal> {
    let jwk = element
        .as_object()
        .ok_or_else(|| Refusal::new(Code::KeyMalformed).detail("the key is not an object"))?;
    let key = VerificationKey::from_jwk_used(jwk, &rules.algorithms, RsaLimit::Standard, uses)?;
    check_public(jwk)?;
    if !rules.pins.is_empty() {
        let thumbprint = key.thumbprint();
        if !rules.pins.contains(&thumbprint) {
            return Err(Refusal::new(Code::KeyNotPinned).found(thumbprint));
        }
    }
    Ok(key)
}

/// Refuses a key whose private half is elsewhere in the set, under another name, type or curve or for another use:
/// anyone who can read the set can sign with it all the same.
fn check_secret(key: VerificationKey, withdrawn: &[Vec<u8>]) -> Result<VerificationKey, Refusal> {
    // The modulus or the coordinate of a key stands in its SubjectPublicKeyInfo byte for byte.
    let spki = key.key().spki_der();
    let stands = |part: &Vec<u8>| spki.windows(part.len().max(1)).any(|window| window == part);
    if withdrawn.iter().any(stands) {
        return Err(Refusal::new(Code::KeyMalformed)
            .detail("its private half is elsewhere in the key set; replace the key"));
    }
    Ok(key)
}

/// The keys, where the same key under the same `kid` is one key with the algorithms of both.
fn merged(keys: Vec<VerificationKey>) -> Vec<VerificationKey> {
    let mut merged: Vec<VerificationKey> = Vec::with_capacity(keys.len());
    for key in keys {
        let same = |held: &&mut VerificationKey| held.kid() == key.kid() && held.key() == key.key();
        match merged.iter_mut().find(same) {
            Some(held) => held.join(key.algorithms()),
            None => merged.push(key),
        }
    }
    merged
}

/// The keys but for those that share their `kid` with another key of their type: those are skipped.
fn without_ambiguous(
    keys: Vec<VerificationKey>,
    skipped: &mut Vec<(String, Refusal)>,
) -> Vec<VerificationKey> {
    let type_of = |key: &VerificationKey| discriminant(&key.key().kind());
    let shares = |key: &VerificationKey, other: &VerificationKey| {
        key.kid().is_some() && key.kid() == other.kid() && type_of(key) == type_of(other)
    };
    let ambiguous: Vec<bool> = keys
        .iter()
        .map(|key| keys.iter().filter(|other| shares(key, other)).take(2).count() > 1)
        .collect();
    let mut kept = Vec::with_capacity(keys.len());
    for (key, ambiguous) in keys.into_iter().zip(ambiguous) {
        match key.kid() {
            Some(kid) if ambiguous => {
                let reason = Refusal::new(Code::JwksDuplicateKid)
                    .detail("another key of this type has the same name");
                skipped.push((kid.to_string(), reason));
            }
            _ => kept.push(key),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
