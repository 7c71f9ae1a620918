use super::*;
use crate::json::parse;
use alloc::format;
use alloc::string::{String, ToString};

/// A document with a member of each kind, as a reader of ours would read it.
fn form(node: &Node<'_>, problems: &mut Problems) -> Option<()> {
    let mut members = node.members(problems)?;
    let audience = members.required("audience", problems);
    let scope = members.optional("scope");
    let skew = members.optional("skew");
    let limit = members.optional("limit");
    let way = members.optional("way");
    let open = members.flag("open", false, problems);
    members.close(problems);
    let mut good = audience?.line(problems).is_some() && open.is_some();
    if let Some(node) = scope {
        good &= node.list(problems)?.iter().all(|value| value.text(problems).is_some());
    }
    good &= skew.is_none_or(|node| node.integer(0..=120, "seconds", problems).is_some());
    good &= limit.is_none_or(|node| node.is_positive(60, "seconds", problems).is_some());
    good &= way.is_none_or(|node| node.word(&[("host", 1), ("own", 2)], problems).is_some());
    good.then_some(())
}

fn problems(text: &str) -> Vec<String> {
    let found = read_text(text.as_bytes(), json::Limits::DOCUMENT, form);
    found.err().unwrap_or_default().iter().map(Problem::to_string).collect()
}

#[test]
fn every_problem_has_its_place() {
    let check = |more: &str, expect: &[&str]| {
        let text = format!(r#"{{"audience":"a"{more}}}"#);
        assert_eq!(problems(&text), expect, "{text}");
    };
    check("", &[]);
    check(r#","scope":[],"skew":120,"limit":16.1,"way":"own","open":true"#, &[]);
    check(r#","limit":60"#, &[]);
    check(r#","limit":0.05"#, &[]);
    let limit = "/limit: this number is missing or out of range; expected more than 0 and at most 60 (seconds)";
    for wrong in ["0", "0.0", "-1", "60.01", "61", "1e15", "\"5\"", "null"] {
        check(&format!(r#","limit":{wrong}"#), &[limit]);
    }
    let skew = "/skew: this number is missing or out of range; expected 0 to 120 (seconds)";
    for wrong in ["-1", "121", "0.5", "30.0", "\"30\"", "null"] {
        check(&format!(r#","skew":{wrong}"#), &[skew]);
    }
    check(r#","scope":"a""#, &["/scope: this is string; expected a list"]);
    check(r#","scope":["a",1]"#, &["/scope/1: this is integer; expected a string"]);
    check(
        r#","way":"hots""#,
        &["/way: `hots` is not known here; is `host` meant?; expected one of host, own"],
    );
    check(r#","open":1"#, &["/open: this is integer; expected true or false"]);
    let known = "expected one of audience, scope, skew, limit, way, open";
    check(
        r#","scpoe":1,"a/b~c":2"#,
        &[
            &format!("/a~1b~0c: `a/b~c` is not known here; {known}"),
            &format!("/scpoe: `scpoe` is not known here; is `scope` meant?; {known}"),
        ],
    );
}

#[test]
fn lines_are_shown_as_they_are() {
    for text in ["", "a\u{0}b", "a\nb", "a\u{202e}b", "a\u{2028}b"] {
        let document = Value::from(json::Object::from_iter([("audience", text)]));
        assert_eq!(read(&document, form).unwrap_err().len(), 1, "{text:?}");
    }
    let document = Value::from(json::Object::from_iter([("audience", "équipe 7")]));
    assert_eq!(read(&document, form), Ok(()));
}

#[test]
fn what_is_no_document_is_one_problem() {
    let check = |text: &str, expect: &str| {
        let found = problems(text);
        assert!(found.len() == 1 && found.iter().all(|one| one.starts_with(expect)), "{found:?}");
    };
    check("", "/: json_malformed");
    check("{\"audience\":\"a\",\"audience\":\"b\"}", "/: json_duplicate_member");
    check("[]", "/: this is array; expected an object");
    check("{}", "/: `audience` is missing; expected the member `audience`");
}

#[test]
fn a_problem_without_a_place_concerns_the_whole() {
    let problem = Problem::new("", "this is wrong", "something else").near(Some("right"));
    assert_eq!(problem.to_string(), "/: this is wrong; is `right` meant?; expected something else");
    assert!(parse(b"{}").is_ok_and(|document| read(&document, |_, _| Some(1)) == Ok(1)));
}
