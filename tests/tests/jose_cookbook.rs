//! The examples of the specifications: RFC 7515 appendix A, RFC 7520 (the cookbook), RFC 7797 and RFC 8037. Those
//! that are signed by an offered algorithm in the compact serialisation are accepted, the others refused, by name.

use anyhow::{Context, Result};
use credmint_aws_lc::AwsLc;
use credmint_core::jose::{JwkSet, Thumbprint, UnverifiedJws, VerificationKey};
use credmint_core::signature::{RsaLimit, SignatureProvider};
use credmint_core::{Code, Refusal, Stop, base64, json};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PROVIDERS: [(&str, SignatureProvider<'static>); 2] = [
    ("issuer's back ends", SignatureProvider { backends: &[&AwsLc, &RustCrypto] }),
    ("pure Rust", SignatureProvider { backends: &[&RustCrypto] }),
];

/// The compact form of each example, and what becomes of it. An example without one has the JSON form alone.
const EXAMPLES: &[(&str, Result<(), Code>)] = &[
    ("jws/4_1.rsa_v15_signature.json", Ok(())),
    ("jws/4_2.rsa-pss_signature.json", Ok(())),
    ("jws/4_3.ecdsa_signature.json", Ok(())),
    ("jws/4_4.hmac-sha2_integrity_protection.json", Err(Code::UnsupportedAlgorithm)),
    // The content is beside the token, and the key is a secret.
    ("jws/4_5.signature_with_detached_content.json", Err(Code::UnsupportedAlgorithm)),
    ("jws/4_6.protecting_specific_header_fields.json", Err(Code::JwsMalformed)),
    ("jws/4_7.protecting_content_only.json", Err(Code::JwsMalformed)),
    ("jws/4_8.multiple_signatures.json", Err(Code::JwsMalformed)),
    ("curve25519/jws.json", Ok(())),
    // Key agreement: a token that is encrypted.
    ("curve25519/ecdh-es.json", Err(Code::JwsEncrypted)),
    ("rfc7797/4.2.hmac-sha2_b64_false.json", Err(Code::JwsMalformed)),
    ("rfc7797/hmac-sha2_b64_false.json", Err(Code::JwsCritical)),
];

/// What becomes of each key when it is in a set. The private ones are refused there: they are published.
const KEYS: &[(&str, Result<(), Code>)] = &[
    ("jwk/3_1.ec_public_key.json", Ok(())),
    ("jwk/3_2.ec_private_key.json", Err(Code::JwksEmpty)),
    ("jwk/3_3.rsa_public_key.json", Ok(())),
    ("jwk/3_4.rsa_private_key.json", Err(Code::JwksEmpty)),
    ("jwk/3_5.symmetric_key_mac_computation.json", Err(Code::UnsupportedKey)),
    ("jwk/3_6.symmetric_key_encryption.json", Err(Code::JwksEmpty)),
];

fn read(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

/// The public half of an example's key, with the algorithm that the example is about.
fn key(jwk: &Value, alg: &str) -> Option<VerificationKey> {
    let mut jwk = jwk.clone();
    jwk.as_object_mut()?.insert("alg".to_owned(), alg.into());
    let jwk = json::parse_object(jwk.to_string().as_bytes()).ok()?;
    VerificationKey::from_jwk(&jwk, &[], RsaLimit::Standard).ok()
}

/// A key that changes nothing, where the example's own cannot be one.
fn any_key() -> VerificationKey {
    let x = "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY";
    let y = "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
    let jwk = serde_json::json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    key(&jwk, "ES256").expect("the base point")
}

fn verify(
    token: &str,
    key: &VerificationKey,
    provider: SignatureProvider<'_>,
) -> Result<Vec<u8>, Refusal> {
    let verified = UnverifiedJws::parse(token)?.verify_with(key, provider);
    Ok(verified.map_err(Stop::into_refusal)?.payload().to_vec())
}

#[test]
fn every_example_of_the_cookbook() -> Result<()> {
    let Some(folder) = shared_data::folder("jose-cookbook") else { return Ok(()) };
    for (file, expect) in EXAMPLES {
        let example = read(&folder.join(file))?;
        let output = &example["output"];
        let token = match &output["compact"] {
            Value::String(compact) => compact.clone(),
            // The flattened or general form as it is.
            _ => output.to_string(),
        };
        let alg = example["input"]["alg"].as_str().unwrap_or_default();
        let key = key(&example["input"]["key"], alg).unwrap_or_else(any_key);
        for (name, provider) in PROVIDERS {
            let result = verify(&token, &key, provider);
            let codes = result.as_ref().map(|_| ()).map_err(Refusal::code);
            assert_eq!(codes, *expect, "{file}, {name}: {result:?}");
            if let Ok(payload) = result {
                assert_eq!(
                    example["input"]["payload"].as_str().map(str::as_bytes),
                    Some(&*payload)
                );
            }
        }
        println!("{file}: {}", expect.map_or_else(Code::as_str, |()| "accepted"));
    }
    Ok(())
}

#[test]
fn every_file_of_the_cookbook_is_named_here() -> Result<()> {
    let Some(folder) = shared_data::folder("jose-cookbook") else { return Ok(()) };
    let mut files = Vec::new();
    for part in ["curve25519", "jwk", "jws", "rfc7797"] {
        for entry in fs::read_dir(folder.join(part))? {
            files.push(format!("{part}/{}", entry?.file_name().display()));
        }
    }
    let mut named: Vec<&str> = EXAMPLES.iter().chain(KEYS).map(|(file, _)| *file).collect();
    files.sort();
    named.sort_unstable();
    assert_eq!(files, named);
    Ok(())
}

#[test]
fn every_key_of_the_cookbook() -> Result<()> {
    let Some(folder) = shared_data::folder("jose-cookbook") else { return Ok(()) };
    for (file, expect) in KEYS {
        let set = serde_json::json!({ "keys": [read(&folder.join(file))?] });
        let result = JwkSet::parse(set.to_string().as_bytes(), &[]);
        let codes = result.as_ref().map(|_| ()).map_err(Refusal::code);
        assert_eq!(codes, *expect, "{file}: {result:?}");
    }
    Ok(())
}

/// A key and its private twin are one key, with one thumbprint.
#[test]
fn thumbprints_are_those_of_the_public_half() -> Result<()> {
    let Some(folder) = shared_data::folder("jose-cookbook") else { return Ok(()) };
    let mut prints: BTreeMap<Thumbprint, Vec<&str>> = BTreeMap::new();
    for (file, alg) in [
        ("jwk/3_1.ec_public_key.json", "ES512"),
        ("jwk/3_2.ec_private_key.json", "ES512"),
        ("jwk/3_3.rsa_public_key.json", "RS256"),
        ("jwk/3_4.rsa_private_key.json", "RS256"),
    ] {
        let key = key(&read(&folder.join(file))?, alg).context("a key")?;
        prints.entry(key.thumbprint()).or_default().push(alg);
    }
    let twins: Vec<_> = prints.into_values().collect();
    assert!(twins.contains(&vec!["ES512"; 2]) && twins.contains(&vec!["RS256"; 2]), "{twins:?}");
    Ok(())
}

/// RFC 7515 appendix A, by the values that it prints.
#[test]
fn the_examples_of_rfc_7515() {
    let check = |name: &str, token: &str, jwk: &str, expect: Result<(), Code>| {
        let jwk: Value = serde_json::from_str(jwk).expect("the key of the example");
        let key = key(&jwk, jwk["alg"].as_str().unwrap_or_default()).unwrap_or_else(any_key);
        for (host, provider) in PROVIDERS {
            let result =
                verify(token, &key, provider).map(|_| ()).map_err(|refusal| refusal.code());
            assert_eq!(result, expect, "{name}, {host}");
        }
    };
    const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let a1 = format!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    check("A.1, HS256", &a1, "{}", Err(Code::UnsupportedAlgorithm));
    let a2 = format!(
        "eyJhbGciOiJSUzI1NiJ9.{CLAIMS}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let rsa = r#"{"kty":"RSA","alg":"RS256","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
    check("A.2, RS256", &a2, rsa, Ok(()));
    let a3 = format!(
        "eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let p256 = r#"{"kty":"EC","alg":"ES256","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    check("A.3, ES256", &a3, p256, Ok(()));
    let a4 = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let p521 = r#"{"kty":"EC","alg":"ES512","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#;
    check("A.4, ES512", a4, p521, Ok(()));
    check("A.5, none", &format!("eyJhbGciOiJub25lIn0.{CLAIMS}."), "{}", Err(Code::JwsMalformed));
    // A.6, the JSON form.
    let json = format!(r#"{{"payload":"{CLAIMS}","signatures":[]}}"#);
    check("A.6, JSON", &json, "{}", Err(Code::JwsMalformed));
    // Appendix E: extensions that must be understood and are not.
    let header = base64::encode_url(br#"{"alg":"none","crit":["http://example.com/UNDEFINED"],"http://example.com/UNDEFINED":true}"#);
    check("E, crit", &format!("{header}.RkFJTA.AA"), "{}", Err(Code::JwsCritical));
    // Appendix F: content that travels beside the token is not signed for us.
    let (head, signature) = (a3.split('.').next(), a3.rsplit('.').next());
    let detached = format!("{}..{}", head.unwrap_or_default(), signature.unwrap_or_default());
    check("F, detached", &detached, p256, Err(Code::JwsSignatureInvalid));
}
