//! `credmint signature verify`.

use crate::harness::{
    EC, Folder, OTHER_EC, RSA, batch, check_table, credmint, shared_data, with, word,
};
use credmint_core::base64;
use credmint_core::signature::der_from_fixed;
use serde_json::{Value, json};

#[test]
fn signatures() {
    let message = b"message";
    let ec = json!({
        "alg": "ES256",
        "key": EC.spki(),
        "message_b64": base64::encode_standard(message),
        "signature_b64": base64::encode_standard(&EC.sign(message)),
    });
    let rsa = json!({
        "alg": "RS256",
        "key": RSA.spki(),
        "message_b64": base64::encode_standard(message),
        "signature_b64": base64::encode_standard(&RSA.sign(message)),
    });
    let der = base64::encode_standard(&der_from_fixed(&EC.sign(message)).unwrap());
    let encoded = with(&ec, json!({ "encoding": "der", "signature_b64": der }));
    let jwk_of = |alg: &str| with(&RSA.jwk(), json!({ "alg": alg }));
    // RFC 8032 section 7.1, test 1.
    let ed25519 = json!({
        "alg": "EdDSA",
        "key": "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "message_b64": "",
        "signature_b64": "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
    });
    let ed25519_jwk = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    check_table(
        "signature",
        &[
            (ec.clone(), "accept"),
            (with(&ec, json!({ "key": EC.pem() })), "accept"),
            (with(&ec, json!({ "key": EC.jwk() })), "accept"),
            (with(&ec, json!({ "encoding": "jose", "hash": "SHA-256", "allow": [] })), "accept"),
            (with(&ec, json!({ "key": OTHER_EC.spki() })), "signature_invalid"),
            (with(&ec, json!({ "message_b64": "" })), "signature_invalid"),
            (with(&ec, json!({ "hash": "SHA-512" })), "signature_invalid"),
            (with(&ec, json!({ "hash": "SHA-1" })), "unsupported_hash"),
            (with(&ec, json!({ "hash": "SHA3-256" })), "unsupported_hash"),
            (with(&ec, json!({ "encoding": "der" })), "signature_malformed"),
            (encoded.clone(), "accept"),
            (with(&encoded, json!({ "encoding": null })), "signature_malformed"),
            (with(&ec, json!({ "signature_b64": "" })), "signature_malformed"),
            (with(&ec, json!({ "signature_b64": "AA" })), "parameter_invalid"),
            (with(&ec, json!({ "message_b64": "-_==" })), "parameter_invalid"),
            (with(&ec, json!({ "key": "AA==" })), "key_malformed"),
            (with(&ec, json!({ "key": {} })), "key_malformed"),
            (with(&ec, json!({ "key": RSA.spki() })), "algorithm_not_allowed"),
            (with(&ec, json!({ "alg": "ES384" })), "algorithm_not_allowed"),
            (rsa.clone(), "accept"),
            (with(&rsa, json!({ "key": jwk_of("RS256") })), "accept"),
            (with(&rsa, json!({ "key": jwk_of("RS512") })), "algorithm_not_allowed"),
            (with(&rsa, json!({ "hash": "SHA-256" })), "accept"),
            (with(&rsa, json!({ "hash": "SHA-512" })), "unsupported_hash"),
            (with(&rsa, json!({ "alg": "RS512" })), "signature_invalid"),
            (with(&rsa, json!({ "alg": "RS512", "key": RSA.jwk() })), "signature_invalid"),
            (with(&rsa, json!({ "alg": "PS256" })), "signature_invalid"),
            (with(&rsa, json!({ "alg": "PS256", "hash": "SHA-384" })), "unsupported_hash"),
            (
                with(&rsa, json!({ "alg": "PS256", "key": jwk_of("RS256") })),
                "algorithm_not_allowed",
            ),
            (with(&rsa, json!({ "alg": "HS256" })), "unsupported_algorithm"),
            (with(&rsa, json!({ "alg": "EdDSA", "key": { "kty": "OKP" } })), "key_malformed"),
            (with(&rsa, json!({ "alg": "ES256K" })), "unsupported_algorithm"),
            (with(&rsa, json!({ "alg": "Ed25519" })), "algorithm_not_allowed"),
            (with(&rsa, json!({ "alg": "EdDSA" })), "algorithm_not_allowed"),
            (ed25519.clone(), "accept"),
            (with(&ed25519, json!({ "key": ed25519_jwk })), "accept"),
            (with(&ed25519, json!({ "encoding": "der" })), "accept"),
            (with(&ed25519, json!({ "hash": "SHA-512" })), "unsupported_hash"),
            (with(&ed25519, json!({ "message_b64": "AAAA" })), "signature_invalid"),
            (with(&ed25519, json!({ "signature_b64": "AAAA" })), "signature_malformed"),
            (with(&ed25519, json!({ "alg": "ES256" })), "algorithm_not_allowed"),
            (with(&ec, json!({ "key": { "kty": "EC", "crv": "P-521" } })), "key_malformed"),
            (with(&ec, json!({ "key": { "kty": "EC", "crv": "secp256k1" } })), "unsupported_key"),
            (with(&ec, json!({ "encoding": "ber" })), "error: encoding: unknown variant `ber`"),
            (with(&ec, json!({ "allow": ["md5"] })), "error: allow: unknown variant `md5`"),
            (with(&ec, json!({ "key": 1 })), "error: key: neither an object nor a string"),
            (with(&ec, json!({ "message_b64": null })), "error: missing field `message_b64`"),
        ],
    );
}

#[test]
fn one_signature_from_files() {
    let folder = Folder::new();
    let key = folder.file("key.pem", EC.pem());
    let message = folder.file("message", b"0\xff binary");
    let signature = folder.file("signature", EC.sign(b"0\xff binary"));
    let verify = |alg: &str, signature: &str| {
        credmint([
            "signature",
            "verify",
            "--alg",
            alg,
            "--key",
            &key,
            "--message",
            &message,
            "--signature",
            signature,
        ])
    };
    let run = verify("ES256", &signature);
    assert_eq!((run.status, run.stdout.as_str()), (0, "accepted\n  alg  ES256\n  hash SHA-256\n"));
    assert_eq!(verify("ES256", &message).status, 1);
    assert_eq!(verify("ES512", &signature).status, 1);
}

/// Signatures of Project Wycheproof. The suite as a whole runs against the back ends; this is about the command.
#[test]
fn signatures_of_wycheproof() {
    let Some(data) = shared_data() else { return };
    let check = |file: &str, alg: &str, encoding: &str, expect: fn(&Value) -> &'static str| {
        let text = std::fs::read(data.join("wycheproof").join(file)).unwrap();
        let suite: Value = serde_json::from_slice(&text).unwrap();
        let mut requests = Vec::new();
        let mut cases = Vec::new();
        for group in suite["testGroups"].as_array().unwrap() {
            for case in group["tests"].as_array().unwrap() {
                requests.push(json!({
                    "id": format!("{}/{}", file, case["tcId"]),
                    "alg": alg,
                    "hash": group["sha"],
                    "encoding": encoding,
                    "key": group["publicKeyPem"],
                    "message_b64": bytes(&case["msg"]),
                    "signature_b64": bytes(&case["sig"]),
                    "allow": ["rsa-8192"],
                }));
                cases.push(case);
            }
        }
        let (answers, status) = batch("signature", &requests);
        assert_eq!(status, 0, "{file}");
        for (answer, case) in answers.iter().zip(cases) {
            let (word, expect) = (word(answer), expect(case));
            let good = if expect == "refuse" { word != "accept" } else { word == expect };
            assert!(good, "{file}: {word}, not {expect}: {case}");
        }
    };
    let verdict = |case: &Value| if case["result"] == "valid" { "accept" } else { "refuse" };
    check("ecdsa_secp256r1_sha256_test.json", "ES256", "der", verdict);
    check("ecdsa_secp256r1_sha512_p1363_test.json", "ES256", "jose", verdict);
    check("ecdsa_secp384r1_sha256_test.json", "ES384", "der", verdict);
    check("rsa_signature_4096_sha384_test.json", "RS384", "jose", verdict);
    check("rsa_signature_8192_sha256_test.json", "RS256", "jose", verdict);
    check("ecdsa_secp521r1_sha512_test.json", "ES512", "der", verdict);
    check("ecdsa_secp521r1_sha512_p1363_test.json", "ES512", "jose", verdict);
    check("ecdsa_secp521r1_sha512_test.json", "ES256", "der", |_| "algorithm_not_allowed");
    check("ecdsa_secp256k1_sha256_p1363_test.json", "ES256", "jose", |_| "unsupported_key");
    check("ed25519_test.json", "EdDSA", "jose", verdict);
    check("ed448_test.json", "EdDSA", "jose", |_| "unsupported_key");
    check("rsa_pss_2048_sha256_mgf1_32_test.json", "PS256", "jose", verdict);
    // Signatures without a salt, and one that has the salt of PS256 against the parameters of the file.
    check("rsa_pss_2048_sha256_mgf1_0_test.json", "PS256", "jose", |case| {
        if case["comment"] == "s_len changed to 32" { "accept" } else { "refuse" }
    });
    check("rsa_pss_2048_sha256_mgf1_32_params_test.json", "PS256", "jose", |_| "unsupported_key");
}

/// Base64 of hexadecimal digits.
fn bytes(hex: &Value) -> String {
    let hex = hex.as_str().unwrap();
    let digits = (0..hex.len()).step_by(2);
    let bytes: Vec<u8> =
        digits.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    base64::encode_standard(&bytes)
}
