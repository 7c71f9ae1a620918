//! x509-limbo: certificate paths that must fail or pass, from RFC 5280, the Web PKI and known vulnerabilities.
//!
//! Host names are not compared here; cases that turn on them are among the exceptions. A case with revocation lists
//! demands one for every certificate.

use anyhow::{Context, Result};
use credmint_core::x509::{
    Certificate, Crl, KeyUse, PathCost, PathRules, RevocationCheck, TriedPath, TrustAnchor,
    explain_path, extended_key_usage,
};
use credmint_core::{Refusal, Stop, UnixTime, limits, pem};
use credmint_tests::shared_data;
use credmint_tests::suites::authorities::known_or_not;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{Suite, pem_blocks};
use serde_json::Value;
use std::fs;

#[test]
fn cases_have_the_verdict_of_the_suite_or_a_reason_why_not() -> Result<()> {
    let Some(folder) = shared_data::folder("x509-limbo") else { return Ok(()) };
    let suite: Value = serde_json::from_slice(&fs::read(folder.join("limbo.json"))?)?;
    let cases = suite["testcases"].as_array().context("testcases")?;
    let mut run = Suite::open("x509-limbo");
    for case in cases {
        let id = case["id"].as_str().context("id")?;
        let good = case["expected_result"] == "SUCCESS";
        run.judge_beside(id, good, &verify(case), oracle(case));
    }
    run.finish(101);
    Ok(())
}

fn verify(case: &Value) -> Result<(), Refusal> {
    let leaf = certificate(&case["peer_certificate"])?;
    let intermediates = certificates(&case["untrusted_intermediates"])?;
    let anchors = certificates(&case["trusted_certs"])?
        .into_iter()
        .map(TrustAnchor::from_certificate)
        .collect::<Result<Vec<_>, Refusal>>()?;
    let usages: Vec<_> =
        texts(&case["extended_key_usage"]).filter_map(extended_key_usage).collect();
    let key_use = match usages[..] {
        [] => KeyUse::Any,
        _ => KeyUse::Named(&usages),
    };
    let crls = crls(&case["crls"])?;
    let revocation = match crls[..] {
        [] => RevocationCheck::Off,
        _ => RevocationCheck::Required(&crls),
    };
    let depth = case["max_chain_depth"].as_u64().and_then(|depth| usize::try_from(depth).ok());
    let rules =
        PathRules::new(time(&case["validation_time"]), key_use, revocation).with_max_depth(depth);
    let (outcome, cost) = known_or_not(|signatures| {
        explain_path(&leaf, &intermediates, &anchors, &rules, signatures)
            .map(|report| (report.outcome, report.cost))
    })
    .map_err(Stop::into_refusal)?;
    // Pathological cases cost what the budgets allow, in numbers and not in time.
    let PathCost { signatures, steps, comparisons, .. } = cost;
    assert!(signatures <= limits::SIGNATURES, "{}: {signatures} signatures", case["id"]);
    assert!(steps <= limits::PATH_STEPS + 1, "{}: {steps} steps", case["id"]);
    assert!(
        comparisons <= limits::NAME_COMPARISONS + limits::NAME_CONSTRAINTS,
        "{}: {comparisons} comparisons",
        case["id"]
    );
    outcome.map(drop).map_err(TriedPath::into_refusal)
}

/// What the oracle says, without revocation lists and host names as ours.
fn oracle(case: &Value) -> bool {
    let ders = |list: &Value| -> Vec<Vec<u8>> {
        texts(list).filter_map(|pem| pem_blocks::first(pem, "CERTIFICATE")).collect()
    };
    let leaf = case["peer_certificate"].as_str().unwrap_or_default();
    let leaf = pem_blocks::first(leaf, "CERTIFICATE").unwrap_or_default();
    let purpose = match texts(&case["extended_key_usage"]).next() {
        Some("clientAuth") => Purpose::CLIENT,
        Some("serverAuth") => Purpose::SERVER,
        _ => Purpose::Any,
    };
    let (bag, anchors) = (ders(&case["untrusted_intermediates"]), ders(&case["trusted_certs"]));
    oracle::webpki(&leaf, &bag, &anchors, time(&case["validation_time"]), purpose).is_ok()
}

fn crls(list: &Value) -> Result<Vec<Crl>, Refusal> {
    let ders = texts(list).filter_map(|pem| pem_blocks::first(pem, "X509 CRL"));
    ders.map(|der| Crl::from_der(&der)).collect()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn certificate(pem: &Value) -> Result<Certificate, Refusal> {
    Certificate::from_der(&pem::certificate(pem.as_str().unwrap_or_default())?)
}

fn certificates(list: &Value) -> Result<Vec<Certificate>, Refusal> {
    texts(list).map(|pem| Certificate::from_der(&pem::certificate(pem)?)).collect()
}

/// The time of a case, floored to the second; one at which all certificates are valid when it has none.
fn time(text: &Value) -> UnixTime {
    let text = text.as_str().unwrap_or("2026-01-01T00:00:00");
    let numbers: Vec<u16> =
        text[..19].split(['-', 'T', ':']).filter_map(|n| n.parse().ok()).collect();
    let small = |i: usize| u8::try_from(numbers[i]).expect("a part of a time");
    UnixTime::from_civil(numbers[0], small(1), small(2), small(3), small(4), small(5))
        .expect("a time")
}
