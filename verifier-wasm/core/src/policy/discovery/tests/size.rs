//! Many credentials: what a lookup finds to be evaluated, and where there are too many.

use super::*;
use crate::limits::{
    ALTERNATIVES, DISCOVERY_CANDIDATES, DISCOVERY_CERTIFICATE_PROVIDERS, DISCOVERY_COMPARISONS,
    DISCOVERY_PROVIDERS, DISCOVERY_REPORTS, DISCOVERY_SHAPES, PATH_DEPTH, SIGNATURES,
};
use crate::policy::{Client, Credential};
use alloc::vec;
use proptest::prelude::*;

/// A policy with a discoverable credential for each of these conditions.
fn many(conditions: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = conditions.map(|text| condition(&text)).collect();
    let all: Vec<(&str, &str)> = all.iter().map(|members| ("idp", members.as_str())).collect();
    policy(&[("idp", IDP)], &all)
}

#[test]
fn ten_thousand_are_looked_up_as_ten_are() {
    let sub = |index: usize| format!("jwt.claims.sub == 'w{index}'");
    let mixed = |index: usize| match index % 2 {
        0 => format!("jwt.claims.sub == 'w{index}' && jwt.claims.env == 'prod'"),
        _ => format!("jwt.claims.repository_id == {index} && jwt.claims.env == 'test'"),
    };
    // The combination of two fields tells them apart, of which each value is common.
    let grid = |index: usize| {
        format!("jwt.claims.sub == 'w{}' && jwt.claims.env == 'e{}'", index / 100, index % 100)
    };
    let check = |most: usize, of: &dyn Fn(usize) -> String, claims: &str, expect: &str| {
        let candidates = |n: usize| {
            let policy = loaded(&many((0..n).map(of)));
            candidates(&policy, "idp", None, &token(claims))
        };
        assert_eq!(candidates(10), [expect]);
        assert_eq!(candidates(most), [expect]);
    };
    check(10_000, &sub, r#"{"sub": "w7"}"#, "c7/main");
    check(1_000, &mixed, r#"{"sub": "w7", "repository_id": 7, "env": "test"}"#, "c7/main");
    check(1_000, &grid, r#"{"sub": "w0", "env": "e7"}"#, "c7/main");
}

#[test]
fn what_no_field_tells_apart_is_limited() {
    let check = |conditions: Vec<String>, expect: &str| {
        let found = problems(&many(conditions.into_iter()));
        match expect {
            "" => assert_eq!(found, [""; 0]),
            _ => assert!(found.iter().any(|problem| problem.contains(expect)), "{found:#?}"),
        }
    };
    let pattern = |index: usize| {
        format!("jwt.claims.sub == 'a' && jwt.claims.ref.startsWith('r{index:04}/')")
    };
    check((0..DISCOVERY_CANDIDATES).map(pattern).collect(), "");
    check(
        (0..=DISCOVERY_CANDIDATES).map(pattern).collect(),
        "too many discoverable credentials of this provider fix the same values of jwt.claims.sub; expected at most 32",
    );
    // One by one they are told apart, and there are too many.
    let one = |index: usize| format!("jwt.claims.sub == 'w{index}' && jwt.claims.kind != 'x'");
    let other =
        |index: usize| format!("jwt.claims.repository_id == {index} && jwt.claims.kind == 'x'");
    let both = |n: usize| (0..n).map(one).chain((0..n).map(other)).collect::<Vec<_>>();
    check(both(100), "");
    let side = (1..).find(|side: &usize| side * side > DISCOVERY_COMPARISONS).unwrap();
    check(
        both(side),
        "there are too many discoverable credentials that no field tells apart at once: this fixes ",
    );
}

#[test]
fn overlaps_are_reported_up_to_a_number() {
    let found = problems(&many((0..100).map(|_| "jwt.claims.sub == 'a'".to_string())));
    let overlaps = found.iter().filter(|problem| problem.contains("a proof may be of")).count();
    assert_eq!(overlaps, DISCOVERY_REPORTS);
}

#[test]
fn conditions_with_too_many_alternatives_are_not_discoverable() {
    let parts =
        (0..8).map(|index| format!("(jwt.claims.a{index} == 'x' || jwt.claims.b{index} == 'x')"));
    let parts = parts.collect::<Vec<_>>().join(" && ");
    let text = many([format!("jwt.claims.sub == 'a' && {parts}")].into_iter());
    assert_eq!(
        problems(&text),
        [format!(
            "/clients/c0/credentials/main: there are too many ways to meet the conditions of this discoverable \
             credential; expected at most {ALTERNATIVES} alternatives when each `||` is written out"
        )]
    );
    assert_eq!(problems(&text.replace("\"discoverable\": true, ", "")), [""; 0]);
}

/// Where credentials fix many different sets of fields, one field of each finds it.
#[test]
fn many_sets_of_fields_are_found_by_one_of_each() {
    let several =
        |index: usize| format!("jwt.claims.sub == 'w{index}' && jwt.claims.x{index} == 'y'");
    let policy = loaded(&many((0..=DISCOVERY_SHAPES).map(several)));
    assert_eq!(
        candidates(&policy, "idp", None, &token(r#"{"sub": "w7", "x7": "y"}"#)),
        ["c7/main"]
    );
    assert_eq!(candidates(&policy, "idp", None, &token(r#"{"sub": "x", "x7": "y"}"#)), [""; 0]);
}

#[test]
fn a_space_has_a_most_of_providers() {
    let check = |n: usize, expect: &str| {
        let names: Vec<String> = (0..n).map(|index| format!("p{index}")).collect();
        let audiences: Vec<String> =
            (0..n).map(|index| IDP.replace("//sts", &format!("//sts{index}"))).collect();
        let providers: Vec<(&str, &str)> = names
            .iter()
            .zip(&audiences)
            .map(|(name, members)| (name.as_str(), members.as_str()))
            .collect();
        let a = condition("jwt.claims.sub == 'a'");
        let credentials: Vec<(&str, &str)> =
            names.iter().map(|name| (name.as_str(), a.as_str())).collect();
        assert_eq!(problems(&policy(&providers, &credentials)).join("\n"), expect);
    };
    check(DISCOVERY_PROVIDERS, "");
    check(
        DISCOVERY_PROVIDERS + 1,
        "/providers/p8: 9 providers of the issuer https://idp.example.com have discoverable credentials; expected at \
         most 8, since each of them is tried with a proof",
    );
}

/// The last of them is found within the signatures of a request.
#[test]
fn a_client_has_a_most_of_providers_of_certificates() {
    let pca =
        format!(r#""type": "pca", "roots": ["{}"]"#, base64::encode_standard(&forge::any_root()));
    let check = |n: usize, expect: &str| {
        let names: Vec<String> = (0..n).map(|index| format!("p{index}")).collect();
        let providers: Vec<(&str, &str)> =
            names.iter().map(|name| (name.as_str(), pca.as_str())).collect();
        let credential = |name: &String| {
            let members = condition(&format!("cert.subject.CN == '{name}'"));
            format!(
                r#""{name}": {{"provider": "{name}", "discoverable": true, "scopes": {{"api": ["read"]}}, {members}}}"#
            )
        };
        let credentials: Vec<String> = names.iter().map(credential).collect();
        let client = ("c0".to_string(), credentials.join(","));
        assert_eq!(problems(&policy_of(&providers, &[client])).join("\n"), expect);
    };
    const { assert!(DISCOVERY_CERTIFICATE_PROVIDERS * (PATH_DEPTH + 1) <= SIGNATURES) };
    check(DISCOVERY_CERTIFICATE_PROVIDERS, "");
    check(
        DISCOVERY_CERTIFICATE_PROVIDERS + 1,
        "/providers/p4: 5 providers of certificates of `c0` have discoverable credentials; expected at most 4, since \
         each of them is tried with a proof",
    );
}

/// What a credential of the property test demands.
fn demands() -> impl Strategy<Value = String> {
    let identity = prop::sample::select(vec![
        "jwt.claims.sub == 'a'",
        "jwt.claims.sub in ['a', 'b']",
        "jwt.claims.repository_id == 7",
        "(jwt.claims.sub == 'b' || jwt.claims.repository_id == 8)",
    ]);
    let more = prop::sample::select(vec![
        "jwt.claims.env == 'x'",
        "jwt.claims.env != 'x'",
        "jwt.claims.env in ['x', 'y']",
        "!has(jwt.claims.env)",
        "jwt.claims.env.startsWith('x')",
        "(jwt.claims.env == 'y' || jwt.claims.kind)",
        "!jwt.claims.kind",
        "IsNullOrEmpty(jwt.claims.env)",
    ]);
    (identity, prop::collection::vec(more, 0..3))
        .prop_map(|(identity, more)| [vec![identity], more].concat().join(" && "))
}

/// Every combination of these values.
fn tokens() -> Vec<Facts> {
    let texts = |name: &str, values: &[&str]| -> Vec<String> {
        let value = |value: &&str| format!("\"{name}\": {value},");
        core::iter::once(String::new()).chain(values.iter().map(value)).collect()
    };
    let mut all = vec![String::new()];
    for choices in [
        texts("sub", &["\"a\"", "\"b\"", "\"c\""]),
        texts("repository_id", &["7", "8", "\"7\""]),
        texts("env", &["\"x\"", "\"y\"", "\"\"", "\"xy\"", "null", "7"]),
        texts("kind", &["true", "false"]),
    ] {
        all = all
            .iter()
            .flat_map(|before| choices.iter().map(move |choice| format!("{before}{choice}")))
            .collect();
    }
    all.iter().map(|members| token(&format!("{{{}}}", members.trim_end_matches(',')))).collect()
}

proptest! {
    /// Two credentials that load never both take one token, and a lookup finds every one that does.
    #[test]
    fn what_loads_is_told_apart_by_every_token(all in prop::collection::vec(demands(), 2..4)) {
        let text = many(all.into_iter());
        let Ok(policy) = load(&text) else { return Ok(()) };
        for facts in tokens() {
            let holds = |(_, client): &(&str, &Client)| {
                let condition = client.credential("main").and_then(Credential::condition).unwrap();
                condition.condition(&facts) == Ok(true)
            };
            let takes: Vec<String> =
                policy.clients().filter(holds).map(|(id, _)| format!("{id}/main")).collect();
            prop_assert!(takes.len() < 2, "{text}: {facts:?}");
            let found = candidates(&policy, "idp", None, &facts);
            prop_assert!(takes.iter().all(|it| found.contains(it)), "{text}: {facts:?}");
        }
    }
}
