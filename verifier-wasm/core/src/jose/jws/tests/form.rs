//! Tokens that are refused for their form, and the twins that are not.

use super::*;

#[test]
fn j08_crit_is_refused_whatever_it_holds() {
    header(GOOD, Ok(()));
    for crit in ["[]", r#"["exp"]"#, r#"["b64"]"#, r#"["alg"]"#, r#"["x","x"]"#, "null", "1"] {
        header(&format!(r#"{{"alg":"RS256","crit":{crit}}}"#), Err(Code::JwsCritical));
        header(&format!(r#"{{"alg":"RS256","x":1,"crit":{crit}}}"#), Err(Code::JwsCritical));
    }
}

#[test]
fn j09_b64_is_refused_with_and_without_crit() {
    for member in [r#""b64":false"#, r#""b64":true"#, r#""b64":false,"crit":["b64"]"#] {
        header(&format!(r#"{{"alg":"RS256",{member}}}"#), Err(Code::JwsCritical));
    }
}

#[test]
fn j10_duplicate_members_are_refused() {
    header(r#"{"alg":"RS256","alg":"RS256"}"#, Err(Code::JsonDuplicateMember));
    header(r#"{"alg":"RS256","al\u0067":"RS256"}"#, Err(Code::JsonDuplicateMember));
    header(r#"{"alg":"RS256","jwk":{"k":1,"k":2}}"#, Err(Code::JsonDuplicateMember));
    let check = |payload: &str, expect: Option<Code>| {
        let token = sign(GOOD, payload, &rsa(1));
        let jws = UnverifiedJws::parse(&token).unwrap();
        let jws = jws.verify(&one_key(), fake::PROVIDER).unwrap();
        assert_eq!(jws.claims().err().map(|refusal| refusal.code()), expect, "{payload}");
    };
    check(r#"{"sub":"a","iss":"b"}"#, None);
    check(r#"{"sub":"a","sub":"b"}"#, Some(Code::JsonDuplicateMember));
    check(r#"{"sub":"a","su\u0062":"b"}"#, Some(Code::JsonDuplicateMember));
    check(r#"{"a":[{"sub":"a","sub":"b"}]}"#, Some(Code::JsonDuplicateMember));
}

#[test]
fn j22_encryption_is_refused_before_anything_is_decoded() {
    for member in [r#""enc":"A128GCM""#, r#""zip":"DEF""#, r#""p2c":1000000"#] {
        header(&format!(r#"{{"alg":"RS256",{member}}}"#), Err(Code::JwsEncrypted));
    }
    parse("a.b.c.d.e", Err(Code::JwsEncrypted));
    parse("....", Err(Code::JwsEncrypted));
    parse("eyJhbGciOiJkaXIifQ.a.b.c", Err(Code::JwsEncrypted));
}

#[test]
fn j23_nested_tokens_are_refused() {
    for cty in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        header(&format!(r#"{{"alg":"RS256","cty":"{cty}"}}"#), Err(Code::JwsNested));
    }
    header(r#"{"alg":"RS256","cty":"json"}"#, Ok(()));
    header(r#"{"alg":"RS256","cty":null}"#, Err(Code::JwsHeaderInvalid));
}

#[test]
fn j24_only_the_compact_serialisation() {
    let good = sign(GOOD, CLAIMS, &rsa(1));
    parse(&good, Ok(()));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = input.split_once('.').unwrap();
    for token in [
        String::new(),
        "..".into(),
        head.into(),
        input.into(),
        format!(".{payload}.{signature}"),
        format!("{head}.{payload}."),
        format!(r#"{{"payload":"{payload}","protected":"{head}","signature":"{signature}"}}"#),
        ".".repeat(limits::TOKEN_BYTES),
    ] {
        parse(&token, Err(Code::JwsMalformed));
    }
    parse(&format!("{good}."), Err(Code::JwsEncrypted));
    parse(&".".repeat(1_000_000), Err(Code::TokenTooLarge));
}

#[test]
fn j24_sizes_are_checked_first() {
    let padded = |length: usize| format!("{}.e30.AA", "A".repeat(length));
    parse(&padded(limits::TOKEN_BYTES), Err(Code::TokenTooLarge));
    parse(&padded(limits::JOSE_HEADER_BYTES * 2), Err(Code::JwsHeaderTooLarge));
    let spacious = |spaces: usize| format!(r#"{{"alg":"RS256"{}}}"#, " ".repeat(spaces));
    header(&spacious(limits::JOSE_HEADER_BYTES - 15), Ok(()));
    header(&spacious(limits::JOSE_HEADER_BYTES - 14), Err(Code::JwsHeaderTooLarge));
}

#[test]
fn j25_one_text_for_one_token() {
    let good = sign(GOOD, r#"{"iss":"https://idp/???>>>"}"#, &rsa(1));
    parse(&good, Ok(()));
    let parts: Vec<&str> = good.split('.').collect();
    for place in 0..3 {
        let change = |change: &dyn Fn(&str) -> String| {
            let mut parts: Vec<String> = parts.iter().map(|part| String::from(*part)).collect();
            parts[place] = change(&parts[place]);
            parse(&parts.join("."), Err(Code::JwsMalformed));
        };
        change(&|part| format!("{part}="));
        change(&|part| format!("{part}=="));
        change(&|part| format!("{part}\n"));
        change(&|part| format!(" {part}"));
        change(&|part| format!("{part}é"));
        change(&|part| format!("{}+{}", &part[..8], &part[9..]));
        change(&|part| format!("{}/{}", &part[..8], &part[9..]));
    }
    // 256 bytes end in two spare bits; the next letter sets one of them.
    let (input, signature) = good.rsplit_once('.').unwrap();
    let last = signature.chars().last().unwrap();
    let next = char::from(last as u8 + 1);
    let respelled = format!("{input}.{}{next}", &signature[..signature.len() - 1]);
    parse(&respelled, Err(Code::JwsMalformed));
}

#[test]
fn j26_the_header_is_one_json_object() {
    header(r#" {"alg":"RS256"} "#, Ok(()));
    for text in [
        "\u{feff}{\"alg\":\"RS256\"}",
        r#"{"alg":"RS256"}x"#,
        r#"{"alg":"RS256"}{}"#,
        r#"["RS256"]"#,
        r#""RS256""#,
        r#"{"alg":"RS256",}"#,
        r#"{"alg":"RS256"/**/}"#,
        r#"{"alg":"RS256","x":"\ud800"}"#,
        r#"{"alg":"RS256","x\u0000":1}"#,
    ] {
        header(text, Err(Code::JsonMalformed));
    }
    let not_utf8 = format!("{}.e30.AA", encode_url(b"{\"alg\":\"\xff\"}"));
    parse(&not_utf8, Err(Code::JsonMalformed));
}

#[test]
fn j27_depth_and_width_are_bounded() {
    let deep =
        |levels| format!(r#"{{"alg":"RS256","x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    header(&deep(limits::JSON_DEPTH - 1), Ok(()));
    header(&deep(limits::JSON_DEPTH), Err(Code::JsonTooDeep));
    header(&format!(r#"{{"x":{}"#, "[".repeat(3000)), Err(Code::JsonTooDeep));
    let wide: Vec<String> =
        (0..=limits::JSON_MEMBERS_AN_OBJECT).map(|n| format!(r#""{n}":0"#)).collect();
    header(&format!("{{{}}}", wide.join(",")), Err(Code::JsonTooWide));
}

#[test]
fn media_types_ignore_case_and_prefix() {
    let check = |value: &str, expect: bool| {
        assert_eq!(is_media_type(value, "at+jwt"), expect, "{value}");
    };
    check("at+jwt", true);
    check("AT+JWT", true);
    check("application/at+jwt", true);
    check("Application/At+Jwt", true);
    check("application/application/at+jwt", false);
    check("text/at+jwt", false);
    check("jwt", false);
    check("", false);
    check("application/", false);
}

#[test]
fn i10_debug_shows_the_header_and_no_token() {
    let token = sign(GOOD, CLAIMS, &rsa(1));
    let jws = UnverifiedJws::parse(&token).unwrap();
    let expect = r#"{ header: alg "RS256", kid Some("a"), typ Some("JWT"), .. }"#;
    assert_eq!(format!("{jws:?}"), format!("UnverifiedJws {expect}"));
    let verified = jws.verify(&one_key(), fake::PROVIDER).unwrap();
    assert_eq!(format!("{verified:?}"), format!("VerifiedJws {expect}"));
}
