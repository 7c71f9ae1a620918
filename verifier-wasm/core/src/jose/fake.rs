//! Keys and signatures for tests, without cryptography: a signature is a digest of key and message.
//!
//! Keys are real in form, so that the checks of form run as always.

use crate::base64::encode_url;
use crate::jose::{JwkSet, Thumbprint};
use crate::sha256;
use crate::signature::{
    Answer, Backend, Curve, KeyKind, PublicKey, RsaLimit, Scheme, SignatureProvider,
};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Verifies what [`sign`] signs.
pub(crate) struct Fake;

/// Answers later, always.
pub(crate) struct Later;

/// A provider that verifies what [`sign`] signs.
pub(crate) const PROVIDER: SignatureProvider<'static> = SignatureProvider { backends: &[&Fake] };

/// A provider that defers everything.
pub(crate) const LATER: SignatureProvider<'static> = SignatureProvider { backends: &[&Later] };

impl Backend for Fake {
    fn verify(&self, _: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        if signature == signed(key, message) { Answer::Good } else { Answer::Bad }
    }
}

impl Backend for Later {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        Answer::Deferred
    }
}

/// An RSA key of 2048 bits; another one for each number.
pub(crate) fn rsa(number: u8) -> PublicKey {
    PublicKey::from_rsa(&modulus(number), &[1, 0, 1], RsaLimit::Standard).unwrap()
}

/// An EC key: the base point of the curve.
pub(crate) fn ec(curve: Curve) -> PublicKey {
    let (x, y) = base_point(curve);
    PublicKey::from_ec(curve, &x, &y).unwrap()
}

/// The text of a key's thumbprint.
pub(crate) fn thumbprint(key: &PublicKey) -> String {
    Thumbprint::of(key).to_string()
}

/// The JWK of an RSA key, with more members as JSON text (`,"kid":"a"`).
pub(crate) fn rsa_jwk(number: u8, more: &str) -> String {
    format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"{more}}}"#, encode_url(&modulus(number)))
}

/// The JWK of an EC key, with more members as JSON text.
pub(crate) fn ec_jwk(curve: Curve, more: &str) -> String {
    let (x, y) = base_point(curve);
    let name = if curve == Curve::P256 { "P-256" } else { "P-384" };
    let (x, y) = (encode_url(&x), encode_url(&y));
    format!(r#"{{"kty":"EC","crv":"{name}","x":"{x}","y":"{y}"{more}}}"#)
}

/// The text of a JWK set.
pub(crate) fn jwks(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// A JWK set, for the default algorithms.
pub(crate) fn key_set(keys: &[String]) -> JwkSet {
    JwkSet::parse(jwks(keys).as_bytes(), &[]).unwrap()
}

/// A token over this header and payload, signed with `key`.
pub(crate) fn sign(header: &str, payload: &str, key: &PublicKey) -> String {
    let input = format!("{}.{}", encode_url(header.as_bytes()), encode_url(payload.as_bytes()));
    let signature = encode_url(&signed(key, input.as_bytes()));
    format!("{input}.{signature}")
}

/// The signature of the right length and range for the key.
pub(crate) fn signed(key: &PublicKey, message: &[u8]) -> Vec<u8> {
    let digest = sha256(&[key.spki_der(), message].concat());
    let length = match key.kind() {
        KeyKind::Rsa { bits } => bits / 8,
        KeyKind::Ec(curve) => 2 * curve.bytes(),
    };
    // The leading zero keeps r below the order of the curve; s is, unless it begins with 32 ones.
    let mut signature = vec![0];
    signature.extend(digest.iter().cycle().take(length - 1));
    signature
}

fn modulus(number: u8) -> Vec<u8> {
    let mut modulus = vec![0xd5; 256];
    modulus[128] = number;
    modulus
}

fn base_point(curve: Curve) -> (Vec<u8>, Vec<u8>) {
    let (x, y) = match curve {
        Curve::P256 => (
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        ),
        Curve::P384 => (
            "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        ),
    };
    (hex(x), hex(y))
}

/// The octets of hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
