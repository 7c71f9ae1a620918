//! The certificate suites of BoringSSL: their data, and the verdicts of their unit tests.
//!
//! Where a suite tests a part that has no door of its own here, a certificate is made around its data.

mod chains;
mod constraints;
mod der_walk;
mod issuers;
mod lists;
mod names;
mod parse;
mod paths;
mod policies;
mod real;
mod signed_data;

use anyhow::{Context, Result};
use credmint_core::x509::{Certificate, PathRules, TrustAnchor, VerifiedPath, verify_path};
use credmint_core::{Refusal, Stop};
use credmint_tests::fixtures::der;
use credmint_tests::suites::authorities::known_or_not;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder with this extension, and of the folders in it, in the order of their names.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file; explanations around its blocks may be in any encoding.
fn text(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The name of a file below the folder of its suite, without its extension.
fn name(folder: &Path, file: &Path) -> Result<String> {
    Ok(file.strip_prefix(folder)?.with_extension("").display().to_string())
}

/// A name with one common name.
fn common_name(text: &str) -> Vec<u8> {
    der::name(&[("2.5.4.3", text)])
}

/// A new key on P-256.
fn new_key() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key")
}

/// Reads the certificates and searches a path.
fn verify(
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    anchors: &[Vec<u8>],
    rules: &PathRules<'_>,
) -> Result<VerifiedPath, Refusal> {
    let leaf = Certificate::from_der(leaf)?;
    let intermediates = read(intermediates)?;
    let anchors = read(anchors)?
        .into_iter()
        .map(TrustAnchor::from_certificate)
        .collect::<Result<Vec<_>, Refusal>>()?;
    known_or_not(|signatures| {
        verify_path(&leaf, &intermediates, &anchors, rules, signatures).map_err(Stop::into_refusal)
    })
}

fn read(ders: &[Vec<u8>]) -> Result<Vec<Certificate>, Refusal> {
    ders.iter().map(|der| Certificate::from_der(der)).collect()
}
