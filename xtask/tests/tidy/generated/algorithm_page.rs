//! `docs/algorithms.md`, and the list of algorithms for the prose of other pages.

use std::fmt::Write as _;

use credmint_core::jose::{Algorithm, AlgorithmSet};
use credmint_core::limits;
use credmint_core::signature::{Curve, KeyKind, Scheme};

use super::row;

/// `RS256, RS384 and RS512`.
pub(super) fn list() -> String {
    let names: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The primitive, the key and the rule of an algorithm.
fn described(scheme: Scheme) -> (String, String, &'static str) {
    let rsa = format!("RSA, {} to {} bits", limits::RSA_MIN_BITS, limits::RSA_MAX_BITS);
    match scheme {
        Scheme::RsaPkcs1(hash) => {
            (format!("RSASSA-PKCS1-v1_5 with {}", hash.name()), rsa, "RFC 7518 section 3.3")
        }
        Scheme::RsaPss(hash) => (
            format!("RSASSA-PSS with {0}, MGF1 with {0}, a salt as long as the hash", hash.name()),
            rsa,
            "RFC 7518 section 3.5",
        ),
        Scheme::Ecdsa(curve, hash) => (
            format!("ECDSA with {}", hash.name()),
            format!("EC, {}", curve.name()),
            "RFC 7518 section 3.4",
        ),
        Scheme::Ed25519 => {
            ("Ed25519".to_owned(), "OKP, Ed25519".to_owned(), "RFC 8037 section 3.1")
        }
        other => panic!("no token has {other:?}"),
    }
}

/// The page.
pub(super) fn page() -> String {
    let mut page = String::from(
        "<!-- Written by `cargo xtask bless` from verifier-wasm/core/src/jose/algorithm.rs. -->\n\
         # Signature algorithms\n\n\
         ## Tokens and assertions\n\n\
         | `alg` | what it is | key | rule |\n|---|---|---|---|\n",
    );
    for algorithm in Algorithm::ALL {
        let (what, key, rule) = described(algorithm.scheme());
        row(&mut page, &[&format!("`{algorithm}`"), &what, &key, rule]);
    }
    page.push_str(
        "\nAny other `alg` is refused with `unsupported_algorithm`: `none` and HMAC too. `Ed25519` (RFC 9864) is another name of `EdDSA`. \
         Of an ECDSA signature (r, s) the twin (r, n − s) is accepted as well.\n\n\
         A key may be used with the `alg` of its JWK, as far as the provider's `algorithms` lists it; without an `alg`, with those \
         that the provider lists; without a list, with the default of its type:\n\n| key | default |\n|---|---|\n",
    );
    let kinds = [("RSA", KeyKind::Rsa { bits: limits::RSA_MIN_BITS })]
        .into_iter()
        .chain(Curve::ALL.iter().map(|curve| (curve.name(), KeyKind::Ec(*curve))))
        .chain([("Ed25519", KeyKind::Ed25519)]);
    for (key, kind) in kinds {
        row(&mut page, &[key, &AlgorithmSet::default_of(kind).to_string()]);
    }
    let _ = write!(
        page,
        "\nFor a private CA's assertion an RSA leaf may sign with `RS256`, `RS384` or `RS512`, every other leaf with the \
         default.\n\n\
         ## Certificates and revocation lists\n\n\
         RSASSA-PKCS1-v1_5, RSASSA-PSS (with the parameters above, encoded in full) and ECDSA, each with SHA-256, SHA-384 \
         or SHA-512; Ed25519. ECDSA may pair a curve with another hash than a token does. A key of the type \
         `id-RSASSA-PSS` is refused.\n\n\
         ## Messages (CMS)\n\n\
         | profile | accepted | of pinned signers, when allowed by name |\n|---|---|---|\n\
         | `generic` | RSA PKCS#1 v1.5 and ECDSA with SHA-256, SHA-384 or SHA-512 | RSA or DSA with SHA-1 |\n\
         | `amazon-ec2` | RSA PKCS#1 v1.5 with SHA-256 | DSA with SHA-1 (`allow: [sha1-dsa]`) |\n\
         | `alibaba-ecs` | RSA PKCS#1 v1.5 with SHA-256, and with SHA-1 in the form that Alibaba Cloud writes | |\n\
         | `azure-attested` | RSA PKCS#1 v1.5 with SHA-256 | |\n\n\
         ## Access tokens\n\n\
         The issuer signs with `ES256`, or with `RS256` where `server.signing.algorithm` says so.\n"
    );
    page
}
