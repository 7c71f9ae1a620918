//! The provider test suite: known answers that every signature back end must give, and give alike.
//!
//! The answers stand in `tests/vectors/signature/known-answers.json`, for hosts in other languages as well.

use credmint_aws_lc::AwsLc;
use credmint_core::jose::{Algorithm, known_answers};
use credmint_core::json::{self, Limits, Object, Value};
use credmint_core::signature::{
    Answer, Backend, Curve, NotVerified, PublicKey, RsaLimit, Scheme, SignatureFailure,
    SignatureProvider, verify_signature,
};
use credmint_core::{Code, Hash, Refusal, base64};
use credmint_rustcrypto::RustCrypto;

const BACKENDS: [(&str, &dyn Backend); 2] = [("RustCrypto", &RustCrypto), ("AWS-LC", &AwsLc)];
/// What each back end leaves to the next.
const NOT_OFFERED: [(&str, Scheme); 1] = [("AWS-LC", Scheme::DsaSha1)];
const HASHES: [Hash; 4] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];

/// How many bytes of a value are altered in turn: all of an ECDSA signature on P-384, some of a longer one.
const ALTERED_BYTES: usize = 96;

/// Where a case is decided, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Bad,
    Malformed,
    Key(Code),
}

struct Case {
    name: String,
    scheme: Scheme,
    spki: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    verdict: Verdict,
}

/// A case whose key is good in form.
struct Check {
    case: Case,
    key: PublicKey,
}

impl Case {
    fn read(case: &Object) -> Self {
        let text = |member: &str| case.get(member).and_then(Value::as_str);
        let bytes = |member| base64::decode_standard(text(member).unwrap().as_bytes()).unwrap();
        let hash = || Hash::from_name(text("hash").unwrap()).unwrap();
        Self {
            name: text("name").unwrap().into(),
            scheme: match text("primitive").unwrap() {
                "RSA" => Scheme::RsaPkcs1(hash()),
                "RSA-PSS" => Scheme::RsaPss(hash()),
                "Ed25519" => Scheme::Ed25519,
                "DSA" => Scheme::DsaSha1,
                curve => Scheme::Ecdsa(Curve::from_name(curve).unwrap(), hash()),
            },
            spki: bytes("key"),
            message: bytes("message"),
            signature: bytes("signature"),
            verdict: match text("verdict").unwrap() {
                "good" => Verdict::Good,
                "bad" => Verdict::Bad,
                "malformed" => Verdict::Malformed,
                "weak" => Verdict::Key(Code::KeyWeak),
                "no key" => Verdict::Key(Code::KeyMalformed),
                other => panic!("verdict {other}"),
            },
        }
    }

    fn key(&self) -> Result<PublicKey, Refusal> {
        match self.scheme {
            Scheme::DsaSha1 => PublicKey::from_legacy_dsa_spki(&self.spki),
            _ => PublicKey::from_spki_der(&self.spki, RsaLimit::Allow8192),
        }
    }
}

impl Check {
    /// What the core says about a signature with this back end alone.
    fn verify(&self, backend: &dyn Backend, signature: &[u8]) -> Result<(), NotVerified> {
        let signatures = SignatureProvider { backends: &[backend] };
        verify_signature(self.case.scheme, &self.key, &self.case.message, signature, signatures)
    }

    /// The back ends that offer the scheme.
    fn backends(&self) -> impl Iterator<Item = (&'static str, &'static dyn Backend)> {
        let scheme = self.case.scheme;
        BACKENDS.into_iter().filter(move |(name, _)| !NOT_OFFERED.contains(&(*name, scheme)))
    }
}

fn cases() -> Vec<Case> {
    let text = include_bytes!("../../../tests/vectors/signature/known-answers.json");
    let cases = json::parse_with(text, Limits::DOCUMENT).unwrap();
    cases.as_array().unwrap().iter().map(|case| Case::read(case.as_object().unwrap())).collect()
}

fn good_cases() -> impl Iterator<Item = Check> {
    cases().into_iter().filter(|case| case.verdict == Verdict::Good).map(|case| {
        let key = case.key().unwrap_or_else(|refusal| panic!("{}: {refusal}", case.name));
        Check { case, key }
    })
}

/// Each byte in turn (or evenly spread ones) with one bit inverted.
fn altered(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).step_by(bytes.len().div_ceil(ALTERED_BYTES).max(1)).map(|at| {
        let mut altered = bytes.to_vec();
        altered[at] ^= 1 << (at % 8);
        altered
    })
}

#[test]
fn known_answers() {
    for case in cases() {
        let name = case.name.clone();
        let key = match (case.key(), case.verdict) {
            (Ok(key), Verdict::Good | Verdict::Bad | Verdict::Malformed) => key,
            (Err(refusal), Verdict::Key(code)) => {
                assert_eq!(refusal.code(), code, "{name}");
                continue;
            }
            (key, verdict) => panic!("{name}: {verdict:?}, but {key:?}"),
        };
        let check = Check { case, key };
        for (backend, implementation) in BACKENDS {
            let offered = !NOT_OFFERED.contains(&(backend, check.case.scheme));
            let expect = match check.case.verdict {
                Verdict::Malformed => Err(SignatureFailure::Malformed.into()),
                _ if !offered => Err(SignatureFailure::Unsupported.into()),
                Verdict::Good => Ok(()),
                _ => Err(SignatureFailure::Invalid.into()),
            };
            let answer = check.verify(implementation, &check.case.signature);
            assert_eq!(answer, expect, "{backend}: {name}");
        }
    }
}

#[test]
fn the_cases_cover_every_scheme_in_every_verdict() {
    let cases = cases();
    let check = |scheme: Scheme, verdict: Verdict| {
        let found = cases.iter().any(|case| case.scheme == scheme && case.verdict == verdict);
        assert!(found, "{scheme:?} {verdict:?}");
    };
    check(Scheme::RsaPkcs1(Hash::Sha1), Verdict::Good);
    check(Scheme::RsaPkcs1(Hash::Sha256), Verdict::Bad);
    check(Scheme::RsaPss(Hash::Sha256), Verdict::Bad);
    check(Scheme::RsaPss(Hash::Sha256), Verdict::Malformed);
    for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        check(Scheme::RsaPkcs1(hash), Verdict::Good);
        check(Scheme::RsaPss(hash), Verdict::Good);
        for curve in Curve::ALL.iter().copied() {
            check(Scheme::Ecdsa(curve, hash), Verdict::Good);
            check(Scheme::Ecdsa(curve, hash), Verdict::Bad);
        }
    }
    for scheme in [Scheme::Ed25519, Scheme::DsaSha1, Scheme::Ecdsa(Curve::P521, Hash::Sha256)] {
        for verdict in [Verdict::Good, Verdict::Bad, Verdict::Malformed] {
            check(scheme, verdict);
        }
    }
    check(Scheme::Ed25519, Verdict::Key(Code::KeyWeak));
    check(Scheme::Ed25519, Verdict::Key(Code::KeyMalformed));
}

#[test]
fn an_algorithm_of_jose_is_known_by_its_answers() {
    for (backend, implementation) in BACKENDS {
        for algorithm in Algorithm::ALL {
            assert!(known_answers::passes(implementation, *algorithm), "{backend}: {algorithm}");
        }
    }
}

#[test]
fn an_altered_signature_is_bad() {
    for check in good_cases() {
        for signature in altered(&check.case.signature) {
            for (backend, implementation) in check.backends() {
                let answer = check.verify(implementation, &signature);
                assert_ne!(answer, Ok(()), "{backend}: {}", check.case.name);
            }
        }
    }
}

#[test]
fn an_altered_message_is_bad() {
    for check in good_cases() {
        let Case { scheme, message, signature, name, .. } = &check.case;
        let longer = [&message[..], &[0]].concat();
        for message in altered(message).chain([longer]) {
            for (backend, implementation) in check.backends() {
                let answer = implementation.verify(*scheme, &check.key, &message, signature);
                assert_eq!(answer, Answer::Bad, "{backend}: {name}");
            }
        }
    }
}

/// The schemes that differ in the hash, or in the padding of RSA alone.
fn neighbours(scheme: Scheme) -> Vec<Scheme> {
    let with = |hash| match scheme {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => {
            vec![Scheme::RsaPkcs1(hash), Scheme::RsaPss(hash)]
        }
        Scheme::Ecdsa(curve, _) => vec![Scheme::Ecdsa(curve, hash)],
        other => vec![other],
    };
    HASHES.into_iter().flat_map(with).collect()
}

#[test]
fn another_hash_padding_or_key_is_bad() {
    let checks: Vec<Check> = good_cases().collect();
    for check in &checks {
        let Case { name, scheme: own, message, signature, .. } = &check.case;
        for (backend, implementation) in check.backends() {
            let verify =
                |scheme, key: &PublicKey| implementation.verify(scheme, key, message, signature);
            for scheme in neighbours(*own) {
                let good = verify(scheme, &check.key) == Answer::Good;
                assert_eq!(good, scheme == *own, "{backend}: {name} {scheme:?}");
            }
            for other in checks.iter().filter(|other| other.key.kind() == check.key.kind()) {
                let good = verify(*own, &other.key) == Answer::Good;
                assert_eq!(good, other.key == check.key, "{backend}: {name}, {}", other.case.name);
            }
        }
    }
}

#[test]
fn a_key_of_another_kind_is_never_asked_about() {
    let checks: Vec<Check> = good_cases().collect();
    for check in &checks {
        for other in checks.iter().filter(|other| !check.case.scheme.fits(other.key.kind())) {
            for (backend, implementation) in BACKENDS {
                let backends = [implementation];
                let signatures = SignatureProvider { backends: &backends };
                let Case { scheme, message, signature, .. } = &check.case;
                let answer = verify_signature(*scheme, &other.key, message, signature, signatures);
                assert_eq!(answer, Err(SignatureFailure::Malformed.into()), "{backend}");
                let answer = implementation.verify(*scheme, &other.key, message, signature);
                assert_ne!(answer, Answer::Good, "{backend}");
            }
        }
    }
}

#[test]
fn sha1_is_offered_with_pkcs1_and_dsa_alone() {
    for check in good_cases() {
        let scheme = match check.case.scheme {
            Scheme::Ecdsa(curve, _) => Scheme::Ecdsa(curve, Hash::Sha1),
            Scheme::RsaPss(_) => Scheme::RsaPss(Hash::Sha1),
            _ => continue,
        };
        for (backend, implementation) in BACKENDS {
            let Case { message, signature, .. } = &check.case;
            let answer = implementation.verify(scheme, &check.key, message, signature);
            assert_eq!(answer, Answer::Unsupported, "{backend}");
        }
    }
}
