//! Literals in every place beside a field of a known form, each with the one that stays refused.

use super::super::{Expression, Facts, Model};
use super::*;
use alloc::string::ToString;

const TEXT: Shape = Shape::Text(ValueForm::Serial);
const MODELS: [Model; 1] = [Model::cert(Shape::Closed(&[
    ("serial", TEXT),
    ("ids", Shape::List(&TEXT)),
    ("other", TEXT),
    ("digest", Shape::Text(ValueForm::Bytes)),
    ("uuid", Shape::Text(ValueForm::Uuid)),
    ("host", Shape::Text(ValueForm::Host)),
    ("ref", Shape::Text(ValueForm::GitRef)),
    ("OU", Shape::OneOrMany),
    ("free", Shape::String),
    ("list", Shape::List(&Shape::Closed(&[("serial", TEXT), ("OU", Shape::OneOrMany)]))),
    ("map", Shape::Map(&Shape::Closed(&[("hex", TEXT)]))),
    ("claims", Shape::Open(&[("serial", TEXT)])),
    ("open", Shape::Open(&[("free", Shape::String)])),
]))];

fn facts() -> Facts {
    let text = r#"{"cert":{
        "serial":"c4a1","other":"c4a1","digest":"c4a1",
        "uuid":"3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5","ids":["01","c4a1"],"host":"a.example","ref":"refs/heads/main",
        "OU":["Robots","Paint"],"free":"C4A1","list":[{"serial":"c4a1","OU":"Robots"}],
        "map":{"1.2":{"hex":"c4a1"}},"claims":{"serial":"c4a1","x":"serial"},
        "open":{"free":"C4A1","key":"1.2"}}}"#;
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
    holds("glob(cert.uuid, '3c5e*-1b2d-**b5')", true);
    refused("!glob(cert.uuid, '3c5e7a901b2d4f60*')", "can never be a part");
    refused("!cert.uuid.startsWith('3c5e7a901b2d4')", "can never be a part");
    holds("cert.ref.startsWith('main')", false);
    let part = "can never be a part";
    refused("cert.serial.startsWith('C4')", part);
    refused("cert.serial.endsWith(':a1')", part);
    refused("!cert.serial.contains('C4')", part);
    refused("glob(cert.serial, 'C4*')", part);
    refused("glob(cert.host, '*.Example')", part);
    refused("'C4A1,D5'.contains(cert.serial)", part);
}

/// A literal that comes by a detour is found all the same, and must be as facts are.
#[test]
fn literals_by_a_detour_are_seen() {
    let check = |good: &str| {
        holds(good, true);
        for (right, wrong) in [("c4a1", "C4A1"), ("'c4", "'C4")] {
            if good.contains(right) {
                refused(&good.replace(right, wrong), "can never be");
            }
        }
    };
    check("['c4'].exists(p, cert.serial.startsWith(p))");
    check("['02', 'c4'].exists(p, cert.serial.contains(p))");
    check("!['c4'].all(p, ['02'].all(q, !(cert.serial.contains(q) || cert.serial.contains(p))))");
    check("['c4a1'].exists(p, percentEncode(p) == cert.serial)");
    check("['c4a1'].exists(p, p in cert.ids)");
    check("['c4a1'].exists(p, cert.list.exists(c, c.serial == p))");
    check("cert.serial == {'1.2': 'c4a1', 'b': '02'}[cert.open.key]");
    check("{'a': '02', '1.2': 'c4a1'}[cert.open.key] == cert.serial");
    check("!(cert.serial != {'1.2': 'c4a1'}[cert.open.key])");
    check("cert.serial.startsWith({'1.2': 'c4a1'}[cert.open.key])");
    check("{'1.2': 'c4a1'}[cert.open.key] in cert.ids");
    check("['1.2'].exists(k, {'1.2': 'c4a1'}[k] == cert.serial)");
    check("cert.map[cert.open.key].hex == Append('c4a1')");
    check("{'c4a1': 'x'}[cert.serial] == 'x'");
    // What stands by itself is brought to it, beside whatever part of the facts.
    holds("cert.map['1.2'] == {'hex': 'C4:A1'}", true);
    holds("cert.map[cert.open.key].hex == 'C4:A1'", true);
    holds("cert.list[0].serial in ['00C4A1']", true);
    refused("cert.map['1.2'] == {'hex': 'x'}", "can never be here");
    refused("cert.map[cert.open.key].hex == 'x'", "can never be here");
}

/// Whatever else may be spelled otherwise: `!=` would keep nobody out.
#[test]
fn only_literals_and_fields_of_one_form_go_with_a_field_of_a_form() {
    holds("cert.serial == cert.other", true);
    holds("cert.serial in cert.ids", true);
    holds("cert.ids.exists(i, i == cert.list[0].serial)", true);
    holds("cert.other.contains(cert.serial)", true);
    holds("cert.map[cert.open.key].hex == cert.serial", true);
    holds("cert.free == cert.open.free", true);
    let foreign = "only literals and fields of the same form";
    for text in [
        "cert.serial != cert.free",
        "cert.free != cert.serial",
        "cert.serial != cert.digest",
        "cert.serial != cert.open.key",
        "!(cert.free in cert.ids)",
        "!(cert.serial in cert.OU)",
        "!(cert.serial in cert.open)",
        "!cert.serial.startsWith(cert.free)",
        "!cert.free.contains(cert.serial)",
        "cert.ids != cert.open.list",
        "cert.list[0] != cert.open.one",
        "cert.serial != Append('C4', cert.free)",
        "!['C4A1'].exists(p, Append(p) == cert.serial)",
        "!['C4'].exists(p, cert.serial.startsWith(Append(p, 'A')))",
        "cert.map[cert.serial].hex != '02'",
        "cert.OU.all(o, o != cert.serial)",
    ] {
        refused(text, foreign);
    }
    // Put together, nothing knows the spellings of its part.
    let made = "compare that field";
    for text in [
        "Append('s:', cert.serial) != 's:C4A1'",
        "'s:C4A1' != Append('s:', cert.serial)",
        "!(Append('s:', cert.serial) in ['s:C4A1'])",
        "!Append('s:', cert.serial).startsWith('s:C4')",
        "!'s:C4A1,s:D5'.contains(Append('s:', cert.serial))",
        "!glob(Append('s:', cert.serial), 's:C4*')",
        "!{'s:C4A1': true}[Append('s:', cert.serial)]",
        "percentEncode(Append('s:', percentEncode(cert.serial))) != 's:C4A1'",
        "Append(Append('s:', cert.serial)) != 's:C4A1'",
        "Append('s:', cert.list[0].serial) != cert.free",
        "Append('s:', cert.map[cert.open.key].hex) != 's:C4A1'",
    ] {
        refused(text, made);
    }
    holds("Append('s:', cert.free) == 's:C4A1'", true);
    // Which field a key names is not known.
    let several = "fields of several forms";
    refused("cert[{'1.2': 'serial'}[cert.open.key]] != 'C4A1'", several);
    refused("cert[Append('ser', 'ial')] != 'C4A1'", several);
    refused("cert.claims[cert.claims.x] != 'C4A1'", several);
    refused("cert.list.all(c, c[cert.claims.x] != 'C4A1')", several);
    holds("cert.open[Append('fr', 'ee')] == 'C4A1'", true);
    holds("cert.claims['serial'] == 'C4A1'", true);
}

/// Where nothing is compared, such a field is put together as any other.
#[test]
fn fields_of_a_form_are_written_into_subjects() {
    let check = |text: &str, expect: Result<&str, &str>| {
        let typed = Expression::parse(text).unwrap().typed(&MODELS);
        let value = typed.map(|typed| typed.evaluate(&facts()).unwrap());
        match (value, expect) {
            (Ok(value), Ok(expect)) => assert_eq!(value, expect.into(), "{text}"),
            (Err(error), Err(says)) => assert!(error.to_string().contains(says), "{text}: {error}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    };
    check("Append('s:', cert.serial)", Ok("s:c4a1"));
    check("Append('s:', cert.free, ':', percentEncode(cert.serial))", Ok("s:C4A1:c4a1"));
    check("{'c4a1': 'x'}[cert.serial]", Ok("x"));
    check("{'C4A1': 'x'}[cert.serial]", Err("can never be here"));
    check("{'s:C4A1': 'x'}[Append('s:', cert.serial)]", Err("compare that field"));
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
