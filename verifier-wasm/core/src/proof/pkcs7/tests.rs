//! What a document says once its signature is verified: region, audience, time.

use super::*;
use crate::proof::{Freshness, Statement};
use alloc::format;

const NOW: i64 = 1_800_000_000;

fn document(content: &str) -> Result<Document, Refusal> {
    Document::read(content.as_bytes())
}

/// Judges audience and age of a document of ECS with this text as its `audience`, at [`NOW`], for the
/// audience `ours` and documents of at most 100 s.
#[track_caller]
fn check(audience: &str, expect: Result<(), Code>) {
    let judge = || {
        let document = document(&format!(r#"{{"owner-account-id":"1","audience":{audience}}}"#))?;
        document.check_audience(Some("ours"))?;
        let freshness = Freshness::Ages { signed: document.asked(), max_age: 100, expires: None };
        let statement = Statement { facts: crate::expr::Facts::new(Object::new()), freshness };
        statement.check_freshness(UnixTime::from_seconds(NOW))
    };
    let verdict: Result<(), Refusal> = judge();
    let shown = format!("{verdict:?}");
    assert_eq!(verdict.map_err(|refusal| refusal.code()), expect, "{audience}: {shown}");
}

/// The audience as an object, and as its text in a string: both forms are in use, and judged alike.
#[track_caller]
fn check_both(audience: &str, expect: Result<(), Code>) {
    check(audience, expect);
    check(&Value::from(audience).to_string(), expect);
}

#[test]
fn c22_an_audience_is_ours_and_says_when() {
    check_both(r#"{"aud":"ours","signingTime":1800000000}"#, Ok(()));
    check_both(r#"{"signingTime": 1800000000, "aud": "ours"}"#, Ok(()));
    check_both(r#"{"aud":"\u006furs","signingTime":1800000000}"#, Ok(()));

    check_both(r#"{"aud":"theirs","signingTime":1800000000}"#, Err(Code::DocumentAudience));
    check_both(r#"{"aud":"Ours","signingTime":1800000000}"#, Err(Code::DocumentAudience));
    check_both(r#"{"aud":"ours ","signingTime":1800000000}"#, Err(Code::DocumentAudience));
    check_both(r#"{"aud":"ours\u0000","signingTime":1800000000}"#, Err(Code::DocumentAudience));
    check_both(r#"{"aud":"","signingTime":1800000000}"#, Err(Code::DocumentAudience));
    for aud in [r#"["ours"]"#, r#"{"aud":"ours"}"#, "null", "1", "true"] {
        let audience = format!(r#"{{"aud":{aud},"signingTime":1800000000}}"#);
        check_both(&audience, Err(Code::DocumentAudienceMissing));
    }
    check_both(r#"{"signingTime":1800000000}"#, Err(Code::DocumentAudienceMissing));
    check_both(r#"{"AUD":"ours","signingTime":1800000000}"#, Err(Code::DocumentAudienceMissing));
    check_both("{}", Err(Code::DocumentAudienceMissing));
}

#[test]
fn c22_an_audience_is_one_object() {
    // Ours by its text, but nobody knows since when.
    check(r#""ours""#, Err(Code::DocumentTimeMissing));
    check(r#""theirs""#, Err(Code::DocumentAudience));
    check(r#""""#, Err(Code::DocumentAudience));
    for odd in
        ["null", "1", "true", "[]", r#"["ours"]"#, r#"[{"aud":"ours","signingTime":1800000000}]"#]
    {
        check(odd, Err(Code::DocumentAudienceMissing));
    }
    // Texts that are no JSON object are names, and not ours.
    let good = r#"{"aud":"ours","signingTime":1800000000}"#;
    for text in [
        format!("[{good}]"),
        format!("{good}{good}"),
        format!("{good} x"),
        format!("\u{feff}{good}"),
        Value::from(good).to_string(),
        r#"{"aud":"theirs","aud":"ours","signingTime":1800000000}"#.to_string(),
        r#"{"aud":"ours","a\u0075d":"theirs","signingTime":1800000000}"#.to_string(),
        r#"{"aud":"ours","signingTime":1,"signingTime":1800000000}"#.to_string(),
        r#"{"aud":"ours","signingTime":1800000000,}"#.to_string(),
        r#"{"aud":"ours","signingTime":01800000000}"#.to_string(),
        r#"{"aud":"ours","signingTime":1e400}"#.to_string(),
        r#"{"aud":"ours","signingTime":9223372036854775808}"#.to_string(),
    ] {
        check(&Value::from(text.as_str()).to_string(), Err(Code::DocumentAudience));
    }
    let code = |content: &str| document(content).map(drop).map_err(|refusal| refusal.code());
    assert_eq!(
        code(&format!(r#"{{"audience":{good},"audience":{good}}}"#)),
        Err(Code::JsonDuplicateMember)
    );
    assert_eq!(code(&format!(r#"{{"audience":{good}}}{{}}"#)), Err(Code::JsonMalformed));
    assert_eq!(code(&format!(r#"[{{"audience":{good}}}]"#)), Err(Code::JsonMalformed));
    let without = document(r#"{"owner-account-id":"1"}"#).unwrap().check_audience(Some("ours"));
    assert_eq!(without.unwrap_err().code(), Code::DocumentAudienceMissing);
}

#[test]
fn c22_an_audience_is_recent() {
    let at = |time: &str, expect| {
        check_both(&format!(r#"{{"aud":"ours","signingTime":{time}}}"#), expect)
    };
    at("1799999900", Ok(()));
    at("1799999899", Err(Code::DocumentStale));
    at("1800000030", Ok(()));
    at("1800000031", Err(Code::DocumentFromFuture));
    at("9007199254740991", Err(Code::DocumentFromFuture));
    at("1800000000000", Err(Code::DocumentFromFuture));
    at("0", Err(Code::DocumentStale));
    at("-1800000000", Err(Code::DocumentStale));
    at("-9007199254740991", Err(Code::DocumentStale));
    for no_time in
        [r#""1800000000""#, "1800000000.0", "1.8e9", "null", "true", "[1800000000]", "{}"]
    {
        at(no_time, Err(Code::DocumentTimeMissing));
    }
    check_both(r#"{"aud":"ours"}"#, Err(Code::DocumentTimeMissing));
    check_both(r#"{"aud":"ours","SigningTime":1800000000}"#, Err(Code::DocumentTimeMissing));
}

#[test]
fn c17_a_region_is_that_of_its_signer() {
    let check = |profile: Profile, content: &str, registered: Option<&str>, good: bool| {
        let registered = registered.map(|region| BTreeSet::from([region.to_string()]));
        let verdict = document(content).unwrap().check_region(profile, registered.as_ref());
        let expect = if good { Ok(()) } else { Err(Code::CmsSignerUnknown) };
        assert_eq!(verdict.map_err(|refusal| refusal.code()), expect, "{content}");
    };
    let (ec2, ecs) = (Profile::AmazonEc2, Profile::AlibabaEcs);
    check(ec2, r#"{"region":"eu-west-1"}"#, Some("eu-west-1"), true);
    check(ecs, r#"{"region-id":"cn-hangzhou"}"#, Some("cn-hangzhou"), true);
    check(ecs, r#"{"region-id":"cn-hangzhou"}"#, None, true);
    check(ec2, r#"{"region":"us-gov-west-1"}"#, Some("eu-west-1"), false);
    for content in [
        r#"{"region":"eu-west-1 "}"#,
        r#"{"region":["eu-west-1"]}"#,
        r#"{"region":{"region":"eu-west-1"}}"#,
        r#"{"region":null}"#,
        r#"{"region-id":"eu-west-1"}"#,
        r#"{"Region":"eu-west-1","a":{"region":"eu-west-1"}}"#,
        "{}",
    ] {
        check(ec2, content, Some("eu-west-1"), false);
    }
    check(ecs, r#"{"region":"cn-hangzhou"}"#, Some("cn-hangzhou"), false);
}

#[test]
fn facts_are_those_of_the_content_and_of_nothing_else() {
    let content = r#"{ "audience":"{\"aud\":\"ours\"}", "signingTime":1, "payload":{"data":"x"} }"#;
    let facts = document(content)
        .unwrap()
        .into_facts(Signed { signing_time: None, certificates: Vec::new() });
    assert_eq!(facts.get("signingTime"), None);
    let payload = facts.get("payload").unwrap();
    assert_eq!(payload.get("data").and_then(Value::as_str), Some(content));
    let members = payload.get("jsonData").unwrap();
    assert_eq!(members.get("signingTime").and_then(Value::as_integer), Some(1));
    assert_eq!(members.get("audience").and_then(|a| a.get("aud")), Some(&Value::from("ours")));
    let facts = document("{}").unwrap().into_facts(Signed {
        signing_time: Some(UnixTime::from_seconds(7)),
        certificates: Vec::from([Value::from("leaf"), Value::from("issuing")]),
    });
    assert_eq!(facts.get("signingTime").and_then(Value::as_integer), Some(7));
}

#[test]
fn a_document_of_azure_has_a_period() {
    let check = |stamp: &str, expect: Option<(i64, i64)>| {
        let document = document(&format!(r#"{{"timeStamp":{stamp}}}"#)).unwrap();
        let (created, expires) = document.period();
        let found = created.zip(expires).map(|(from, to)| (from.seconds(), to.seconds()));
        assert_eq!(found, expect, "{stamp}");
        assert_eq!(created.is_some(), expires.is_some(), "{stamp}");
    };
    let stamp = |created: &str, expires: &str| {
        format!(r#"{{"createdOn":"{created}","expiresOn":"{expires}"}}"#)
    };
    let good = "11/24/26 12:00:00 -0000";
    check(&stamp(good, "11/24/26 18:00:00 -0000"), Some((1_795_521_600, 1_795_543_200)));
    check(&stamp(good, "11/24/26 18:00:00 +0000"), Some((1_795_521_600, 1_795_543_200)));
    for bad in [
        "",
        "11/24/26 12:00:00",
        "11/24/26 12:00:00 -0100",
        "11/24/2026 12:00:00 -0000",
        "24/11/26 12:00:00 -0000",
        "02/30/26 12:00:00 -0000",
        "11/24/26 24:00:00 -0000",
        "11-24-26 12:00:00 -0000",
        " 11/24/26 12:00:00 -0000",
        r"\u0661\u0661/24/26 12:00:00 -0000",
        "2026-11-24T12:00:00Z",
    ] {
        check(&stamp(good, bad), None);
        check(&stamp(bad, good), None);
    }
    for odd in ["null", "1", "[]", "{}", r#""11/24/26 12:00:00 -0000""#] {
        check(odd, None);
    }
    check(&format!(r#"{{"createdOn":"{good}"}}"#), None);
    check(&format!(r#"{{"createdOn":1795521600,"expiresOn":"{good}"}}"#), None);
}

#[test]
fn a_document_ends_when_it_says() {
    let check = |expires: i64, expect: Result<(), Code>| {
        let time = |seconds| Some(UnixTime::from_seconds(seconds));
        let freshness =
            Freshness::Ages { signed: time(NOW - 10), max_age: 100, expires: time(expires) };
        let statement = Statement { facts: crate::expr::Facts::new(Object::new()), freshness };
        let verdict = statement.check_freshness(UnixTime::from_seconds(NOW));
        assert_eq!(verdict.map_err(|refusal| refusal.code()), expect, "{expires}");
    };
    check(NOW + 1, Ok(()));
    check(NOW - 30, Ok(()));
    check(NOW - 31, Err(Code::DocumentStale));
}
