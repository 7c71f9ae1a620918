//! What issuers publish beside the letter of the specifications.

use super::*;

#[test]
fn a_modulus_may_have_the_zero_of_a_signed_number() {
    let padded = |zeros: usize, more: &str| {
        let (modulus, _) = rsa(1).rsa().map(|(n, e)| (n.to_vec(), e.to_vec())).unwrap();
        let n = crate::base64::encode_url(&[vec![0; zeros], modulus].concat());
        format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{more}}}"#)
    };
    assert_eq!(key(&padded(1, ""), &[]).as_deref(), Ok("RS256"));
    assert_eq!(key(&padded(2, ""), &[]), Err(Code::KeyMalformed));
    assert_eq!(key(r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#, &[]), Err(Code::KeyMalformed));
    // It is the same key, with one thumbprint.
    let a = r#","kid":"a""#;
    let set = read_set(&[rsa_jwk(1, a), padded(1, a)], &[]).unwrap();
    assert_eq!(set.keys().len(), 1);
    let pinned = KeyRules::default().with_pins([set.keys()[0].thumbprint()]);
    assert!(JwkSet::parse_with(jwks(&[padded(1, a)]).as_bytes(), &pinned).is_ok());
    let leaked = padded(1, r#","kid":"b","d":"AQ""#);
    assert_eq!(read_set(&[rsa_jwk(1, a), leaked], &[]).unwrap_err().code(), Code::JwksEmpty);
}

#[test]
fn a_spiffe_bundle_has_its_own_uses() {
    let of = |kid: &str, place: u8, usage: &str| {
        let usage = if usage.is_empty() { String::new() } else { format!(r#","use":"{usage}""#) };
        rsa_jwk(place, &format!(r#","kid":"{kid}"{usage}"#))
    };
    let check = |keys: &[String], svids: bool, expect: &[&str]| {
        let rules = if svids { KeyRules::default().of_svids() } else { KeyRules::default() };
        let set = JwkSet::published(jwks(keys).as_bytes(), &rules).unwrap();
        let kids: Vec<_> = set.keys().iter().filter_map(VerificationKey::kid).collect();
        assert_eq!(kids, expect, "{keys:?} {svids}");
    };
    let bundle =
        [of("t", 1, "jwt-svid"), of("c", 2, "x509-svid"), of("n", 3, ""), of("s", 4, "sig")];
    check(&bundle, true, &["t"]);
    // Elsewhere the uses of bundles are foreign, as they are to any other reader.
    check(&bundle, false, &["n", "s"]);
    check(&bundle[1..], true, &[]);
    // A set that is no bundle is one of an issuer that the trust domain has.
    check(&bundle[2..], true, &["n", "s"]);
    check(&[of("t", 1, "jwt-svid"), of("e", 2, "enc")], true, &["t"]);
    // A certificate's key under the name of a token's is no double of it, and never in its place.
    check(&[of("t", 1, "jwt-svid"), of("t", 2, "x509-svid")], true, &["t"]);
    check(&[of("t", 1, "jwt-svid"), of("t", 2, "jwt-svid")], true, &[]);
}

#[test]
fn o12_a_certificate_of_another_key_is_noticed() {
    let check = |spki: &[u8], expect: Result<&str, Code>| {
        let certificate = encode_standard(&[&[0x30, 0x82][..], spki, b"tail"].concat());
        let jwk = rsa_jwk(1, &format!(r#","x5c":["{certificate}","AAAA"]"#));
        assert_eq!(key(&jwk, &[]).as_deref().map_err(|code| *code), expect);
    };
    check(rsa(1).spki_der(), Ok("RS256"));
    check(rsa(2).spki_der(), Err(Code::KeyMalformed));
    // One that cannot be read says nothing about the key beside it.
    for chain in ["[]", r#""AAAA""#, r#"["A"]"#, "[1]", r#"["AAAA"]"#, r#"["-----BEGIN"]"#, "{}"] {
        let jwk = rsa_jwk(1, &format!(r#","x5c":{chain}"#));
        assert_eq!(key(&jwk, &[]).as_deref(), Ok("RS256"), "{chain}");
        let without = jwk.replace("AQAB", "");
        assert_eq!(key(&without, &[]), Err(Code::KeyMalformed), "{chain}");
    }
}
