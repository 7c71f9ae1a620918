//! Revocation lists of a part: of kinds of certificates, of distribution points, of reasons.

use super::*;

/// The verdict with lists required on a leaf with these distribution points and a list of `a` with this scope.
fn scoped(points_of_leaf: Option<&[u8]>, scope: &[&[u8]]) -> Result<Revocation, Code> {
    let leaf = match points_of_leaf {
        Some(value) => leaf().extension(CRL_DISTRIBUTION_POINTS, false, value),
        None => leaf(),
    };
    let crls = [of_root(), list().scope(scope).signed_by("a", A)];
    verdict(&leaf, &a(), &[], &crls, Require).map_err(|refusal| refusal.code())
}

#[test]
fn x28_a_list_of_a_part_tells_about_that_part() {
    let missing = Err(Code::CrlMissing);
    let (one, two) = (point(&["http://x/1"]), point(&["http://x/2"]));
    assert_eq!(scoped(Some(&points(&[&one])), &[&one]), CHECKED);
    assert_eq!(scoped(Some(&points(&[&two])), &[&one]), missing);
    assert_eq!(scoped(None, &[&one]), missing);
    // Any of several names of one point.
    let both = point(&["http://x/0", "http://x/1"]);
    assert_eq!(scoped(Some(&points(&[&both])), &[&one]), CHECKED);
    assert_eq!(scoped(Some(&points(&[&one])), &[&both]), CHECKED);
    // Names are compared whole, and by kind.
    assert_eq!(scoped(Some(&points(&[&point(&["http://x/1/"])])), &[&one]), missing);
    assert_eq!(scoped(Some(&points(&[&point(&["HTTP://x/1"])])), &[&one]), missing);
    let dns = tlv(0xa0, &tlv(0xa0, &tlv(0x82, b"http://x/1")));
    assert_eq!(scoped(Some(&points(&[&dns])), &[&one]), missing);
    // Kinds that are not read match nothing, not even themselves.
    let registered = tlv(0xa0, &tlv(0xa0, &tlv(0x88, &[0x2a])));
    assert_eq!(scoped(Some(&points(&[&registered])), &[&registered]), missing);
    // End entities and authorities.
    assert_eq!(scoped(None, &[b"\x81\x01\xff"]), CHECKED);
    assert_eq!(scoped(None, &[b"\x82\x01\xff"]), missing);
    assert_eq!(scoped(None, &[b"\x85\x01\xff"]), missing);
    let authorities =
        [list().scope(&[b"\x82\x01\xff"]).signed_by("root", ROOT), list().signed_by("a", A)];
    check_both(&authorities, CHECKED);
    let [_, of_a] = authorities;
    let end_entities = list().scope(&[b"\x81\x01\xff"]).signed_by("root", ROOT);
    check(&[end_entities, of_a], Require, missing);
}

#[test]
fn an_entry_revokes_whatever_the_list_is_about() {
    // step-ca: lists have a distribution point, certificates have none.
    let one = point(&["http://x/1"]);
    let scopes: [&[u8]; 4] = [&one, b"\x82\x01\xff", b"\x85\x01\xff", b"\x83\x02\x06\x40"];
    for scope in scopes {
        for ask in [Require, Honour] {
            let revoking = list().scope(&[scope]).revoking(SERIAL).signed_by("a", A);
            check(&[of_root(), revoking], ask, Err(Code::CertificateRevoked));
            let stale = list().holds("261101000000Z", "261102000000Z").scope(&[scope]);
            let stale = stale.revoking(SERIAL).signed_by("a", A);
            check(
                &[of_root(), list().signed_by("a", A), stale],
                ask,
                Err(Code::CertificateRevoked),
            );
            // What names another certificate, and what another key has signed, does not.
            let whole = list().signed_by("a", A);
            let other = list().scope(&[scope]).revoking(&[2]).signed_by("a", A);
            check(&[of_root(), whole.clone(), other], ask, CHECKED);
            let forged = list().scope(&[scope]).revoking(SERIAL).signed_by("a", OTHER);
            check(&[of_root(), whole, forged.clone()], ask, CHECKED);
            check(&[of_root(), forged], ask, Err(Code::CrlSignatureInvalid));
        }
    }
}

#[test]
fn rustsec_2026_0049_every_distribution_point_is_compared_with_every_list() {
    let (one, two, three) =
        (point(&["http://x/1"]), point(&["http://x/2"]), point(&["http://x/3"]));
    let leaf_points = points(&[&one, &two, &three]);
    for scope in [&one, &two, &three] {
        assert_eq!(scoped(Some(&leaf_points), &[scope]), CHECKED);
    }
    assert_eq!(scoped(Some(&leaf_points), &[&point(&["http://x/4"])]), Err(Code::CrlMissing));
    // The revocation is seen through the last point as through the first, required or not.
    let leaf = leaf().extension(CRL_DISTRIBUTION_POINTS, false, &leaf_points);
    for scope in [&one, &two, &three] {
        let of_part = list().scope(&[scope]).revoking(SERIAL).signed_by("a", A);
        for ask in [Require, Honour] {
            let found = verdict(&leaf, &a(), &[], &[of_root(), of_part.clone()], ask);
            assert_eq!(found.unwrap_err().code(), Code::CertificateRevoked);
        }
    }
}

#[test]
fn rustsec_2026_0048_a_list_in_parts_is_in_scope_where_its_part_is() {
    // The part of the certificate comes after parts of others: it counts all the same.
    let parts = ["http://x/1", "http://x/2", "http://x/3"].map(|uri| point(&[uri]));
    let part = |i: usize, revoking: bool| {
        let draft = list().scope(&[parts[i].as_slice(), b"\x81\x01\xff"]);
        let draft = if revoking { draft.revoking(SERIAL) } else { draft };
        draft.signed_by("a", A)
    };
    let leaf = leaf().extension(CRL_DISTRIBUTION_POINTS, false, &points(&[&parts[1]]));
    let check = |crls: &[Crl], ask: Ask, expect: Result<Revocation, Code>| {
        let found = verdict(&leaf, &a(), &[], crls, ask).map_err(|refusal| refusal.code());
        assert_eq!(found, expect);
    };
    for ask in [Require, Honour] {
        let all = [of_root(), part(0, false), part(1, true), part(2, false)];
        check(&all, ask, Err(Code::CertificateRevoked));
        check(&[of_root(), part(0, false), part(1, false)], ask, CHECKED);
        // An authority gives a number once: in another part it is this certificate's all the same.
        check(&[of_root(), part(0, true), part(1, false)], ask, Err(Code::CertificateRevoked));
    }
    check(&[of_root(), part(0, false), part(2, false)], Require, Err(Code::CrlMissing));
}

#[test]
fn names_of_points_may_be_relative_to_the_issuer() {
    // CN=1 below CN=a: written whole on one side and relative on the other.
    let rdn = &name("1")[2..][2..];
    let relative = tlv(0xa0, &tlv(0xa1, rdn));
    let whole = tlv(0x30, &[&name("a")[2..], &name("1")[2..]].concat());
    let whole = tlv(0xa0, &tlv(0xa0, &tlv(0xa4, &whole)));
    assert_eq!(scoped(Some(&points(&[&relative])), &[&relative]), CHECKED);
    assert_eq!(scoped(Some(&points(&[&relative])), &[&whole]), CHECKED);
    assert_eq!(scoped(Some(&points(&[&whole])), &[&relative]), CHECKED);
    let other = tlv(0xa0, &tlv(0xa1, &name("2")[2..][2..]));
    assert_eq!(scoped(Some(&points(&[&other])), &[&relative]), Err(Code::CrlMissing));
    // The issuer's own name is a point of every certificate (section 6.3.3, at its end).
    let own = tlv(0xa0, &tlv(0xa0, &tlv(0xa4, &name("a"))));
    assert_eq!(scoped(None, &[&own]), CHECKED);
    let foreign = tlv(0xa0, &tlv(0xa0, &tlv(0xa4, &name("b"))));
    assert_eq!(scoped(None, &[&foreign]), Err(Code::CrlMissing));
}

#[test]
fn where_another_issuer_revokes_the_own_list_settles_nothing() {
    let foreign = tlv(0xa2, &tlv(0xa4, &name("b")));
    let both = [point(&["http://x/1"]), foreign.clone()].concat();
    let missing = Err(Code::CrlMissing);
    let whole: &[&[u8]] = &[b"\x81\x01\xff"];
    assert_eq!(scoped(Some(&points(&[&foreign])), whole), missing);
    assert_eq!(scoped(Some(&points(&[&both])), &[&point(&["http://x/1"])]), missing);
    // A list that calls itself by its issuer's name is the same list.
    let by_name = tlv(0xa0, &tlv(0xa0, &tlv(0xa4, &name("a"))));
    assert_eq!(scoped(Some(&points(&[&foreign])), &[&by_name]), missing);
    assert_eq!(scoped(Some(&points(&[&point(&["http://x/1"])])), &[&by_name]), CHECKED);
    // With a point of its own beside it.
    let own = point(&["http://x/2"]);
    assert_eq!(scoped(Some(&points(&[&foreign, &own])), whole), CHECKED);
    // A revocation in the own list holds.
    let leaf = leaf().extension(CRL_DISTRIBUTION_POINTS, false, &points(&[&foreign]));
    let crls = [of_root(), list().revoking(SERIAL).signed_by("a", A)];
    let found = verdict(&leaf, &a(), &[], &crls, Honour);
    assert_eq!(found.unwrap_err().code(), Code::CertificateRevoked);
}

#[test]
fn lists_for_some_reasons_count_together() {
    let some = |bits: &[u8]| list().scope(&[&tlv(0x83, bits)]);
    // keyCompromise and cACompromise; all the others.
    let compromise = || some(&[5, 0x60]);
    let others = || some(&[7, 0x1f, 0x80]);
    let of = |draft: ListDraft| draft.signed_by("a", A);
    check(&[of_root(), of(compromise())], Require, Err(Code::CrlMissing));
    check(&[of_root(), of(compromise())], Honour, UNCHECKED);
    check(&[of_root(), of(others())], Require, Err(Code::CrlMissing));
    check_both(&[of_root(), of(compromise()), of(others())], CHECKED);
    // Either revokes alone.
    let revoked = Err(Code::CertificateRevoked);
    check_both(&[of_root(), of(compromise().revoking(SERIAL))], revoked);
    check_both(&[of_root(), of(compromise()), of(others().revoking(SERIAL))], revoked);
    // One reason is missing; one of the two is stale.
    let fewer = some(&[7, 0x0f, 0x80]);
    check(&[of_root(), of(compromise()), of(fewer)], Require, Err(Code::CrlMissing));
    let stale = others().holds("261101000000Z", "261102000000Z");
    check(&[of_root(), of(compromise()), of(stale)], Require, Err(Code::CrlStale));
    // The certificate's point names the reasons as well.
    let narrow = [point(&["http://x/1"]), tlv(0x81, &[5, 0x60])].concat();
    let scope = point(&["http://x/1"]);
    assert_eq!(scoped(Some(&points(&[&narrow])), &[&scope]), Err(Code::CrlMissing));
    let rest = [point(&["http://x/1"]), tlv(0x81, &[7, 0x1f, 0x80])].concat();
    assert_eq!(scoped(Some(&points(&[&narrow, &rest])), &[&scope]), CHECKED);
}
