//! What flags name: files, or standard input.

use crate::config::text;
use credmint_core::{base64, pem};
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

/// The text of a file, or of standard input for `-`, without a byte order mark.
pub(super) fn read_text(path: &Path) -> Result<String, Misuse> {
    text(read(path)?).map_err(|what| Misuse::new(format_args!("{}: {what}", path.display())))
}

/// The bytes of a file in standard base64.
pub(super) fn read_base64(path: &Path) -> Result<String, Misuse> {
    Ok(base64::encode_standard(&read(path)?))
}

/// The text of a file that may be binary DER or text: binary becomes base64.
pub(super) fn read_der_or_text(path: &Path) -> Result<String, Misuse> {
    pem::file_text(read(path)?).map_err(|refusal| {
        let detail = refusal.detail_text().unwrap_or_default();
        Misuse::new(format_args!("{}: {detail}", path.display()))
    })
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
