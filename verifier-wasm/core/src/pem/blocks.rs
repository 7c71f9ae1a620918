//! Blocks and bare base64 in a text, by one of two grammars: what we have always taken from clients, and blocks among
//! explanatory text.

use super::{Wrong, explanation, mistakes};
use crate::base64;
use alloc::vec::Vec;

pub(super) const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block, or bare base64.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    /// None for bare base64.
    pub(super) label: Option<Label>,
    pub(super) body: &'a str,
}

/// What a label says that is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Certificate,
    Message,
    List,
    PublicKey,
    TrustedCertificate,
    Request,
    Other,
}

impl Label {
    fn of(label: &str) -> Self {
        match label {
            // RFC 7468 section 5.3 knows the second from older software.
            "CERTIFICATE" | "X509 CERTIFICATE" => Self::Certificate,
            "TRUSTED CERTIFICATE" => Self::TrustedCertificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::Request,
            // The third is of older software too, and OpenSSL reads it.
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => Self::Message,
            "X509 CRL" => Self::List,
            "PUBLIC KEY" => Self::PublicKey,
            _ => Self::Other,
        }
    }

    /// What is there in the place of a certificate, and what to do.
    pub(super) const fn instead_of_certificate(self) -> Wrong {
        match self {
            Self::TrustedCertificate => {
                "a TRUSTED CERTIFICATE has more in it than the certificate; `openssl x509` writes it without"
            }
            Self::Request => {
                "a CERTIFICATE REQUEST: the authority's answer to it is the certificate"
            }
            Self::List => "a revocation list (X509 CRL): lists belong in `crls`",
            Self::PublicKey => "a PUBLIC KEY without its certificate",
            Self::Certificate | Self::Message | Self::Other => {
                "a PEM block holds something else than a certificate"
            }
        }
    }
}

/// All blocks of a text in their order.
pub(super) fn read(text: &str) -> Result<Vec<Found<'_>>, Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match list(text) {
        // Only where there is a block can there be text around it.
        Err(_) if text.contains(BEGIN) => among_text(text).map_err(|wrong| {
            if text.trim_ascii_start().starts_with(['{', '[']) { mistakes::JSON } else { wrong }
        }),
        read => read,
    }
}

/// Blocks and bare base64 alone, with white space or commas between.
fn list(text: &str) -> Result<Vec<Found<'_>>, Wrong> {
    let mut found = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        let (one, after) = if rest.starts_with(BEGIN) {
            let (one, after) = block(rest)?;
            let after = after.trim_ascii_start();
            match after.strip_prefix(',') {
                Some(after) => (one, after_comma(after)?),
                None if after.is_empty() || after.starts_with(BEGIN) => (one, after),
                None => return Err("text after a PEM block"),
            }
        } else if let Some((body, after)) = rest.split_once(',') {
            (Found { label: None, body }, after_comma(after)?)
        } else {
            (Found { label: None, body: rest }, "")
        };
        // Beside a block, what is bare must at least be base64 of DER: else it is text.
        if one.label.is_none() && text.contains(BEGIN) && !is_der(one.body) {
            return Err("text beside a PEM block");
        }
        found.push(one);
        rest = after;
    }
    Ok(found)
}

fn is_der(body: &str) -> bool {
    base64::decode_spaced(body).is_some_and(|der| der.first() == Some(&0x30))
}

/// What follows a comma, which may only separate two.
fn after_comma(after: &str) -> Result<&str, Wrong> {
    let after = after.trim_ascii_start();
    if after.is_empty() { Err("a comma without a certificate after it") } else { Ok(after) }
}

/// Blocks on lines of their own among explanatory text.
fn among_text(text: &str) -> Result<Vec<Found<'_>>, Wrong> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.find(BEGIN).and_then(|at| rest.split_at_checked(at)) {
        explanation::check(before, !found.is_empty())?;
        // Readers that look at the beginnings of lines alone see the same blocks.
        if !before.ends_with('\n') && !before.trim_ascii().is_empty() {
            return Err("a PEM block does not begin on a line of its own");
        }
        let (one, after) = block(from)?;
        found.push(one);
        rest = after;
    }
    explanation::check(rest, true)?;
    Ok(found)
}

/// The block that `text` starts with, and the text after it.
fn block(text: &str) -> Result<(Found<'_>, &str), Wrong> {
    let parts = || {
        let (label, rest) = text.strip_prefix(BEGIN)?.split_once(DASHES)?;
        let (body, rest) = rest.split_once(END)?;
        let after = rest.strip_prefix(label)?.strip_prefix(DASHES)?;
        Some((Found { label: Some(Label::of(label)), body }, after))
    };
    parts().ok_or("a PEM block has no end of its own")
}
