//! Project Wycheproof's signatures against both back ends: nothing invalid is accepted, nothing valid is
//! refused, of what Credmint offers. What it does not offer is listed here by name.

use credmint_aws_lc::AwsLc;
use credmint_core::json::{Limits, Object, Value, parse_with};
use credmint_core::signature::{
    Backend, Curve, KeyKind, PublicKey, RsaLimit, Scheme, Session, SignatureProvider,
    fixed_from_der,
};
use credmint_core::{Code, Hash};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const BACKENDS: [(&str, &dyn Backend); 2] = [("RustCrypto", &RustCrypto), ("AWS-LC", &AwsLc)];

/// The files whose keys and signatures are offered, and how ECDSA signatures are encoded in them.
const OFFERED: [(&str, Encoding); 25] = [
    ("ecdsa_secp256r1_sha256_p1363_test.json", Encoding::Fixed),
    ("ecdsa_secp256r1_sha256_test.json", Encoding::Der),
    ("ecdsa_secp256r1_sha512_p1363_test.json", Encoding::Fixed),
    ("ecdsa_secp256r1_sha512_test.json", Encoding::Der),
    ("ecdsa_secp384r1_sha256_test.json", Encoding::Der),
    ("ecdsa_secp384r1_sha384_p1363_test.json", Encoding::Fixed),
    ("ecdsa_secp384r1_sha384_test.json", Encoding::Der),
    ("ecdsa_secp384r1_sha512_p1363_test.json", Encoding::Fixed),
    ("ecdsa_secp384r1_sha512_test.json", Encoding::Der),
    ("rsa_pkcs1_1024_sig_gen_test.json", Encoding::Rsa),
    ("rsa_pkcs1_1536_sig_gen_test.json", Encoding::Rsa),
    ("rsa_pkcs1_2048_sig_gen_test.json", Encoding::Rsa),
    ("rsa_pkcs1_3072_sig_gen_test.json", Encoding::Rsa),
    ("rsa_pkcs1_4096_sig_gen_test.json", Encoding::Rsa),
    ("rsa_signature_2048_sha256_test.json", Encoding::Rsa),
    ("rsa_signature_2048_sha384_test.json", Encoding::Rsa),
    ("rsa_signature_2048_sha512_test.json", Encoding::Rsa),
    ("rsa_signature_3072_sha256_test.json", Encoding::Rsa),
    ("rsa_signature_3072_sha384_test.json", Encoding::Rsa),
    ("rsa_signature_3072_sha512_test.json", Encoding::Rsa),
    ("rsa_signature_4096_sha256_test.json", Encoding::Rsa),
    ("rsa_signature_4096_sha384_test.json", Encoding::Rsa),
    ("rsa_signature_4096_sha512_test.json", Encoding::Rsa),
    ("rsa_signature_8192_sha256_test.json", Encoding::Rsa),
    ("rsa_signature_8192_sha384_test.json", Encoding::Rsa),
];

/// The slowest file of all, in a test of its own so that it runs beside the others.
const LARGEST: (&str, Encoding) = ("rsa_signature_8192_sha512_test.json", Encoding::Rsa);

/// Curves and primitives that are not offered: no key of these files can be made.
const KEYS_NOT_OFFERED: [&str; 7] = [
    "dsa_2048_256_sha256_test.json",
    "ecdsa_secp256k1_sha256_p1363_test.json",
    "ecdsa_secp521r1_sha512_p1363_test.json",
    "ecdsa_secp521r1_sha512_test.json",
    "ed25519_test.json",
    "ed448_test.json",
    // Descriptions of curves, without keys or signatures.
    "ec_prime_order_curves_test.json",
];

/// RSASSA-PSS is not offered: [`Scheme`] has no name for it.
const SCHEME_NOT_OFFERED: &str = "rsa_pss_";

/// Tokens, which the tests of the JOSE formats run.
const TOKENS: &str = "json_web_";

/// Hashes that are not offered with RSA.
const HASHES_NOT_OFFERED: [&str; 1] = ["SHA-224"];

#[derive(Clone, Copy)]
enum Encoding {
    Rsa,
    Fixed,
    Der,
}

/// What became of the cases of a file.
#[derive(Debug, Default)]
struct Counts {
    accepted: usize,
    refused: usize,
    weak_keys: usize,
    hash_not_offered: usize,
}

fn read(folder: &Path, file: &str) -> Object {
    let text = fs::read(folder.join(file)).unwrap();
    match parse_with(&text, Limits::DOCUMENT) {
        Ok(Value::Object(suite)) => suite,
        other => panic!("{file}: {other:?}"),
    }
}

fn objects<'a>(parent: &'a Object, member: &str) -> impl Iterator<Item = &'a Object> {
    let elements = parent.get(member).and_then(Value::as_array).unwrap();
    elements.iter().map(|element| element.as_object().unwrap())
}

fn text<'a>(parent: &'a Object, member: &str) -> &'a str {
    parent.get(member).and_then(Value::as_str).unwrap_or_else(|| panic!("no {member}"))
}

fn octets(parent: &Object, member: &str) -> Vec<u8> {
    let hex = text(parent, member);
    let digits = (0..hex.len()).step_by(2);
    digits.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn spki(group: &Object) -> Vec<u8> {
    let member = if group.contains("publicKeyDer") { "publicKeyDer" } else { "keyDer" };
    octets(group, member)
}

fn has_flag(case: &Object, flag: &str) -> bool {
    let flags = case.get("flags").and_then(Value::as_array).unwrap();
    flags.contains(&flag.into())
}

/// What must be answered. `acceptable` leaves it to the implementation, so that is decided here.
fn expected(case: &Object) -> bool {
    match text(case, "result") {
        "valid" => true,
        "invalid" => false,
        // The encoded message is rebuilt with its NULL and compared whole.
        "acceptable" if has_flag(case, "MissingNull") => false,
        // The primitive verifies SHA-1; only a profile of signed messages asks for it.
        "acceptable" if has_flag(case, "WeakHash") => true,
        other => panic!("undecided: {other} {case}"),
    }
}

/// The key of a group, or `None` for one that is weak by its own description.
fn key(file: &str, group: &Object) -> Option<PublicKey> {
    match PublicKey::from_spki_der(&spki(group), RsaLimit::Allow8192) {
        Ok(key) => Some(key),
        Err(refusal) => {
            assert_eq!(refusal.code(), Code::KeyWeak, "{file}: {refusal}");
            let weak = |case| has_flag(case, "SmallModulus") || has_flag(case, "SmallPublicKey");
            assert!(objects(group, "tests").all(weak), "{file}: {refusal}");
            None
        }
    }
}

fn scheme(key: &PublicKey, hash: Hash) -> (Scheme, Curve) {
    match key.kind() {
        KeyKind::Ec(curve) => (Scheme::Ecdsa(curve, hash), curve),
        // The curve is of no meaning then.
        _ => (Scheme::RsaPkcs1(hash), Curve::P256),
    }
}

fn verify(
    backend: &dyn Backend,
    key: &PublicKey,
    hash: Hash,
    encoding: Encoding,
    case: &Object,
) -> bool {
    let (scheme, curve) = scheme(key, hash);
    let signature = octets(case, "sig");
    let signature = match encoding {
        Encoding::Rsa | Encoding::Fixed => signature,
        Encoding::Der => match fixed_from_der(curve, &signature) {
            Some(signature) => signature,
            None => return false,
        },
    };
    let backends = [backend];
    let session = Session::new(SignatureProvider { backends: &backends });
    session.verify(scheme, key, &octets(case, "msg"), &signature).is_ok()
}

fn run(folder: &Path, file: &str, encoding: Encoding) -> Counts {
    let suite = read(folder, file);
    let mut counts = Counts::default();
    for group in objects(&suite, "testGroups") {
        let tests = objects(group, "tests").count();
        let hash_name = text(group, "sha");
        if HASHES_NOT_OFFERED.contains(&hash_name) {
            counts.hash_not_offered += tests;
            continue;
        }
        let hash = Hash::from_name(hash_name).unwrap_or_else(|| panic!("{file}: {hash_name}"));
        let Some(key) = key(file, group) else {
            counts.weak_keys += tests;
            continue;
        };
        for case in objects(group, "tests") {
            let expect = expected(case);
            for (backend, implementation) in BACKENDS {
                let accepted = verify(implementation, &key, hash, encoding, case);
                assert_eq!(accepted, expect, "{file}, {backend}: {case}");
            }
            *(if expect { &mut counts.accepted } else { &mut counts.refused }) += 1;
        }
    }
    let judged = counts.accepted + counts.refused + counts.weak_keys + counts.hash_not_offered;
    let all = suite.get("numberOfTests").and_then(Value::as_integer);
    assert_eq!(i64::try_from(judged).ok(), all, "{file}");
    println!("{file}: {counts:?}");
    counts
}

#[test]
fn signatures() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    let mut total = Counts::default();
    for (file, encoding) in OFFERED {
        let counts = run(&folder, file, encoding);
        total.accepted += counts.accepted;
        total.refused += counts.refused;
    }
    println!("accepted {}, refused {}", total.accepted, total.refused);
    assert!(total.accepted > 900 && total.refused > 2000, "{total:?}");
}

#[test]
fn signatures_of_the_largest_keys() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    let counts = run(&folder, LARGEST.0, LARGEST.1);
    assert!(counts.accepted > 0 && counts.refused > 100, "{counts:?}");
}

#[test]
fn j21_keys_over_the_limit_need_to_be_allowed() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    let suite = read(&folder, LARGEST.0);
    for group in objects(&suite, "testGroups") {
        let refusal = PublicKey::from_spki_der(&spki(group), RsaLimit::Standard).unwrap_err();
        assert_eq!(refusal.code(), Code::KeyWeak);
    }
}

#[test]
fn keys_that_are_not_offered_cannot_be_made() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    for file in KEYS_NOT_OFFERED {
        let suite = read(&folder, file);
        for group in objects(&suite, "testGroups").filter(|group| group.contains("publicKeyDer")) {
            let refusal = PublicKey::from_spki_der(&spki(group), RsaLimit::Allow8192).unwrap_err();
            assert_eq!(refusal.code(), Code::KeyUnsupported, "{file}: {refusal}");
        }
    }
}

#[test]
fn no_file_is_passed_over_in_silence() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    let named: BTreeSet<&str> =
        OFFERED.iter().chain([&LARGEST]).map(|(file, _)| *file).chain(KEYS_NOT_OFFERED).collect();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let elsewhere = name.starts_with(SCHEME_NOT_OFFERED) || name.starts_with(TOKENS);
        if name.ends_with(".json") && !elsewhere {
            assert!(named.contains(name.as_str()), "{name} is neither run nor listed");
        }
    }
}
