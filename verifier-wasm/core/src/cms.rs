//! Signed messages: SignedData of the Cryptographic Message Syntax (RFC 5652), also known as PKCS#7.
//!
//! Clouds sign the identity documents of their instances this way. What is accepted is far narrower than
//! the RFC, because every freedom of the format has been used for an attack:
//!
//! - Content of type id-data, exactly one signer, no revocation lists.
//! - The signer is a configured certificate, whole ([`PinnedSigner`]), or one whose certificate in the
//!   message leads to a registered root ([`Authorities`]). Nothing inside a message is trusted by itself,
//!   and with pinned signers the certificates inside it are not even read.
//! - Whether there are signed attributes is a matter of the [`Profile`], and where it takes both, as Azure's
//!   does, the content is of a form that no attributes have: a message whose attributes were taken off, to
//!   pass them off as content, does not verify.
//! - Everything that the message says about its algorithms agrees.
//!
//! The way is [`SignedMessage::parse`], then [`SignedMessage::verify`] or [`SignedMessage::verify_by`]; only
//! what they return, [`VerifiedContent`], lets anybody decide by the content. [`SignedMessage::outline`]
//! shows people what a message says of itself, proven or not.

mod algorithms;
mod attributes;
mod bundle;
mod chain;
mod outline;
mod profile;
mod signed_data;
mod signer;
mod signer_info;
mod verify;

pub use bundle::certificates;
pub use chain::Authorities;
pub use outline::Outline;
pub use profile::{Allow, CmsRules, Profile};
pub use signed_data::SignedMessage;
pub use signer::PinnedSigner;
pub use verify::{Trust, VerifiedContent};

use crate::refusal::{Code, Refusal};
use crate::x509::fields::Oid;
use const_oid::ObjectIdentifier;

/// Content type of plain bytes (RFC 5652 section 4).
const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");

/// Refuses a structure of the message by the name of its field.
fn malformed(field: &str) -> Refusal {
    Refusal::new(Code::CmsMalformed).detail(field)
}

/// Whether an identifier in a message is this one, byte by byte.
fn is(found: Oid<'_>, known: &ObjectIdentifier) -> bool {
    found.bytes() == known.as_bytes()
}

#[cfg(test)]
pub(crate) mod tests;
