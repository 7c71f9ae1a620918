use super::*;
use crate::base64::decode_standard;
use crate::json::{self, Limits, Value};
use crate::signature::{KeyKind, PublicKey};

/// The SubjectPublicKeyInfo of a good case among the vectors.
fn spki(name: &str) -> Vec<u8> {
    let text = include_bytes!("../../../../../../tests/vectors/signature/known-answers.json");
    let vectors = json::parse_with(text, Limits::DOCUMENT).unwrap();
    let text = |case: &Value, member| case.get(member).and_then(Value::as_str).map(Vec::from);
    let of_name = |case: &&Value| text(case, "name").as_deref() == Some(name.as_bytes());
    let case = vectors.as_array().unwrap().iter().find(of_name).unwrap();
    decode_standard(&text(case, "key").unwrap()).unwrap()
}

fn good() -> DsaKey {
    PublicKey::from_legacy_dsa_spki(&spki("DSA, 1024 bits")).unwrap().dsa().unwrap().clone()
}

/// What becomes of a key after it is written with these integers.
fn read(key: &DsaKey) -> Result<PublicKey, Code> {
    let der = key.encode().unwrap();
    PublicKey::from_legacy_dsa_spki(&der).map_err(|refusal| refusal.code())
}

#[test]
fn two_sizes() {
    for (name, p, q) in [("DSA, 1024 bits", 128, 20), ("DSA, 2048 bits", 256, 32)] {
        let der = spki(name);
        let key = PublicKey::from_legacy_dsa_spki(&der).unwrap();
        assert_eq!((key.kind(), key.spki_der()), (KeyKind::Dsa, &*der));
        let key = key.dsa().unwrap();
        assert_eq!((key.p().len(), key.q().len()), (p, q));
        assert_eq!(
            PublicKey::from_legacy_dsa_spki(&[&der[..], &[0]].concat())
                .err()
                .map(|refusal| refusal.code()),
            Some(Code::KeyMalformed)
        );
    }
    for bits in [512, 1023, 1025, 2048, 3072] {
        let mut p = alloc::vec![0xff; usize::div_ceil(bits, 8)];
        p[0] >>= (8 - bits % 8) % 8;
        assert_eq!(read(&DsaKey { p, ..good() }), Err(Code::UnsupportedKey), "{bits}");
    }
    for length in [16, 19, 28, 32] {
        let q = alloc::vec![0xff; length];
        assert_eq!(read(&DsaKey { q, ..good() }), Err(Code::UnsupportedKey), "{length}");
    }
}

#[test]
fn elements_are_in_the_subgroup() {
    let check = |element: Vec<u8>, code: Code| {
        assert_eq!(read(&DsaKey { g: element.clone(), ..good() }), Err(code), "{element:02x?}");
        assert_eq!(read(&DsaKey { y: element.clone(), ..good() }), Err(code), "{element:02x?}");
    };
    let p = good().p;
    let mut below = p.clone();
    *below.last_mut().unwrap() -= 1;
    check(alloc::vec![0], Code::KeyMalformed);
    check(alloc::vec![1], Code::KeyMalformed);
    check(p.clone(), Code::KeyMalformed);
    check([&[1], &p[..]].concat(), Code::KeyMalformed);
    // 2 generates more, and -1 has order 2.
    check(alloc::vec![2], Code::KeyWeak);
    check(below, Code::KeyWeak);
    // Any other element of the subgroup is a key: g itself, with the exponent 1.
    assert!(read(&DsaKey { y: good().g, ..good() }).is_ok());
}

#[test]
fn odd_moduli() {
    let even = |integer: Vec<u8>| {
        let mut even = integer;
        *even.last_mut().unwrap() &= 0xfe;
        even
    };
    assert_eq!(read(&DsaKey { p: even(good().p), ..good() }), Err(Code::KeyMalformed));
    assert_eq!(read(&DsaKey { q: even(good().q), ..good() }), Err(Code::KeyMalformed));
}

#[test]
fn parameters_are_not_inherited() {
    let key = UintRef::new(&good().y).unwrap().to_der().unwrap();
    for parameters in [None, Some(AnyRef::NULL)] {
        let der = encode_spki(AlgorithmIdentifierRef { oid: DSA, parameters }, &key).unwrap();
        let refusal = PublicKey::from_legacy_dsa_spki(&der).unwrap_err();
        assert_eq!(refusal.code(), Code::KeyMalformed);
    }
}

#[test]
fn nobody_else_reads_them() {
    let refusal =
        PublicKey::from_spki_der(&spki("DSA, 1024 bits"), crate::signature::RsaLimit::Allow8192);
    assert_eq!(refusal.unwrap_err().code(), Code::UnsupportedKey);
    let rsa = spki("2048 bits, SHA-256");
    let refusal = PublicKey::from_legacy_dsa_spki(&rsa).unwrap_err();
    assert_eq!(refusal.code(), Code::UnsupportedKey);
}
