//! Constraints, the names below them, and their twins that are not.

use super::*;
use crate::x509::tests::forge::{name, name_of, sequence, tlv};
use alloc::vec::Vec;

const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const IP: u8 = 0x87;

const GOOD: Result<(), Violation> = Ok(());
const OUTSIDE: Result<(), Violation> = Err(Violation::NotPermitted);
const EXCLUDED: Result<(), Violation> = Err(Violation::Excluded);
const UNCLEAR: Result<(), Violation> = Err(Violation::NotJudged);

fn subtrees_of(number: u8, bases: &[(u8, &[u8])]) -> Vec<u8> {
    match bases {
        [] => Vec::new(),
        _ => {
            let bases: Vec<_> =
                bases.iter().map(|(tag, base)| sequence(&[&tlv(*tag, base)])).collect();
            tlv(0xa0 + number, &bases.concat())
        }
    }
}

fn constraints(permitted: &[(u8, &[u8])], excluded: &[(u8, &[u8])]) -> NameConstraints {
    let der = sequence(&[&subtrees_of(0, permitted), &subtrees_of(1, excluded)]);
    NameConstraints::read(&der).unwrap()
}

fn judge_alternative(constraints: &NameConstraints, tag: u8, name: &[u8]) -> Result<(), Violation> {
    let der = tlv(tag, name);
    let fields = Fields::of(&der, Code::CertificateMalformed).unwrap();
    let names = GeneralName::read_all(fields, "name").unwrap();
    let [name] = names.as_slice() else { panic!("one name") };
    constraints.judge(Bearer::Alternative(name))
}

/// Checks a name of a kind against one base of it, permitted and excluded.
fn check(
    tag: u8,
    base: &[u8],
    name: &[u8],
    permitted: Result<(), Violation>,
    excluded: Result<(), Violation>,
) {
    let shown = || {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        alloc::format!("{} below {}", text(name), text(base))
    };
    let found = judge_alternative(&constraints(&[(tag, base)], &[]), tag, name);
    assert_eq!(found, permitted, "permitted: {}", shown());
    let found = judge_alternative(&constraints(&[], &[(tag, base)]), tag, name);
    assert_eq!(found, excluded, "excluded: {}", shown());
}

/// The name is below the base.
fn below(tag: u8, base: &[u8], name: &[u8]) {
    check(tag, base, name, GOOD, EXCLUDED);
}

/// It is not.
fn beside(tag: u8, base: &[u8], name: &[u8]) {
    check(tag, base, name, OUTSIDE, GOOD);
}

/// Nobody can say: neither does a permission cover it nor an exclusion spare it.
fn unclear(tag: u8, base: &[u8], name: &[u8]) {
    check(tag, base, name, OUTSIDE, UNCLEAR);
}

/// The base itself has no meaning, so no name of its kind may be there.
fn senseless(tag: u8, base: &[u8], name: &[u8]) {
    check(tag, base, name, UNCLEAR, UNCLEAR);
}

#[test]
fn x09_dns_names() {
    below(DNS, b"example.com", b"example.com");
    below(DNS, b"example.com", b"a.b.example.com");
    below(DNS, b"eXample.com", b"A.EXAMPLE.cOM");
    below(DNS, b"example.com", b"a.example.com.");
    below(DNS, b"example.com.", b"a.example.com");
    below(DNS, b"", b"example.com");
    below(DNS, b"a_b.example", b"x.a_b.example");
    beside(DNS, b"example.com", b"notexample.com");
    beside(DNS, b"example.com", b"com");
    beside(DNS, b"example.com", b"example.com.evil");
    beside(DNS, b"a.example.com", b"example.com");
    beside(DNS, b"xn--bcher-kva.example", b"bcher.example");
    // No names, or names in which readers see different things.
    unclear(DNS, b"example.com", b"");
    unclear(DNS, b"example.com", b".example.com");
    unclear(DNS, b"example.com", b"a..example.com");
    unclear(DNS, b"example.com", b"example.com..");
    unclear(DNS, b"example.com", b"evil.com\0.example.com");
    unclear(DNS, b"example.com", b"a b.example.com");
    unclear(DNS, b"", b"a/b");
    // Subdomains alone are permitted, and the name itself is excluded as well.
    below(DNS, b".example.com", b"a.example.com");
    below(DNS, b".example.com", b"*.example.com");
    below(DNS, b".eXample.com.", b"a.b.EXAMPLE.com");
    check(DNS, b".example.com", b"example.com", OUTSIDE, EXCLUDED);
    check(DNS, b".example.com", b"example.com.", OUTSIDE, EXCLUDED);
    check(DNS, b".example.com", b"*.com", OUTSIDE, EXCLUDED);
    beside(DNS, b".example.com", b"notexample.com");
    beside(DNS, b".example.com", b"com");
    unclear(DNS, b".example.com", b".example.com");
    // Nothing gives these a meaning for DNS names.
    senseless(DNS, b"..example.com", b"a.example.com");
    senseless(DNS, b".*.example.com", b"a.example.com");
    senseless(DNS, b".", b"a.example.com");
    senseless(DNS, b"..", b"a.example.com");
    senseless(DNS, b"*.example.com", b"a.example.com");
    senseless(DNS, "exämple.com".as_bytes(), b"a.example.com");
    senseless(DNS, b"example.com\0", b"example.com");
}

#[test]
fn x10_a_wildcard_stands_for_all_that_it_may_stand_for() {
    below(DNS, b"example.com", b"*.example.com");
    below(DNS, b"example.com", b"*.a.example.com");
    beside(DNS, b"example.com", b"*.example.org");
    // One of the hosts is below the base, not all.
    check(DNS, b"example.com", b"*.com", OUTSIDE, EXCLUDED);
    // A wildcard is one label.
    beside(DNS, b"a.b.example.com", b"*.example.com");
    check(DNS, b"a.example.com", b"*.example.com", OUTSIDE, EXCLUDED);
    unclear(DNS, b"example.com", b"*");
    unclear(DNS, b"example.com", b"a.*.example.com");
    unclear(DNS, b"example.com", b"a*.example.com");
    unclear(DNS, b"example.com", b"**.example.com");
}

/// RUSTSEC-2026-0098: constraints on URIs were read and not applied.
#[test]
fn x09_rustsec_2026_0098_uris_are_constrained() {
    below(URI, b"example.com", b"https://example.com/path");
    beside(URI, b"example.com", b"https://evil.example/?example.com");
}

/// RUSTSEC-2026-0099: `*.example.com` was accepted where only `accept.example.com` is permitted.
#[test]
fn x10_rustsec_2026_0099_a_wildcard_is_wider_than_one_host() {
    let found = |name: &[u8]| {
        judge_alternative(&constraints(&[(DNS, b"accept.example.com")], &[]), DNS, name)
    };
    assert_eq!(found(b"accept.example.com"), GOOD);
    assert_eq!(found(b"*.accept.example.com"), GOOD);
    assert_eq!(found(b"*.example.com"), OUTSIDE);
}

/// CVE-2025-61727: `*.example.com` escaped the exclusion of `test.example.com`.
#[test]
fn x10_cve_2025_61727_a_wildcard_does_not_escape_an_exclusion() {
    let found = |name: &[u8]| {
        judge_alternative(&constraints(&[], &[(DNS, b"test.example.com")]), DNS, name)
    };
    assert_eq!(found(b"*.example.com"), EXCLUDED);
    assert_eq!(found(b"*.test.example.com"), EXCLUDED);
    assert_eq!(found(b"*.example.org"), GOOD);
}

#[test]
fn x09_mailboxes() {
    below(EMAIL, b"a@example.com", b"a@EXAMPLE.com");
    below(EMAIL, b"example.com", b"a@example.com");
    below(EMAIL, b".example.com", b"a@b.example.com");
    below(EMAIL, b"*@example.com", b"*@example.com");
    beside(EMAIL, b"a@example.com", b"A@example.com");
    beside(EMAIL, b"a@example.com", b"ba@example.com");
    beside(EMAIL, b"example.com", b"a@b.example.com");
    beside(EMAIL, b".example.com", b"a@example.com");
    beside(EMAIL, b".example.com", b"a@notexample.com");
    beside(EMAIL, b"*@example.com", b"a@example.com");
    unclear(EMAIL, b"example.com", b"example.com");
    unclear(EMAIL, b"example.com", b"@example.com");
    unclear(EMAIL, b"example.com", b"a@b@example.com");
    unclear(EMAIL, b"a@example.com", b"\"a\"@example.com");
    unclear(EMAIL, b"example.com", b"\"x@y\"@example.com");
    unclear(EMAIL, b"example.com", b"a\\@evil.com@example.com");
    unclear(EMAIL, b"example.com", b"a b@example.com");
    unclear(EMAIL, b"example.com", b"a@example.com.");
    unclear(EMAIL, b"example.com", b"a@*.com");
    unclear(EMAIL, b"example.com", b"a@192.0.2.1");
    unclear(EMAIL, b"example.com", b"a@[192.0.2.1]");
    unclear(EMAIL, b"example.com", b"");
    unclear(EMAIL, b"example.com", b"a\0@example.com");
    senseless(EMAIL, b"", b"a@example.com");
    senseless(EMAIL, b"[192.0.2.1]", b"a@[192.0.2.1]");
    senseless(EMAIL, b"@example.com", b"a@example.com");
    senseless(EMAIL, b"\"a\"@example.com", b"a@example.com");
    senseless(EMAIL, b"*.example.com", b"a@b.example.com");
    senseless(EMAIL, b"..example.com", b"a@b.example.com");
    senseless(EMAIL, "exämple.com".as_bytes(), b"a@example.com");
}

#[test]
fn x09_hosts_of_uris() {
    below(URI, b"example.com", b"https://example.com");
    below(URI, b"example.com", b"spiffe://EXAMPLE.com/ns/a");
    below(URI, b"example.com", b"ftp://user:word@example.com:21/x");
    below(URI, b"example.com", b"https://example.com./");
    below(URI, b"example.com", b"https://example.com?evil.org");
    below(URI, b"example.com", b"https://example.com#@evil.org");
    below(URI, b".example.com", b"https://a.b.example.com/");
    below(URI, b"td", b"spiffe://td/a");
    beside(URI, b"example.com", b"https://a.example.com/");
    beside(URI, b".example.com", b"https://example.com/");
    beside(URI, b".example.com", b"https://notexample.com/");
    beside(URI, b"example.com", b"https://example.com@evil.org/");
    beside(URI, b"example.com", b"https://evil.org/example.com");
    beside(URI, b"example.com", b"https://evil.org?//example.com");
    // No host, an address, or two hosts for two readers: RFC 5280 section 4.2.1.10 rejects.
    unclear(URI, b"example.com", b"urn:uuid:example.com");
    unclear(URI, b"example.com", b"https:/example.com/");
    unclear(URI, b"example.com", b"https:///example.com/");
    unclear(URI, b"example.com", b"//example.com/");
    unclear(URI, b"example.com", b"https://");
    unclear(URI, b"example.com", b"https://192.0.2.1/");
    unclear(URI, b"example.com", b"https://127.1/");
    unclear(URI, b"example.com", b"https://0x7f.0x1/");
    unclear(URI, b"example.com", b"https://[2001:db8::1]/");
    unclear(URI, b"example.com", b"https://evil.org\\@example.com/");
    unclear(URI, b"example.com", b"https://evil.org\\.example.com/");
    unclear(URI, b"example.com", b"https://example%2ecom/");
    unclear(URI, b"example.com", b"https://a@evil.org@example.com/");
    unclear(URI, b"example.com", b"https://example.com:80:80/");
    unclear(URI, b"example.com", b"https://example.com:x/");
    unclear(URI, b"example.com", b"https://example.com\0/");
    unclear(URI, b"example.com", b"https://*.example.com/");
    unclear(URI, b"example.com", b" https://example.com/");
    unclear(URI, b"example.com", b"1x://example.com/");
    unclear(URI, b"example.com", b"");
    senseless(URI, b"", b"https://example.com/");
    senseless(URI, b"https://example.com", b"https://example.com/");
    senseless(URI, b"*.example.com", b"https://a.example.com/");
    senseless(URI, b"192.0.2.1", b"https://example.com/");
    senseless(URI, b"example.com.", b"https://example.com/");
    senseless(URI, b".", b"https://example.com/");
}

#[test]
fn x09_addresses() {
    below(IP, &[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 2, 255]);
    below(IP, &[192, 0, 2, 9, 255, 255, 255, 0], &[192, 0, 2, 1]);
    below(IP, &[0; 8], &[192, 0, 2, 1]);
    below(IP, &[192, 0, 2, 1, 255, 255, 255, 255], &[192, 0, 2, 1]);
    beside(IP, &[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 3, 1]);
    beside(IP, &[192, 0, 2, 0, 255, 255, 255, 254], &[192, 0, 2, 2]);
    let v6 = |last: u8| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let range =
        [v6(0), [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0]];
    below(IP, &range.concat(), &v6(7));
    beside(IP, &range.concat(), &[0; 16]);
    // An address of version 4 in the clothes of version 6 is one of version 6.
    let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1];
    beside(IP, &[192, 0, 2, 0, 255, 255, 255, 0], &mapped);
    beside(IP, &[0; 8], &mapped);
    beside(IP, &[0; 32], &[192, 0, 2, 1]);
}

#[test]
fn x09_directory_names() {
    let (utf8, printable, teletex) = (0x0c, 0x13, 0x14);
    let acme = name_of(&[(10, utf8, b"Acme")]);
    let named = |tag: u8, o: &[u8]| name_of(&[(10, tag, o), (3, utf8, b"x")]);
    below(DIRECTORY, &acme, &named(printable, b" ACME "));
    below(DIRECTORY, &acme, &acme);
    below(DIRECTORY, &name_of(&[]), &acme);
    beside(DIRECTORY, &acme, &named(utf8, b"Acme2"));
    beside(DIRECTORY, &acme, &name("Acme"));
    beside(DIRECTORY, &acme, &name_of(&[]));
    unclear(DIRECTORY, &acme, &named(teletex, b"Acme"));
    unclear(DIRECTORY, &acme, &named(utf8, "Ａcme".as_bytes()));
    beside(DIRECTORY, &acme, &named(printable, b"@cme"));
    below(DIRECTORY, &name_of(&[(10, printable, b"A&B")]), &named(utf8, b"a&b"));
    unclear(DIRECTORY, &acme, &named(printable, b"\xc4cme"));
    below(DIRECTORY, &name_of(&[(10, printable, b"\xc4cme")]), &named(printable, b"\xc4cme"));

    let subject = |der: &[u8], permitted: &[(u8, &[u8])], excluded: &[(u8, &[u8])]| {
        constraints(permitted, excluded).judge(Bearer::Subject(&Name::from_der(der).unwrap()))
    };
    let acme = acme.as_slice();
    assert_eq!(subject(acme, &[(DIRECTORY, acme)], &[]), GOOD);
    assert_eq!(subject(&name("x"), &[(DIRECTORY, acme)], &[]), OUTSIDE);
    assert_eq!(subject(acme, &[], &[(DIRECTORY, acme)]), EXCLUDED);
    assert_eq!(subject(&name("x"), &[], &[(DIRECTORY, acme)]), GOOD);
    assert_eq!(subject(&name("x"), &[(DNS, b"a")], &[(DNS, b"b")]), GOOD);
}

#[test]
fn x09_the_email_address_of_a_subject_is_a_mailbox() {
    let check = |text: Option<&str>,
                 permitted: Result<(), Violation>,
                 excluded: Result<(), Violation>| {
        let judge = |constraints: NameConstraints| constraints.judge(Bearer::SubjectEmail(text));
        assert_eq!(judge(constraints(&[(EMAIL, b"a@example.com")], &[])), permitted, "{text:?}");
        assert_eq!(judge(constraints(&[], &[(EMAIL, b"a@example.com")])), excluded, "{text:?}");
    };
    check(Some("a@example.com"), GOOD, EXCLUDED);
    check(Some("b@example.com"), OUTSIDE, GOOD);
    // In a directory capitals mean nothing.
    check(Some("A@example.com"), OUTSIDE, EXCLUDED);
    check(Some("\"a\"@example.com"), OUTSIDE, UNCLEAR);
    check(None, OUTSIDE, UNCLEAR);
}

#[test]
fn x09_what_nobody_judges_may_not_be_there() {
    let kinds: [(u8, &[u8]); 4] =
        [(0xa0, b"\x06\x01\x2a\xa0\x02\x05\x00"), (0xa3, b""), (0xa5, b""), (0x88, b"\x2a")];
    for (tag, contents) in kinds {
        let base: &[(u8, &[u8])] = &[(tag, contents)];
        for own in [constraints(base, &[]), constraints(&[], base)] {
            assert_eq!(judge_alternative(&own, tag, contents), UNCLEAR, "{tag:02x}");
            assert_eq!(judge_alternative(&own, DNS, b"a.example"), GOOD, "{tag:02x}");
            for (other, contents) in kinds.iter().filter(|(other, _)| *other != tag) {
                assert_eq!(judge_alternative(&own, *other, contents), GOOD, "{other:02x}");
            }
        }
    }
}

#[test]
fn exclusion_wins_and_kinds_do_not_mix() {
    let both = constraints(&[(DNS, b"example.com")], &[(DNS, b"bad.example.com")]);
    assert_eq!(judge_alternative(&both, DNS, b"good.example.com"), GOOD);
    assert_eq!(judge_alternative(&both, DNS, b"a.bad.example.com"), EXCLUDED);
    assert_eq!(judge_alternative(&both, DNS, b"example.org"), OUTSIDE);
    assert_eq!(judge_alternative(&both, EMAIL, b"a@example.org"), GOOD);
    // An address is no DNS name, wherever it is written.
    assert_eq!(judge_alternative(&both, IP, &[192, 0, 2, 1]), GOOD);
    assert_eq!(judge_alternative(&both, DNS, b"192.0.2.1"), OUTSIDE);
    // Any permitted base will do; each excluded one refuses, and one that cannot be judged does not hide another.
    let several = constraints(
        &[(DNS, b"a.example"), (DNS, b"b.example")],
        &[(URI, b"a.example"), (URI, b"b.example")],
    );
    assert_eq!(judge_alternative(&several, DNS, b"b.example"), GOOD);
    assert_eq!(judge_alternative(&several, URI, b"x://b.example"), EXCLUDED);
    assert_eq!(judge_alternative(&several, URI, b"x://c.example"), GOOD);
}

#[test]
fn x08_the_extension_has_one_form() {
    let check = |der: &[u8], good: bool| {
        let read = NameConstraints::read(der).map(drop).map_err(|refusal| refusal.code());
        let expect = if good { Ok(()) } else { Err(Code::CertificateExtensionInvalid) };
        assert_eq!(read, expect, "{der:02x?}");
    };
    let base = |extra: &[u8]| sequence(&[&tlv(0xa0, &sequence(&[b"\x82\x01a", extra]))]);
    check(&base(b""), true);
    check(&sequence(&[&subtrees_of(0, &[(DNS, b"a")]), &subtrees_of(1, &[(DNS, b"b")])]), true);
    check(&sequence(&[&subtrees_of(1, &[(DNS, b"b")]), &subtrees_of(0, &[(DNS, b"a")])]), false);
    check(&sequence(&[&subtrees_of(0, &[(DNS, b"b")]), &subtrees_of(0, &[(DNS, b"a")])]), false);
    // Minimum zero, one; maximum.
    check(&base(b"\x80\x01\x00"), true);
    check(&base(b"\x80\x01\x01"), false);
    check(&base(b"\x80\x02\x00\x00"), false);
    check(&base(b"\x80\x00"), false);
    check(&base(b"\x80\x01\x00\x81\x01\x02"), false);
    check(&base(b"\x80\x01\x00\x80\x01\x00"), false);
    check(&base(b"\x81\x01\x02"), false);
    check(b"", false);
    check(b"\x30\x00", false);
    check(b"\x30\x02\xa0\x00", false);
    check(b"\x30\x02\xa1\x00", false);
    check(&sequence(&[&tlv(0xa2, &sequence(&[b"\x82\x01a"]))]), false);
    check(&sequence(&[&subtrees_of(0, &[(0x89, b"a")])]), false);
    // Address and mask.
    let ip = |bytes: &[u8]| sequence(&[&subtrees_of(0, &[(IP, bytes)])]);
    check(&ip(&[192, 0, 2, 0, 255, 255, 255, 0]), true);
    check(&ip(&[192, 0, 2, 0, 255, 255, 254, 0]), true);
    check(&ip(&[192, 0, 2, 0, 255, 0, 255, 0]), false);
    check(&ip(&[192, 0, 2, 0, 0, 255, 255, 255]), false);
    check(&ip(&[192, 0, 2, 0, 255, 255, 253, 0]), false);
    check(&ip(&[192, 0, 2, 0]), false);
    check(&ip(&[192, 0, 2, 0, 255, 255, 255]), false);
    check(&ip(&[0; 16]), false);
    check(&ip(&[0; 32]), true);
    check(&ip(&[0; 33]), false);
    check(&ip(&[]), false);
}

#[test]
fn x11_the_constraints_of_one_certificate_are_limited() {
    let read = |count: usize| {
        let bases: Vec<(u8, &[u8])> = alloc::vec![(DNS, b"a".as_slice()); count];
        let der = sequence(&[&subtrees_of(0, &bases), &subtrees_of(1, &[(DNS, b"b")])]);
        NameConstraints::read(&der).map(drop).map_err(|refusal| refusal.code())
    };
    assert_eq!(read(limits::NAME_CONSTRAINTS - 1), Ok(()));
    assert_eq!(read(limits::NAME_CONSTRAINTS), Err(Code::CertificateExtensionsTooMany));
}
