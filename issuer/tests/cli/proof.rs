//! `credmint proof verify`.

use crate::harness::{
    Authority, EC, Folder, Key, NOW, RSA, Workload, authority, authority_below, batch, check_table,
    credmint, run, with, word, workload,
};
use serde_json::{Value, json};

const IDP: &str = "https://idp.example.com";
const STS: &str = "https://sts.example.com/oauth2";

/// A policy with an OIDC provider whose keys are fetched, and a private authority.
pub(crate) fn policy(root: &Authority) -> Value {
    json!({
        "version": 1,
        "issuer": STS,
        "providers": {
            "idp": {
                "type": "oidc",
                "issuer": IDP,
                "audiences": ["https://sts.example.com"],
                "keys": { "discovery": true },
            },
            "plant": { "type": "pca", "roots": [{ "pem": root.pem() }] },
        },
        "resources": { "api.example.com": { "scopes": ["read", "write"] } },
        "clients": {
            "app_1": {
                "scopes": { "api.example.com": ["read", "write"] },
                "credentials": {
                    "idp": {
                        "provider": "idp",
                        "scopes": { "api.example.com": ["read"] },
                        "condition": "jwt.claims.sub == \"worker\"",
                        "attributes": { "client.activeSubjectUrn": "Append(\"urn:run:\", jwt.claims.run)" },
                    },
                    "plant": {
                        "provider": "plant",
                        "scopes": { "api.example.com": ["write"] },
                        "condition": "cert.subject.CN == \"worker-7\"",
                    },
                },
            },
        },
    })
}

fn oidc_token(changes: Value) -> String {
    let claims = json!({
        "iss": IDP, "aud": "https://sts.example.com", "sub": "worker", "run": "r1",
        "iat": NOW - 10, "exp": NOW + 590,
    });
    EC.token(json!({ "kid": "a" }), with(&claims, changes).to_string().as_bytes())
}

fn oidc_form(token: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": "app_1",
        "application_federated_credential_name": "idp",
        "client_assertion_type": "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer",
        "client_assertion": token,
        "scope": "api.example.com|read",
    })
}

pub(crate) fn pca_form(worker: &Workload, chain: &str, claims: Value) -> Value {
    let standard = json!({
        "iss": "app_1", "sub": "app_1", "aud": format!("{STS}/token"), "jti": "j1",
        "iat": NOW, "exp": NOW + 600,
    });
    let jwt = worker.key.token(json!({}), with(&standard, claims).to_string().as_bytes());
    json!({
        "grant_type": "client_credentials",
        "client_id": "app_1",
        "application_federated_credential_name": "plant",
        "client_assertion_type": "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer",
        "client_assertion": jwt,
        "client_x509": worker.certificate.pem(),
        "client_x509_chain": chain,
        "scope": "api.example.com|.all",
    })
}

#[test]
fn oidc_proofs() {
    let good = json!({
        "policy": policy(&authority("Root")),
        "now": NOW,
        "form": oidc_form(&oidc_token(json!({}))),
        "keys": { IDP: EC.jwks() },
    });
    let form = |changes: Value| with(&good, json!({ "form": with(&good["form"], changes) }));
    let token = |changes: Value| form(json!({ "client_assertion": oidc_token(changes) }));
    let (answers, status) = batch("proof", std::slice::from_ref(&good));
    assert_eq!(status, 0);
    assert_eq!(
        answers[0],
        json!({
            "id": 0, "verdict": "accept", "subject": "app_1:urn:run:r1", "client_id": "app_1",
            "audience": "api.example.com", "scope": "read", "lifetime": 3600, "consume": [],
            "form": "idaas", "credential": "idp",
        })
    );
    let policy_of =
        |changes: Value| with(&good, json!({ "policy": with(&good["policy"], changes) }));
    check_table(
        "proof",
        &[
            (good.clone(), "accept"),
            (
                with(&good, json!({ "keys": { IDP: EC.jwks().to_string(), "https://x": "" } })),
                "accept",
            ),
            (with(&good, json!({ "policy": good["policy"].to_string() })), "accept"),
            (with(&good, json!({ "now": "2026-11-24T12:20:00Z" })), "expired"),
            (with(&good, json!({ "keys": null })), "keys_unavailable"),
            (
                with(&good, json!({ "keys": { "https://other.example.com": EC.jwks() } })),
                "keys_unavailable",
            ),
            (with(&good, json!({ "keys": { IDP: {} } })), "jwks_malformed"),
            (with(&good, json!({ "keys": { IDP: { "keys": [] } } })), "key_unknown"),
            (with(&good, json!({ "keys": { IDP: RSA.jwks() } })), "algorithm_not_allowed"),
            (token(json!({ "sub": "other" })), "verification_condition_false"),
            (token(json!({ "sub": null })), "verification_condition_error"),
            (token(json!({ "run": null })), "mapping_error"),
            (token(json!({ "iss": STS })), "issuer_wrong"),
            (form(json!({ "client_id": "app_2" })), "client_unknown"),
            (form(json!({ "application_federated_credential_name": "x" })), "credential_unknown"),
            (form(json!({ "application_federated_credential_name": "plant" })), "provider_kind"),
            (form(json!({ "scope": "api.example.com|write" })), "scope_not_granted"),
            (form(json!({ "scope": "read" })), "scope_malformed"),
            (form(json!({ "scope": "" })), "parameter_missing"),
            (form(json!({ "grant_type": "password" })), "unsupported_grant_type"),
            (form(json!({ "client_assertion_type": "x" })), "unsupported_assertion_type"),
            (form(json!({ "client_assertion": "x" })), "jws_malformed"),
            (with(&good, json!({ "form": {} })), "parameter_missing"),
            (form(json!({ "more": "is ignored" })), "accept"),
            // The client comes first: who it is does not depend on what its issuer publishes.
            (
                with(&form(json!({ "client_id": "app_2" })), json!({ "keys": { IDP: {} } })),
                "client_unknown",
            ),
            (form(json!({ "scope": 5 })), "error: form: invalid type: integer `5`"),
            (with(&good, json!({ "crls": ["AA=="] })), "crl_malformed"),
            (with(&good, json!({ "crls": [] })), "accept"),
            (policy_of(json!({ "version": 2 })), "error: /version: "),
            (policy_of(json!({ "colour": 2 })), "error: /colour: `colour` is not known here"),
            (
                with(&good, json!({ "policy": "no-such-file.yaml" })),
                "error: no-such-file.yaml: the file cannot be read",
            ),
            (
                with(&good, json!({ "policy": "{\"version\":1,\"version\":1}" })),
                "error: policy: json_duplicate_member",
            ),
            (with(&good, json!({ "policy": 1 })), "error: policy: neither an object nor a string"),
            (with(&good, json!({ "form": null })), "error: missing field `form`"),
        ],
    );
}

/// A parameter that is sent twice is a fault of the token request, which the batch only carries.
#[test]
fn a_parameter_that_is_sent_twice_is_refused() {
    let form = oidc_form(&oidc_token(json!({}))).to_string();
    let form = form.replacen('{', "{\"client_id\":\"app_1\",", 1);
    let policy = policy(&authority("Root"));
    let line = format!("{{\"id\":1,\"now\":{NOW},\"policy\":{policy},\"form\":{form}}}");
    let run = run(["proof", "verify", "--batch"], line.as_bytes());
    assert_eq!((run.status, word(&run.json()).as_str()), (0, "parameter_duplicated"));
}

#[test]
fn pca_proofs_are_consumed() {
    let root = authority("Root");
    let issuing = authority_below(&root, "Issuing");
    let worker = workload(&issuing, "worker-7", |_| {});
    let stranger = workload(&issuing, "worker-8", |_| {});
    let good = json!({
        "policy": policy(&root),
        "now": NOW,
        "form": pca_form(&worker, &issuing.pem(), json!({})),
    });
    let form = |form: Value| with(&good, json!({ "form": form }));
    let (answers, _) = batch("proof", std::slice::from_ref(&good));
    assert_eq!(answers[0]["subject"], "app_1");
    assert_eq!(answers[0]["scope"], "write");
    assert_eq!(answers[0]["consume"][0]["until"], "2026-11-24T12:10:31Z");
    let key = answers[0]["consume"][0]["key"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    check_table(
        "proof",
        &[
            (good.clone(), "accept"),
            // Requests of a batch do not know of each other.
            (good.clone(), "accept"),
            (with(&good, json!({ "consumed": [key] })), "proof_replayed"),
            (with(&good, json!({ "consumed": ["x"] })), "accept"),
            // What is refused anyway consumes nothing and is not called replayed.
            (with(&good, json!({ "consumed": [key], "now": NOW + 700 })), "expired"),
            (
                with(
                    &form(pca_form(&worker, &issuing.pem(), json!({ "jti": "j2" }))),
                    json!({ "consumed": [key] }),
                ),
                "accept",
            ),
            (form(pca_form(&worker, "", json!({}))), "path_not_found"),
            (form(pca_form(&stranger, &issuing.pem(), json!({}))), "verification_condition_false"),
            (
                form(with(&good["form"], json!({ "client_x509": stranger.certificate.pem() }))),
                "jws_signature_invalid",
            ),
            (form(pca_form(&worker, &issuing.pem(), json!({ "jti": null }))), "jti_missing"),
            (form(pca_form(&worker, &issuing.pem(), json!({ "sub": "app_2" }))), "subject_wrong"),
            (form(with(&good["form"], json!({ "client_x509": "x" }))), "pem_malformed"),
            (with(&good, json!({ "consumed": key })), "error: consumed: invalid type"),
        ],
    );
}

#[test]
fn one_request_from_files() {
    let folder = Folder::new();
    let root = authority("Root");
    let worker = workload(&root, "worker-7", |_| {});
    folder.file("root.pem", root.pem());
    let mut document = policy(&root);
    document["providers"]["plant"]["roots"] = json!([{ "file": "root.pem" }]);
    let policy = folder.file("policy.yaml", document.to_string());
    let server = json!({ "state_directory": "state" });
    let configuration = folder
        .file("credmint.yaml", json!({ "server": server, "policy": "policy.yaml" }).to_string());
    let form = folder.file("form.json", pca_form(&worker, "", json!({})).to_string());
    let verify = |policy: &str, form: &str, more: &[&str]| {
        let arguments = ["proof", "verify", "--policy", policy, "--form", form];
        credmint(arguments.iter().chain(more))
    };
    let now = ["--now", "2026-11-24T12:00:00Z"];
    for policy in [&policy, &configuration] {
        let run = verify(policy, &form, &now);
        assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("\n  subject    app_1\n"), "{}", run.stdout);
    }
    let run = verify(&policy, &form, &[]);
    assert_eq!(run.status, 1, "{}", run.stdout);

    let json = verify(&policy, &form, &[&now[..], &["--format", "json"]].concat()).json();
    let key = json["consume"][0]["key"].as_str().unwrap();
    let run = verify(&policy, &form, &[&now[..], &["--consumed", key]].concat());
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("refused at obligations: proof_replayed\n"), "{}", run.stdout);

    let token = folder.file("oidc.json", oidc_form(&oidc_token(json!({}))).to_string());
    let keys = folder.file("keys.json", json!({ IDP: EC.jwks() }).to_string());
    assert_eq!(verify(&policy, &token, &[&now[..], &["--keys", &keys]].concat()).status, 0);
    let run = verify(&policy, &token, &now);
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stdout,
        "refused at key_lookup: keys_unavailable
  The issuer keys could not be fetched, or are too old to be used.
  detail    the request brings no `keys` of this issuer (--keys FILE)
  found     https://idp.example.com
  rule      own rule
  at fault  environment
  fix       See the last fetch error; the issuer must be reachable from here.
"
    );
    let wrong = with(&oidc_form(&oidc_token(json!({ "sub": "other" }))), json!({}));
    let wrong = folder.file("wrong.json", wrong.to_string());
    let run = verify(&policy, &wrong, &[&now[..], &["--keys", &keys]].concat());
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stdout,
        "refused at verification_condition: verification_condition_false
  The credential's condition is false for this proof.
  expected  jwt.claims.sub == \"worker\"
  found     jwt.claims.sub \"other\"
  rule      own rule
  at fault  credential
  fix       Compare the condition with what was found; change the one that is wrong.
"
    );
    let run = verify(&policy, "no-such-file", &now);
    assert_eq!(run.status, 2);
    let broken =
        folder.file("broken.yaml", document.to_string().replace("\"version\":1", "\"version\":2"));
    let run = verify(&broken, &form, &now);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("broken.yaml:1:"), "{}", run.stderr);
}

#[test]
fn a_key_of_a_certificate_signs() {
    // The harness itself: the token of a workload verifies with the key that it shows.
    let worker = workload(&authority("Root"), "w", |_| {});
    let Key::Ec(_) = &worker.key else { panic!("another key") };
    let request = json!({ "jws": worker.key.token(json!({}), b"{}"), "key": worker.key.jwk() });
    check_table("jws", &[(request, "accept")]);
}
