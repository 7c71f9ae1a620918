//! The algorithms that access tokens are signed with.

use credmint_core::jose::Algorithm;
use std::fmt;

/// How the issuer signs (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256: small tokens, cheap to sign.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256: for verifiers that know nothing else.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256: for rules that demand RSA and forbid PKCS#1 v1.5.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519: the cheapest to sign, not known to every verifier.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm, the default first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The name in a JOSE header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.to_verify().as_str()
    }

    /// The algorithm of this name; names are compared byte by byte.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The same as verifiers know it.
    #[must_use]
    pub const fn to_verify(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::Es256,
            Self::Rs256 => Algorithm::Rs256,
            Self::Ps256 => Algorithm::Ps256,
            Self::EdDsa => Algorithm::EdDsa,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_known_by_their_exact_names() {
        let read = |name: &str| serde_json::from_value::<SigningAlgorithm>(name.into()).ok();
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(read(algorithm.as_str()), Some(algorithm));
            assert_eq!(SigningAlgorithm::from_name(algorithm.as_str()), Some(algorithm));
        }
        for name in ["", "es256", "ES256 ", "ES384", "none", "HS256", "Ed25519"] {
            assert_eq!(read(name), None, "{name}");
            assert_eq!(SigningAlgorithm::from_name(name), None, "{name}");
        }
    }
}
