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

/// y = 4/5 (RFC 8032 section 5.1), x even.
const ED25519_BASE_POINT: [u8; 32] = {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
};

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

/// An Ed25519 key: the base point.
pub(crate) fn ed25519() -> PublicKey {
    PublicKey::from_ed25519(&ED25519_BASE_POINT).unwrap()
}

/// The JWK of an Ed25519 key, with more members as JSON text.
pub(crate) fn ed25519_jwk(more: &str) -> String {
    let x = encode_url(&ED25519_BASE_POINT);
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{more}}}"#)
}

/// The JWK of an RSA key, with more members as JSON text (`,"kid":"a"`).
pub(crate) fn rsa_jwk(number: u8, more: &str) -> String {
    format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"{more}}}"#, encode_url(&modulus(number)))
}

/// The JWK of an EC key, with more members as JSON text.
pub(crate) fn ec_jwk(curve: Curve, more: &str) -> String {
    let (x, y) = base_point(curve);
    let name = curve.name();
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
    let endless = || digest.iter().copied().cycle();
    // A zero in the highest byte of an integer keeps it below any modulus and order.
    let integer = |length: usize| [0].into_iter().chain(endless()).take(length);
    match key.kind() {
        KeyKind::Rsa { bits } => integer(bits / 8).collect(),
        KeyKind::Ec(curve) => integer(curve.bytes()).chain(integer(curve.bytes())).collect(),
        // R is a point: the base point. S is little-endian.
        KeyKind::Ed25519 => [&ED25519_BASE_POINT, &digest[..31], &[0]].concat(),
        KeyKind::Dsa => panic!("no token is signed with DSA"),
    }
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
        Curve::P521 => (
            "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
            "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
        ),
        Curve::P384 => (
            "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        ),
    };
    (hex(x), hex(y))
}

/// The bytes of hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
