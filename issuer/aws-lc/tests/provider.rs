//! The provider test suite: known answers that every signature back end must give, and give alike.
//!
//! The answers stand in `tests/vectors/signature/known-answers.json`, for hosts in other languages as well.

use credmint_aws_lc::AwsLc;
use credmint_core::json::{self, Object, Value};
use credmint_core::signature::{
    Answer, Backend, Curve, PublicKey, RsaLimit, Scheme, Session, SignatureFailure,
    SignatureProvider,
};
use credmint_core::{Hash, base64};
use credmint_rustcrypto::RustCrypto;

const BACKENDS: [(&str, &dyn Backend); 2] = [("RustCrypto", &RustCrypto), ("AWS-LC", &AwsLc)];
const HASHES: [Hash; 4] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];

/// How many octets of a value are altered in turn: all of an ECDSA signature, some of an RSA one.
const ALTERED_OCTETS: usize = 96;

struct Case {
    name: String,
    scheme: Scheme,
    key: PublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
    good: bool,
}

impl Case {
    fn read(case: &Object) -> Self {
        let text = |member: &str| case.get(member).and_then(Value::as_str).unwrap();
        let octets = |member: &str| base64::decode_standard(text(member).as_bytes()).unwrap();
        let hash = Hash::from_name(text("hash")).unwrap();
        Self {
            name: text("name").into(),
            scheme: match text("primitive") {
                "RSA" => Scheme::RsaPkcs1(hash),
                "P-256" => Scheme::Ecdsa(Curve::P256, hash),
                "P-384" => Scheme::Ecdsa(Curve::P384, hash),
                other => panic!("primitive {other}"),
            },
            key: PublicKey::from_spki_der(&octets("key"), RsaLimit::Allow8192).unwrap(),
            message: octets("message"),
            signature: octets("signature"),
            good: match text("verdict") {
                "good" => true,
                "bad" => false,
                other => panic!("verdict {other}"),
            },
        }
    }

    /// What a session with this back end alone says about a signature.
    fn verify(&self, backend: &dyn Backend, signature: &[u8]) -> Result<(), SignatureFailure> {
        Session::new(SignatureProvider { backends: &[backend] }).verify(
            self.scheme,
            &self.key,
            &self.message,
            signature,
        )
    }
}

fn cases() -> Vec<Case> {
    let text = include_bytes!("../../../tests/vectors/signature/known-answers.json");
    let cases = json::parse(text).unwrap();
    cases.as_array().unwrap().iter().map(|case| Case::read(case.as_object().unwrap())).collect()
}

fn good_cases() -> impl Iterator<Item = Case> {
    cases().into_iter().filter(|case| case.good)
}

/// Each octet in turn (or evenly spread ones) with one bit inverted.
fn altered(octets: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..octets.len()).step_by(octets.len().div_ceil(ALTERED_OCTETS).max(1)).map(|at| {
        let mut altered = octets.to_vec();
        altered[at] ^= 1 << (at % 8);
        altered
    })
}

#[test]
fn known_answers() {
    for case in cases() {
        for (backend, implementation) in BACKENDS {
            let expect = if case.good { Ok(()) } else { Err(SignatureFailure::Invalid) };
            let answer = case.verify(implementation, &case.signature);
            assert_eq!(answer, expect, "{backend}: {}", case.name);
        }
    }
}

#[test]
fn the_cases_cover_every_scheme_in_both_verdicts() {
    let cases = cases();
    let has = |scheme: Scheme, good: bool| {
        cases.iter().any(|case| case.scheme == scheme && case.good == good)
    };
    for hash in HASHES {
        assert!(has(Scheme::RsaPkcs1(hash), true), "RSA with {}", hash.name());
    }
    assert!(has(Scheme::RsaPkcs1(Hash::Sha256), false));
    for curve in Curve::ALL.iter().copied() {
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            for good in [true, false] {
                assert!(has(Scheme::Ecdsa(curve, hash), good), "{curve:?} with {}", hash.name());
            }
        }
    }
}

#[test]
fn an_altered_signature_is_bad() {
    for case in good_cases() {
        for signature in altered(&case.signature) {
            for (backend, implementation) in BACKENDS {
                let answer = case.verify(implementation, &signature);
                assert!(answer.is_err(), "{backend}: {}", case.name);
            }
        }
    }
}

#[test]
fn an_altered_message_is_bad() {
    for case in good_cases() {
        let longer = [&case.message[..], &[0]].concat();
        for message in altered(&case.message).chain([longer]) {
            for (backend, implementation) in BACKENDS {
                let answer =
                    implementation.verify(case.scheme, &case.key, &message, &case.signature);
                assert_eq!(answer, Answer::Bad, "{backend}: {}", case.name);
            }
        }
    }
}

#[test]
fn another_hash_or_key_is_bad() {
    let cases: Vec<Case> = good_cases().collect();
    for case in &cases {
        for (backend, implementation) in BACKENDS {
            let verify = |scheme, key: &PublicKey| {
                implementation.verify(scheme, key, &case.message, &case.signature)
            };
            for hash in HASHES {
                let scheme = match case.scheme {
                    Scheme::Ecdsa(curve, _) => Scheme::Ecdsa(curve, hash),
                    _ => Scheme::RsaPkcs1(hash),
                };
                let good = verify(scheme, &case.key) == Answer::Good;
                assert_eq!(good, scheme == case.scheme, "{backend}: {} {scheme:?}", case.name);
            }
            for other in cases.iter().filter(|other| other.key.kind() == case.key.kind()) {
                let good = verify(case.scheme, &other.key) == Answer::Good;
                assert_eq!(good, other.key == case.key, "{backend}: {}, {}", case.name, other.name);
            }
        }
    }
}

#[test]
fn sha1_is_not_offered_with_ecdsa() {
    for case in good_cases() {
        let Scheme::Ecdsa(curve, _) = case.scheme else { continue };
        for (backend, implementation) in BACKENDS {
            let scheme = Scheme::Ecdsa(curve, Hash::Sha1);
            let answer = implementation.verify(scheme, &case.key, &case.message, &case.signature);
            assert_eq!(answer, Answer::Unsupported, "{backend}");
        }
    }
}
