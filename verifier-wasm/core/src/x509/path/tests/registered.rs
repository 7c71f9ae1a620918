//! Certificates that are registered by themselves, and what only a path tells of its leaf.

use super::*;
use crate::digest::sha256;
use crate::hex::Hex;

#[test]
fn a_registered_certificate_is_held_to_what_it_says_of_itself() {
    let check = |draft: Draft, expect: Result<(), Code>| {
        let usages = [CLIENT];
        let rules = PathRules::new(now(), KeyUse::Named(&usages), RevocationCheck::Off);
        let certificate = draft.signed_by("leaf", LEAF);
        let found = check_registered(&certificate, &rules).map_err(|refusal| refusal.code());
        assert_eq!(found, expect, "{certificate:?}");
    };
    check(leaf(), Ok(()));
    check(leaf().without_extension(KEY_USAGE), Ok(()));
    check(leaf().usages(&[CLIENT_AUTH]), Ok(()));
    check(leaf().usages(&[SERVER_AUTH, CLIENT_AUTH]), Ok(()));
    // Who signs a certificate for themselves often makes an authority of it.
    let authority = || leaf().extension(BASIC_CONSTRAINTS, true, b"\x30\x03\x01\x01\xff");
    check(authority(), Ok(()));
    check(authority().extension(KEY_USAGE, true, b"\x03\x02\x02\x84"), Ok(()));

    check(
        authority().extension(KEY_USAGE, true, b"\x03\x02\x02\x04"),
        Err(Code::CertificateKeyUsage),
    );
    check(leaf().extension(KEY_USAGE, true, b"\x03\x02\x05\x20"), Err(Code::CertificateKeyUsage));
    check(leaf().usages(&[SERVER_AUTH]), Err(Code::CertificateExtendedKeyUsage));
    check(leaf().usages(&[ANY_USAGE]), Err(Code::CertificateExtendedKeyUsage));
    check(leaf().extension(99, true, b"\x05\x00"), Err(Code::CertificateExtensionCritical));
    check(leaf().valid("200101000000Z", "210101000000Z"), Err(Code::CertificateExpired));
    check(leaf().valid("280101000000Z", "290101000000Z"), Err(Code::CertificateNotYetValid));
}

/// Two authorities of one name have two keys, and the path says which of them signed.
#[test]
fn the_key_of_the_authority_is_that_of_the_path() {
    let of = |key: Key| {
        let authority = Draft::authority("a", key).signed_by("root", ROOT);
        let leaf = leaf().signed_by("a", key);
        let anchors = [root().anchor("root", ROOT)];
        let path = verify_path(&leaf, &[authority], &anchors, &any_use(), PROVIDER).unwrap();
        let facts = path.facts();
        let text = |name: &str| facts.get(name).map(Value::to_string);
        assert_eq!(text("policies").as_deref(), Some("[]"));
        let expect = format!("\"{}\"", Hex(&sha256(&key.spki())));
        assert_eq!(text("issuerKeyFingerprint"), Some(expect.clone()));
        (facts.get("issuer").cloned(), expect)
    };
    let (one, other) = (of(A), of(OTHER));
    assert_eq!(one.0, other.0);
    assert_ne!(one.1, other.1);
    // Directly below the root it is the root's, and a certificate by itself has none.
    let leaf = leaf().signed_by("root", ROOT);
    let anchors = [root().anchor("root", ROOT)];
    let path = verify_path(&leaf, &[], &anchors, &any_use(), PROVIDER).unwrap();
    let expect = Value::from(Hex(&sha256(&ROOT.spki())).to_string());
    assert_eq!(path.facts().get("issuerKeyFingerprint"), Some(&expect));
    assert_eq!(leaf.facts().get("issuerKeyFingerprint"), None);
}
