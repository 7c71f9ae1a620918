//! Files of bare signatures.

use crate::decisions::expected;
use crate::suite::{Case, Group};
use crate::{Record, of_both};
use credmint_core::signature::{
    KeyKind, NotVerified, PublicKey, RsaLimit, Scheme, SignatureFailure, SignatureProvider,
    decode_signature, verify_signature,
};
use credmint_core::{Code, Hash};

pub(crate) fn run(group: &Group<'_>, record: &mut Record) {
    let cases = group.cases().count();
    let key = match key(group) {
        Ok(key) => key,
        Err(Code::UnsupportedKey) => {
            return record.not_offered(primitive_not_offered(group), cases);
        }
        Err(Code::KeyWeak) => {
            let weak =
                |case: Case<'_>| case.has_flag("SmallModulus") || case.has_flag("SmallPublicKey");
            assert!(group.cases().all(weak), "{}: a weak key", group.file);
            return record.keys_refused += cases;
        }
        Err(code) => panic!("{}: {code:?}", group.file),
    };
    match scheme(group, &key) {
        Ok(scheme) => {
            for case in group.cases() {
                let (accept, decision) = expected(&case);
                let answer = verify(scheme, &key, group, &case);
                assert_eq!(answer.is_ok(), accept, "{answer:?}: {case}");
                record.decided.extend(decision);
                record.count(accept);
            }
        }
        Err((what, nearest)) => {
            record.not_offered(what, cases);
            // What is good under other parameters is not good under those that are offered.
            let Some(scheme) = nearest else { return };
            for case in group.cases() {
                let answer = verify(scheme, &key, group, &case);
                if case.text("result") == "valid" {
                    assert_eq!(answer, Err(SignatureFailure::Invalid), "{case}");
                }
            }
        }
    }
}

/// The key of a group. A key that is bound to parameters of PSS is refused as it is written; its integers serve.
fn key(group: &Group<'_>) -> Result<PublicKey, Code> {
    let read = |der: &[u8]| PublicKey::from_spki_der(der, RsaLimit::Allow8192);
    let spki = group.spki();
    let key = match group.text("type") {
        "DsaVerify" => {
            assert_eq!(read(&spki).unwrap_err().code(), Code::UnsupportedKey);
            PublicKey::from_legacy_dsa_spki(&spki)
        }
        "RsassaPssWithParametersVerify" => {
            assert_eq!(read(&spki).unwrap_err().code(), Code::UnsupportedKey);
            let (modulus, exponent) = (group.integer("modulus"), group.integer("publicExponent"));
            PublicKey::from_rsa(&modulus, &exponent, RsaLimit::Allow8192)
        }
        _ => read(&spki),
    };
    key.map_err(|refusal| refusal.code())
}

/// The primitive of keys that cannot be made.
fn primitive_not_offered(group: &Group<'_>) -> &'static str {
    match group.file {
        file if file.starts_with("ed448_") => "Ed448",
        file if file.starts_with("ecdsa_secp256k1_") => "secp256k1",
        file => panic!("{file}: its keys are not offered"),
    }
}

/// The scheme of a group; else what is not offered, and the scheme that comes nearest when there is one.
fn scheme(group: &Group<'_>, key: &PublicKey) -> Result<Scheme, (&'static str, Option<Scheme>)> {
    if key.kind() == KeyKind::Ed25519 {
        return Ok(Scheme::Ed25519);
    }
    let hash = match group.text("sha") {
        "SHA-224" => return Err(("SHA-224", None)),
        name => Hash::from_name(name).unwrap_or_else(|| panic!("{}: {name}", group.file)),
    };
    match (group.text("type"), key.kind()) {
        ("RsassaPssVerify" | "RsassaPssWithParametersVerify", _) if hash == Hash::Sha1 => {
            Err(("SHA-1 with PSS", None))
        }
        ("RsassaPssVerify" | "RsassaPssWithParametersVerify", _) => {
            assert_eq!(group.text("mgf"), "MGF1");
            let salt = group.object.get("sLen").and_then(|salt| salt.as_integer());
            let same = group.text("mgfSha") == hash.name()
                && salt == i64::try_from(hash.digest(b"").len()).ok();
            let scheme = Scheme::RsaPss(hash);
            if same { Ok(scheme) } else { Err(("PSS with other parameters", Some(scheme))) }
        }
        (_, KeyKind::Rsa { .. }) => Ok(Scheme::RsaPkcs1(hash)),
        (_, KeyKind::Ec(curve)) => Ok(Scheme::Ecdsa(curve, hash)),
        (_, KeyKind::Dsa) => Err(("DSA with SHA-256", None)),
        (kind, other) => panic!("{}: {kind} with {other:?}", group.file),
    }
}

fn verify(
    scheme: Scheme,
    key: &PublicKey,
    group: &Group<'_>,
    case: &Case<'_>,
) -> Result<(), SignatureFailure> {
    let signature = case.bytes("sig");
    let signature = match group.text("type") {
        "EcdsaVerify" => match decode_signature(scheme, key, &signature) {
            Some(signature) => signature.into_owned(),
            None => return Err(SignatureFailure::Malformed),
        },
        _ => signature,
    };
    let message = case.bytes("msg");
    let verify = |signatures: SignatureProvider<'_>| {
        verify_signature(scheme, key, &message, &signature, signatures)
    };
    of_both(verify, case).map_err(|not| match not {
        NotVerified::Failed(failure) => failure,
        NotVerified::Deferred(_) => panic!("neither back end defers: {case}"),
    })
}
