//! NIST PKITS 1.0.1: the sections about signatures, validity, name chaining, revocation lists, self-issued
//! certificates, basic constraints, key usage, distribution points, delta lists and private extensions.
//!
//! Every case is judged with its revocation lists, and a list is required for every certificate of a path.
//! The other sections test what the path validation refuses: certificate policies (4.8 to 4.12), name
//! constraints (4.13).

use anyhow::{Context, Result};
use credmint_core::signature::{Session, SignatureProvider};
use credmint_core::x509::{Certificate, Crl, PathRules, TrustAnchor, verify_path};
use credmint_core::{Code, Refusal, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The sections that are run.
const SECTIONS: &[&str] =
    &["4.1.", "4.2.", "4.3.", "4.4.", "4.5.", "4.6.", "4.7.", "4.14.", "4.15.", "4.16."];

/// Cases whose verdict is another here, with the code and the reason.
const DIFFER: &[(&str, Option<Code>, &str)] = &[
    ("4.1.4", Some(Code::CertificateSignatureAlgorithm), DSA),
    ("4.1.5", Some(Code::CertificateSignatureAlgorithm), DSA),
    ("4.2.4", Some(Code::CertificateMalformed), "GeneralizedTime before 2050"),
    ("4.3.3", Some(Code::PathNotFound), NAMES),
    ("4.3.4", Some(Code::PathNotFound), NAMES),
    ("4.3.5", Some(Code::PathNotFound), NAMES),
    ("4.3.11", Some(Code::PathNotFound), NAMES),
    ("4.14.22", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.24", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.25", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.28", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.29", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.30", Some(Code::CrlIndirect), INDIRECT),
    ("4.14.33", Some(Code::CrlIndirect), INDIRECT),
    ("4.15.2", Some(Code::CrlDelta), DELTA),
    ("4.15.5", Some(Code::CrlDelta), DELTA),
    ("4.15.7", Some(Code::CrlDelta), DELTA),
    ("4.15.8", Some(Code::CrlDelta), DELTA),
];

const DSA: &str = "DSA signs no certificate here";
const NAMES: &str = "names are compared as octets, without the rules of RFC 5280 section 7.1";
const INDIRECT: &str = "indirect revocation lists are refused by name";
const DELTA: &str = "delta revocation lists are refused by name";

/// Why invalid cases are refused, where the case has one reason.
const REASONS: &[(&str, Code)] = &[
    // The altered signature is no BIT STRING of whole octets any more.
    ("4.1.2", Code::CertificateMalformed),
    ("4.1.3", Code::PathSignatureInvalid),
    ("4.2.1", Code::CertificateNotYetValid),
    ("4.2.2", Code::CertificateNotYetValid),
    ("4.2.5", Code::CertificateExpired),
    ("4.2.6", Code::CertificateExpired),
    // Its notBefore is a GeneralizedTime before 2050.
    ("4.2.7", Code::CertificateMalformed),
    ("4.3.1", Code::PathNotFound),
    ("4.3.2", Code::PathNotFound),
    ("4.4.1", Code::CrlMissing),
    ("4.4.2", Code::CertificateRevoked),
    ("4.4.3", Code::CertificateRevoked),
    // The altered signature is no BIT STRING of whole octets any more.
    ("4.4.4", Code::CrlMalformed),
    ("4.4.5", Code::CrlMissing),
    ("4.4.6", Code::CrlMissing),
    ("4.4.8", Code::CrlExtensionCritical),
    ("4.4.9", Code::CrlExtensionCritical),
    ("4.4.10", Code::CrlExtensionCritical),
    ("4.4.11", Code::CrlStale),
    ("4.4.12", Code::CrlStale),
    ("4.4.15", Code::CertificateSerial),
    ("4.4.18", Code::CertificateRevoked),
    ("4.4.20", Code::CertificateRevoked),
    // The certificate of the signer is revoked itself.
    ("4.4.21", Code::CrlSignatureInvalid),
    ("4.5.2", Code::CertificateRevoked),
    ("4.5.5", Code::CertificateRevoked),
    ("4.5.7", Code::CertificateRevoked),
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
    ("4.7.4", Code::CrlKeyUsage),
    ("4.7.5", Code::CrlKeyUsage),
    ("4.14.2", Code::CertificateRevoked),
    ("4.14.3", Code::CrlMissing),
    ("4.14.6", Code::CertificateRevoked),
    ("4.14.8", Code::CrlMissing),
    ("4.14.9", Code::CrlMissing),
    ("4.14.11", Code::CrlMissing),
    ("4.14.12", Code::CrlMissing),
    ("4.14.14", Code::CrlMissing),
    ("4.14.15", Code::CertificateRevoked),
    ("4.14.16", Code::CertificateRevoked),
    ("4.14.17", Code::CrlMissing),
    ("4.14.20", Code::CertificateRevoked),
    ("4.14.21", Code::CertificateRevoked),
    ("4.14.23", Code::CrlIndirect),
    ("4.14.26", Code::CrlIndirect),
    ("4.14.27", Code::CrlMissing),
    ("4.14.31", Code::CrlIndirect),
    ("4.14.32", Code::CrlIndirect),
    ("4.14.34", Code::CrlIndirect),
    ("4.14.35", Code::CrlIndirect),
    ("4.15.1", Code::CrlDelta),
    ("4.15.3", Code::CrlDelta),
    ("4.15.4", Code::CrlDelta),
    ("4.15.6", Code::CrlDelta),
    ("4.15.9", Code::CrlDelta),
    ("4.15.10", Code::CrlDelta),
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
        let lists = read_all(&folder.join("crls"), &case["crls"])?;
        let found = verify(&read_all(&folder.join("certs"), &case["certs"])?, &lists);
        if let Some(problem) = compare(number, case["should_validate"] == true, &found) {
            wrong.push(format!("{number} {}: {problem}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run, 121, "the suite has other cases than expected");
    Ok(())
}

/// What is wrong with a verdict, if anything.
fn compare(number: &str, should_validate: bool, found: &Result<(), Refusal>) -> Option<String> {
    let code = found.as_ref().err().map(Refusal::code);
    if let Some((_, expect, reason)) = DIFFER.iter().find(|(case, ..)| *case == number) {
        if should_validate == expect.is_none() {
            return Some("the exception is none".to_owned());
        }
        return (code != *expect).then(|| format!("{found:?}, not {expect:?} as in: {reason}"));
    }
    if should_validate != found.is_ok() {
        return Some(format!("{found:?}"));
    }
    let (_, reason) = REASONS.iter().find(|(case, _)| *case == number)?;
    (code != Some(*reason)).then(|| format!("{found:?}, not {reason:?}"))
}

fn read_all(folder: &Path, files: &Value) -> Result<Vec<Vec<u8>>> {
    let files = files.as_array().context("a list of files")?;
    files
        .iter()
        .map(|file| Ok(fs::read(folder.join(file.as_str().context("a file name")?))?))
        .collect()
}

/// The verdict on certificates in order, the root first and the leaf last, and revocation lists.
fn verify(ders: &[Vec<u8>], lists: &[Vec<u8>]) -> Result<(), Refusal> {
    let lists = lists.iter().map(|der| Crl::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let mut certificates =
        ders.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let leaf = certificates.pop().expect("a leaf");
    let anchor = TrustAnchor::from_certificate(certificates.remove(0))?;
    // The suite judges certificates for any use, authorities included.
    let time = UnixTime::from_civil(2011, 4, 15, 0, 0, 0).expect("a date");
    let mut rules = PathRules::at(time);
    rules.leaf_may_be_ca = true;
    rules.leaf_must_sign = false;
    rules.crls = &lists;
    rules.require_crls = true;
    let session = Session::new(SignatureProvider { backends: &[&RustCrypto] });
    verify_path(&leaf, &certificates, &[anchor], &rules, &session).map(drop)
}
