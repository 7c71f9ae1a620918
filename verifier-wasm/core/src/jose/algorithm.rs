//! Signature algorithms of JOSE and the closed sets of them that keys carry (RFC 7518 section 3.1).

use crate::digest::Hash;
use crate::signature::{Curve, KeyKind, Scheme};
use core::fmt;

/// A signature algorithm that Credmint offers. `none` and HMAC are not among them and never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 section 3.3).
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518 section 3.3).
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5).
    Ps256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes (RFC 7518 section 3.5).
    Ps384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes (RFC 7518 section 3.5).
    Ps512,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384 (RFC 7518 section 3.4).
    Es384,
    /// ECDSA on P-521 with SHA-512 (RFC 7518 section 3.4).
    Es512,
    /// Ed25519, under the name that RFC 8037 section 3.1 gave it or that of RFC 9864 section 2.2, `Ed25519`: the same
    /// signature of the same key. `EdDSA` is no other curve here, since none is offered.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, in the order that sets are shown.
    pub const ALL: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The registered name, `RS256` for instance.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The other registered name, where there are two.
    #[must_use]
    pub const fn other_name(self) -> Option<&'static str> {
        match self {
            Self::EdDsa => Some("Ed25519"),
            _ => None,
        }
    }

    /// The algorithm of a registered name. Names are compared byte by byte (RFC 7515 section 4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is_it = |it: &Self| it.as_str() == name || it.other_name() == Some(name);
        Self::ALL.iter().copied().find(is_it)
    }

    /// The primitive with all its parameters.
    #[must_use]
    pub const fn scheme(self) -> Scheme {
        match self {
            Self::Rs256 => Scheme::RsaPkcs1(Hash::Sha256),
            Self::Rs384 => Scheme::RsaPkcs1(Hash::Sha384),
            Self::Rs512 => Scheme::RsaPkcs1(Hash::Sha512),
            Self::Ps256 => Scheme::RsaPss(Hash::Sha256),
            Self::Ps384 => Scheme::RsaPss(Hash::Sha384),
            Self::Ps512 => Scheme::RsaPss(Hash::Sha512),
            Self::Es256 => Scheme::Ecdsa(Curve::P256, Hash::Sha256),
            Self::Es384 => Scheme::Ecdsa(Curve::P384, Hash::Sha384),
            Self::Es512 => Scheme::Ecdsa(Curve::P521, Hash::Sha512),
            Self::EdDsa => Scheme::Ed25519,
        }
    }

    /// Whether a key of this kind can make such signatures. The curve is fixed by the algorithm.
    #[must_use]
    pub fn fits(self, kind: KeyKind) -> bool {
        self.scheme().fits(kind)
    }

    /// The algorithm's place in an [`AlgorithmSet`].
    const fn bit(self) -> u16 {
        match self {
            Self::Rs256 => 1,
            Self::Rs384 => 1 << 1,
            Self::Rs512 => 1 << 2,
            Self::Ps256 => 1 << 3,
            Self::Ps384 => 1 << 4,
            Self::Ps512 => 1 << 5,
            Self::Es256 => 1 << 6,
            Self::Es384 => 1 << 7,
            Self::Es512 => 1 << 8,
            Self::EdDsa => 1 << 9,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A closed set of algorithms: what a key may be used with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlgorithmSet(u16);

impl AlgorithmSet {
    /// The set of a key for which no algorithm was listed: RS256 for RSA, the curve's own for EC, EdDSA for
    /// Ed25519; empty for DSA, which JOSE does not have. PSS is never a default: a key serves for one padding,
    /// and the policy has to say that it is the other.
    #[must_use]
    pub fn default_of(kind: KeyKind) -> Self {
        let default = match kind {
            KeyKind::Rsa { .. } => Algorithm::Rs256,
            KeyKind::Ec(Curve::P256) => Algorithm::Es256,
            KeyKind::Ec(Curve::P384) => Algorithm::Es384,
            KeyKind::Ec(Curve::P521) => Algorithm::Es512,
            KeyKind::Ed25519 => Algorithm::EdDsa,
            KeyKind::Dsa => return Self::default(),
        };
        Self::from_iter([default])
    }

    /// Whether `algorithm` is in the set.
    #[must_use]
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// Whether the set is empty: a key with it verifies nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The algorithms of the set, in the order of [`Algorithm::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.iter().copied().filter(move |algorithm| self.contains(*algorithm))
    }

    /// The members of the set that a key of this kind can do.
    #[must_use]
    pub(crate) fn fitting(self, kind: KeyKind) -> Self {
        self.iter().filter(|algorithm| algorithm.fits(kind)).collect()
    }
}

impl FromIterator<Algorithm> for AlgorithmSet {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        Self(algorithms.into_iter().fold(0, |set, algorithm| set | algorithm.bit()))
    }
}

impl fmt::Display for AlgorithmSet {
    /// The names, joined by a comma and a blank; `no algorithm` for the empty set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no algorithm");
        }
        for (place, algorithm) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            f.write_str(algorithm.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(*algorithm));
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::EdDsa));
        for name in [
            "none",
            "None",
            "nOnE",
            "",
            "HS256",
            "rs256",
            "RS256 ",
            "ps256",
            "RSA1_5",
            "eddsa",
            "EDDSA",
            "ed25519",
            "ED25519",
            "Ed25519ph",
            "Ed448",
            "ES256K",
            "ES521",
            "PS1",
        ] {
            assert_eq!(Algorithm::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn j03_an_algorithm_fits_one_kind_of_key() {
        use Algorithm::{EdDsa, Es256, Es384, Es512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        let check = |kind: KeyKind, expect: &[Algorithm]| {
            for algorithm in Algorithm::ALL {
                let fits = algorithm.fits(kind);
                assert_eq!(fits, expect.contains(algorithm), "{algorithm} {kind:?}");
            }
        };
        check(KeyKind::Rsa { bits: 2048 }, &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]);
        check(KeyKind::Ec(Curve::P256), &[Es256]);
        check(KeyKind::Ec(Curve::P384), &[Es384]);
        check(KeyKind::Ec(Curve::P521), &[Es512]);
        check(KeyKind::Ed25519, &[EdDsa]);
        check(KeyKind::Dsa, &[]);
    }

    #[test]
    fn sets_hold_what_was_put_in_and_nothing_else() {
        for own in Algorithm::ALL {
            let set = AlgorithmSet::from_iter([*own, *own]);
            for algorithm in Algorithm::ALL {
                assert_eq!(set.contains(*algorithm), algorithm == own, "{algorithm}");
            }
        }
        let set = AlgorithmSet::from_iter([Algorithm::Es384, Algorithm::Rs256, Algorithm::Rs256]);
        assert_eq!(set.to_string(), "RS256, ES384");
        assert_eq!(AlgorithmSet::default().to_string(), "no algorithm");
        assert_eq!(set.fitting(KeyKind::Ec(Curve::P384)).to_string(), "ES384");
        assert!(set.fitting(KeyKind::Ec(Curve::P256)).is_empty());
    }

    #[test]
    fn defaults_are_one_algorithm() {
        let check = |kind, expect: &str| {
            assert_eq!(AlgorithmSet::default_of(kind).to_string(), expect);
        };
        check(KeyKind::Rsa { bits: 4096 }, "RS256");
        check(KeyKind::Ec(Curve::P256), "ES256");
        check(KeyKind::Ec(Curve::P384), "ES384");
        check(KeyKind::Ec(Curve::P521), "ES512");
        check(KeyKind::Ed25519, "EdDSA");
        check(KeyKind::Dsa, "no algorithm");
    }
}
