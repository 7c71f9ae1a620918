//! `credmint jws verify`.

use crate::harness::{
    EC, Folder, NOW, OTHER_EC, RSA, batch, check_table, credmint, run, shared_data, with, word,
};
use credmint_core::base64;
use credmint_core::jose::Algorithm;
use serde_json::{Value, json};

fn claims(changes: Value) -> Vec<u8> {
    let claims = json!({
        "iss": "https://idp.example.com",
        "aud": "https://sts.example.com",
        "sub": "me",
        "iat": NOW - 10,
        "exp": NOW + 590,
    });
    with(&claims, changes).to_string().into_bytes()
}

#[test]
fn signatures() {
    let token = EC.token(json!({ "kid": "a" }), b"{}");
    let unnamed = EC.token(json!({}), b"{}");
    let set = json!({ "jws": token, "jwks": EC.jwks() });
    let one = json!({ "jws": token, "key": EC.jwk() });
    let private = with(&EC.jwk(), json!({ "d": "AA", "kid": "b" }));
    check_table(
        "jws",
        &[
            (set.clone(), "accept"),
            (with(&set, json!({ "jws": unnamed })), "accept"),
            (with(&set, json!({ "jwks": EC.jwks().to_string() })), "accept"),
            (with(&set, json!({ "jwks": OTHER_EC.jwks() })), "jws_signature_invalid"),
            (with(&set, json!({ "jws": EC.token(json!({ "kid": "b" }), b"{}") })), "key_unknown"),
            (
                with(&set, json!({ "jws": RSA.token(json!({ "kid": "a" }), b"{}") })),
                "algorithm_not_allowed",
            ),
            // One key: whatever the token calls it, in any form, and of a private one the public half.
            (one.clone(), "accept"),
            (with(&one, json!({ "key": EC.jwk().to_string() })), "accept"),
            (with(&one, json!({ "key": private })), "accept"),
            (with(&one, json!({ "key": EC.pem() })), "accept"),
            (with(&one, json!({ "key": EC.spki() })), "accept"),
            (with(&one, json!({ "key": OTHER_EC.spki() })), "jws_signature_invalid"),
            (with(&one, json!({ "key": RSA.spki() })), "algorithm_not_allowed"),
            (json!({ "jws": RSA.token(json!({}), b"{}"), "key": RSA.spki() }), "accept"),
            (json!({ "jws": RSA.token(json!({}), b""), "jwks": RSA.jwks() }), "accept"),
        ],
    );
}

#[test]
fn algorithms_bound_what_is_accepted() {
    let ec = json!({ "jws": EC.token(json!({}), b"{}"), "key": EC.jwk() });
    let rsa = json!({ "jws": RSA.token(json!({}), b"{}"), "key": RSA.spki() });
    let list = |request: &Value, names: Value| with(request, json!({ "algorithms": names }));
    check_table(
        "jws",
        &[
            (list(&ec, json!([])), "accept"),
            (list(&ec, json!(["ES256"])), "accept"),
            (list(&ec, json!(["RS256", "ES256", "ES256"])), "accept"),
            (list(&ec, json!(["RS256"])), "algorithm_not_allowed"),
            (list(&rsa, json!(["RS384", "RS256"])), "accept"),
            (list(&rsa, json!(["RS384"])), "algorithm_not_allowed"),
            // What is not offered accepts nothing and is in the way of nothing.
            (list(&ec, json!(["PS256", "ES256", "none"])), "accept"),
            (list(&ec, json!(["PS256"])), "algorithm_not_allowed"),
            (list(&ec, json!(["es256"])), "algorithm_not_allowed"),
            // The key's own algorithm is no wider than the list.
            (
                list(
                    &with(&rsa, json!({ "key": with(&RSA.jwk(), json!({ "alg": "RS512" })) })),
                    json!(["RS256"]),
                ),
                "algorithm_not_allowed",
            ),
            (list(&ec, json!("ES256")), "error: algorithms: invalid type"),
        ],
    );
}

#[test]
fn an_algorithm_that_is_not_offered_is_called_so_whatever_the_keys_are() {
    let secret = json!({ "kty": "oct", "k": "c2VjcmV0" });
    let broken = json!({ "kty": "EC", "crv": "P-521" });
    let mut table = Vec::new();
    for alg in
        ["none", "None", "HS256", "HS512", "PS1", "ES521", "ES256K", "Ed448", "RS1", "", "ünknown"]
    {
        let token = EC.token(json!({ "alg": alg }), b"{}");
        for keys in [
            json!({ "key": secret }),
            json!({ "key": broken }),
            json!({ "jwks": { "keys": [] } }),
            json!({ "key": "x" }),
        ] {
            table.push((with(&keys, json!({ "jws": token })), "unsupported_algorithm"));
        }
        let listed = json!({ "jws": token, "key": secret, "algorithms": [alg] });
        table.push((listed, "unsupported_algorithm"));
    }
    check_table("jws", &table);
}

#[test]
fn hostile_input_is_refused() {
    let header = |text: &str| format!("{}.e30.AAAA", base64::encode_url(text.as_bytes()));
    let token = EC.token(json!({ "kid": "a" }), b"{}");
    let jws = |text: &str| json!({ "jws": text, "jwks": EC.jwks() });
    let set = |text: &str| json!({ "jws": token, "jwks": text });
    let key = |text: &str| json!({ "jws": token, "key": text });
    let long = "a".repeat(20_000);
    check_table(
        "jws",
        &[
            (jws(""), "jws_malformed"),
            (jws("..."), "jws_encrypted"),
            (jws(&token.replace('.', "..")), "jws_encrypted"),
            (jws(&format!("{token}\n")), "jws_malformed"),
            (jws(&format!(" {token}")), "jws_malformed"),
            (jws(&format!("{token}=")), "jws_malformed"),
            (jws("{\"payload\":\"\",\"signatures\":[]}"), "jws_malformed"),
            (jws(&long), "token_too_large"),
            (jws("\u{0}\u{1}"), "jws_malformed"),
            (jws(&header("{}")), "jws_header_invalid"),
            (jws(&header("[]")), "json_malformed"),
            (jws(&header(r#"{"alg":"ES256","alg":"ES256"}"#)), "json_duplicate_member"),
            (jws(&header(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#)), "jws_critical"),
            (jws(&header(r#"{"alg":"ES256","n":9007199254740993}"#)), "json_number"),
            (jws(&header(r#"{"alg":"ES256","zip":"DEF"}"#)), "jws_encrypted"),
            (set(""), "jwks_malformed"),
            (set("{}"), "jwks_malformed"),
            (set(r#"{"keys":[],"keys":[]}"#), "jwks_malformed"),
            (set(r#"{"keys":[]}"#), "jwks_empty"),
            (set(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#), "jwks_empty"),
            (set(r#"{"keys":[{"kty":"OKP","crv":"Ed448","x":"AA"}]}"#), "unsupported_key"),
            (set(r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#), "jwks_empty"),
            (key(""), "key_malformed"),
            (key("{}"), "key_malformed"),
            (key("{\"kty\":"), "json_malformed"),
            (
                key("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"),
                "pem_private_key",
            ),
            (key("MAA="), "key_malformed"),
        ],
    );
}

/// The set is handed on as it stands in the line, so what a JSON reader would smooth over is seen.
#[test]
fn a_key_set_is_read_as_it_stands() {
    let token = EC.token(json!({ "kid": "a" }), b"{}");
    let set = EC.jwks().to_string().replace("\"kid\"", "\"kid\":\"b\",\"kid\"");
    let line = format!("{{\"id\":1,\"jws\":\"{token}\",\"jwks\":{set}}}\n");
    let run = run(["jws", "verify", "--batch"], line.as_bytes());
    assert_eq!((run.status, word(&run.json()).as_str()), (0, "jwks_malformed"), "{}", run.stdout);
    assert!(run.json()["detail"].as_str().unwrap().contains("json_duplicate_member"));
}

#[test]
fn claims_are_checked_when_they_are_asked_about() {
    let request = |header: Value, changes: Value| {
        json!({
            "jws": EC.token(header, &claims(changes)),
            "key": EC.jwk(),
            "now": NOW,
            "issuer": "https://idp.example.com",
            "audience": "https://sts.example.com",
        })
    };
    let good = request(json!({}), json!({}));
    check_table(
        "jws",
        &[
            (good.clone(), "accept"),
            (with(&good, json!({ "now": "2026-11-24T12:00:00.9Z" })), "accept"),
            (with(&good, json!({ "now": NOW + 619 })), "accept"),
            (with(&good, json!({ "now": NOW + 620 })), "expired"),
            (with(&good, json!({ "now": NOW + 590, "skew": 0 })), "expired"),
            (with(&good, json!({ "now": NOW - 41 })), "issued_in_future"),
            (with(&good, json!({ "max_lifetime": 599 })), "lifetime_too_long"),
            (with(&good, json!({ "issuer": "https://idp.example.com/" })), "issuer_wrong"),
            (with(&good, json!({ "audience": "other" })), "audience_wrong"),
            (with(&good, json!({ "typ": "at+jwt" })), "type_wrong"),
            (
                with(&request(json!({ "typ": "at+jwt" }), json!({})), json!({ "typ": "at+jwt" })),
                "accept",
            ),
            (request(json!({ "typ": "at+jwt" }), json!({})), "type_wrong"),
            (
                request(json!({}), json!({ "aud": ["https://sts.example.com", "b"] })),
                "audience_ambiguous",
            ),
            (request(json!({}), json!({ "exp": null })), "expiry_missing"),
            (request(json!({}), json!({ "nbf": NOW + 31 })), "not_yet_valid"),
            (request(json!({}), json!({ "exp": "tomorrow" })), "claims_malformed"),
            // No rule is left out in silence.
            (with(&good, json!({ "issuer": null })), "error: a check of the claims needs"),
            (with(&good, json!({ "audience": null })), "error: a check of the claims needs"),
            (with(&good, json!({ "issuer": null, "audience": null })), "accept"),
            (
                with(&good, json!({ "issuer": null, "audience": null, "typ": "JWT" })),
                "error: a check",
            ),
            (with(&good, json!({ "skew": 121 })), "error: skew"),
            (with(&good, json!({ "max_lifetime": 0 })), "error: max_lifetime"),
            (with(&good, json!({ "now": "noon" })), "error: now: `noon` is not a time"),
            (with(&good, json!({ "key": null })), "error: either jwks or key"),
            (with(&good, json!({ "jwks": EC.jwks() })), "error: either jwks or key"),
            (with(&good, json!({ "key": [] })), "error: key: neither an object nor a string"),
        ],
    );
    let (answers, _) =
        batch("jws", &[good.clone(), with(&good, json!({ "issuer": null, "audience": null }))]);
    assert_eq!(answers[0]["claims_checked"], true);
    assert_eq!(answers[0]["claims"]["sub"], "me");
    assert_eq!(answers[1]["claims_checked"], false);
    let payload = json!({ "jws": EC.token(json!({}), b"\xff"), "key": EC.jwk() });
    let (answers, _) = batch("jws", &[payload]);
    assert_eq!(answers[0]["payload_b64"], "/w==");
}

#[test]
fn secrets_in_a_set_are_warned_of() {
    let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "s" });
    let token = EC.token(json!({ "kid": "a" }), b"{}");
    let mut set = EC.jwks();
    let request = |set: &Value| json!({ "jws": token, "jwks": set });
    let (answers, _) = batch("jws", &[request(&set)]);
    assert!(answers[0].get("warnings").is_none());
    set["keys"].as_array_mut().unwrap().push(secret);
    let (answers, _) = batch("jws", &[request(&set)]);
    let warning = "key \"s\" is symmetric (oct): whoever reads the set can sign with it; its issuer must replace it";
    assert_eq!(answers[0]["verdict"], "accept");
    assert_eq!(answers[0]["warnings"], json!([warning]));
}

#[test]
fn one_token_from_files() {
    let folder = Folder::new();
    let jwks = folder.file("jwks.json", EC.jwks().to_string());
    let jwk = folder.file("key.json", EC.jwk().to_string());
    let token = EC.token(json!({ "kid": "a" }), &claims(json!({})));
    let rules = ["--issuer", "https://idp.example.com", "--audience", "https://sts.example.com"];
    let verify = |keys: [&str; 2], more: &[&str]| {
        let arguments =
            ["jws", "verify", &token].into_iter().chain(keys).chain(more.iter().copied());
        credmint(arguments).status
    };
    assert_eq!(verify(["--jwks", &jwks], &[]), 0);
    assert_eq!(verify(["--key", &jwk], &["--algorithms", "RS256,ES256"]), 0);
    assert_eq!(verify(["--key", &jwk], &["--algorithms", "RS256"]), 1);
    assert_eq!(
        verify(["--key", &jwk], &[&rules[..], &["--now", "2026-11-24T12:00:00Z"]].concat()),
        0
    );
    assert_eq!(
        verify(["--key", &jwk], &[&rules[..], &["--now", "2026-11-25T12:00:00Z"]].concat()),
        1
    );
    assert_eq!(verify(["--key", &jwk], &rules[..2]), 2);
    assert_eq!(verify(["--key", &jwk], &["--now", "1"]), 2);
    let piped = run(["jws", "verify", "-", "--key", &jwk], format!("{token}\n").as_bytes());
    assert_eq!(piped.status, 0, "{}", piped.stdout);
}

/// Every token of Project Wycheproof: nothing invalid is accepted, nothing valid is refused but for an algorithm
/// that is not offered, and no token makes an error of its request.
///
/// The `alg` of three keys is a slip: PS256 where RFC 7520 section 4.2 signs by PS384, and ES521 for ES512. Such a key is
/// for its own algorithm alone, so the request says the right one in its place.
#[test]
fn tokens_of_wycheproof() {
    let Some(data) = shared_data() else { return };
    let text = std::fs::read(data.join("wycheproof/json_web_signature_test.json")).unwrap();
    let suite: Value = serde_json::from_slice(&text).unwrap();
    let mut cases = Vec::new();
    for group in suite["testGroups"].as_array().unwrap() {
        let key = group.get("public").unwrap_or(&group["private"]);
        let key = match (group["comment"].as_str(), key["alg"].as_str()) {
            (Some("rfc7520" | "rfc7520WithKeyOps"), Some("PS256")) => {
                with(key, json!({ "alg": "PS384" }))
            }
            (Some("rfc7520"), Some("ES521")) => with(key, json!({ "alg": "ES512" })),
            _ => key.clone(),
        };
        for case in group["tests"].as_array().unwrap() {
            cases.push((json!({ "id": case["tcId"], "jws": case["jws"], "key": key }), case));
        }
    }
    let requests: Vec<Value> = cases.iter().map(|(request, _)| request.clone()).collect();
    let (answers, status) = batch("jws", &requests);
    assert_eq!(status, 0);
    let mut accepted = 0;
    for ((_, case), answer) in cases.iter().zip(&answers) {
        let word = word(answer);
        let expect = match algorithm(&case["jws"]) {
            _ if case["result"] != "valid" => {
                assert_ne!(word, "accept", "{case}");
                continue;
            }
            Some(name) if Algorithm::from_name(&name).is_some() => "accept",
            Some(_) => "unsupported_algorithm",
            // Another serialisation, or characters that base64url does not have.
            None => "jws_malformed",
        };
        assert_eq!(word, expect, "{case}");
        accepted += usize::from(word == "accept");
    }
    assert!(accepted > 10, "{accepted}");
}

/// The `alg` of a token's header.
fn algorithm(token: &Value) -> Option<String> {
    let header = base64::decode_url(token.as_str()?.split('.').next()?.as_bytes())?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Some(header["alg"].as_str()?.to_owned())
}
