//! The official conformance suite of MCP.
//!
//! Its scenario for workload identity tests a client: it brings an authorization server and a protected resource of its
//! own, and takes no other. So the provider that `docs/clients/mcp.md` shows passes it as it is, and what that
//! authorization server answers to each of the scenario's tokens and scopes is then asked of this issuer. Of the suite's
//! two scenarios for authorization servers one is about users; the other is run here, with what it misses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use credmint_tests::environment;
use serde_json::Value;
use tempfile::TempDir;

use crate::door::Door;

const SUITE: &str = "../node_modules/@modelcontextprotocol/conformance/dist/index.js";

/// Runs the suite. What it finds lies in the folder; whether it is content, is said besides.
fn suite(arguments: &[&str], authority: Option<&Path>) -> (TempDir, bool) {
    let results = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(environment::node_for_clients());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(SUITE)).args(arguments);
    command.arg("--output-dir").arg(results.path());
    command.envs(authority.map(|file| ("NODE_EXTRA_CA_CERTS", file)));
    let output = command.output().expect("the suite");
    (results, output.status.success())
}

/// The checks of a run that are about something, in the order of their names, and how each came out.
fn checks(results: &TempDir) -> BTreeMap<String, (String, Option<String>)> {
    let file = find(results.path()).expect("results");
    let text = fs::read_to_string(file).expect("results");
    let checks: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let member = |check: &Value, name: &str| check[name].as_str().map(str::to_owned);
    checks
        .iter()
        .filter(|check| check["status"] != "INFO")
        .map(|check| {
            let status = member(check, "status").expect("a status");
            (member(check, "id").expect("an id"), (status, member(check, "errorMessage")))
        })
        .collect()
}

fn find(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let mut entries: Vec<_> = entries.collect();
    entries.sort();
    entries.into_iter().find_map(|path| match path.is_dir() {
        true => find(&path),
        false => path.ends_with("checks.json").then_some(path),
    })
}

#[test]
fn the_provider_passes_the_scenario_for_workload_identity() {
    let client = environment::client_driver("conformance_client.mjs");
    let command = format!("{} {}", environment::node_for_clients().display(), client.display());
    let arguments = ["client", "--command", &command, "--scenario", "auth/wif-jwt-bearer"];
    let (results, content) = suite(&arguments, None);
    let checks = checks(&results);
    assert!(content, "{checks:?}");
    let names: Vec<&str> = checks.keys().map(String::as_str).collect();
    let expect = [
        "authorization-server-metadata",
        "prm-pathbased-requested",
        "token-request",
        "valid-bearer-token",
        "wif-assertion-verified",
    ];
    assert_eq!(names, expect);
    assert!(checks.values().all(|(status, _)| status == "SUCCESS"), "{checks:?}");
}

/// A server for machines cannot say that it knows the code flow and PKCE, nor that it reads documents of clients.
#[test]
fn metadata_lacks_what_the_suite_wants_for_users_and_nothing_else() {
    let door = Door::open();
    let issuer = door.issuer();
    let scenario = "authorization-server-metadata-endpoint";
    let arguments = ["authorization", "--url", &issuer, "--scenario", scenario];
    let authority = door.world.file("tls-ca.pem");
    let (results, content) = suite(&arguments, Some(&authority));
    assert!(!content, "the suite is content: say so in docs/clients/mcp.md");
    let checks = checks(&results);
    let (status, missing) = &checks["authorization-server-metadata"];
    assert_eq!(
        (status.as_str(), missing.as_deref()),
        (
            "FAILURE",
            Some(
                "Response body does not include valid \"response_types_supported\" claim, \
                 Response body does not include valid \"code_challenge_methods_supported\" claim"
            )
        )
    );
    assert_eq!(checks["authorization-server-metadata-cimd"].0, "WARNING");
    assert_eq!(checks.len(), 2);
}

/// What the scenario's authorization server answers, this issuer answers, with errors by the same names.
#[test]
fn the_scenario_is_answered_by_this_issuer_as_by_its_own() {
    let door = Door::open();
    let check = |token: &str, scope: &str, status, error: Option<&str>| {
        let answer = door.ask(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", token),
            ("resource", &door.server()),
            ("scope", scope),
        ]);
        let said = answer.json();
        assert_eq!((answer.status, said["error"].as_str()), (status, error), "{said}");
    };
    let good = door.platform_token("orders", 3600);
    check(&good, "read", 200, None);
    check(
        &door.platform_token_for("https://wrong.example", "orders"),
        "read",
        400,
        Some("invalid_grant"),
    );
    check(&door.platform_token("orders", -120), "read", 400, Some("invalid_grant"));
    check(&good, "wif.rejected", 400, Some("invalid_scope"));
    // A final slash of the issuer is another audience: providers list what they take.
    let slash = format!("{}/", door.issuer());
    check(&door.platform_token_for(&slash, "orders"), "read", 400, Some("invalid_grant"));
}
