//! What flags name: files, or standard input.

use credmint_core::base64;
use credmint_verify::Misuse;
use serde_json::value::RawValue;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The bytes of a file, or of standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Misuse> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    bytes.map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Misuse> {
    String::from_utf8(read(path)?)
        .map_err(|_| Misuse::new(format_args!("{}: not UTF-8", path.display())))
}

/// The bytes of a file in standard base64.
pub(super) fn read_base64(path: &Path) -> Result<String, Misuse> {
    Ok(base64::encode_standard(&read(path)?))
}

/// The text of a file that may be binary DER or text: binary becomes base64.
pub(super) fn read_der_or_text(path: &Path) -> Result<String, Misuse> {
    // A DER or BER structure starts with a SEQUENCE, which no text of ours does.
    match String::from_utf8(read(path)?) {
        Ok(text) if !text.starts_with('0') => Ok(text),
        Ok(text) => Ok(base64::encode_standard(text.as_bytes())),
        Err(error) => Ok(base64::encode_standard(error.as_bytes())),
    }
}

/// As [`read_der_or_text`], for each of several files.
pub(super) fn read_all_der_or_text(paths: &[PathBuf]) -> Result<Vec<String>, Misuse> {
    paths.iter().map(|path| read_der_or_text(path)).collect()
}

/// The JSON of a file as it is: what is wrong with it is for the core to find.
pub(super) fn read_json(path: &Path) -> Result<Box<RawValue>, Misuse> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
}
