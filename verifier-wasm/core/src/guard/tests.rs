mod characters;

use super::*;
use crate::jose::tests::fake::{self, jwks, key_set, rsa, rsa_jwk, sign};
use crate::jose::{JwkSet, KeyRules};
use crate::json::{self, Value};
use crate::limits;
use crate::verdict::Source;
use alloc::string::ToString;
use alloc::sync::Arc;

const NOW: i64 = 1_795_521_600;
const HEADER: &str = r#"{"alg":"RS256","kid":"a","typ":"at+jwt"}"#;

fn rules() -> GuardRules {
    GuardRules {
        issuer: "https://sts".into(),
        audiences: Vec::from(["api.example.com".to_string()]),
        scope: Vec::from(["read:file".to_string()]),
        skew: limits::SKEW,
        max_lifetime: limits::ACCESS_TOKEN_LIFETIME_MAX,
    }
}

/// Good claims; a member of `more` replaces the good one of its name, and `null` takes it out.
fn claims(more: &str) -> String {
    let mut members = json::parse_object(
        format!(
            r#"{{"iss":"https://sts","aud":"api.example.com","sub":"app:run","client_id":"app",
            "scope":"write read:file","jti":"j","iat":{NOW},"exp":{}}}"#,
            NOW + 3600
        )
        .as_bytes(),
    )
    .unwrap();
    for (name, value) in json::parse_object(format!("{{{more}}}").as_bytes()).unwrap() {
        match value {
            Value::Null => members.remove(&name),
            value => members.insert(name, value),
        };
    }
    Value::from(members).to_string()
}

fn one_key() -> JwkSet {
    key_set(&[rsa_jwk(1, r#","kid":"a""#)])
}

fn guard(token: &str, rules: &GuardRules, now: i64) -> Verdict<VerifiedAccessToken> {
    let source = KeySource::Static(Arc::new(one_key()));
    let now = UnixTime::from_seconds(now);
    verify_access_token(token, rules, &source, &KeyRing::default(), now, fake::PROVIDER)
}

fn refused(verdict: Verdict<VerifiedAccessToken>) -> Option<Code> {
    match verdict {
        Verdict::Granted(_) => None,
        Verdict::Refused(refusal) => Some(refusal.code()),
        Verdict::Wanting(source) => panic!("{source:?}"),
    }
}

/// Verifies a token with this change of the claims.
fn check(more: &str, expect: Option<Code>) {
    let token = sign(HEADER, &claims(more), &rsa(1));
    assert_eq!(refused(guard(&token, &rules(), NOW)), expect, "{more}");
}

#[test]
fn a_good_token_says_who_and_what() {
    let verdict = guard(&sign(HEADER, &claims(""), &rsa(1)), &rules(), NOW);
    let Verdict::Granted(token) = verdict else { panic!("{verdict:?}") };
    assert_eq!(token.subject(), "app:run");
    assert_eq!(token.client_id(), "app");
    assert_eq!(token.scope(), ["write", "read:file"]);
    assert_eq!(token.audience(), "api.example.com");
    assert_eq!(token.issuer(), "https://sts");
    assert_eq!(token.expires(), UnixTime::from_seconds(NOW + 3600));
    assert_eq!(token.issued(), UnixTime::from_seconds(NOW));
    assert_eq!(token.jti(), "j");
    assert_eq!(token.claims().get("jti"), Some(&Value::from("j")));
}

/// A token has one of the names, and only one.
#[test]
fn a_resource_may_have_several_names() {
    let rules = rules().or_audience("https://api.example.com/v1");
    let check = |audience: &str, expect: Result<&str, Code>| {
        let token = sign(HEADER, &claims(&format!(r#""aud":{audience}"#)), &rsa(1));
        match (guard(&token, &rules, NOW), expect) {
            (Verdict::Granted(token), Ok(name)) => assert_eq!(token.audience(), name),
            (verdict, expect) => assert_eq!(refused(verdict), expect.err(), "{audience}"),
        }
    };
    check(r#""api.example.com""#, Ok("api.example.com"));
    check(r#""https://api.example.com/v1""#, Ok("https://api.example.com/v1"));
    check(r#"["https://api.example.com/v1"]"#, Ok("https://api.example.com/v1"));
    check(r#""https://api.example.com/v1/""#, Err(Code::AudienceWrong));
    check(r#""https://api.example.com""#, Err(Code::AudienceWrong));
    check(r#"["api.example.com","https://api.example.com/v1"]"#, Err(Code::AudienceAmbiguous));
}

#[test]
fn i16_only_access_tokens_that_name_their_key() {
    let check = |header: &str, expect| {
        let token = sign(header, &claims(""), &rsa(1));
        assert_eq!(refused(guard(&token, &rules(), NOW)), expect, "{header}");
    };
    check(HEADER, None);
    check(r#"{"alg":"RS256","kid":"a","typ":"application/at+jwt"}"#, None);
    check(r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#, Some(Code::TypeWrong));
    check(r#"{"alg":"RS256","kid":"a"}"#, Some(Code::TypeWrong));
    check(r#"{"alg":"RS256","typ":"at+jwt"}"#, Some(Code::KeyUnknown));
    check(r#"{"alg":"RS256","kid":"b","typ":"at+jwt"}"#, Some(Code::KeyUnknown));
    check(r#"{"alg":"RS512","kid":"a","typ":"at+jwt"}"#, Some(Code::AlgorithmNotAllowed));
    check(r#"{"alg":"none","kid":"a","typ":"at+jwt"}"#, Some(Code::UnsupportedAlgorithm));
}

#[test]
fn j28_an_id_token_is_no_access_token() {
    let token = sign(
        r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#,
        &claims(r#""client_id":null,"jti":null,"scope":null"#),
        &rsa(1),
    );
    assert_eq!(refused(guard(&token, &rules(), NOW)), Some(Code::TypeWrong));
}

#[test]
fn every_claim_of_rfc_9068_is_required() {
    check("", None);
    check(r#""iss":null"#, Some(Code::IssuerMissing));
    check(r#""aud":null"#, Some(Code::AudienceMissing));
    check(r#""exp":null"#, Some(Code::ExpiryMissing));
    check(r#""jti":null"#, Some(Code::JtiMissing));
    for claim in ["sub", "client_id", "iat"] {
        check(&format!(r#""{claim}":null"#), Some(Code::ClaimsMalformed));
    }
    for claim in ["sub", "client_id", "jti"] {
        check(&format!(r#""{claim}":"""#), Some(Code::ClaimsMalformed));
        check(&format!(r#""{claim}":7"#), Some(Code::ClaimsMalformed));
    }
}

#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    check("", None);
    check(r#""cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#, Some(Code::TokenBound));
    check(
        r#""cnf":{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}"#,
        Some(Code::TokenBound),
    );
    check(r#""cnf":{}"#, Some(Code::TokenBound));
}

#[test]
fn o03_the_audience_is_this_resource_alone() {
    check(r#""aud":["api.example.com"]"#, None);
    check(r#""aud":"api.example.com.evil""#, Some(Code::AudienceWrong));
    check(r#""aud":["api.example.com","other"]"#, Some(Code::AudienceAmbiguous));
}

#[test]
fn o01_the_issuer_is_the_configured_one() {
    check(r#""iss":"https://sts/""#, Some(Code::IssuerWrong));
}

#[test]
fn times_are_checked() {
    let token = sign(HEADER, &claims(""), &rsa(1));
    let check = |now: i64, expect| assert_eq!(refused(guard(&token, &rules(), now)), expect);
    check(NOW + 3600 + limits::SKEW - 1, None);
    check(NOW + 3600 + limits::SKEW, Some(Code::Expired));
    check(NOW - limits::SKEW, None);
    check(NOW - limits::SKEW - 1, Some(Code::IssuedInFuture));
    let shorter = GuardRules { max_lifetime: 3599, ..rules() };
    assert_eq!(refused(guard(&token, &shorter, NOW)), Some(Code::LifetimeTooLong));
}

#[test]
fn e08_a_time_that_no_clock_shows_is_refused() {
    let token = sign(HEADER, &claims(""), &rsa(1));
    let check = |now: i64, expect| {
        assert_eq!(refused(guard(&token, &rules(), now)), expect, "{now}");
    };
    check(NOW, None);
    for now in [0, -1, NOW * 1000, limits::CLOCK_EARLIEST - 1, limits::CLOCK_LATEST, i64::MIN] {
        check(now, Some(Code::ClockImplausible));
    }
    check(limits::CLOCK_EARLIEST, Some(Code::IssuedInFuture));
    check(limits::CLOCK_LATEST - 1, Some(Code::Expired));
}

#[test]
fn every_required_scope_value_must_be_there() {
    let check = |scope: &str, required: &[&str], expect| {
        let token = sign(HEADER, &claims(&format!(r#""scope":{scope}"#)), &rsa(1));
        let scope = required.iter().map(ToString::to_string).collect();
        let verdict = guard(&token, &GuardRules { scope, ..rules() }, NOW);
        assert_eq!(refused(verdict), expect, "{required:?}");
    };
    let lacking = Some(Code::ScopeInsufficient);
    check(r#""a b""#, &[], None);
    check(r#""a b""#, &["a"], None);
    check(r#""a b""#, &["b", "a"], None);
    check(r#""a b""#, &["a", "c"], lacking);
    check(r#""abc""#, &["a"], lacking);
    check(r#""A""#, &["a"], lacking);
    check("null", &[], None);
    check("null", &["a"], lacking);
    for scope in
        [r#""""#, r#""a  b""#, r#"" a""#, r#""a\tb""#, r#""a\"""#, r#""é""#, "[\"a\"]", "7"]
    {
        check(scope, &[], Some(Code::ClaimsMalformed));
    }
}

#[test]
fn e02_one_field_one_scheme_one_blank_one_token() {
    let check = |values: &[&str], expect: Result<&str, Code>| {
        assert_eq!(bearer(values).map_err(|refusal| refusal.code()), expect, "{values:?}");
    };
    check(&[], Err(Code::TokenMissing));
    for value in ["Bearer a.b-c_d~e+f/g=", "bearer a.b-c_d~e+f/g=", "BEARER a.b-c_d~e+f/g="] {
        check(&[value], Ok("a.b-c_d~e+f/g="));
    }
    let malformed = Err(Code::AuthorizationMalformed);
    check(&["Bearer a", "Bearer a"], malformed);
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  a",
        " Bearer a",
        "Bearer a ",
        "Bearer\ta",
        "Bearer a b",
        "Bearer a,Bearer b",
        "Bearer a, Bearer b",
        "Bearer =",
        "Bearer a=b",
        "Bearer é",
        "Bearer a\0",
        "Bearera",
        "Basic YTpi",
        "a.b.c",
    ] {
        check(&[value], malformed);
    }
}

#[test]
fn keys_are_wanted_only_for_a_token_that_they_could_serve() {
    let source = KeySource::Discovery;
    let now = UnixTime::from_seconds(NOW);
    let mut ring = KeyRing::default();
    let good = sign(HEADER, &claims(""), &rsa(1));
    let none = sign(r#"{"alg":"none","kid":"a"}"#, &claims(""), &rsa(1));
    let ask = |token: &str, ring: &KeyRing| {
        verify_access_token(token, &rules(), &source, ring, now, fake::PROVIDER)
    };
    assert_eq!(refused(ask("a.b", &ring)), Some(Code::JwsMalformed));
    assert_eq!(refused(ask(&none, &ring)), Some(Code::UnsupportedAlgorithm));
    let url = "https://sts/.well-known/openid-configuration".to_string();
    let discovery = Source::Discovery { issuer: "https://sts".into(), url };
    assert_eq!(ask(&good, &ring), Verdict::Wanting(discovery));
    let document = br#"{"issuer":"https://sts","jwks_uri":"https://sts/jwks"}"#;
    ring.discovered("https://sts", document, now).unwrap();
    let set = Source::KeySet { issuer: "https://sts".into(), url: "https://sts/jwks".into() };
    assert_eq!(ask(&good, &ring), Verdict::Wanting(set));
    let body = jwks(&[rsa_jwk(1, r#","kid":"a""#)]);
    ring.fetched("https://sts", &KeyRules::default(), body.as_bytes(), now).unwrap();
    assert_eq!(refused(ask(&good, &ring)), None);
}

#[test]
fn a_deferred_signature_is_not_a_yes() {
    let token = sign(HEADER, &claims(""), &rsa(2));
    let source = KeySource::Static(Arc::new(one_key()));
    let now = UnixTime::from_seconds(NOW);
    let verdict =
        verify_access_token(&token, &rules(), &source, &KeyRing::default(), now, fake::LATER);
    assert!(matches!(verdict, Verdict::Wanting(Source::Signatures(checks)) if checks.len() == 1));
}

/// Where the order of checks is not that of the steps (docs/architecture.md).
#[test]
fn the_clock_comes_first_and_the_algorithm_before_the_key() {
    let check = |token: &str, now: i64, expect| {
        assert_eq!(refused(guard(token, &rules(), now)), Some(expect), "{token}");
    };
    check("no token", 0, Code::ClockImplausible);
    check("no token", NOW, Code::JwsMalformed);
    let unknown_key = |alg: &str| {
        let header = format!(r#"{{"alg":"{alg}","kid":"b","typ":"JWT"}}"#);
        sign(&header, &claims(""), &rsa(1))
    };
    check(&unknown_key("HS256"), NOW, Code::UnsupportedAlgorithm);
    check(&unknown_key("RS256"), NOW, Code::KeyUnknown);
}
