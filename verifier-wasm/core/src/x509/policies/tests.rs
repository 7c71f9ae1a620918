//! Extensions that are read, and their twins that are not.

use super::*;
use crate::x509::tests::forge::sequence;
use alloc::vec;

const ANY: &[u8] = b"\x06\x04\x55\x1d\x20\x00";
const ONE: &[u8] = b"\x06\x02\x2a\x01";
const TWO: &[u8] = b"\x06\x02\x2a\x02";
/// id-qt-cps, and a qualifier that nobody knows.
const CPS: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x02\x01";
const OTHER: &[u8] = b"\x06\x02\x2a\x09";

fn information(policy: &[u8], qualifiers: &[&[u8]]) -> Vec<u8> {
    let qualifiers: Vec<_> = qualifiers.iter().map(|id| sequence(&[id, b"\x05\x00"])).collect();
    match qualifiers.is_empty() {
        true => sequence(&[policy]),
        false => sequence(&[policy, &sequence(&[&qualifiers.concat()])]),
    }
}

#[test]
fn x30_policies_occur_once() {
    let check = |informations: &[Vec<u8>], expect: Option<(usize, bool, bool)>| {
        let read = CertificatePolicies::read(&sequence(&[&informations.concat()]));
        let found = read.map(|all| (all.policies.len(), all.any, all.qualifiers_known));
        let expect = expect.ok_or(Code::CertificateExtensionInvalid);
        assert_eq!(found.map_err(|refusal| refusal.code()), expect, "{informations:02x?}");
    };
    let (one, two, any) = (information(ONE, &[]), information(TWO, &[]), information(ANY, &[]));
    check(core::slice::from_ref(&one), Some((1, false, true)));
    check(&[one.clone(), two, any.clone()], Some((2, true, true)));
    check(&[information(ONE, &[CPS])], Some((1, false, true)));
    check(&[information(ONE, &[CPS, OTHER])], Some((1, false, false)));
    check(&[information(ANY, &[CPS])], Some((0, true, true)));

    check(&[], None);
    check(&[one.clone(), one], None);
    check(&[any.clone(), any], None);
    check(&[information(ANY, &[OTHER])], None);
    check(&[sequence(&[ONE, b"\x30\x00"])], None);
    check(&[sequence(&[ONE, b"\x05\x00"])], None);
    check(&[sequence(&[b"\x05\x00"])], None);
    check(&[sequence(&[])], None);
    check(&[sequence(&[ONE, &sequence(&[&sequence(&[CPS])])])], None);
    check(&[sequence(&[ONE, &sequence(&[&sequence(&[CPS, b"\x05\x00\x05\x00"])])])], None);
}

#[test]
fn x30_nothing_is_mapped_from_or_to_any_policy() {
    let check = |pairs: &[[&[u8]; 2]], good: bool| {
        let pairs: Vec<_> = pairs.iter().map(|pair| sequence(pair)).collect();
        let read = PolicyMappings::read(&sequence(&[&pairs.concat()]));
        let expect = if good { Ok(pairs.len()) } else { Err(Code::CertificateExtensionInvalid) };
        let found = read.map(|mappings| mappings.0.len()).map_err(|refusal| refusal.code());
        assert_eq!(found, expect, "{pairs:02x?}");
    };
    check(&[[ONE, TWO]], true);
    check(&[[ONE, TWO], [ONE, ONE], [TWO, ONE]], true);
    check(&[[ONE, ANY]], false);
    check(&[[ONE, TWO], [ANY, TWO]], false);
    check(&[], false);
    check(&[[ONE, b""]], false);
    check(&[[ONE, b"\x06\x02\x2a\x02\x06\x01\x2a"]], false);
}

#[test]
fn x30_constraints_are_small_numbers() {
    let check = |der: &[u8], expect: Option<(Option<u8>, Option<u8>)>| {
        let found = PolicyConstraints::read(der);
        let found = found.map(|own| (own.require_explicit, own.inhibit_mapping));
        let expect = expect.ok_or(Code::CertificateExtensionInvalid);
        assert_eq!(found.map_err(|refusal| refusal.code()), expect, "{der:02x?}");
    };
    check(b"\x30\x03\x80\x01\x00", Some((Some(0), None)));
    check(b"\x30\x03\x81\x01\x05", Some((None, Some(5))));
    check(b"\x30\x06\x80\x01\x01\x81\x01\x02", Some((Some(1), Some(2))));
    check(b"\x30\x04\x80\x02\x00\x80", Some((Some(0x7f), None)));
    check(b"\x30\x00", None);
    check(b"", None);
    check(b"\x30\x03\x80\x01\xff", None);
    check(b"\x30\x02\x80\x00", None);
    check(b"\x30\x04\x80\x02\x00\x01", None);
    check(b"\x30\x06\x81\x01\x02\x80\x01\x01", None);
    check(b"\x30\x03\x02\x01\x00", None);

    let any = |der: &[u8]| inhibit_any_policy(der).map_err(|refusal| refusal.code());
    assert_eq!(any(b"\x02\x01\x00"), Ok(0));
    assert_eq!(any(b"\x02\x01\x07"), Ok(7));
    for bad in [b"\x02\x01\xff".as_slice(), b"", b"\x30\x00", b"\x02\x01\x00\x00", b"\x02\x00"] {
        assert_eq!(any(bad), Err(Code::CertificateExtensionInvalid), "{bad:02x?}");
    }
}

#[test]
fn x30_the_policies_of_one_certificate_are_limited() {
    let number = |i: usize| vec![0x06, 3, 0x2a, 0x81, u8::try_from(i % 128).unwrap()];
    let policies = |count: usize| {
        let own = |i| match i {
            0 => information(ONE, &[]),
            i => information(&number(i), &[]),
        };
        let list: Vec<_> = (0..count).map(own).collect();
        CertificatePolicies::read(&sequence(&[&list.concat()])).map(drop)
    };
    let mappings = |count: usize| {
        let pairs = sequence(&[ONE, TWO]).repeat(count);
        PolicyMappings::read(&sequence(&[&pairs])).map(drop)
    };
    let many = Err(Code::CertificateExtensionsTooMany);
    let code = |found: Result<(), Refusal>| found.map_err(|refusal| refusal.code());
    assert_eq!(code(policies(limits::POLICIES)), Ok(()));
    assert_eq!(code(policies(limits::POLICIES + 1)), many);
    assert_eq!(code(mappings(limits::POLICIES)), Ok(()));
    assert_eq!(code(mappings(limits::POLICIES + 1)), many);
}
