//! Project Wycheproof's tokens and keys: nothing invalid is accepted, nothing valid is refused, of what Credmint offers.
//! What it does not offer is listed here by name.

use anyhow::{Context, Result};
use credmint_tests::judge::answers;
use credmint_tests::shared_data;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const FILES: [&str; 3] =
    ["json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"];

/// Valid cases that are refused, by the comment of their group and the code.
const NOT_OFFERED: &[(&str, &str, &str)] = &[
    // HMAC: a public key could become a secret.
    ("hs256", "unsupported_algorithm", "HMAC"),
    ("rfc7520", "unsupported_algorithm", "HMAC"),
    ("jws_aes", "unsupported_algorithm", "HMAC"),
    // Characters that base64url does not have, which are to be read over (and the key is a secret).
    ("base64", "jws_malformed", "loose base64url"),
    // Encrypted tokens.
    ("jwe_ec", "jws_encrypted", "encryption"),
    // The `alg` of the key is a slip: it is PS256 where RFC 7520 section 4.2 signs by PS384, and ES521 for ES512. A key
    // is for its own algorithm alone; mended, it verifies (below).
    ("rfc7520", "algorithm_not_allowed", "a slip"),
    ("rfc7520WithKeyOps", "algorithm_not_allowed", "a slip"),
    ("rfc7520", "unsupported_key", "a slip"),
];

/// The case numbers of those whose key has the slip.
const SLIPS: usize = 3;

/// The `alg` that a key of this suite must have, for one that has another by a slip.
fn mended(alg: Option<&str>) -> Option<&'static str> {
    match alg {
        Some("PS256") => Some("PS384"),
        Some("ES521") => Some("ES512"),
        _ => None,
    }
}

/// A case: its file, the comment of its group, itself, and the request that it is.
struct Case {
    file: &'static str,
    group: String,
    case: Value,
    request: Value,
}

fn cases() -> Result<Option<Vec<Case>>> {
    let Some(folder) = shared_data::folder("wycheproof") else { return Ok(None) };
    let mut cases = Vec::new();
    for file in FILES {
        let suite: Value = serde_json::from_slice(&fs::read(folder.join(file))?)?;
        for group in suite["testGroups"].as_array().context("testGroups")? {
            let key = group.get("public").unwrap_or(&group["private"]);
            let member = if key["keys"].is_array() { "jwks" } else { "key" };
            for case in group["tests"].as_array().context("tests")? {
                let token = case.get("jws").or_else(|| case.get("jwe")).context("a token")?;
                let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
                cases.push(Case {
                    file,
                    group: group["comment"].as_str().unwrap_or_default().to_owned(),
                    case: case.clone(),
                    request: json!({ "id": cases.len(), "jws": token, member: key }),
                });
            }
        }
    }
    Ok(Some(cases))
}

/// What was answered: `accept`, or the code.
fn word(answer: &Value) -> &str {
    answer["code"].as_str().or(answer["verdict"].as_str()).unwrap_or_default()
}

#[test]
fn nothing_invalid_is_accepted_and_nothing_valid_refused() -> Result<()> {
    let Some(cases) = cases()? else { return Ok(()) };
    let requests: Vec<Value> = cases.iter().map(|case| case.request.clone()).collect();
    let mut counts: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (Case { file, group, case, .. }, answer) in cases.iter().zip(answers("jws", &requests)?) {
        let word = word(&answer);
        let outcome = match (case["result"].as_str(), word) {
            (Some("valid"), "accept") => "valid, accepted".to_owned(),
            (Some("valid"), code) => {
                let known = |(of, expect, _): &&(&str, &str, &str)| of == group && *expect == code;
                // Another serialisation is none of ours, whatever the group is about.
                let json_form = case["jws"].as_str().is_some_and(|jws| jws.starts_with('{'))
                    || case["jws"].is_object();
                match NOT_OFFERED.iter().find(known) {
                    Some(reason) => {
                        used.insert(*reason);
                        format!("valid, not offered: {} ({})", reason.2, reason.1)
                    }
                    None if json_form => "valid, not offered: the JSON serialisation".to_owned(),
                    None => panic!("{file}, {group}: {case}: {answer}"),
                }
            }
            (Some("invalid"), "accept" | "error") => panic!("{file}, {group}: {case}: {answer}"),
            (Some("invalid"), _) => "invalid, refused".to_owned(),
            other => panic!("{file}: undecided: {other:?}"),
        };
        *counts.entry(file).or_default().entry(outcome).or_default() += 1;
    }
    for (file, counts) in &counts {
        println!("{file}: {counts:?}");
        assert!(counts["invalid, refused"] > 5, "{file}");
    }
    let unused: Vec<_> = NOT_OFFERED.iter().filter(|reason| !used.contains(*reason)).collect();
    assert!(unused.is_empty(), "listed in vain: {unused:?}");
    Ok(())
}

#[test]
fn keys_whose_algorithm_is_a_slip_verify_when_they_are_mended() -> Result<()> {
    let Some(cases) = cases()? else { return Ok(()) };
    let slips = cases.into_iter().filter(|case| {
        case.group.starts_with("rfc7520") && mended(case.request["key"]["alg"].as_str()).is_some()
    });
    let mut requests: Vec<Value> = slips.map(|case| case.request).collect();
    for request in &mut requests {
        let alg = mended(request["key"]["alg"].as_str());
        request["key"]["alg"] = alg.into();
    }
    assert_eq!(requests.len(), SLIPS);
    for answer in answers("jws", &requests)? {
        assert_eq!(answer["verdict"], "accept", "{answer}");
    }
    Ok(())
}
