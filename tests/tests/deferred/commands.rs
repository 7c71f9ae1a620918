//! Every verify command, and every vector, on a host whose back end defers all.

use crate::NOW;
use anyhow::{Context, Result, ensure};
use credmint_core::{ID_TOKEN_BEARER, base64};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::commands::{answers, deferred_answers, proof_request};
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::Form;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::PrivateCa;
use credmint_tests::vectors::{self, Vector};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A signature of the right form for P-256 that no key made.
const FORGED: [u8; 64] = [1; 64];

/// A good request and its twin with a bad signature, and the code of the latter.
fn requests() -> [(&'static str, Value, Value, &'static str); 5] {
    let key = TestKey::ec();
    let bare = |signature: &[u8]| {
        json!({
            "id": 0, "alg": "ES256", "key": key.bare_jwk(),
            "message_b64": base64::encode_standard(b"text"),
            "signature_b64": base64::encode_standard(signature),
        })
    };
    let claims = json!({
        "iss": "https://idp.example.com", "aud": "https://sts.example.com", "sub": "workload",
        "iat": NOW, "exp": NOW + 300,
    });
    let token = jwt::sign(&key, &json!({ "alg": "ES256", "kid": "a" }), &claims);
    let (input, _) = token.rsplit_once('.').expect("a token");
    let forged = format!("{input}.{}", base64::encode_url(&FORGED));
    let jws = |token: &str| json!({ "id": 0, "jws": token, "key": key.bare_jwk() });
    let ca = PrivateCa::new("Plant");
    let x509 = |leaf: &str| {
        json!({
            "id": 0, "leaf": leaf, "intermediates": [ca.intermediate_pem()],
            "anchors": [ca.root_pem()], "time": NOW,
        })
    };
    let foreign = ca.impostor().client("machine").certificate_pem();
    let signer = CloudSigner::ec2("eu-test-1");
    let cms = |by: &CloudSigner| {
        json!({
            "id": 0, "cms": base64::encode_standard(&by.sign(b"{}", &Form::ec2(NOW))),
            "signers": [signer.certificate_pem()], "profile": "amazon-ec2",
        })
    };
    let proof = |token: &str| proof(&key, token);
    [
        ("signature", bare(&key.sign("ES256", b"text")), bare(&FORGED), "signature_invalid"),
        ("jws", jws(&token), jws(&forged), "jws_signature_invalid"),
        (
            "x509",
            x509(&ca.client("machine").certificate_pem()),
            x509(&foreign),
            "path_signature_invalid",
        ),
        ("cms", cms(&signer), cms(&signer.impostor()), "cms_signature_invalid"),
        ("proof", proof(&token), proof(&forged), "jws_signature_invalid"),
    ]
}

/// A request whose keys are fetched, so that both things are wanted in turn.
fn proof(key: &TestKey, token: &str) -> Value {
    let provider = json!({
        "type": "oidc", "issuer": "https://idp.example.com",
        "audiences": ["https://sts.example.com"], "keys": { "discovery": true },
    });
    let credential = json!({ "condition": "jwt.claims.sub == \"workload\"" });
    let mut request = proof_request(&provider, &credential, (ID_TOKEN_BEARER, token), NOW);
    request["keys"] = json!({ "https://idp.example.com": { "keys": [key.jwk("a")] } });
    request
}

#[test]
fn no_command_accepts_what_nobody_answered() -> Result<()> {
    for (command, good, bad, code) in requests() {
        let both = [good, bad];
        let at_once = answers(command, &both)?;
        ensure!(at_once[0]["verdict"] == "accept", "{command}: {}", at_once[0]);
        ensure!(at_once[1]["code"] == code, "{command}: {}", at_once[1]);
        for answer in deferred_answers(command, &both, None)? {
            ensure!(answer["verdict"] == "refuse", "{command}: {answer}");
            ensure!(answer["code"] == "internal_error", "{command}: {answer}");
        }
        let later = deferred_answers(command, &both, Some(&RustCrypto))?;
        ensure!(later == at_once, "{command}: {later:?}");
    }
    Ok(())
}

#[test]
fn every_vector_has_its_record_where_signatures_are_deferred() -> Result<()> {
    let mut commands: BTreeMap<String, Vec<Vector>> = BTreeMap::new();
    for vector in vectors::all()? {
        commands.entry(vector.command.clone()).or_default().push(vector);
    }
    for (command, vectors) in &commands {
        let requests: Vec<_> = vectors.iter().map(|vector| vector.request.clone()).collect();
        let answers = deferred_answers(command, &requests, Some(&RustCrypto))?;
        ensure!(answers.len() == vectors.len(), "{command}: {} answers", answers.len());
        for (vector, answer) in vectors.iter().zip(&answers) {
            let (answer, expect) = (answer.to_string(), vector.expect.to_string());
            ensure!(answer == expect, "{}: {answer}\nnot {expect}", vector.name);
        }
        // Without answers nothing that rests on a signature is accepted.
        for (vector, answer) in vectors.iter().zip(deferred_answers(command, &requests, None)?) {
            let verdict = answer["verdict"].as_str().context("a verdict")?;
            ensure!(verdict != "accept", "{}: {answer}", vector.name);
        }
    }
    Ok(())
}
