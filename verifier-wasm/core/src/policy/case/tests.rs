//! Examples in a policy: how they are read, and that they run the live checks.

use crate::policy::tests::{document, load};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const CLAIMS: &str = r#""sub":"workload","tenant":"t1","run":"7""#;

/// A policy with this list of tests.
fn with_tests(tests: &str) -> String {
    document(&[("\"version\": 1,", &format!("\"version\": 1, \"tests\": {tests},"))])
}

/// One test with these claims and members beside them.
fn case(claims: &str, more: &str, expect: &str) -> String {
    format!(
        r#"[{{"name":"t","credential":"app_1/main","at":"2027-01-15T08:00:00Z",
            "given":{{"claims":{{{claims}}}{more}}},"scope":"api.example.com|write","expect":{expect}}}]"#
    )
}

#[track_caller]
fn check(claims: &str, more: &str, expect: &str, passes: bool) {
    let policy = load(&with_tests(&case(claims, more, expect))).unwrap();
    let results: Vec<_> = policy.run_tests().collect();
    let [result] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(result.passed, passes, "{}, got {}", result.expected, result.got);
    assert_eq!((result.name, result.pointer), ("t", "/tests/0"));
}

#[test]
fn what_is_accepted_is_compared() {
    for good in [
        "{}",
        r#"{"subject":"app_1:urn:x:7"}"#,
        r#"{"audience":"api.example.com","scope":"write","lifetime":3600}"#,
        r#"{"scope":["write"]}"#,
    ] {
        check(CLAIMS, "", &format!(r#"{{"accept":{good}}}"#), true);
    }
    for bad in [
        r#"{"subject":"app_1"}"#,
        r#"{"audience":"other"}"#,
        r#"{"scope":"write read:file"}"#,
        r#"{"lifetime":3599}"#,
    ] {
        check(CLAIMS, "", &format!(r#"{{"accept":{bad}}}"#), false);
    }
    check(CLAIMS, "", r#"{"refuse":"expired"}"#, false);
}

#[test]
fn the_live_checks_run() {
    let refused = |claims: &str, more: &str, code: &str| {
        check(claims, more, &format!(r#"{{"refuse":"{code}"}}"#), true);
        check(claims, more, r#"{"accept":{}}"#, false);
    };
    refused(&CLAIMS.replace("workload", "other"), "", "verification_condition_false");
    refused(&CLAIMS.replace("t1", "t2"), "", "trust_condition_false");
    refused(&CLAIMS.replace("\"tenant\":\"t1\",", ""), "", "trust_condition_error");
    refused(&CLAIMS.replace("\"7\"", "\"\\u202e\""), "", "mapping_error");
    // Type, issuer, audience and times are checked where they are given.
    refused(&format!("{CLAIMS},\"iss\":\"https://other\""), "", "issuer_wrong");
    refused(&format!("{CLAIMS},\"aud\":\"https://other\""), "", "audience_wrong");
    refused(&format!("{CLAIMS},\"aud\":1"), "", "claims_malformed");
    refused(&format!("{CLAIMS},\"exp\":1799990000"), "", "expired");
    refused(&format!("{CLAIMS},\"nbf\":1900000000,\"exp\":1900000001"), "", "not_yet_valid");
    refused(CLAIMS, r#","typ":"at+jwt""#, "type_wrong");
    check(CLAIMS, r#","typ":"JWT""#, r#"{"accept":{}}"#, true);
}

/// Two individuals of a group have two subjects: their parts end where the text behind them begins, and no text is an
/// integer.
#[test]
fn integers_of_a_group_are_told_apart() {
    let check = |condition: &str, between: &str, claims: &str, expect: &str| {
        let text = document(&[
            (
                "\"version\": 1,",
                &format!("\"version\": 1, \"tests\": {},", case(claims, "", expect)),
            ),
            ("\"type\": \"oidc\"", r#""type": "oidc", "identity": ["tenant", "user"]"#),
            ("jwt.claims.tenant == \\\"t1\\\"", "has(jwt.claims.tenant)"),
            (
                "\"jwt.claims.sub == \\\"workload\\\"\"",
                &format!(r#""{condition}", "binds": "group""#),
            ),
            (
                "Append(\\\"urn:x:\\\", jwt.claims.run)",
                &format!("Append('u', jwt.claims.tenant, '{between}', jwt.claims.user)"),
            ),
        ]);
        let policy = load(&text).unwrap();
        let result = policy.run_tests().next().unwrap();
        assert!(result.passed, "{condition} {claims}: {}, got {}", result.expected, result.got);
    };
    let accept = |subject: &str| format!(r#"{{"accept":{{"subject":"app_1:{subject}"}}}}"#);
    let refuse = r#"{"refuse":"mapping_error"}"#;
    let integers = "jwt.claims.tenant >= 0 && jwt.claims.user >= 0";
    check(integers, "1", r#""tenant":2,"user":11"#, &accept("u2111"));
    check(integers, "1", r#""tenant":11,"user":1"#, refuse);
    check(integers, "1", r#""tenant":1,"user":11"#, refuse);
    check(integers, ":", r#""tenant":1,"user":11"#, &accept("u1:11"));
    // A text is none of them.
    let error = r#"{"refuse":"verification_condition_error"}"#;
    check(integers, ":", r#""tenant":1,"user":"11""#, error);
    // Where nothing says that it is an integer, it is a text.
    let any = "has(jwt.claims.user)";
    check(any, ":", r#""tenant":"1","user":"11""#, &accept("u1:11"));
    check(any, ":", r#""tenant":"1","user":11"#, refuse);
    check("jwt.claims.tenant == 1", ":", r#""tenant":1,"user":"11""#, &accept("u1:11"));
    check("jwt.claims.tenant == 1", ":", r#""tenant":1,"user":11"#, refuse);
    check("jwt.claims.user in [11, 12]", ":", r#""tenant":"1","user":11"#, &accept("u1:11"));
    // In one alternative alone it says nothing of the others.
    let either = "jwt.claims.user == 11 || jwt.claims.tenant == '1'";
    check(either, ":", r#""tenant":"1","user":11"#, refuse);
    let each = "jwt.claims.user == 11 || 11 < jwt.claims.user && jwt.claims.tenant == '1'";
    check(each, ":", r#""tenant":"1","user":11"#, &accept("u1:11"));
    check(each, ":", r#""tenant":"1","user":"11""#, r#"{"refuse":"verification_condition_error"}"#);
}

#[test]
fn a_failed_example_explains_itself() {
    let claims = CLAIMS.replace("workload", "worklaod");
    let policy = load(&with_tests(&case(&claims, "", r#"{"accept":{}}"#))).unwrap();
    let result = policy.run_tests().next().unwrap();
    assert_eq!((result.expected.as_str(), result.passed), ("accept", false));
    assert_eq!(result.got, "refuse: verification_condition_false");
    let clause =
        result.explanation.notes().iter().filter_map(|note| note.clause.as_ref()).next_back();
    let hint = clause.and_then(|clause| clause.hint.clone()).unwrap();
    assert!(hint.contains("\"workload\" is near"), "{hint}");
}

#[test]
fn examples_are_read_strictly() {
    let check = |from: &str, to: &str, place: &str, says: &str| {
        let good = case(CLAIMS, "", r#"{"accept":{}}"#);
        assert!(good.contains(from), "{from}");
        let errors = load(&with_tests(&good.replacen(from, to, 1))).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let found = errors
            .iter()
            .any(|error| error.starts_with(&format!("{place}: ")) && error.contains(says));
        assert!(found, "{errors:#?}");
    };
    let place = "/tests/0";
    check(r#""name":"t","#, "", place, "`name` is missing");
    check(r#""name":"t""#, r#""name":"t","extra":1"#, "/tests/0/extra", "not known");
    check("app_1/main", "app_1/gone", "/tests/0/credential", "no usable credential `app_1/gone`");
    check("app_1/main", "main", "/tests/0/credential", "no usable credential");
    check("2027-01-15T08:00:00Z", "soon", "/tests/0/at", "not a time");
    check(r#""claims":{"#, r#""claim":{"#, "/tests/0/given", "exactly one kind of facts");
    check(
        r#""claims":{"#,
        r#""document":{},"claims":{"#,
        "/tests/0/given",
        "exactly one kind of facts",
    );
    check(r#"{"accept":{}}"#, "{}", "/tests/0/expect", "exactly one of");
    check(
        r#"{"accept":{}}"#,
        r#"{"accept":{"sub":"x"}}"#,
        "/tests/0/expect/accept/sub",
        "not known",
    );
    check(
        r#"{"accept":{}}"#,
        r#"{"refuse":"expird"}"#,
        "/tests/0/expect/refuse",
        "expected expired",
    );
    check("api.example.com|write", "write|", "/tests/0/scope", "scope_malformed");
    let twice = case(CLAIMS, "", r#"{"accept":{}}"#);
    let twice = format!("[{0},{0}]", &twice[1..twice.len() - 1]);
    let errors = load(&with_tests(&twice)).unwrap_err();
    assert_eq!(errors[0].pointer, "/tests/1");
    assert_eq!(load(&with_tests("[]")).unwrap_err()[0].pointer, "/tests");
}

/// The decision of a policy on a test of this form.
#[track_caller]
fn formed(policy: &str, tests: &str, expect: &str) {
    let text =
        policy.replacen("\"version\": 1,", &format!("\"version\": 1, \"tests\": {tests},"), 1);
    let policy = load(&text).unwrap();
    let result = policy.run_tests().next().unwrap();
    assert!(result.passed, "{tests}: {}, got {}", result.expected, result.got);
    assert!(result.got.contains(expect), "{tests}: {}", result.got);
}

#[test]
fn a_test_is_decided_as_a_request_of_its_form() {
    let pick = |whose: &str, given: &str, expect: &str| {
        format!(
            r#"[{{"name":"t",{whose}"at":"2027-01-15T08:00:00Z","given":{given},"scope":"api.example.com|write","expect":{expect}}}]"#
        )
    };
    let refuse = |code: &str| format!(r#"{{"refuse":"{code}"}}"#);
    let accept = r#"{"accept":{}}"#;
    let found =
        document(&[("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true")]);
    let claims = format!(r#"{{"claims":{{"iss":"https://idp.example.com",{CLAIMS}}}}}"#);
    let named = r#""credential":"app_1/main","#;
    for form in ["idaas", "jwt_bearer", "token_exchange", "client_assertion"] {
        let form = format!(r#""form":"{form}","#);
        formed(&found, &pick(&format!("{named}{form}"), &claims, accept), "accept");
        if !form.contains("idaas") {
            formed(&found, &pick(&form, &claims, accept), "accept");
        }
    }
    let form = r#""form":"jwt_spiffe","#;
    let named_svid = format!("{named}{form}");
    formed(&found, &pick(&named_svid, &claims, &refuse("provider_kind")), "provider_kind");
    formed(&found, &pick(form, &claims, &refuse("issuer_unknown")), "issuer_unknown");
}

/// What a test leaves out of an SVID is as a good one has it: its audience is this issuer.
#[test]
fn a_test_of_an_svid_is_of_one_for_this_issuer() {
    let plain = document(&[]);
    let start = plain.find("\"type\": \"oidc\"").unwrap();
    let end = plain.find("\"keys\": {").unwrap();
    let policy = document(&[
        (
            &plain[start..end],
            r#""type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts.example.com"], "#,
        ),
        ("workload", "spiffe://example.org/sa/a"),
        ("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true"),
    ]);
    let check = |whose: &str, audience: &str, expect: &str| {
        let test = format!(
            r#"[{{"name":"t",{whose}"at":"2027-01-15T08:00:00Z","scope":"api.example.com|write",
                "given":{{"claims":{{"sub":"spiffe://example.org/sa/a","tenant":"t1","run":"7"{audience}}}}},"expect":{expect}}}]"#
        );
        formed(&policy, &test, "");
    };
    let (form, named) = (r#""form":"jwt_spiffe","#, r#""credential":"app_1/main","#);
    let both = format!("{named}{form}");
    let (accept, refuse) = (r#"{"accept":{}}"#, r#"{"refuse":"audience_wrong"}"#);
    let (issuer, others) =
        (r#","aud":"https://sts.example.com/oauth2""#, r#","aud":"https://sts.example.com""#);
    for whose in [form, &both] {
        check(whose, "", accept);
        check(whose, issuer, accept);
        check(whose, others, refuse);
    }
    check(named, "", accept);
    check(named, others, accept);
    check(named, issuer, refuse);
}

#[test]
fn a_form_that_the_test_cannot_have_does_not_load() {
    let check = |from: &str, to: &str, says: &str| {
        let good = case(CLAIMS, "", r#"{"accept":{}}"#);
        assert!(good.contains(from), "{from}");
        let errors = load(&with_tests(&good.replacen(from, to, 1))).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let found =
            errors.iter().any(|error| error.starts_with("/tests/0/form: ") && error.contains(says));
        assert!(found, "{errors:#?}");
    };
    let at = r#""credential":"app_1/main","at""#;
    let with = |whose: &str, form: &str| format!(r#"{whose}"form":"{form}","at""#);
    let (named, client) = (r#""credential":"app_1/main","#, r#""client":"app_1","#);
    check(at, &with(named, "jwt_beaer"), "jwt_bearer");
    check(at, &with(named, "idaas_exchange"), "idaas");
    check(at, &with(client, "idaas"), "names a credential");
    check(at, &with("", "tls_client_auth"), "names its client");
    check(at, &with(named, "tls_client_auth"), "no request of this form has such a proof");
}
