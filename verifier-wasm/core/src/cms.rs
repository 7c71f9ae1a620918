//! Signed messages: SignedData of the Cryptographic Message Syntax (RFC 5652), also known as PKCS#7.
//!
//! Clouds sign the identity documents of their instances this way. What is accepted is far narrower than
//! the RFC, because every freedom of the format has been an attack on somebody:
//!
//! - Content of type id-data, exactly one signer, no revocation lists.
//! - The signer is a configured certificate, whole ([`PinnedSigner`]). Certificates inside the message are
//!   not read.
//! - Whether there are signed attributes is a matter of the [`Profile`], never of the message: a message
//!   whose attributes were taken off, to pass them off as content, does not verify.
//! - Everything that the message says about its algorithms agrees.
//!
//! The way is [`SignedMessage::parse`], then [`SignedMessage::verify`]; only what it returns,
//! [`VerifiedContent`], lets anybody read the content.

mod algorithms;
mod attributes;
mod profile;
mod signed_data;
mod signer;
mod signer_info;
mod verify;

pub use profile::{Allow, CmsRules, Profile};
pub use signed_data::SignedMessage;
pub use signer::PinnedSigner;
pub use verify::VerifiedContent;

use crate::refusal::{Code, Refusal};
use crate::x509::fields::Oid;
use const_oid::ObjectIdentifier;

/// Content type of plain octets (RFC 5652 section 4).
const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");

/// Refuses a structure of the message by the name of its field.
fn malformed(field: &str) -> Refusal {
    Refusal::new(Code::CmsMalformed).detail(field)
}

/// Whether an identifier in a message is this one, octet by octet.
fn is(found: Oid<'_>, known: &ObjectIdentifier) -> bool {
    found.octets() == known.as_bytes()
}

#[cfg(test)]
mod tests;
