use super::*;
use crate::base64::encode_standard;
use crate::jose::AlgorithmSet;
use crate::jose::tests::fake::{ec, ec_jwk, ed25519_jwk, jwks, rsa, rsa_jwk};
use crate::signature::Curve;
use alloc::vec;

mod as_published;

/// Reads a set of keys with what the provider lists.
fn read_set(keys: &[String], listed: &[Algorithm]) -> Result<JwkSet, Refusal> {
    JwkSet::parse(jwks(keys).as_bytes(), listed)
}

/// Reads one key, and gives its algorithms or why it cannot be used.
fn key(jwk: &str, listed: &[Algorithm]) -> Result<String, Code> {
    let element = json::parse(jwk.as_bytes()).unwrap();
    let rules = KeyRules::default().with_algorithms(listed);
    read(&element, &rules, Uses::Signatures)
        .map(|key| key.algorithms().to_string())
        .map_err(|refusal| refusal.code())
}

#[test]
fn a_key_carries_its_own_algorithm_or_a_listed_or_the_default() {
    use Algorithm::{EdDsa, Es256, Es384, Ps512, Rs256, Rs512};
    let check = |jwk: String, listed: &[Algorithm], expect: Result<&str, Code>| {
        let found = key(&jwk, listed);
        assert_eq!(found.as_deref().map_err(|code| *code), expect, "{jwk} {listed:?}");
    };
    check(rsa_jwk(1, ""), &[], Ok("RS256"));
    check(ec_jwk(Curve::P256, ""), &[], Ok("ES256"));
    check(ec_jwk(Curve::P384, ""), &[], Ok("ES384"));
    check(ec_jwk(Curve::P521, ""), &[], Ok("ES512"));
    check(ed25519_jwk(""), &[], Ok("EdDSA"));
    check(rsa_jwk(1, r#","alg":"PS256""#), &[], Ok("PS256"));
    check(rsa_jwk(1, ""), &[Ps512, Rs256, EdDsa], Ok("RS256, PS512"));
    check(ed25519_jwk(r#","alg":"EdDSA""#), &[Rs256, EdDsa], Ok("EdDSA"));
    check(ed25519_jwk(r#","alg":"Ed25519""#), &[], Ok("EdDSA"));
    check(ed25519_jwk(r#","alg":"Ed25519""#), &[Rs256], Err(Code::AlgorithmNotAllowed));
    check(ed25519_jwk(""), &[Rs256, Es256], Err(Code::AlgorithmNotAllowed));
    check(rsa_jwk(1, r#","alg":"PS256""#), &[Rs256], Err(Code::AlgorithmNotAllowed));
    check(rsa_jwk(1, ""), &[Rs512, Rs256, Es256], Ok("RS256, RS512"));
    check(ec_jwk(Curve::P256, ""), &[Rs512, Es384, Es256], Ok("ES256"));
    check(rsa_jwk(1, r#","alg":"RS384""#), &[], Ok("RS384"));
    check(rsa_jwk(1, r#","alg":"RS512""#), &[Rs256, Rs512], Ok("RS512"));
    check(rsa_jwk(1, r#","alg":"RS384""#), &[Rs256, Rs512], Err(Code::AlgorithmNotAllowed));
    check(ec_jwk(Curve::P384, ""), &[Rs256, Es256], Err(Code::AlgorithmNotAllowed));
}

#[test]
fn o12_a_key_that_cannot_be_used_is_skipped_with_its_reason() {
    let check = |jwk: &str, code: Code| assert_eq!(key(jwk, &[]), Err(code), "{jwk}");
    let rsa = |more: &str| rsa_jwk(1, more);
    for more in [r#","use":"enc""#, r#","key_ops":["sign"]"#, r#","key_ops":[]"#] {
        check(&rsa(more), Code::KeyUse);
    }
    for alg in ["RSA1_5", "HS256", "none", "rs256", "ps256", "ES521"] {
        check(&rsa(&format!(r#","alg":"{alg}""#)), Code::UnsupportedKey);
    }
    for alg in ["ES256", "EdDSA"] {
        check(&rsa(&format!(r#","alg":"{alg}""#)), Code::KeyMalformed);
    }
    check(&ec_jwk(Curve::P256, r#","alg":"ES384""#), Code::KeyMalformed);
    for more in [
        r#","use":7"#,
        r#","alg":["RS256"]"#,
        r#","kid":1"#,
        r#","key_ops":"verify""#,
        r#","key_ops":["verify",1]"#,
        r#","key_ops":["verify","verify"]"#,
        r#","d":"AQAB""#,
        r#","p":1"#,
        r#","oth":[]"#,
    ] {
        check(&rsa(more), Code::KeyMalformed);
    }
    check(r#"{"kty":"oct","k":"c2VjcmV0"}"#, Code::UnsupportedKey);
    check(r#"{"kty":"oct"}"#, Code::UnsupportedKey);
    check(r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, Code::KeyMalformed);
    check(r#"{"kty":"OKP","x":"AA"}"#, Code::KeyMalformed);
    check(r#"{"kty":"OKP","crv":"Ed25519"}"#, Code::KeyMalformed);
    for crv in ["Ed448", "X25519", "ed25519", "P-256"] {
        check(&ed25519_jwk("").replace("Ed25519", crv), Code::UnsupportedKey);
    }
    check(&ed25519_jwk("").replace("OKP", "EC"), Code::UnsupportedKey);
    // The key of small order that makes one signature good for every message.
    let neutral = crate::base64::encode_url(&[&[1][..], &[0; 31]].concat());
    check(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{neutral}"}}"#), Code::KeyWeak);
    check(&ed25519_jwk(r#","d":"AA""#), Code::KeyMalformed);
    for alg in ["ES256", "RS256", "PS256"] {
        check(&ed25519_jwk(&format!(r#","alg":"{alg}""#)), Code::KeyMalformed);
    }
    for alg in ["ed25519", "Ed448", "eddsa"] {
        check(&ed25519_jwk(&format!(r#","alg":"{alg}""#)), Code::UnsupportedKey);
    }
    for alg in ["EdDSA", "Ed25519"] {
        check(&rsa(&format!(r#","alg":"{alg}""#)), Code::KeyMalformed);
    }
    check(r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, Code::UnsupportedKey);
    check(r#"{"kty":"rsa","n":"AQ","e":"AQAB"}"#, Code::UnsupportedKey);
    check(r#"{"n":"AQ","e":"AQAB"}"#, Code::KeyMalformed);
    check(r#"{"kty":"RSA","e":"AQAB"}"#, Code::KeyMalformed);
    check(r#"{"kty":"RSA","e":"AQAB","n":"A+/="}"#, Code::KeyMalformed);
    check(r#""a string""#, Code::KeyMalformed);
    check("null", Code::KeyMalformed);
}

#[test]
fn o12_the_set_survives_its_bad_keys() {
    let keys = [r#"{"kty":"oct","kid":"s"}"#.to_string(), "7".to_string(), rsa_jwk(1, "")];
    let set = read_set(&keys, &[]).unwrap();
    assert_eq!(set.keys().len(), 1);
    let skipped: Vec<_> =
        set.skipped().iter().map(|(name, reason)| (name.as_str(), reason.code())).collect();
    assert_eq!(skipped, [("s", Code::UnsupportedKey), ("keys[1]", Code::KeyMalformed)]);
}

#[test]
fn o12_a_key_whose_secret_stands_elsewhere_in_the_set_is_skipped() {
    let check = |private: &str, public: &str, expect: &[&str]| {
        for keys in [[private, public], [public, private]] {
            let good = ec_jwk(Curve::P384, r#","kid":"good""#);
            let set = read_set(&[keys[0].into(), keys[1].into(), good], &[]).unwrap();
            let kids: Vec<_> = set.keys().iter().filter_map(VerificationKey::kid).collect();
            assert_eq!(kids, expect, "{keys:?}");
            assert_eq!(set.warnings().len(), 1, "{keys:?}");
        }
    };
    let public = rsa_jwk(1, r#","kid":"public""#);
    check(&rsa_jwk(1, r#","kid":"private","d":"AQAB""#), &public, &["good"]);
    check(&rsa_jwk(1, r#","use":"enc","alg":"RSA-OAEP","p":"AQAB""#), &public, &["good"]);
    check(&rsa_jwk(2, r#","kid":"private","d":"AQAB""#), &public, &["public", "good"]);
    let public = ed25519_jwk(r#","kid":"public""#);
    check(&ed25519_jwk(r#","kid":"private","d":"AA""#), &public, &["good"]);
    // Whatever type and curve the private half claims, whatever its private member is, however its numbers are written.
    for private in [
        ed25519_jwk(r#","d":null"#).replace("Ed25519", "X25519"),
        ed25519_jwk(r#","d":"""#).replace("OKP", "AKP"),
        ed25519_jwk(r#","d":7"#).replace("\"kty\":\"OKP\",", ""),
        // Bits after the last byte that are not zero.
        ed25519_jwk(r#","d":7"#).replace("ZmY\"", "ZmZ\""),
    ] {
        check(&private, &public, &["good"]);
    }
    let public = ec_jwk(Curve::P256, r#","kid":"public""#);
    for crv in ["P-256", "P-384", "secp256k1", "future"] {
        check(&ec_jwk(Curve::P256, r#","d":"AA""#).replace("P-256", crv), &public, &["good"]);
    }
    let public = rsa_jwk(1, r#","kid":"public""#);
    for private in [
        rsa_jwk(1, r#","d":[]"#).replace("RSA", "rsa"),
        rsa_jwk(1, r#","oth":{}"#).replace("RSA", "future"),
        rsa_jwk(1, r#","d":"AQ""#).replace("AQAB", "Aw"),
        rsa_jwk(1, r#","d":"AQ""#).replace("\",\"d\"", "==\",\"d\""),
        rsa_jwk(1, r#","d":"AQ""#).replace("\"n\":\"", "\"n\":\"AAAA"),
        rsa_jwk(1, r#","d":"AQ""#).replace("\"n\":\"", r#""n":"AAAA\n "#),
    ] {
        check(&private, &public, &["good"]);
    }
    // Too short to tell a key by.
    check(r#"{"kty":"future","x":"1Q","n":"1dXV","d":"AQ"}"#, &public, &["public", "good"]);
}

#[test]
fn k3_optional_members_that_say_nothing_count_as_absent() {
    let check = |more: &str, expect: Result<&str, Code>| {
        let found = key(&rsa_jwk(1, more), &[]);
        assert_eq!(found.as_deref().map_err(|code| *code), expect, "{more}");
    };
    for more in [
        r#","kid":null,"alg":null,"use":null,"key_ops":null,"x5c":null"#,
        r#","kid":"","alg":"","use":"""#,
    ] {
        check(more, Ok("RS256"));
    }
    check(r#","key_ops":[]"#, Err(Code::KeyUse));
    check(r#","d":null"#, Err(Code::KeyMalformed));
    let set = read_set(&[rsa_jwk(1, r#","kid":"""#)], &[]).unwrap();
    assert_eq!(set.keys()[0].kid(), None);
    let required = rsa_jwk(1, "").replace("AQAB", "");
    assert_eq!(key(&required, &[]), Err(Code::KeyMalformed));
}

#[test]
fn o12_a_name_that_is_too_long_is_not_kept() {
    let kid = "a".repeat(limits::KID_BYTES + 1);
    let long = rsa_jwk(2, &format!(r#","d":"AQAB","kid":"{kid}""#));
    let set = read_set(&[long, rsa_jwk(1, "")], &[]).unwrap();
    assert_eq!(set.skipped()[0].0, "keys[0]");
    assert_eq!(set.warnings()[0].key(), "keys[0]");
}

#[test]
fn o12_good_uses_are_kept() {
    for more in
        ["", r#","use":"sig""#, r#","key_ops":["verify"]"#, r#","key_ops":["sign","verify"]"#]
    {
        assert_eq!(key(&rsa_jwk(1, more), &[]).as_deref(), Ok("RS256"), "{more}");
    }
}

#[test]
fn j07_a_kid_names_one_key_of_a_type() {
    let check = |keys: &[String], expect: Result<usize, Code>| {
        let set = read_set(keys, &[]);
        assert_eq!(set.map(|set| set.keys().len()).map_err(|refusal| refusal.code()), expect);
    };
    let a = r#","kid":"a""#;
    check(&[rsa_jwk(1, a), rsa_jwk(2, r#","kid":"b""#)], Ok(2));
    check(&[rsa_jwk(1, a), ec_jwk(Curve::P256, a)], Ok(2));
    check(&[rsa_jwk(1, ""), rsa_jwk(2, "")], Ok(2));
    check(&[rsa_jwk(1, a), rsa_jwk(2, a)], Err(Code::JwksDuplicateKid));
    check(&[ec_jwk(Curve::P384, a), ec_jwk(Curve::P256, a)], Err(Code::JwksDuplicateKid));
    // The other keys serve on, those of another type under the same name too.
    let b = rsa_jwk(3, r#","kid":"b""#);
    check(&[rsa_jwk(1, a), rsa_jwk(2, a), b], Ok(1));
    check(&[rsa_jwk(1, a), ec_jwk(Curve::P256, a), rsa_jwk(2, a)], Ok(1));
    check(&[rsa_jwk(1, a), rsa_jwk(2, r#","kid":"a","use":"enc""#)], Ok(1));
    let set = read_set(&[rsa_jwk(1, a), rsa_jwk(2, a), rsa_jwk(3, "")], &[]).unwrap();
    let refusal = set.candidates(Some("a"), Algorithm::Rs256).unwrap_err();
    assert_eq!(refusal.code(), Code::KeyUnknown);
    let expect = "skipped: a: jwks_duplicate_kid (another key of this type has the same name)";
    assert_eq!(refusal.detail_text(), Some(expect));
    assert!(!set.lacks("a"), "another fetch would bring both again");
}

#[test]
fn k3_the_same_key_twice_is_one_key_with_the_algorithms_of_both() {
    let jwk = |kid: &str, alg: &str| rsa_jwk(1, &format!(r#","kid":"{kid}","alg":"{alg}""#));
    let check = |keys: &[String], expect: &[&str]| {
        let set = read_set(keys, &[]).unwrap();
        let found: Vec<_> = set.keys().iter().map(|key| key.algorithms().to_string()).collect();
        assert_eq!(found, expect, "{keys:?}");
    };
    check(&[jwk("a", "RS256"), jwk("a", "PS256")], &["RS256, PS256"]);
    check(&[jwk("a", "RS256"), jwk("a", "RS256")], &["RS256"]);
    check(&[jwk("a", "RS256"), jwk("b", "PS256")], &["RS256", "PS256"]);
    check(&[rsa_jwk(1, ""), rsa_jwk(1, r#","alg":"RS384""#)], &["RS256, RS384"]);
    let many: Vec<String> = (0..limits::JWKS_KEYS).map(|_| jwk("a", "RS256")).collect();
    check(&many, &["RS256"]);
    // Not with one that is skipped: the private half withdraws both.
    let leaked = rsa_jwk(1, r#","kid":"a","d":"AQ""#);
    assert_eq!(read_set(&[jwk("a", "RS256"), leaked], &[]).unwrap_err().code(), Code::JwksEmpty);
}

#[test]
fn j18_weak_keys_are_skipped() {
    assert_eq!(key(&rsa_jwk(1, ""), &[]).as_deref(), Ok("RS256"));
    let check = |jwk: &str, code: Code| assert_eq!(key(jwk, &[]), Err(code), "{jwk}");
    for exponent in ["AQAA", "AQ", "Aw", "AAEAAQ", "AQAAAAE"] {
        let jwk = rsa_jwk(1, "").replace("AQAB", exponent);
        let padded = exponent == "AAEAAQ";
        check(&jwk, if padded { Code::KeyMalformed } else { Code::KeyWeak });
    }
    check(r#"{"kty":"RSA","n":"3Q","e":"AQAB"}"#, Code::KeyWeak);
}

#[test]
fn j17_points_off_the_curve_and_coordinates_of_another_length_are_skipped() {
    assert_eq!(key(&ec_jwk(Curve::P256, ""), &[]).as_deref(), Ok("ES256"));
    let check = |jwk: &str, code: Code| assert_eq!(key(jwk, &[]), Err(code), "{jwk}");
    check(&ec_jwk(Curve::P256, "").replace("P-256", "P-384"), Code::KeyMalformed);
    let bytes = |length: usize| crate::base64::encode_url(&vec![1; length]);
    for length in [0, 31, 33, 64] {
        let (x, y) = (bytes(length), bytes(32));
        check(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#), Code::KeyMalformed);
        check(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{y}","y":"{x}"}}"#), Code::KeyMalformed);
    }
    let zero = crate::base64::encode_url(&[0; 32]);
    check(
        &format!(r#"{{"kty":"EC","crv":"P-256","x":"{zero}","y":"{zero}"}}"#),
        Code::KeyMalformed,
    );
    let off_curve = ec_jwk(Curve::P256, "").replace("\"x\":\"ax", "\"x\":\"bx");
    assert_ne!(off_curve, ec_jwk(Curve::P256, ""));
    check(&off_curve, Code::KeyMalformed);
}

#[test]
fn j21_sets_are_bounded() {
    let keys = |count: usize| -> Vec<String> {
        let mut keys = Vec::from([rsa_jwk(1, "")]);
        keys.resize(count, r#"{"kty":"oct"}"#.to_string());
        keys
    };
    assert!(read_set(&keys(limits::JWKS_KEYS), &[]).is_ok());
    let refusal = read_set(&keys(limits::JWKS_KEYS + 1), &[]).unwrap_err();
    assert_eq!(refusal.code(), Code::JwksTooLarge);
    let configured = |count| {
        let key = VerificationKey::new(rsa(1), AlgorithmSet::default_of(rsa(1).kind()), None);
        JwkSet::from_keys(vec![key; count]).map(|_| ()).map_err(|refusal| refusal.code())
    };
    assert_eq!(configured(limits::JWKS_KEYS), Ok(()));
    assert_eq!(configured(limits::JWKS_KEYS + 1), Err(Code::JwksTooLarge));
    let mut text = jwks(&keys(1));
    text.push_str(&" ".repeat(limits::JWKS_BYTES - text.len()));
    assert!(JwkSet::parse(text.as_bytes(), &[]).is_ok());
    text.push(' ');
    let refusal = JwkSet::parse(text.as_bytes(), &[]).unwrap_err();
    assert_eq!(refusal.code(), Code::JwksTooLarge);
}

#[test]
fn o10_a_set_without_usable_keys_is_refused() {
    let check = |text: &str, code: Code| {
        let refusal = JwkSet::parse(text.as_bytes(), &[]).unwrap_err();
        assert_eq!(refusal.code(), code, "{text}");
    };
    check(r#"{"keys":[]}"#, Code::JwksEmpty);
    check(r#"{"keys":[{"kty":"oct"}]}"#, Code::UnsupportedKey);
    check(r#"{"keys":[{"kty":"oct"},{"kty":"RSA"}]}"#, Code::JwksEmpty);
    check(r#"{"keys":{}}"#, Code::JwksMalformed);
    check("{}", Code::JwksMalformed);
    check("[]", Code::JwksMalformed);
    let says = |text: &str, expect: &str| {
        let refusal = JwkSet::parse(text.as_bytes(), &[]).unwrap_err();
        assert_eq!((refusal.code(), refusal.detail_text()), (Code::JwksMalformed, Some(expect)));
    };
    says(&rsa_jwk(1, ""), r#"one key; a set is {"keys": [ … ]} around it"#);
    says(&format!("[{}]", rsa_jwk(1, "")), r#"a list of keys; a set is {"keys": [ … ]} around it"#);
    says(r#"{"kty":"RSA","keys":7}"#, "keys: missing or not a list");
    let marked = JwkSet::parse(format!("\u{feff}{}", jwks(&[])).as_bytes(), &[]).unwrap_err();
    assert_eq!(marked.code(), Code::JwksMalformed);
    assert!(marked.detail_text().is_some_and(|text| text.contains("byte order mark")));
    check("<html>", Code::JwksMalformed);
    check(r#"{"keys":[],"keys":[]}"#, Code::JwksMalformed);
    let reasons = JwkSet::parse(br#"{"keys":[{"kty":"oct","kid":"s"},7]}"#, &[]).unwrap_err();
    let expect = "s: unsupported_key (kty, oct); keys[1]: key_malformed (the key is not an object)";
    assert_eq!(reasons.detail_text(), Some(expect));
}

#[test]
fn a_name_finds_exactly_its_keys() {
    let check = |set: &JwkSet, kid: Option<&str>, expect: Result<usize, Code>| {
        let found = set.candidates(kid, Algorithm::Rs256);
        assert_eq!(
            found.map(|keys| keys.len()).map_err(|refusal| refusal.code()),
            expect,
            "{kid:?}"
        );
    };
    let named = read_set(&[rsa_jwk(1, r#","kid":"a""#), rsa_jwk(2, "")], &[]).unwrap();
    check(&named, Some("a"), Ok(1));
    check(&named, Some("b"), Err(Code::KeyUnknown));
    check(&named, Some(""), Err(Code::KeyUnknown));
    check(&named, None, Ok(2));
    // A set that was fetched keeps to names even when its keys have none.
    let unnamed = read_set(&[rsa_jwk(1, "")], &[]).unwrap();
    check(&unnamed, Some("a"), Err(Code::KeyUnknown));
    check(&unnamed, None, Ok(1));
}

#[test]
fn configured_keys_without_names_serve_every_name() {
    let new = |key, kid: Option<&str>| {
        let all = AlgorithmSet::from_iter(Algorithm::ALL.iter().copied());
        VerificationKey::new(key, all, kid.map(ToString::to_string))
    };
    let check =
        |keys: Vec<VerificationKey>, kid: Option<&str>, algorithm, expect: Result<usize, Code>| {
            let set = JwkSet::from_keys(keys).unwrap();
            let found = set.candidates(kid, algorithm);
            assert_eq!(
                found.map(|keys| keys.len()).map_err(|refusal| refusal.code()),
                expect,
                "{kid:?}"
            );
            assert_eq!(set.lacks("a"), matches!(expect, Err(Code::KeyUnknown)));
        };
    check(vec![new(rsa(1), None)], Some("a"), Algorithm::Rs256, Ok(1));
    check(vec![new(rsa(1), None)], None, Algorithm::Rs512, Ok(1));
    check(vec![new(rsa(1), None)], Some("a"), Algorithm::Es256, Err(Code::AlgorithmNotAllowed));
    check(vec![new(rsa(1), None), new(ec(Curve::P256), None)], Some("a"), Algorithm::Es256, Ok(1));
    check(
        vec![new(rsa(1), None), new(rsa(2), Some("b"))],
        Some("a"),
        Algorithm::Rs256,
        Err(Code::KeyUnknown),
    );
    let five = (1..=5).map(|number| new(rsa(number), None)).collect();
    check(five, Some("a"), Algorithm::Rs256, Err(Code::KeysTooMany));
    assert_eq!(JwkSet::from_keys(Vec::new()).unwrap_err().code(), Code::JwksEmpty);
    let useless =
        VerificationKey::new(rsa(1), AlgorithmSet::default_of(ec(Curve::P256).kind()), None);
    assert_eq!(JwkSet::from_keys(vec![useless]).unwrap_err().code(), Code::JwksEmpty);
}

#[test]
fn a_skipped_key_says_why_it_was_not_found() {
    let set =
        read_set(&[rsa_jwk(1, r#","kid":"a""#), rsa_jwk(2, r#","kid":"b","alg":"RSA1_5""#)], &[])
            .unwrap();
    assert!(!set.lacks("a") && !set.lacks("b") && set.lacks("c"));
    let refusal = set.candidates(Some("b"), Algorithm::Rs256).unwrap_err();
    assert_eq!(refusal.code(), Code::KeyUnknown);
    assert_eq!(refusal.detail_text(), Some("skipped: b: unsupported_key (alg, RSA1_5)"));
}

#[test]
fn o12_a_private_half_is_refused_where_it_was_published() {
    let jwk = rsa_jwk(1, r#","d":"AQAB""#);
    assert_eq!(key(&jwk, &[]), Err(Code::KeyMalformed));
    let alone = json::parse_object(jwk.as_bytes()).unwrap();
    let alone = VerificationKey::from_jwk(&alone, &[], RsaLimit::Standard).unwrap();
    assert_eq!(alone.key(), &rsa(1));
}

#[test]
fn o12_secrets_in_a_set_are_warned_of_once_a_key() {
    let keys = [
        r#"{"kty":"oct","kid":"s","k":"AAAA"}"#.to_string(),
        rsa_jwk(2, r#","d":"AQAB","p":"AQ""#),
        rsa_jwk(3, r#","kid":"enc","use":"enc""#),
        rsa_jwk(1, r#","kid":"good""#),
    ];
    let set = read_set(&keys, &[]).unwrap();
    let warned: Vec<&str> = set.warnings().iter().map(KeyWarning::key).collect();
    assert_eq!(warned, ["s", "keys[1]"]);
    assert_eq!((set.keys().len(), set.skipped().len()), (1, 3));
    assert!(read_set(&keys[2..], &[]).unwrap().warnings().is_empty());
}

#[test]
fn only_pinned_keys_are_used() {
    let keys = [rsa_jwk(1, r#","kid":"a""#), ec_jwk(Curve::P256, r#","kid":"b""#)];
    let (a, b) = (Thumbprint::of(&rsa(1)), Thumbprint::of(&ec(Curve::P256)));
    let check = |pins: &[Thumbprint], expect: Result<&[&str], Code>| {
        let rules = KeyRules::default().with_pins(pins);
        let set = JwkSet::parse_with(jwks(&keys).as_bytes(), &rules);
        let names = set.map(|set| {
            assert_eq!(set.keys().len() + set.skipped().len(), 2);
            set.keys().iter().filter_map(|key| key.kid().map(ToString::to_string)).collect()
        });
        let expect = expect.map(|names| names.iter().map(ToString::to_string).collect());
        assert_eq!(names.map_err(|refusal| refusal.code()), expect.map(|names: Vec<_>| names));
    };
    check(&[], Ok(&["a", "b"]));
    check(&[a], Ok(&["a"]));
    check(&[b, a], Ok(&["a", "b"]));
    check(&[Thumbprint::of(&rsa(2))], Err(Code::JwksEmpty));
    let rules = KeyRules::default().with_pins([a]);
    let set = JwkSet::parse_with(jwks(&keys).as_bytes(), &rules).unwrap();
    // Another fetch would bring the same key, which is not pinned either.
    assert!(!set.lacks("b"));
    let refusal = set.candidates(Some("b"), Algorithm::Es256).unwrap_err();
    assert_eq!(refusal.code(), Code::KeyUnknown);
    assert_eq!(refusal.detail_text(), Some(&*format!("skipped: b: key_not_pinned ({b})")));
}

#[test]
fn names_are_found_wherever_they_stand() {
    let names = ["m", "b", " ", "z", "ab", "a"];
    let jwk = |number: usize, kid: &str| rsa_jwk(number as u8, &format!(r#","kid":"{kid}""#));
    let mut keys: Vec<String> =
        names.iter().enumerate().map(|(number, kid)| jwk(number, kid)).collect();
    keys.push(rsa_jwk(100, ""));
    keys.push(ec_jwk(Curve::P256, r#","kid":"b""#));
    let set = read_set(&keys, &[]).unwrap();
    for (number, name) in names.iter().enumerate() {
        let found = set.candidates(Some(name), Algorithm::Rs256).unwrap();
        assert_eq!(found.iter().map(|key| key.key()).collect::<Vec<_>>(), [&rsa(number as u8)]);
        assert!(!set.lacks(name));
    }
    assert_eq!(set.candidates(Some("b"), Algorithm::Es256).unwrap().len(), 1);
    for name in ["A", "aa", "c", "zz", "", "keys[6]"] {
        assert!(set.lacks(name), "{name}");
        let refusal = set.candidates(Some(name), Algorithm::Rs256).unwrap_err();
        assert_eq!(refusal.code(), Code::KeyUnknown);
    }
}
