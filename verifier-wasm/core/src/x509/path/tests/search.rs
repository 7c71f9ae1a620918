//! How far the search goes, when it ends, and what it says then.

use super::*;
use crate::limits;

#[test]
fn loops_end() {
    let rules = any_use();
    let leaf = leaf().signed_by("a", A);
    let a_by_b = a().signed_by("b", B);
    let b_by_a = Draft::authority("b", B).signed_by("a", A);
    let a_by_a = a().signed_by("a", A);
    let anchors = [root().anchor("root", ROOT)];
    let certificates = [a_by_b, b_by_a, a_by_a];
    check(&leaf, &certificates, &anchors, &rules, Err(Code::PathNotFound));
    // The same with a way out.
    let certificates = [&certificates[..], &[a().signed_by("root", ROOT)]].concat();
    check(&leaf, &certificates, &anchors, &rules, GOOD);
}

#[test]
fn a_failed_path_is_not_the_end_of_the_search() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let leaf = leaf().signed_by("a", A);
    let good = a().signed_by("root", ROOT);
    let expired = a().valid("200101000000Z", "210101000000Z").signed_by("root", ROOT);
    let by_other = a().signed_by("other", OTHER);
    let forged = a().signed_by("root", OTHER);
    for bad in [&expired, &by_other, &forged] {
        for certificates in [[bad.clone(), good.clone()], [good.clone(), bad.clone()]] {
            check(&leaf, &certificates, &anchors, &rules, GOOD);
        }
    }
    // Without a good one the most specific reason is given, in whatever order they come.
    let most_specific = Err(Code::CertificateExpired);
    for certificates in [
        [forged.clone(), by_other.clone(), expired.clone()],
        [expired, forged.clone(), by_other.clone()],
    ] {
        check(&leaf, &certificates, &anchors, &rules, most_specific);
    }
    check(&leaf, &[by_other, forged], &anchors, &rules, Err(Code::PathSignatureInvalid));
}

#[test]
fn key_identifiers_say_which_namesake_is_tried_first() {
    const OWN: u8 = 14;
    const AUTHORITY: u8 = 35;
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let own = |draft: Draft, id: u8| draft.extension(OWN, false, &[4, 1, id]);
    let below = |id: u8| leaf().extension(AUTHORITY, false, &[0x30, 3, 0x80, 1, id]);
    // Forty authorities of one name, each with a key of its own; the last one signed.
    let count = 40;
    let namesake = |i: u8| Draft::authority("a", Key(100 + u64::from(i)));
    let named: Vec<Certificate> =
        (0..count).map(|i| own(namesake(i), i).signed_by("root", ROOT)).collect();
    let last = Key(99 + u64::from(count));
    let cost = |leaf: &Draft, intermediates: &[Certificate]| {
        let report =
            explain_path(&leaf.signed_by("a", last), intermediates, &anchors, &rules, PROVIDER);
        let report = report.unwrap();
        (report.outcome.map(drop).map_err(|tried| tried.refusal().code()), report.cost.signatures)
    };
    assert_eq!(cost(&below(count - 1), &named), (Ok(()), 2));
    // Whose own identifier is another, or who has none, comes later, and still comes.
    let (few, good) = (&named[..3], named.last().unwrap());
    let silent = namesake(count - 1).signed_by("root", ROOT);
    let with = |last: &Certificate| [few, core::slice::from_ref(last)].concat();
    assert_eq!(cost(&below(77), &with(good)), (Ok(()), 8));
    assert_eq!(cost(&below(count - 1), &with(&silent)), (Ok(()), 2));
    assert_eq!(cost(&below(0), &with(&silent)), (Ok(()), 4));
    assert_eq!(cost(&leaf(), &with(good)), (Ok(()), 8));
    // An identifier that cannot be read is none.
    for bad in [&b"\x04\x01\x27"[..], b"", b"\x30\x03\x80\x05\x27", b"\x30\x00"] {
        let leaf = leaf().extension(AUTHORITY, false, bad);
        assert_eq!(cost(&leaf, &with(good)), (Ok(()), 8), "{bad:02x?}");
    }
    // A hint proves nothing: the one whose key is named did not sign.
    let forged = own(namesake(0), count - 1).signed_by("root", ROOT);
    let refused = Err(Code::PathSignatureInvalid);
    assert_eq!(cost(&below(count - 1), &[forged]), (refused, 2));
    // Without hints the budget is what it was.
    let spent = (Err(Code::PathBudget), limits::SIGNATURES);
    assert_eq!(cost(&leaf(), &named), spent);
}

#[test]
fn depth_is_bounded() {
    // A tower of authorities, "1" signed by the root, each next one by the one before.
    let tower = |height: usize| {
        let name = |i: usize| if i == 0 { "root".to_string() } else { i.to_string() };
        let key = |i: usize| if i == 0 { ROOT } else { Key(100 + i as u64) };
        let authorities: Vec<Certificate> = (1..=height)
            .map(|i| Draft::authority(&name(i), key(i)).signed_by(&name(i - 1), key(i - 1)))
            .collect();
        (leaf().signed_by(&name(height), key(height)), authorities)
    };
    let anchors = [root().anchor("root", ROOT)];
    let rules = any_use();
    let height = limits::PATH_DEPTH - 1;
    let (leaf, authorities) = tower(height);
    check(&leaf, &authorities, &anchors, &rules, Ok("leaf 5 4 3 2 1 root"));
    let short = PathRules { max_depth: Some(height - 1), ..rules };
    check(&leaf, &authorities, &anchors, &short, Err(Code::PathTooDeep));
    let (leaf, authorities) = tower(height + 1);
    check(&leaf, &authorities, &anchors, &rules, Err(Code::PathTooDeep));
}

#[test]
fn work_is_bounded() {
    let anchors = [root().anchor("root", ROOT)];
    let rules = any_use();
    let check = |issuer: &str, number: u64, limit: usize| {
        let crowd: Vec<Certificate> = (0..number)
            .map(|i| Draft::authority("a", Key(200 + i)).signed_by(issuer, OTHER))
            .collect();
        let leaf = leaf().signed_by("a", OTHER);
        let refusal = search(&leaf, &crowd, &anchors, &rules).unwrap_err();
        assert_eq!(refusal.code(), Code::PathBudget);
        assert_eq!(refusal.expected_text(), Some(limit.to_string().as_str()));
    };
    // Authorities of one name, any of which may have signed any other: steps.
    check("a", 20, limits::PATH_STEPS);
    // Authorities that all claim to be signed by the root: signatures.
    check("root", 40, limits::SIGNATURES);
}

#[test]
fn a_forged_top_costs_one_signature() {
    let session = Session::new(PROVIDER);
    let anchors = [root().anchor("root", ROOT)];
    let a = [a().signed_by("root", OTHER)];
    let rules = any_use();
    let found = find_path(&leaf().signed_by("a", A), &a, &anchors, &rules, &session);
    let code = found.err().map(|stop| stop.into_refusal().code());
    assert_eq!(code, Some(Code::PathSignatureInvalid));
    assert_eq!(session.spent(), 1);
}

/// Rivals that the root may have signed, of which the second is genuine: the search stands still at the first path until its
/// signatures are answered, and asks for all of them together.
#[test]
fn a_search_ends_at_a_path_whose_signatures_are_deferred() {
    let rivals = [a().signed_by("root", OTHER), Draft::authority("a", B).signed_by("root", ROOT)];
    let (leaf, anchors) = (leaf().signed_by("a", A), [root().anchor("root", ROOT)]);
    let session = Session::new(fake::LATER);
    let stop = find_path(&leaf, &rivals, &anchors, &any_use(), &session).unwrap_err();
    let Stop::Wanting(Source::Signatures(checks)) = stop else { panic!("{stop:?}") };
    let messages: Vec<&[u8]> = checks.iter().map(|check| &*check.message).collect();
    assert_eq!(messages, [rivals[0].tbs(), leaf.tbs()]);
    assert_eq!(session.spent(), 2);
}

#[test]
fn without_a_back_end_nothing_is_verified() {
    let none = SignatureProvider { backends: &[] };
    let anchors = [root().anchor("root", ROOT)];
    let rules = any_use();
    let leaf = leaf().signed_by("root", ROOT);
    let stop = verify_path(&leaf, &[], &anchors, &rules, none).unwrap_err();
    assert_eq!(stop.into_refusal().code(), Code::UnsupportedSignature);
}

#[test]
fn refusals_name_the_certificate() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT)];
    let a = a().valid("200101000000Z", "210101000000Z").signed_by("root", ROOT);
    let refusal = search(&leaf().signed_by("a", A), &[a], &anchors, &rules).unwrap_err();
    assert_eq!(refusal.detail_text(), Some("CN=a"));
    assert_eq!(refusal.expected_text(), Some("not after 2021-01-01T00:00:00Z"));
    assert_eq!(refusal.found_text(), Some("2026-11-24T12:00:00Z"));
    let refusal = search(&leaf().signed_by("a", A), &[], &anchors, &rules).unwrap_err();
    assert_eq!(refusal.detail_text(), Some("CN=leaf"));
    assert_eq!(refusal.expected_text(), Some("CN=a"));
}
