//! Text in, DER out: PEM (RFC 7468) as stock clients really send it.
//!
//! Lenient about armour and white space, strict about everything else. Accepted for certificates: PEM
//! blocks one after another, with line breaks, blanks or nothing inside and between; bare base64 without
//! armour; a comma between two of either kind. Accepted for a message: one PEM block or bare base64.
//! Text around the blocks, base64url and missing padding refuse. A private key refuses, and no text of the
//! input is ever repeated in a refusal.

use crate::base64;
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Reads certificates: at most [`limits::CERTIFICATES`], each of at most [`limits::CERTIFICATE_BYTES`], in
/// their order. Returns DER as it came, unparsed.
///
/// # Errors
/// [`Code::PemPrivateKey`], [`Code::PemMalformed`], [`Code::PemCount`] for none,
/// [`Code::CertificatesTooMany`], [`Code::CertificateTooLarge`].
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    if text.len() > limits::PEM_BYTES {
        return Err(Refusal::new(Code::CertificateTooLarge)
            .detail("all certificates of the field together")
            .expected(format_args!("at most {} bytes of text", limits::PEM_BYTES))
            .found(format_args!("{} bytes", text.len())));
    }
    refuse_private_key(text)?;
    let mut found = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        if found.len() >= limits::CERTIFICATES {
            return Err(Refusal::new(Code::CertificatesTooMany)
                .expected(format_args!("at most {}", limits::CERTIFICATES)));
        }
        let (body, after) = next_certificate(rest)?;
        let der = base64::decode_spaced(body).filter(|der| !der.is_empty());
        let der = der.ok_or_else(|| malformed("a certificate is not base64"))?;
        if der.len() > limits::CERTIFICATE_BYTES {
            return Err(Refusal::new(Code::CertificateTooLarge)
                .expected(format_args!("at most {} bytes", limits::CERTIFICATE_BYTES))
                .found(format_args!("{} bytes", der.len())));
        }
        found.push(der);
        rest = after;
    }
    if found.is_empty() {
        return Err(Refusal::new(Code::PemCount).expected("a certificate").found("none"));
    }
    Ok(found)
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
    refuse_private_key(text)?;
    let wrong = || Refusal::new(Code::KeyMalformed).expected("one PUBLIC KEY block, or its base64");
    let text = text.trim_ascii();
    if text.len() > limits::PEM_BYTES {
        return Err(wrong());
    }
    let body = match block(text) {
        Some(Block { label: "PUBLIC KEY", body, after: "" }) => body,
        None if !text.starts_with(BEGIN) => text,
        _ => return Err(wrong()),
    };
    base64::decode_spaced(body).filter(|der| !der.is_empty()).ok_or_else(wrong)
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
    let mut lists = Vec::new();
    let mut rest = text.trim_ascii();
    loop {
        let (body, after) = match block(rest) {
            Some(Block { label: "X509 CRL", body, after }) => (body, after),
            None if lists.is_empty() && !rest.starts_with(BEGIN) => (rest, ""),
            _ => return Err(wrong()),
        };
        if lists.len() >= limits::CRLS {
            return Err(Refusal::new(Code::CrlTooLarge)
                .detail("number of lists")
                .expected(format_args!("at most {}", limits::CRLS)));
        }
        lists.push(base64::decode_spaced(body).filter(|der| !der.is_empty()).ok_or_else(wrong)?);
        rest = after;
        if rest.is_empty() {
            return Ok(lists);
        }
    }
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
    let text = text.trim_ascii();
    let body = if text.starts_with(BEGIN) {
        match block(text) {
            Some(Block { label: "PKCS7" | "CMS", body, after: "" }) => body,
            Some(Block { label: "PKCS7" | "CMS", .. }) => {
                return Err(Refusal::new(Code::CmsText).detail("text after the PEM block"));
            }
            _ => return Err(Refusal::new(Code::CmsText).detail("not a PEM block of a message")),
        }
    } else {
        text
    };
    let message = base64::decode_spaced(body).filter(|message| !message.is_empty());
    let message = message.ok_or_else(|| Refusal::new(Code::CmsText).detail("not base64"))?;
    if message.len() > limits::CMS_BYTES {
        return Err(Code::CmsTooLarge.into());
    }
    Ok(message)
}

/// The base64 of the certificate that `text` starts with, and the text from the next one on.
fn next_certificate(text: &str) -> Result<(&str, &str), Refusal> {
    if !text.starts_with(BEGIN) {
        return match text.split_once(',') {
            Some((body, after)) => Ok((body, after_comma(after)?)),
            None => Ok((text, "")),
        };
    }
    let Some(Block { label, body, after }) = block(text) else {
        return Err(malformed("a PEM block has no end of its own"));
    };
    if label != "CERTIFICATE" {
        return Err(malformed("a PEM block holds something else than a certificate"));
    }
    match after.strip_prefix(',') {
        Some(after) => Ok((body, after_comma(after)?)),
        None if after.is_empty() || after.starts_with(BEGIN) => Ok((body, after)),
        None => Err(malformed("text after a PEM block")),
    }
}

/// What follows a comma, which may only separate two certificates.
fn after_comma(after: &str) -> Result<&str, Refusal> {
    let after = after.trim_ascii_start();
    if after.is_empty() {
        Err(malformed("a comma without a certificate after it"))
    } else {
        Ok(after)
    }
}

/// One PEM block, and the text after it without the white space between.
struct Block<'a> {
    label: &'a str,
    body: &'a str,
    after: &'a str,
}

/// The PEM block that `text` starts with; `None` when it does not end, or ends with another label.
fn block(text: &str) -> Option<Block<'_>> {
    let (label, rest) = text.strip_prefix(BEGIN)?.split_once(DASHES)?;
    let (body, rest) = rest.split_once(END)?;
    let after = rest.strip_prefix(label)?.strip_prefix(DASHES)?;
    Some(Block { label, body, after: after.trim_ascii_start() })
}

fn refuse_private_key(text: &str) -> Result<(), Refusal> {
    if text.contains("PRIVATE KEY-----") { Err(Code::PemPrivateKey.into()) } else { Ok(()) }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Code::PemMalformed).detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    /// Two "certificates" and their base64.
    const FIRST: (&[u8], &str) = (b"first", "Zmlyc3Q=");
    const SECOND: (&[u8], &str) = (b"second!!", "c2Vjb25kISE=");

    fn armoured(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn x25_forms_that_stock_clients_send() {
        let one = armoured("CERTIFICATE", FIRST.1);
        let two = armoured("CERTIFICATE", SECOND.1);
        let check = |text: &str, expect: &[&[u8]]| {
            assert_eq!(certificates(text).unwrap(), expect, "{text:?}");
        };
        check(&one, &[FIRST.0]);
        check(&one.replace('\n', "\r\n"), &[FIRST.0]);
        check(&one.replace('\n', " "), &[FIRST.0]);
        check(&one.replace('\n', ""), &[FIRST.0]);
        check(&format!("\n {one}\n"), &[FIRST.0]);
        check(&armoured("CERTIFICATE", "Zm ly\r\nc3\tQ="), &[FIRST.0]);
        check(&format!("{one}{two}"), &[FIRST.0, SECOND.0]);
        check(&format!("{one}{two}").replace('\n', " "), &[FIRST.0, SECOND.0]);
        check(&format!("{one}{two}").replace('\n', ""), &[FIRST.0, SECOND.0]);
        check(&format!("{one},{two}"), &[FIRST.0, SECOND.0]);
        check(&format!("{one} ,\n {two}"), &[FIRST.0, SECOND.0]);
        check(FIRST.1, &[FIRST.0]);
        check("Zmly\nc3Q=\n", &[FIRST.0]);
        check(&format!("{},{}", FIRST.1, SECOND.1), &[FIRST.0, SECOND.0]);
        check(&format!("{} , {}\n", FIRST.1, SECOND.1), &[FIRST.0, SECOND.0]);
        check(&format!("{},{two}", FIRST.1), &[FIRST.0, SECOND.0]);
        check(&format!("{one},{}", SECOND.1), &[FIRST.0, SECOND.0]);
    }

    #[test]
    fn x25_everything_else_is_refused() {
        let one = armoured("CERTIFICATE", FIRST.1);
        let check = |text: &str, expect: Code| {
            assert_eq!(
                certificates(text).map_err(|refusal| refusal.code()),
                Err(expect),
                "{text:?}"
            );
        };
        check("", Code::PemCount);
        check(" \n", Code::PemCount);
        for text in [
            format!("Subject: CN=x\n{one}"),
            format!("{one}x"),
            format!("{one}{}", SECOND.1),
            format!("{}{one}", SECOND.1),
            format!("{one},"),
            format!(",{one}"),
            format!("{one},,{one}"),
            format!("{},", FIRST.1),
            format!("{},,{}", FIRST.1, SECOND.1),
            armoured("CERTIFICATE", ""),
            armoured("CERTIFICATE", "Zmlyc3Q"),
            armoured("CERTIFICATE", "-_-_"),
            armoured("CERTIFICATE", "Zmlyc3Q=\nc2Vjb25kISE="),
            armoured("CERTIFICATE", &format!("Proc-Type: 4\n\n{}", FIRST.1)),
            armoured("CERTIFICATE", &armoured("CERTIFICATE", FIRST.1)),
            armoured("PUBLIC KEY", FIRST.1),
            armoured("certificate", FIRST.1),
            armoured("X509 CRL", FIRST.1),
            one.replace("END CERTIFICATE", "END X"),
            one.replace("-----END CERTIFICATE-----", ""),
            one.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE"),
            one.replace("-----BEGIN", "----BEGIN"),
            String::from("-----BEGIN "),
            String::from("-----BEGIN CERTIFICATE-----"),
            String::from("Zmly\u{a0}c3Q="),
            String::from("\u{feff}Zmlyc3Q="),
            String::from("Zmlyc3Q=\0"),
        ] {
            check(&text, Code::PemMalformed);
        }
    }

    #[test]
    fn x25_private_keys_are_refused_and_not_repeated() {
        let one = armoured("CERTIFICATE", FIRST.1);
        for label in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            let key = armoured(label, "c2VjcmV0");
            for text in [
                format!("{one}{key}"),
                format!("{key}{one}"),
                key.replace('\n', " "),
                format!("x{key}"),
            ] {
                let refusal = certificates(&text).unwrap_err();
                assert_eq!(refusal.code(), Code::PemPrivateKey);
                assert_eq!(message(&text).unwrap_err().code(), Code::PemPrivateKey);
                assert!(!format!("{refusal} {refusal:?}").contains("c2Vjcm"));
            }
        }
        // Misspelt armour is not recognised; it is refused for what it is, and not repeated either.
        for text in ["-----begin private key-----c2VjcmV0", "-----BEGIN PRIVATE  KEY -----c2VjcmV0"]
        {
            let refusal = certificates(text).unwrap_err();
            assert_eq!(refusal.code(), Code::PemMalformed);
            assert!(!format!("{refusal} {refusal:?}").contains("c2Vjcm"));
        }
    }

    #[test]
    fn x25_count_and_size() {
        let code = |text: &str| certificates(text).map_err(|refusal| refusal.code());
        let one = armoured("CERTIFICATE", FIRST.1);
        assert_eq!(
            code(&one.repeat(limits::CERTIFICATES)).map(|found| found.len()),
            Ok(limits::CERTIFICATES)
        );
        assert_eq!(code(&one.repeat(limits::CERTIFICATES + 1)), Err(Code::CertificatesTooMany));
        assert_eq!(code(&one.repeat(500)), Err(Code::CertificatesTooMany));
        let largest = base64::encode_standard(&alloc::vec![0; limits::CERTIFICATE_BYTES]);
        assert!(code(&largest).is_ok());
        let larger = base64::encode_standard(&alloc::vec![0; limits::CERTIFICATE_BYTES + 1]);
        assert_eq!(code(&larger), Err(Code::CertificateTooLarge));
        assert_eq!(code(&" ".repeat(limits::PEM_BYTES + 1)), Err(Code::CertificateTooLarge));
        assert_eq!(certificate(&one).unwrap(), FIRST.0);
        for several in [one.repeat(2), one.repeat(3)] {
            assert_eq!(certificate(&several).unwrap_err().code(), Code::PemCount);
        }
        assert_eq!(certificate("").unwrap_err().code(), Code::PemCount);
    }

    #[test]
    fn c15_messages() {
        let check = |text: &str, expect: Result<&[u8], Code>| {
            let message = message(text).map_err(|refusal| refusal.code());
            assert_eq!(message.as_deref(), expect.as_ref().map(|bytes| *bytes), "{text:?}");
        };
        let pkcs7 = armoured("PKCS7", FIRST.1);
        check(FIRST.1, Ok(FIRST.0));
        check("Zmly\r\nc3Q=\r\n", Ok(FIRST.0));
        check(" Zmly c3Q= ", Ok(FIRST.0));
        check(&pkcs7, Ok(FIRST.0));
        check(&pkcs7.replace('\n', " "), Ok(FIRST.0));
        check(&armoured("CMS", FIRST.1), Ok(FIRST.0));
        for text in [
            "",
            " ",
            "Zmlyc3Q",
            "Zmlyc3Q=Zmlyc3Q=",
            "Zmlyc3Q=,Zmlyc3Q=",
            "Zmlyc3Q=#",
            "-_-_",
            &armoured("CERTIFICATE", FIRST.1),
            &armoured("PKCS7", ""),
            &format!("{pkcs7}x"),
            &format!("x{pkcs7}"),
            &pkcs7.repeat(2),
            &pkcs7.replace("END PKCS7", "END CMS"),
        ] {
            check(text, Err(Code::CmsText));
        }
        check(&"A".repeat(limits::CMS_TEXT_BYTES + 4), Err(Code::CmsTooLarge));
        let larger = base64::encode_standard(&alloc::vec![0; limits::CMS_BYTES + 1]);
        check(&larger, Err(Code::CmsTooLarge));
    }
}
