//! x509-limbo: certificate paths that must fail or pass, from RFC 5280, the Web PKI and known vulnerabilities.
//!
//! Host names are not compared here, revocation lists are not processed; cases that turn on them are among the
//! differing ones, each with its reason.

use anyhow::{Context, Result};
use credmint_core::signature::{Session, SignatureProvider};
use credmint_core::x509::{Certificate, PathRules, TrustAnchor, extended_key_usage, verify_path};
use credmint_core::{Code, Refusal, UnixTime, pem};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use serde_json::Value;
use std::fs;

/// Cases whose verdict is another here, with the code and the reason.
const DIFFER: &[(&str, Option<Code>, &str)] = &[
    ("pathlen::validation-ignores-pathlen-in-leaf", Some(Code::CertificateIsCa), AUTHORITY),
    ("crl::crlnumber-missing", None, REVOCATION),
    ("crl::issuer-missing-crlsign", None, REVOCATION),
    ("rfc5280::aki::leaf-missing-aki", None, HINTS),
    ("rfc5280::aki::intermediate-missing-aki", None, HINTS),
    ("rfc5280::aki::cross-signed-root-missing-aki", None, HINTS),
    ("rfc5280::ski::intermediate-missing-ski", None, HINTS),
    ("webpki::aki::root-with-aki-missing-keyidentifier", None, HINTS),
    ("webpki::aki::root-with-aki-authoritycertissuer", None, HINTS),
    ("webpki::aki::root-with-aki-ski-mismatch", None, HINTS),
    ("webpki::malformed-aia", None, HINTS),
    ("rfc5280::san::ip-in-dns", None, HOST_NAMES),
    ("webpki::cn::punycode-not-in-san", None, HOST_NAMES),
    ("webpki::san::mismatch-domain-san", None, HOST_NAMES),
    ("webpki::san::public-suffix-multi-label-wildcard-san", None, HOST_NAMES),
    ("webpki::san::public-suffix-private-namespace-wildcard-san", None, HOST_NAMES),
    ("webpki::san::wildcard-embedded-leftmost-san", None, HOST_NAMES),
    ("webpki::san::wildcard-embedded-ulabel-san", None, HOST_NAMES),
    ("webpki::san::no-san", None, HOST_NAMES),
    ("webpki::san::san-wildcard-only-tld", None, HOST_NAMES),
    ("webpki::eku::ee-anyeku", None, WEB_PKI),
    ("webpki::forbidden-rsa-not-divisible-by-8-in-root", None, WEB_PKI),
    ("webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf", None, WEB_PKI),
    ("webpki::v1-cert", None, WEB_PKI),
];

const AUTHORITY: &str = "an authority is no leaf that signs tokens";
const REVOCATION: &str = "what is wrong shows in the revocation list alone";
const HINTS: &str = "key identifiers and access information are hints that nothing here follows";
const HOST_NAMES: &str = "host names are not compared; a condition reads them, without wildcards";
const WEB_PKI: &str = "a rule for web servers, not one of RFC 5280";

#[test]
fn cases_have_the_verdict_of_the_suite_or_a_reason_why_not() -> Result<()> {
    let Some(folder) = shared_data::folder("x509-limbo") else { return Ok(()) };
    let suite: Value = serde_json::from_slice(&fs::read(folder.join("limbo.json"))?)?;
    let cases = suite["testcases"].as_array().context("testcases")?;
    let mut wrong = Vec::new();
    for case in cases {
        let id = case["id"].as_str().context("id")?;
        let found = verify(case);
        let code = found.as_ref().err().map(Refusal::code);
        let good = match DIFFER.iter().find(|(differing, ..)| *differing == id) {
            Some((_, expect, _)) => code == *expect,
            None => found.is_ok() == (case["expected_result"] == "SUCCESS"),
        };
        if !good {
            wrong.push(format!("{id}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases.len(), 101, "the suite has other cases than expected");
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
    let mut rules = PathRules::client(time(&case["validation_time"]), &usages);
    rules.max_depth =
        case["max_chain_depth"].as_u64().and_then(|depth| usize::try_from(depth).ok());
    let session = Session::new(SignatureProvider { backends: &[&RustCrypto] });
    verify_path(&leaf, &intermediates, &anchors, &rules, &session).map(drop)
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
