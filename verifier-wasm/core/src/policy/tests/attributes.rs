//! Mapped claims, lifetimes, and what is reserved.

use super::{check, document, load};
use crate::policy::claims::RESERVED_CLAIMS;
use alloc::format;

const ATTRIBUTES: &str = "\"attributes\": { \"client.activeSubjectUrn\": ";

fn with(member: &str) -> alloc::string::String {
    format!("\"attributes\": {{ {member}, \"client.activeSubjectUrn\": ")
}

#[test]
fn claims_that_say_what_a_token_is_are_never_mapped() {
    for claim in RESERVED_CLAIMS {
        let place = format!("/clients/app_1/credentials/main/attributes/{claim}");
        let mapping = with(&format!("\"{claim}\": \"jwt.claims.run\""));
        check(&[(ATTRIBUTES, &mapping)], &place, "no mapping writes it");
    }
    let shadow = with("\"Scope\": \"jwt.claims.run\"");
    let place = "/clients/app_1/credentials/main/attributes/Scope";
    check(&[(ATTRIBUTES, &shadow)], place, "no mapping writes it");
    for good in ["tenant", "https://example.com/claims/team", "roles"] {
        let mapping = with(&format!("\"{good}\": \"Append('x:', jwt.claims.run)\""));
        assert!(load(&document(&[(ATTRIBUTES, &mapping)])).is_ok(), "{good}");
    }
    let place = "/clients/app_1/credentials/main/attributes";
    for (bad, says) in [
        ("\"client.other\": \"jwt.claims.run\"", "not known"),
        ("\"a b\": \"jwt.claims.run\"", "not known"),
        ("\"a\": \"jwt.claims.run ==\"", "at byte"),
        ("\"a\": \"['x']\"", "expected string or integer or boolean"),
        ("\"a\": \"cert.subject.CN\"", "no `cert` here"),
        ("\"a\": 7", "this is integer"),
    ] {
        let errors = load(&document(&[(ATTRIBUTES, &with(bad))])).unwrap_err();
        assert!(
            errors.iter().any(|e| e.pointer.starts_with(place) && e.message.contains(says)),
            "{bad}: {errors:?}"
        );
    }
}

#[test]
fn the_nearest_lifetime_counts_and_a_resource_caps_it() {
    let lifetime = |policy: &str, client: &str, credential: &str, resource: &str| {
        let text = document(&[
            ("\"version\": 1", &format!("\"version\": 1{policy}")),
            ("\"credentials\": {", &format!("{client}\"credentials\": {{")),
            ("\"provider\": \"idp\",", &format!("\"provider\": \"idp\", {credential}")),
            (
                "\"scopes\": [\"read:file\", \"write\"] } },",
                &format!("\"scopes\": [\"read:file\", \"write\"]{resource} }} }},"),
            ),
        ]);
        let policy = load(&text).unwrap();
        let client = &policy.clients["app_1"];
        policy.token_lifetime(&client.credentials["main"], "api.example.com")
    };
    assert_eq!(lifetime("", "", "", ""), 3600);
    assert_eq!(lifetime(", \"token_lifetime\": 7200", "", "", ""), 7200);
    assert_eq!(lifetime(", \"token_lifetime\": 7200", "\"token_lifetime\": 4000, ", "", ""), 4000);
    assert_eq!(
        lifetime("", "\"token_lifetime\": 4000, ", "\"token_lifetime\": \"5000s\", ", ""),
        5000
    );
    assert_eq!(lifetime("", "", "\"token_lifetime\": 5000, ", ", \"token_lifetime\": 900"), 900);
    assert_eq!(lifetime("", "", "\"token_lifetime\": 600, ", ", \"token_lifetime\": 900"), 600);
}

#[test]
fn sender_binding_is_reserved() {
    let credential = "\"provider\": \"idp\",";
    for way in ["dpop", "mtls"] {
        let asked = format!("{credential} \"sender_binding\": \"{way}\",");
        let place = "/clients/app_1/credentials/main/sender_binding";
        check(&[(credential, &asked)], place, "not enforced by this version");
    }
    let other = format!("{credential} \"sender_binding\": \"bearer\",");
    check(
        &[(credential, &other)],
        "/clients/app_1/credentials/main/sender_binding",
        "not a way to bind a token",
    );
    check(
        &[("\"credentials\": {", "\"sender_binding\": \"dpop\", \"credentials\": {")],
        "/clients/app_1/sender_binding",
        "not enforced",
    );
    check(
        &[(
            "\"scopes\": [\"read:file\", \"write\"] } },",
            "\"scopes\": [\"read:file\", \"write\"], \"sender_binding\": \"mtls\" } },",
        )],
        "/resources/api.example.com/sender_binding",
        "not enforced",
    );
}
