//! The attacks on signed tokens, one test each: every vector whose name begins with the attack, by its good and its bad
//! twins. What each twin is, `tests/vectors/jws` says; the finer cases of each rule are beside its code.

use anyhow::Result;
use credmint_aws_lc::AwsLc;
use credmint_core::guard::{GuardRules, verify_access_token};
use credmint_core::jose::{JwkSet, KeyRules};
use credmint_core::keys::{KeyRing, KeySource};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::{Code, UnixTime, Verdict};
use credmint_tests::commands::answers;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::vectors;
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Runs the vectors of an attack: each has the record that it expects, its good twins are accepted, and its bad ones are
/// refused with these codes, each of which occurs, and with no other.
fn twins(attack: &str, codes: &[Code]) -> Result<()> {
    let prefix = format!("{attack} ");
    let mut accepted = 0;
    let mut refused = BTreeSet::new();
    for vector in vectors::all()? {
        let is_of_attack = vector.request["id"].as_str().is_some_and(|id| id.starts_with(&prefix));
        if !is_of_attack {
            continue;
        }
        let answers = answers(&vector.command, std::slice::from_ref(&vector.request))?;
        assert_eq!(answers, std::slice::from_ref(&vector.expect), "{}", vector.name);
        match vector.expect["verdict"].as_str() {
            Some("accept") => accepted += 1,
            Some("refuse") => _ = refused.insert(vector.expect["code"].to_string()),
            // A demand that cannot be made, which is neither twin.
            _ => assert_eq!(vector.expect["verdict"], "error", "{}", vector.name),
        }
    }
    assert!(accepted > 0, "{attack} has no good twin");
    let expect: BTreeSet<_> = codes.iter().map(|code| json!(code.as_str()).to_string()).collect();
    assert_eq!(refused, expect, "{attack}");
    Ok(())
}

#[test]
fn j01_the_algorithm_is_one_of_the_keys_own_in_exact_letters() -> Result<()> {
    twins("j01", &[Code::UnsupportedAlgorithm, Code::JwsHeaderInvalid, Code::JwsMalformed])
}

#[test]
fn j02_a_public_key_is_no_secret() -> Result<()> {
    twins("j02", &[Code::UnsupportedAlgorithm])
}

#[test]
fn j03_algorithm_curve_and_padding_are_exact() -> Result<()> {
    twins("j03", &[Code::AlgorithmNotAllowed, Code::JwsSignatureInvalid])
}

#[test]
fn j04_a_key_in_the_token_is_no_key() -> Result<()> {
    twins("j04", &[Code::JwsSignatureInvalid, Code::KeyUnknown, Code::JwsEmbeddedKey])
}

#[test]
fn j05_nothing_is_fetched_for_a_token() -> Result<()> {
    twins("j05", &[Code::JwsSignatureInvalid])
}

#[test]
fn j06_names_of_keys_are_opaque_and_exact() -> Result<()> {
    twins("j06", &[Code::KeyUnknown, Code::JwsHeaderInvalid])
}

#[test]
fn j07_few_keys_are_tried_and_names_are_their_own() -> Result<()> {
    let codes =
        [Code::KeysTooMany, Code::JwsSignatureInvalid, Code::JwksDuplicateKid, Code::KeyUnknown];
    twins("j07", &codes)
}

#[test]
fn j08_no_extension_is_understood() -> Result<()> {
    twins("j08", &[Code::JwsCritical])
}

#[test]
fn j09_payloads_are_encoded() -> Result<()> {
    twins("j09", &[Code::JwsCritical])
}

#[test]
fn j10_a_member_stands_once() -> Result<()> {
    twins("j10", &[Code::JsonDuplicateMember])
}

#[test]
fn j11_times_are_numbers_that_are_exact() -> Result<()> {
    let codes = [
        Code::ClaimsMalformed,
        Code::JsonNumber,
        Code::JsonMalformed,
        Code::ExpiryMissing,
        Code::Expired,
    ];
    twins("j11", &codes)
}

#[test]
fn j12_lifetimes_are_bounded() -> Result<()> {
    twins("j12", &[Code::LifetimeTooLong, Code::IssuedInFuture, Code::ClaimsMalformed])
}

#[test]
fn j13_the_skew_is_one_and_counts_once() -> Result<()> {
    twins("j13", &[Code::Expired, Code::NotYetValid])
}

#[test]
fn j14_r_and_s_are_in_range() -> Result<()> {
    twins("j14", &[Code::SignatureMalformed, Code::JwsSignatureInvalid])
}

#[test]
fn j15_signatures_have_one_length() -> Result<()> {
    twins("j15", &[Code::SignatureMalformed])
}

#[test]
fn j16_both_forms_of_an_ecdsa_signature_verify() -> Result<()> {
    twins("j16", &[Code::JwsSignatureInvalid])
}

#[test]
fn j17_points_are_on_their_curve_in_one_form() -> Result<()> {
    twins("j17", &[Code::KeyMalformed, Code::UnsupportedKey])
}

#[test]
fn j18_rsa_keys_are_sound() -> Result<()> {
    twins("j18", &[Code::KeyWeak, Code::KeyMalformed])
}

#[test]
fn j19_the_padding_of_pkcs1_is_compared_whole() -> Result<()> {
    twins("j19", &[Code::JwsSignatureInvalid, Code::SignatureMalformed])
}

#[test]
fn j20_pss_has_one_salt_length_and_one_hash() -> Result<()> {
    twins("j20", &[Code::JwsSignatureInvalid, Code::SignatureMalformed])
}

#[test]
fn j21_keys_and_sets_have_a_size() -> Result<()> {
    twins("j21", &[Code::KeyWeak, Code::JwksTooLarge])
}

#[test]
fn j22_nothing_is_decrypted_or_inflated() -> Result<()> {
    twins("j22", &[Code::JwsEncrypted])
}

#[test]
fn j23_no_token_in_a_token() -> Result<()> {
    twins("j23", &[Code::JwsNested])
}

#[test]
fn j24_one_serialisation() -> Result<()> {
    let codes =
        [Code::JwsMalformed, Code::JwsSignatureInvalid, Code::JwsEncrypted, Code::TokenTooLarge];
    twins("j24", &codes)
}

#[test]
fn j25_one_text_for_one_token() -> Result<()> {
    twins("j25", &[Code::JwsMalformed])
}

#[test]
fn j26_header_and_claims_are_one_json_object_each() -> Result<()> {
    twins("j26", &[Code::JsonMalformed])
}

#[test]
fn j27_depth_and_width_are_bounded() -> Result<()> {
    let codes =
        [Code::JsonTooDeep, Code::JsonTooWide, Code::JwsSignatureInvalid, Code::JwsHeaderTooLarge];
    twins("j27", &codes)
}

#[test]
fn j28_a_token_serves_for_its_own_use() -> Result<()> {
    twins("j28", &[Code::TypeWrong])
}

#[test]
fn j30_claims_have_their_types() -> Result<()> {
    let codes = [
        Code::ClaimsMalformed,
        Code::IssuerMissing,
        Code::IssuerWrong,
        Code::AudienceMissing,
        Code::AudienceWrong,
        Code::AudienceAmbiguous,
    ];
    twins("j30", &codes)
}

/// Counts what it is asked.
struct Counting(Cell<usize>);

impl Backend for Counting {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        self.0.set(self.0.get() + 1);
        AwsLc.verify(scheme, key, message, signature)
    }
}

/// No verdict is remembered: a token that was accepted a moment ago is verified again, and refused when its key is gone
/// or its time is over. The number that a cache of verdicts would have to hold changes with the keys.
#[test]
fn j29_a_verdict_is_good_for_one_request() -> Result<()> {
    const NOW: i64 = 1_795_521_600;
    let (key, other) = (TestKey::ec(), TestKey::ec());
    let rules =
        GuardRules::new("https://sts.example.com", "api").with_skew(0).with_max_lifetime(3600);
    let header = json!({ "alg": "ES256", "kid": "a", "typ": "at+jwt" });
    let claims = json!({
        "iss": rules.issuer, "aud": rules.audiences[0], "sub": "s", "client_id": "c", "jti": "j",
        "iat": NOW, "exp": NOW + 60,
    });
    let token = jwt::sign(&key, &header, &claims);
    let counting = Counting(Cell::new(0));
    let backends: [&dyn Backend; 1] = [&counting];
    let source = KeySource::JwksUri("https://sts.example.com/jwks".into());
    let mut ring = KeyRing::default();
    let mut ask = |keys: Option<&TestKey>, now: i64| {
        let now = UnixTime::from_seconds(now);
        if let Some(key) = keys {
            let set = json!({ "keys": [key.jwk("a")] }).to_string();
            assert!(JwkSet::parse(set.as_bytes(), &[]).is_ok());
            ring.fetched(&rules.issuer, &KeyRules::default(), set.as_bytes(), now)
                .expect("a good set");
        }
        let provider = SignatureProvider { backends: &backends };
        let verdict = match verify_access_token(&token, &rules, &source, &ring, now, provider) {
            Verdict::Granted(_) => Ok(()),
            Verdict::Refused(refusal) => Err(refusal.code()),
            Verdict::Wanting(source) => panic!("{source:?}"),
        };
        (verdict, counting.0.get(), ring.generation())
    };
    assert_eq!(ask(Some(&key), NOW), (Ok(()), 1, 1));
    assert_eq!(ask(None, NOW), (Ok(()), 2, 1));
    assert_eq!(ask(Some(&key), NOW + 59), (Ok(()), 3, 1));
    assert_eq!(ask(None, NOW + 60), (Err(Code::Expired), 4, 1));
    assert_eq!(ask(Some(&other), NOW), (Err(Code::JwsSignatureInvalid), 5, 2));
    Ok(())
}
