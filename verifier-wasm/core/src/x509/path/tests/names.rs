//! Names along a path: chaining, constraints, what conditions may read.

use super::*;
use crate::expr::{Expression, Facts};
use crate::json::Object;
use crate::limits;
use crate::x509::tests::forge::{NAME_CONSTRAINTS, SUBJECT_ALT_NAME, name_of, tlv};

const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;

fn bases(number: u8, list: &[(u8, &[u8])]) -> Vec<u8> {
    let list: Vec<_> = list.iter().map(|(tag, base)| sequence(&[&tlv(*tag, base)])).collect();
    if list.is_empty() { Vec::new() } else { tlv(0xa0 + number, &list.concat()) }
}

impl Draft {
    fn permits(self, list: &[(u8, &[u8])]) -> Self {
        self.extension(NAME_CONSTRAINTS, true, &sequence(&[&bases(0, list)]))
    }

    fn excludes(self, list: &[(u8, &[u8])]) -> Self {
        self.extension(NAME_CONSTRAINTS, true, &sequence(&[&bases(1, list)]))
    }

    fn named(self, list: &[(u8, &[u8])]) -> Self {
        let names: Vec<_> = list.iter().map(|(tag, name)| tlv(*tag, name)).collect();
        self.extension(SUBJECT_ALT_NAME, false, &sequence(&[&names.concat()]))
    }
}

const VIOLATED: Result<&str, Code> = Err(Code::CertificateNameConstraints);
const OWN: &[(u8, &[u8])] = &[(DNS, b"example.com")];

#[test]
fn x09_authorities_are_found_by_names_that_are_one() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let check_issuer = |issuer: &[u8], expect: Result<&str, Code>| {
        let leaf = leaf().with("issuer", issuer).signed_by("", A);
        check(&leaf, &[a().signed_by("ROOT ", ROOT)], &anchors, &rules, expect);
    };
    check_issuer(&name_of(&[(3, 0x13, b" A  ")]), GOOD);
    check_issuer(&name_of(&[(3, 0x1e, b"\0a")]), GOOD);
    check_issuer(&name_of(&[(3, 0x14, b"a")]), Err(Code::PathNotFound));
    check_issuer(&name_of(&[(3, 0x13, b"@")]), Err(Code::PathNotFound));
    // An authority whose name has characters that are not in the set of its type, and text that is none.
    let check_name = |tag: u8, text: &[u8], issuer: &[u8], expect: Result<(), Code>| {
        let (own, issuer) = (name_of(&[(3, tag, text)]), name_of(&[(3, tag, issuer)]));
        let anchor = Draft::authority("", ROOT).with("subject", &own).with("issuer", &own);
        let leaf = leaf().with("issuer", &issuer).signed_by("", ROOT);
        let found = search(&leaf, &[], &[anchor.anchor("", ROOT)], &rules);
        assert_eq!(found.map(drop).map_err(|refusal| refusal.code()), expect, "{text:02x?}");
    };
    let not_found = Err(Code::PathNotFound);
    for text in ["Johnson & Johnson", "a_b", "a@b", "*", "a;b"] {
        check_name(0x13, text.as_bytes(), text.as_bytes(), Ok(()));
        check_name(0x13, text.as_bytes(), format!("{text}x").as_bytes(), not_found);
    }
    check_name(0x13, b"Zo\xeb", b"Zo\xeb", Ok(()));
    check_name(0x13, b"Zo\xeb", b"Zo\xe9", not_found);
    check_issuer(&name_of(&[(10, 0x0c, b"a")]), Err(Code::PathNotFound));
}

#[test]
fn x09_every_authority_above_constrains_every_certificate_below() {
    let rules = any_use();
    let ok = || leaf().named(&[(DNS, b"a.example.com")]);
    let bad = || leaf().named(&[(DNS, b"a.example.com"), (DNS, b"evil.example")]);
    check_three(&ok(), &a().permits(OWN), &root(), &rules, GOOD);
    check_three(&ok(), &a(), &root().permits(OWN), &rules, GOOD);
    check_three(&bad(), &a().permits(OWN), &root(), &rules, VIOLATED);
    check_three(&bad(), &a(), &root().permits(OWN), &rules, VIOLATED);
    check_three(&ok(), &a().excludes(OWN), &root(), &rules, VIOLATED);
    check_three(&ok(), &a(), &root().excludes(OWN), &rules, VIOLATED);
    // The authority in the middle has names too.
    let named = a().named(&[(DNS, b"evil.example")]);
    check_three(&ok(), &named, &root().permits(OWN), &rules, VIOLATED);
    check_three(&ok(), &named, &root(), &rules, GOOD);
    // Constraints bind what is below, not who has them.
    check_three(&ok(), &named.permits(OWN), &root(), &rules, GOOD);
    check_three(&ok().permits(&[(DNS, b"other.example")]), &a(), &root(), &rules, GOOD);
}

#[test]
fn x09_constraints_below_do_not_widen_those_above() {
    let rules = any_use();
    let named = |name: &[u8]| leaf().named(&[(DNS, name)]);
    let narrow: &[(u8, &[u8])] = &[(DNS, b"a.example.com")];
    let wide: &[(u8, &[u8])] = &[(DNS, b"example.com"), (DNS, b"evil.example")];
    let root = root().permits(OWN);
    check_three(&named(b"b.example.com"), &a().permits(wide), &root, &rules, GOOD);
    check_three(&named(b"evil.example"), &a().permits(wide), &root, &rules, VIOLATED);
    check_three(&named(b"a.example.com"), &a().permits(narrow), &root, &rules, GOOD);
    check_three(&named(b"b.example.com"), &a().permits(narrow), &root, &rules, VIOLATED);
    // Exclusions add up.
    let root = super::root().excludes(OWN);
    let other: &[(u8, &[u8])] = &[(DNS, b"other.example")];
    check_three(&named(b"example.org"), &a().excludes(other), &root, &rules, GOOD);
    check_three(&named(b"example.com"), &a().excludes(other), &root, &rules, VIOLATED);
    check_three(&named(b"other.example"), &a().excludes(other), &root, &rules, VIOLATED);
}

#[test]
fn x09_a_change_of_keys_has_its_own_names_and_a_leaf_has_none() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let subjects: &[(u8, &[u8])] = &[(DIRECTORY, &crate::x509::tests::forge::name("leaf"))];
    let first = a().permits(subjects).signed_by("root", ROOT);
    let renewed = Draft::authority("a", B).signed_by("a", A);
    let found = leaf().signed_by("a", B);
    check(&found, &[renewed, first.clone()], &anchors, &rules, Ok("leaf a a root"));
    // The same names on a leaf are its names.
    let own = Draft::leaf("a", LEAF).signed_by("a", A);
    check(&own, &[first], &anchors, &rules, VIOLATED);
}

#[test]
fn x09_the_subject_is_a_directory_name_and_its_email_a_mailbox() {
    let rules = any_use();
    let email =
        sequence(&[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", &tlv(0x16, b"a@evil.example")]);
    let email = tlv(0x30, &tlv(0x31, &email));
    let with_email = || Draft::new(&email, LEAF).extension(KEY_USAGE, true, b"\x03\x02\x07\x80");
    let hosts: &[(u8, &[u8])] = &[(EMAIL, b"example.com")];
    let refused = |leaf: Draft, list: &[(u8, &[u8])]| {
        check_three(&leaf, &a().permits(list), &root(), &rules, VIOLATED);
    };
    refused(with_email(), hosts);
    // Another name beside it hides nothing.
    refused(with_email().named(&[(EMAIL, b"a@example.com")]), hosts);
    refused(with_email().named(&[(DNS, b"a.example")]), hosts);
    refused(leaf(), &[(DIRECTORY, &crate::x509::tests::forge::name("other"))]);
    check_three(&leaf(), &a().permits(hosts), &root(), &rules, GOOD);
    let own: &[(u8, &[u8])] = &[(DIRECTORY, &crate::x509::tests::forge::name("LEAF"))];
    check_three(&leaf(), &a().permits(own), &root(), &rules, GOOD);
}

#[test]
fn x09_another_path_without_the_constraint_is_found() {
    let rules = any_use();
    let named = leaf().named(&[(DNS, b"example.org")]).signed_by("a", A);
    let bound = a().permits(OWN).signed_by("root", ROOT);
    let free = a().signed_by("root", ROOT);
    let anchors = [root().anchor("root", ROOT)];
    check(&named, &[bound.clone(), free.clone()], &anchors, &rules, GOOD);
    check(&named, core::slice::from_ref(&bound), &anchors, &rules, VIOLATED);
    let refusal = search(&named, &[bound], &anchors, &rules).unwrap_err();
    assert_eq!(refusal.found_text(), Some("dNSName outside what is permitted"));
    assert_eq!(refusal.detail_text(), Some("CN=leaf"));
}

#[test]
fn x11_comparisons_are_limited_over_all_paths() {
    let rules = any_use();
    let many: Vec<(u8, &[u8])> = alloc::vec![(DNS, b"a".as_slice()); 150];
    let list: Vec<(u8, &[u8])> = alloc::vec![(DNS, b"b".as_slice()); limits::NAME_CONSTRAINTS];
    let named = leaf().named(&many).signed_by("e", Key(30));
    // Five authorities with constraints below a root with them: the names of the leaf are within the limit.
    let names = ["root", "a", "b", "c", "d", "e"];
    let keys = [ROOT, A, B, Key(28), Key(29), Key(30)];
    let authority = |i: usize, own: &[(u8, &[u8])]| {
        Draft::authority(names[i], keys[i]).named(own).excludes(&list)
    };
    let chain = |own: &[(u8, &[u8])]| -> Vec<Certificate> {
        (1..6).map(|i| authority(i, own).signed_by(names[i - 1], keys[i - 1])).collect()
    };
    let anchors = [root().excludes(&list).anchor("root", ROOT)];
    check(&named, &chain(&many[..1]), &anchors, &rules, Ok("leaf e d c b a root"));
    let refused = Err(Code::NameConstraintsBudget);
    check(&named, &chain(&many[..100]), &anchors, &rules, refused);
    // That ends the search, whatever other paths there are; what is found before it is found.
    let short = Draft::authority("e", Key(30)).signed_by("root", ROOT);
    let before = [core::slice::from_ref(&short), &chain(&many[..100])].concat();
    check(&named, &before, &anchors, &rules, Ok("leaf e root"));
    let after = [&chain(&many[..100]), core::slice::from_ref(&short)].concat();
    check(&named, &after, &anchors, &rules, refused);
}

/// The value of a condition over the facts of the path leaf ← a ← root.
fn condition(leaf: &Draft, a: &Draft, root: &Draft, text: &str) -> Result<bool, String> {
    let path = verify_path(
        &leaf.signed_by("a", A),
        &[a.signed_by("root", ROOT)],
        &[root.anchor("root", ROOT)],
        &any_use(),
        PROVIDER,
    )
    .unwrap();
    let facts = Facts::new(Object::from_iter([("cert", path.facts())]));
    let expression = Expression::parse(text).unwrap();
    expression.condition(&facts).map_err(|error| error.to_string())
}

#[test]
fn x12_a_subject_that_nobody_constrains_is_not_read() {
    let named = leaf().named(&[(DNS, b"a.example.com")]);
    let open = [
        (a().permits(OWN), root()),
        (a(), root().permits(OWN)),
        (a().excludes(&[(EMAIL, b"x")]), root()),
        // What one that is limited permits below itself, nobody gave it.
        (
            a().permits(&[(DIRECTORY, &crate::x509::tests::forge::name("leaf"))]),
            root().permits(OWN),
        ),
        // An exclusion leaves all other subjects.
        (a().permits(OWN), root().excludes(&[(DIRECTORY, &crate::x509::tests::forge::name("x"))])),
    ];
    let why = |path: &str| {
        Err(format!(
            "{path} may not be read: an authority has name constraints, and none on subjects"
        ))
    };
    for (a, root) in &open {
        let condition = |text: &str| condition(&named, a, root, text);
        assert_eq!(condition("cert.subject.CN == 'leaf'"), why("cert.subject.CN"));
        assert_eq!(condition("cert.subject.O != 'x'"), why("cert.subject.O"));
        assert_eq!(condition("!has(cert.subject.CN)"), why("cert.subject.CN"));
        assert_eq!(condition("IsNullOrEmpty(cert.subject.CN)"), why("cert.subject.CN"));
        assert_eq!(condition("'a.example.com' in cert.san.dns"), Ok(true));
    }
    // The name of the authority was given by the one above it.
    let issuer = |a: &Draft, root: &Draft| condition(&named, a, root, "cert.issuer.CN == 'a'");
    assert_eq!(issuer(&a().permits(OWN), &root()), Ok(true));
    assert_eq!(issuer(&a(), &root().permits(OWN)), why("cert.issuer.CN"));
    let subjects: &[(u8, &[u8])] =
        &[(DNS, b"example.com"), (DIRECTORY, &crate::x509::tests::forge::name("leaf"))];
    let both: &[(u8, &[u8])] = &[
        (DIRECTORY, &crate::x509::tests::forge::name("a")),
        (DIRECTORY, &crate::x509::tests::forge::name("leaf")),
    ];
    for (a, root) in [
        (a(), root()),
        (a().permits(subjects), root()),
        (a().permits(OWN), root().permits(both)),
        // Who is bound to no other names may name whom it may.
        (a(), root().excludes(&[(DIRECTORY, &crate::x509::tests::forge::name("x"))])),
    ] {
        assert_eq!(condition(&named, &a, &root, "cert.subject.CN == 'leaf'"), Ok(true));
    }
    // The constraints of the leaf bind nobody.
    let own = named.permits(OWN);
    assert_eq!(condition(&own, &a(), &root(), "cert.subject.CN == 'leaf'"), Ok(true));
}

/// The name of an authority is what its own certificate says, however those below spell it.
#[test]
fn x09_the_issuer_is_whom_the_path_certifies() {
    let organised = |text: &str| name_of(&[(10, 0x0c, b"Acme"), (3, 0x0c, text.as_bytes())]);
    // leaf ← team ← root, each authority certified under one spelling and named below under another.
    let read = |certified: &str, named: &str, text: &str| {
        let team = a().with("subject", &organised(certified)).signed_by("root", ROOT);
        let leaf = leaf().with("issuer", &organised(named)).signed_by("", A);
        let anchors = [root().anchor("root", ROOT)];
        let path = verify_path(&leaf, &[team], &anchors, &any_use(), PROVIDER).unwrap();
        let facts = Facts::new(Object::from_iter([("cert", path.facts())]));
        Expression::parse(text).unwrap().condition(&facts).unwrap()
    };
    for text in ["cert.issuer.CN == 'Team B CA'", "cert.issuer.subject.CN == 'Team B CA'"] {
        assert!(read("Team B CA", "Team B CA", text));
        assert!(read("Team B CA", "team  b CA", text));
        assert!(!read("team b ca", "Team B CA", text));
        assert!(!read("Team  B CA", "Team B CA", text));
    }
    // Below the root alone it is the root's.
    let root = Draft::authority("root", ROOT).with("subject", &organised("Root"));
    let leaf = leaf().with("issuer", &organised("ROOT")).signed_by("", ROOT);
    let path = verify_path(&leaf, &[], &[root.anchor("", ROOT)], &any_use(), PROVIDER).unwrap();
    let issuer = path.facts().get("issuer").cloned().unwrap();
    assert_eq!(issuer.get("CN").and_then(Value::as_str), Some("Root"));
    assert_eq!(leaf.facts().get("issuer").unwrap().get("CN").unwrap().as_str(), Some("ROOT"));
}

/// What an authority may name is what it is given: names of other kinds are not its business, and no identity.
#[test]
fn x12_alternative_names_of_a_kind_that_nobody_permits_are_not_read() {
    const URI: u8 = 0x86;
    const IP: u8 = 0x87;
    let named = leaf().named(&[
        (DNS, b"a.example.com"),
        (URI, b"spiffe://td/a"),
        (EMAIL, b"a@example.com"),
        (IP, &[192, 0, 2, 1]),
    ]);
    let why = |path: &str| {
        Err(format!(
            "{path} may not be read: an authority may give names of other kinds, and none is limited to some of this kind"
        ))
    };
    let is_read = |a: &Draft, root: &Draft, readable: &[&str]| {
        let conditions = [
            ("cert.san.dns", "'a.example.com' in cert.san.dns"),
            ("cert.san.uri", "cert.san.uri.size() == 1"),
            ("cert.san.email", "has(cert.san.email)"),
            ("cert.san.ip", "'192.0.2.1' in cert.san.ip"),
        ];
        for (path, text) in conditions {
            let expect = if readable.contains(&path) { Ok(true) } else { why(path) };
            assert_eq!(condition(&named, a, root, text), expect, "{text}");
        }
    };
    let all = ["cert.san.dns", "cert.san.uri", "cert.san.email", "cert.san.ip"];
    is_read(&a(), &root(), &all);
    is_read(&a().permits(OWN), &root(), &["cert.san.dns"]);
    is_read(&a(), &root().permits(OWN), &["cert.san.dns"]);
    let uris: &[(u8, &[u8])] = &[(URI, b"td")];
    let both: &[(u8, &[u8])] = &[(DNS, b"example.com"), (URI, b"td")];
    // What one that is limited permits below itself, nobody gave it.
    is_read(&a().permits(uris), &root().permits(OWN), &["cert.san.dns"]);
    is_read(&a().permits(OWN), &root().permits(uris), &["cert.san.uri"]);
    is_read(&a().permits(uris), &root().permits(both), &["cert.san.dns", "cert.san.uri"]);
    is_read(&a().permits(both), &root(), &["cert.san.dns", "cert.san.uri"]);
    let subjects: &[(u8, &[u8])] = &[(DIRECTORY, &crate::x509::tests::forge::name("leaf"))];
    is_read(&a().permits(subjects), &root(), &[]);
    // An exclusion leaves everything else, as its author means it to.
    is_read(&a().excludes(&[(DNS, b"evil.example")]), &root(), &all);
    is_read(&a().permits(OWN), &root().excludes(uris_elsewhere()), &["cert.san.dns"]);
    // Whoever has no name of a kind says nothing with it.
    let plain = leaf().named(OWN);
    assert_eq!(condition(&plain, &a().permits(OWN), &root(), "cert.san.uri == []"), Ok(true));
    // A misspelling is one, whatever is withheld.
    let read = condition(&named, &a().permits(OWN), &root(), "has(cert.san.url)");
    assert_eq!(read, Ok(false));
}

fn uris_elsewhere() -> &'static [(u8, &'static [u8])] {
    &[(0x86, b"elsewhere")]
}

/// A limited authority that certifies itself anew, which a path length does not count, gives itself no more.
#[test]
fn x12_an_authority_does_not_grant_itself_kinds() {
    let subject = crate::x509::tests::forge::name("leaf");
    let named = leaf().named(&[(DNS, b"a.example.com"), (0x86, b"spiffe://td/a")]);
    let read = |again: &Draft| {
        let limited = a().permits(OWN).path_length(0).signed_by("root", ROOT);
        let again = again.signed_by("a", A);
        let leaf = named.signed_by("a", LEAF);
        let anchors = [root().anchor("root", ROOT)];
        let path = verify_path(&leaf, &[again, limited], &anchors, &any_use(), PROVIDER).unwrap();
        let facts = path.facts();
        let has_uri = facts.get("san").is_some_and(|san| san.get("uri").is_some());
        (facts.get("subject").is_some(), has_uri)
    };
    let again = || Draft::authority("a", LEAF);
    assert_eq!(read(&again()), (false, false));
    let all: &[(u8, &[u8])] = &[(DNS, b"example.com"), (0x86, b"td"), (DIRECTORY, &subject)];
    assert_eq!(read(&again().permits(all)), (false, false));
}

/// RUSTSEC-2026-0044: a common name was taken for a host name, and escaped the constraints on host names.
#[test]
fn x12_rustsec_2026_0044_a_common_name_is_no_way_around_constraints() {
    for text in ["*.evil.example", "evil.example", "\u{ff45}vil.example"] {
        let named = Draft::leaf(text, LEAF);
        let read = condition(&named, &a().permits(OWN), &root(), "cert.subject.CN != ''");
        assert!(read.unwrap_err().starts_with("cert.subject.CN may not be read"), "{text}");
        let read = condition(&named, &a().permits(OWN), &root(), "cert.san.dns == []");
        assert_eq!(read, Ok(true), "{text}");
    }
}

#[test]
fn x10_wildcards_are_no_identity() {
    let wild = leaf().named(&[(DNS, b"*.example.com"), (DNS, b"a.example.com")]);
    let read = |text: &str| {
        condition(
            &wild,
            &a().permits(&[(DNS, b"example.com"), (DIRECTORY, b"\x30\x00")]),
            &root(),
            text,
        )
    };
    assert_eq!(read("'a.example.com' in cert.san.dns"), Err("cert.san.dns is missing".into()));
    assert_eq!(read("cert.subject.CN == 'leaf'"), Ok(true));
}
