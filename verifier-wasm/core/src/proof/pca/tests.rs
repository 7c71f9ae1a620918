//! What an assertion says about its certificate, and what it leaves to remember.

use super::*;
use crate::jose::tests::fake;
use crate::x509::tests::forge;
use alloc::format;

/// An assertion with these header members, verified.
fn assertion(members: &str) -> VerifiedJws {
    let key = fake::rsa(1);
    let token = fake::sign(&format!(r#"{{"alg":"RS256"{members}}}"#), "{}", &key);
    let key = VerificationKey::new(key, AlgorithmSet::from_iter([Algorithm::Rs256]), None);
    UnverifiedJws::parse(&token).unwrap().verify_with(&key, fake::PROVIDER).unwrap()
}

#[test]
fn x26_a_certificate_that_the_header_names_is_the_one_sent() {
    let leaf = Certificate::from_der(&forge::any_leaf()).unwrap();
    let check = |members: &str, good: bool| {
        let verdict = check_named(&assertion(members), &leaf).map_err(|refusal| refusal.code());
        assert_eq!(
            verdict,
            if good { Ok(()) } else { Err(Code::AssertionCertificate) },
            "{members}"
        );
    };
    let (sha1, sha256) = (Hash::Sha1.digest(leaf.raw()), Hash::Sha256.digest(leaf.raw()));
    let der = encode_standard(leaf.raw());
    check("", true);
    check(&format!(r#","x5t":"{}""#, encode_url(&sha1)), true);
    check(&format!(r#","x5t#S256":"{}""#, encode_url(&sha256)), true);
    check(&format!(r#","x5c":["{der}"]"#), true);
    check(&format!(r#","x5c":["{der}","MAA="]"#), true);

    check(&format!(r#","x5t":"{}""#, encode_url(&sha256)), false);
    check(&format!(r#","x5t#S256":"{}""#, encode_url(&sha1)), false);
    check(&format!(r#","x5t#S256":"{}=""#, encode_url(&sha256)), false);
    check(&format!(r#","x5t":"{}","x5t#S256":"AA""#, encode_url(&sha1)), false);
    check(&format!(r#","x5c":["MAA=","{der}"]"#), false);
    for odd in ["null", "1", "[]", "{}", r#""""#, "[1]", "[null]"] {
        check(&format!(r#","x5t":{odd}"#), false);
        check(&format!(r#","x5t#S256":{odd}"#), false);
        check(&format!(r#","x5c":{odd}"#), false);
    }
    check(&format!(r#","x5c":"{der}""#), false);
}

#[test]
fn i06_replay_keys_are_equal_only_for_equal_parts() {
    let keys = [
        replay_key("pca", "app_1", "a"),
        replay_key("pca", "app_1", "b"),
        replay_key("pca", "app_1a", ""),
        replay_key("pca", "app_", "1a"),
        replay_key("pcaa", "pp_1", "a"),
        replay_key("pca", "", "app_1a"),
    ];
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(key.len(), 64);
        assert!(!keys[..index].contains(key));
    }
    assert_eq!(keys[0], replay_key("pca", "app_1", "a"));
}
