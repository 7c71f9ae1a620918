//! Tokens, key sets and policies. The `expected` of these cases is written in words; what they come to, line by line, is
//! the tables here. A line of which the words say nothing, or that both outcomes are defensible, is in none of them.
//!
//! `20-fetch-answers` needs a server; the answers of key servers are in the tests of `fetch` and of the core.

use crate::{Line, check};
use Should::{Accept, Load, NotLoad, Refuse, Say};
use credmint_tests::{commands, environment, shared_data};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What should come out.
#[derive(Clone, Copy)]
enum Should {
    Accept,
    Refuse,
    Load,
    NotLoad,
    /// One or the other, and the message has this.
    Say(&'static str),
}

/// Requests by their ids.
const REQUESTS: &[(&str, &str, Should)] = &[
    ("01-azure-24h-lifetime", "as documented (max_lifetime 86400s)", Accept),
    ("01-azure-24h-lifetime", "default max_lifetime", Accept),
    ("01-azure-24h-lifetime", "max_lifetime 90000s", Accept),
    ("02-azure-mirid-case", "as configured", Accept),
    ("02-azure-mirid-case", "resourceGroups", Accept),
    ("02-azure-mirid-case", "group in capitals", Accept),
    ("02-azure-mirid-case", "group Shop", Accept),
    ("08-same-kid-twice", "same key, RS256 and RS512", Accept),
    ("08-same-kid-twice", "same key, RS256 and PS256", Accept),
    ("08-same-kid-twice", "the same key twice", Accept),
    ("08-same-kid-twice", "sig and enc", Accept),
    ("10-audiences", "keycloak: [ours, account]", Refuse),
    ("10-audiences", "list of one", Accept),
    ("10-audiences", "auth0: [api, userinfo]", Refuse),
    ("10-audiences", "two, both listed at the provider", Accept),
    ("10-audiences", "only account", Refuse),
    ("10-audiences", "aud null", Refuse),
    ("10-audiences", "aud empty list", Refuse),
    ("11-typ", "typ 'JWT'", Accept),
    ("11-typ", "typ 'jwt'", Accept),
    ("11-typ", "typ 'application/jwt'", Accept),
    ("11-typ", "no typ", Accept),
    ("11-typ", "spiffe JOSE", Accept),
    ("11-typ", "typ 'at+jwt'", Refuse),
    ("11-typ", "typ 'application/at+jwt'", Refuse),
    ("11-typ", "typ 'secevent+jwt'", Refuse),
    ("13-numbers-and-duplicates", "claim beyond 2^53", Accept),
    ("13-numbers-and-duplicates", "claim of 2^64-1", Accept),
    ("13-numbers-and-duplicates", "nested large number", Accept),
    ("13-numbers-and-duplicates", "snowflake as text", Accept),
    ("13-numbers-and-duplicates", "newline after claims", Accept),
    ("13-numbers-and-duplicates", "pretty printed", Accept),
    ("13-numbers-and-duplicates", "non-ASCII claims", Accept),
    ("13-numbers-and-duplicates", "200 groups", Accept),
    ("13-numbers-and-duplicates", "400 groups", Accept),
    ("13-numbers-and-duplicates", "claim twice", Refuse),
    ("13-numbers-and-duplicates", "other claim twice", Refuse),
    ("13-numbers-and-duplicates", "BOM before claims", Refuse),
    ("13-numbers-and-duplicates", "trailing data", Refuse),
    ("21-ed25519-name", "EdDSA, key alg EdDSA", Accept),
    ("21-ed25519-name", "EdDSA, key without alg", Accept),
    ("21-ed25519-name", "Ed25519 (RFC 9864), key alg Ed25519", Accept),
    ("21-ed25519-name", "Ed25519, key alg EdDSA", Accept),
    ("21-ed25519-name", "EdDSA, key alg Ed25519", Accept),
];

/// Policies by their files.
const POLICIES: &[(&str, &str, Should)] = &[
    ("04-buildkite-sub-has-commit", "by-pipeline-id.json", Load),
    ("06-github-reusable-workflow-for-an-organisation", "by-workflow.json", Load),
    ("17-kubernetes-preview-namespaces", "preview.json", NotLoad),
    ("17-kubernetes-preview-namespaces", "crossplane.json", NotLoad),
    ("17-kubernetes-preview-namespaces", "crossplane-accepted.json", NotLoad),
    ("18-settings-that-users-look-for", "clock_skew.json", Say("is not known here")),
    ("18-settings-that-users-look-for", "typ.json", Say("is not known here")),
    ("18-settings-that-users-look-for", "extra-audiences.json", Say("is not known here")),
    ("18-settings-that-users-look-for", "subject-claim.json", Say("is not known here")),
    ("23-pasted-key-files", "crlf.yaml", Load),
    ("23-pasted-key-files", "twice.yaml", Load),
    ("23-pasted-key-files", "bom.yaml", Load),
    ("23-pasted-key-files", "utf16.yaml", Say("byte order mark")),
    ("23-pasted-key-files", "bare-key.yaml", Say("keys")),
    ("23-pasted-key-files", "bare-list.yaml", Say("keys")),
];

#[test]
fn every_case_comes_out_as_expected() {
    let Some(folder) = shared_data::folder("reports/oidc") else { return };
    let mut lines = requests(&folder);
    lines.extend(policies(&folder));
    check("oidc", &lines);
}

fn requests(folder: &Path) -> Vec<Line> {
    let mut cases: Vec<&str> = REQUESTS.iter().map(|(case, ..)| *case).collect();
    cases.dedup();
    let mut lines = Vec::new();
    for case in cases {
        let text = fs::read_to_string(folder.join(case).join("requests.jsonl")).expect("requests");
        let requests: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a request")).collect();
        let answers = commands::answers("proof", &requests).expect("answers");
        for (_, line, should) in REQUESTS.iter().filter(|(of, ..)| *of == case) {
            let answer = answers.iter().find(|answer| answer["id"] == *line);
            let answer = answer.unwrap_or_else(|| panic!("{case}: there is no `{line}`"));
            let got = answer["code"].as_str().or(answer["verdict"].as_str()).unwrap_or_default();
            let fits = match should {
                Accept => got == "accept",
                Refuse => answer["verdict"] == "refuse",
                Load | NotLoad | Say(_) => panic!("{case}: {line} is a request"),
            };
            lines.push(Line { case: case.into(), line: (*line).into(), got: got.into(), fits });
        }
    }
    lines
}

fn policies(folder: &Path) -> Vec<Line> {
    let check = |(case, file, should): &(&str, &str, Should)| {
        let output = Command::new(environment::credmint())
            .args(["check", "--policy", file])
            .current_dir(folder.join(case))
            .output()
            .expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let loads = output.status.code() != Some(2);
        let fits = match should {
            Load => loads,
            NotLoad => !loads,
            Say(part) => said.contains(part),
            Accept | Refuse => panic!("{case}: {file} is a policy"),
        };
        let got = said.lines().next().unwrap_or_default().to_owned();
        Line { case: (*case).into(), line: (*file).into(), got, fits }
    };
    POLICIES.iter().map(check).collect()
}
