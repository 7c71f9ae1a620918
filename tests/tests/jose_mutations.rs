//! One byte is enough: every token of the vectors that is accepted is refused when one byte of its header, its
//! payload, its signature or its key is another.

use anyhow::{Context, Result};
use credmint_aws_lc::AwsLc;
use credmint_core::jose::{
    Algorithm, AlgorithmSet, JwkSet, UnverifiedJws, VerificationKey, VerifiedJws,
};
use credmint_core::signature::{PublicKey, RsaLimit, SignatureProvider};
use credmint_core::{Fault, Refusal, Stop, base64, json};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::vectors;
use serde_json::Value;
use std::collections::BTreeSet;

const SIGNATURES: SignatureProvider<'static> =
    SignatureProvider { backends: &[&AwsLc, &RustCrypto] };

/// A request that is accepted.
struct Case {
    name: String,
    token: String,
    request: Value,
}

/// Every token that is accepted, once.
fn cases() -> Result<Vec<Case>> {
    let mut seen = BTreeSet::new();
    let accepted = vectors::all()?.into_iter().filter(|vector| {
        let is_token = vector.command == "jws" && vector.expect["verdict"] == "accept";
        is_token && seen.insert(vector.request["jws"].to_string())
    });
    accepted
        .map(|vector| {
            let token = vector.request["jws"].as_str().context("a token")?.to_owned();
            Ok(Case { name: vector.name, token, request: vector.request })
        })
        .collect()
}

/// The keys of a request, as the command reads them.
fn read_keys(request: &Value) -> Result<JwkSet, Refusal> {
    let names = request["algorithms"].as_array().into_iter().flatten();
    let listed: Vec<Algorithm> =
        names.filter_map(|name| Algorithm::from_name(name.as_str()?)).collect();
    let (key, set) = match &request["key"] {
        Value::Null => return JwkSet::parse(request["jwks"].to_string().as_bytes(), &listed),
        Value::String(spki) => {
            let der = base64::decode_standard(spki.as_bytes()).unwrap_or_default();
            let key = PublicKey::from_spki_der(&der, RsaLimit::Standard)?;
            let set = match listed.as_slice() {
                [] => AlgorithmSet::default_of(key.kind()),
                listed => listed.iter().copied().collect(),
            };
            (key, set)
        }
        jwk => {
            let jwk = json::parse_object(jwk.to_string().as_bytes())?;
            let key = VerificationKey::from_jwk(&jwk, &listed, RsaLimit::Standard)?;
            (key.key().clone(), key.algorithms())
        }
    };
    JwkSet::from_keys(vec![VerificationKey::new(key, set, None)])
}

fn verify(token: &str, keys: &JwkSet) -> Result<VerifiedJws, Refusal> {
    UnverifiedJws::parse(token)?.verify(keys, SIGNATURES).map_err(Stop::into_refusal)
}

/// Who is to blame for a refusal: nothing may fail for want of a back end, or by a fault of ours.
fn fault(result: Result<VerifiedJws, Refusal>) -> Option<Fault> {
    result.err().map(|refusal| refusal.code().fault())
}

/// Every byte with one bit turned over, another one each time.
fn mutations(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).map(|place| {
        let mut changed = bytes.to_vec();
        changed[place] ^= 1 << (place % 8);
        changed
    })
}

#[test]
fn no_byte_of_a_token_can_be_another() -> Result<()> {
    let mut tried = 0;
    for Case { name, token, request } in cases()? {
        let keys = read_keys(&request).with_context(|| name.clone())?;
        verify(&token, &keys).with_context(|| name.clone())?;
        let parts: Vec<&str> = token.split('.').collect();
        for place in 0..parts.len() {
            let bytes = base64::decode_url(parts[place].as_bytes()).context("base64url")?;
            for changed in mutations(&bytes) {
                let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                parts[place] = base64::encode_url(&changed);
                let fault = fault(verify(&parts.join("."), &keys));
                // Another `kid` in the header may be one that the issuer has yet to publish.
                let names_a_key = place == 0 && fault == Some(Fault::Keys);
                assert!(
                    fault == Some(Fault::Credential) || names_a_key,
                    "{name}: part {place}: {fault:?}"
                );
                tried += 1;
            }
        }
    }
    println!("{tried} tokens with another byte, all refused");
    assert!(tried > 10_000);
    Ok(())
}

/// The text of a token, too: no letter can be another, so no two letters mean the same.
#[test]
fn no_letter_of_a_token_can_be_another() -> Result<()> {
    let mut tried = 0;
    for Case { name, token, request } in cases()?.into_iter().step_by(7) {
        let keys = read_keys(&request).with_context(|| name.clone())?;
        for changed in mutations(token.as_bytes()) {
            let Ok(changed) = String::from_utf8(changed) else { continue };
            assert_eq!(
                fault(verify(&changed, &keys)),
                Some(Fault::Credential),
                "{name}: {changed}"
            );
            tried += 1;
        }
    }
    println!("{tried} tokens with another letter, all refused");
    Ok(())
}

#[test]
fn no_byte_of_a_key_can_be_another() -> Result<()> {
    let mut tried = 0;
    for Case { name, token, request } in cases()? {
        for changed in mutated_keys(&request)? {
            let accepted = read_keys(&changed).and_then(|keys| verify(&token, &keys));
            let fault = fault(accepted);
            let blamed = matches!(fault, Some(Fault::Credential | Fault::Keys));
            assert!(blamed, "{name}: {fault:?}: {changed}");
            tried += 1;
        }
    }
    println!("{tried} keys with another byte, none of them serves");
    assert!(tried > 1_000);
    Ok(())
}

/// A request with one key, with every byte of every number of the key changed in turn. Where there are several
/// keys, another one may serve in the place of a changed one: nothing.
fn mutated_keys(request: &Value) -> Result<Vec<Value>> {
    let mut changed = Vec::new();
    let mut change = |pointer: &str, text: String| -> Result<()> {
        let mut request = request.clone();
        *request.pointer_mut(pointer).context("the key")? = text.into();
        changed.push(request);
        Ok(())
    };
    if let Some(spki) = request["key"].as_str() {
        for der in mutations(&base64::decode_standard(spki.as_bytes()).context("base64")?) {
            change("/key", base64::encode_standard(&der))?;
        }
    }
    let several = request["jwks"]["keys"].as_array().is_some_and(|keys| keys.len() > 1);
    for member in ["n", "e", "x", "y"].iter().filter(|_| !several) {
        for place in ["/key", "/jwks/keys/0"] {
            let pointer = format!("{place}/{member}");
            let Some(text) = request.pointer(&pointer).and_then(Value::as_str) else { continue };
            for bytes in mutations(&base64::decode_url(text.as_bytes()).context("base64url")?) {
                change(&pointer, base64::encode_url(&bytes))?;
            }
        }
    }
    Ok(changed)
}
