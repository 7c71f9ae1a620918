//! The language as its users see it: the documented examples of IDaaS, and properties of any text.

use alloc::string::ToString;
use proptest::prelude::*;

use super::*;
use crate::json;

fn facts(text: &str) -> Facts {
    Facts::new(json::parse_object(text.as_bytes()).unwrap())
}

fn check(text: &str, given: &str, expect: &str) {
    let value = Expression::parse(text).unwrap().evaluate(&facts(given));
    let shown = value.map_or_else(|error| alloc::format!("error: {error}"), |v| v.to_string());
    assert_eq!(shown, expect, "{text}");
}

#[test]
fn idaas_append_of_credential_and_certificate() {
    check(
        r#"Append(client.applicationFederatedCredentialId, ":", cert.subject.CN, ":", cert.serialNumber)"#,
        r#"{"client":{"applicationFederatedCredentialId":"afc_1"},
            "cert":{"subject":{"CN":"press 4"},"serialNumber":"00c0ffee"}}"#,
        r#""afc_1:press 4:00c0ffee""#,
    );
}

#[test]
fn idaas_is_null_or_empty_of_a_placeholder_is_about_the_text() {
    check(r#"IsNullOrEmpty("jwt.issuer")"#, "{}", "false");
    check(r#"IsNullOrEmpty("")"#, "{}", "true");
}

#[test]
fn idaas_paths_to_signed_times() {
    let given = r#"{"pkcs7":{"signingTime":1790000000,
        "payload":{"jsonData":{"audience":{"signingTime":1780000000},"instance-id":"i-1"}}}}"#;
    check("pkcs7.payload.jsonData.audience.signingTime", given, "1780000000");
    check("pkcs7.signingTime", given, "1790000000");
    check("pkcs7.payload.jsonData.'instance-id'", given, r#""i-1""#);
}

#[test]
fn idaas_quoted_segment_with_dots() {
    let given = r#"{"jwt":{"claims":{"kubernetes.io":{"namespace":"prod"}}}}"#;
    check("jwt.claims.'kubernetes.io'.namespace", given, r#""prod""#);
    check("jwt.claims['kubernetes.io'].namespace", given, r#""prod""#);
    check(r#"jwt.claims["kubernetes.io"]["namespace"] == 'prod'"#, given, "true");
    // The quotes matter: without them these are two segments.
    check(
        "jwt.claims.kubernetes.io.namespace",
        given,
        "error: jwt.claims.kubernetes of jwt.claims.kubernetes.io.namespace is missing",
    );
}

#[test]
fn idaas_issuer_of_a_certificate_has_two_spellings() {
    let given = r#"{"cert":{"issuer":{"CN":"Plant CA","subject":{"CN":"Plant CA"}}}}"#;
    check("cert.issuer.CN == cert.issuer.subject.CN", given, "true");
}

#[test]
fn a_condition_must_be_a_boolean() {
    let given = facts(r#"{"jwt":{"claims":{"sub":"a"}}}"#);
    let error = Expression::parse("jwt.claims.sub").unwrap().condition(&given).unwrap_err();
    assert_eq!(error.to_string(), "jwt.claims.sub is of kind string, expected boolean");
    let yes = Expression::parse("jwt.claims.sub == 'a'").unwrap();
    assert_eq!(yes.condition(&given), Ok(true));
}

#[test]
fn paths_are_listed_in_order() {
    let text =
        r#"has(a.b) && !(Append(c.d, "x") == e["f"][0]) || IsNullOrEmpty(g) || glob(h, "*")"#;
    let expression = Expression::parse(text).unwrap();
    let paths: Vec<String> = expression.paths().map(ToString::to_string).collect();
    assert_eq!(paths, ["a.b", "c.d", "e.f[0]", "g", "h"]);
    assert_eq!(expression.to_string(), text);
}

/// Text that is often nearly an expression.
fn nearly() -> impl Strategy<Value = String> {
    let token = prop::sample::select(alloc::vec![
        "jwt",
        "claims",
        ".",
        "'a'",
        "\"b\"",
        "[",
        "]",
        "(",
        ")",
        "==",
        "!=",
        "in",
        "&&",
        "||",
        "!",
        "Append",
        "IsNullOrEmpty",
        "has",
        "glob",
        "percentEncode",
        ",",
        "1",
        "-",
        "null",
        "true",
        " ",
        "\\",
        "'",
        "\"",
        "é",
        "\u{202e}",
        "<=",
        "0",
        "namespace",
        ".exists(x,",
        ".all(y,",
        "x",
        "y",
        ".startsWith(",
        ".size()",
        "size",
        "{",
        "}",
        ":",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused_inside_itself(text in any::<String>()) {
        if let Err(error) = Expression::parse(&text) {
            prop_assert!(error.offset() <= text.len());
            prop_assert!(text.is_char_boundary(error.offset()));
        }
    }

    #[test]
    fn what_parses_can_be_judged(text in nearly()) {
        let given = facts(r#"{"jwt":{"claims":{"a":"x","b":[1,{"a":null}]}},"client":{"a":1}}"#);
        match Expression::parse(&text) {
            Err(error) => prop_assert!(text.is_char_boundary(error.offset())),
            Ok(expression) => {
                let any = [Model::jwt(Shape::Any), Model::client(Shape::Any)];
                let _ = expression.check_mapping(&any);
                let _ = expression.steps(&given);
                let checked = expression.check_condition(&any);
                let value = expression.evaluate(&given);
                match expression.condition(&given) {
                    Ok(truth) => prop_assert_eq!(value, Ok(Value::Bool(truth))),
                    Err(_) => prop_assert!(!(checked.is_ok() && matches!(value, Ok(Value::Bool(_))))),
                }
            }
        }
    }
}
