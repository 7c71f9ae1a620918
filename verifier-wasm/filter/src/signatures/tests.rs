use super::*;
use crate::host::fake::FakeHost;
use credmint_core::jose::Algorithm;
use credmint_core::json::{self, Value};
use credmint_core::signature::{Session, SignatureFailure, SignatureProvider};
use credmint_rustcrypto::RustCrypto;

fn parts(known: &KnownAnswer) -> (PublicKey, Vec<u8>) {
    let key = decode_standard(known.key.as_bytes()).unwrap();
    let signature = decode_standard(known.signature.as_bytes()).unwrap();
    (PublicKey::from_spki_der(&key, RsaLimit::Standard).unwrap(), signature)
}

#[test]
fn every_algorithm_has_a_known_answer_that_pure_rust_gives_too() {
    let algorithms: Vec<Algorithm> = KNOWN_ANSWERS.iter().map(|known| known.algorithm).collect();
    assert_eq!(algorithms, Algorithm::ALL);
    for known in &KNOWN_ANSWERS {
        let (key, signature) = parts(known);
        let verify = |message: &[u8]| {
            let scheme = known.algorithm.scheme();
            Session::new(SignatureProvider { backends: &[&RustCrypto] })
                .verify(scheme, &key, message, &signature)
        };
        assert_eq!(verify(MESSAGE), Ok(()), "{}", known.algorithm);
        let altered = [MESSAGE, b"."].concat();
        assert_eq!(verify(&altered), Err(SignatureFailure::Invalid), "{}", known.algorithm);
    }
}

#[test]
fn the_known_answers_are_those_of_the_vectors() {
    let text = include_bytes!("../../../../tests/vectors/signature/known-answers.json");
    let vectors = json::parse(text).unwrap();
    for known in &KNOWN_ANSWERS {
        let is_known = |case: &Value| {
            let text = |member| case.get(member).and_then(Value::as_str);
            text("key") == Some(known.key)
                && text("signature") == Some(known.signature)
                && text("verdict") == Some("good")
        };
        assert!(vectors.as_array().unwrap().iter().any(is_known), "{}", known.algorithm);
    }
}

#[test]
fn a_good_host_serves_all_algorithms() {
    let host = FakeHost::new();
    let offered = HostSignatures::probe(&host);
    assert_eq!(offered.iter().collect::<Vec<_>>(), Algorithm::ALL);
    let backend = HostSignatures::new(&host, offered);
    for known in &KNOWN_ANSWERS {
        let (key, signature) = parts(known);
        let scheme = known.algorithm.scheme();
        assert_eq!(backend.verify(scheme, &key, MESSAGE, &signature), Answer::Good);
        assert_eq!(backend.verify(scheme, &key, b"another", &signature), Answer::Bad);
    }
}

#[test]
fn a_host_that_errs_either_way_or_lacks_the_function_serves_none() {
    let check = |answer: Option<&[u8]>| {
        let host = FakeHost::new();
        host.answers_every_function(answer);
        let offered = HostSignatures::probe(&host);
        assert!(offered.is_empty(), "{answer:?}");
        let (key, signature) = parts(&KNOWN_ANSWERS[0]);
        let answer = HostSignatures::new(&host, offered).verify(
            Algorithm::Rs256.scheme(),
            &key,
            MESSAGE,
            &signature,
        );
        assert_eq!(answer, Answer::Unsupported);
    };
    check(None);
    check(Some(&[0x08, 1]));
    check(Some(&[0x08, 0]));
    check(Some(&[]));
    check(Some(&[0xff]));
}

#[test]
fn a_host_that_stops_answering_is_passed_over() {
    let host = FakeHost::new();
    let offered = HostSignatures::probe(&host);
    host.answers_every_function(None);
    let (key, signature) = parts(&KNOWN_ANSWERS[3]);
    let answer = HostSignatures::new(&host, offered).verify(
        Algorithm::Es256.scheme(),
        &key,
        MESSAGE,
        &signature,
    );
    assert_eq!(answer, Answer::Unsupported);
}
