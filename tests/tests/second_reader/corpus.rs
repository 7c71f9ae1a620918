//! What in a file may be a certificate, a list or a name: the file itself, and everything between armour in it, whatever
//! the armour calls it.

use base64ct::{Base64, Encoding};
use std::fs;
use std::path::Path;

/// Bytes, and where they were found.
pub(crate) struct Blob {
    pub(crate) at: String,
    pub(crate) bytes: Vec<u8>,
}

/// Every candidate in a file.
pub(crate) fn blobs(file: &Path) -> Vec<Blob> {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let text = String::from_utf8_lossy(&bytes);
    let mut found: Vec<Blob> = armoured(&text)
        .enumerate()
        .map(|(index, bytes)| Blob { at: format!("{} #{index}", file.display()), bytes })
        .collect();
    if bytes.first() == Some(&0x30) {
        found.push(Blob { at: file.display().to_string(), bytes: bytes.clone() });
    }
    found
}

/// What stands between armour, also where line ends are written as in JSON.
fn armoured(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (_, body) = block.split_once("-----")?;
        let (body, _) = body.split_once("-----END ")?;
        let body = body.replace("\\n", "").replace("\\r", "");
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        Base64::decode_vec(&body).ok()
    })
}
