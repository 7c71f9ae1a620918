//! Rounds: what is remembered, what is not taken for an answer, and where they end.

use super::*;
use crate::Hash;
use crate::signature::{NotVerified, RsaLimit, SignatureFailure, verify_signature};
use alloc::vec::Vec;
use core::cell::Cell;

const SCHEME: Scheme = Scheme::RsaPkcs1(Hash::Sha256);
const SIGNATURE: [u8; 256] = [1; 256];

fn public_key() -> PublicKey {
    PublicKey::from_rsa(&[0xa5; 256], &[1, 0, 1], RsaLimit::Standard).unwrap()
}

fn check(message: &[u8]) -> SignatureCheck {
    let (message, signature) = (message.to_vec(), SIGNATURE.to_vec());
    SignatureCheck { scheme: SCHEME, key: public_key(), message, signature }
}

/// Gives one answer to everything.
struct Always(Answer);

impl Backend for Always {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        self.0
    }
}

const LATER: SignatureProvider<'static> =
    SignatureProvider { backends: &[&Always(Answer::Deferred)] };

fn verify(message: &[u8], signatures: SignatureProvider<'_>) -> Result<(), NotVerified> {
    verify_signature(SCHEME, &public_key(), message, &SIGNATURE, signatures)
}

/// Checks, each of which is reached only when the one before is good.
fn chain(messages: &[&[u8]], signatures: SignatureProvider<'_>) -> Result<(), Stop> {
    messages.iter().try_for_each(|message| {
        verify(message, signatures).map_err(|not| Stop::of_signature(not, Code::SignatureInvalid))
    })
}

#[test]
fn an_answer_is_that_of_a_back_end() {
    let unsupported: SignatureProvider<'_> =
        SignatureProvider { backends: &[&Always(Answer::Deferred), &Always(Answer::Good)] };
    let said = |answer: Answer, signatures: SignatureProvider<'_>| {
        let mut rounds = Rounds::default();
        rounds.answered([(check(b"a"), answer)]).unwrap();
        rounds.pass(signatures, |signatures| verify(b"a", signatures))
    };
    let failed = |failure| Err(NotVerified::Failed(failure));
    assert_eq!(said(Answer::Good, LATER), Ok(()));
    assert_eq!(said(Answer::Bad, LATER), failed(SignatureFailure::Invalid));
    assert_eq!(said(Answer::Unsupported, LATER), failed(SignatureFailure::Unsupported));
    // The next back end is asked, as behind one that answers so at once.
    assert_eq!(said(Answer::Unsupported, unsupported), Ok(()));
    assert_eq!(said(Answer::Bad, unsupported), failed(SignatureFailure::Invalid));
}

#[test]
fn an_answer_for_something_else_is_none() {
    let asked = check(b"a");
    let other = PublicKey::from_rsa(&[0xa7; 256], &[1, 0, 1], RsaLimit::Standard).unwrap();
    let scheme = Scheme::RsaPkcs1(Hash::Sha512);
    for lie in [
        SignatureCheck { scheme, ..asked.clone() },
        SignatureCheck { key: other, ..asked.clone() },
        SignatureCheck { message: b"b".to_vec(), ..asked.clone() },
        SignatureCheck { message: Vec::new(), ..asked.clone() },
        SignatureCheck { signature: [2; 256].to_vec(), ..asked.clone() },
        // What moves from one part to the next leaves the same bytes in a row.
        SignatureCheck {
            message: b"a\x01".to_vec(),
            signature: [1; 255].to_vec(),
            ..asked.clone()
        },
    ] {
        let mut rounds = Rounds::default();
        rounds.answered([(lie, Answer::Good)]).unwrap();
        let said = rounds.pass(LATER, |signatures| verify(b"a", signatures));
        assert_eq!(said, Err(NotVerified::Deferred(asked.clone().into())));
    }
}

#[test]
fn the_first_answer_stands() {
    let mut rounds = Rounds::default();
    rounds.answered([(check(b"a"), Answer::Bad), (check(b"a"), Answer::Good)]).unwrap();
    let said = rounds.pass(LATER, |signatures| verify(b"a", signatures));
    assert_eq!(said, Err(NotVerified::Failed(SignatureFailure::Invalid)));
    // What is known already is nothing new.
    let refusal = rounds.answered([(check(b"a"), Answer::Good)]).unwrap_err();
    assert_eq!(refusal.code(), Code::InternalError);
}

#[test]
fn a_host_that_gives_no_answers_gets_a_refusal() {
    let ask = |signatures: SignatureProvider<'_>| chain(&[b"a"], signatures);
    let stop = settle(LATER, |_| Answer::Deferred, ask).unwrap_err();
    let Stop::Refused(refusal) = stop else { panic!("{stop:?}") };
    assert_eq!(refusal.code(), Code::InternalError);
    assert_eq!(Rounds::default().answered([]).unwrap_err().code(), Code::InternalError);
}

#[test]
fn passes_go_on_until_one_rests_on_answers_alone() {
    let check = |good: &[&[u8]], expect: Result<(), Code>, expected_passes: usize| {
        let passes = Cell::new(0);
        let ask = |signatures: SignatureProvider<'_>| {
            passes.set(passes.get() + 1);
            chain(&[b"certificate", b"token"], signatures)
        };
        let answer = |check: &SignatureCheck| match good.contains(&&check.message[..]) {
            true => Answer::Good,
            false => Answer::Bad,
        };
        let said = settle(LATER, answer, ask).map_err(|stop| stop.into_refusal().code());
        assert_eq!((said, passes.get()), (expect, expected_passes), "{good:?}");
    };
    check(&[b"certificate", b"token"], Ok(()), 3);
    check(&[b"certificate"], Err(Code::SignatureInvalid), 3);
    check(&[b"token"], Err(Code::SignatureInvalid), 2);
    check(&[], Err(Code::SignatureInvalid), 2);
}

#[test]
fn rounds_and_answers_are_bounded() {
    let mut rounds = Rounds::default();
    for round in 0..limits::SIGNATURE_ROUNDS {
        rounds.answered([(check(&[u8::try_from(round).unwrap()]), Answer::Good)]).unwrap();
    }
    let refusal = rounds.answered([(check(b"more"), Answer::Good)]).unwrap_err();
    assert_eq!(refusal.code(), Code::SignatureBudget);

    let answers = (0..=limits::SIGNATURE_ANSWERS).map(|n| (check(&n.to_be_bytes()), Answer::Good));
    let refusal = Rounds::default().answered(answers).unwrap_err();
    assert_eq!(refusal.code(), Code::SignatureBudget);
    // A question without an end ends.
    let next = Cell::new(0_u64);
    let ask = |signatures: SignatureProvider<'_>| {
        next.set(next.get() + 1);
        chain(&[&next.get().to_be_bytes()], signatures)
    };
    let stop = settle(LATER, |_| Answer::Good, ask).unwrap_err();
    assert_eq!(stop.into_refusal().code(), Code::SignatureBudget);
    assert_eq!(next.get(), u64::try_from(limits::SIGNATURE_ROUNDS + 1).unwrap());
}
