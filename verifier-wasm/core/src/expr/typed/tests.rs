//! Literals in every place beside a field of a known form, each with the one that stays refused.

use super::super::{Expression, Model};
use super::*;
use alloc::string::ToString;

const TEXT: Shape = Shape::Text(ValueForm::Serial);
const MODELS: [Model; 1] = [Model::cert(Shape::Closed(&[
    ("serial", TEXT),
    ("ids", Shape::List(&TEXT)),
    ("host", Shape::Text(ValueForm::Host)),
    ("ref", Shape::Text(ValueForm::GitRef)),
    ("OU", Shape::OneOrMany),
    ("free", Shape::String),
    ("list", Shape::List(&Shape::Closed(&[("serial", TEXT), ("OU", Shape::OneOrMany)]))),
    ("map", Shape::Map(&Shape::Closed(&[("hex", TEXT)]))),
]))];

fn facts() -> Facts {
    let text = r#"{"cert":{
        "serial":"c4a1","ids":["01","c4a1"],"host":"a.example","ref":"refs/heads/main",
        "OU":["Robots","Paint"],"free":"C4A1","list":[{"serial":"c4a1","OU":"Robots"}],
        "map":{"1.2":{"hex":"c4a1"}}}}"#;
    Facts::new(crate::json::parse_object(text.as_bytes()).unwrap())
}

fn typed(text: &str) -> Result<Expression, SyntaxError> {
    let typed = Expression::parse(text).unwrap().typed(&MODELS)?;
    typed.check_condition(&MODELS)?;
    Ok(typed)
}

#[track_caller]
fn holds(text: &str, expect: bool) {
    let found = typed(text).unwrap().condition(&facts());
    assert_eq!(found, Ok(expect), "{text}");
}

#[track_caller]
fn refused(text: &str, says: &str) {
    let error = typed(text).map(|found| found.text().to_string()).unwrap_err().to_string();
    assert!(error.contains(says), "{text}: {error}");
}

#[test]
fn every_operator_compares_by_value() {
    for spelling in ["c4a1", "C4A1", "00c4a1", "C4:A1", "00:C4:A1", "0xC4A1"] {
        holds(&format!("cert.serial == '{spelling}'"), true);
        holds(&format!("'{spelling}' == cert.serial"), true);
        holds(&format!("cert.serial != '{spelling}'"), false);
        holds(&format!("!(cert.serial != '{spelling}')"), true);
        holds(&format!("cert.serial in ['02', '{spelling}']"), true);
        holds(&format!("!(cert.serial in ['{spelling}'])"), false);
        holds(&format!("'{spelling}' in cert.ids"), true);
        holds(&format!("cert.ids == ['1', '{spelling}']"), true);
        holds(&format!("cert.ids[1] == '{spelling}'"), true);
        holds(&format!("cert.list.exists(c, c.serial == '{spelling}')"), true);
        holds(&format!("cert.list[0].serial == '{spelling}'"), true);
        holds(&format!("cert.map['1.2'].hex == '{spelling}'"), true);
        holds(&format!("percentEncode(cert.serial) == '{spelling}'"), true);
        holds(&format!("Append(cert.serial) == '{spelling}'"), true);
    }
    holds("cert.host == 'A.Example'", true);
    // Another value stays another, and another field is compared as it is.
    holds("cert.serial == 'c4a100'", false);
    holds("cert.serial == 'c4'", false);
    holds("cert.free == 'c4a1'", false);
    holds("cert.free == 'C4A1'", true);
}

/// A literal that no spelling makes a value does not load, wherever it stands.
#[test]
fn what_can_never_be_is_refused() {
    let never = "can never be here";
    for text in [
        "cert.serial == 'zz'",
        "cert.serial != ''",
        "cert.serial in ['01', 'C4A1B2C3 ?']",
        "'x' in cert.ids",
        "cert.ids == ['01', 'x']",
        "cert.ids[0] != 'x'",
        "cert.list.all(c, c.serial != 'x')",
        "cert.map['1.2'].hex != '1:2:x'",
        "percentEncode(cert.serial) != 'x'",
        "cert.host != '*.example'",
        "cert.host == 'a.example.'",
        // What is made of literals is no literal, and must be as facts are.
        "cert.serial != ['C4A1'][0]",
        "cert.serial != Append('C4', 'A1')",
        "cert.serial != {'k': 'C4A1'}['k']",
        "['C4A1'].exists(s, s == cert.serial)",
        "!['C4A1'].all(s, cert.serial != s)",
        "{'C4A1': true}[cert.serial]",
        "cert.serial in {'C4A1': 1}",
    ] {
        refused(text, never);
    }
    refused("cert.serial in {'C4A1': 1}", "write \"c4a1\"");
    // The same, as facts are.
    holds("cert.serial == Append('c4', 'a1')", true);
    holds("['c4a1'].exists(s, s == cert.serial)", true);
    holds("{'c4a1': true}[cert.serial]", true);
    holds("cert.serial in {'c4a1': 1}", true);
}

#[test]
fn functions_of_texts_need_parts_as_facts_have_them() {
    holds("cert.serial.startsWith('c4')", true);
    holds("glob(cert.serial, 'c4*')", true);
    holds("glob(cert.host, '*.example')", true);
    holds("cert.ref.startsWith('main')", false);
    let part = "can never be a part";
    refused("cert.serial.startsWith('C4')", part);
    refused("cert.serial.endsWith(':a1')", part);
    refused("!cert.serial.contains('C4')", part);
    refused("glob(cert.serial, 'C4*')", part);
    refused("glob(cert.host, '*.Example')", part);
    refused("'C4A1,D5'.contains(cert.serial)", part);
}

/// An attribute of a name is one text for `==`, and every text for `in`, `exists` and `all`.
#[test]
fn one_of_several_attributes_is_asked_for_by_name() {
    holds("'Robots' in cert.OU", true);
    holds("'Paint' in cert.OU", true);
    holds("'Robot' in cert.OU", false);
    holds("cert.OU.exists(o, o.startsWith('Pa'))", true);
    holds("cert.OU.all(o, o != 'Press')", true);
    holds("cert.list.exists(c, 'Robots' in c.OU)", true);
    // A single text is a list of itself here, and no text in which others are looked for.
    holds("cert.list.exists(c, 'Robot' in c.OU)", false);
    // Several are never one.
    for text in ["cert.OU == 'Robots'", "cert.OU != 'Robots'", "cert.OU.startsWith('R')"] {
        let error = typed(text).unwrap().condition(&facts()).unwrap_err().to_string();
        assert!(error.contains("array"), "{text}: {error}");
    }
    refused("cert.OU.size() == 2", "has no size");
    refused("cert.OU[0] == 'Robots'", "is of kind string");
    refused("'x' in cert.free", "expected array or object, found string");
    refused("cert.OU == 7", "does not compare");
}
