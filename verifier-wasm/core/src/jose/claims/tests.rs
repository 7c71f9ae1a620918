use super::*;
use crate::json;

const NOW: i64 = 1_795_521_600;
const SKEW: i64 = 30;
const LIFETIME: i64 = 600;

/// Checks claims with a change to the rules.
fn with(
    claims: &str,
    typ: Option<&str>,
    change: impl FnOnce(&mut ClaimRules<'_>),
) -> Result<RegisteredClaims, Code> {
    let accepted = ["https://sts".to_string(), "https://sts/token".to_string()];
    let mut rules = ClaimRules {
        now: UnixTime::from_seconds(NOW),
        skew: SKEW,
        issuer: Some("https://idp"),
        subject: None,
        audiences: Audiences::one_of(&accepted),
        types: Types::JWT,
        max_lifetime: LIFETIME,
    };
    change(&mut rules);
    let claims = json::parse_object_with(claims.as_bytes(), json::Limits::CLAIMS).unwrap();
    check_claims(&claims, typ, &rules).map_err(|refusal| refusal.code())
}

/// Checks good claims, to which `more` adds members or of which it replaces one.
fn check(more: &str, expect: Result<(), Code>) {
    let result = with(&claims(more), None, |_| {});
    assert_eq!(result.map(|_| ()), expect, "{more}");
}

/// Good claims as text; a member of `more` replaces the good one of its name.
fn claims(more: &str) -> String {
    let mut members: Object = json::parse_object(
        format!(
            r#"{{"iss":"https://idp","aud":"https://sts","sub":"s","exp":{},"iat":{NOW}}}"#,
            NOW + LIFETIME
        )
        .as_bytes(),
    )
    .unwrap();
    let more = format!("{{{more}}}");
    for (name, value) in json::parse_object_with(more.as_bytes(), json::Limits::CLAIMS).unwrap() {
        members.insert(name, value);
    }
    Value::from(members).to_string()
}

/// Good claims without one.
fn without(claim: &str) -> String {
    let mut members = json::parse_object(claims("").as_bytes()).unwrap();
    members.remove(claim).unwrap();
    Value::from(members).to_string()
}

#[test]
fn accepted_claims_are_handed_on() {
    let text = claims(&format!(r#""aud":["https://sts/token"],"jti":"j","nbf":{}"#, NOW - 1));
    let expect = RegisteredClaims {
        issuer: Some("https://idp".into()),
        subject: Some("s".into()),
        audience: Vec::from(["https://sts/token".to_string()]),
        expires: UnixTime::from_seconds(NOW + LIFETIME),
        issued: Some(UnixTime::from_seconds(NOW)),
        not_before: Some(UnixTime::from_seconds(NOW - 1)),
        jti: Some("j".into()),
    };
    assert_eq!(with(&text, Some("JWT"), |_| {}), Ok(expect));
    let bare = with(&without("sub"), None, |_| {}).unwrap();
    assert_eq!((bare.subject, bare.not_before, bare.jti), (None, None, None));
}

#[test]
fn j11_times_are_numbers_from_0_to_2_53() {
    let malformed = Err(Code::ClaimsMalformed);
    for claim in ["exp", "nbf", "iat"] {
        for value in [r#""1795521600""#, "null", "true", "[]", "{}", "-1", "-0.5"] {
            check(&format!(r#""{claim}":{value}"#), malformed);
        }
        for value in ["1e400", "-1e300", "1e16", "9007199254740992.5"] {
            let text = without("iat").replace('}', &format!(r#","x{claim}":{value}}}"#));
            let read = json::parse_object_with(text.as_bytes(), json::Limits::CLAIMS);
            assert_eq!(read.unwrap_err().code(), Code::JsonNumber);
        }
        for value in ["9007199254740992", "9223372036854775808", "-9007199254740992"] {
            check(&format!(r#""{claim}":{value}"#), malformed);
        }
    }
    check(r#""iat":0,"exp":1"#, Err(Code::Expired));
    check(r#""iat":1.7955216e9"#, Ok(()));
}

#[test]
fn j11_fractions_go_toward_refusal() {
    let exact = |more: &str, expect| {
        let result = with(&claims(more), None, |rules| {
            rules.skew = 0;
            rules.max_lifetime = 10_000;
        });
        assert_eq!(result.map(|_| ()), expect, "{more}");
    };
    let early = r#""iat":1795521000"#;
    exact(&format!(r#"{early},"exp":1795521601.0"#), Ok(()));
    exact(&format!(r#"{early},"exp":1795521600.999"#), Err(Code::Expired));
    exact(&format!(r#"{early},"nbf":1795521600.0"#), Ok(()));
    exact(&format!(r#"{early},"nbf":1795521600.001"#), Err(Code::NotYetValid));
    exact(r#""iat":1795521600.0"#, Ok(()));
    exact(r#""iat":1795521600.001"#, Err(Code::IssuedInFuture));
}

#[test]
fn j11_decimals_are_read_exactly() {
    let check = |seconds: f64, down: Option<i64>, up: Option<i64>| {
        assert_eq!(whole(seconds, Rounding::Down), down, "{seconds}");
        assert_eq!(whole(seconds, Rounding::Up), up, "{seconds}");
    };
    check(0.0, Some(0), Some(0));
    check(0.5, Some(0), Some(1));
    check(5e-324, Some(0), Some(1));
    check(1_795_521_600.25, Some(1_795_521_600), Some(1_795_521_601));
    check(9_007_199_254_740_991.0, Some(limits::JSON_INTEGER_MAX), Some(limits::JSON_INTEGER_MAX));
    check(4_503_599_627_370_495.5, Some(4_503_599_627_370_495), Some(4_503_599_627_370_496));
    check(1e300, None, None);
    check(-0.5, None, None);
    check(f64::INFINITY, None, None);
    check(f64::NAN, None, None);
}

#[test]
fn j11_expiry_is_required() {
    assert_eq!(with(&without("exp"), None, |_| {}), Err(Code::ExpiryMissing));
}

#[test]
fn j12_lifetime_is_bounded() {
    let lived = |iat: i64, exp: i64| format!(r#""iat":{iat},"exp":{exp}"#);
    check(&lived(NOW, NOW + LIFETIME), Ok(()));
    check(&lived(NOW, NOW + LIFETIME + 1), Err(Code::LifetimeTooLong));
    check(&lived(NOW - 100, NOW + LIFETIME - 100), Ok(()));
    check(&lived(NOW - 100, NOW + LIFETIME - 99), Err(Code::LifetimeTooLong));
    check(r#""exp":253402300799"#, Err(Code::LifetimeTooLong));
    let no_iat = |exp: i64, expect| {
        let text = without("iat").replace(&(NOW + LIFETIME).to_string(), &exp.to_string());
        assert_eq!(with(&text, None, |_| {}).map(|_| ()), expect, "{exp}");
    };
    no_iat(NOW + LIFETIME, Ok(()));
    no_iat(NOW + LIFETIME + 1, Err(Code::LifetimeTooLong));
}

#[test]
fn j12_iat_lies_not_in_the_future() {
    let issued = |iat: i64| format!(r#""iat":{iat},"exp":{}"#, iat + 60);
    check(&issued(NOW + SKEW), Ok(()));
    check(&issued(NOW + SKEW + 1), Err(Code::IssuedInFuture));
}

#[test]
fn j12_a_token_that_is_never_valid_is_refused() {
    check(&format!(r#""iat":{NOW},"exp":{}"#, NOW + 1), Ok(()));
    check(&format!(r#""iat":{NOW},"exp":{NOW}"#), Err(Code::ClaimsMalformed));
    check(&format!(r#""iat":{},"exp":{NOW}"#, NOW + 1), Err(Code::ClaimsMalformed));
    check(&format!(r#""nbf":{},"exp":{}"#, NOW + 9, NOW + 10), Ok(()));
    check(&format!(r#""nbf":{},"exp":{}"#, NOW + 10, NOW + 10), Err(Code::ClaimsMalformed));
}

#[test]
fn j13_skew_counts_once_in_each_comparison() {
    let expires = |exp: i64| format!(r#""iat":{},"exp":{exp}"#, NOW - LIFETIME + SKEW);
    check(&expires(NOW + 1), Ok(()));
    check(&expires(NOW - SKEW + 1), Ok(()));
    check(&expires(NOW - SKEW), Err(Code::Expired));
    let starts = |nbf: i64| format!(r#""nbf":{nbf}"#);
    check(&starts(NOW + SKEW), Ok(()));
    check(&starts(NOW + SKEW + 1), Err(Code::NotYetValid));
}

#[test]
fn j13_skew_is_bounded_and_saturates() {
    let expired = format!(r#""iat":{},"exp":{}"#, NOW - 300, NOW - limits::SKEW_MAX);
    let within = format!(r#""iat":{},"exp":{}"#, NOW - 300, NOW - limits::SKEW_MAX + 1);
    let check = |more: &str, skew, expect| {
        let result = with(&claims(more), None, |rules| rules.skew = skew);
        assert_eq!(result.map(|_| ()), expect, "{more} {skew}");
    };
    check(&within, limits::SKEW_MAX, Ok(()));
    check(&within, i64::MAX, Ok(()));
    check(&expired, i64::MAX, Err(Code::Expired));
    check(&format!(r#""nbf":{NOW}"#), -5, Ok(()));
    check(&format!(r#""nbf":{NOW}"#), i64::MIN, Ok(()));
    for now in [i64::MIN, i64::MAX] {
        let result = with(&claims(""), None, |rules| rules.now = UnixTime::from_seconds(now));
        assert!(matches!(result, Err(Code::Expired | Code::IssuedInFuture)), "{result:?}");
    }
}

#[test]
fn j28_typ_decides_the_use() {
    let check = |types, typ: Option<&str>, expect| {
        let result = with(&claims(""), typ, |rules| rules.types = types);
        assert_eq!(result.map(|_| ()), expect, "{typ:?}");
    };
    let wrong = Err(Code::TypeWrong);
    for typ in ["JWT", "jwt", "application/jwt"] {
        check(Types::JWT, Some(typ), Ok(()));
        check(Types::ACCESS_TOKEN, Some(typ), wrong);
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        check(Types::ACCESS_TOKEN, Some(typ), Ok(()));
        check(Types::JWT, Some(typ), wrong);
    }
    for typ in ["", "logout+jwt", "secevent+jwt", "dpop+jwt", "JWT "] {
        check(Types::JWT, Some(typ), wrong);
        check(Types::ACCESS_TOKEN, Some(typ), wrong);
    }
    check(Types::JWT, None, Ok(()));
    check(Types::ACCESS_TOKEN, None, wrong);
}

#[test]
fn j28_a_logout_token_is_no_identity() {
    let event = "http://schemas.openid.net/event/backchannel-logout";
    check(&format!(r#""events":{{"{event}":{{}}}}"#), Err(Code::TypeWrong));
    check(r#""events":{"of mine":{}}"#, Ok(()));
    check(r#""events":"of mine""#, Ok(()));
}

#[test]
fn j30_claims_have_their_types() {
    let malformed = Err(Code::ClaimsMalformed);
    for claim in ["iss", "sub", "jti", "aud"] {
        for value in ["null", "7", "true", "{}", r#""""#] {
            check(&format!(r#""{claim}":{value}"#), malformed);
        }
    }
    for claim in ["iss", "sub", "jti"] {
        check(&format!(r#""{claim}":["https://idp"]"#), malformed);
    }
    for aud in
        ["[]", "[7]", r#"["https://sts",7]"#, r#"["https://sts",""]"#, r#"[["https://sts"]]"#]
    {
        check(&format!(r#""aud":{aud}"#), malformed);
    }
    check(r#""aud":["https://sts"]"#, Ok(()));
}

#[test]
fn o02_issuers_are_compared_character_by_character() {
    check("", Ok(()));
    for issuer in [
        "https://idp/",
        "https://IDP",
        "HTTPS://idp",
        "https://idp:443",
        "https://id%70",
        "https://idp ",
        "https://idp.evil",
    ] {
        check(&format!(r#""iss":"{issuer}""#), Err(Code::IssuerWrong));
    }
    assert_eq!(with(&without("iss"), None, |_| {}), Err(Code::IssuerMissing));
}

#[test]
fn o03_the_audience_is_required_exact_and_alone() {
    let several = r#""aud":["https://sts","https://other"]"#;
    check(r#""aud":"https://sts/token""#, Ok(()));
    for aud in
        [r#""https://sts/""#, r#""https://st""#, r#""https://sts.evil""#, r#"["https://STS"]"#]
    {
        check(&format!(r#""aud":{aud}"#), Err(Code::AudienceWrong));
    }
    assert_eq!(with(&without("aud"), None, |_| {}), Err(Code::AudienceMissing));
    check(several, Err(Code::AudienceAmbiguous));
    check(r#""aud":["https://sts","https://sts/token"]"#, Err(Code::AudienceAmbiguous));
    check(r#""aud":["https://other","https://another"]"#, Err(Code::AudienceWrong));
    let allowing = |more: &str, expect| {
        let result = with(&claims(more), None, |rules| rules.audiences.others = Others::Anybody);
        assert_eq!(result.map(|_| ()), expect);
    };
    allowing(several, Ok(()));
    allowing(r#""aud":["https://other","https://another"]"#, Err(Code::AudienceWrong));
    // With names for the others: each value is one's own or named, and one of one's own is there.
    let others = ["account".to_string()];
    let beside = |more: &str, expect| {
        let accepted = ["https://sts".to_string(), "https://sts/token".to_string()];
        let audience = audience(&json::parse_object(claims(more).as_bytes()).unwrap());
        let found = check_audience(audience.unwrap(), Audiences::beside(&accepted, &others));
        assert_eq!(found.map(|_| ()).map_err(|refusal| refusal.code()), expect, "{more}");
    };
    beside(r#""aud":["https://sts","account"]"#, Ok(()));
    beside(r#""aud":["account","https://sts"]"#, Ok(()));
    beside(r#""aud":["https://sts","https://sts/token"]"#, Ok(()));
    beside(r#""aud":["https://sts","https://sts"]"#, Ok(()));
    beside(several, Err(Code::AudienceAmbiguous));
    beside(r#""aud":["https://sts","account","Account"]"#, Err(Code::AudienceAmbiguous));
    beside(r#""aud":["account"]"#, Err(Code::AudienceWrong));
    beside(r#""aud":"account""#, Err(Code::AudienceWrong));
    let nobody = with(&claims(""), None, |rules| rules.audiences.accepted = &[]);
    assert_eq!(nobody, Err(Code::AudienceWrong));
}

#[test]
fn checks_come_in_one_order() {
    // Each line mends the first fault of the line above.
    let check = |more: &str, typ, code| {
        assert_eq!(with(&claims(more), Some(typ), |_| {}), Err(code), "{more}");
    };
    check(r#""iss":"x","aud":"x","exp":1,"iat":0,"sub":7"#, "x", Code::ClaimsMalformed);
    check(r#""iss":"x","aud":"x","exp":1,"iat":0"#, "x", Code::TypeWrong);
    check(r#""iss":"x","aud":"x","exp":1,"iat":0"#, "JWT", Code::IssuerWrong);
    check(r#""aud":"x","exp":1,"iat":0"#, "JWT", Code::AudienceWrong);
    check(r#""exp":1,"iat":0"#, "JWT", Code::Expired);
}

#[test]
fn an_issuer_may_be_left_to_the_keys() {
    let free = |claims: &str| with(claims, None, |rules| rules.issuer = None);
    assert_eq!(free(&without("iss")).unwrap().issuer, None);
    assert_eq!(free(&claims("")).unwrap().issuer.as_deref(), Some("https://idp"));
    // What is there is of the right type all the same.
    for iss in ["null", "7", r#""""#, r#"["https://idp"]"#] {
        assert_eq!(free(&claims(&format!(r#""iss":{iss}"#))), Err(Code::ClaimsMalformed), "{iss}");
    }
}

#[test]
fn j28_types_of_svids_and_of_policies() {
    let check = |types: Types<'_>, typ: Option<&str>, expect: Result<(), Code>| {
        let found = check_type(&Object::new(), typ, types).map_err(|refusal| refusal.code());
        assert_eq!(found, expect, "{typ:?}");
    };
    for typ in [Some("JWT"), Some("jose"), Some("application/JOSE"), None] {
        check(Types::SVID, typ, Ok(()));
    }
    check(Types::SVID, Some("at+jwt"), Err(Code::TypeWrong));
    check(Types::JWT, Some("JOSE"), Err(Code::TypeWrong));
    let access = ["at+jwt".to_string()];
    let both = ["application/jwt".to_string(), "at+jwt".to_string()];
    check(Types::of_list(&access), Some("AT+JWT"), Ok(()));
    for typ in [Some("JWT"), None, Some(""), Some("at+jwt2")] {
        check(Types::of_list(&access), typ, Err(Code::TypeWrong));
    }
    for typ in [Some("JWT"), Some("at+jwt"), None] {
        check(Types::of_list(&both), typ, Ok(()));
    }
    check(Types::of_list(&both), Some("JOSE"), Err(Code::TypeWrong));
}
