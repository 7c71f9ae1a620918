//! Files of certificates, lists, messages and keys: text, or the DER that the text would encode.

use crate::base64;
use crate::refusal::{Code, Refusal};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The bytes of a file as the text that the readers of this module take: DER and BER become base64, text stays as it
/// is, without a byte order mark of UTF-8.
///
/// # Errors
/// [`Code::PemMalformed`] for text in UTF-16, which some shells write, and for what is neither text nor DER.
pub fn file_text(bytes: Vec<u8>) -> Result<String, Refusal> {
    let wrong = |detail: &str| Refusal::new(Code::PemMalformed).detail(detail);
    if is_der(&bytes) {
        return Ok(base64::encode_standard(&bytes));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(wrong("the file begins with the byte order mark of UTF-16").expected("UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("the file is neither UTF-8 nor DER"))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_string(),
        None => text,
    })
}

/// Whether bytes begin as a SEQUENCE of DER or BER does. No UTF-8 begins with the long form of a length, and a short one
/// must come out exactly.
fn is_der(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, 0x80..=0x84, ..] => true,
        [0x30, length, rest @ ..] => usize::from(*length) == rest.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_text_or_der() {
        let check = |bytes: &[u8], expect: Result<&str, &str>| {
            let read = file_text(bytes.to_vec());
            let read = read.as_deref().map_err(|refusal| refusal.detail_text().unwrap_or_default());
            assert_eq!(read, expect, "{bytes:?}");
        };
        check(b"-----BEGIN X-----", Ok("-----BEGIN X-----"));
        check("\u{feff}MIIB".as_bytes(), Ok("MIIB"));
        check(b"0 s:CN=text that begins with a zero", Ok("0 s:CN=text that begins with a zero"));
        check(b"0", Ok("0"));
        check(b"", Ok(""));
        check(&[0x30, 0x82, 0, 1, 5], Ok("MIIAAQU="));
        check(&[0x30, 0x80, 6, 1, 0, 0, 0], Ok("MIAGAQAAAA=="));
        check(&[0x30, 3, 2, 1, 5], Ok("MAMCAQU="));
        check(b"\xff\xfeM\0I\0", Err("the file begins with the byte order mark of UTF-16"));
        check(b"\xfe\xff\0M\0I", Err("the file begins with the byte order mark of UTF-16"));
        check(&[0x30, 0x20, 0xff], Err("the file is neither UTF-8 nor DER"));
        check(b"caf\xe9", Err("the file is neither UTF-8 nor DER"));
    }
}
