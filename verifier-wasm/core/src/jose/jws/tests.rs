//! What the tests of tokens share.

mod form;
mod verify;

use super::*;
use crate::base64::encode_url;
use crate::jose::AlgorithmSet;
use crate::jose::tests::fake::{self, Fake, ec, ec_jwk, ed25519, key_set, rsa, rsa_jwk, sign};
use crate::signature::{Answer, Backend, Curve, PublicKey, Scheme, SignatureProvider};
use crate::verdict::Source;

const GOOD: &str = r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#;
const CLAIMS: &str = r#"{"iss":"https://idp"}"#;

/// Parses a token.
fn parse(token: &str, expect: Result<(), Code>) {
    let result = UnverifiedJws::parse(token).map(|_| ()).map_err(|refusal| refusal.code());
    assert_eq!(result, expect, "{}", token.get(..80).unwrap_or(token));
}

/// Parses a token with this header.
fn header(header: &str, expect: Result<(), Code>) {
    parse(&sign(header, CLAIMS, &rsa(1)), expect);
}

/// Verifies a token.
fn verify(token: &str, keys: &JwkSet, expect: Result<(), Code>) {
    let result = UnverifiedJws::parse(token)
        .and_then(|jws| jws.verify(keys, fake::PROVIDER).map_err(Stop::into_refusal));
    assert_eq!(result.map(|_| ()).map_err(|refusal| refusal.code()), expect, "{token}");
}

/// A set with one RSA key, `kid` "a", for RS256.
fn one_key() -> JwkSet {
    key_set(&[rsa_jwk(1, r#","kid":"a""#)])
}
