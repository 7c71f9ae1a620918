use super::*;
use crate::host::tests::fake::FakeHost;
use credmint_core::jose::known_answers::{KNOWN_ANSWERS, KnownAnswer, MESSAGE};
use credmint_rustcrypto::RustCrypto;

/// What the function of Envoy can be asked about.
const OF_ENVOY: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
];

fn known(algorithm: Algorithm) -> (PublicKey, Vec<u8>) {
    let of_algorithm = |known: &&KnownAnswer| known.algorithm == algorithm;
    KNOWN_ANSWERS.iter().find(of_algorithm).unwrap().parts().unwrap()
}

#[test]
fn the_back_end_that_is_asked_next_passes_every_probe() {
    for algorithm in Algorithm::ALL {
        assert!(known_answers::passes(&RustCrypto, *algorithm), "{algorithm}");
    }
}

#[test]
fn a_good_host_serves_what_it_can_be_asked_about() {
    let host = FakeHost::new();
    let offered = HostSignatures::probe(&host);
    assert_eq!(offered.iter().collect::<Vec<_>>(), OF_ENVOY);
    let backend = HostSignatures::new(&host, offered);
    for algorithm in Algorithm::ALL {
        let (key, signature) = known(*algorithm);
        let ask = |message: &[u8]| backend.verify(algorithm.scheme(), &key, message, &signature);
        let (good, bad) = match OF_ENVOY.contains(algorithm) {
            true => (Answer::Good, Answer::Bad),
            false => (Answer::Unsupported, Answer::Unsupported),
        };
        assert_eq!((ask(MESSAGE), ask(b"another")), (good, bad), "{algorithm}");
    }
}

#[test]
fn a_host_that_errs_either_way_or_lacks_the_function_serves_none() {
    let check = |answer: Option<&[u8]>| {
        let host = FakeHost::new();
        host.answers_every_function(answer);
        let offered = HostSignatures::probe(&host);
        assert!(offered.is_empty(), "{answer:?}");
        let (key, signature) = known(Algorithm::Rs256);
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
    let (key, signature) = known(Algorithm::Es256);
    let answer = HostSignatures::new(&host, offered).verify(
        Algorithm::Es256.scheme(),
        &key,
        MESSAGE,
        &signature,
    );
    assert_eq!(answer, Answer::Unsupported);
}
