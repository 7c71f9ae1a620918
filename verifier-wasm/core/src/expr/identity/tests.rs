use alloc::string::ToString;
use proptest::prelude::*;

use super::*;
use crate::expr::Facts;
use crate::json::Object;

const SUBJECT: Requirement = Requirement::new(&[&[&["jwt", "claims", "sub"]]]);
const INSTANCE: Requirement = Requirement::new(&[
    &[&["pkcs7", "account"], &["pkcs7", "instance"]],
    &[&["pkcs7", "account"], &["pkcs7", "role"]],
]);

/// Who else is in a list is not said by one of its elements.
const LISTED: Requirement =
    Requirement::new(&[&[&["cert", "dns", "[*]"], &["cert", "dns", "size()"]], &[&["cert", "cn"]]]);

fn binds(conditions: &[&Expression], requirement: Requirement) -> Result<(), Unbound> {
    super::binds(conditions, &Fields::from(requirement))
}

#[test]
fn x13_an_element_binds_when_there_is_no_other() {
    let check = |text: &str, bound: bool| {
        let text = text.replace("dns", "cert.dns").replace("cn", "cert.cn");
        assert_eq!(binds(&[&parse(&text)], LISTED).is_ok(), bound, "{text}");
    };
    check("dns[0] == 'a' && dns.size() == 1", true);
    check("'a' in dns && size(dns) == 1", true);
    check("dns[0] in ['a', 'b'] && 1 == dns.size()", true);
    check("dns == ['a']", true);
    check("(dns == ['a'] || cn == 'b') && x", true);
    check("dns[0] == 'a' && dns.size() == 1 || cn == 'b'", true);
    check("dns[0] == 'a'", false);
    check("'a' in dns", false);
    check("dns.size() == 1", false);
    check("'a' in dns && dns.size() == 2", false);
    check("'a' in dns && dns.size() >= 1", false);
    check("'a' in dns && dns.size() in [1]", false);
    check("'a' in dns || dns.size() == 1", false);
    check("dns == ['a', 'b']", false);
    check("dns == []", false);
    check("dns == ['']", false);
    check("!('a' in dns) && dns.size() == 1", false);
    check("'a' in dns && other.size() == 1", false);
    check("dns.exists(d, d == 'a') && dns.size() == 1", false);
    assert_eq!(Fields::from(LISTED).to_string(), "cert.dns[0], or cert.cn");
}

fn parse(text: &str) -> Expression {
    Expression::parse(text).unwrap()
}

fn check(conditions: &[&str], requirement: Requirement, expect: Result<(), &str>) {
    let parsed: Vec<Expression> = conditions.iter().map(|text| parse(text)).collect();
    let found = binds(&parsed.iter().collect::<Vec<_>>(), requirement);
    assert_eq!(
        found.as_ref().map_err(|unbound| unbound.disjunct.as_str()).copied(),
        expect,
        "{conditions:?}"
    );
}

fn bound(condition: &str) {
    check(&[&condition.replace("sub", "jwt.claims.sub")], SUBJECT, Ok(()));
}

/// `escape` is the disjunct that does not bind; `sub` stands for the whole path in both.
fn unbound(condition: &str, escape: &str) {
    let long = |text: &str| text.replace("sub", "jwt.claims.sub");
    check(&[&long(condition)], SUBJECT, Err(&long(escape)));
}

#[test]
fn equalities_bind() {
    bound("sub == 'a'");
    bound("'a' == sub");
    bound("sub == 7");
    bound("sub in ['a', 'b']");
    bound("sub in [1]");
    bound("jwt.claims['s\\u0075b'] == 'a'");
    bound("sub == 'a' && jwt.claims.x != 'y'");
    bound("sub == 'a' || sub == 'b'");
    bound("(sub == 'a' || sub in ['b']) && has(jwt.claims.ref)");
    bound("sub == 'a' && x || y && 'b' == sub");
    bound("!(sub != 'a')");
    bound("!!(sub == 'a')");
    bound("!(sub != 'a' || jwt.claims.x == 'y')");
    bound("!(sub != 'a' && !(sub in ['b']))");
    bound("((sub)) == ('a')");
}

#[test]
fn what_holds_for_anybody_does_not_bind() {
    unbound("sub != 'a'", "sub != 'a'");
    unbound("!(sub == 'a')", "!(sub == 'a')");
    unbound("!(sub in ['a'])", "!(sub in ['a'])");
    unbound("sub == 'a' || !(sub == 'a')", "!(sub == 'a')");
    unbound("sub == 'a' || x == 'y' && z", "x == 'y' && z");
    unbound("(sub == 'a') == true", "(sub == 'a') == true");
    unbound("(sub == 'a') != true", "(sub == 'a') != true");
    unbound("(sub in ['a']) == false", "(sub in ['a']) == false");
    unbound("(sub == 'a') in [true, false]", "(sub == 'a') in [true, false]");
    unbound("IsNullOrEmpty(sub) || sub == 'a'", "IsNullOrEmpty(sub)");
    unbound("has(sub)", "has(sub)");
    unbound("x == 'a' || true", "x == 'a'");
    unbound("sub == 'a' || true", "true");
    unbound("sub == other", "sub == other");
    unbound("'a' == 'a'", "'a' == 'a'");
    unbound("Append(sub) == 'a'", "Append(sub) == 'a'");
    unbound("glob(sub, 'a*')", "glob(sub, 'a*')");
    unbound("percentEncode(sub) == 'a'", "percentEncode(sub) == 'a'");
    unbound("sub >= 1 && sub <= 1", "sub >= 1 && sub <= 1");
    unbound("!(sub != 'a' && x)", "!(x)");
    unbound("!(sub == 'a' || x)", "!(sub == 'a') && !(x)");
}

/// Whatever stands in a quantifier is true for some element or other, and says nothing about the field by itself.
#[test]
fn nothing_within_a_quantifier_binds() {
    for condition in [
        "['a', 'b'].exists(v, sub == v)",
        "['a'].exists(v, v == sub)",
        "groups.exists(g, sub == 'a')",
        "groups.all(g, sub == 'a')",
        "groups.all(g, g == 'x' && sub in ['a'])",
        "!(groups.all(g, sub != 'a'))",
        "sub.startsWith('a')",
        "sub.size() == 1",
        "{'a': true}[sub]",
        "sub in {'a': 1}",
        "{'k': 'a'}['k'] == sub",
        "sub == [7][0]",
    ] {
        let text = condition.replace("sub", "jwt.claims.sub");
        let parsed = parse(&text);
        assert_ne!(binds(&[&parsed], SUBJECT), Ok(()), "{text}");
        // Beside one, the rest binds as ever.
        let both = parse(&format!("{text} && jwt.claims.sub == 'a'"));
        assert_eq!(binds(&[&both], SUBJECT), Ok(()), "{text}");
    }
}

#[test]
fn literals_that_name_nobody_do_not_bind() {
    unbound("sub == ''", "sub == ''");
    unbound("sub == null", "sub == null");
    unbound("sub == true", "sub == true");
    unbound("sub == []", "sub == []");
    unbound("sub == ['a']", "sub == ['a']");
    unbound("sub in []", "sub in []");
    unbound("sub in ['a', '']", "sub in ['a', '']");
    unbound("sub in [true]", "sub in [true]");
    unbound("'a' in sub", "'a' in sub");
    unbound("sub in claims.list", "sub in claims.list");
}

#[test]
fn only_the_very_path_binds() {
    unbound("jwt.claims.su == 'a'", "jwt.claims.su == 'a'");
    unbound("sub.x == 'a'", "sub.x == 'a'");
    unbound("sub[0] == 'a'", "sub[0] == 'a'");
    check(&["jwt.'claims.sub' == 'a'"], SUBJECT, Err("jwt.'claims.sub' == 'a'"));
    check(&["jwt['claims']['sub'] == 'a'"], SUBJECT, Ok(()));
    check(&["sub == 'a'"], SUBJECT, Err("sub == 'a'"));
}

#[test]
fn all_conditions_count_together() {
    check(&[], SUBJECT, Err(""));
    check(&["x == 1", "jwt.claims.sub == 'a'"], SUBJECT, Ok(()));
    check(&["x == 1 || y == 2", "z == 3"], SUBJECT, Err("x == 1 && z == 3"));
    // The first condition alone binds one way, the second the other; together no disjunct is free.
    check(
        &["pkcs7.account == '1' || x", "pkcs7.instance == 'i' || pkcs7.account == '2'"],
        INSTANCE,
        Err("x && pkcs7.instance == 'i'"),
    );
}

#[test]
fn a_set_of_paths_binds_only_together() {
    let (account, instance, role) =
        ("pkcs7.account == '1'", "pkcs7.instance in ['i']", "'r' == pkcs7.role");
    check(&[account, instance], INSTANCE, Ok(()));
    check(&[account, role], INSTANCE, Ok(()));
    check(&[account], INSTANCE, Err(account));
    check(&[instance, role], INSTANCE, Err("pkcs7.instance in ['i'] && 'r' == pkcs7.role"));
    check(&[&format!("{account} && ({instance} || {role})")], INSTANCE, Ok(()));
    let crossed = format!("{account} && {instance} || {instance} && {role}");
    check(&[&crossed], INSTANCE, Err("pkcs7.instance in ['i'] && 'r' == pkcs7.role"));
}

#[test]
fn a_requirement_that_asks_nothing_is_not_met() {
    check(&["jwt.claims.sub == 'a'"], Requirement::new(&[]), Err("jwt.claims.sub == 'a'"));
    check(&["jwt.claims.sub == 'a'"], Requirement::new(&[&[]]), Err(""));
}

#[test]
fn the_refusal_is_a_sentence() {
    let condition = Expression::parse("pkcs7.region == 'eu' || pkcs7.account == '1'").unwrap();
    let error = binds(&[&condition], INSTANCE).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing in the alternative pkcs7.region == 'eu' identifies the bearer: it needs == or in with literals on \
         pkcs7.account and pkcs7.instance, or pkcs7.account and pkcs7.role"
    );
    assert_eq!(
        binds(&[], SUBJECT).unwrap_err().to_string(),
        "no condition identifies the bearer: it needs == or in with literals on jwt.claims.sub"
    );
}

/// A condition whose disjuncts would be 2^600.
#[test]
fn no_condition_is_too_large() {
    let many = vec!["(x||y)"; 600].join("&&");
    check(&[&many, "jwt.claims.sub == 'a'"], SUBJECT, Ok(()));
    let parsed = parse(&many);
    assert_ne!(binds(&[&parsed], SUBJECT), Ok(()));
}

/// Conditions over the fields `jwt.a` and `jwt.b`.
fn conditions() -> impl Strategy<Value = String> {
    let field = || prop::sample::select(vec!["jwt.a", "jwt.b", "jwt['a']"]);
    let literal = || prop::sample::select(vec!["'x'", "'y'", "7", "''", "null", "true"]);
    let list = || prop::sample::select(vec!["['x']", "['x','y']", "[7]", "[]", "['']"]);
    let equality = || prop::sample::select(vec![" == ", " != "]);
    let atom = prop_oneof![
        4 => (field(), equality(), literal()).prop_map(|(f, o, l)| [f, o, l].concat()),
        2 => (literal(), equality(), field()).prop_map(|(l, o, f)| [l, o, f].concat()),
        2 => (field(), list()).prop_map(|(f, l)| [f, " in ", l].concat()),
        1 => (literal(), field()).prop_map(|(l, f)| [l, " in ", f].concat()),
        1 => field().prop_map(|f| format!("IsNullOrEmpty({f})")),
        1 => field().prop_map(|f| format!("has({f})")),
        1 => field().prop_map(|f| format!("{f} >= 7")),
        1 => (field(), field()).prop_map(|(f, g)| format!("{f} == {g}")),
        1 => (list(), field(), literal()).prop_map(|(l, f, v)| format!("{l}.exists(e, {f} == e || {f} == {v})")),
        1 => (field(), field(), literal()).prop_map(|(l, f, v)| format!("{l}.all(e, {f} == {v} && e != {v})")),
        1 => field().prop_map(|f| format!("{f}.startsWith('x')")),
        1 => field().prop_map(|f| format!("{{'x': true, 'other': true}}[{f}]")),
        1 => field().prop_map(|f| format!("size({f}) == 1")),
        1 => prop::sample::select(vec!["true", "false"]).prop_map(String::from),
    ];
    atom.prop_recursive(4, 24, 3, |inner| {
        let inner = inner.prop_map(|text| format!("({text})")).boxed();
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" && ")),
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" || ")),
            2 => inner.clone().prop_map(|part| format!("!{part}")),
            1 => (inner.clone(), inner, prop::bool::ANY).prop_map(|(a, b, equal)| {
                [a.as_str(), if equal { " == " } else { " != " }, b.as_str()].concat()
            }),
        ]
    })
}

/// What a field may hold in the small world; `None` is missing.
fn domain() -> Vec<Option<Value>> {
    vec![
        None,
        Some(Value::Null),
        Some("".into()),
        Some("x".into()),
        Some("y".into()),
        Some("other".into()),
        Some(7.into()),
        Some(8.into()),
        Some(true.into()),
        Some(Value::Array(vec!["x".into(), "other".into()])),
    ]
}

/// Every pair of values for the fields.
fn pairs() -> impl Iterator<Item = (Option<Value>, Option<Value>)> {
    domain().into_iter().flat_map(|a| domain().into_iter().map(move |b| (a.clone(), b)))
}

/// Every small world.
fn worlds() -> Vec<Facts> {
    pairs().map(|(a, b)| world(a, b)).collect()
}

/// Whether a condition of the small world may bind a field to this value.
fn may_be_named(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => text == "x" || text == "y",
        Some(Value::Integer(number)) => *number == 7,
        _ => false,
    }
}

fn world(a: Option<Value>, b: Option<Value>) -> Facts {
    let fields = [("a", a), ("b", b)].into_iter();
    let fields: Object = fields.filter_map(|(name, value)| Some((name, value?))).collect();
    Facts::new(Object::from_iter([("jwt", fields)]))
}

/// The disjuncts written out: parts with their sign.
fn disjuncts(node: &Node, affirmed: bool) -> Vec<Vec<(&Node, bool)>> {
    match (&node.form, affirmed) {
        (Form::Not(inner), _) => disjuncts(inner, !affirmed),
        (Form::Any(parts), true) | (Form::All(parts), false) => {
            parts.iter().flat_map(|part| disjuncts(part, affirmed)).collect()
        }
        (Form::All(parts), true) | (Form::Any(parts), false) => {
            parts.iter().fold(vec![Vec::new()], |all, part| {
                let next = disjuncts(part, affirmed);
                let joined =
                    all.iter().flat_map(|a| next.iter().map(move |b| [&a[..], b].concat()));
                joined.collect()
            })
        }
        _ => vec![vec![(node, affirmed)]],
    }
}

const FIELD_A: Requirement = Requirement::new(&[&[&["jwt", "a"]]]);
const BOTH_OR_A: Requirement =
    Requirement::new(&[&[&["jwt", "b"], &["jwt", "c"]], &[&["jwt", "a"]]]);
const BOTH: Requirement = Requirement::new(&[&[&["jwt", "a"], &["jwt", "b"]]]);

proptest! {
    /// The promise of the rule, by trying every value: a condition that binds is never true for a
    /// value that its text does not name.
    #[test]
    fn what_binds_is_true_only_for_named_values(text in conditions()) {
        let condition = parse(&text);
        if binds(&[&condition], FIELD_A).is_ok() {
            for (a, b) in pairs() {
                let named = may_be_named(a.as_ref());
                let holds = condition.condition(&world(a, b));
                prop_assert!(named || holds != Ok(true), "{}", text);
            }
        }
    }

    /// The question asked of the tree has the answer that the written-out disjuncts give.
    #[test]
    fn the_tree_answers_for_all_disjuncts(text in conditions()) {
        let condition = parse(&text);
        let all = disjuncts(&condition.root, true);
        prop_assume!(all.len() <= 4_096);
        for requirement in [FIELD_A, BOTH, BOTH_OR_A] {
            let naive = all.iter().all(|parts| {
                Fields::from(requirement).0.iter().any(|alternative| {
                    alternative.iter().all(|path| {
                        parts.iter().any(|(node, affirmed)| is_fixed(path, &node.form, *affirmed))
                    })
                })
            });
            prop_assert_eq!(binds(&[&condition], requirement).is_ok(), naive, "{}", text);
        }
    }

    /// The disjunct in a refusal is an expression, and where it is true so is the condition.
    #[test]
    fn the_disjunct_implies_the_condition(text in conditions()) {
        let condition = parse(&text);
        if let Err(unbound) = binds(&[&condition], FIELD_A) {
            let escape = parse(&unbound.disjunct);
            for facts in worlds() {
                if escape.condition(&facts) == Ok(true) {
                    prop_assert_eq!(condition.condition(&facts), Ok(true), "{}", text);
                }
            }
        }
    }

    /// De Morgan's laws, double negation and commutation hold, errors included: the ground of the
    /// rule.
    #[test]
    fn negation_goes_inward(p in conditions(), q in conditions()) {
        let laws = [
            (format!("!(({p}) && ({q}))"), format!("!({p}) || !({q})")),
            (format!("!(({p}) || ({q}))"), format!("!({p}) && !({q})")),
            (format!("!!({p})"), p.clone()),
            (format!("({p}) && ({q})"), format!("({q}) && ({p})")),
        ];
        let worlds = worlds();
        for (left, right) in laws {
            let (one, other) = (parse(&left), parse(&right));
            for facts in &worlds {
                let (one, other) = (one.condition(facts).ok(), other.condition(facts).ok());
                prop_assert_eq!(one, other, "{} / {}", left, right);
            }
        }
    }
}
