//! The native signature back end, on AWS-LC. It verifies; signing is the issuer's.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod authorities;

pub use authorities::KnownAuthorities;

use aws_lc_rs::signature::{
    self as aws, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm,
};
use credmint_core::Hash;
use credmint_core::signature::{Answer, Backend, Curve, PublicKey, Scheme, der_from_fixed};

/// RSASSA-PKCS1-v1_5 with every hash; RSASSA-PSS, and ECDSA on every curve, with the SHA-2 hashes; Ed25519. DSA,
/// which AWS-LC has and its binding does not offer, is left to the next back end.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl Backend for AwsLc {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let Some(algorithm) = algorithm(scheme) else { return Answer::Unsupported };
        let verified = match scheme {
            // AWS-LC takes r and s at full length only where curve and hash are JOSE's pair, DER for all.
            Scheme::Ecdsa(..) => der_from_fixed(signature)
                .is_some_and(|der| verifies(scheme, algorithm, key, message, &der)),
            _ => verifies(scheme, algorithm, key, message, signature),
        };
        if verified { Answer::Good } else { Answer::Bad }
    }
}

/// AWS-LC's form of a key. It is bound to the scheme of its first use, which mostly is its only one.
struct Parsed {
    scheme: Scheme,
    key: Option<ParsedPublicKey>,
}

fn verifies(
    scheme: Scheme,
    algorithm: &'static dyn VerificationAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let parsed = key.prepared(|key| Parsed {
        scheme,
        key: ParsedPublicKey::new(algorithm, key.spki_der()).ok(),
    });
    match parsed {
        Some(Parsed { scheme: of_key, key: Some(key) }) if *of_key == scheme => {
            key.verify_sig(message, signature).is_ok()
        }
        _ => UnparsedPublicKey::new(algorithm, key.spki_der()).verify(message, signature).is_ok(),
    }
}

/// AWS-LC's name of a scheme.
fn algorithm(scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match scheme {
        Scheme::RsaPkcs1(Hash::Sha1) => &aws::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Scheme::RsaPkcs1(Hash::Sha256) => &aws::RSA_PKCS1_2048_8192_SHA256,
        Scheme::RsaPkcs1(Hash::Sha384) => &aws::RSA_PKCS1_2048_8192_SHA384,
        Scheme::RsaPkcs1(Hash::Sha512) => &aws::RSA_PKCS1_2048_8192_SHA512,
        // These want a salt as long as the hash: RSA_PSS_SALTLEN_DIGEST.
        Scheme::RsaPss(Hash::Sha256) => &aws::RSA_PSS_2048_8192_SHA256,
        Scheme::RsaPss(Hash::Sha384) => &aws::RSA_PSS_2048_8192_SHA384,
        Scheme::RsaPss(Hash::Sha512) => &aws::RSA_PSS_2048_8192_SHA512,
        Scheme::Ecdsa(Curve::P256, Hash::Sha256) => &aws::ECDSA_P256_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P256, Hash::Sha384) => &aws::ECDSA_P256_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P256, Hash::Sha512) => &aws::ECDSA_P256_SHA512_ASN1,
        Scheme::Ecdsa(Curve::P384, Hash::Sha256) => &aws::ECDSA_P384_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P384, Hash::Sha384) => &aws::ECDSA_P384_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P384, Hash::Sha512) => &aws::ECDSA_P384_SHA512_ASN1,
        Scheme::Ecdsa(Curve::P521, Hash::Sha256) => &aws::ECDSA_P521_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P521, Hash::Sha384) => &aws::ECDSA_P521_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P521, Hash::Sha512) => &aws::ECDSA_P521_SHA512_ASN1,
        // The equation without the cofactor; the core has refused small orders, which AWS-LC takes.
        Scheme::Ed25519 => &aws::ED25519,
        _ => return None,
    })
}
