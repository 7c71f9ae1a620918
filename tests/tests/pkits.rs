//! NIST PKITS 1.0.1. Every case is judged with its revocation lists, and a list is required for every certificate of a
//! path.

#[path = "pkits/reasons.rs"]
mod reasons;

use anyhow::{Context, Result, ensure};
use const_oid::ObjectIdentifier;
use credmint_core::signature::{Session, SignatureProvider};
use credmint_core::x509::{
    Certificate, Crl, PathRules, PolicyRules, PolicySet, TrustAnchor, VerifiedPath, verify_path,
};
use credmint_core::{Refusal, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{self, Suite};
use reasons::REASONS;
use serde_json::Value;
use std::fs;
use std::path::Path;

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
        let path = verify(&certificates, &lists, case)?;
        let found = path.as_ref().map(drop).map_err(Clone::clone);
        suite.judge_beside(&id, good, &found, oracle(&certificates));
        if let Ok(path) = &path {
            compare_policies(&case["user_constrained_policy_set"], path)
                .with_context(|| id.clone())?;
        }
        let reason = REASONS.iter().find(|(case, _)| *case == id);
        if !good
            && found.is_err()
            && reason.map(|(_, code)| code.as_str()) != Some(suites::verdict(&found))
        {
            reasons.push(format!("{id}: {found:?}"));
        }
    }
    suite.finish(247);
    assert!(reasons.is_empty(), "refused for another reason:\n{}", reasons.join("\n"));
    Ok(())
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

fn read_all(folder: &Path, files: &Value) -> Result<Vec<Vec<u8>>> {
    let files = files.as_array().context("a list of files")?;
    files
        .iter()
        .map(|file| Ok(fs::read(folder.join(file.as_str().context("a file name")?))?))
        .collect()
}

/// Whether a path is valid for the policies that the suite names, when they are not the usual one.
fn compare_policies(expect: &Value, path: &VerifiedPath) -> Result<()> {
    let expect = match expect.as_str().unwrap_or("NIST-test-policy-1") {
        "anyPolicy" => PolicySet::Any,
        names => {
            let names = policies(&Value::from(names))?;
            PolicySet::Only(names.iter().map(ToString::to_string).collect())
        }
    };
    ensure!(*path.policies() == expect, "policies {:?}, not {expect:?}", path.policies());
    Ok(())
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

/// The verdict on certificates in order, the root first and the leaf last, and revocation lists.
fn verify(
    ders: &[Vec<u8>],
    lists: &[Vec<u8>],
    case: &Value,
) -> Result<Result<VerifiedPath, Refusal>> {
    let initial = policies(&case["initial_policy_set"])?;
    let flag = |name: &str| case[name] == true;
    // The suite judges certificates for any use, authorities included.
    let mut rules = PathRules::any_use(time());
    rules.policies = PolicyRules {
        initial: &initial,
        require_explicit: flag("initial_explicit_policy"),
        inhibit_mapping: flag("initial_policy_mapping_inhibit"),
        inhibit_any: flag("initial_inhibit_any_policy"),
    };
    rules.require_crls = true;
    let verify = || {
        let lists =
            lists.iter().map(|der| Crl::from_der(der)).collect::<Result<Vec<_>, Refusal>>()?;
        let mut rules = rules;
        rules.crls = &lists;
        let mut certificates = ders
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let leaf = certificates.pop().expect("a leaf");
        let anchor = TrustAnchor::from_certificate(certificates.remove(0))?;
        let session = Session::new(SignatureProvider { backends: &[&RustCrypto] });
        verify_path(&leaf, &certificates, &[anchor], &rules, &session)
    };
    Ok(verify())
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
