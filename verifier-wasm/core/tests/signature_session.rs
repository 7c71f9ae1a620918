//! The session of signature checks: order of the back ends, budget, and deferred answers.

use credmint_core::jose::{Algorithm, known_answers};
use credmint_core::signature::{
    Answer, Backend, KeyKind, PublicKey, RsaLimit, Scheme, Session, SignatureCheck,
    SignatureFailure, SignatureProvider,
};
use credmint_core::{Code, Hash, Refusal, Source, Stop, Verdict, limits};
use std::cell::RefCell;

const SCHEME: Scheme = Scheme::RsaPkcs1(Hash::Sha256);
const SIGNATURE: [u8; 256] = [1; 256];

fn key() -> PublicKey {
    PublicKey::from_rsa(&[0xa5; 256], &[1, 0, 1], RsaLimit::Standard).unwrap()
}

fn check(message: &str) -> SignatureCheck {
    let (message, signature) = (message.into(), SIGNATURE.to_vec());
    SignatureCheck { scheme: SCHEME, key: key(), message, signature }
}

fn verify(session: &Session<'_>, message: &str) -> Result<(), SignatureFailure> {
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

/// What a host with asynchronous signatures does: defers what it has not been told yet.
#[derive(Default)]
struct Memory(RefCell<Vec<(SignatureCheck, bool)>>);

impl Memory {
    fn learn(&self, checks: Vec<SignatureCheck>, good: impl Fn(&[u8]) -> bool) {
        let answers = checks.into_iter().map(|check| {
            let good = good(&check.message);
            (check, good)
        });
        self.0.borrow_mut().extend(answers);
    }
}

impl Backend for Memory {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let (key, message, signature) = (key.clone(), message.to_vec(), signature.to_vec());
        let asked = SignatureCheck { scheme, key, message, signature };
        match self.0.borrow().iter().find(|(check, _)| *check == asked) {
            Some((_, true)) => Answer::Good,
            Some((_, false)) => Answer::Bad,
            None => Answer::Deferred,
        }
    }
}

/// A chain of checks, each reached only when the one before is good.
fn chain(memory: &Memory) -> Verdict<&'static str> {
    let backends: [&dyn Backend; 2] = [memory, &Silent];
    let session = Session::new(SignatureProvider { backends: &backends });
    let result = ["certificate", "token"].into_iter().try_for_each(|message| {
        verify(&session, message).map_err(|failure| failure.refusal(Code::SignatureInvalid))
    });
    session.finish(result.map(|()| "identity").map_err(Stop::from))
}

/// Answers what was deferred until the chain speaks, and counts the passes.
fn rounds(good: impl Fn(&[u8]) -> bool) -> (usize, Verdict<&'static str>) {
    let memory = Memory::default();
    for pass in 1..10 {
        match chain(&memory) {
            Verdict::Wanting(Source::Signatures(checks)) => {
                assert!(!checks.is_empty());
                memory.learn(checks, &good);
            }
            verdict => return (pass, verdict),
        }
    }
    panic!("no end")
}

#[test]
fn only_a_pass_without_deferred_answers_speaks() {
    let refused = |code: Code| Verdict::Refused(Refusal::new(code));
    assert_eq!(rounds(|_| true), (2, Verdict::Granted("identity")));
    assert_eq!(rounds(|_| false), (2, refused(Code::SignatureInvalid)));
    assert_eq!(rounds(|message| message == b"certificate"), (2, refused(Code::SignatureInvalid)));
    assert_eq!(rounds(|message| message == b"token"), (2, refused(Code::SignatureInvalid)));
}

#[test]
fn deferred_checks_are_asked_for_whatever_the_result() {
    let deferring = || {
        let session = Session::new(SignatureProvider { backends: &[&Always(Answer::Deferred)] });
        assert_eq!(verify(&session, "a"), Ok(()));
        assert_eq!(verify(&session, "b"), Ok(()));
        session
    };
    let wanting = || Verdict::Wanting(Source::Signatures(vec![check("a"), check("b")]));
    assert_eq!(deferring().finish(Ok(1)), wanting());
    assert_eq!(deferring().finish::<i32>(Err(Code::Expired.into())), wanting());
    let (issuer, url) = (String::from("https://a.example"), String::from("https://a.example/jwks"));
    let keys = Stop::Wanting(Source::KeySet { issuer, url });
    assert_eq!(deferring().finish::<i32>(Err(keys)), wanting());
}

#[test]
fn without_deferred_checks_the_result_is_the_verdict() {
    let session = || {
        let session = Session::new(SignatureProvider { backends: &[&Always(Answer::Good)] });
        assert_eq!(verify(&session, "a"), Ok(()));
        session
    };
    assert_eq!(session().finish(Ok(1)), Verdict::Granted(1));
    let refusal = Refusal::new(Code::Expired);
    assert_eq!(session().finish::<i32>(Err(refusal.clone().into())), Verdict::Refused(refusal));
}

#[test]
fn back_ends_are_asked_in_order_until_one_knows() {
    let said = |backends: &[&dyn Backend]| {
        verify(&Session::new(SignatureProvider { backends }), "message")
    };
    let (good, bad, unsupported) =
        (&Always(Answer::Good), &Always(Answer::Bad), &Always(Answer::Unsupported));
    assert_eq!(said(&[good, &Silent]), Ok(()));
    assert_eq!(said(&[bad, &Silent]), Err(SignatureFailure::Invalid));
    assert_eq!(said(&[unsupported, good, &Silent]), Ok(()));
    assert_eq!(said(&[unsupported, bad, &Silent]), Err(SignatureFailure::Invalid));
    assert_eq!(said(&[unsupported, unsupported]), Err(SignatureFailure::Unsupported));
    assert_eq!(said(&[]), Err(SignatureFailure::Unsupported));
}

#[test]
fn malformed_signatures_reach_no_back_end() {
    let session = Session::new(SignatureProvider { backends: &[&Silent] });
    let malformed = Err(SignatureFailure::Malformed);
    for length in [0, 1, 255, 257] {
        assert_eq!(session.verify(SCHEME, &key(), b"", &vec![1; length]), malformed);
    }
    let ecdsa = Scheme::Ecdsa(credmint_core::signature::Curve::P256, Hash::Sha256);
    assert_eq!(session.verify(ecdsa, &key(), b"", &[1; 64]), malformed);
    assert_eq!(session.finish(Ok(())), Verdict::Granted(()));
}

#[test]
fn j15_j20_every_algorithm_has_signatures_of_one_length_and_keys_of_one_kind() {
    let verify = |algorithm: Algorithm, key: &PublicKey, signature: &[u8]| {
        let session = Session::new(SignatureProvider { backends: &[&Silent] });
        session.verify(algorithm.scheme(), key, known_answers::MESSAGE, signature)
    };
    let malformed = Err(SignatureFailure::Malformed);
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
            assert_ne!(verify(&session, "message"), Err(SignatureFailure::Budget));
        }
        assert_eq!(verify(&session, "message"), Err(SignatureFailure::Budget));
        assert_eq!(session.spent(), limits::SIGNATURES);
    }
}
