//! NIST PKITS 1.0.1. Every case is judged with its revocation lists, and a list is required for every certificate of a
//! path.

use anyhow::{Context, Result};
use const_oid::ObjectIdentifier;
use credmint_core::x509::{
    Certificate, Crl, KeyUse, PathRules, PolicyRules, PolicySet, RevocationCheck, TrustAnchor,
    verify_path,
};
use credmint_core::{Code, Refusal, Stop, UnixTime};
use credmint_tests::shared_data;
use credmint_tests::suites::authorities::known_or_not;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{self, Suite};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Why invalid cases are refused, where the case has one reason.
const REASONS: &[(&str, Code)] = &[
    // The altered signature is no BIT STRING of whole bytes any more.
    ("4.1.2", Code::CertificateMalformed),
    ("4.1.3", Code::PathSignatureInvalid),
    ("4.1.6", Code::CertificateMalformed),
    ("4.2.1", Code::CertificateNotYetValid),
    ("4.2.2", Code::CertificateNotYetValid),
    ("4.2.5", Code::CertificateExpired),
    ("4.2.6", Code::CertificateExpired),
    ("4.2.7", Code::CertificateExpired),
    ("4.3.1", Code::PathNotFound),
    ("4.3.2", Code::PathNotFound),
    ("4.4.1", Code::CrlMissing),
    ("4.4.2", Code::CertificateRevoked),
    ("4.4.3", Code::CertificateRevoked),
    // The altered signature is no BIT STRING of whole bytes any more.
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
    // The key that signs revocation lists signed it, and is no authority's.
    ("4.5.8", Code::PathSignatureInvalid),
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
    ("4.14.23", Code::UnsupportedCrlIndirect),
    ("4.14.26", Code::UnsupportedCrlIndirect),
    ("4.14.27", Code::CrlMissing),
    ("4.14.31", Code::UnsupportedCrlIndirect),
    ("4.14.32", Code::UnsupportedCrlIndirect),
    ("4.14.34", Code::UnsupportedCrlIndirect),
    ("4.14.35", Code::UnsupportedCrlIndirect),
    ("4.15.1", Code::UnsupportedCrlDelta),
    ("4.15.3", Code::UnsupportedCrlDelta),
    ("4.15.4", Code::UnsupportedCrlDelta),
    ("4.15.6", Code::UnsupportedCrlDelta),
    ("4.15.9", Code::UnsupportedCrlDelta),
    ("4.15.10", Code::UnsupportedCrlDelta),
    // A mapping from anyPolicy, and one to it.
    ("4.10.7", Code::CertificateExtensionInvalid),
    ("4.10.8", Code::CertificateExtensionInvalid),
    ("4.16.2", Code::CertificateExtensionCritical),
];

/// Sections whose other invalid cases are refused for one reason.
const SECTIONS: &[(&str, Code)] = &[
    ("4.8.", Code::CertificatePolicies),
    ("4.9.", Code::CertificatePolicies),
    ("4.10.", Code::CertificatePolicies),
    ("4.11.", Code::CertificatePolicies),
    ("4.12.", Code::CertificatePolicies),
    ("4.13.", Code::CertificateNameConstraints),
];

#[test]
fn cases_have_the_verdict_of_the_suite_or_a_reason_why_not() -> Result<()> {
    let Some(folder) = shared_data::folder("pkits") else { return Ok(()) };
    let cases: Value = serde_json::from_slice(&fs::read(folder.join("cases.json"))?)?;
    let cases = cases["cases"].as_array().context("cases")?;
    let mut suite = Suite::open("pkits");
    let mut reasons = Vec::new();
    for case in cases {
        let id = id(case)?;
        let lists = read_all(&folder.join("crls"), &case["crls"])?;
        let certificates = read_all(&folder.join("certs"), &case["certs"])?;
        let good = case["should_validate"] == true;
        let initial = policies(&case["initial_policy_set"])?;
        let flag = |name: &str| case[name] == true;
        let rules = PolicyRules::one_of(&initial)
            .with_require_explicit(flag("initial_explicit_policy"))
            .with_inhibit_mapping(flag("initial_policy_mapping_inhibit"))
            .with_inhibit_any(flag("initial_inhibit_any_policy"));
        let found = verify(&certificates, &lists, rules);
        if let Ok(found) = &found {
            let expect = policy_set(&case["user_constrained_policy_set"])?;
            assert_eq!(*found, expect, "policies of {id}");
        }
        let found = found.map(drop);
        suite.judge_beside(&id, good, &found, oracle(&certificates));
        let reason = reason(&id).map(|code| code.as_str());
        if !good && found.is_err() && reason != Some(suites::verdict(&found)) {
            reasons.push(format!("{id}: {found:?}"));
        }
    }
    suite.finish(247);
    assert!(reasons.is_empty(), "refused for another reason:\n{}", reasons.join("\n"));
    Ok(())
}

/// Why an invalid case is refused: by its number, else by its section.
fn reason(id: &str) -> Option<Code> {
    let of_case = REASONS.iter().find(|(case, _)| *case == id);
    let of_section = || SECTIONS.iter().find(|(section, _)| id.starts_with(section));
    of_case.or_else(of_section).map(|(_, code)| *code)
}

/// The number of a case, with that of its part when it has several.
fn id(case: &Value) -> Result<String> {
    let number = case["test_number"].as_str().context("test_number")?;
    let name = case["name"].as_str().context("name")?;
    Ok(match name.rsplit_once("Subpart") {
        Some((_, part)) => format!("{number}/{part}"),
        None => number.to_owned(),
    })
}

/// The policies that the suite names, a comma between them.
fn policies(names: &Value) -> Result<Vec<ObjectIdentifier>> {
    let names = names.as_str().unwrap_or_default().split(',').filter(|name| !name.is_empty());
    names.map(policy).collect()
}

fn policy(name: &str) -> Result<ObjectIdentifier> {
    let number = name.strip_prefix("NIST-test-policy-").context("a policy of the suite")?;
    Ok(ObjectIdentifier::new(&format!("2.16.840.1.101.3.2.1.48.{number}"))?)
}

/// The policies that a valid path has. The suite names those that are not the usual one.
fn policy_set(names: &Value) -> Result<PolicySet> {
    Ok(match names.as_str().unwrap_or("NIST-test-policy-1") {
        "anyPolicy" => PolicySet::Any,
        names => {
            let names = policies(&Value::from(names))?;
            PolicySet::Only(names.iter().map(ToString::to_string).collect())
        }
    })
}

fn read_all(folder: &Path, files: &Value) -> Result<Vec<Vec<u8>>> {
    let files = files.as_array().context("a list of files")?;
    files
        .iter()
        .map(|file| Ok(fs::read(folder.join(file.as_str().context("a file name")?))?))
        .collect()
}

/// The policies of a path of certificates in order, the root first and the leaf last, with revocation lists.
fn verify(
    ders: &[Vec<u8>],
    lists: &[Vec<u8>],
    policies: PolicyRules<'_>,
) -> Result<PolicySet, Refusal> {
    let lists = lists.iter().map(|der| Crl::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let mut certificates =
        ders.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
    let leaf = certificates.pop().expect("a leaf");
    let anchor = TrustAnchor::from_certificate(certificates.remove(0))?;
    // The suite judges certificates for any use, authorities included.
    let rules = PathRules::new(time(), KeyUse::Any, RevocationCheck::Required(&lists))
        .with_any_leaf()
        .with_policies(policies);
    let anchors = [anchor];
    let path =
        known_or_not(|signatures| verify_path(&leaf, &certificates, &anchors, &rules, signatures));
    path.map(|path| path.policies().clone()).map_err(Stop::into_refusal)
}

/// A time at which the suite is valid.
fn time() -> UnixTime {
    suites::time("20110415000000Z")
}

/// What the oracle says without revocation lists, which it asks to be re-encoded.
fn oracle(ders: &[Vec<u8>]) -> bool {
    let (anchor, rest) = ders.split_first().expect("an anchor");
    let (leaf, intermediates) = rest.split_last().expect("a target");
    let anchors = std::slice::from_ref(anchor).to_vec();
    oracle::webpki(leaf, intermediates, &anchors, time(), Purpose::CLIENT).is_ok()
}
