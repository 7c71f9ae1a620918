//! The boundary without a JavaScript host: arguments in, records out.

use super::{Keys, read_bearer, verify_access_token};
use crate::record;
use credmint_core::json::{self, Object};
use credmint_core::{Code, PublicCode, Refusal, limits};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const NOW: f64 = 1_800_000_000.0;
const RULES: &str = r#"{"issuer":"https://sts.example.com","audience":"api"}"#;

fn parsed(text: &str) -> Object {
    json::parse_object(text.as_bytes()).expect("a record is an object")
}

fn member<'a>(record: &'a Object, name: &str) -> &'a str {
    record.get(name).and_then(json::Value::as_str).unwrap_or_default()
}

fn verdict(token: &str, rules: &str, now: f64) -> Object {
    let keys = Keys::from_discovery("https://sts.example.com");
    parsed(&verify_access_token(token, rules, &keys, now))
}

#[test]
fn wrong_arguments_are_misuse() {
    for rules in [
        "",
        "{}",
        "[]",
        r#"{"issuer":"https://sts.example.com"}"#,
        r#"{"issuer":"","audience":"api"}"#,
        r#"{"issuer":"https://sts.example.com","audience":["api"]}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","scope":"read"}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","scope":["a b"]}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","scope":["a\"b"]}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","scope":["a\r"]}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","clockSkewSeconds":3600}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","maxLifetimeSeconds":0}"#,
        r#"{"issuer":"https://sts.example.com","audience":"api","audiences":"api"}"#,
        r#"{"issuer":"https://other.example.com","audience":"api"}"#,
    ] {
        assert_eq!(member(&verdict("a.b.c", rules, NOW), "verdict"), "misuse", "{rules}");
    }
    for now in [f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(member(&verdict("a.b.c", RULES, now), "verdict"), "misuse");
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
    let mut keys = Keys::from_discovery("https://sts.example.com");
    let ask = |keys: &Keys| parsed(&verify_access_token(&token, RULES, keys, NOW));
    let wanting = ask(&keys);
    assert_eq!(member(&wanting, "verdict"), "wanting");
    assert_eq!(member(&wanting, "kind"), "discovery");
    assert_eq!(member(&wanting, "url"), "https://sts.example.com/.well-known/openid-configuration");
    let document =
        r#"{"issuer":"https://sts.example.com","jwks_uri":"https://sts.example.com/jwks"}"#;
    assert_eq!(member(&parsed(&keys.discovered(document.as_bytes(), NOW)), "verdict"), "accept");
    assert_eq!(member(&ask(&keys), "kind"), "key_set");
    let refused = parsed(&keys.fetched(b"{}", NOW));
    assert_eq!(member(&refused, "code"), Code::JwksMalformed.as_str());
    assert_eq!(member(&ask(&keys), "code"), Code::KeysUnavailable.as_str());
}

#[test]
fn given_keys_must_be_keys() {
    let refused = parsed(&Keys::from_jwks("{").err().unwrap());
    assert_eq!(member(&refused, "verdict"), "refuse");
}

/// What the two generated files of the npm package say. `UPDATE=1` writes them anew.
#[test]
fn the_generated_files_of_the_npm_package_are_current() {
    let check = |file: &str, expect: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../js/src").join(file);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, expect).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expect, "js/src/{file} is not what Rust says: run with UPDATE=1");
    };
    check("error/codes.ts", &codes());
    check("limits.ts", &limits());
}

fn codes() -> String {
    let steps: BTreeSet<_> = Code::ALL.iter().map(|code| code.step()).collect();
    let faults: BTreeSet<_> = Code::ALL.iter().map(|code| code.fault()).collect();
    let mut text = made_from("refusal.rs");
    union(
        &mut text,
        "Code",
        "A stable reason code; docs/errors.md explains each.",
        Code::ALL.iter().map(|code| code.as_str()),
    );
    union(
        &mut text,
        "PublicCode",
        "What a caller may be told.",
        PublicCode::ALL.iter().map(|code| code.as_str()),
    );
    union(
        &mut text,
        "Step",
        "The step that refused, in the one order of checks.",
        steps.into_iter().map(|step| step.as_str()),
    );
    union(&mut text, "Fault", "Who can mend it.", faults.into_iter().map(|fault| fault.as_str()));
    let internal = record::refusal(&Refusal::new(Code::InternalError));
    writeln!(text, "/** The record for when the core itself cannot answer. */").unwrap();
    writeln!(text, "export const INTERNAL_ERROR = {internal} as const").unwrap();
    text
}

fn limits() -> String {
    let mut text = made_from("limits.rs");
    for (name, meaning, octets) in [
        ("TOKEN_BYTES", "A token.", limits::TOKEN_BYTES),
        ("JWKS_BYTES", "A JWK set.", limits::JWKS_BYTES),
        ("DISCOVERY_BYTES", "A discovery document.", limits::DISCOVERY_BYTES),
    ] {
        writeln!(text, "/** {meaning} */\nexport const {name} = {octets}").unwrap();
    }
    text
}

fn made_from(source: &str) -> String {
    format!(
        "// Made from verifier-wasm/core/src/{source} by `UPDATE=1 cargo test -p credmint-module`.\n\n"
    )
}

fn union<'a>(text: &mut String, name: &str, meaning: &str, members: impl Iterator<Item = &'a str>) {
    writeln!(text, "/** {meaning} */\nexport type {name} =").unwrap();
    for member in members {
        writeln!(text, "  | '{member}'").unwrap();
    }
    text.push('\n');
}
