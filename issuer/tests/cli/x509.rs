//! `credmint x509 verify`.

use crate::harness::{
    Folder, NOW, authority, authority_below, batch, certificate_params, check_table, credmint,
    shared_data, with, word, workload,
};
use credmint_core::base64;
use rcgen::{BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use serde_json::{Value, json};

#[test]
fn paths() {
    let root = authority("Root");
    let other = authority("Root");
    let issuing = authority_below(&root, "Issuing");
    let leaf = workload(&issuing, "worker", |_| {}).certificate;
    let good = json!({
        "leaf": leaf.pem(),
        "intermediates": [issuing.pem()],
        "anchors": [root.pem()],
        "time": NOW,
    });
    let server = workload(&root, "server", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let server = with(&good, json!({ "leaf": server.certificate.pem() }));
    let sub_authority = workload(&root, "sub", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let critical = workload(&root, "critical", |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions = vec![extension];
    });
    check_table(
        "x509",
        &[
            (good.clone(), "accept"),
            (with(&good, json!({ "leaf": base64::encode_standard(leaf.der()) })), "accept"),
            (with(&good, json!({ "anchors": [other.pem(), root.pem()] })), "accept"),
            (
                with(
                    &good,
                    json!({ "intermediates": [format!("{}{}", other.pem(), issuing.pem())] }),
                ),
                "accept",
            ),
            (with(&good, json!({ "intermediates": [], "anchors": [issuing.pem()] })), "accept"),
            (with(&good, json!({ "intermediates": null })), "path_not_found"),
            (with(&good, json!({ "anchors": [] })), "path_not_found"),
            (with(&good, json!({ "anchors": [other.pem()] })), "path_signature_invalid"),
            (with(&good, json!({ "anchors": [leaf.pem()] })), "certificate_not_ca"),
            (with(&good, json!({ "time": "2019-12-31T23:59:59Z" })), "certificate_not_yet_valid"),
            (with(&good, json!({ "time": "2020-01-01T00:00:00Z" })), "accept"),
            (with(&good, json!({ "time": "2040-01-01T00:00:00.9Z" })), "accept"),
            (with(&good, json!({ "time": "2040-01-01T00:00:01Z" })), "certificate_expired"),
            (with(&good, json!({ "max_depth": 1 })), "accept"),
            (with(&good, json!({ "max_depth": 0 })), "path_too_deep"),
            (with(&good, json!({ "leaf": sub_authority.certificate.pem() })), "certificate_is_ca"),
            (
                with(&good, json!({ "leaf": critical.certificate.pem() })),
                "certificate_extension_critical",
            ),
            // Uses: clientAuth unless the request says otherwise.
            (server.clone(), "certificate_extended_key_usage"),
            (with(&server, json!({ "extended_key_usages": ["serverAuth"] })), "accept"),
            (with(&server, json!({ "extended_key_usages": ["1.3.6.1.5.5.7.3.1"] })), "accept"),
            (
                with(&server, json!({ "extended_key_usages": ["clientAuth", "serverAuth"] })),
                "accept",
            ),
            (with(&server, json!({ "extended_key_usages": ["any"] })), "accept"),
            (
                with(&good, json!({ "extended_key_usages": ["serverAuth"] })),
                "certificate_extended_key_usage",
            ),
            (
                with(&good, json!({ "extended_key_usages": ["any", "clientAuth"] })),
                "error: extended_key_usages: `any`",
            ),
            (
                with(&good, json!({ "extended_key_usages": ["walking"] })),
                "error: extended_key_usages: `walking`",
            ),
            (
                with(&good, json!({ "extended_key_usages": [] })),
                "error: extended_key_usages: the list is empty",
            ),
        ],
    );
    let (answers, _) = batch("x509", &[good]);
    assert_eq!(answers[0]["path"], json!(["CN=worker", "CN=Issuing"]));
    assert_eq!(answers[0]["anchor"], "CN=Root");
    assert_eq!(answers[0]["certificate"]["subject"]["CN"], "worker");
}

#[test]
fn what_is_not_understood_is_an_error() {
    let root = authority("Root");
    let leaf = workload(&root, "worker", |_| {}).certificate;
    let good = json!({ "leaf": leaf.pem(), "anchors": [root.pem()], "time": NOW });
    check_table(
        "x509",
        &[
            (with(&good, json!({ "anchors": null })), "error: missing field `anchors`"),
            (with(&good, json!({ "anchors": root.pem() })), "error: anchors: invalid type"),
            (with(&good, json!({ "max_depth": -1 })), "error: max_depth: invalid value"),
            (with(&good, json!({ "crl": [] })), "error: unknown field `crl`"),
        ],
    );
}

/// A certificatePolicies extension with the policy 1.2.3.
fn policy_1_2_3() -> CustomExtension {
    let value = b"\x30\x06\x30\x04\x06\x02\x2a\x03".to_vec();
    CustomExtension::from_oid_content(&[2, 5, 29, 32], value)
}

#[test]
fn policies_are_asked_for() {
    let root = authority("Root");
    let leaf = workload(&root, "worker", |params| {
        params.custom_extensions.push(policy_1_2_3());
    });
    let plain = workload(&root, "worker", |_| {}).certificate;
    let request = |leaf: &rcgen::Certificate, policies: Value| json!({ "leaf": leaf.pem(), "anchors": [root.pem()], "time": NOW, "policies": policies });
    let policies = |policies: Value| request(&leaf.certificate, policies);
    let nothing = json!({
        "initial": ["2.5.29.32.0"],
        "require_explicit": false,
        "inhibit_mapping": false,
        "inhibit_any": false,
    });
    let explicit = |initial: &[&str]| json!({ "initial": initial, "require_explicit": true });
    check_table(
        "x509",
        &[
            (policies(nothing), "accept"),
            (policies(json!({})), "accept"),
            (policies(json!({ "initial": ["any"], "require_explicit": true })), "accept"),
            (policies(json!({ "inhibit_mapping": true, "inhibit_any": true })), "accept"),
            (policies(explicit(&[])), "accept"),
            (policies(explicit(&["1.2.4", "1.2.3"])), "accept"),
            (policies(explicit(&["1.2.4"])), "certificate_policies"),
            (policies(json!({ "initial": ["1.2.4"] })), "accept"),
            (request(&plain, explicit(&[])), "certificate_policies"),
            (policies(json!({ "initial": ["gold"] })), "error: policies: initial: `gold`"),
            (policies(json!({ "explicit": true })), "error: policies: unknown field `explicit`"),
        ],
    );
}

#[test]
fn any_use_asks_about_the_path_alone() {
    let root = authority("Root");
    let leaf = workload(&root, "sub-authority", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params.extended_key_usages.clear();
    });
    let request = json!({ "leaf": leaf.certificate.pem(), "anchors": [root.pem()], "time": NOW });
    check_table(
        "x509",
        &[
            (request.clone(), "certificate_is_ca"),
            (with(&request, json!({ "extended_key_usages": ["any"] })), "accept"),
            (with(&request, json!({ "extended_key_usages": ["clientAuth"] })), "certificate_is_ca"),
        ],
    );
}

#[test]
fn hostile_input_is_refused() {
    let root = authority("Root");
    let leaf = workload(&root, "worker", |_| {}).certificate;
    let good = json!({ "leaf": leaf.pem(), "anchors": [root.pem()], "time": NOW });
    let key = KeyPair::generate().unwrap().serialize_pem();
    let mut altered = leaf.der().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    let cut = base64::encode_standard(&leaf.der()[..leaf.der().len() - 1]);
    let large = base64::encode_standard(&vec![0x30; 20_000]);
    let many = root.pem().repeat(65);
    let leaf_is = |text: &str| with(&good, json!({ "leaf": text }));
    check_table(
        "x509",
        &[
            (leaf_is(""), "pem_count"),
            (leaf_is("certificate"), "pem_malformed"),
            (leaf_is("\u{0}\u{202e}"), "pem_malformed"),
            (leaf_is(&format!("{}{}", leaf.pem(), root.pem())), "pem_count"),
            (leaf_is(&format!("{}text", leaf.pem())), "accept"),
            (leaf_is(&format!("{}text", leaf.pem().trim_end())), "pem_malformed"),
            (leaf_is(&key), "pem_private_key"),
            (leaf_is(&format!("{}{key}", leaf.pem())), "pem_private_key"),
            (leaf_is("MAA="), "certificate_malformed"),
            (leaf_is(&cut), "certificate_malformed"),
            (leaf_is(&large), "certificate_too_large"),
            (leaf_is(&base64::encode_standard(&altered)), "path_signature_invalid"),
            (with(&good, json!({ "intermediates": ["x!"] })), "pem_malformed"),
            (with(&good, json!({ "intermediates": [many] })), "certificates_too_many"),
            (with(&good, json!({ "anchors": ["MAA="] })), "certificate_malformed"),
            (with(&good, json!({ "anchors": [""] })), "pem_count"),
        ],
    );
}

#[test]
fn one_path_from_files() {
    let folder = Folder::new();
    let root = authority("Root");
    let issuing = authority_below(&root, "Issuing");
    let leaf = workload(&issuing, "worker", |_| {}).certificate;
    let leaf_der = folder.file("leaf.der", leaf.der());
    let issuing = folder.file("issuing.pem", issuing.pem());
    let root = folder.file("root.pem", root.pem());
    let verify = |more: &[&str]| {
        let arguments =
            ["x509", "verify", &leaf_der, "--anchor", &root, "--time", "2026-11-24T12:00:00Z"];
        credmint(arguments.iter().chain(more))
    };
    let run = verify(&["--intermediate", &issuing]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert!(run.stdout.starts_with("accepted\n  anchor      CN=Root\n"), "{}", run.stdout);
    let run = verify(&[]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("refused at path: path_not_found\n"), "{}", run.stdout);
    assert_eq!(verify(&["--intermediate", &issuing, "--max-depth", "0"]).status, 1);
    assert_eq!(verify(&["--extended-key-usages", "walking"]).status, 2);
    let broken = folder.file(
        "broken.pem",
        certificate_params("x")
            .serialize_request(&KeyPair::generate().unwrap())
            .unwrap()
            .pem()
            .unwrap(),
    );
    assert_eq!(credmint(["x509", "verify", &broken, "--anchor", &root]).status, 1);
}

/// Each case of the public suites is answered with a verdict. That the verdicts are right is tested beside the
/// core; here only that the command carries them: nothing that must fail for a reason we check is accepted.
#[test]
fn suites_are_answered() {
    let Some(data) = shared_data() else { return };
    let text = std::fs::read(data.join("x509-limbo/limbo.json")).unwrap();
    let suite: Value = serde_json::from_slice(&text).unwrap();
    let cases = suite["testcases"].as_array().unwrap();
    let requests: Vec<Value> = cases
        .iter()
        .map(|case| {
            let usages = match &case["extended_key_usage"] {
                Value::Array(names) if names.is_empty() => json!(["any"]),
                names => names.clone(),
            };
            json!({
                "id": case["id"],
                "leaf": case["peer_certificate"],
                "intermediates": case["untrusted_intermediates"],
                "anchors": case["trusted_certs"],
                "time": case["validation_time"].as_str().unwrap_or("2026-01-01T00:00:00Z"),
                "extended_key_usages": usages,
                "max_depth": case["max_chain_depth"],
            })
        })
        .collect();
    let (answers, status) = batch("x509", &requests);
    assert_eq!(status, 0);
    let sure = ["pathlen::", "pathological::", "rfc5280::validity::", "rfc5280::unknown-critical"];
    let mut agreed = 0;
    for (case, answer) in cases.iter().zip(&answers) {
        let (id, accepted) = (case["id"].as_str().unwrap(), word(answer) == "accept");
        let expected = case["expected_result"] == "SUCCESS";
        agreed += usize::from(accepted == expected);
        if !expected && sure.iter().any(|part| id.starts_with(part)) {
            assert!(!accepted, "{id}");
        }
    }
    assert!(agreed > 60, "{agreed} of {}", answers.len());
}

#[test]
fn a_certificate_is_shown_without_being_verified() {
    let folder = Folder::new();
    let root = authority("Root");
    let leaf = workload(&root, "worker", |params| {
        params.subject_alt_names =
            vec![rcgen::SanType::URI("spiffe://td/worker".try_into().unwrap())];
    });
    let file = folder.file("both.pem", leaf.certificate.pem() + &root.pem());
    let run = credmint(["x509", "show", &file, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    let shown = run.json();
    assert_eq!(shown["verified"], false);
    let [worker, authority] = &shown["certificates"].as_array().unwrap()[..] else {
        panic!("{shown}")
    };
    assert_eq!((&worker["subject"], &worker["ca"]), (&json!("CN=worker"), &json!(false)));
    assert_eq!(worker["san"][0]["text"], "spiffe://td/worker");
    assert_eq!((&authority["subject"], &authority["ca"]), (&json!("CN=Root"), &json!(true)));

    let run = credmint(["x509", "show", &file]);
    assert!(run.stdout.contains("certificate, not verified\n  subject                CN=worker\n"));

    let file = folder.file("none.der", b"\x30\x03\x02\x01\x01");
    let run = credmint(["x509", "show", &file, "--format", "json"]);
    assert_eq!((run.status, &run.json()["code"]), (1, &json!("certificate_malformed")));
}

#[test]
fn the_path_is_drawn_and_so_is_the_one_that_failed() {
    let folder = Folder::new();
    let root = authority("Root");
    let issuing = authority_below(&root, "Issuing");
    let leaf = workload(&issuing, "worker", |_| {}).certificate;
    let (leaf, issuing) = (folder.file("a", leaf.pem()), folder.file("b", issuing.pem()));
    let anchor = folder.file("c", root.pem());
    let now = NOW.to_string();
    let verify = |anchor: &str, format: &str| {
        credmint([
            "x509",
            "verify",
            &leaf,
            "--intermediate",
            &issuing,
            "--anchor",
            anchor,
            "--time",
            &now,
            "--format",
            format,
        ])
    };
    let run = verify(&anchor, "text");
    let lines: Vec<&str> = run.stdout.lines().filter(|line| line.contains(" CN=")).collect();
    assert!(run.stdout.contains("\nthe path\n"), "{}", run.stdout);
    for (role, subject) in
        [("leaf", "CN=worker"), ("intermediate", "CN=Issuing"), ("root", "CN=Root")]
    {
        let found = lines.iter().any(|line| line.contains(role) && line.contains(subject));
        assert!(found, "{role}: {}", run.stdout);
    }
    let foreign = folder.file("d", authority("Root").pem());
    let run = verify(&foreign, "text");
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("\n> intermediate CN=Issuing\n"), "{}", run.stdout);
    let tried = verify(&foreign, "json").json()["tried"].clone();
    let failed: Vec<bool> =
        tried.as_array().unwrap().iter().map(|link| link["failed"] == true).collect();
    assert_eq!((failed, &tried[2]["role"]), (vec![false, true, false], &json!("root")));
}
