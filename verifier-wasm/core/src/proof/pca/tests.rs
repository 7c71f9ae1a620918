//! What an assertion says about its certificate, and what it leaves to remember.

use super::*;
use crate::jose::tests::fake;
use crate::signature::RsaLimit;
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

/// A registered certificate needs no path; what it says of itself is judged all the same.
#[test]
fn a_registered_certificate_is_judged_by_itself() {
    let leaf = Certificate::from_der(&forge::any_leaf()).unwrap();
    let (start, end) = (leaf.not_before(), leaf.not_after());
    let provider = |fingerprint: [u8; 32], usages: &[&str]| PcaProvider {
        roots: Vec::new(),
        fingerprints: [fingerprint].into(),
        root_places: Vec::new(),
        intermediates: Vec::new(),
        intermediate_places: Vec::new(),
        rsa: RsaLimit::Standard,
        extended_key_usages: usages
            .iter()
            .filter_map(|usage| crate::x509::extended_key_usage(usage))
            .collect(),
        crls: Vec::new(),
        x5c: None,
        require_crls: false,
        tls: false,
    };
    let check = |provider: &PcaProvider, now: UnixTime, expect: Result<(), Code>| {
        let found = check_pinned(&leaf, provider, now).map_err(|refusal| refusal.code());
        assert_eq!(found, expect);
    };
    let own = provider(leaf.fingerprint_sha256(), &["clientAuth"]);
    check(&own, start, Ok(()));
    check(&own, end, Ok(()));
    check(&own, start.plus(-1), Err(Code::CertificateNotYetValid));
    check(&own, end.plus(1), Err(Code::CertificateExpired));
    let mut other = leaf.fingerprint_sha256();
    other[31] ^= 1;
    check(&provider(other, &["clientAuth"]), start, Err(Code::CertificateNotRegistered));
}
