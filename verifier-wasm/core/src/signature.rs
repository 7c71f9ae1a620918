//! The signature seam: what the core asks of a back end, and the session that asks.
//!
//! The core has no signature arithmetic. It checks every *form* itself (key sizes, curve points, lengths,
//! ranges of r and s), so that back ends cannot disagree, and then asks the back ends in a fixed order.
//!
//! **Nothing is called verified before it is.** A check that a back end defers is an error, which says what is to be
//! checked and nothing else, so whatever rests on the signature is not made. Verifiers take a [`SignatureProvider`]; the
//! session that counts their checks is private to them:
//!
//! ```compile_fail,E0603
//! use credmint_core::signature::Session;
//! ```

mod dsa;
mod ecdsa;
mod ed25519;
mod key;
mod pair;
mod session;

pub use ecdsa::{der_from_fixed, fixed_from_der};
pub use key::{Curve, DsaKey, KeyKind, PublicKey, RsaLimit};
pub(crate) use session::{Question, Session};

use crate::digest::Hash;
use crate::refusal::{Code, Refusal};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// What kind of signature a check is about: the primitive with all its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 section 8.1) with this hash, MGF1 with the same hash, a salt as long as the hash and
    /// the one trailer: what RFC 7518 section 3.5 fixes, and the only parameters that certificates may name.
    RsaPss(Hash),
    /// ECDSA (FIPS 186-5 section 6.4) on a curve, with any of the hashes: certificates may pair a curve with
    /// another hash than JOSE does.
    Ecdsa(Curve, Hash),
    /// Ed25519 (RFC 8032 section 5.1): pure, without a context, the equation without the cofactor.
    Ed25519,
    /// DSA with SHA-1 (FIPS 186-4 section 4.7): one legacy signer of messages has it, and no other may.
    DsaSha1,
}

impl Scheme {
    /// The hash that the scheme is used with, where it leaves a choice: Ed25519 has SHA-512 inside.
    #[must_use]
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss(hash) | Self::Ecdsa(_, hash) => Some(hash),
            Self::DsaSha1 => Some(Hash::Sha1),
            Self::Ed25519 => None,
        }
    }

    /// Whether a key of this kind can make such signatures.
    #[must_use]
    pub fn fits(self, kind: KeyKind) -> bool {
        match (self, kind) {
            (Self::RsaPkcs1(_) | Self::RsaPss(_), KeyKind::Rsa { .. })
            | (Self::Ed25519, KeyKind::Ed25519)
            | (Self::DsaSha1, KeyKind::Dsa) => true,
            (Self::Ecdsa(curve, _), KeyKind::Ec(of_key)) => curve == of_key,
            _ => false,
        }
    }
}

/// The signature as [`Backend::verify`] takes it, from what a certificate, a CRL or a signer of a message
/// carries: r and s in DER for ECDSA and DSA (RFC 3279 sections 2.2.2 and 2.2.3), the bytes themselves for RSA
/// and Ed25519 (RFC 8410 section 6).
///
/// Returns `None` for a key of another kind, and for anything but strict DER of two integers that fit.
#[must_use]
pub fn decode_signature<'s>(
    scheme: Scheme,
    key: &PublicKey,
    encoded: &'s [u8],
) -> Option<Cow<'s, [u8]>> {
    if !scheme.fits(key.kind()) {
        return None;
    }
    match scheme {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) | Scheme::Ed25519 => Some(Cow::Borrowed(encoded)),
        Scheme::Ecdsa(curve, _) => fixed_from_der(curve, encoded).map(Cow::Owned),
        Scheme::DsaSha1 => dsa::fixed_from_der(key.dsa()?, encoded).map(Cow::Owned),
    }
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
    /// The answer comes later: see [`Source::Signatures`](crate::Source::Signatures).
    Deferred,
}

/// A signature back end. Key and signature have been checked in form: an implementation only does the
/// arithmetic, and must answer [`Answer::Unsupported`] by scheme and key alone, never by message.
pub trait Backend {
    /// Verifies `signature` over `message`.
    ///
    /// - RSA: the modulus has 2048 bits or more, the signature as many bytes. Whether it is below the modulus
    ///   is for the back end, and so are the salt and all of the padding.
    /// - ECDSA: the key is a point of the curve; r and s have the full length of the curve each, and are from 1
    ///   to below the order.
    /// - Ed25519: key and R are canonical and not of small order, S is below the order, 64 bytes in all. A
    ///   back end checks the equation without the cofactor.
    /// - DSA: r and s have the full length of q each, and are from 1 to below it; g and y are in the subgroup.
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer;

    /// The same where `message` is the certificate of an authority, so that many requests ask it: a back end may remember
    /// here what was [`Answer::Good`], by all four arguments. Never the certificate of a leaf, nor a proof.
    ///
    /// What is remembered is arithmetic, which time does not change. Validity, revocation and constraints are the core's,
    /// and judged for each request.
    fn verify_authority(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        self.verify(scheme, key, message, signature)
    }
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
            .field("message_bytes", &self.message.len())
            .field("signature_bytes", &self.signature.len())
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
    /// The request has used up [`limits::SIGNATURES`](crate::limits::SIGNATURES).
    Budget,
}

impl SignatureFailure {
    /// The refusal of this failure, with `invalid` as the code of a signature that is simply wrong.
    #[must_use]
    pub fn refusal(self, invalid: Code) -> Refusal {
        Refusal::new(match self {
            Self::Invalid => invalid,
            Self::Malformed => Code::SignatureMalformed,
            Self::Unsupported => Code::UnsupportedSignature,
            Self::Budget => Code::SignatureBudget,
        })
    }
}

/// Why a signature is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotVerified {
    /// It was not accepted.
    Failed(SignatureFailure),
    /// Nobody has said yet whether it is good: this is to be checked.
    Deferred(Box<SignatureCheck>),
}

impl From<SignatureFailure> for NotVerified {
    fn from(failure: SignatureFailure) -> Self {
        Self::Failed(failure)
    }
}

/// Verifies one signature.
///
/// `signature` is as [`Backend::verify`] takes it; what certificates and CMS carry, [`decode_signature`] converts.
///
/// # Errors
/// See [`NotVerified`].
pub fn verify_signature(
    scheme: Scheme,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
    signatures: SignatureProvider<'_>,
) -> Result<(), NotVerified> {
    Session::new(signatures).verify(scheme, key, message, signature)
}

/// Whether the signature has the form that the scheme and the key demand.
pub(crate) fn well_formed(scheme: Scheme, key: &PublicKey, signature: &[u8]) -> bool {
    if !scheme.fits(key.kind()) {
        return false;
    }
    match scheme {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => {
            key.rsa().is_some_and(|(modulus, _)| signature.len() == modulus.len())
        }
        Scheme::Ecdsa(curve, _) => ecdsa::in_range(curve, signature),
        Scheme::Ed25519 => ed25519::well_formed(signature),
        Scheme::DsaSha1 => key.dsa().is_some_and(|key| dsa::in_range(key, signature)),
    }
}
