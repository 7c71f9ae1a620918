//! Text in, DER out: PEM (RFC 7468) as stock clients, authorities and people really write it.
//!
//! Lenient about armour, white space and what stands around the blocks, strict about everything else.
//!
//! - Blocks one after another, with line breaks, blanks or nothing inside and between; bare base64 without armour; a
//!   comma between two of either kind.
//! - Blocks that begin and end on lines of their own, with explanatory text before, between and after them (RFC 7468
//!   section 2): what `openssl ca` writes, bag attributes, comments. No reader may see a block in that text, so what
//!   looks like the edge of one, or like base64, refuses there.
//! - A byte order mark of UTF-8 at the beginning. Files may be DER as well: [`file_text`].
//!
//! Base64url and missing padding refuse. A private key refuses, in whatever form, and no text of the input is ever
//! repeated in a refusal.

mod blocks;
mod explanation;
mod file;
mod mistakes;

pub use file::file_text;

use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;
use blocks::{Found, Label};

/// What is wrong with a text, for people.
type Wrong = &'static str;

/// What a text that may hold certificates has, one by one. Nothing has been parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// The DER of one certificate.
    Certificate(Vec<u8>),
    /// The BER of a CMS message, which may carry certificates: a `.p7b`.
    Message(Vec<u8>),
}

/// Reads certificates, and messages that carry certificates: at most `most`, each certificate of at most
/// [`limits::CERTIFICATE_BYTES`], in their order.
///
/// # Errors
/// [`Code::PemPrivateKey`], [`Code::PemMalformed`], [`Code::PemCount`] for none,
/// [`Code::CertificatesTooMany`], [`Code::CertificateTooLarge`].
pub fn bundle(text: &str, most: usize) -> Result<Vec<Encoded>, Refusal> {
    if text.len() > limits::PEM_BYTES {
        return Err(Refusal::new(Code::CertificateTooLarge)
            .detail("all certificates of the field together")
            .expected(format_args!("at most {} bytes of text", limits::PEM_BYTES))
            .found(format_args!("{} bytes", text.len())));
    }
    refuse_private_key(text)?;
    let mut all = Vec::new();
    let found = blocks::read(text).map_err(malformed)?;
    // Counted before any of them is decoded.
    if found.len() > most {
        return Err(Refusal::new(Code::CertificatesTooMany)
            .expected(format_args!("at most {most}"))
            .found(found.len()));
    }
    for Found { label, body } in found {
        let is_message = match label {
            Some(Label::Certificate) => Some(false),
            Some(Label::Message) => Some(true),
            None => None,
            Some(label) => return Err(malformed(label.instead_of_certificate())),
        };
        let der = mistakes::decode(body).map_err(malformed)?;
        refuse_private_der(&der)?;
        // Base64 alone does not say what it is: a message begins with the identifier of its type.
        all.push(match is_message.unwrap_or_else(|| inside(&der) == Some(OBJECT_IDENTIFIER)) {
            true => Encoded::Message(der),
            false if der.len() > limits::CERTIFICATE_BYTES => {
                return Err(Refusal::new(Code::CertificateTooLarge)
                    .expected(format_args!("at most {} bytes", limits::CERTIFICATE_BYTES))
                    .found(format_args!("{} bytes", der.len())));
            }
            false => Encoded::Certificate(der),
        });
    }
    if all.is_empty() {
        return Err(Refusal::new(Code::PemCount).expected("a certificate").found("none"));
    }
    Ok(all)
}

/// Reads certificates: at most [`limits::CERTIFICATES`], in their order. Returns DER as it came, unparsed.
///
/// # Errors
/// As [`bundle`]; a message refuses.
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    let alone = |encoded| match encoded {
        Encoded::Certificate(der) => Ok(der),
        Encoded::Message(_) => Err(malformed("a PKCS #7 message where a certificate is expected")),
    };
    bundle(text, limits::CERTIFICATES)?.into_iter().map(alone).collect()
}

/// Reads exactly one certificate.
///
/// # Errors
/// As [`certificates`]; also [`Code::PemCount`] for more than one.
pub fn certificate(text: &str) -> Result<Vec<u8>, Refusal> {
    let mut found = certificates(text)?;
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (_, others) => Err(Refusal::new(Code::PemCount)
            .expected("one certificate")
            .found(format_args!("{}", others.saturating_add(1)))),
    }
}

/// Reads one public key: a PEM block `PUBLIC KEY` (RFC 7468 section 13) or bare base64. Returns the
/// SubjectPublicKeyInfo as it came, unparsed.
///
/// # Errors
/// [`Code::PemPrivateKey`], [`Code::KeyMalformed`].
pub fn public_key(text: &str) -> Result<Vec<u8>, Refusal> {
    let wrong = || Refusal::new(Code::KeyMalformed).expected("one PUBLIC KEY block, or its base64");
    if text.len() > limits::PEM_BYTES {
        return Err(wrong());
    }
    refuse_private_key(text)?;
    let der = only(text, Label::PublicKey).map_err(|detail| wrong().detail(detail))?;
    refuse_private_der(&der)?;
    Ok(der)
}

/// Reads revocation lists: PEM blocks `X509 CRL` (RFC 7468 section 7), at most [`limits::CRLS`], or one in bare base64.
/// Returns DER as it came, unparsed.
///
/// # Errors
/// [`Code::CrlTooLarge`], also for too many; [`Code::PemPrivateKey`], [`Code::CrlMalformed`].
pub fn revocation_lists(text: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    if text.len() > limits::CRL_TEXT_BYTES {
        return Err(Code::CrlTooLarge.into());
    }
    refuse_private_key(text)?;
    let wrong = || Refusal::new(Code::CrlMalformed).expected("X509 CRL blocks, or base64 of one");
    if !text.contains(blocks::BEGIN) {
        let only = only(text, Label::List).map_err(|detail| wrong().detail(detail))?;
        return Ok(Vec::from([only]));
    }
    let found = blocks::read(text).map_err(|detail| wrong().detail(detail))?;
    if found.is_empty() {
        return Err(wrong().detail("there is nothing"));
    }
    if found.len() > limits::CRLS {
        return Err(Refusal::new(Code::CrlTooLarge)
            .detail("number of lists")
            .expected(format_args!("at most {}", limits::CRLS)));
    }
    let decoded = |Found { label, body }| match label {
        Some(Label::List) => mistakes::decode(body).map_err(|detail| wrong().detail(detail)),
        _ => Err(wrong().detail("a block has another label")),
    };
    found.into_iter().map(decoded).collect()
}

/// Reads one CMS message: a PEM block `PKCS7` or `CMS` (RFC 7468 sections 8 and 9), or bare base64 as the
/// metadata services of the clouds answer. Returns BER as it came, unparsed.
///
/// # Errors
/// [`Code::CmsTooLarge`], [`Code::PemPrivateKey`], [`Code::CmsText`].
pub fn message(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.len() > limits::CMS_TEXT_BYTES {
        return Err(Code::CmsTooLarge.into());
    }
    refuse_private_key(text)?;
    let message = only(text, Label::Message).map_err(|wrong| {
        let refusal = Refusal::new(Code::CmsText).detail(wrong);
        match mistakes::told(wrong) {
            Some(told) => refusal.told(told),
            None => refusal,
        }
    })?;
    if message.len() > limits::CMS_BYTES {
        return Err(Code::CmsTooLarge.into());
    }
    Ok(message)
}

/// The bytes of the only block, which has this label or none. The error says what is wrong.
fn only(text: &str, label: Label) -> Result<Vec<u8>, &'static str> {
    if !text.contains(blocks::BEGIN) {
        return mistakes::decode(text.trim_start_matches('\u{feff}'));
    }
    let found = blocks::read(text)?;
    let [Found { label: own, body }] = found[..] else {
        return Err(if found.is_empty() { "there is nothing" } else { "more than one block" });
    };
    if own.is_some_and(|own| own != label) {
        return Err("the block has another label");
    }
    mistakes::decode(body)
}

const OBJECT_IDENTIFIER: u8 = 0x06;
const INTEGER: u8 = 0x02;

/// The tag of the first value inside the SEQUENCE that `der` is.
fn inside(der: &[u8]) -> Option<u8> {
    after_header(der)?.first().copied()
}

/// What follows the header of the first value.
fn after_header(der: &[u8]) -> Option<&[u8]> {
    let length = der.get(1)?;
    let more = if *length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    der.get(more.saturating_add(2)..)
}

fn refuse_private_key(text: &str) -> Result<(), Refusal> {
    if text.contains("PRIVATE KEY-----") { Err(Code::PemPrivateKey.into()) } else { Ok(()) }
}

/// A private key without armour (RFC 5958, RFC 8017 appendix A.1.2, RFC 5915) and the file around one (RFC 7292) begin
/// with a version; nothing that is read here does.
fn refuse_private_der(der: &[u8]) -> Result<(), Refusal> {
    match after_header(der) {
        Some([INTEGER, 1, 0 | 1, INTEGER | 0x04 | 0x30, ..]) => Err(Code::PemPrivateKey.into()),
        Some([INTEGER, 1, 3, 0x30, ..]) => {
            Err(Refusal::new(Code::PemPrivateKey).detail("a PKCS #12 file"))
        }
        _ => Ok(()),
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Code::PemMalformed).detail(detail)
}

#[cfg(test)]
mod tests;
