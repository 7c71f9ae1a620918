//! One verdict everywhere: whatever the public suites ask, the native command with either back end and the
//! WebAssembly build answer with the same bytes.
//!
//! Whether the answers are right is the business of the suites' own tests; that each kind of verdict occurs shows
//! that the requests mean something.

use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use credmint_tests::commands::same_everywhere;
use credmint_tests::shared_data;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Compares the records of all hosts and prints how many there are of each verdict.
fn compare(command: &str, requests: &[Value]) -> Result<()> {
    let answers = same_everywhere(command, requests)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in &answers {
        *counts.entry(answer["verdict"].as_str().context("verdict")?).or_default() += 1;
    }
    println!("{command}: {counts:?}");
    for verdict in ["accept", "refuse"] {
        ensure!(counts.contains_key(verdict), "{command}: nothing has the verdict {verdict}");
    }
    ensure!(!counts.contains_key("error"), "{command}: requests are not understood");
    Ok(())
}

fn read_json(path: &Path) -> Result<Value> {
    serde_json::from_slice(&fs::read(path)?).with_context(|| path.display().to_string())
}

fn bytes_of_hex(hex: &Value) -> Result<Vec<u8>> {
    let digits = hex.as_str().context("hex")?.as_bytes();
    digits.chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

fn base64_of_hex(hex: &Value) -> Result<String> {
    Ok(Base64::encode_string(&bytes_of_hex(hex)?))
}

/// The JOSE algorithm of a group of signatures, if there is one.
fn algorithm(group: &Value) -> Option<(&'static str, &'static str)> {
    let hash = group["sha"].as_str().unwrap_or_default();
    let encoding = match group["type"].as_str()? {
        "EcdsaVerify" => "der",
        _ => "jose",
    };
    let name = match (group["type"].as_str()?, hash) {
        ("RsassaPkcs1Verify" | "RsassaPkcs1Generate", "SHA-256") => "RS256",
        ("RsassaPkcs1Verify" | "RsassaPkcs1Generate", "SHA-384") => "RS384",
        ("RsassaPkcs1Verify" | "RsassaPkcs1Generate", "SHA-512") => "RS512",
        ("RsassaPssVerify" | "RsassaPssWithParametersVerify", "SHA-256") => "PS256",
        ("RsassaPssVerify" | "RsassaPssWithParametersVerify", "SHA-384") => "PS384",
        ("RsassaPssVerify" | "RsassaPssWithParametersVerify", "SHA-512") => "PS512",
        ("EddsaVerify", _) => "EdDSA",
        ("EcdsaVerify" | "EcdsaP1363Verify", _) => match group["publicKey"]["curve"].as_str()? {
            "secp256r1" => "ES256",
            "secp384r1" => "ES384",
            "secp521r1" => "ES512",
            _ => return None,
        },
        _ => return None,
    };
    Some((name, encoding))
}

/// The key of a group. Of one that is bound to parameters of PSS, which is refused as it is written, the integers.
fn key(group: &Value) -> Result<Value> {
    if group["type"] != "RsassaPssWithParametersVerify" {
        let spki =
            [&group["publicKeyDer"], &group["keyDer"]].into_iter().find(|der| !der.is_null());
        return Ok(base64_of_hex(spki.context("a key")?)?.into());
    }
    let integer = |member: &str| -> Result<String> {
        let bytes = bytes_of_hex(&group["publicKey"][member])?;
        let start = bytes.iter().position(|byte| *byte != 0).context("zero")?;
        Ok(Base64UrlUnpadded::encode_string(bytes.get(start..).unwrap_or_default()))
    };
    Ok(json!({ "kty": "RSA", "n": integer("modulus")?, "e": integer("publicExponent")? }))
}

#[test]
fn signatures() -> Result<()> {
    let Some(folder) = shared_data::folder("wycheproof") else { return Ok(()) };
    let mut requests = Vec::new();
    for path in shared_data::files(&folder)?
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let file = read_json(path)?;
        for group in file["testGroups"].as_array().context("testGroups")? {
            let Some((alg, encoding)) = algorithm(group) else { continue };
            let hash = group["sha"].as_str().filter(|_| alg.starts_with("ES"));
            let key = key(group)?;
            for case in group["tests"].as_array().context("tests")? {
                requests.push(json!({
                    "id": requests.len(), "alg": alg, "hash": hash, "encoding": encoding, "key": key,
                    "message_b64": base64_of_hex(&case["msg"])?,
                    "signature_b64": base64_of_hex(&case["sig"])?, "allow": ["rsa-8192"],
                }));
            }
        }
    }
    compare("signature", &requests)
}

/// The algorithm and the hash of a known answer; none for SHA-1 and DSA, which the command does not offer.
fn known_algorithm(case: &Value) -> Option<(&'static str, Value)> {
    let hash = &case["hash"];
    Some(match (case["primitive"].as_str()?, hash.as_str().unwrap_or_default()) {
        ("RSA", "SHA-256") => ("RS256", Value::Null),
        ("RSA", "SHA-384") => ("RS384", Value::Null),
        ("RSA", "SHA-512") => ("RS512", Value::Null),
        ("RSA-PSS", "SHA-256") => ("PS256", Value::Null),
        ("RSA-PSS", "SHA-384") => ("PS384", Value::Null),
        ("RSA-PSS", "SHA-512") => ("PS512", Value::Null),
        ("P-256", _) => ("ES256", hash.clone()),
        ("P-384", _) => ("ES384", hash.clone()),
        ("P-521", _) => ("ES512", hash.clone()),
        ("Ed25519", _) => ("EdDSA", Value::Null),
        _ => return None,
    })
}

/// The suite that every signature back end passes, here with the checks of form before it.
#[test]
fn known_answers() -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/signature/known-answers.json");
    let (mut requests, mut expected) = (Vec::new(), Vec::new());
    for case in read_json(&file)?.as_array().context("cases")? {
        let Some((alg, hash)) = known_algorithm(case) else { continue };
        requests.push(json!({
            "id": case["name"], "alg": alg, "hash": hash, "key": case["key"],
            "message_b64": case["message"], "signature_b64": case["signature"], "allow": ["rsa-8192"],
        }));
        expected.push(match case["verdict"].as_str().context("verdict")? {
            "good" => Value::Null,
            "bad" => "signature_invalid".into(),
            "malformed" => "signature_malformed".into(),
            "weak" => "key_weak".into(),
            _ => "key_malformed".into(),
        });
    }
    for (answer, code) in same_everywhere("signature", &requests)?.iter().zip(&expected) {
        ensure!(answer["code"] == *code, "{answer}, not {code}");
    }
    ensure!(requests.len() > 250, "{} cases", requests.len());
    Ok(())
}

#[test]
fn tokens() -> Result<()> {
    let Some(folder) = shared_data::folder("wycheproof") else { return Ok(()) };
    let mut requests = Vec::new();
    for name in
        ["json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"]
    {
        let file = read_json(&folder.join(name))?;
        for group in file["testGroups"].as_array().context("testGroups")? {
            let key = if group["public"].is_null() { &group["private"] } else { &group["public"] };
            let member = if key["keys"].is_array() { "jwks" } else { "key" };
            for case in group["tests"].as_array().context("tests")? {
                let Some(token) = case["jws"].as_str() else { continue };
                requests.push(json!({ "id": requests.len(), "jws": token, member: key }));
            }
        }
    }
    compare("jws", &requests)
}

#[test]
fn paths() -> Result<()> {
    let Some(limbo) = shared_data::folder("x509-limbo") else { return Ok(()) };
    let Some(pkits) = shared_data::folder("pkits") else { return Ok(()) };
    let mut requests = Vec::new();
    for case in
        read_json(&limbo.join("limbo.json"))?["testcases"].as_array().context("testcases")?
    {
        requests.push(json!({
            "id": case["id"], "leaf": case["peer_certificate"],
            "intermediates": case["untrusted_intermediates"], "anchors": case["trusted_certs"],
            "time": case["validation_time"], "max_depth": case["max_chain_depth"],
            "extended_key_usages": ["any"],
        }));
    }
    let pem = |kind: &str, name: &Value| -> Result<Value> {
        let bytes = fs::read(pkits.join(kind).join(name.as_str().context("a name")?))?;
        Ok(Base64::encode_string(&bytes).into())
    };
    for case in read_json(&pkits.join("cases.json"))?["cases"].as_array().context("cases")? {
        let mut chain = Vec::new();
        for name in case["certs"].as_array().context("certs")? {
            chain.push(pem("certs", name)?);
        }
        let leaf = chain.pop().context("a target")?;
        let anchor = chain.remove(0);
        requests.push(json!({
            "id": case["test_number"], "leaf": leaf, "intermediates": chain, "anchors": [anchor],
            "time": "2011-04-15T00:00:00Z", "extended_key_usages": ["any"],
        }));
    }
    compare("x509", &requests)
}

#[test]
fn messages() -> Result<()> {
    let (Some(clouds), Some(signers)) =
        (shared_data::folder("cms-realworld"), shared_data::folder("cloud-certs"))
    else {
        return Ok(());
    };
    let mut requests = Vec::new();
    let manifest = read_json(&clouds.join("manifest.json"))?;
    let files_of = |name: &str| -> Result<Vec<PathBuf>> {
        shared_data::folder(name)
            .map_or_else(|| Ok(Vec::new()), |folder| Ok(shared_data::files(&folder)?))
    };
    for case in manifest["cases"].as_array().context("cases")? {
        let message = fs::read(clouds.join(case["file"].as_str().context("file")?))?;
        let trust = trust(case, &signers)?;
        // The message as it is, and with each of its bytes changed.
        for at in 0..=message.len() {
            let mut message = message.clone();
            if let Some(byte) = message.get_mut(at) {
                *byte ^= 1;
            }
            let mut request = trust.clone();
            request["id"] = requests.len().into();
            request["cms"] = Base64::encode_string(&message).into();
            requests.push(request);
        }
    }
    let signer = fs::read_to_string(signers.join("aws/rsa2048/us-east-1.pem"))?;
    for folder in ["rustcrypto-formats", "asn1crypto", "pyca", "cms-generic"] {
        for file in files_of(folder)? {
            let bytes = fs::read(&file)?;
            let text = match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => Base64::encode_string(error.as_bytes()),
            };
            requests.push(json!({ "id": requests.len(), "cms": text, "signers": [signer] }));
        }
    }
    compare("cms", &requests)
}

/// A request without its message: whom it believes. A case names its signer, or the root that it is led to.
fn trust(case: &Value, certificates: &Path) -> Result<Value> {
    let read = |member: &str| -> Result<String> {
        let file = case[member].as_str().with_context(|| member.to_owned())?;
        Ok(fs::read_to_string(certificates.join(file))?)
    };
    let Some(signer) = case["signer"].as_str() else {
        return Ok(json!({
            "anchors": [read("anchor")?], "intermediates": [read("intermediate")?],
            "profile": case["profile"], "time": case["time"],
        }));
    };
    let profile = if signer.starts_with("alibaba") { "alibaba-ecs" } else { "amazon-ec2" };
    Ok(json!({ "signers": [read("signer")?], "profile": profile, "time": "2026-11-24T12:00:00Z" }))
}
