//! What the publisher of a key set should be told: secrets that it publishes.

use crate::jose::jwk::private_member;
use crate::json::Value;
use alloc::string::{String, ToString};
use core::fmt;

/// A secret in a key set. The key is skipped; the set, which may have good keys, is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWarning {
    key: String,
    secret: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secret {
    /// A key of type `oct` (RFC 7518 section 6.4).
    Symmetric,
    /// A member of a private key (RFC 7518 sections 6.2.2, 6.3.2).
    Member(&'static str),
}

impl KeyWarning {
    /// Looks at one element of `keys`; `name` is what the operator knows it by.
    pub(super) fn of(name: &str, element: &Value) -> Option<Self> {
        let jwk = element.as_object()?;
        let secret = match jwk.get("kty").and_then(Value::as_str) {
            Some("oct") => Secret::Symmetric,
            _ => Secret::Member(private_member(jwk)?),
        };
        Some(Self { key: name.to_string(), secret })
    }

    /// The `kid` of the key, or its place in the list.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for KeyWarning {
    /// One line without control characters: the name comes from outside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {:?} ", self.key)?;
        match self.secret {
            Secret::Symmetric => f.write_str("is symmetric (oct)")?,
            Secret::Member(member) => write!(f, "has the private member {member:?}")?,
        }
        f.write_str(": whoever reads the set can sign with it; its issuer must replace it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn o12_secrets_are_told() {
        let check = |jwk: &str, expect: Option<&str>| {
            let element = json::parse(jwk.as_bytes()).unwrap();
            let warning = KeyWarning::of("a\n", &element).map(|warning| warning.to_string());
            let tail = ": whoever reads the set can sign with it; its issuer must replace it";
            let expect = expect.map(|what| alloc::format!(r#"key "a\n" {what}{tail}"#));
            assert_eq!(warning, expect, "{jwk}");
        };
        check(r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#, None);
        check(r#"{"kty":"EC","x":"AQ","y":"AQ"}"#, None);
        check("7", None);
        check(r#"{"kty":"oct"}"#, Some("is symmetric (oct)"));
        check(r#"{"kty":"oct","k":"AQ"}"#, Some("is symmetric (oct)"));
        check(r#"{"kty":"EC","d":"AQ"}"#, Some(r#"has the private member "d""#));
        check(r#"{"kty":"RSA","qi":7}"#, Some(r#"has the private member "qi""#));
        check(r#"{"k":"AQ"}"#, Some(r#"has the private member "k""#));
    }
}
