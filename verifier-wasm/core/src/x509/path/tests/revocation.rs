//! Revocation: what a list proves, about whom, and what its absence means.

mod parts;

use super::*;
use crate::limits;
use crate::x509::Crl;
use crate::x509::tests::forge::list::{
    CRL_DISTRIBUTION_POINTS, ISSUING_DISTRIBUTION_POINT, ListDraft, point, points,
};
use crate::x509::tests::forge::{name, tlv};
use alloc::format;
use alloc::vec;

/// The serial number of every draft.
const SERIAL: &[u8] = &[1];

/// How a list, or several, must be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Require,
    Honour,
}
use Ask::{Honour, Require};

const CHECKED: Result<Revocation, Code> = Ok(Revocation::Checked);
const UNCHECKED: Result<Revocation, Code> = Ok(Revocation::Unchecked);

fn list() -> ListDraft {
    ListDraft::new()
}

/// The list of the root, which revokes nothing.
fn of_root() -> Crl {
    list().signed_by("root", ROOT)
}

/// The verdict on leaf ← a ← root with these lists, `others` in the bag.
fn verdict(
    leaf: &Draft,
    a: &Draft,
    others: &[Certificate],
    crls: &[Crl],
    ask: Ask,
) -> Result<Revocation, Refusal> {
    let revocation = match ask {
        Require => RevocationCheck::Required(crls),
        Honour => RevocationCheck::IfListed(crls),
    };
    let rules = PathRules { revocation, ..any_use() };
    let bag = [&[a.signed_by("root", ROOT)], others].concat();
    let anchors = [root().anchor("root", ROOT)];
    let leaf = leaf.signed_by("a", A);
    let found = judged(&leaf, &bag, &anchors, &rules).outcome;
    found.map(|path| path.revocation()).map_err(TriedPath::into_refusal)
}

#[track_caller]
fn check(crls: &[Crl], ask: Ask, expect: Result<Revocation, Code>) {
    let found = verdict(&leaf(), &a(), &[], crls, ask);
    assert_eq!(found.as_ref().map_err(Refusal::code).copied(), expect, "{ask:?}: {found:?}");
}

/// The same answer whether lists are required or not.
#[track_caller]
fn check_both(crls: &[Crl], expect: Result<Revocation, Code>) {
    check(crls, Require, expect);
    check(crls, Honour, expect);
}

#[test]
fn x28_a_revoked_certificate_is_refused_wherever_it_stands() {
    let of_a = list().signed_by("a", A);
    check_both(&[of_root(), of_a.clone()], CHECKED);
    let revoked = Err(Code::CertificateRevoked);
    check_both(&[of_root(), list().revoking(SERIAL).signed_by("a", A)], revoked);
    check_both(&[list().revoking(SERIAL).signed_by("root", ROOT), of_a.clone()], revoked);
    check_both(&[of_root(), list().revoking(&[2]).signed_by("a", A)], CHECKED);
    let refusal = verdict(
        &leaf(),
        &a(),
        &[],
        &[of_root(), list().revoking(SERIAL).signed_by("a", A)],
        Honour,
    )
    .unwrap_err();
    assert_eq!(refusal.detail_text(), Some("CN=leaf"));
    let found = "unspecified in the list of CN=a of 2026-11-24T00:00:00Z";
    assert_eq!(refusal.found_text(), Some(found));
    // The root is registered, not issued: no list speaks about it.
    let own = list().revoking(&[2]).signed_by("root", ROOT);
    check_both(&[own, of_a], CHECKED);
}

#[test]
fn x28_what_no_list_tells_about_is_unchecked_or_refused() {
    let of_a = list().signed_by("a", A);
    check(&[], Honour, UNCHECKED);
    check(&[], Require, Err(Code::CrlMissing));
    check(&[of_root()], Honour, UNCHECKED);
    check(&[of_root()], Require, Err(Code::CrlMissing));
    check(core::slice::from_ref(&of_a), Honour, UNCHECKED);
    check(&[of_a], Require, Err(Code::CrlMissing));
    // Of an authority that has nothing to do with the path.
    let stranger = list().revoking(SERIAL).signed_by("stranger", OTHER);
    check(core::slice::from_ref(&stranger), Honour, UNCHECKED);
    check(&[of_root(), stranger], Require, Err(Code::CrlMissing));
}

#[test]
fn x28_a_list_holds_from_its_date_until_the_next() {
    let held = |from: &str, until: &str| [of_root(), list().holds(from, until).signed_by("a", A)];
    // Now is noon of the 24th of November 2026.
    check_both(&held("261124120000Z", "261124120001Z"), CHECKED);
    let stale = held("261101000000Z", "261124120000Z");
    check(&stale, Require, Err(Code::CrlStale));
    check(&stale, Honour, UNCHECKED);
    let future = held("261124120001Z", "261201000000Z");
    check(&future, Require, Err(Code::CrlNotYetValid));
    check(&future, Honour, UNCHECKED);
    let reversed = held("261125000000Z", "261101000000Z");
    check(&reversed, Require, Err(Code::CrlNotYetValid));
    // A current one beside a stale one is enough.
    let [root, stale] = stale;
    check_both(&[root.clone(), stale, list().signed_by("a", A)], CHECKED);
    // What was revoked stays so, in whatever list it stands.
    for (from, until) in [("261101000000Z", "261102000000Z"), ("261125000000Z", "261201000000Z")] {
        let old = list().holds(from, until).revoking(SERIAL).signed_by("a", A);
        check_both(&[root.clone(), old.clone()], Err(Code::CertificateRevoked));
        let current = list().signed_by("a", A);
        check_both(&[root.clone(), current, old], Err(Code::CertificateRevoked));
    }
}

#[test]
fn x28_a_list_is_signed_by_the_authority_that_it_names() {
    let forged = list().signed_by("a", OTHER);
    check_both(&[of_root(), forged.clone()], Err(Code::CrlSignatureInvalid));
    // It revokes nobody either.
    let accusing = list().revoking(SERIAL).signed_by("a", OTHER);
    check_both(&[of_root(), accusing.clone()], Err(Code::CrlSignatureInvalid));
    // Beside one that is right it is nothing.
    let good = list().signed_by("a", A);
    check_both(&[of_root(), forged, good.clone()], CHECKED);
    check_both(&[of_root(), good, accusing], CHECKED);
    // The leaf signs no list of its authority, nor does the root sign one in its name.
    check_both(&[of_root(), list().signed_by("a", LEAF)], Err(Code::CrlSignatureInvalid));
    check_both(&[of_root(), list().signed_by("a", ROOT)], Err(Code::CrlSignatureInvalid));
    let sha1 = b"\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01";
    let weak = list().with("algorithm", sha1).with("outer algorithm", sha1).signed_by("a", A);
    check_both(&[of_root(), weak], Err(Code::UnsupportedCrlAlgorithm));
    let mangled = list().with("signature", b"\x03\x05\x00\x30\x03\x02\x01").signed_by("a", A);
    check_both(&[of_root(), mangled], Err(Code::CrlSignatureInvalid));
}

#[test]
fn x28_an_authority_that_may_not_sign_lists_signs_none() {
    let crls = [of_root(), list().signed_by("a", A)];
    let check = |a: Draft, expect: Result<Revocation, Code>| {
        for ask in [Require, Honour] {
            let found = verdict(&leaf(), &a, &[], &crls, ask).map_err(|refusal| refusal.code());
            assert_eq!(found, expect);
        }
    };
    check(a(), CHECKED);
    check(a().without_extension(KEY_USAGE), CHECKED);
    // keyCertSign alone.
    check(a().extension(KEY_USAGE, true, b"\x03\x02\x02\x04"), Err(Code::CrlKeyUsage));
}

#[test]
fn a_list_may_have_a_signer_of_its_own() {
    // Another key of the same name, certified by the same root for lists alone.
    let signer = |draft: Draft| draft.signed_by("root", ROOT);
    let for_lists = || Draft::new(&name("a"), B).extension(KEY_USAGE, true, b"\x03\x02\x01\x02");
    let certifying = a().extension(KEY_USAGE, true, b"\x03\x02\x02\x04");
    let check = |others: &[Certificate], crls: &[Crl], ask: Ask, expect| {
        let found = verdict(&leaf(), &certifying, others, crls, ask);
        assert_eq!(found.as_ref().map_err(Refusal::code).copied(), expect, "{found:?}");
    };
    let crls = [of_root(), list().signed_by("a", B)];
    check(&[signer(for_lists())], &crls, Require, CHECKED);
    let revoking = [of_root(), list().revoking(SERIAL).signed_by("a", B)];
    let other_serial = for_lists().with("serial", b"\x02\x01\x07");
    check(&[signer(other_serial.clone())], &revoking, Require, Err(Code::CertificateRevoked));

    let invalid = Err(Code::CrlSignatureInvalid);
    check(&[], &crls, Require, Err(Code::CrlKeyUsage));
    // Not by the root, of another name, expired, without the right to sign lists.
    check(&[for_lists().signed_by("root", OTHER)], &crls, Require, invalid);
    check(&[for_lists().signed_by("other", OTHER)], &crls, Require, invalid);
    let renamed = Draft::new(&name("b"), B).extension(KEY_USAGE, true, b"\x03\x02\x01\x02");
    check(&[signer(renamed)], &crls, Require, Err(Code::CrlKeyUsage));
    let expired = for_lists().valid("200101000000Z", "210101000000Z");
    check(&[signer(expired)], &crls, Require, invalid);
    let plain = for_lists().without_extension(KEY_USAGE);
    check(&[signer(plain)], &crls, Require, Err(Code::CrlKeyUsage));
    // A certificate that the leaf's key holds under the name of its authority.
    let own = Draft::leaf("a", LEAF).signed_by("root", ROOT);
    check(&[own], &[of_root(), list().signed_by("a", LEAF)], Require, Err(Code::CrlKeyUsage));
    // Revoked itself, and not checked itself.
    let revoked = list().revoking(&[7]).signed_by("root", ROOT);
    let by_signer = list().signed_by("a", B);
    let seven = signer(other_serial);
    for ask in [Require, Honour] {
        check(core::slice::from_ref(&seven), &[revoked.clone(), by_signer.clone()], ask, invalid);
    }
    // Without a list about the signer it is believed unless lists are required.
    check(core::slice::from_ref(&seven), core::slice::from_ref(&by_signer), Honour, UNCHECKED);
    check(&[seven], &[by_signer], Require, invalid);
}

#[test]
fn lists_of_many_signers_of_one_name_settle_it() {
    let keys = 100..115;
    let others: Vec<Certificate> =
        keys.clone().map(|key| Draft::authority("a", Key(key)).signed_by("root", ROOT)).collect();
    let mut crls: Vec<Crl> = keys.map(|key| list().signed_by("a", Key(key))).collect();
    crls.extend([list().signed_by("a", A), of_root()]);
    for ask in [Require, Honour] {
        let found = verdict(&leaf(), &a(), &others, &crls, ask).map_err(|refusal| refusal.code());
        assert_eq!(found, CHECKED, "{ask:?}");
    }
}

#[test]
fn x28_a_namesake_is_another_authority() {
    // b, below the same root, certifies an authority that has the name of a, and a key of its own.
    let b = Draft::authority("b", B).with("serial", b"\x02\x01\x05").signed_by("root", ROOT);
    let namesake = Draft::authority("a", OTHER).signed_by("b", B);
    let again = Draft::authority("a", Key(16)).signed_by("a", OTHER);
    let others = [b, namesake, again];
    let (of_b, stale) = (list().signed_by("b", B), list().holds("261101000000Z", "261102000000Z"));
    for signer in [OTHER, Key(16)] {
        let foreign = list().signed_by("a", signer);
        let crls = [of_root(), of_b.clone(), foreign, stale.signed_by("a", A)];
        for ask in [Require, Honour] {
            let found = verdict(&leaf(), &a(), &others, &crls, ask).map_err(|r| r.code());
            assert_eq!(found, Err(Code::CrlSignatureInvalid), "{ask:?}");
        }
    }
}

#[test]
fn no_list_vouches_for_its_own_signer() {
    // a's key certifies a second key for lists, and the list of that key is all there is about it.
    let signer = Draft::new(&name("a"), B).extension(KEY_USAGE, true, b"\x03\x02\x01\x02");
    let signer = [signer.signed_by("a", A)];
    let by_signer = list().signed_by("a", B);
    let found = verdict(&leaf(), &a(), &signer, &[of_root(), by_signer.clone()], Require);
    assert_eq!(found.map_err(|refusal| refusal.code()), Err(Code::CrlSignatureInvalid));
    // A list of the key that certified it settles it, if its scope has it.
    let by_a = list().signed_by("a", A);
    let crls = [of_root(), by_signer, by_a];
    let found = verdict(&leaf(), &a(), &signer, &crls, Require);
    assert_eq!(found, Ok(Revocation::Checked));
}

#[test]
fn a_missing_list_says_what_was_seen() {
    let check = |points_of_leaf: Option<&[u8]>, scope: &[u8], expect: &str| {
        let leaf = match points_of_leaf {
            Some(value) => leaf().extension(CRL_DISTRIBUTION_POINTS, false, value),
            None => leaf(),
        };
        let crls = [of_root(), list().scope(&[scope]).signed_by("a", A)];
        let refusal = verdict(&leaf, &a(), &[], &crls, Require).unwrap_err();
        assert_eq!(refusal.code(), Code::CrlMissing);
        let expect = format!("a list of CN=a of 2026-11-24T00:00:00Z, {expect}");
        assert_eq!(refusal.found_text(), Some(expect.as_str()));
    };
    let one = point(&["http://x/1"]);
    let two = points(&[&point(&["http://x/2"])]);
    check(None, &one, "of a distribution point, and the certificate names none");
    check(Some(&two), &one, "of a distribution point that the certificate does not name");
    check(None, b"\x82\x01\xff", "about authorities alone");
    check(None, b"\x85\x01\xff", "about attribute certificates alone");
    check(None, b"\x83\x02\x06\x40", "for some reasons alone");
    // Without any list there is nothing to say.
    let refusal = verdict(&leaf(), &a(), &[], &[of_root()], Require).unwrap_err();
    assert_eq!((refusal.code(), refusal.found_text()), (Code::CrlMissing, None));
}

#[test]
fn a_revoked_path_is_not_the_end_of_the_search() {
    // a is certified twice, and one of its certificates is revoked.
    let first = a().signed_by("root", ROOT);
    let second = a().with("serial", b"\x02\x01\x02").signed_by("root", ROOT);
    let revoked = list().revoking(SERIAL).signed_by("root", ROOT);
    let crls = [revoked, list().signed_by("a", A)];
    let rules = PathRules { revocation: RevocationCheck::Required(&crls), ..any_use() };
    let anchors = [root().anchor("root", ROOT)];
    let leaf = leaf().signed_by("a", A);
    super::check(&leaf, &[first.clone(), second], &anchors, &rules, GOOD);
    // Alone, and beside one that fails for less, revocation is what is said.
    let by_other = a().signed_by("root", OTHER);
    let expect = Err(Code::CertificateRevoked);
    super::check(&leaf, &[first.clone(), by_other.clone()], &anchors, &rules, expect);
    super::check(&leaf, &[by_other, first], &anchors, &rules, expect);
}

#[test]
fn revocation_beats_what_else_is_missing() {
    // The list of the root is missing, and the leaf is revoked.
    check_both(&[list().revoking(SERIAL).signed_by("a", A)], Err(Code::CertificateRevoked));
    let forged = list().signed_by("root", OTHER);
    check_both(&[forged, list().revoking(SERIAL).signed_by("a", A)], Err(Code::CertificateRevoked));
}

#[test]
fn signatures_of_lists_count_and_are_checked_once() {
    let spent = |crls: &[Crl]| {
        let rules = PathRules { revocation: RevocationCheck::IfListed(crls), ..any_use() };
        let twins = [
            a().signed_by("root", ROOT),
            a().with("serial", b"\x02\x01\x02").signed_by("root", ROOT),
        ];
        let anchors = [root().anchor("root", ROOT)];
        let PathReport { outcome, cost } =
            judged(&leaf().signed_by("a", A), &twins, &anchors, &rules);
        (outcome.map(drop).map_err(|tried| tried.refusal().code()), cost.signatures)
    };
    // Two certificates, two lists.
    assert_eq!(spent(&[of_root(), list().signed_by("a", A)]), (Ok(()), 4));
    // The first path fails at the top, and the second asks the same lists.
    let revoking = list().revoking(SERIAL).signed_by("root", ROOT);
    assert_eq!(spent(&[revoking, list().signed_by("a", A)]), (Ok(()), 6));
    // Lists in scope that are all forged use the budget up, and the search says so.
    let forged = vec![list().signed_by("a", OTHER); limits::SIGNATURES];
    assert_eq!(spent(&forged), (Err(Code::PathBudget), limits::SIGNATURES));
    // Lists of others cost nothing.
    let strangers = vec![list().signed_by("stranger", OTHER); 1000];
    assert_eq!(spent(&strangers), (Ok(()), 2));
}

#[test]
fn x08_distribution_points_of_certificates_are_strict() {
    let check = |value: &[u8], good: bool| {
        let draft = leaf().extension(CRL_DISTRIBUTION_POINTS, false, value);
        let read = Certificate::from_der(&draft.der("a", A)).map(drop);
        let expect = if good { Ok(()) } else { Err(Code::CertificateExtensionInvalid) };
        assert_eq!(read.map_err(|refusal| refusal.code()), expect, "{value:02x?}");
    };
    let one = point(&["http://x/1"]);
    let issuer = tlv(0xa2, &tlv(0xa4, &name("b")));
    check(&points(&[&one]), true);
    check(&points(&[&issuer]), true);
    check(&points(&[&[one.as_slice(), b"\x81\x02\x06\x40", &issuer].concat()]), true);
    check(&points(&[]), false);
    check(&points(&[b""]), false);
    check(&points(&[b"\x81\x02\x06\x40"]), false);
    check(&points(&[&[one.as_slice(), b"\x81\x01\x00"].concat()]), false);
    check(&points(&[&[issuer.as_slice(), &one].concat()]), false);
    check(&points(&[&tlv(0xa2, b"")]), false);
    check(&[points(&[&one]), tlv(5, b"")].concat(), false);
    check(b"", false);
    // Of few names, whatever they are.
    let many = |count| {
        let names = tlv(0x86, b"").repeat(count);
        let draft = |value: &[u8]| leaf().extension(CRL_DISTRIBUTION_POINTS, false, value);
        let code = |value: &[u8]| {
            let read = Certificate::from_der(&draft(value).der("a", A)).map(drop);
            read.map_err(|refusal| refusal.code())
        };
        (code(&points(&[&tlv(0xa0, &tlv(0xa0, &names))])), code(&points(&[&tlv(0xa2, &names)])))
    };
    assert_eq!(many(limits::DISTRIBUTION_POINT_NAMES), (Ok(()), Ok(())));
    let too_many = Err(Code::CertificateExtensionsTooMany);
    assert_eq!(many(limits::DISTRIBUTION_POINT_NAMES + 1), (too_many, too_many));
    assert_eq!(many(6_400), (too_many, too_many));
    // A critical one is understood; issuingDistributionPoint is no extension of certificates.
    let critical = leaf().extension(CRL_DISTRIBUTION_POINTS, true, &points(&[&one]));
    let crls = [of_root(), list().signed_by("a", A)];
    assert_eq!(verdict(&critical, &a(), &[], &crls, Require), Ok(Revocation::Checked));
    let odd = leaf().extension(ISSUING_DISTRIBUTION_POINT, true, b"");
    let found = verdict(&odd, &a(), &[], &crls, Require);
    assert_eq!(found.unwrap_err().code(), Code::CertificateExtensionCritical);
}
