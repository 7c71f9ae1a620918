//! Expressions that can be meant, and those that cannot.

use super::super::Expression;
use super::*;

const ROOTS: [Model; 2] = [
    Model::client(Shape::Closed(&[
        ("clientId", Shape::String),
        ("applicationFederatedCredentialId", Shape::String),
    ])),
    Model::jwt(Shape::Closed(&[(
        "claims",
        Shape::Open(&[
            ("sub", Shape::String),
            ("iat", Shape::Integer),
            ("member", Shape::Boolean),
            ("teams", Shape::List(&Shape::String)),
            ("place", Shape::Closed(&[("zone", Shape::String)])),
        ]),
    )])),
];

#[test]
fn kinds_have_the_names_of_values() {
    assert_eq!(ARRAY, Value::Array(Vec::new()).kind());
    assert_eq!(BOOLEAN, Value::Bool(true).kind());
    assert_eq!(INTEGER, Value::Integer(0).kind());
    assert_eq!(STRING, Value::String(String::new()).kind());
}

#[test]
fn conditions_that_can_be_meant() {
    for text in [
        "jwt.claims.sub == 'a'",
        "'a' == jwt.claims.sub",
        "jwt.claims.sub in ['a', 'b'] && !IsNullOrEmpty(jwt.claims.ref)",
        "jwt.claims.email_verified",
        "jwt.claims.email_verified == true",
        "(jwt.claims.sub == 'a') != jwt.claims.flag",
        "jwt.claims.sub == client.clientId",
        "'a' in jwt.claims.groups",
        "has(jwt.claims.x) || jwt.claims.n >= 3",
        "Append(jwt.claims.a, ':', jwt.claims.b) == 'x:y'",
        "jwt.claims.a == jwt.claims.b",
        "glob(jwt.claims.ref, 'refs/heads/*')",
        "jwt.claims.x == null",
    ] {
        let checked = Expression::parse(text).unwrap().check_condition(&ROOTS);
        assert_eq!(checked, Ok(()), "{text}");
    }
}

#[test]
fn conditions_that_cannot_be_meant() {
    let check = |text: &str, expect: &str| {
        let error = Expression::parse(text).unwrap().check_condition(&ROOTS).unwrap_err();
        assert_eq!(format!("{} {}", error.offset(), error.message()), expect, "{text}");
    };
    let same = |offset: usize| format!("{offset} this is the same for every proof");
    check("true", &same(0));
    check("1 == 1", &same(0));
    check("jwt.claims.sub == 'a' || 1 == 1", &same(25));
    check("jwt.claims.sub == 'a' || true", &same(25));
    check("jwt.claims.sub == 'a' && !false", &same(26));
    check("(1 == 1) == jwt.claims.flag", &same(1));
    check("IsNullOrEmpty('jwt.issuer')", &same(0));
    check("'a' in ['a']", &same(0));
    check("glob('abc', 'a*')", &same(0));
    check("'jwt.claims.sub'", "0 expected boolean, found string");
    check("Append(jwt.claims.sub)", "0 expected boolean, found string");
    check("jwt.claims.a && Append(jwt.claims.sub)", "16 expected boolean, found string");
    check("!'a' && jwt.claims.b", "1 expected boolean, found string");
    check("[] && jwt.claims.b", "0 expected boolean, found array");
    check("cert.subject.CN == 'a'", "0 there is no `cert` here; there are: client, jwt");
    check("has(Jwt.claims)", "0 there is no `Jwt` here; there are: client, jwt");
    check("jwt.claims.a == Append(sub)", "23 there is no `sub` here; there are: client, jwt");
    check(
        "client.clientId == 'app'",
        "0 a condition reads a field of the proof; this one reads only the client",
    );
    check(
        "jwt.claims.sub == client['activeSubjectUrn']",
        "18 client.activeSubjectUrn is written by a mapping and cannot be read",
    );
    check("jwt.claims.a == jwt.claims['a']", "0 jwt.claims.a is compared with itself");
    check("jwt.claims.a in jwt.claims.a", "0 jwt.claims.a is compared with itself");
    check("Append(jwt.claims.a) == 1", "0 string does not compare with integer");
    check("(jwt.claims.a == 'x') == 'true'", "0 boolean does not compare with string");
    check("Append(jwt.claims.a) in [1]", "0 string does not compare with integer");
    check("jwt.claims.a in []", "16 nothing is in an empty list");
    check("jwt.claims.a in 'abc'", "16 expected array or object, found string");
    check("jwt.claims.a < '7'", "15 expected integer, found string");
    check(
        "Append(jwt.claims.a, null) == 'x'",
        "21 expected string or integer or boolean, found null",
    );
    check("glob(1, 'a')", "5 expected string, found integer");
    check("percentEncode(1) == 'a'", "14 expected string, found integer");
    check("percentEncode(jwt.claims.a) == 1", "0 string does not compare with integer");
    check("glob(jwt.claims.ref, '**')", "0 a pattern has more in it than stars");
    check("glob(jwt.claims.ref, '')", "0 a pattern has more in it than stars");
}

#[test]
fn kinds_come_from_the_model() {
    let check = |text: &str, expect: Option<&str>| {
        let checked = Expression::parse(text).unwrap().check_condition(&ROOTS);
        let found = checked.err().map(|error| format!("{} {}", error.offset(), error.message()));
        assert_eq!(found.as_deref(), expect, "{text}");
    };
    check("jwt.claims.iat > 7", None);
    check("jwt.claims.iat == '7'", Some("0 integer does not compare with string"));
    check("jwt.claims.sub == 7", Some("0 string does not compare with integer"));
    check("jwt.claims.sub == null", Some("0 string does not compare with null"));
    check("jwt.claims.member", None);
    check("jwt.claims.sub", Some("0 expected boolean, found string"));
    check("'ops' in jwt.claims.teams", None);
    check("7 in jwt.claims.teams", Some("0 integer does not compare with string"));
    check("jwt.claims.teams[0] == 'ops'", None);
    check(
        "jwt.claims.teams.x == 'ops'",
        Some("0 jwt.claims.teams is of kind array and has no jwt.claims.teams.x"),
    );
    check("jwt.claims.sub in jwt.claims.sub", Some("0 jwt.claims.sub is compared with itself"));
    check("jwt.claims.place.zone.startsWith('eu-')", None);
    check(
        "jwt.claims.place.region == 'eu'",
        Some("0 jwt.claims.place has no `region`; it may have: zone"),
    );
    check("jwt.claims.anything.there['is'] == 7", None);
    check("jwt.sub == 'a'", Some("0 jwt has no `sub`; it may have: claims"));
    check("has(jwt.sub)", Some("0 jwt has no `sub`; it may have: claims"));
    check("size(jwt.claims.iat) == 1", Some("5 expected string or array or object, found integer"));
    check("jwt.claims.sub.size() == '1'", Some("0 integer does not compare with string"));
    check("jwt.claims.iat.startsWith('1')", Some("0 expected string, found integer"));
    check("{'a': 1}[jwt.claims.sub] == 1", None);
    check("{'a': 1}[jwt.claims.sub] == 'x'", Some("0 integer does not compare with string"));
    check("{'a': 1}[jwt.claims.member] == 1", Some("9 expected string or integer, found boolean"));
}

#[test]
fn quantifiers_and_patterns_that_cannot_be_meant() {
    let check = |text: &str, expect: Option<&str>| {
        let checked = Expression::parse(text).unwrap().check_condition(&ROOTS);
        let found = checked.err().map(|error| format!("{} {}", error.offset(), error.message()));
        assert_eq!(found.as_deref(), expect, "{text}");
    };
    check("jwt.claims.teams.exists(t, t == 'ops')", None);
    check("jwt.claims.teams.exists(t, t == 7)", Some("27 string does not compare with integer"));
    check("jwt.claims.other.exists(t, t.name == 7)", None);
    check("jwt.claims.teams.exists(t, t)", Some("27 expected boolean, found string"));
    check("jwt.claims.teams.all(t, jwt.claims.member)", Some("24 this says nothing about `t`"));
    check("['a'].exists(t, t == 'a')", Some("0 this is the same for every proof"));
    check("['a'].exists(t, t == jwt.claims.sub)", None);
    check("[].all(t, t == jwt.claims.sub)", Some("0 nothing is in an empty list"));
    check("jwt.claims.sub.exists(t, t == 'a')", Some("0 expected array, found string"));
    check(
        "jwt.claims.teams.exists(t, u == 'a')",
        Some("27 there is no `u` here; there are: client, jwt, t"),
    );
    check(
        "jwt.claims.teams.exists(t, t == 'a') && t == 'a'",
        Some("40 there is no `t` here; there are: client, jwt"),
    );
    check("jwt.claims.sub.startsWith('')", Some("0 every text has the empty text in it"));
    check(
        "jwt.claims.sub.contains('') || jwt.claims.member",
        Some("0 every text has the empty text in it"),
    );
    check("'abc'.contains('b')", Some("0 this is the same for every proof"));
    check(
        "client.clientId.startsWith('app_')",
        Some("0 a condition reads a field of the proof; this one reads only the client"),
    );
    check("jwt.claims.sub in {}", Some("18 nothing is in an empty map"));
}

#[test]
fn mappings() {
    let check = |text: &str, expect: Option<&str>| {
        let checked = Expression::parse(text).unwrap().check_mapping(&ROOTS);
        assert_eq!(checked.err().map(|e| e.message().into()), expect.map(String::from), "{text}");
    };
    check("jwt.claims.run_id", None);
    check("Append('urn:gh:run:', jwt.claims.run_id)", None);
    check("Append('urn:env:', percentEncode(jwt.claims.environment))", None);
    check("Append(client.applicationFederatedCredentialId, ':', jwt.claims.a)", None);
    check("'constant'", None);
    check("7", None);
    check("jwt.claims.a == 'b'", Some("expected string or integer, found boolean"));
    check("['a']", Some("expected string or integer, found array"));
    check("null", Some("expected string or integer, found null"));
    check("cert.serialNumber", Some("there is no `cert` here; there are: client, jwt"));
}
