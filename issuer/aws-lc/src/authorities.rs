//! The signatures of authorities' certificates that were found good, so that the arithmetic is done once.

use aws_lc_rs::digest::{Context, SHA256};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme};
use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A back end that remembers which certificates of authorities it found well signed
/// ([`Backend::verify_authority`]). All else it passes on.
///
/// Only [`Answer::Good`] is remembered, under a digest of all that the answer depends on: scheme, key, message and signature,
/// to the byte. So it answers as the back end inside would, whatever else is good or bad about a certificate.
pub struct KnownAuthorities<B> {
    inner: B,
    /// The most that one generation holds.
    limit: usize,
    known: Mutex<Generations>,
}

/// Two generations, each bounded: what is asked again in time moves to the younger, the rest goes with the older.
#[derive(Default)]
struct Generations {
    young: HashSet<Link>,
    old: HashSet<Link>,
}

/// Which signature it is: the scheme, and SHA-256 of key, message and signature.
type Link = (Scheme, [u8; 32]);

impl<B> KnownAuthorities<B> {
    /// Remembers between `links` and twice as many, about 50 bytes each. None are known yet.
    #[must_use]
    pub fn new(inner: B, links: usize) -> Self {
        Self { inner, limit: links, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Generations> {
        // A set is whole after each of its calls.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Backend> Backend for KnownAuthorities<B> {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        self.inner.verify(scheme, key, message, signature)
    }

    fn verify_authority(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        let link = link(scheme, key, message, signature);
        if self.known().recall(link, self.limit) {
            return Answer::Good;
        }
        let answer = self.inner.verify_authority(scheme, key, message, signature);
        if answer == Answer::Good {
            self.known().keep(link, self.limit);
        }
        answer
    }
}

impl Generations {
    fn recall(&mut self, link: Link, limit: usize) -> bool {
        if self.young.contains(&link) {
            return true;
        }
        let known = self.old.remove(&link);
        if known {
            self.keep(link, limit);
        }
        known
    }

    fn keep(&mut self, link: Link, limit: usize) {
        if self.young.len() >= limit {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(link);
    }
}

/// Each part has its length before it, so that no two questions have one name.
fn link(scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Link {
    let mut context = Context::new(&SHA256);
    for part in [key.spki_der(), message, signature] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut name = [0; 32];
    name.copy_from_slice(context.finish().as_ref());
    (scheme, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Hash;
    use credmint_core::signature::RsaLimit;
    use std::cell::RefCell;

    const SCHEME: Scheme = Scheme::RsaPkcs1(Hash::Sha256);

    /// Counts what it is asked, and finds good whatever is signed `good`.
    #[derive(Default)]
    struct Counting(RefCell<usize>);

    impl Backend for Counting {
        fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], signature: &[u8]) -> Answer {
            *self.0.borrow_mut() += 1;
            match signature {
                b"good" => Answer::Good,
                b"later" => Answer::Deferred,
                b"unknown" => Answer::Unsupported,
                _ => Answer::Bad,
            }
        }
    }

    fn key(byte: u8) -> PublicKey {
        PublicKey::from_rsa(&[byte; 256], &[1, 0, 1], RsaLimit::Standard).unwrap()
    }

    fn asked(known: &KnownAuthorities<Counting>) -> usize {
        *known.inner.0.borrow()
    }

    #[test]
    fn what_is_good_is_asked_once_and_nothing_else_is_remembered() {
        let check = |signature: &[u8], expect: Answer, times: usize| {
            let known = KnownAuthorities::new(Counting::default(), 8);
            for _ in 0..3 {
                let answer = known.verify_authority(SCHEME, &key(0xa5), b"m", signature);
                assert_eq!(answer, expect);
            }
            assert_eq!(asked(&known), times, "{expect:?}");
        };
        check(b"good", Answer::Good, 1);
        check(b"bad", Answer::Bad, 3);
        check(b"later", Answer::Deferred, 3);
        check(b"unknown", Answer::Unsupported, 3);
    }

    #[test]
    fn another_question_is_asked_whatever_is_known() {
        let known = KnownAuthorities::new(Counting::default(), 8);
        let check = |scheme: Scheme, byte: u8, message: &[u8], times: usize| {
            let answer = known.verify_authority(scheme, &key(byte), message, b"good");
            assert_eq!((answer, asked(&known)), (Answer::Good, times));
        };
        check(SCHEME, 0xa5, b"message", 1);
        check(SCHEME, 0xa5, b"message", 1);
        check(Scheme::RsaPss(Hash::Sha256), 0xa5, b"message", 2);
        check(Scheme::RsaPkcs1(Hash::Sha384), 0xa5, b"message", 3);
        check(SCHEME, 0xa7, b"message", 4);
        check(SCHEME, 0xa5, b"massage", 5);
        check(SCHEME, 0xa5, b"messag", 6);
        // A forged signature over what is known.
        let forged = known.verify_authority(SCHEME, &key(0xa5), b"message", b"gooe");
        assert_eq!((forged, asked(&known)), (Answer::Bad, 7));
    }

    /// What moves bytes from one part to the next has another name.
    #[test]
    fn parts_do_not_run_into_each_other() {
        let (one, other) = (b"goodgood".as_slice(), b"good".as_slice());
        let of = |message: &[u8], signature: &[u8]| link(SCHEME, &key(0xa5), message, signature);
        assert_ne!(of(one, other), of(other, one));
        assert_ne!(of(b"a", b"bc"), of(b"ab", b"c"));
        assert_eq!(of(b"a", b"bc"), of(b"a", b"bc"));
    }

    #[test]
    fn the_signature_of_a_proof_is_asked_each_time() {
        let known = KnownAuthorities::new(Counting::default(), 8);
        for times in 1..4 {
            let _ = known.verify_authority(SCHEME, &key(0xa5), b"m", b"good");
            assert_eq!(known.verify(SCHEME, &key(0xa5), b"m", b"good"), Answer::Good);
            assert_eq!(asked(&known), times + 1);
        }
    }

    #[test]
    fn a_flood_of_authorities_is_bounded_and_what_is_used_stays() {
        let known = KnownAuthorities::new(Counting::default(), 8);
        let ask = |message: u32| {
            let message = message.to_be_bytes();
            let answer = known.verify_authority(SCHEME, &key(0xa5), &message, b"good");
            assert_eq!(answer, Answer::Good);
        };
        for number in 1..1000 {
            ask(0);
            ask(number);
            let held = known.known();
            assert!(held.young.len() + held.old.len() <= 16);
        }
        assert_eq!(asked(&known), 1000, "the one that is used was forgotten");
    }
}
