//! Which key a token is verified with, with which algorithm, and what its signature must look like.

use super::*;
use alloc::collections::BTreeSet;

#[test]
fn j01_only_offered_algorithms_in_exact_letters() {
    let check = |alg: &str, expect| {
        let token = sign(&format!(r#"{{"alg":{alg},"kid":"a"}}"#), CLAIMS, &rsa(1));
        verify(&token, &one_key(), expect);
    };
    check(r#""RS256""#, Ok(()));
    for alg in [r#""none""#, r#""None""#, r#""nOnE""#, r#""NONE""#, r#""""#, r#""rs256""#] {
        check(alg, Err(Code::UnsupportedAlgorithm));
    }
    for alg in ["null", "256", r#"["RS256"]"#, "true", "{}"] {
        check(alg, Err(Code::JwsHeaderInvalid));
    }
    header(r#"{"kid":"a"}"#, Err(Code::JwsHeaderInvalid));
}

#[test]
fn j01_a_token_without_signature_is_no_token() {
    let body = format!("{}.{}", encode_url(br#"{"alg":"none"}"#), encode_url(CLAIMS.as_bytes()));
    parse(&format!("{body}."), Err(Code::JwsMalformed));
    parse(&body, Err(Code::JwsMalformed));
}

#[test]
fn j02_a_public_key_is_never_a_secret() {
    for alg in ["HS256", "HS384", "HS512"] {
        let token = sign(&format!(r#"{{"alg":"{alg}","kid":"a"}}"#), CLAIMS, &rsa(1));
        verify(&token, &one_key(), Err(Code::UnsupportedAlgorithm));
    }
}

/// Every kind of key with every closed set of one or two algorithms, and every algorithm of a token: what
/// passes is what the set names and the key can do.
#[test]
fn j03_the_key_carries_its_algorithms() {
    let keys = [
        (rsa(1), "RS256 RS384 RS512 PS256 PS384 PS512"),
        (ec(Curve::P256), "ES256"),
        (ec(Curve::P384), "ES384"),
        (ec(Curve::P521), "ES512"),
        (ed25519(), "EdDSA"),
    ];
    let mut passed = 0;
    for (key, can) in &keys {
        for one in Algorithm::ALL {
            for other in Algorithm::ALL {
                let set = AlgorithmSet::from_iter([*one, *other]);
                let key = VerificationKey::new(key.clone(), set, Some("a".into()));
                for algorithm in Algorithm::ALL {
                    let fits = can.split(' ').any(|name| name == algorithm.as_str());
                    let expect = fits && (algorithm == one || algorithm == other);
                    assert_eq!(passes(&key, *algorithm), expect, "{algorithm}: {key:?}");
                    passed += usize::from(expect);
                }
            }
        }
    }
    // Of the 10 × 10 sets, 19 name an algorithm; ten algorithms have one kind of key each.
    assert_eq!(passed, 10 * 19);
}

/// Whether a token by this algorithm is accepted with this key, by a set and by itself.
fn passes(key: &VerificationKey, algorithm: Algorithm) -> bool {
    let token = sign(&format!(r#"{{"alg":"{algorithm}","kid":"a"}}"#), CLAIMS, key.key());
    let parse = || UnverifiedJws::parse(&token).unwrap();
    let chosen = parse().verify_with(key, fake::PROVIDER).map_err(Stop::into_refusal);
    let refusals = [Some(Code::AlgorithmNotAllowed), None];
    assert!(refusals.contains(&chosen.as_ref().err().map(Refusal::code)));
    match JwkSet::from_keys(Vec::from([key.clone()])) {
        Ok(set) => {
            let found = parse().verify(&set, fake::PROVIDER);
            assert_eq!(found.is_ok(), chosen.is_ok(), "{algorithm}");
        }
        Err(refusal) => assert_eq!(refusal.code(), Code::JwksEmpty),
    }
    chosen.is_ok()
}

#[test]
fn j03_the_chosen_key_carries_its_algorithms_too() {
    let key = VerificationKey::new(rsa(1), AlgorithmSet::from_iter([Algorithm::Rs256]), None);
    let check = |alg: &str, expect| {
        let token = sign(&format!(r#"{{"alg":"{alg}"}}"#), CLAIMS, &rsa(1));
        let jws = UnverifiedJws::parse(&token).unwrap();
        let result = jws.verify_with(&key, fake::PROVIDER).map_err(Stop::into_refusal);
        assert_eq!(result.map(|jws| jws.algorithm()).map_err(|refusal| refusal.code()), expect);
    };
    check("RS256", Ok(Algorithm::Rs256));
    check("RS512", Err(Code::AlgorithmNotAllowed));
    check("ES256", Err(Code::AlgorithmNotAllowed));
    check("HS256", Err(Code::UnsupportedAlgorithm));
}

#[test]
fn j04_a_key_in_the_token_is_no_key() {
    let own = format!(r#"{{"alg":"RS256","kid":"a","jwk":{}}}"#, rsa_jwk(2, ""));
    verify(&sign(&own, CLAIMS, &rsa(2)), &one_key(), Err(Code::JwsSignatureInvalid));
    verify(&sign(&own, CLAIMS, &rsa(1)), &one_key(), Ok(()));
    let chain = r#"{"alg":"RS256","kid":"a","x5c":["MIIB"]}"#;
    verify(&sign(chain, CLAIMS, &rsa(2)), &one_key(), Err(Code::JwsSignatureInvalid));
    let token = sign(&own, CLAIMS, &rsa(1));
    let jws = UnverifiedJws::parse(&token).unwrap();
    assert!(jws.header_has("jwk") && !jws.header_has("x5c"));
}

#[test]
fn j05_addresses_in_the_token_are_named_and_not_fetched() {
    let check = |kid: &str, code: Code| {
        let header = format!(
            r#"{{"alg":"RS256","kid":"{kid}","jku":"https://evil/jwks","x5u":"https://evil/x"}}"#
        );
        let token = sign(&header, CLAIMS, &rsa(2));
        let refusal = refused(&token, fake::PROVIDER);
        assert_eq!(refusal.code(), code);
        assert_eq!(refusal.detail_text(), Some("ignored in the header: jku, x5u"));
    };
    check("a", Code::JwsSignatureInvalid);
    check("b", Code::KeyUnknown);
}

#[test]
fn j06_kid_is_opaque_bounded_and_exact() {
    let check = |kid: &str, expect| {
        let token = sign(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), CLAIMS, &rsa(1));
        verify(&token, &one_key(), expect);
    };
    check("a", Ok(()));
    for kid in ["A", "", "a ", "../../a", "a'; drop table keys; --", "https://evil/a", "a\\u0000"] {
        check(kid, Err(Code::KeyUnknown));
    }
    check(&"a".repeat(limits::KID_BYTES), Err(Code::KeyUnknown));
    check(&"a".repeat(limits::KID_BYTES + 1), Err(Code::JwsHeaderInvalid));
    header(r#"{"alg":"RS256","kid":7}"#, Err(Code::JwsHeaderInvalid));
    header(r#"{"alg":"RS256","kid":null}"#, Err(Code::JwsHeaderInvalid));
}

#[test]
fn j06_kid_is_escaped_for_the_operator() {
    let token = sign(r#"{"alg":"RS256","kid":"a\r\n\u001b[31m"}"#, CLAIMS, &rsa(1));
    let refusal = refused(&token, fake::PROVIDER);
    assert_eq!(refusal.found_text(), Some(r#"kid "a\r\n\u{1b}[31m""#));
}

#[test]
fn j07_a_token_without_kid_is_tried_with_few_keys() {
    let token = |number| sign(r#"{"alg":"RS256"}"#, CLAIMS, &rsa(number));
    let set = |count: u8| {
        let keys: Vec<String> =
            (1..=count).map(|number| rsa_jwk(number, &format!(r#","kid":"{number}""#))).collect();
        key_set(&keys)
    };
    verify(&token(1), &set(4), Ok(()));
    verify(&token(4), &set(4), Ok(()));
    verify(&token(5), &set(4), Err(Code::JwsSignatureInvalid));
    verify(&token(1), &set(5), Err(Code::KeysTooMany));
    // With a kid, the size of the set does not matter, and no other key is tried.
    let named = |number| sign(r#"{"alg":"RS256","kid":"1"}"#, CLAIMS, &rsa(number));
    verify(&named(1), &set(5), Ok(()));
    verify(&named(2), &set(5), Err(Code::JwsSignatureInvalid));
}

#[test]
fn j07_only_keys_of_the_algorithm_count() {
    let set = key_set(&[
        rsa_jwk(1, r#","kid":"same""#),
        ec_jwk(Curve::P256, r#","kid":"same""#),
        rsa_jwk(2, r#","alg":"RS512""#),
    ]);
    verify(&sign(r#"{"alg":"ES256","kid":"same"}"#, CLAIMS, &ec(Curve::P256)), &set, Ok(()));
    verify(&sign(r#"{"alg":"RS256","kid":"same"}"#, CLAIMS, &rsa(1)), &set, Ok(()));
    verify(&sign(r#"{"alg":"ES256"}"#, CLAIMS, &ec(Curve::P256)), &set, Ok(()));
    let token = sign(r#"{"alg":"RS384"}"#, CLAIMS, &rsa(1));
    verify(&token, &set, Err(Code::AlgorithmNotAllowed));
}

#[test]
fn j15_signatures_have_the_one_length_of_the_key() {
    let set = key_set(&[ec_jwk(Curve::P256, r#","kid":"e""#), rsa_jwk(1, r#","kid":"a""#)]);
    let check = |header: &str, key, change: fn(&mut Vec<u8>), expect| {
        let token = sign(header, CLAIMS, &key);
        let (input, signature) = token.rsplit_once('.').unwrap();
        let mut signature = base64::decode_url(signature.as_bytes()).unwrap();
        change(&mut signature);
        verify(&format!("{input}.{}", encode_url(&signature)), &set, expect);
    };
    let malformed = Err(Code::SignatureMalformed);
    for (header, key) in [
        (r#"{"alg":"ES256","kid":"e"}"#, ec(Curve::P256)),
        (r#"{"alg":"RS256","kid":"a"}"#, rsa(1)),
    ] {
        check(header, key.clone(), |_| {}, Ok(()));
        check(header, key.clone(), |signature| signature.push(0), malformed);
        check(header, key.clone(), |signature| signature.insert(0, 0), malformed);
        check(header, key.clone(), |signature| signature.truncate(signature.len() - 1), malformed);
        check(header, key, |signature| signature[9] ^= 1, Err(Code::JwsSignatureInvalid));
    }
}

#[test]
fn j24_content_beside_the_token_is_not_signed() {
    let good = sign(GOOD, CLAIMS, &rsa(1));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = input.split_once('.').unwrap();
    verify(&format!("{head}..{signature}"), &one_key(), Err(Code::JwsSignatureInvalid));
    // A payload of no bytes is a payload, though never a claims set.
    let empty = sign(GOOD, "", &rsa(1));
    verify(&empty, &one_key(), Ok(()));
    let jws = UnverifiedJws::parse(&empty).unwrap().verify(&one_key(), fake::PROVIDER).unwrap();
    assert_eq!(jws.claims().unwrap_err().code(), Code::JsonMalformed);
}

#[test]
fn the_payload_is_not_parsed_before_the_signature_verified() {
    let token = sign(GOOD, "not JSON", &rsa(2));
    verify(&token, &one_key(), Err(Code::JwsSignatureInvalid));
    let token = sign(GOOD, "not JSON", &rsa(1));
    verify(&token, &one_key(), Ok(()));
}

#[test]
fn every_byte_of_the_token_is_signed() {
    let good = sign(GOOD, CLAIMS, &rsa(1));
    let mut codes = BTreeSet::new();
    for place in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8(bytes).unwrap();
        let result = UnverifiedJws::parse(&token)
            .map_err(Stop::Refused)
            .and_then(|jws| jws.verify(&one_key(), fake::PROVIDER));
        let Err(Stop::Refused(refusal)) = result else { panic!("byte {place} may be another") };
        codes.insert(refusal.code().as_str());
    }
    assert_eq!(
        codes,
        BTreeSet::from([
            "json_malformed",
            "jws_header_invalid",
            "jws_malformed",
            "jws_signature_invalid",
            "key_unknown",
            "unsupported_algorithm"
        ])
    );
}

#[test]
fn the_number_of_checks_is_bounded_for_a_request() {
    let session = Session::new(fake::PROVIDER);
    let token = sign(GOOD, CLAIMS, &rsa(1));
    let keys = one_key();
    for _ in 0..limits::SIGNATURES {
        UnverifiedJws::parse(&token).unwrap().proven_by(&keys, &session).unwrap();
    }
    let stop = UnverifiedJws::parse(&token).unwrap().proven_by(&keys, &session).unwrap_err();
    assert_eq!(stop.into_refusal().code(), Code::SignatureBudget);
}

/// What is said of a token that does not pass.
fn refused(token: &str, signatures: SignatureProvider<'_>) -> Refusal {
    let result = UnverifiedJws::parse(token).unwrap().verify(&one_key(), signatures);
    result.unwrap_err().into_refusal()
}

#[test]
fn a_deferred_check_proves_nothing_and_says_what_is_to_be_checked() {
    let token = sign(GOOD, CLAIMS, &rsa(2));
    let stop = UnverifiedJws::parse(&token).unwrap().verify(&one_key(), fake::LATER).unwrap_err();
    let Stop::Wanting(Source::Signatures(checks)) = stop else { panic!("{stop:?}") };
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0].key, rsa(1));
    assert_eq!(checks[0].message, token.rsplit_once('.').unwrap().0.as_bytes());
}

#[test]
fn the_checks_of_all_candidates_are_deferred_together() {
    let set = key_set(&[rsa_jwk(1, ""), rsa_jwk(2, ""), rsa_jwk(3, "")]);
    let token = sign(r#"{"alg":"RS256"}"#, CLAIMS, &rsa(3));
    let stop = UnverifiedJws::parse(&token).unwrap().verify(&set, fake::LATER).unwrap_err();
    let Stop::Wanting(Source::Signatures(checks)) = stop else { panic!("{stop:?}") };
    let keys: Vec<PublicKey> = checks.into_iter().map(|check| check.key).collect();
    assert_eq!(keys, [rsa(1), rsa(2), rsa(3)]);
}

#[test]
fn no_back_end_is_a_refusal() {
    let token = sign(GOOD, CLAIMS, &rsa(1));
    let refusal = refused(&token, SignatureProvider { backends: &[] });
    assert_eq!(refusal.code(), Code::UnsupportedSignature);
    let signatures = SignatureProvider { backends: &[&Fake] };
    assert!(UnverifiedJws::parse(&token).unwrap().verify(&one_key(), signatures).is_ok());
}

/// Accepts every signature that reaches it.
struct AnySignature;

impl Backend for AnySignature {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        Answer::Good
    }
}

/// Verifies an ES256 token with r = 1 and this s, by a back end that would accept any.
fn signed_with(s: &str, expect: Result<(), Code>) {
    let r = format!("{:0>64}", 1);
    let input = format!("{}.{}", encode_url(br#"{"alg":"ES256"}"#), encode_url(b"{}"));
    let token = format!("{input}.{}", encode_url(&fake::hex(&format!("{r}{s:0>64}"))));
    let signatures = SignatureProvider { backends: &[&AnySignature] };
    let keys = key_set(&[ec_jwk(Curve::P256, "")]);
    let result = UnverifiedJws::parse(&token).unwrap().verify(&keys, signatures);
    assert_eq!(result.map(drop).map_err(|stop| stop.into_refusal().code()), expect, "{s}");
}

/// The order of P-256 is this, with 51 for its last byte.
const ORDER_BUT_LAST: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325";

#[test]
fn j14_r_and_s_lie_between_0_and_the_order() {
    signed_with("1", Ok(()));
    signed_with("0", Err(Code::SignatureMalformed));
    signed_with(&format!("{ORDER_BUT_LAST}51"), Err(Code::SignatureMalformed));
    signed_with(&"f".repeat(64), Err(Code::SignatureMalformed));
}

#[test]
fn j16_both_forms_of_an_ecdsa_signature_are_accepted() {
    signed_with("1", Ok(()));
    signed_with(&format!("{ORDER_BUT_LAST}50"), Ok(()));
}
