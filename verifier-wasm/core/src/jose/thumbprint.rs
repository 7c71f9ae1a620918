//! Thumbprints: the name of a key that no other key can have (RFC 7638).

use crate::base64;
use crate::digest::sha256;
use crate::signature::{KeyKind, PublicKey};
use alloc::format;
use alloc::string::String;
use core::fmt;

/// The SHA-256 thumbprint of a public key. Whatever else its JWK says (`kid`, `alg`, `use`), it is the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The thumbprint of a key (RFC 7638 section 3). A DSA key has no JWK, so nothing that is pinned is one.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        match canonical_jwk(key) {
            Some(jwk) => Self(sha256(jwk.as_bytes())),
            None => Self(sha256(key.spki_der())),
        }
    }

    /// Reads the text form: 43 characters of unpadded base64url.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        base64::decode_url(text.as_bytes())?.try_into().ok().map(Self)
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode_url(&self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

/// The required members of the key's type, sorted, without white space (RFC 7638 section 3.2, RFC 8037 section
/// 2). Every value is base64url or a fixed name, so nothing needs escaping.
fn canonical_jwk(key: &PublicKey) -> Option<String> {
    let text = base64::encode_url;
    match key.kind() {
        KeyKind::Rsa { .. } => {
            let (n, e) = key.rsa()?;
            Some(format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)))
        }
        KeyKind::Ec(curve) => {
            // An uncompressed point: its tag, then the coordinates.
            let (x, y) = key.ec_point()?.get(1..)?.split_at_checked(curve.bytes())?;
            let (name, x, y) = (curve.name(), text(x), text(y));
            Some(format!(r#"{{"crv":"{name}","kty":"EC","x":"{x}","y":"{y}"}}"#))
        }
        KeyKind::Ed25519 => {
            let x = text(key.ed25519()?);
            Some(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#))
        }
        KeyKind::Dsa => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::tests::fake::{ec, ed25519, rsa};
    use crate::signature::{Curve, RsaLimit};
    use alloc::string::ToString;

    #[test]
    fn the_example_of_rfc_7638() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let modulus = base64::decode_url(modulus.as_bytes()).unwrap();
        let key = PublicKey::from_rsa(&modulus, &[1, 0, 1], RsaLimit::Standard).unwrap();
        let expect = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(Thumbprint::of(&key).to_string(), expect);
        assert_eq!(Thumbprint::from_text(expect), Some(Thumbprint::of(&key)));
    }

    #[test]
    fn the_example_of_rfc_8037() {
        let x = base64::decode_url(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::from_ed25519(&x).unwrap();
        let expect = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(Thumbprint::of(&key).to_string(), expect);
    }

    #[test]
    fn members_are_those_that_make_the_key_in_their_order() {
        let check = |key: &PublicKey, start: &str| {
            let jwk = canonical_jwk(key).unwrap();
            assert!(jwk.starts_with(start), "{jwk}");
        };
        check(&rsa(1), r#"{"e":"AQAB","kty":"RSA","n":"1dXV"#);
        check(
            &ec(Curve::P256),
            r#"{"crv":"P-256","kty":"EC","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-"#,
        );
        check(&ec(Curve::P384), r#"{"crv":"P-384","kty":"EC","x":"qofKIr6L"#);
        check(&ec(Curve::P521), r#"{"crv":"P-521","kty":"EC","x":"AMaF"#);
        check(&ed25519(), r#"{"crv":"Ed25519","kty":"OKP","x":"WGZmZmZm"#);
    }

    #[test]
    fn keys_have_thumbprints_of_their_own() {
        let all =
            [rsa(1), rsa(2), ec(Curve::P256), ec(Curve::P384)].map(|key| Thumbprint::of(&key));
        for (place, one) in all.iter().enumerate() {
            assert!(all.iter().skip(place + 1).all(|other| other != one));
        }
    }

    #[test]
    fn the_text_form_is_one_alone() {
        let text = Thumbprint::of(&rsa(1)).to_string();
        assert!(Thumbprint::from_text(&text).is_some());
        for wrong in ["", &text[1..], &format!("{text}="), &format!(" {text}"), &"+".repeat(43)] {
            assert_eq!(Thumbprint::from_text(wrong), None, "{wrong}");
        }
    }
}
