use super::super::Expression;
use super::*;
use crate::json;
use alloc::format;

const FACTS: &str = r#"{"jwt": {"claims": {
    "s": "x", "empty": "", "i": 7, "big": "07", "d": 1.5, "yes": true, "no": false, "nil": null,
    "list": ["x", "y"], "mixed": ["x", 7], "none": [], "o": {"k": "v", "n": null}, "void": {},
    "nest": [[1], [2]], "__proto__": "p"
}}}"#;

fn shown(text: &str) -> String {
    // Short names in the tables: `~s` is `jwt.claims.s`.
    let text = text.replace('~', "jwt.claims.");
    let facts = Facts::new(json::parse_object(FACTS.as_bytes()).unwrap());
    match Expression::parse(&text).unwrap().evaluate(&facts) {
        Ok(value) => value.to_string(),
        Err(error) => format!("{error}").replace("jwt.claims.", "~"),
    }
}

fn check(text: &str, expect: &str) {
    assert_eq!(shown(text), expect, "{text}");
}

#[test]
fn equality_is_within_a_kind() {
    check("~s == 'x'", "true");
    check("~s == 'y'", "false");
    check("~s != 'y'", "true");
    check("~i == 7", "true");
    check("~i == -7", "false");
    check("~yes == true", "true");
    check("~nil == null", "true");
    check("~list == ['x', 'y']", "true");
    check("~list == ['x']", "false");
    check("~none == []", "true");
    check("~o == ~o", "true");
    check("~o == ~void", "false");
    check("~nest[0] == ~nest[1]", "false");
    check("~d == ~d", "true");
    check("~__proto__ == 'p'", "true");
}

/// B9: whether it is there is all that can be asked of an integer that two readers would see differently.
#[test]
fn b9_integers_beyond_2_53_are_there_and_are_never_read() {
    let facts = r#"{"jwt": {"claims": {"big": 9007199254740993, "o": {"big": -18446744073709551617},
        "list": [1, 9007199254740993], "good": 9007199254740991}}}"#;
    let check = |text: &str, expect: &str| {
        let text = text.replace('~', "jwt.claims.");
        let facts = json::parse_object_with(facts.as_bytes(), json::Limits::CLAIMS).unwrap();
        let found = match Expression::parse(&text).unwrap().evaluate(&Facts::new(facts)) {
            Ok(value) => value.to_string(),
            Err(error) => format!("{error}").replace("jwt.claims.", "~"),
        };
        assert_eq!(found, expect, "{text}");
    };
    let big = |path: &str| {
        format!("{path} is an integer beyond 2^53, which no condition and no mapping reads")
    };
    check("has(~big)", "true");
    check("has(~o.big)", "true");
    check("~good == 9007199254740991", "true");
    for test in
        ["== 9007199254740991", "!= 7", "> 1", "<= 1", "== '9007199254740993'", "in [1]", "== null"]
    {
        check(&format!("~big {test}"), &big("~big"));
    }
    check("9 < ~big", &big("~big"));
    check("~big == ~big", &big("~big"));
    check("IsNullOrEmpty(~big)", &big("~big"));
    check("IsNullOrEmpty(~o.big)", &big("~o.big"));
    check("size(~big)", &big("~big"));
    check("Append('a', ~big)", &big("~big"));
    check("~big", &big("~big"));
    check("~list[1]", &big("~list[1]"));
    check("~list[0]", "1");
    check("~list == [1, 2]", &big("~list"));
    check("~list == ~list", &big("~list"));
    check("~o == {'big': 1}", &big("~o"));
    check("2 in ~list", &big("~list"));
    check("~list.exists(x, x == 2)", &big("x"));
    check("~list.all(x, x > 0)", &big("x"));
    // What does not depend on it is decided without it.
    check("1 in ~list", "true");
    check("~list.exists(x, x == 1)", "true");
    check("size(~list)", "2");
    check("'big' in ~o", "true");
    check("~big == 1 || ~good > 1", "true");
    check("~big == 1 && ~good < 1", "false");
    check("~big.more", "~big is of kind integer beyond 2^53, expected object");
}

#[test]
fn different_kinds_are_an_error() {
    check("~i == '7'", "~i and the literal do not compare: integer against string");
    check("~i != '7'", "~i and the literal do not compare: integer against string");
    check("null == ~s", "the literal and ~s do not compare: null against string");
    check("~d == 1", "~d and the literal do not compare: decimal against integer");
    check("~yes == 'true'", "~yes and the literal do not compare: boolean against string");
    check("~none == ~void", "~none and ~void do not compare: array against object");
    check("~list == ~mixed", "~list and ~mixed do not compare: string against integer");
    // Also when an earlier pair already differs, whatever the order.
    check("~mixed == ['a', 'b']", "~mixed and the list do not compare: integer against string");
    check("~mixed == ~nest", "~mixed and ~nest do not compare: integer against array");
}

#[test]
fn missing_is_an_error_that_names_the_path() {
    check("~gone == 'x'", "~gone is missing");
    check("~gone != 'x'", "~gone is missing");
    check("~gone.more.still", "~gone of ~gone.more.still is missing");
    check("cert.subject", "cert of cert.subject is missing");
    check("~list[2]", "~list[2] is missing");
    check("~list[1]", "\"y\"");
    check("~s.length", "~s is of kind string, expected object");
    check("~list.x", "~list is of kind array, expected object");
    check("~o[0]", "~o is of kind object, expected array");
    check("~nil.x", "~nil is of kind null, expected object");
    check("~constructor", "~constructor is missing");
}

#[test]
fn errors_are_absorbed_from_either_side() {
    check("~gone == 'x' && false", "false");
    check("false && ~gone == 'x'", "false");
    check("~gone == 'x' || true", "true");
    check("true || ~gone == 'x'", "true");
    check("~gone == 'x' && true", "~gone is missing");
    check("true && ~gone == 'x'", "~gone is missing");
    check("~gone == 'x' || false", "~gone is missing");
    check("~gone == 'x' || ~lost == 'y' || false", "~gone is missing");
    check("!(~gone == 'x') || true", "true");
    check("!(~gone == 'x')", "~gone is missing");
    check("'text' && false", "false");
    check("'text' && true", "the literal is of kind string, expected boolean");
    check("!~s", "~s is of kind string, expected boolean");
    check("~gone == 'x' && ~s == 'y' || ~i == 7", "true");
}

#[test]
fn has_tolerates_only_its_last_segment() {
    check("has(~s)", "true");
    check("has(~nil)", "true");
    check("has(~gone)", "false");
    check("has(~o.k)", "true");
    check("has(~o['x'])", "false");
    check("has(~gone.more)", "~gone of ~gone.more is missing");
    check("has(~s.more)", "~s is of kind string, expected object");
    check("has(~list.more)", "~list is of kind array, expected object");
    check("has(cert.subject)", "cert of cert.subject is missing");
    check("has(~gone) && ~gone == 'x'", "false");
}

#[test]
fn is_null_or_empty_tolerates_the_whole_path() {
    for empty in ["~nil", "~empty", "~none", "~void", "~gone", "~gone.x[0]", "~nil.x", "cert"] {
        check(&format!("IsNullOrEmpty({empty})"), "true");
    }
    for full in ["~s", "~i", "~d", "~no", "~list", "~o", "Append(~s)", "Append('a', 1)"] {
        check(&format!("IsNullOrEmpty({full})"), "false");
    }
    check("IsNullOrEmpty(Append(~empty))", "true");
    check("IsNullOrEmpty(Append(~gone))", "~gone is missing");
    check("IsNullOrEmpty(~s.x)", "~s is of kind string, expected object");
    check("IsNullOrEmpty(~o[0])", "~o is of kind object, expected array");
}

#[test]
fn membership() {
    check("~s in ['a', 'x']", "true");
    check("~s in ['a', 'b']", "false");
    check("~s in []", "false");
    check("'y' in ~list", "true");
    check("'z' in ~list", "false");
    check("'k' in ~o", "true");
    check("'x' in ~o", "false");
    check("7 in ~mixed", "true");
    check("'x' in ~mixed", "true");
    check("'z' in ~mixed", "the literal and ~mixed do not compare: string against integer");
    check("~i in ['7']", "~i and the list do not compare: integer against string");
    check("~nest[0] in ~nest", "true");
    check("'x' in ~s", "~s is of kind string, expected array or object");
    check("7 in ~o", "the literal is of kind integer, expected string");
    check("~gone in []", "~gone is missing");
}

#[test]
fn order_is_for_integers() {
    check("~i < 8 && ~i <= 7 && ~i > 6 && ~i >= 7", "true");
    check("~i < 7 || ~i > 7 || ~i <= 6 || ~i >= 8", "false");
    check("~big < 8", "~big is of kind string, expected integer");
    check("~d < 2", "~d is of kind decimal, expected integer");
    check("7 > ~nil", "~nil is of kind null, expected integer");
}

#[test]
fn append_joins_strings_integers_and_booleans() {
    check("Append(~s, ':', ~i, ':', -3, ':', ~yes)", r#""x:7:-3:true""#);
    check("Append(~nil)", "~nil is of kind null, expected string, integer or boolean");
    check("Append(~list)", "~list is of kind array, expected string, integer or boolean");
    check("Append(~d)", "~d is of kind decimal, expected string, integer or boolean");
    check("Append(~s, ~gone)", "~gone is missing");
}

#[test]
fn percent_encode_makes_visible_ascii() {
    check("percentEncode(~s)", r#""x""#);
    check("percentEncode('Production East')", r#""Production%20East""#);
    check("percentEncode('équipe 100%')", r#""%C3%A9quipe%20100%25""#);
    check("percentEncode('a\\n\\u202eb')", r#""a%0A%E2%80%AEb""#);
    check("percentEncode(~empty)", r#""""#);
    check("Append('urn:', percentEncode(~s), ':', ~i)", r#""urn:x:7""#);
    check("percentEncode(~i)", "~i is of kind integer, expected string");
    check("percentEncode(~gone)", "~gone is missing");
    let long = "é".repeat(limits::EXPRESSION_STRING_BYTES / 6);
    check(&format!("IsNullOrEmpty(percentEncode('{long}'))"), "false");
    let too_long = "a string is longer than 4096 bytes";
    check(&format!("IsNullOrEmpty(percentEncode('{long}é'))"), too_long);
}

#[test]
fn glob_takes_strings() {
    check("glob(~s, 'x*')", "true");
    check("glob(~s, '*y')", "false");
    check("glob(~i, '*7')", "~i is of kind integer, expected string");
    check("glob(~gone, '*x')", "~gone is missing");
}

#[test]
fn limits_are_never_absorbed() {
    let string = |length| format!("{:x<1$}", "", length);
    let long = string(limits::EXPRESSION_STRING_BYTES);
    check(&format!("IsNullOrEmpty(Append('{long}'))"), "false");
    check(&format!("IsNullOrEmpty(Append('{long}', 'x'))"), "a string is longer than 4096 bytes");
    check(
        &format!("IsNullOrEmpty(Append('{long}', 'x')) || true"),
        "a string is longer than 4096 bytes",
    );
    check(&format!("true || IsNullOrEmpty(Append('{long}', 'x'))"), "true");

    let elements = alloc::vec![Value::Integer(1); limits::EXPRESSION_STEPS];
    let models = json::Object::from_iter([("jwt", Value::Array(elements))]);
    let facts = Facts::new(models);
    let evaluate = |text: &str| Expression::parse(text).unwrap().condition(&facts);
    assert_eq!(evaluate("2 in jwt || true"), Err(EvalError::TooManySteps));
    assert_eq!(evaluate("true || 2 in jwt"), Ok(true));
    assert_eq!(evaluate("1 in jwt"), Ok(true));
}

/// Facts that no parser made may be deeper than any parser allows.
#[test]
fn comparison_of_deep_facts_costs_no_stack() {
    let deep = |depth| (0..depth).fold(Value::Null, |inner, _| Value::Array(alloc::vec![inner]));
    let models = json::Object::from_iter([("a", deep(5_000)), ("b", deep(5_000))]);
    let facts = Facts::new(models);
    let equal = Expression::parse("a == b").unwrap();
    assert_eq!(equal.condition(&facts), Ok(true));
}

#[test]
fn texts_sizes_and_members() {
    check("~s.startsWith('x')", "true");
    check("~big.endsWith('7')", "true");
    check("~big.contains('07')", "true");
    check("~big.contains('8')", "false");
    check("~i.startsWith('7')", "~i is of kind integer, expected string");
    check("~s.contains(~i)", "~i is of kind integer, expected string");
    check("~gone.endsWith('x')", "~gone is missing");
    check("size('aé😀')", "3");
    check("~mixed.size()", "2");
    check("size(~o)", "2");
    check("size(~nil)", "~nil is of kind null, expected string, array or object");
    check("{'x': 'one', 'y': 'two'}[~s]", "\"one\"");
    check("{'x': 'one'}[~big]", "the map[~big] is missing");
    check("~list[{'a': 1}.a]", "\"y\"");
    check("~list[~i]", "~list[~i] is missing");
    check("~o[~list[5]]", "~list[5] is missing");
    check("~o[{'a': 1}.a]", "~o is of kind object, expected array");
    check("~s[~s]", "~s is of kind string, expected object");
    check("~list[~yes]", "~yes is of kind boolean, expected string or integer");
}

#[test]
fn quantifiers_absorb_errors_as_their_operators_do() {
    check("~list.exists(x, x == 'y')", "true");
    check("~list.all(x, x == 'y')", "false");
    check("~none.exists(x, x == 'y')", "false");
    check("~none.all(x, x == 'y')", "true");
    check("~mixed.exists(x, x == 'x')", "true");
    check("~mixed.exists(x, x == 'z')", "x and the literal do not compare: integer against string");
    check("~mixed.all(x, x == 'z')", "false");
    check("~mixed.all(x, x == 'x')", "x and the literal do not compare: integer against string");
    check("~nest.exists(x, x.exists(y, y == 2))", "true");
    check("~nest.all(x, x.all(y, y == 2 || y == ~nest[0][0]))", "true");
    check("~list.exists(x, x == ~gone)", "~gone is missing");
    check("~o.exists(x, x == 'k')", "~o is of kind object, expected array");
    check("~s.all(x, x == 'k')", "~s is of kind string, expected array");
    check("~gone.all(x, x == 'k')", "~gone is missing");
    check("~list.exists(x, x)", "x is of kind string, expected boolean");
    check("~list.exists(x, has(x.k))", "x is of kind string, expected object");
}

/// Nested quantifiers multiply; the budget ends them.
#[test]
fn quantifiers_are_bounded_by_the_budget() {
    let list = format!("[{}]", vec!["1"; 100].join(", "));
    let nested = format!("{list}.all(a, {list}.all(b, {list}.all(c, a == b && b == c)))");
    check(&nested, &format!("the evaluation takes more than {} steps", limits::EXPRESSION_STEPS));
    let facts = Facts::new(json::parse_object(FACTS.as_bytes()).unwrap());
    let steps = |text: &str| Expression::parse(text).unwrap().steps(&facts);
    assert_eq!(steps("jwt.claims.s == 'x'"), steps("jwt.claims.s == 'y'"));
    assert!(steps("jwt.claims.list.all(v, v != 'z')") > steps("jwt.claims.s == 'x'"));
}
