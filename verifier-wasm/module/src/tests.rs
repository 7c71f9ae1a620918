//! The boundary without a JavaScript host: arguments in, records out.

use super::{Keys, check_answer, read_bearer, read_policy_bundle, verify_access_token};
use credmint_core::Code;
use credmint_core::json::{self, Object};

const NOW: f64 = 1_800_000_000.0;
const RULES: &str = r#"{"issuer":"https://sts.example.com","audience":"api","keys":true}"#;

fn parsed(text: &str) -> Object {
    json::parse_object(text.as_bytes()).expect("a record is an object")
}

fn member<'a>(record: &'a Object, name: &str) -> &'a str {
    record.get(name).and_then(json::Value::as_str).unwrap_or_default()
}

fn remote(options: &str) -> Keys {
    Keys::from_options(options).expect("good options")
}

/// Where the problems are that a record tells, each with its hint.
fn problems(record: &Object) -> Vec<(String, Option<String>)> {
    let list = record.get("problems").and_then(json::Value::as_array).unwrap_or_default();
    let text = |problem: &json::Value, name: &str| {
        problem.get(name).and_then(json::Value::as_str).map(str::to_owned)
    };
    list.iter()
        .map(|problem| (text(problem, "pointer").unwrap_or_default(), text(problem, "hint")))
        .collect()
}

fn verdict(token: &str, rules: &str, now: f64) -> Object {
    let mut keys = remote(r#"{"issuer":"https://sts.example.com"}"#);
    parsed(&verify_access_token(token, rules, &mut keys, now, 0))
}

#[test]
fn wrong_arguments_are_misuse() {
    let check = |more: &str, pointers: &[&str]| {
        let rules = format!(r#"{{{more}}}"#);
        let found = verdict("a.b.c", &rules, NOW);
        assert_eq!(member(&found, "verdict"), "misuse", "{rules}");
        let found: Vec<String> = problems(&found).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(found, pointers, "{rules}");
    };
    check("", &["", "", ""]);
    let issuer = r#""issuer":"https://sts.example.com","keys":true"#;
    check(issuer, &[""]);
    check(&format!(r#"{issuer},"audience":[]"#), &["/audience"]);
    check(r#""issuer":"","audience":"api","keys":true"#, &["/issuer"]);
    let good = format!(r#"{issuer},"audience":"api""#);
    for (member, pointer) in [
        (r#""scope":"read""#, "/scope"),
        (r#""scope":["a b"]"#, "/scope/0"),
        (r#""scope":["a","a\"b"]"#, "/scope/1"),
        (r#""scope":["a\r"]"#, "/scope/0"),
        (r#""clockSkewSeconds":3600"#, "/clockSkewSeconds"),
        (r#""clockSkewSeconds":0.5"#, "/clockSkewSeconds"),
        (r#""maxLifetimeSeconds":0"#, "/maxLifetimeSeconds"),
        (r#""audiences":"api""#, "/audiences"),
    ] {
        check(&format!("{good},{member}"), &[pointer]);
    }
    for text in ["", "[]", r#"{"issuer":"a","issuer":"b"}"#] {
        assert_eq!(problems(&verdict("a.b.c", text, NOW)).len(), 1, "{text}");
    }
    let other = r#"{"issuer":"https://other.example.com","audience":"api","keys":true}"#;
    assert!(member(&verdict("a.b.c", other, NOW), "message").starts_with("the keys are those of"));
    for now in [f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(member(&verdict("a.b.c", RULES, now), "verdict"), "misuse");
    }
}

#[test]
fn options_of_a_key_set() {
    let check = |options: &str, pointers: &[&str]| {
        let found = match Keys::from_options(options) {
            Ok(_) => Vec::new(),
            Err(record) => problems(&parsed(&record)).into_iter().map(|(at, _)| at).collect(),
        };
        assert_eq!(found, pointers, "{options}");
    };
    check(r#"{"issuer":"https://sts.example.com","fetch":true,"timeoutSeconds":16.1}"#, &[]);
    check(
        r#"{"issuer":"https://sts.example.com?a","jwksUri":"https://sts.example.com/jwks"}"#,
        &[],
    );
    check("{}", &[""]);
    for issuer in
        ["http://sts.example.com", "sts", "https://a:b@sts", "https://sts#", "https://sts?a"]
    {
        check(&format!(r#"{{"issuer":"{issuer}"}}"#), &["/issuer"]);
    }
    let more = |member: &str| format!(r#"{{"issuer":"https://sts.example.com",{member}}}"#);
    check(&more(r#""jwksUri":"file:///etc/passwd""#), &["/jwksUri"]);
    check(&more(r#""jwksURI":"https://sts.example.com/jwks""#), &["/jwksURI"]);
    for seconds in ["0", "61", "60.5", "-1", "\"5\"", "null"] {
        check(&more(&format!(r#""timeoutSeconds":{seconds}"#)), &["/timeoutSeconds"]);
    }
}

#[test]
fn options_are_checked_without_a_token() {
    let check = |options: &str, expect: &[(&str, Option<&str>)]| {
        let found = problems(&parsed(&super::check_options(options)));
        let found: Vec<_> = found.iter().map(|(at, hint)| (at.as_str(), hint.as_deref())).collect();
        assert_eq!(found, expect, "{options}");
    };
    check(RULES, &[]);
    check(&RULES.replace("keys", "kesy"), &[("", None), ("/kesy", Some("keys"))]);
    check(&RULES.replace("audience", "audeince"), &[("", None), ("/audeince", Some("audience"))]);
}

#[test]
fn a_policy_bundle_is_read_whole() {
    let policy = br#"{"version":1,"issuer":"https://sts.example.com","providers":{},
        "resources":{"api":{"scopes":["read"],"resource":"https://api.example.com"}},"clients":{}}"#;
    let bundle = credmint_core::policy::write_bundle(&json::parse(policy).unwrap()).to_string();
    let read = parsed(&read_policy_bundle(&bundle));
    assert_eq!(member(&read, "verdict"), "accept");
    assert_eq!(member(&read, "issuer"), "https://sts.example.com");
    assert!(member(&read, "hash").starts_with("sha256:"));
    // By each name that a token may have for a resource.
    let resources = r#"{"api":["read"],"https://api.example.com":["read"]}"#;
    assert_eq!(read.get("resources").unwrap().to_string(), resources);
    for bad in ["", "{}", &bundle.replace("read", "write"), &bundle.replace("\"clients\"", "\"c\"")]
    {
        assert_eq!(member(&parsed(&read_policy_bundle(bad)), "verdict"), "misuse", "{bad}");
    }
}

#[test]
fn refusals_carry_the_row_of_the_table() {
    let refused = verdict("a.b", RULES, NOW);
    assert_eq!(member(&refused, "verdict"), "refuse");
    assert_eq!(member(&refused, "code"), Code::JwsMalformed.as_str());
    assert_eq!(member(&refused, "public"), Code::JwsMalformed.public().as_str());
    // Milliseconds where seconds are meant.
    let refused = verdict("a.b.c", RULES, NOW * 1000.0);
    assert_eq!(member(&refused, "code"), Code::ClockImplausible.as_str());
}

#[test]
fn one_bearer_token_is_read_from_the_values_of_the_field() {
    let check = |values: &str, expect: Result<&str, Code>| {
        let record = parsed(&read_bearer(values));
        let found = match member(&record, "verdict") {
            "accept" => Ok(member(&record, "token")),
            _ => Err(member(&record, "code")),
        };
        assert_eq!(found, expect.map_err(Code::as_str), "{values}");
    };
    check(r#"["Bearer abc.d-e_f.g~+/=="]"#, Ok("abc.d-e_f.g~+/=="));
    check(r#"["bEARER a"]"#, Ok("a"));
    check("[]", Err(Code::TokenMissing));
    check(r#"["Bearer a","Bearer a"]"#, Err(Code::AuthorizationMalformed));
    check(r#"["Bearer a, Bearer b"]"#, Err(Code::AuthorizationMalformed));
    check(r#"["Bearer  a"]"#, Err(Code::AuthorizationMalformed));
    check(r#"["Basic a"]"#, Err(Code::AuthorizationMalformed));
    for wrong in ["", "{}", r#""Bearer a""#, "[1]"] {
        assert_eq!(member(&parsed(&read_bearer(wrong)), "verdict"), "misuse", "{wrong}");
    }
}

#[test]
fn keys_are_wanted_then_taken_or_not() {
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"a"}"#;
    let token = format!("{}.e30.AAAA", credmint_core::base64::encode_url(header.as_bytes()));
    let mut keys = remote(r#"{"issuer":"https://sts.example.com"}"#);
    let ask =
        |keys: &mut Keys, round| parsed(&verify_access_token(&token, RULES, keys, NOW, round));
    let list = |record: &Object, name: &str| record.get(name).map(ToString::to_string);
    let wanting = ask(&mut keys, 0);
    assert_eq!(member(&wanting, "verdict"), "wanting");
    assert_eq!(list(&wanting, "wait").as_deref(), Some("[1]"));
    let fetch = |document: &str, url: &str, bytes: usize| {
        let accept = "application/json, application/jwk-set+json";
        Some(format!(
            r#"[{{"accept":"{accept}","bytes":{bytes},"document":"{document}","flight":1,"url":"{url}"}}]"#
        ))
    };
    let url = "https://sts.example.com/.well-known/openid-configuration";
    assert_eq!(list(&wanting, "fetch"), fetch("discovery", url, 65_536));
    // Whoever comes now waits for the same flight.
    let second = ask(&mut keys, 0);
    assert_eq!((list(&second, "wait").as_deref(), list(&second, "fetch")), (Some("[1]"), None));
    let document =
        r#"{"issuer":"https://sts.example.com","jwks_uri":"https://sts.example.com/jwks"}"#;
    let taken = parsed(&keys.ended(1, Some(document.into()), NOW));
    assert_eq!(member(&taken, "verdict"), "accept");
    assert_eq!(list(&taken, "fetch"), fetch("key_set", "https://sts.example.com/jwks", 262_144));
    let refused = parsed(&keys.ended(1, Some(b"{}".to_vec()), NOW));
    assert_eq!(member(&refused, "code"), Code::JwksMalformed.as_str());
    let refused = ask(&mut keys, 1);
    assert_eq!(member(&refused, "code"), Code::KeysUnavailable.as_str());
    assert_eq!(list(&refused, "fetch"), None);
    assert!(list(&refused, "headers").unwrap().contains(r#""retry-after":"10""#));
}

#[test]
fn a_flight_ends_though_the_clock_of_its_host_fails() {
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"a"}"#;
    let token = format!("{}.e30.AAAA", credmint_core::base64::encode_url(header.as_bytes()));
    let mut keys = remote(r#"{"issuer":"https://sts.example.com"}"#);
    let ask = |keys: &mut Keys| parsed(&verify_access_token(&token, RULES, keys, NOW, 0));
    let wait = |record: &Object| record.get("wait").map(ToString::to_string);
    assert_eq!(wait(&ask(&mut keys)).as_deref(), Some("[1]"));
    let ended = parsed(&keys.ended(1, Some(b"{}".to_vec()), f64::NAN));
    assert_eq!(member(&ended, "verdict"), "misuse");
    assert_eq!(wait(&ask(&mut keys)).as_deref(), Some("[2]"), "nobody waits for it any more");
}

#[test]
fn a_question_does_not_wait_for_ever() {
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"a"}"#;
    let token = format!("{}.e30.AAAA", credmint_core::base64::encode_url(header.as_bytes()));
    let ask = |round| {
        let mut keys = remote(r#"{"issuer":"https://sts.example.com"}"#);
        parsed(&verify_access_token(&token, RULES, &mut keys, NOW, round))
    };
    let rounds = u32::try_from(credmint_core::limits::FETCH_ROUNDS).unwrap();
    assert_eq!(member(&ask(rounds - 1), "verdict"), "wanting");
    assert_eq!(member(&ask(rounds), "code"), Code::KeysUnavailable.as_str());
}

#[test]
fn an_answer_is_checked_before_it_is_read() {
    let json = || Some("application/json".to_owned());
    assert_eq!(check_answer("key_set", 200, json(), None, Some(262_144)), None);
    assert_eq!(check_answer("discovery", 200, json(), None, None), None);
    assert_eq!(check_answer("key_set", 200, None, None, None), None);
    for (status, kind, coding, length) in [
        (302, json(), None, None),
        (200, Some("text/html".to_owned()), None, None),
        (200, Some("application/json;a=b, text/html".to_owned()), None, None),
        (200, json(), Some("gzip".to_owned()), None),
        (200, json(), None, Some(262_145)),
    ] {
        assert!(check_answer("key_set", status, kind, coding, length).is_some());
    }
    assert!(check_answer("page", 200, json(), None, None).is_some());
}

#[test]
fn given_keys_must_be_keys() {
    let refused = parsed(&Keys::from_jwks("{").err().unwrap());
    assert_eq!(member(&refused, "verdict"), "refuse");
}
