//! NIST PKITS 1.0.1: all sections but those about revocation lists (4.4, 4.14, 4.15).

use anyhow::{Context, Result};
use const_oid::ObjectIdentifier;
use credmint_core::signature::{Session, SignatureProvider};
use credmint_core::x509::{
    Certificate, PathRules, PolicyRules, PolicySet, TrustAnchor, VerifiedPath, verify_path,
};
use credmint_core::{Code, Refusal, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The sections that are run.
const SECTIONS: &[&str] = &[
    "4.1.", "4.2.", "4.3.", "4.5.", "4.6.", "4.7.", "4.8.", "4.9.", "4.10.", "4.11.", "4.12.",
    "4.13.", "4.16.",
];

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
    ("4.8.5", Code::CertificatePolicies),
    ("4.9.3", Code::CertificatePolicies),
    ("4.9.5", Code::CertificatePolicies),
    // A mapping from anyPolicy, and one to it.
    ("4.10.7", Code::CertificateExtensionInvalid),
    ("4.10.8", Code::CertificateExtensionInvalid),
    ("4.11.1", Code::CertificatePolicies),
    ("4.12.1", Code::CertificatePolicies),
    ("4.13.2", Code::CertificateNameConstraints),
    ("4.13.12", Code::CertificateNameConstraints),
    ("4.13.20", Code::CertificateNameConstraints),
    ("4.13.22", Code::CertificateNameConstraints),
    ("4.13.29", Code::CertificateNameConstraints),
    ("4.13.31", Code::CertificateNameConstraints),
    ("4.13.35", Code::CertificateNameConstraints),
    ("4.13.38", Code::CertificateNameConstraints),
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
        let found = judge(&folder.join("certs"), case)?;
        let mut problem = compare(number, case["should_validate"] == true, &found);
        if let Ok(path) = &found {
            problem = problem.or(compare_policies(&case["user_constrained_policy_set"], path)?);
        }
        if let Some(problem) = problem {
            wrong.push(format!("{number} {}: {problem}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run, 181, "the suite has other cases than expected");
    Ok(())
}

/// What is wrong with a verdict, if anything.
fn compare(
    number: &str,
    should_validate: bool,
    found: &Result<VerifiedPath, Refusal>,
) -> Option<String> {
    let code = found.as_ref().err().map(Refusal::code);
    let found = found.as_ref().map(|_| "valid");
    if let Some((_, expect, reason)) = DIFFER.iter().find(|(case, ..)| *case == number) {
        return (code != *expect).then(|| format!("{found:?}, not {expect:?} as in: {reason}"));
    }
    if should_validate != found.is_ok() {
        return Some(format!("{found:?}"));
    }
    let (_, reason) = REASONS.iter().find(|(case, _)| *case == number)?;
    (code != Some(*reason)).then(|| format!("{found:?}, not {reason:?}"))
}

/// What is wrong with the policies of a path, if anything. The suite names those that are not the usual one.
fn compare_policies(expect: &Value, path: &VerifiedPath) -> Result<Option<String>> {
    let expect = expect.as_str().unwrap_or("NIST-test-policy-1");
    let expect = match expect {
        "anyPolicy" => PolicySet::Any,
        names => {
            let names = policies(&Value::from(names))?;
            PolicySet::Only(names.iter().map(ToString::to_string).collect())
        }
    };
    let found = path.policies();
    Ok((*found != expect).then(|| format!("policies {found:?}, not {expect:?}")))
}

/// The verdict on certificates in order, the root first and the leaf last.
fn judge(folder: &Path, case: &Value) -> Result<Result<VerifiedPath, Refusal>> {
    let files = case["certs"].as_array().context("certs")?;
    let ders = files
        .iter()
        .map(|file| Ok(fs::read(folder.join(file.as_str().context("a file name")?))?))
        .collect::<Result<Vec<Vec<u8>>>>()?;
    let initial = policies(&case["initial_policy_set"])?;
    let flag = |name: &str| case[name] == true;
    let rules = PolicyRules {
        initial: &initial,
        require_explicit: flag("initial_explicit_policy"),
        inhibit_mapping: flag("initial_policy_mapping_inhibit"),
        inhibit_any: flag("initial_inhibit_any_policy"),
    };
    Ok(verify(&ders, rules))
}

/// The policies that the suite names, a comma between them.
fn policies(names: &Value) -> Result<Vec<ObjectIdentifier>> {
    let names = names.as_str().unwrap_or_default().split(',').filter(|name| !name.is_empty());
    names.map(policy).collect()
}

fn policy(name: &str) -> Result<ObjectIdentifier> {
    if name == "anyPolicy" {
        return Ok(ObjectIdentifier::new("2.5.29.32.0")?);
    }
    let number = name.strip_prefix("NIST-test-policy-").context("a policy of the suite")?;
    Ok(ObjectIdentifier::new(&format!("2.16.840.1.101.3.2.1.48.{number}"))?)
}

fn verify(ders: &[Vec<u8>], policies: PolicyRules<'_>) -> Result<VerifiedPath, Refusal> {
    let mut certificates =
        ders.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let leaf = certificates.pop().expect("a leaf");
    let anchor = TrustAnchor::from_certificate(certificates.remove(0))?;
    // The suite judges certificates for any use, authorities included.
    let time = UnixTime::from_civil(2011, 4, 15, 0, 0, 0).expect("a date");
    let mut rules = PathRules::any_use(time);
    rules.policies = policies;
    let session = Session::new(SignatureProvider { backends: &[&RustCrypto] });
    verify_path(&leaf, &certificates, &[anchor], &rules, &session)
}
