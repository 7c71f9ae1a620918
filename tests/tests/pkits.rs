//! NIST PKITS 1.0.1: the sections about signatures, validity, name chaining, self-issued certificates, basic
//! constraints, key usage and private extensions.
//!
//! The other sections test what the path validation refuses or does not do: revocation lists (4.4, 4.14,
//! 4.15), certificate policies (4.8 to 4.12), name constraints (4.13).

use anyhow::{Context, Result};
use credmint_core::signature::{Session, SignatureProvider};
use credmint_core::x509::{Certificate, PathRules, TrustAnchor, verify_path};
use credmint_core::{Code, Refusal, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The sections that are run.
const SECTIONS: &[&str] = &["4.1.", "4.2.", "4.3.", "4.5.", "4.6.", "4.7.", "4.16."];

/// Cases whose verdict is another here, with the code and the reason.
const DIFFER: &[(&str, Option<Code>, &str)] = &[
    ("4.1.4", Some(Code::CertificateSignatureAlgorithm), DSA),
    ("4.1.5", Some(Code::CertificateSignatureAlgorithm), DSA),
    ("4.5.2", None, REVOCATION),
    ("4.5.5", None, REVOCATION),
    ("4.5.7", None, REVOCATION),
    ("4.7.4", None, REVOCATION),
    ("4.7.5", None, REVOCATION),
];

const DSA: &str = "DSA signs no certificate here";
const REVOCATION: &str = "what is wrong shows in the revocation list alone";

/// Why invalid cases are refused, where the case has one reason.
const REASONS: &[(&str, Code)] = &[
    // The altered signature is no BIT STRING of whole octets any more.
    ("4.1.2", Code::CertificateMalformed),
    ("4.1.3", Code::PathSignatureInvalid),
    ("4.2.1", Code::CertificateNotYetValid),
    ("4.2.2", Code::CertificateNotYetValid),
    ("4.2.5", Code::CertificateExpired),
    ("4.2.6", Code::CertificateExpired),
    ("4.2.7", Code::CertificateExpired),
    ("4.3.1", Code::PathNotFound),
    ("4.3.2", Code::PathNotFound),
    ("4.6.1", Code::CertificateNotCa),
    ("4.6.2", Code::CertificateNotCa),
    ("4.6.3", Code::CertificateNotCa),
    ("4.6.5", Code::CertificatePathLength),
    ("4.6.6", Code::CertificatePathLength),
    ("4.6.9", Code::CertificatePathLength),
    ("4.6.10", Code::CertificatePathLength),
    ("4.6.11", Code::CertificatePathLength),
    ("4.6.12", Code::CertificatePathLength),
    ("4.6.16", Code::CertificatePathLength),
    ("4.7.1", Code::CertificateKeyUsage),
    ("4.7.2", Code::CertificateKeyUsage),
    ("4.16.2", Code::CertificateExtensionCritical),
];

#[test]
fn cases_have_the_verdict_of_the_suite_or_a_reason_why_not() -> Result<()> {
    let Some(folder) = shared_data::folder("pkits") else { return Ok(()) };
    let cases: Value = serde_json::from_slice(&fs::read(folder.join("cases.json"))?)?;
    let cases = cases["cases"].as_array().context("cases")?;
    let mut wrong = Vec::new();
    let mut run = 0;
    for case in cases {
        let number = case["test_number"].as_str().context("test_number")?;
        if !SECTIONS.iter().any(|section| number.starts_with(section)) {
            continue;
        }
        run += 1;
        let found = judge(&folder.join("certs"), &case["certs"])?;
        if let Some(problem) = compare(number, case["should_validate"] == true, &found) {
            wrong.push(format!("{number} {}: {problem}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run, 55, "the suite has other cases than expected");
    Ok(())
}

/// What is wrong with a verdict, if anything.
fn compare(number: &str, should_validate: bool, found: &Result<(), Refusal>) -> Option<String> {
    let code = found.as_ref().err().map(Refusal::code);
    if let Some((_, expect, reason)) = DIFFER.iter().find(|(case, ..)| *case == number) {
        return (code != *expect).then(|| format!("{found:?}, not {expect:?} as in: {reason}"));
    }
    if should_validate != found.is_ok() {
        return Some(format!("{found:?}"));
    }
    let (_, reason) = REASONS.iter().find(|(case, _)| *case == number)?;
    (code != Some(*reason)).then(|| format!("{found:?}, not {reason:?}"))
}

/// The verdict on certificates in order, the root first and the leaf last.
fn judge(folder: &Path, files: &Value) -> Result<Result<(), Refusal>> {
    let files = files.as_array().context("certs")?;
    let ders = files
        .iter()
        .map(|file| Ok(fs::read(folder.join(file.as_str().context("a file name")?))?))
        .collect::<Result<Vec<Vec<u8>>>>()?;
    Ok(verify(&ders))
}

fn verify(ders: &[Vec<u8>]) -> Result<(), Refusal> {
    let mut certificates =
        ders.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let leaf = certificates.pop().expect("a leaf");
    let anchor = TrustAnchor::from_certificate(certificates.remove(0))?;
    // The suite judges certificates for any use, authorities included.
    let time = UnixTime::from_civil(2011, 4, 15, 0, 0, 0).expect("a date");
    let mut rules = PathRules::at(time);
    rules.leaf_may_be_ca = true;
    rules.leaf_must_sign = false;
    let session = Session::new(SignatureProvider { backends: &[&RustCrypto] });
    verify_path(&leaf, &certificates, &[anchor], &rules, &session).map(drop)
}
