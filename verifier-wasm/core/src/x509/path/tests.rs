//! Paths that hold, and their twins that do not. Time is 2026 unless a test says otherwise.

mod attacks;
mod authorities;
mod names;
mod policies;
mod policy_tree;
mod registered;
mod report;
mod revocation;
mod search;

use self::authorities::Remembering;
use super::*;
use crate::deferred::settle;
use crate::jose::tests::fake;
use crate::refusal::{Code, Refusal};
use crate::signature::{Backend, PublicKey, SignatureCheck, SignatureProvider};
use crate::verdict::Source;
use crate::x509::tests::forge::{
    ANY_USAGE, BASIC_CONSTRAINTS, CLIENT_AUTH, Draft, FakeBackend, KEY_USAGE, Key, SERVER_AUTH,
    sequence,
};
use alloc::format;
use alloc::string::{String, ToString};

const PROVIDER: SignatureProvider<'static> = SignatureProvider { backends: &[&FakeBackend] };

const ROOT: Key = Key(11);
const A: Key = Key(12);
const B: Key = Key(13);
const LEAF: Key = Key(14);
const OTHER: Key = Key(15);

const CLIENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SERVER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

fn now() -> UnixTime {
    UnixTime::from_civil(2026, 11, 24, 12, 0, 0).unwrap()
}

fn any_use() -> PathRules<'static> {
    PathRules::new(now(), KeyUse::Any, RevocationCheck::Off)
}

fn root() -> Draft {
    Draft::authority("root", ROOT)
}

fn a() -> Draft {
    Draft::authority("a", A)
}

fn leaf() -> Draft {
    Draft::leaf("leaf", LEAF)
}

/// What a search comes to and costs, after a check that it is the same where a back end defers, and where one remembers
/// authorities.
#[track_caller]
fn judged(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
) -> PathReport {
    let ask = |signatures: SignatureProvider<'_>| {
        explain_path(leaf, intermediates, anchors, rules, signatures)
    };
    let answer = |check: &SignatureCheck| {
        FakeBackend.verify(check.scheme, &check.key, &check.message, &check.signature)
    };
    let (at_once, later) = (ask(PROVIDER).unwrap(), settle(fake::LATER, answer, ask).unwrap());
    assert_eq!((&later.outcome, later.cost), (&at_once.outcome, at_once.cost));
    let remembering = Remembering::default();
    for _ in 0..2 {
        let remembered = ask(SignatureProvider { backends: &[&remembering] }).unwrap();
        assert_eq!((&remembered.outcome, remembered.cost), (&at_once.outcome, at_once.cost));
    }
    at_once
}

/// The subjects of the path found, the leaf first and the root last, or the refusal.
fn search(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
) -> Result<String, Refusal> {
    let path =
        judged(leaf, intermediates, anchors, rules).outcome.map_err(TriedPath::into_refusal)?;
    assert_eq!(path.leaf(), leaf);
    let subjects: Vec<String> = path
        .certificates()
        .chain([path.anchor().certificate()])
        .map(|certificate| certificate.subject().to_string().replace("CN=", ""))
        .collect();
    Ok(subjects.join(" "))
}

fn check(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    expect: Result<&str, Code>,
) {
    let found = search(leaf, intermediates, anchors, rules);
    let shown = format!("{found:?}");
    let found = found.map_err(|refusal| refusal.code());
    assert_eq!(found.as_deref(), expect.as_ref().map(|path| *path), "{shown}");
}

/// Checks leaf ← a ← root, each as drafted.
fn check_three(
    leaf: &Draft,
    a: &Draft,
    root: &Draft,
    rules: &PathRules<'_>,
    expect: Result<&str, Code>,
) {
    check(
        &leaf.signed_by("a", A),
        &[a.signed_by("root", ROOT)],
        &[root.anchor("root", ROOT)],
        rules,
        expect,
    );
}

const GOOD: Result<&str, Code> = Ok("leaf a root");

#[test]
fn a_path_of_three_and_of_two() {
    check_three(&leaf(), &a(), &root(), &any_use(), GOOD);
    let direct = leaf().signed_by("root", ROOT);
    let anchors = [root().anchor("root", ROOT)];
    check(&direct, &[], &anchors, &any_use(), Ok("leaf root"));
}

#[test]
fn the_root_is_matched_by_name_and_key() {
    let rules = any_use();
    let (leaf, a) = (leaf().signed_by("a", A), [a().signed_by("root", ROOT)]);
    let foreign = Draft::authority("root", OTHER).anchor("root", OTHER);
    let renamed = Draft::authority("other", ROOT).anchor("other", ROOT);
    check(&leaf, &a, core::slice::from_ref(&foreign), &rules, Err(Code::PathSignatureInvalid));
    check(&leaf, &a, &[renamed], &rules, Err(Code::PathNotFound));
    check(&leaf, &a, &[], &rules, Err(Code::PathNotFound));
    check(&leaf, &[], &[root().anchor("root", ROOT)], &rules, Err(Code::PathNotFound));
    // In a rotation one of the two is right.
    check(&leaf, &a, &[foreign, root().anchor("root", ROOT)], &rules, GOOD);
}

#[test]
fn a_root_that_the_client_sends_is_of_no_use_and_no_harm() {
    let rules = any_use();
    let leaf = leaf().signed_by("a", A);
    let chain = [root().signed_by("root", ROOT), a().signed_by("root", ROOT)];
    check(&leaf, &chain, &[root().anchor("root", ROOT)], &rules, GOOD);
    let other = Draft::authority("other", OTHER).anchor("other", OTHER);
    check(&leaf, &chain, &[other], &rules, Err(Code::PathNotFound));
    let foreign = Draft::authority("root", OTHER).anchor("root", OTHER);
    check(&leaf, &chain, &[foreign], &rules, Err(Code::PathSignatureInvalid));
}

#[test]
fn a_self_signed_leaf_has_no_path() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let own = leaf().signed_by("leaf", LEAF);
    check(&own, core::slice::from_ref(&own), &anchors, &rules, Err(Code::PathNotFound));
    // Named like the root, with its own key.
    let posing = Draft::leaf("root", LEAF).signed_by("root", LEAF);
    check(&posing, &[], &anchors, &rules, Err(Code::PathSignatureInvalid));
}

#[test]
fn every_signature_counts() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let (good_leaf, good_a) = (leaf().signed_by("a", A), a().signed_by("root", ROOT));
    check(
        &leaf().signed_by("a", OTHER),
        &[good_a],
        &anchors,
        &rules,
        Err(Code::PathSignatureInvalid),
    );
    check(
        &good_leaf,
        &[a().signed_by("root", OTHER)],
        &anchors,
        &rules,
        Err(Code::PathSignatureInvalid),
    );
    // Form: not two integers, s of zero.
    for bad in [
        b"\x03\x05\x00\x30\x03\x02\x01".as_slice(),
        b"\x03\x09\x00\x30\x06\x02\x01\x01\x02\x01\x00",
    ] {
        check_three(
            &leaf().with("signature", bad),
            &a(),
            &root(),
            &rules,
            Err(Code::PathSignatureInvalid),
        );
    }
}

#[test]
fn weak_and_odd_signature_algorithms_are_refused_except_on_the_root() {
    let rules = any_use();
    let check = |algorithm: &[u8], expect: Result<&str, Code>| {
        let leaf = leaf().with("algorithm", algorithm).with("outer algorithm", algorithm);
        check_three(&leaf, &a(), &root(), &rules, expect);
    };
    check(b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", GOOD);
    check(b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04", GOOD);
    let refused = Err(Code::UnsupportedCertificateAlgorithm);
    let ecdsa_sha1 = b"\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01";
    check(ecdsa_sha1, refused);
    // With NULL it is the same algorithm.
    check(b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00", GOOD);
    check(b"\x30\x0d\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x06\x01\x2a", refused);
    check(b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00", refused);
    check(b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00", refused);
    // RSA over a P-256 key, with NULL and without.
    for rsa in [
        &b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"[..],
        b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
    ] {
        check(rsa, Err(Code::PathSignatureInvalid));
    }
    let old = root().with("algorithm", ecdsa_sha1).with("outer algorithm", ecdsa_sha1);
    check_three(&leaf(), &a(), &old, &rules, GOOD);
}

#[test]
fn dates_hold_for_each_certificate_and_the_root() {
    let rules = any_use();
    let past = ("200101000000Z", "261124115959Z");
    let future = ("261124120001Z", "300101000000Z");
    let exact = ("261124120000Z", "261124120000Z");
    let expired = Err(Code::CertificateExpired);
    let early = Err(Code::CertificateNotYetValid);
    for ((from, until), expect) in [(past, expired), (future, early), (exact, GOOD)] {
        check_three(&leaf().valid(from, until), &a(), &root(), &rules, expect);
        check_three(&leaf(), &a().valid(from, until), &root(), &rules, expect);
        check_three(&leaf(), &a(), &root().valid(from, until), &rules, expect);
    }
    // Ends before it begins.
    let reversed = leaf().valid("261124120001Z", "261124115959Z");
    check_three(&reversed, &a(), &root(), &rules, early);
}

#[test]
fn x05_only_authorities_issue() {
    let rules = any_use();
    let refused = |a: Draft, code: Code| check_three(&leaf(), &a, &root(), &rules, Err(code));
    let plain = a().without_extension(BASIC_CONSTRAINTS);
    refused(plain.clone(), Code::CertificateNotCa);
    refused(a().extension(BASIC_CONSTRAINTS, true, b"\x30\x00"), Code::CertificateNotCa);
    refused(plain.without_extension(KEY_USAGE).with("version", b""), Code::CertificateNotCa);
    refused(a().extension(KEY_USAGE, true, b"\x03\x02\x07\x80"), Code::CertificateKeyUsage);
    // cRLSign is not keyCertSign.
    refused(a().extension(KEY_USAGE, true, b"\x03\x02\x01\x02"), Code::CertificateKeyUsage);
    // Neither criticality of basicConstraints nor the presence of keyUsage is demanded.
    let lax = a()
        .extension(BASIC_CONSTRAINTS, false, b"\x30\x03\x01\x01\xff")
        .without_extension(KEY_USAGE);
    check_three(&leaf(), &lax, &root(), &rules, GOOD);
}

#[test]
fn registered_roots_are_authorities_with_good_keys() {
    let check = |root: Draft, expect: Result<(), Code>| {
        let anchor = TrustAnchor::from_certificate(root.signed_by("root", ROOT));
        assert_eq!(anchor.map(drop).map_err(|refusal| refusal.code()), expect);
    };
    check(root(), Ok(()));
    check(leaf(), Err(Code::CertificateNotCa));
    check(
        Draft::new(&crate::x509::tests::forge::name("root"), ROOT).with("version", b""),
        Err(Code::CertificateNotCa),
    );
    check(root().extension(KEY_USAGE, true, b"\x03\x02\x07\x80"), Err(Code::CertificateKeyUsage));
    check(root().with("key", &explicit_curve()), Err(Code::UnsupportedKey));
}

/// A key on a curve that is written out instead of named.
fn explicit_curve() -> Vec<u8> {
    let algorithm = b"\x30\x0c\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x01\x00";
    sequence(&[algorithm, b"\x03\x02\x00\x04"])
}

#[test]
fn every_key_of_the_path_is_of_good_form() {
    let rules = any_use();
    let curve = explicit_curve();
    let refused = Err(Code::UnsupportedKey);
    check_three(&leaf().with("key", &curve), &a(), &root(), &rules, refused);
    check_three(&leaf(), &a().with("key", &curve), &root(), &rules, refused);
}

#[test]
fn larger_rsa_keys_are_allowed_by_name() {
    let standard = any_use();
    let allowed = standard.with_rsa(RsaLimit::Allow8192);
    let rsa = |bits: usize| {
        let mut modulus = alloc::vec![0xa5; bits / 8];
        modulus[bits / 8 - 1] = 0xa7;
        let key = PublicKey::from_rsa(&modulus, &[1, 0, 1], RsaLimit::Allow8192);
        key.map(|key| key.spki_der().to_vec())
    };
    let check = |bits: usize, rules: &PathRules<'_>, expect: Result<&str, Code>| {
        check_three(&leaf().with("key", &rsa(bits).unwrap()), &a(), &root(), rules, expect);
    };
    check(4096, &standard, GOOD);
    check(8192, &standard, Err(Code::KeyWeak));
    check(8192, &allowed, GOOD);
    assert_eq!(rsa(8200).unwrap_err().code(), Code::KeyWeak);
    let large = root().with("key", &rsa(8192).unwrap()).signed_by("root", ROOT);
    let code = |root: Result<TrustAnchor, Refusal>| root.map(drop).map_err(|not| not.code());
    assert_eq!(code(TrustAnchor::from_certificate(large.clone())), Err(Code::KeyWeak));
    let anchor = TrustAnchor::from_certificate_allowing(large, RsaLimit::Allow8192);
    assert_eq!(code(anchor), Ok(()));
}

#[test]
fn x06_a_leaf_is_no_authority_unless_the_rules_say_so() {
    let strict = any_use();
    let lax = PathRules { leaf_may_be_ca: true, ..strict };
    let both = a().extension(KEY_USAGE, true, b"\x03\x02\x01\x86");
    let leaf = |draft: &Draft| draft.signed_by("root", ROOT);
    let anchors = [root().anchor("root", ROOT)];
    check(&leaf(&both), &[], &anchors, &strict, Err(Code::CertificateIsCa));
    check(&leaf(&both), &[], &anchors, &lax, Ok("a root"));
    // keyCertSign without cA.
    let pretender = Draft::leaf("leaf", LEAF).extension(KEY_USAGE, true, b"\x03\x02\x02\x84");
    check(&leaf(&pretender), &[], &anchors, &strict, Err(Code::CertificateIsCa));
    // The same with a statement that it is none, as OPC UA asks of applications: it signs tokens, and no certificates.
    let stated = pretender.extension(BASIC_CONSTRAINTS, true, b"\x30\x00");
    check(&leaf(&stated), &[], &anchors, &strict, Ok("leaf root"));
    let below = Draft::leaf("below", B).signed_by("leaf", LEAF);
    check(&below, &[leaf(&stated)], &anchors, &strict, Err(Code::CertificateNotCa));
    let no_signer = stated.extension(KEY_USAGE, true, b"\x03\x02\x02\x04");
    check(&leaf(&no_signer), &[], &anchors, &strict, Err(Code::CertificateKeyUsage));
    // An authority that may not sign anything but certificates.
    check(&leaf(&a()), &[], &anchors, &lax, Err(Code::CertificateKeyUsage));
}

#[test]
fn x07_a_leaf_with_key_usage_may_sign() {
    let rules = any_use();
    let encipherment = leaf().extension(KEY_USAGE, true, b"\x03\x02\x05\x20");
    check_three(&encipherment, &a(), &root(), &rules, Err(Code::CertificateKeyUsage));
    check_three(&leaf().without_extension(KEY_USAGE), &a(), &root(), &rules, GOOD);
    let any = PathRules { leaf_must_sign: false, ..rules };
    check_three(&encipherment, &a(), &root(), &any, GOOD);
}

#[test]
fn x07_one_use_is_common_to_the_whole_path() {
    let check = |leaf_uses: &[&[u8]],
                 a_uses: &[&[u8]],
                 root_uses: &[&[u8]],
                 asked: &[ObjectIdentifier],
                 good: bool| {
        let rules = PathRules { key_use: KeyUse::Named(asked), ..any_use() };
        let with = |draft: Draft, uses: &[&[u8]]| match uses {
            [] => draft,
            _ => draft.usages(uses),
        };
        let expect = if good { GOOD } else { Err(Code::CertificateExtendedKeyUsage) };
        check_three(
            &with(leaf(), leaf_uses),
            &with(a(), a_uses),
            &with(root(), root_uses),
            &rules,
            expect,
        );
    };
    let (client, server, any) = (CLIENT_AUTH, SERVER_AUTH, ANY_USAGE);
    check(&[], &[], &[], &[CLIENT], true);
    check(&[client], &[], &[], &[CLIENT], true);
    check(&[server, client], &[client], &[client], &[CLIENT], true);
    check(&[client], &[client], &[], &[SERVER, CLIENT], true);
    let of_server = |draft: Draft| draft.usages(&[server]);
    check_three(&of_server(leaf()), &of_server(a()), &of_server(root()), &any_use(), GOOD);

    // No use is not any use.
    check(&[server], &[server], &[server], &[], false);
    check(&[], &[], &[], &[], false);
    check(&[server], &[], &[], &[CLIENT], false);
    check(&[client], &[server], &[], &[CLIENT], false);
    check(&[client], &[], &[server], &[CLIENT], false);
    check(&[], &[server], &[], &[CLIENT], false);
    check(&[any], &[], &[], &[CLIENT], false);
    check(&[client], &[any], &[], &[CLIENT], false);
    // Each allows one that is asked for, but none allows the same.
    check(&[client], &[server], &[], &[SERVER, CLIENT], false);
}

#[test]
fn path_lengths_count_authorities_that_are_not_self_issued() {
    let rules = any_use();
    let check_four = |root: Draft, a: Draft, expect: Result<&str, Code>| {
        let b = Draft::authority("b", B).signed_by("a", A);
        let leaf = leaf().signed_by("b", B);
        check(&leaf, &[b, a.signed_by("root", ROOT)], &[root.anchor("root", ROOT)], &rules, expect);
    };
    let good = Ok("leaf b a root");
    let exceeded = Err(Code::CertificatePathLength);
    check_four(root(), a(), good);
    check_four(root(), a().path_length(1), good);
    check_four(root(), a().path_length(0), exceeded);
    check_four(root().path_length(2), a(), good);
    check_four(root().path_length(1), a(), exceeded);
    // A larger number below does not widen, a smaller one narrows.
    check_four(root().path_length(1), a().path_length(5), exceeded);
    check_four(root().path_length(5), a().path_length(0), exceeded);
    check_three(&leaf(), &a().path_length(0), &root().path_length(1), &rules, GOOD);
    check_three(&leaf(), &a(), &root().path_length(0), &rules, exceeded);
}

#[test]
fn a_change_of_keys_is_no_further_authority() {
    // root → a → a (its new key) → leaf: RFC 5280 section 6.1, self-issued certificates.
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let renewed = Draft::authority("a", B).signed_by("a", A);
    let first = a().path_length(0).signed_by("root", ROOT);
    let certificates = [renewed, first];
    let leaf = leaf().signed_by("a", B);
    check(&leaf, &certificates, &anchors, &rules, Ok("leaf a a root"));
    let one = PathRules { max_depth: Some(1), ..rules };
    check(&leaf, &certificates, &anchors, &one, Ok("leaf a a root"));
    let none = PathRules { max_depth: Some(0), ..rules };
    check(&leaf, &certificates, &anchors, &none, Err(Code::PathTooDeep));
}

#[test]
fn a_self_issued_leaf_is_a_leaf() {
    // The last certificate is never counted, self-issued or not.
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let leaf = Draft::leaf("a", LEAF).signed_by("a", A);
    let a = [a().path_length(0).signed_by("root", ROOT)];
    check(&leaf, &a, &anchors, &rules, Ok("a a root"));
}

#[test]
fn what_is_not_processed_refuses_wherever_it_stands() {
    let rules = any_use();
    let everywhere = |arc: u8, critical: bool, expect: Result<&str, Code>| {
        let with = |draft: Draft| draft.extension(arc, critical, b"\x30\x00");
        check_three(&with(leaf()), &a(), &root(), &rules, expect);
        check_three(&leaf(), &with(a()), &root(), &rules, expect);
        check_three(&leaf(), &a(), &with(root()), &rules, expect);
    };
    let refused = Err(Code::CertificateExtensionCritical);
    everywhere(99, true, refused);
    everywhere(99, false, GOOD);
}
