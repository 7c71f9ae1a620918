//! The signature checks of one request.

use super::{
    Answer, Backend, NotVerified, PublicKey, Scheme, SignatureCheck, SignatureFailure,
    SignatureProvider, decode_signature, well_formed,
};
use crate::limits;
use alloc::boxed::Box;
use core::cell::Cell;

/// Counts the signature checks of one request, and asks the back ends.
///
/// Only a back end's own word is a success. An answer that is remembered, from an earlier pass or by a back end, counts like
/// any other.
pub(crate) struct Session<'a> {
    provider: SignatureProvider<'a>,
    spent: Cell<usize>,
}

impl<'a> Session<'a> {
    /// A session for one request.
    pub(crate) const fn new(provider: SignatureProvider<'a>) -> Self {
        Self { provider, spent: Cell::new(0) }
    }

    /// How many signatures were checked so far.
    pub(crate) fn spent(&self) -> usize {
        self.spent.get()
    }

    /// Verifies one signature, which is as [`Backend::verify`](super::Backend::verify) takes it.
    ///
    /// # Errors
    /// See [`NotVerified`].
    pub(crate) fn verify(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotVerified> {
        self.spend()?;
        self.ask(Question::Any, scheme, key, message, signature)
    }

    /// Verifies a signature as certificates, revocation lists and messages carry it, which [`decode_signature`] reads.
    /// `scheme` is `None` when the key does not sign as the algorithm says.
    ///
    /// A signature that its form refuses counts like any other: a sender of thousands makes us read them all.
    pub(crate) fn verify_encoded(
        &self,
        question: Question,
        scheme: Option<Scheme>,
        key: &PublicKey,
        message: &[u8],
        encoded: &[u8],
    ) -> Result<(), NotVerified> {
        self.spend()?;
        let scheme = scheme.ok_or(SignatureFailure::Malformed)?;
        let signature =
            decode_signature(scheme, key, encoded).ok_or(SignatureFailure::Malformed)?;
        self.ask(question, scheme, key, message, &signature)
    }

    fn spend(&self) -> Result<(), SignatureFailure> {
        let spent = self.spent.get().saturating_add(1);
        if spent > limits::SIGNATURES {
            return Err(SignatureFailure::Budget);
        }
        self.spent.set(spent);
        Ok(())
    }

    fn ask(
        &self,
        question: Question,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotVerified> {
        if !well_formed(scheme, key, signature) {
            return Err(SignatureFailure::Malformed.into());
        }
        for backend in self.provider.backends {
            match question.put(*backend, scheme, key, message, signature) {
                Answer::Good => return Ok(()),
                Answer::Bad => return Err(SignatureFailure::Invalid.into()),
                Answer::Unsupported => {}
                Answer::Deferred => {
                    return Err(NotVerified::Deferred(Box::new(SignatureCheck {
                        scheme,
                        key: key.clone(),
                        message: message.to_vec(),
                        signature: signature.to_vec(),
                    })));
                }
            }
        }
        Err(SignatureFailure::Unsupported.into())
    }
}

/// What is asked of a back end.
#[derive(Clone, Copy)]
pub(crate) enum Question {
    /// [`Backend::verify`].
    Any,
    /// [`Backend::verify_authority`].
    Authority,
}

impl Question {
    fn put(
        self,
        backend: &dyn Backend,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        match self {
            Self::Any => backend.verify(scheme, key, message, signature),
            Self::Authority => backend.verify_authority(scheme, key, message, signature),
        }
    }
}

#[cfg(test)]
mod tests;
