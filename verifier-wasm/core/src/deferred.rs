//! Signatures that a host verifies elsewhere, as WebCrypto does: bounded rounds of passes.
//!
//! A pass in which a back end defers ends with [`Source::Signatures`]. The host has the checks answered, side by side, and
//! the same question is asked again, until a pass rests on answers alone. Answers are remembered by scheme, key, message
//! and signature: one for anything less is none. What a pass costs is counted in each as if nothing had been deferred, so
//! the verdict is that of a host whose back ends answer at once.

use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{Answer, Backend, PublicKey, Scheme, SignatureCheck, SignatureProvider};
use crate::verdict::{Source, Stop};
use alloc::collections::BTreeMap;
use sha2::{Digest, Sha256};

/// The rounds of one request: what has been answered so far.
///
/// A host whose answers come later asks in [`Rounds::pass`], has what is wanted answered, hands that to
/// [`Rounds::answered`], and asks again. One that can wait for its answers takes [`settle`].
#[derive(Debug, Default)]
pub struct Rounds {
    known: BTreeMap<Key, Answer>,
    taken: usize,
}

/// The scheme of a check, and a digest of everything else in it.
type Key = (Scheme, [u8; 32]);

impl Rounds {
    /// One pass: `ask` with the back ends of the host, behind which what was answered is known.
    pub fn pass<T>(
        &self,
        signatures: SignatureProvider<'_>,
        ask: impl FnOnce(SignatureProvider<'_>) -> T,
    ) -> T {
        ask(SignatureProvider { backends: &[&Remembering { signatures, rounds: self }] })
    }

    /// Takes the answers to what a pass deferred. [`Answer::Deferred`] is none.
    ///
    /// # Errors
    /// [`Code::InternalError`] when nothing was answered that was not known: the next pass would want the same.
    /// [`Code::SignatureBudget`] after [`limits::SIGNATURE_ROUNDS`], and beyond [`limits::SIGNATURE_ANSWERS`].
    pub fn answered(
        &mut self,
        answers: impl IntoIterator<Item = (SignatureCheck, Answer)>,
    ) -> Result<(), Refusal> {
        self.taken = self.taken.saturating_add(1);
        if self.taken > limits::SIGNATURE_ROUNDS {
            return Err(Code::SignatureBudget.into());
        }
        let before = self.known.len();
        for (check, answer) in answers {
            self.learn(&check, answer)?;
        }
        match self.known.len() > before {
            true => Ok(()),
            false => Err(Refusal::new(Code::InternalError)
                .detail("a back end defers, and the host gives no answers")),
        }
    }

    fn learn(&mut self, check: &SignatureCheck, answer: Answer) -> Result<(), Refusal> {
        let key = key(check.scheme, &check.key, &check.message, &check.signature);
        match self.known.get(&key) {
            // The first answer is final: a signature does not become good by being asked about again.
            Some(_) => Ok(()),
            None if answer == Answer::Deferred => Ok(()),
            None if self.known.len() >= limits::SIGNATURE_ANSWERS => {
                Err(Code::SignatureBudget.into())
            }
            None => {
                self.known.insert(key, answer);
                Ok(())
            }
        }
    }
}

/// Repeats a decision until it is final, and asks `answer` for each deferred check. Nothing is fetched here.
///
/// # Errors
/// What `ask` says beside [`Source::Signatures`], and the refusals of [`Rounds::answered`].
pub fn settle<T>(
    signatures: SignatureProvider<'_>,
    mut answer: impl FnMut(&SignatureCheck) -> Answer,
    mut ask: impl FnMut(SignatureProvider<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let mut rounds = Rounds::default();
    loop {
        match rounds.pass(signatures, &mut ask) {
            Err(Stop::Wanting(Source::Signatures(checks))) => {
                rounds.answered(checks.into_iter().map(|check| {
                    let said = answer(&check);
                    (check, said)
                }))?;
            }
            settled => return settled,
        }
    }
}

/// The back ends of a host as one: what it defers, the rounds may know. What is not deferred costs nothing here.
struct Remembering<'a> {
    signatures: SignatureProvider<'a>,
    rounds: &'a Rounds,
}

impl Backend for Remembering<'_> {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let known = || self.rounds.known.get(&self::key(scheme, key, message, signature)).copied();
        for backend in self.signatures.backends {
            let answer = match backend.verify(scheme, key, message, signature) {
                Answer::Deferred => known().unwrap_or(Answer::Deferred),
                answer => answer,
            };
            if answer != Answer::Unsupported {
                return answer;
            }
        }
        Answer::Unsupported
    }
}

/// What an answer is remembered by. The lengths are part of the digest, so that no two checks have the same bytes.
fn key(scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Key {
    let mut hash = Sha256::new();
    for part in [key.spki_der(), message, signature] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    (scheme, hash.finalize().into())
}

#[cfg(test)]
mod tests;
