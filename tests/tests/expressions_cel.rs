//! The expression language is a subset of CEL with the same meaning: the `cel` crate is the oracle.
//!
//! Two worlds are generated. In the *typed* one every comparison is within a kind, and both must
//! agree on every value and on every error. In the *free* one comparisons mix kinds, which is an
//! error to us and false to CEL (the listed exceptions); there CEL must know every value that we
//! know, and may know more.

use std::collections::HashMap;

use cel::{Context, Program, Value as CelValue};
use credmint_core::expr::{Expression, Facts};
use credmint_core::json::{self, Value};
use proptest::prelude::*;

const FACTS: &str = r#"{
    "jwt": {"claims": {
        "s": "x", "t": "y", "empty": "", "i": 7, "j": -1, "yes": true, "no": false, "nil": null,
        "list": ["x", "y"], "numbers": [7, 8], "none": [], "o": {"k": "x", "in": "y"},
        "kubernetes.io": {"namespace": "x"},
        "mixed": [{"j": "x"}, {"k": "x"}], "odd": ["x", 7, null]
    }},
    "client": {"clientId": "x"}
}"#;

fn to_cel(value: &Value) -> CelValue {
    match value {
        Value::Null => CelValue::Null,
        Value::Bool(value) => CelValue::Bool(*value),
        Value::Integer(value) => CelValue::Int(*value),
        Value::Decimal(value) => CelValue::Float(*value),
        Value::BigInteger(digits) => unreachable!("{digits} is not among the facts"),
        Value::String(value) => CelValue::from(value.as_str()),
        Value::Array(elements) => CelValue::from(elements.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name, to_cel(value)));
            CelValue::from(members.collect::<HashMap<_, _>>())
        }
    }
}

/// The value that CEL gives for [`FACTS`], or its error.
fn cel(text: &str) -> Result<CelValue, String> {
    let program = Program::compile(text).map_err(|error| format!("does not compile: {error:?}"))?;
    let mut context = Context::default();
    for (name, value) in json::parse_object(FACTS.as_bytes()).unwrap().iter() {
        context.add_variable_from_value(name, to_cel(value));
    }
    program.execute(&context).map_err(|error| error.to_string())
}

/// The value that we give; `None` when the text is not an expression.
fn ours(text: &str) -> Option<Result<CelValue, String>> {
    let expression = Expression::parse(text).ok()?;
    let facts = Facts::new(json::parse_object(FACTS.as_bytes()).unwrap());
    Some(expression.evaluate(&facts).map(|value| to_cel(&value)).map_err(|error| error.to_string()))
}

/// Both know the same value, or neither knows one.
fn same(text: &str) {
    let ours = ours(text).unwrap_or_else(|| panic!("{text} does not parse"));
    let cel = cel(text);
    assert_eq!(ours.as_ref().ok(), cel.as_ref().ok(), "{text}: ours {ours:?}, CEL {cel:?}");
}

#[test]
fn named_cases_agree() {
    for text in [
        "jwt.claims.s == 'x' || jwt.claims.gone == 'x' && false",
        "jwt.claims.gone == 1 && false",
        "false && jwt.claims.gone == 1",
        "jwt.claims.gone == 1 && true",
        "jwt.claims.gone == 1 || true",
        "!jwt.claims.yes == jwt.claims.no",
        "!(jwt.claims.yes == jwt.claims.no)",
        "!!jwt.claims.yes",
        "has(jwt.claims.s)",
        "has(jwt.claims.nil)",
        "has(jwt.claims.gone)",
        "has(jwt.claims.gone.more)",
        "has(cert.subject)",
        "jwt.claims['kubernetes.io'].namespace == \"x\"",
        "jwt.claims[\"s\"] in ['x', 'y',]",
        "'x' in jwt.claims.list",
        "'k' in jwt.claims.o",
        "'gone' in jwt.claims.o",
        "jwt.claims.list[1] == 'y'",
        "jwt.claims.list[2] == 'y'",
        "jwt.claims.list == ['x', 'y']",
        "jwt.claims.none == []",
        "jwt.claims.nil == null",
        "7 in jwt.claims.numbers",
        "jwt.claims.i<8&&jwt.claims.j>-2",
        "jwt.claims.s.length == 1",
        r#"'\\\"\'\n\t\ré\u00e9' == "\\\"\'\n\t\ré\u00e9""#,
        "jwt . claims [ 's' ]",
        "-1 < jwt.claims.i",
        "(jwt.claims.s == 'x') != (jwt.claims.t == 'x')",
        "jwt.claims",
        "jwt.claims.s.startsWith('x')",
        "jwt.claims.s.startsWith('')",
        "jwt.claims.s.endsWith('y')",
        "'aé-b'.contains('é-')",
        "jwt.claims.gone.startsWith('x') || true",
        "jwt.claims.gone.startsWith('x') && true",
        "size('aé😀') == 3",
        "'aé😀'.size() == 3",
        "size(jwt.claims.list) == 2",
        "jwt.claims.o.size() == 2",
        "size(jwt.claims.gone) == 0",
        "{'a': 1}.a == 1",
        "{'a': 'x', 'b': 'y'}['b'] == jwt.claims.t",
        "{'x': 7}[jwt.claims.s] == jwt.claims.i",
        "{'x': 7}[jwt.claims.t] == 7",
        "jwt.claims.o[{'a': 'k'}.a] == 'x'",
        "[1, 2][0] == 1",
        "[1, 2][2] == 1",
        "jwt.claims.list[jwt.claims.i] == 'x'",
        "{'a': 1} == {'a': 1}",
        "'a' in {'a': 1}",
        "{} == {}",
        "jwt.claims.list.exists(x, x == 'y')",
        "jwt.claims.list.all(x, x == 'y')",
        "jwt.claims.none.exists(x, x == 'y')",
        "jwt.claims.none.all(x, x == 'y')",
        "['x', 'y'].exists(v, v == jwt.claims.t && !jwt.claims.no)",
        "jwt.claims.list.exists(x, jwt.claims.list.all(y, y == x || y == 'y'))",
        "jwt.claims.list.exists(x, x == jwt.claims.gone || x == 'y')",
        "jwt.claims.list.exists(x, x == jwt.claims.gone)",
        "jwt.claims.list.all(x, x == jwt.claims.gone && x == 'z')",
        "jwt.claims.list.all(x, x == jwt.claims.gone || x != 'z')",
        "jwt.claims.gone.exists(x, x == 'y')",
        "jwt.claims.s.exists(x, x == 'y')",
        "jwt.claims.mixed.exists(m, m.k == 'x')",
        "jwt.claims.mixed.exists(m, has(m.k) && m.k == 'x')",
        "jwt.claims.mixed.all(m, has(m.k))",
    ] {
        same(text);
    }
}

/// The exceptions: what CEL calls false (or, for order, a value) is an error here.
#[test]
fn the_exceptions_are_these() {
    for (text, value) in [
        ("jwt.claims.s == 7", false),
        ("jwt.claims.s != 7", true),
        ("jwt.claims.s == null", false),
        ("jwt.claims.i in ['7']", false),
        ("jwt.claims.list == [1, 2]", false),
        ("jwt.claims.s < 'y'", true),
        ("jwt.claims.o.exists(name, name == 'k')", true),
        ("jwt.claims.odd.exists(x, x == 8)", false),
    ] {
        assert_eq!(cel(text), Ok(CelValue::Bool(value)), "{text}");
        let error = ours(text).expect("it parses").expect_err(text);
        let error = error.to_string();
        let names_kinds = ["compare", "of kind"].iter().any(|words| error.contains(words));
        assert!(names_kinds, "{text}: {error}");
    }
}

/// What is ours alone: CEL reads the calls, and knows no such functions.
#[test]
fn our_own_functions_are_these() {
    for text in [
        "Append('a', 7, true) == 'a7true'",
        "IsNullOrEmpty(jwt.claims.gone)",
        "glob(jwt.claims.s, '*')",
        "percentEncode('é 100%') == '%C3%A9%20100%25'",
    ] {
        assert!(Program::compile(text).is_ok(), "not CEL: {text}");
        assert_eq!(cel(text).ok(), None, "CEL knows: {text}");
        assert_eq!(ours(text), Some(Ok(CelValue::Bool(true))), "{text}");
    }
}

/// What CEL means something else by, or something that we do not have, does not parse.
#[test]
fn what_we_do_not_mean_as_cel_does_is_refused() {
    for text in [
        "jwt.claims.yes == jwt.claims.yes == true",
        "jwt.claims.yes ? 1 : 2",
        "r'\\d' == 'x'",
        "b'x' == 'x'",
        "'''x''' == 'x'",
        "0x10 == 16",
        "1u == 1",
        "1.0 == 1",
        "007 == 7",
        "1 + 1 == 2",
        "3 -1 == 2",
        "'\\x41' == 'A'",
        "[jwt.claims.s, 'y'] == ['x', 'y']",
        "[1, 'y'] == [1, 'y']",
        "{'a': [1]} == {'a': [1]}",
        "{1: 'a'}[1] == 'a'",
        "jwt.claims.list.exists_one(x, x == 'x')",
        "jwt.claims.list.map(x, x == 'x') == [true, false]",
        "jwt.claims.list.filter(x, x == 'x') == ['x']",
        "jwt.claims.list.exists(s, jwt.claims.list.exists(s, s == 'x'))",
        "jwt.claims.list.exists(jwt, jwt == 'x')",
        "jwt.claims.s.matches('x')",
        ".jwt.claims.s == 'x'",
        "jwt.claims.list[0 == 1]",
        "jwt.claims.s == 'x' // comment",
    ] {
        assert!(Program::compile(text).is_ok(), "not CEL: {text}");
        assert_eq!(ours(text), None, "{text}");
    }
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(texts).prop_map(String::from)
}

fn join(parts: &[&str]) -> String {
    parts.concat()
}

const STRINGS: &[&str] = &[
    "jwt.claims.s",
    "jwt.claims[\"t\"]",
    "jwt.claims.empty",
    "jwt.claims.gone",
    "jwt.claims.list[1]",
    "jwt.claims.list[5]",
    "jwt.claims['kubernetes.io'].namespace",
    "jwt.claims.o.k",
    "client.clientId",
    "cert.subject.CN",
    "'x'",
    "\"y\"",
    "''",
];
const INTEGERS: &[&str] =
    &["jwt.claims.i", "jwt.claims.j", "jwt.claims.numbers[0]", "jwt.claims.gone", "7", "-1", "0"];
const BOOLEANS: &[&str] =
    &["jwt.claims.yes", "jwt.claims.no", "jwt.claims.gone", "true", "false", "!jwt.claims.no"];
const STRING_LISTS: &[&str] =
    &["['x', 'z']", "['y',]", "[]", "jwt.claims.list", "jwt.claims.none", "jwt.claims.gone"];
const INTEGER_LISTS: &[&str] = &["[7, -1]", "[]", "jwt.claims.numbers", "jwt.claims.none"];
const HAS: &[&str] = &[
    "has(jwt.claims.s)",
    "has(jwt.claims.gone)",
    "has(jwt.claims.gone.more)",
    "has(jwt.claims.o.k)",
    "has(jwt.claims.o.gone)",
    "has(cert.subject)",
];
const ORDER: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

/// Relations within one kind.
fn typed_relation() -> impl Strategy<Value = String> {
    let relation = |left: BoxedStrategy<String>, operators, right: BoxedStrategy<String>| {
        (left, one_of(operators), right)
            .prop_map(|(left, operator, right)| join(&[&left, " ", &operator, " ", &right]))
    };
    let boxed = |texts| one_of(texts).boxed();
    prop_oneof![
        relation(boxed(STRINGS), &["==", "!="], boxed(STRINGS)),
        relation(boxed(INTEGERS), ORDER, boxed(INTEGERS)),
        relation(boxed(BOOLEANS), &["==", "!="], boxed(BOOLEANS)),
        relation(boxed(STRINGS), &["in"], boxed(STRING_LISTS)),
        relation(boxed(INTEGERS), &["in"], boxed(INTEGER_LISTS)),
        relation(boxed(STRINGS), &["in"], boxed(&["jwt.claims.o", "jwt.claims"])),
        one_of(HAS),
        one_of(BOOLEANS),
        text_test(),
        measured(),
        quantified(),
    ]
}

/// Tests of one text by another.
fn text_test() -> impl Strategy<Value = String> {
    let test = one_of(&["startsWith", "endsWith", "contains"]);
    (one_of(STRINGS), test, one_of(STRINGS))
        .prop_map(|(text, test, part)| format!("{text}.{test}({part})"))
}

/// Sizes and members of what has some, beside a value of the same kind.
fn measured() -> impl Strategy<Value = String> {
    let sized = one_of(&[
        "jwt.claims.s",
        "jwt.claims.empty",
        "jwt.claims.list",
        "jwt.claims.none",
        "jwt.claims.o",
        "jwt.claims.gone",
        "'aé'",
        "['x', 'y']",
        "{'k': 1}",
    ]);
    let size = (sized, any::<bool>()).prop_map(|(of, method)| {
        if method { format!("{of}.size()") } else { format!("size({of})") }
    });
    let map = one_of(&["{'x': 'y', 'y': 'x'}", "jwt.claims.o", "{'': 'x'}"]);
    let member = (map, one_of(STRINGS)).prop_map(|(map, key)| format!("{map}[{key}]"));
    let element = (one_of(STRING_LISTS), one_of(INTEGERS))
        // A literal below 0 is refused when it is parsed, a value below 0 is an error.
        .prop_filter("an index of ours", |(_, index)| index != "-1")
        .prop_map(|(list, index)| format!("{list}[{index}]"));
    prop_oneof![
        (size, one_of(ORDER), one_of(INTEGERS))
            .prop_map(|(a, op, b)| join(&[&a, " ", &op, " ", &b])),
        (member, one_of(STRINGS)).prop_map(|(a, b)| join(&[&a, " == ", &b])),
        (element, one_of(STRINGS)).prop_map(|(a, b)| join(&[&a, " != ", &b])),
    ]
}

/// `exists` and `all`, one within another, with what is outside in their bodies.
fn quantified() -> impl Strategy<Value = String> {
    let atom = |variable: &'static str| {
        prop_oneof![
            one_of(STRINGS).prop_map(move |other| format!("{variable} == {other}")),
            one_of(STRINGS).prop_map(move |other| format!("{other} != {variable}")),
            one_of(STRING_LISTS).prop_map(move |list| format!("{variable} in {list}")),
            one_of(STRINGS).prop_map(move |other| format!("{variable}.startsWith({other})")),
            one_of(BOOLEANS),
            one_of(HAS),
        ]
    };
    let body = |variable: &'static str| {
        let operator = one_of(&[" && ", " || "]);
        (atom(variable), operator, atom(variable)).prop_map(|(a, op, b)| join(&[&a, &op, &b]))
    };
    let macro_of = || one_of(&["exists", "all"]);
    let inner = (one_of(STRING_LISTS), macro_of(), body("y"), body("x"))
        .prop_map(|(list, name, own, outer)| format!("{list}.{name}(y, {own} || {outer})"));
    let bodies = prop_oneof![3 => body("x"), 1 => inner];
    (one_of(STRING_LISTS), macro_of(), bodies)
        .prop_map(|(list, name, body)| format!("{list}.{name}(x, {body})"))
}

/// Any operands beside any operator, chains of relations included.
fn free_relation() -> impl Strategy<Value = String> {
    let operand = || {
        prop_oneof![
            one_of(STRINGS),
            one_of(INTEGERS),
            one_of(BOOLEANS),
            one_of(STRING_LISTS),
            one_of(INTEGER_LISTS),
            one_of(HAS),
            text_test(),
            quantified(),
            one_of(&[
                "size(jwt.claims.list)",
                "{'x': 1}",
                "{'x': 1}.x",
                "jwt.claims.odd",
                "jwt.claims.odd[1]"
            ]),
            one_of(&["jwt.claims.odd.exists(x, x == 7)", "jwt.claims.odd.all(x, x != 'x')"]),
            one_of(&["null", "jwt.claims.nil", "jwt.claims.o", "jwt", "jwt.claims.s.more"]),
        ]
    };
    let operator = one_of(&["==", "!=", "<", "<=", ">", ">=", "in"]);
    (operand(), prop::collection::vec((operator, operand()), 0..3)).prop_map(|(first, rest)| {
        rest.iter().fold(first, |left, (operator, right)| join(&[&left, " ", operator, " ", right]))
    })
}

/// Relations under `&&`, `||`, `!` and parentheses, with and without need of them, so that
/// precedence matters.
fn condition(relation: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    relation.prop_recursive(4, 32, 3, |inner| {
        let chain = prop::collection::vec((inner.clone(), one_of(&[" && ", " || "])), 2..4);
        prop_oneof![
            4 => chain.prop_map(|parts| {
                let joined: String = parts.iter().map(|(p, op)| join(&[p, op])).collect();
                joined.trim_end_matches([' ', '&', '|']).to_owned()
            }),
            2 => inner.clone().prop_map(|part| format!("({part})")),
            2 => inner.prop_map(|part| format!("!({part})")),
        ]
    })
}

proptest! {
    #[test]
    fn within_a_kind_both_agree(text in condition(typed_relation())) {
        let ours = ours(&text);
        prop_assert!(ours.is_some(), "does not parse: {}", text);
        let (ours, cel) = (ours.and_then(Result::ok), cel(&text));
        prop_assert_eq!(ours, cel.clone().ok(), "{}: {:?}", text, cel);
    }

    #[test]
    fn between_kinds_cel_knows_all_that_we_know(text in condition(free_relation())) {
        if let Some(ours) = ours(&text) {
            let cel = cel(&text);
            prop_assert!(Program::compile(&text).is_ok(), "not CEL: {}", text);
            if let Ok(value) = ours {
                prop_assert_eq!(Ok(value), cel, "{}", text);
            }
        }
    }

    /// `!a == b` is `(!a) == b` in CEL. For booleans `==` cannot show it; other operators and kinds
    /// can. CEL parsers drop `!!` unread, so that `!!'x'` is `'x'` to them and an error to us.
    #[test]
    fn negation_binds_as_in_cel(
        operand in one_of(BOOLEANS),
        string in one_of(STRINGS),
        n in 0_usize..4,
    ) {
        let not = "!".repeat(n);
        same(&format!("{not}{operand} in [true, false]"));
        same(&format!("{not}{operand} in [true]"));
        same(&format!("!{string} == 'x'"));
    }
}
