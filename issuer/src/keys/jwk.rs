//! The public half of a signing key as verifiers see it.

use super::SigningAlgorithm;
use credmint_core::signature::{Curve, KeyKind, PublicKey};
use credmint_core::{base64, json, sha256};

/// A public signing key with its algorithm and `kid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    key: PublicKey,
    algorithm: SigningAlgorithm,
    kid: String,
}

impl PublicJwk {
    /// The key as a JWK; its `kid` is its thumbprint, so a key has the same name wherever it is loaded.
    /// `None` when the key is not one of `algorithm`.
    #[must_use]
    pub fn new(key: PublicKey, algorithm: SigningAlgorithm) -> Option<Self> {
        match (algorithm, key.kind()) {
            (SigningAlgorithm::Es256, KeyKind::Ec(Curve::P256))
            | (SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256, KeyKind::Rsa { .. })
            | (SigningAlgorithm::EdDsa, KeyKind::Ed25519) => {}
            _ => return None,
        }
        let kid = thumbprint(&key)?;
        Some(Self { key, algorithm, kid })
    }

    /// The algorithm that the key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The RFC 7638 thumbprint of the key, base64url.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The SubjectPublicKeyInfo in PEM (RFC 7468 section 13), with a line end behind it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let mut text = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        let body = base64::encode_standard(self.key.spki_der());
        let mut rest = body.as_str();
        while let Some((line, after)) = rest.split_at_checked(64) {
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        if !rest.is_empty() {
            text.push_str(rest);
            text.push('\n');
        }
        text.push_str("-----END PUBLIC KEY-----\n");
        text
    }

    /// The JWK (RFC 7517 section 4): the required members of its type, `use`, `alg` and `kid`.
    #[must_use]
    pub fn to_json(&self) -> json::Object {
        let mut jwk = required_members(&self.key).unwrap_or_default();
        jwk.insert("use", "sig");
        jwk.insert("alg", self.algorithm.as_str());
        jwk.insert("kid", self.kid.as_str());
        jwk
    }
}

/// The RFC 7638 thumbprint with SHA-256, base64url: the digest of the required members without white
/// space in the order of their names, which is how [`json::Object`] writes them.
fn thumbprint(key: &PublicKey) -> Option<String> {
    let members = required_members(key)?;
    Some(base64::encode_url(&sha256(members.to_string().as_bytes())))
}

/// The members that make the key (RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2).
fn required_members(key: &PublicKey) -> Option<json::Object> {
    if let Some(point) = key.ed25519() {
        return Some(json::Object::from_iter([
            ("kty", "OKP".to_owned()),
            ("crv", "Ed25519".to_owned()),
            ("x", base64::encode_url(point)),
        ]));
    }
    if let Some((modulus, exponent)) = key.rsa() {
        return Some(json::Object::from_iter([
            ("kty", "RSA".to_owned()),
            ("n", base64::encode_url(modulus)),
            ("e", base64::encode_url(exponent)),
        ]));
    }
    let KeyKind::Ec(curve) = key.kind() else { return None };
    let (x, y) = key.ec_point()?.strip_prefix(&[4])?.split_at_checked(curve.bytes())?;
    Some(json::Object::from_iter([
        ("kty", "EC".to_owned()),
        ("crv", curve_name(curve)?.to_owned()),
        ("x", base64::encode_url(x)),
        ("y", base64::encode_url(y)),
    ]))
}

const fn curve_name(curve: Curve) -> Option<&'static str> {
    match curve {
        Curve::P256 => Some("P-256"),
        Curve::P384 => Some("P-384"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::signature::RsaLimit;

    /// The example of RFC 7638 section 3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuh\
             DR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-6\
             5YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-b\
             FTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let modulus = base64::decode_url(modulus.as_bytes()).unwrap();
        let key = PublicKey::from_rsa(&modulus, &[1, 0, 1], RsaLimit::Standard).unwrap();
        let jwk = PublicJwk::new(key.clone(), SigningAlgorithm::Rs256).unwrap();
        assert_eq!(jwk.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        for other in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
            assert_eq!(PublicJwk::new(key.clone(), other), None);
        }
    }

    /// The example of RFC 8037 appendix A.3.
    #[test]
    fn the_thumbprint_of_ed25519_is_that_of_the_rfc() {
        let point = base64::decode_url(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::from_ed25519(&point).unwrap();
        let jwk = PublicJwk::new(key.clone(), SigningAlgorithm::EdDsa).unwrap();
        assert_eq!(jwk.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let expect = concat!(
            r#"{"alg":"EdDSA","crv":"Ed25519","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","#,
            r#""kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        );
        assert_eq!(jwk.to_json().to_string(), expect);
        assert_eq!(PublicJwk::new(key, SigningAlgorithm::Es256), None);
    }
}
