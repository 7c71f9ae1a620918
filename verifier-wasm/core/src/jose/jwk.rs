//! One verification key and its JWK form (RFC 7517 section 4, RFC 7518 section 6).

use crate::base64;
use crate::jose::{Algorithm, AlgorithmSet, Thumbprint};
use crate::json::{Object, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{Curve, PublicKey, RsaLimit};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A public key with the closed set of algorithms that it may be used with.
///
/// It is made from configuration or from a key set that configuration names, never from a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationKey {
    kid: Option<String>,
    key: PublicKey,
    algorithms: AlgorithmSet,
}

impl VerificationKey {
    /// A key from configuration. Of `algorithms` it keeps those that its type and curve can do; when none is
    /// left, it verifies nothing.
    #[must_use]
    pub fn new(key: PublicKey, algorithms: AlgorithmSet, kid: Option<String>) -> Self {
        let algorithms = algorithms.fitting(key.kind());
        Self { kid, key, algorithms }
    }

    /// Reads a JWK.
    ///
    /// The set of algorithms is the JWK's `alg`, else `listed`, else one by type: RS256 for RSA, the
    /// curve's own for EC, EdDSA for OKP. When something is listed, an `alg` outside of it is refused: what the provider
    /// lists is a bound, and the key set cannot widen it.
    ///
    /// Only the public half is read. Whether a private half may stand beside it is for the caller to say, who
    /// knows where the JWK came from; a [`JwkSet`](crate::jose::JwkSet) refuses it.
    ///
    /// # Errors
    /// [`Code::UnsupportedKey`] for another type, curve or algorithm; [`Code::KeyUse`] for a key that is not for
    /// verifying; [`Code::KeyMalformed`] for a missing or wrong member; [`Code::KeyWeak`] from the key itself;
    /// [`Code::AlgorithmNotAllowed`] when nothing that is listed remains for this key.
    pub fn from_jwk(jwk: &Object, listed: &[Algorithm], limit: RsaLimit) -> Result<Self, Refusal> {
        Self::from_jwk_used(jwk, listed, limit, Uses::Signatures)
    }

    /// As [`VerificationKey::from_jwk`], for a set whose keys have these uses.
    pub(super) fn from_jwk_used(
        jwk: &Object,
        listed: &[Algorithm],
        limit: RsaLimit,
        uses: Uses,
    ) -> Result<Self, Refusal> {
        let kid = kid(jwk)?;
        check_use(jwk, uses)?;
        let key = public_half(jwk, limit)?;
        check_certificate(jwk, &key)?;
        let algorithms = algorithms(jwk, &key, listed)?;
        Ok(Self { kid, key, algorithms })
    }

    /// The name of the key, opaque.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithms that the key may be used with.
    #[must_use]
    pub const fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    /// Lets the key serve these algorithms too, which its type and curve can do.
    pub(super) fn join(&mut self, algorithms: AlgorithmSet) {
        self.algorithms = self.algorithms.iter().chain(algorithms.iter()).collect();
    }

    /// The thumbprint of the key (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of(&self.key)
    }
}

/// What `use` says of a key that verifies tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uses {
    /// `sig`, or nothing.
    Signatures,
    /// `jwt-svid`: the set is a SPIFFE bundle, of which the other keys are for certificates, and those without a use for
    /// nothing (SPIFFE Trust Domain and Bundle section 4.2).
    JwtSvids,
}

/// Whether `use` is one of those that the keys of a SPIFFE bundle have.
pub(super) fn is_of_bundle(element: &Value) -> bool {
    matches!(element.get("use").and_then(Value::as_str), Some("jwt-svid" | "x509-svid"))
}

/// Members that hold a private or symmetric key (RFC 7518 sections 6.2.2, 6.3.2, 6.4).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The first member that holds private or symmetric key material, whatever its value.
pub(super) fn private_member(jwk: &Object) -> Option<&'static str> {
    PRIVATE.iter().copied().find(|member| jwk.contains(member))
}

/// Members that tell a public key from every other: the modulus of RSA, the point of a curve (RFC 7518 sections 6.2.1,
/// 6.3.1, RFC 8037 section 2).
const TELLING: &[&str] = &["n", "x"];

/// What an element that publishes a private member tells of its public half, whatever type and curve it claims and
/// however its numbers are written: the modulus or a coordinate, without leading zeros.
pub(super) fn withdrawn_by(element: &Value) -> Vec<Vec<u8>> {
    let Some(jwk) = element.as_object() else { return Vec::new() };
    if private_member(jwk).is_none() {
        return Vec::new();
    }
    let texts = TELLING.iter().filter_map(|member| jwk.get(member).and_then(Value::as_str));
    let numbers = texts.filter_map(in_any_base64).map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number.get(zeros..).unwrap_or_default().to_vec()
    });
    numbers.filter(|number| number.len() >= limits::TELLING_BYTES).collect()
}

/// The bytes of base64 or base64url, padded or not, with white space or without: but for the last one or two, whose text
/// has a second form where unused bits are not zero. A key is told by the others as well.
fn in_any_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace());
    let mut url: Vec<u8> = digits
        .map(|digit| match digit {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        })
        .collect();
    // Four digits are three bytes.
    url.truncate(url.len() & !3);
    base64::decode_url(&url)
}

/// The public half of a JWK, whatever the key is for.
fn public_half(jwk: &Object, limit: RsaLimit) -> Result<PublicKey, Refusal> {
    match required_text(jwk, "kty")? {
        "RSA" => PublicKey::from_rsa(&modulus(jwk)?, &bytes(jwk, "e")?, limit),
        "EC" => PublicKey::from_ec(curve(jwk)?, &bytes(jwk, "x")?, &bytes(jwk, "y")?),
        "OKP" => ed25519(jwk),
        other => Err(unsupported("kty", other)),
    }
}

/// Refuses a key whose private half is published with it: anyone who can read the set can sign.
pub(super) fn check_public(jwk: &Object) -> Result<(), Refusal> {
    match private_member(jwk) {
        Some(member) => {
            Err(malformed(member, "private key material in a key set; replace the key"))
        }
        None => Ok(()),
    }
}

/// Refuses a key that is not for verifying signatures (RFC 7517 sections 4.2, 4.3).
fn check_use(jwk: &Object, uses: Uses) -> Result<(), Refusal> {
    match (optional_text(jwk, "use")?, uses) {
        (None | Some("sig"), Uses::Signatures) | (Some("jwt-svid"), Uses::JwtSvids) => {}
        (None, Uses::JwtSvids) => {
            return Err(Refusal::new(Code::KeyUse).found("a key of a bundle without a use"));
        }
        (Some(other), _) => return Err(Refusal::new(Code::KeyUse).found(format!("use {other:?}"))),
    }
    let Some(operations) = present(jwk, "key_ops") else { return Ok(()) };
    let operations =
        texts(operations).ok_or_else(|| malformed("key_ops", "not a list of strings"))?;
    let repeated = operations
        .iter()
        .enumerate()
        .any(|(at, name)| operations.iter().skip(at).skip(1).any(|other| other == name));
    if repeated {
        return Err(malformed("key_ops", "an operation is listed twice"));
    }
    if operations.contains(&"verify") {
        Ok(())
    } else {
        Err(Refusal::new(Code::KeyUse).found(format!("key_ops {operations:?}")))
    }
}

/// The `kid`: opaque, bounded.
fn kid(jwk: &Object) -> Result<Option<String>, Refusal> {
    let kid = optional_text(jwk, "kid")?;
    if kid.is_some_and(|kid| kid.len() > limits::KID_BYTES) {
        return Err(malformed("kid", "too long"));
    }
    Ok(kid.map(ToString::to_string))
}

/// The modulus. RFC 7518 section 6.3.1.1 allows no zero before it, and names libraries that write the one of a signed
/// number all the same: one is left out, so that the key has one form and one thumbprint.
fn modulus(jwk: &Object) -> Result<Vec<u8>, Refusal> {
    let modulus = bytes(jwk, "n")?;
    let without_zero = modulus.strip_prefix(&[0]).map(<[u8]>::to_vec);
    Ok(without_zero.unwrap_or(modulus))
}

fn curve(jwk: &Object) -> Result<Curve, Refusal> {
    let name = required_text(jwk, "crv")?;
    Curve::from_name(name).ok_or_else(|| unsupported("crv", name))
}

/// A key of RFC 8037 section 2. Ed448 is not offered, and X25519 does not sign.
fn ed25519(jwk: &Object) -> Result<PublicKey, Refusal> {
    match required_text(jwk, "crv")? {
        "Ed25519" => PublicKey::from_ed25519(&bytes(jwk, "x")?),
        other => Err(unsupported("crv", other)),
    }
}

/// The closed set of a JWK; see [`VerificationKey::from_jwk`].
fn algorithms(
    jwk: &Object,
    key: &PublicKey,
    listed: &[Algorithm],
) -> Result<AlgorithmSet, Refusal> {
    let listed: AlgorithmSet = listed.iter().copied().collect();
    let of_key = match optional_text(jwk, "alg")? {
        Some(name) => {
            let own = Algorithm::from_name(name).ok_or_else(|| unsupported("alg", name))?;
            if !own.fits(key.kind()) {
                return Err(malformed("alg", "does not fit the type or curve of the key"));
            }
            AlgorithmSet::from_iter([own])
        }
        None if listed.is_empty() => AlgorithmSet::default_of(key.kind()),
        None => listed.fitting(key.kind()),
    };
    let allowed: AlgorithmSet =
        of_key.iter().filter(|own| listed.is_empty() || listed.contains(*own)).collect();
    if allowed.is_empty() {
        return Err(Refusal::new(Code::AlgorithmNotAllowed)
            .detail("no algorithm that the provider lists fits the key")
            .expected(listed)
            .found(of_key));
    }
    Ok(allowed)
}

/// Refuses an `x5c` whose first certificate is for another key (RFC 7517 section 4.7).
///
/// The certificate proves nothing here; it is only compared. Its SubjectPublicKeyInfo is DER, so a
/// certificate of this key contains the key's own SubjectPublicKeyInfo byte for byte. One that cannot be read says
/// nothing: the key stands beside it, and is what the issuer publishes.
fn check_certificate(jwk: &Object, key: &PublicKey) -> Result<(), Refusal> {
    let chain = present(jwk, "x5c").and_then(Value::as_array).unwrap_or_default();
    let first = chain.first().and_then(Value::as_str).and_then(in_any_base64);
    let Some(first) = first.filter(|first| is_sequence(first)) else { return Ok(()) };
    let spki = key.spki_der();
    if first.windows(spki.len().max(1)).any(|window| window == spki) {
        Ok(())
    } else {
        Err(malformed("x5c", "the certificate is for another key"))
    }
}

/// Whether bytes begin as a certificate does: with the tag of a SEQUENCE and a length of over 127 (X.690 section 8.1.3).
const fn is_sequence(der: &[u8]) -> bool {
    matches!(der, [0x30, 0x81 | 0x82, ..])
}

/// The bytes of a base64url member.
fn bytes(jwk: &Object, member: &str) -> Result<Vec<u8>, Refusal> {
    base64::decode_url(required_text(jwk, member)?.as_bytes())
        .ok_or_else(|| malformed(member, "not unpadded base64url"))
}

/// The value of an optional member. One that is null says nothing.
fn present<'j>(jwk: &'j Object, member: &str) -> Option<&'j Value> {
    jwk.get(member).filter(|value| **value != Value::Null)
}

fn required_text<'j>(jwk: &'j Object, member: &str) -> Result<&'j str, Refusal> {
    match jwk.get(member) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(malformed(member, "not a string")),
        None => Err(malformed(member, "missing")),
    }
}

/// The text of an optional member. One that is null or empty says nothing, as some libraries write what they do not know.
fn optional_text<'j>(jwk: &'j Object, member: &str) -> Result<Option<&'j str>, Refusal> {
    match present(jwk, member) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(member, "not a string")),
    }
}

/// The strings of a list that holds nothing else.
fn texts(list: &Value) -> Option<Vec<&str>> {
    list.as_array()?.iter().map(Value::as_str).collect()
}

fn malformed(member: &str, what: &str) -> Refusal {
    Refusal::new(Code::KeyMalformed).detail(format!("{member}: {what}"))
}

fn unsupported(member: &str, found: &str) -> Refusal {
    Refusal::new(Code::UnsupportedKey).detail(member).found(found)
}
