//! The signature seam: what the core asks of a back end, and the session that asks.
//!
//! The core has no signature arithmetic. It checks every *form* itself (key sizes, curve points, lengths,
//! ranges of r and s), so that back ends cannot disagree, and then asks the back ends in a fixed order.

mod ecdsa;
mod key;

pub use ecdsa::{der_from_fixed, fixed_from_der};
pub use key::{Curve, KeyKind, PublicKey, RsaLimit};

use crate::digest::Hash;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::verdict::{Source, Stop, Verdict};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::fmt;

/// What kind of signature a check is about: the primitive with all its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Hash),
    /// ECDSA (FIPS 186-5 section 6.4) on a curve, with any of the hashes: certificates may pair a curve with
    /// another hash than JOSE does.
    Ecdsa(Curve, Hash),
}

/// What a back end answers. It never says why a signature is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The signature verifies.
    Good,
    /// The signature does not verify.
    Bad,
    /// This back end does not offer the scheme; the next one is asked.
    Unsupported,
    /// The answer comes later: see [`Source::Signatures`].
    Deferred,
}

/// A signature back end. Key and signature have been checked in form: an implementation only does the
/// arithmetic, and must answer [`Answer::Unsupported`] by scheme and key alone, never by message.
pub trait Backend {
    /// Verifies `signature` over `message`.
    ///
    /// `signature` is as long as the modulus for RSA; r and s at the full length of the curve for ECDSA.
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer;
}

/// The back ends of a host, asked in this order. Given explicitly; there is no default.
#[derive(Clone, Copy)]
pub struct SignatureProvider<'a> {
    /// The back ends, the preferred one first.
    pub backends: &'a [&'a dyn Backend],
}

/// One deferred check: what a host that verifies elsewhere (WebCrypto) needs.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureCheck {
    /// The scheme.
    pub scheme: Scheme,
    /// The key, checked in form.
    pub key: PublicKey,
    /// The message.
    pub message: Vec<u8>,
    /// The signature, as [`Backend::verify`] takes it.
    pub signature: Vec<u8>,
}

/// Message and signature together are the proof, a secret while it lives: only their sizes show.
impl fmt::Debug for SignatureCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureCheck")
            .field("scheme", &self.scheme)
            .field("message_octets", &self.message.len())
            .field("signature_octets", &self.signature.len())
            .finish_non_exhaustive()
    }
}

/// Why a signature was not accepted; the caller knows which object it belongs to and gives the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFailure {
    /// It does not verify.
    Invalid,
    /// Wrong length, element out of range, or of another kind than the key.
    Malformed,
    /// No back end offers the scheme.
    Unsupported,
    /// The request has used up [`limits::SIGNATURES`].
    Budget,
}

impl SignatureFailure {
    /// The refusal of this failure, with `invalid` as the code of a signature that is simply wrong.
    #[must_use]
    pub fn refusal(self, invalid: Code) -> Refusal {
        Refusal::new(match self {
            Self::Invalid => invalid,
            Self::Malformed => Code::SignatureMalformed,
            Self::Unsupported => Code::SignatureUnsupported,
            Self::Budget => Code::SignatureBudget,
        })
    }
}

/// The signature checks of one request: counts them, and remembers which were deferred.
///
/// A deferred check counts as good *only* so that the pass can discover further checks.
/// [`Session::finish`] is the one way out, and it speaks only for a pass that deferred nothing.
pub struct Session<'a> {
    provider: SignatureProvider<'a>,
    spent: Cell<usize>,
    deferred: RefCell<Vec<SignatureCheck>>,
}

impl<'a> Session<'a> {
    /// A session for one request.
    #[must_use]
    pub const fn new(provider: SignatureProvider<'a>) -> Self {
        Self { provider, spent: Cell::new(0), deferred: RefCell::new(Vec::new()) }
    }

    /// How many signatures were checked so far.
    #[must_use]
    pub fn spent(&self) -> usize {
        self.spent.get()
    }

    /// Verifies one signature.
    ///
    /// `signature` is r and s at full length for ECDSA; certificates and CMS carry DER, which
    /// [`fixed_from_der`] converts.
    ///
    /// # Errors
    /// See [`SignatureFailure`].
    pub fn verify(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureFailure> {
        let spent = self.spent.get().saturating_add(1);
        if spent > limits::SIGNATURES {
            return Err(SignatureFailure::Budget);
        }
        self.spent.set(spent);
        if !well_formed(scheme, key, signature) {
            return Err(SignatureFailure::Malformed);
        }
        for backend in self.provider.backends {
            match backend.verify(scheme, key, message, signature) {
                Answer::Good => return Ok(()),
                Answer::Bad => return Err(SignatureFailure::Invalid),
                Answer::Unsupported => {}
                Answer::Deferred => {
                    self.deferred.borrow_mut().push(SignatureCheck {
                        scheme,
                        key: key.clone(),
                        message: message.to_vec(),
                        signature: signature.to_vec(),
                    });
                    return Ok(());
                }
            }
        }
        Err(SignatureFailure::Unsupported)
    }

    /// Ends the pass: its result when nothing was deferred, else the deferred checks, whatever the result.
    pub fn finish<T>(self, result: Result<T, Stop>) -> Verdict<T> {
        let deferred = self.deferred.into_inner();
        if deferred.is_empty() {
            result.into()
        } else {
            Verdict::Wanting(Source::Signatures(deferred))
        }
    }
}

/// Whether the signature has the form that the scheme and the key demand.
fn well_formed(scheme: Scheme, key: &PublicKey, signature: &[u8]) -> bool {
    match (scheme, key.kind()) {
        (Scheme::RsaPkcs1(_), KeyKind::Rsa { bits }) => signature.len() == bits.div_ceil(8),
        (Scheme::Ecdsa(curve, _), KeyKind::Ec(of_key)) => {
            curve == of_key && ecdsa::in_range(curve, signature)
        }
        _ => false,
    }
}
