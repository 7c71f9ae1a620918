use super::*;
use crate::json::Object;
use alloc::format;
use alloc::string::{String, ToString};
use proptest::prelude::*;

fn parse(text: &str) -> Expression {
    Expression::parse(text).unwrap()
}

/// The alternatives of conditions, as `field=literal,literal` each.
fn shown(conditions: &[&str]) -> Option<Vec<String>> {
    let parsed: Vec<Expression> = conditions.iter().map(|text| parse(text)).collect();
    let all = alternatives(&parsed.iter().collect::<Vec<_>>())?;
    let field = |(field, literals): (&Field, &BTreeSet<Literal>)| {
        let literals: Vec<String> = literals.iter().map(ToString::to_string).collect();
        format!("{field}={}", literals.join(","))
    };
    Some(all.iter().map(|it| it.fixed.iter().map(field).collect::<Vec<_>>().join(" ")).collect())
}

#[track_caller]
fn check(conditions: &[&str], expect: &[&str]) {
    assert_eq!(shown(conditions).unwrap(), expect, "{conditions:?}");
}

#[test]
fn every_alternative_has_the_fields_that_it_fixes() {
    check(&["jwt.a == 'x'"], &["jwt.a=\"x\""]);
    check(&["'x' == jwt.a"], &["jwt.a=\"x\""]);
    check(&["jwt['a'] in ['x', 'y']"], &["jwt.a=\"x\",\"y\""]);
    check(&["jwt.a == 'x' && jwt.b == 7"], &["jwt.a=\"x\" jwt.b=7"]);
    check(&["jwt.a == 'x'", "jwt.b"], &["jwt.a=\"x\" jwt.b=true"]);
    check(&["jwt.a == 'x' && !jwt.b"], &["jwt.a=\"x\" jwt.b=false"]);
    check(&["!(jwt.a != 'x')"], &["jwt.a=\"x\""]);
    check(&["!(jwt.a != 'x' || jwt.b != 7)"], &["jwt.a=\"x\" jwt.b=7"]);
    check(&["!(jwt.a != 'x' && jwt.b != 7)"], &["jwt.a=\"x\"", "jwt.b=7"]);
    check(&["jwt.a == 'x' || jwt.a == 'y' || jwt.a == 'x'"], &["jwt.a=\"x\",\"y\""]);
    check(
        &["(jwt.a == 'x' || jwt.b == 'y') && jwt.c == 'z'"],
        &["jwt.a=\"x\" jwt.c=\"z\"", "jwt.b=\"y\" jwt.c=\"z\""],
    );
    check(
        &["jwt.a == 'x' && (jwt.b.startsWith('y') || jwt.c > 1)"],
        &["jwt.a=\"x\"", "jwt.a=\"x\""],
    );
    check(&["jwt.a == 'x' && (jwt.c > 1 || jwt.c < 0)"], &["jwt.a=\"x\""]);
    // What is no field of the proof fixes nothing.
    check(&["client.clientId == 'a' && jwt.a == 'x'"], &["jwt.a=\"x\""]);
    check(&["jwt.a == client.clientId"], &[""]);
    check(&["jwt.a in jwt.b"], &[""]);
    check(&["jwt.a.exists(e, e == 'x')"], &[""]);
    check(&["jwt.a == null", "!(jwt.a in ['x'])"], &[""]);
}

#[test]
fn what_cannot_hold_has_no_alternative() {
    check(&["jwt.a == 'x' && jwt.a == 'y'"], &[]);
    check(&["jwt.a == 'x'", "jwt.a != 'x'"], &[]);
    check(&["jwt.a in ['x', 'y'] && jwt.a != 'x'"], &["jwt.a=\"y\""]);
    check(&["jwt.a in ['x', 'y']", "!(jwt.a in ['y', 'z'])"], &["jwt.a=\"x\""]);
    check(&["jwt.a == 'x' && jwt.a.startsWith('y')"], &[]);
    check(&["jwt.a == 'x' && !has(jwt.a)"], &[]);
    check(&["jwt.a == 7 && glob(jwt.a, '7')"], &[]);
    check(&["jwt.a == 'x' && jwt.a != 7"], &[]);
    check(
        &["jwt.a == 'x' && jwt.b == 'x' || jwt.a == 'x' && jwt.a == 'y'"],
        &["jwt.a=\"x\" jwt.b=\"x\""],
    );
}

#[test]
fn the_only_element_of_a_list_is_fixed() {
    let only = "jwt.l.size()=1 jwt.l[0]=\"x\"";
    check(&["'x' in jwt.l && jwt.l.size() == 1"], &[only]);
    check(&["jwt.l == ['x']"], &[only]);
    check(
        &["jwt.l[0] == 'x' && 1 == size(jwt.l)"],
        &["jwt.l[0]=\"x\" jwt.l.size()=1 jwt.l[0]=\"x\""],
    );
    check(&["'x' in jwt.l"], &[""]);
    check(&["'x' in jwt.l && jwt.l.size() == 2"], &["jwt.l.size()=2"]);
    check(&["'x' in jwt.l && 'y' in jwt.l && jwt.l.size() == 1"], &[]);
    check(&["jwt.l == ['x', 'y']"], &["jwt.l.size()=2"]);
}

#[test]
fn there_is_a_most_of_alternatives() {
    let part = |index: usize| format!("(jwt.a{index} == 'x' || jwt.b{index} == 'x')");
    let many = |parts: usize| (0..parts).map(part).collect::<Vec<_>>().join(" && ");
    assert_eq!(shown(&[&many(7)]).map(|all| all.len()), Some(ALTERNATIVES));
    assert_eq!(shown(&[&many(8)]), None);
    // One field is one alternative, and what says nothing of a field is one too.
    let names: Vec<String> = (0..400).map(|index| format!("jwt.a == 'x{index}'")).collect();
    assert_eq!(shown(&[&names.join(" || ")]).map(|all| all.len()), Some(1));
    let nothing = ["(jwt.a > 1 || jwt.b > 1)"; 200].join(" && ");
    check(&[&nothing], &[""]);
}

#[test]
fn conditions_exclude_each_other_by_what_they_say_of_one_field() {
    let check = |one: &str, other: &str, reading: Reading, expect: bool| {
        let of = |text: &str| alternatives(&[&parse(text)]).unwrap();
        let excludes = |one: &str, other: &str| {
            let (one, other) = (of(one), of(other));
            one.iter().all(|one| other.iter().all(|other| one.excludes(other, &|_| reading)))
        };
        assert_eq!(excludes(one, other), expect, "{one} and {other}");
        assert_eq!(excludes(other, one), expect, "{other} and {one}");
    };
    let same = |one: &str, other: &str, expect: bool| check(one, other, Reading::Same, expect);
    same("jwt.a == 'x'", "jwt.a == 'y'", true);
    same("jwt.a == 'x'", "jwt.a == 'x'", false);
    same("jwt.a == 'x'", "jwt.b == 'y'", false);
    same("jwt.a == '7'", "jwt.a == 7", true);
    same("jwt.a in ['x', 'y']", "jwt.a in ['y', 'z']", false);
    same("jwt.a in ['x', 'y']", "jwt.a in ['z']", true);
    same("jwt.a == 'x'", "jwt.a != 'x'", true);
    same("jwt.a == 'x'", "jwt.a != 'y'", false);
    same("jwt.a in ['x', 'y']", "jwt.a != 'x'", false);
    same("jwt.a in ['x', 'y']", "jwt.a != 'x' && jwt.a != 'y'", true);
    same("jwt.a == 'x' || jwt.b == 'x'", "jwt.a == 'y' && jwt.b == 'y'", true);
    same("jwt.a == 'x' || jwt.b == 'x'", "jwt.a == 'y'", false);
    same("jwt.a == 'refs/heads/main'", "jwt.a.startsWith('refs/tags/')", true);
    same("jwt.a == 'refs/tags/v1'", "jwt.a.startsWith('refs/tags/')", false);
    same("jwt.a == 'refs/tags/v1'", "!jwt.a.startsWith('refs/tags/')", true);
    same("glob(jwt.a, 'refs/heads/**')", "jwt.a.startsWith('refs/tags/')", true);
    same("glob(jwt.a, 'refs/**')", "jwt.a.startsWith('refs/tags/')", false);
    same("jwt.a.endsWith('-prod')", "glob(jwt.a, '*-test')", true);
    same("jwt.a.endsWith('-prod')", "jwt.a.contains('-test')", false);
    same("jwt.a == 'x'", "!has(jwt.a)", true);
    same("has(jwt.a)", "!has(jwt.a)", true);
    same("jwt.a != 'x'", "!has(jwt.a)", true);
    same("IsNullOrEmpty(jwt.a)", "!has(jwt.a)", false);
    same("IsNullOrEmpty(jwt.a)", "has(jwt.a)", false);
    same("IsNullOrEmpty(jwt.a)", "!IsNullOrEmpty(jwt.a)", true);
    same("IsNullOrEmpty(jwt.a)", "jwt.a == 'x'", true);
    same("IsNullOrEmpty(jwt.a)", "jwt.a == ''", false);
    same("jwt.a", "!jwt.a", true);
    same("jwt.l == ['x']", "'y' in jwt.l && jwt.l.size() == 1", true);
    same("jwt.l == ['x']", "'y' in jwt.l", false);
    check("jwt.a == 'X'", "jwt.a == 'x'", Reading::Same, true);
    check("jwt.a == 'X'", "jwt.a == 'x'", Reading::Folded, false);
    check("jwt.a == 'X'", "jwt.a == 'y'", Reading::Folded, true);
    check("jwt.a == 'x'", "jwt.a != 'x'", Reading::Folded, false);
    check("jwt.a == 'x'", "jwt.a == 'y'", Reading::Different, false);
    check("jwt.a == 'x'", "!has(jwt.a)", Reading::Different, false);
}

/// Conditions over the fields `jwt.a` and `jwt.b`.
fn conditions() -> impl Strategy<Value = String> {
    let field = || prop::sample::select(vec!["jwt.a", "jwt.b", "jwt['a']", "jwt.a[0]"]);
    let literal = || prop::sample::select(vec!["'x'", "'y'", "'xy'", "7", "''", "null", "true"]);
    let list = || prop::sample::select(vec!["['x']", "['x','y']", "[7]", "['', 'xy']"]);
    let equality = || prop::sample::select(vec![" == ", " != "]);
    let test = || prop::sample::select(vec!["startsWith", "endsWith", "contains"]);
    let part = || prop::sample::select(vec!["'x'", "'y'", "'xy'"]);
    let glob = || prop::sample::select(vec!["'x*'", "'*y'", "'xy'", "'**x**'", "'x**y'"]);
    let atom = prop_oneof![
        6 => (field(), equality(), literal()).prop_map(|(f, o, l)| [f, o, l].concat()),
        2 => (literal(), equality(), field()).prop_map(|(l, o, f)| [l, o, f].concat()),
        2 => (field(), list()).prop_map(|(f, l)| [f, " in ", l].concat()),
        2 => (field(), equality(), list()).prop_map(|(f, o, l)| [f, o, l].concat()),
        2 => (literal(), field()).prop_map(|(l, f)| [l, " in ", f].concat()),
        2 => field().prop_map(|f| format!("IsNullOrEmpty({f})")),
        2 => prop::sample::select(vec!["jwt.a", "jwt.b"]).prop_map(|f| format!("has({f})")),
        1 => field().prop_map(|f| format!("{f} >= 7")),
        1 => (field(), field()).prop_map(|(f, g)| format!("{f} == {g}")),
        2 => (field(), test(), part()).prop_map(|(f, t, p)| format!("{f}.{t}({p})")),
        2 => (field(), glob()).prop_map(|(f, p)| format!("glob({f}, {p})")),
        2 => (field(), equality()).prop_map(|(f, o)| format!("size({f}){o}1")),
        1 => (field(), literal()).prop_map(|(f, l)| format!("{f}.exists(e, e == {l})")),
        1 => field().prop_map(ToString::to_string),
        1 => prop::sample::select(vec!["true", "false"]).prop_map(String::from),
    ];
    atom.prop_recursive(4, 24, 3, |inner| {
        let inner = inner.prop_map(|text| format!("({text})")).boxed();
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" && ")),
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" || ")),
            2 => inner.prop_map(|part| format!("!{part}")),
        ]
    })
}

/// Every pair of these values for the two fields; `None` is missing.
fn worlds() -> Vec<Facts> {
    let object = |name: &str| Some(Value::Object(Object::from_iter([(name, "x")])));
    let list = |elements: &[&str]| {
        Some(elements.iter().map(|it| Value::from(*it)).collect::<Vec<_>>().into())
    };
    let domain = [
        None,
        Some(Value::Null),
        Some("".into()),
        Some("x".into()),
        Some("y".into()),
        Some("xy".into()),
        Some("xxy".into()),
        Some(7.into()),
        Some(8.into()),
        Some(true.into()),
        Some(false.into()),
        list(&[]),
        list(&["x"]),
        list(&["y"]),
        list(&["x", "y"]),
        Some(Value::Array(vec![7.into()])),
        object("x"),
        object("y"),
    ];
    let pairs = domain.iter().flat_map(|a| domain.iter().map(move |b| (a, b)));
    let world = |(a, b): (&Option<Value>, &Option<Value>)| {
        let fields = [("a", a), ("b", b)].into_iter();
        let fields: Object =
            fields.filter_map(|(name, value)| Some((name, value.clone()?))).collect();
        Facts::new(Object::from_iter([("jwt", fields)]))
    };
    pairs.map(world).collect()
}

fn meets(alternative: &Alternative, facts: &Facts) -> bool {
    alternative.fixed.iter().all(|(field, literals)| {
        field.read(facts).is_some_and(|literal| literals.contains(&literal))
    })
}

proptest! {
    /// An index by what alternatives fix misses nothing.
    #[test]
    fn where_conditions_hold_one_alternative_does(text in conditions()) {
        let condition = parse(&text);
        let Some(all) = alternatives(&[&condition]) else { return Ok(()) };
        for facts in worlds() {
            if condition.condition(&facts) == Ok(true) {
                prop_assert!(all.iter().any(|it| meets(it, &facts)), "{text}: {facts:?}");
            }
        }
    }

    /// Conditions that are said to exclude each other never both hold.
    #[test]
    fn what_excludes_each_other_never_holds_at_once(one in conditions(), other in conditions()) {
        let (one, other) = (parse(&one), parse(&other));
        let of = |condition: &Expression| alternatives(&[condition]);
        let (Some(ones), Some(others)) = (of(&one), of(&other)) else { return Ok(()) };
        let excludes = |a: &Alternative| others.iter().all(|b| a.excludes(b, &|_| Reading::Same));
        if ones.iter().all(excludes) {
            for facts in worlds() {
                let both = one.condition(&facts) == Ok(true) && other.condition(&facts) == Ok(true);
                prop_assert!(!both, "{one} and {other}: {facts:?}");
            }
        }
    }
}
