//! Access tokens, looked at by code that is not Credmint's.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

/// A token whose signature was verified.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The JOSE header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
}

impl AccessToken {
    /// Verifies `token` with the key of `jwks` that its `kid` names.
    ///
    /// # Panics
    ///
    /// When it is not a token, no key or more than one has its `kid`, or the signature is not good.
    #[must_use]
    pub fn verify(token: &str, jwks: &Value) -> Self {
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let (header, claims) = signed.split_once('.').expect("header and claims");
        let (header, claims) = (json(header), json(claims));
        let keys = jwks["keys"].as_array().expect("a key set");
        let named: Vec<_> = keys.iter().filter(|key| key["kid"] == header["kid"]).collect();
        let [key] = named[..] else { panic!("not exactly one key of {jwks} for {header}") };
        assert_eq!(key["alg"], header["alg"]);
        let good = verifies(key, signed.as_bytes(), &decode(signature));
        assert!(good, "the signature of {header} {claims} is not that of {key}");
        Self { header, claims }
    }
}

fn verifies(key: &Value, message: &[u8], signature: &[u8]) -> bool {
    let member = |name: &str| decode(key[name].as_str().expect("a member of the key"));
    match key["alg"].as_str() {
        Some("ES256") => {
            let point = [&[4][..], &member("x"), &member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok()
        }
        Some("RS256") => RsaPublicKeyComponents { n: member("n"), e: member("e") }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
        _ => panic!("no key of the issuer: {key}"),
    }
}

fn json(part: &str) -> Value {
    serde_json::from_slice(&decode(part)).expect("JSON in a token")
}

fn decode(part: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(part).expect("base64url")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::jwt;
    use crate::fixtures::key::TestKey;
    use crate::panicking;
    use serde_json::json;

    #[test]
    fn good_tokens_and_forgeries() {
        for key in [TestKey::ec(), TestKey::rsa()] {
            let jwks = json!({ "keys": [key.jwk("a"), TestKey::ec().jwk("b")] });
            let header = json!({ "alg": key.algorithm(), "kid": "a" });
            let token = jwt::sign(&key, &header, &json!({ "sub": "x" }));
            assert_eq!(AccessToken::verify(&token, &jwks).claims["sub"], "x");
            let forged = jwt::with_payload(&token, &json!({ "sub": "y" }));
            let message = panicking::message(|| AccessToken::verify(&forged, &jwks));
            assert!(message.contains("signature"), "{message}");
        }
    }
}
