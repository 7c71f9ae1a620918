//! The session of signature checks: order of the back ends, budget, and deferred answers.

use super::*;
use crate::Hash;
use crate::jose::{Algorithm, known_answers};
use crate::signature::{Backend, Curve, KeyKind, RsaLimit};
use alloc::vec;

const SCHEME: Scheme = Scheme::RsaPkcs1(Hash::Sha256);
const SIGNATURE: [u8; 256] = [1; 256];

fn key() -> PublicKey {
    PublicKey::from_rsa(&[0xa5; 256], &[1, 0, 1], RsaLimit::Standard).unwrap()
}

fn verify(session: &Session<'_>, message: &str) -> Result<(), NotVerified> {
    session.verify(SCHEME, &key(), message.as_bytes(), &SIGNATURE)
}

/// Gives one answer to everything.
struct Always(Answer);

impl Backend for Always {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        self.0
    }
}

/// Gives no answer.
struct Silent;

impl Backend for Silent {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        panic!("asked in vain")
    }
}

#[test]
fn a_deferred_check_is_an_error_that_says_what_is_to_be_checked() {
    let session =
        Session::new(SignatureProvider { backends: &[&Always(Answer::Deferred), &Silent] });
    let (message, signature) = (b"message".to_vec(), SIGNATURE.to_vec());
    let check = SignatureCheck { scheme: SCHEME, key: key(), message, signature };
    assert_eq!(verify(&session, "message"), Err(NotVerified::Deferred(Box::new(check))));
}

#[test]
fn back_ends_are_asked_in_order_until_one_knows() {
    let said = |backends: &[&dyn Backend]| {
        verify(&Session::new(SignatureProvider { backends }), "message")
    };
    let (good, bad, unsupported) =
        (&Always(Answer::Good), &Always(Answer::Bad), &Always(Answer::Unsupported));
    assert_eq!(said(&[good, &Silent]), Ok(()));
    assert_eq!(said(&[bad, &Silent]), Err(NotVerified::Failed(SignatureFailure::Invalid)));
    assert_eq!(said(&[unsupported, good, &Silent]), Ok(()));
    assert_eq!(
        said(&[unsupported, bad, &Silent]),
        Err(NotVerified::Failed(SignatureFailure::Invalid))
    );
    assert_eq!(
        said(&[unsupported, unsupported]),
        Err(NotVerified::Failed(SignatureFailure::Unsupported))
    );
    assert_eq!(said(&[]), Err(NotVerified::Failed(SignatureFailure::Unsupported)));
}

#[test]
fn malformed_signatures_reach_no_back_end() {
    let session = Session::new(SignatureProvider { backends: &[&Silent] });
    let malformed = Err(NotVerified::Failed(SignatureFailure::Malformed));
    for length in [0, 1, 255, 257] {
        assert_eq!(session.verify(SCHEME, &key(), b"", &vec![1; length]), malformed);
    }
    let ecdsa = Scheme::Ecdsa(Curve::P256, Hash::Sha256);
    assert_eq!(session.verify(ecdsa, &key(), b"", &[1; 64]), malformed);
}

#[test]
fn j15_j20_every_algorithm_has_signatures_of_one_length_and_keys_of_one_kind() {
    let verify = |algorithm: Algorithm, key: &PublicKey, signature: &[u8]| {
        let session = Session::new(SignatureProvider { backends: &[&Silent] });
        session.verify(algorithm.scheme(), key, known_answers::MESSAGE, signature)
    };
    let malformed = Err(NotVerified::Failed(SignatureFailure::Malformed));
    for known in known_answers::KNOWN_ANSWERS {
        let (key, good) = known.parts().unwrap();
        let shorter = &good[..good.len() - 1];
        let (longer, before) = ([&good[..], &[0]].concat(), [&[0], &good[..]].concat());
        for signature in [&[][..], shorter, &longer, &before] {
            assert_eq!(verify(known.algorithm, &key, signature), malformed, "{}", known.algorithm);
        }
        // Of RSA only the length is looked at: 0 has the right one, and back ends call it bad.
        if !matches!(key.kind(), KeyKind::Rsa { .. }) {
            let zeros = vec![0; good.len()];
            assert_eq!(verify(known.algorithm, &key, &zeros), malformed, "{}", known.algorithm);
        }
        for other in known_answers::KNOWN_ANSWERS {
            let (key, _) = other.parts().unwrap();
            if !known.algorithm.fits(key.kind()) {
                assert_eq!(verify(known.algorithm, &key, &good), malformed, "{}", known.algorithm);
            }
        }
    }
}

#[test]
fn the_budget_counts_every_check() {
    for answer in [Answer::Good, Answer::Bad, Answer::Deferred, Answer::Unsupported] {
        let backends: [&dyn Backend; 1] = [&Always(answer)];
        let session = Session::new(SignatureProvider { backends: &backends });
        for _ in 0..limits::SIGNATURES {
            assert_ne!(
                verify(&session, "message"),
                Err(NotVerified::Failed(SignatureFailure::Budget))
            );
        }
        assert_eq!(verify(&session, "message"), Err(NotVerified::Failed(SignatureFailure::Budget)));
        assert_eq!(session.spent(), limits::SIGNATURES);
    }
}
