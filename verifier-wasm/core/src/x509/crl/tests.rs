//! What is a revocation list, and what is refused by which name.

use super::*;
use crate::x509::tests::forge::list::{
    CERTIFICATE_ISSUER, CRL_NUMBER, DELTA_CRL_INDICATOR, ISSUING_DISTRIBUTION_POINT, ListDraft,
    REASON_CODE, point,
};
use crate::x509::tests::forge::{Key, extension, name, sequence, tlv};
use alloc::format;
use alloc::string::ToString;
use alloc::vec;

const KEY: Key = Key(1);

fn read(draft: &ListDraft) -> Result<Crl, Code> {
    Crl::from_der(&draft.der("a", KEY)).map_err(|refusal| refusal.code())
}

#[track_caller]
fn refused(draft: ListDraft, code: Code) {
    assert_eq!(read(&draft).map(drop), Err(code));
}

#[test]
fn a_list_says_who_revokes_what_and_until_when() {
    let reason = |code: u8| extension(REASON_CODE, false, &[0x0a, 0x01, code]);
    let draft = ListDraft::new()
        .revoking(&[0x05])
        .revoking_with(&[0x00, 0x80], &[&reason(1)])
        .revoking_with(&[0x02], &[&reason(6), &extension(24, false, b"\x18\x0f20261123000000Z")]);
    let der = draft.der("a", KEY);
    let list = Crl::from_der(&der).unwrap();
    assert_eq!(list.raw(), der);
    assert!(der.windows(list.tbs().len()).any(|window| window == list.tbs()));
    assert_eq!(list.tbs()[0], 0x30);
    assert_eq!(list.issuer().to_string(), "CN=a");
    assert_eq!(list.this_update().to_string(), "2026-11-24T00:00:00Z");
    assert_eq!(list.next_update().to_string(), "2026-12-01T00:00:00Z");
    assert_eq!((list.len(), list.is_empty()), (3, false));
    let check = |serial: &[u8], expect: Option<RevocationReason>| {
        assert_eq!(list.reason_of(serial), expect, "{serial:02x?}");
    };
    check(&[0x05], Some(RevocationReason::Unspecified));
    check(&[0x00, 0x80], Some(RevocationReason::KeyCompromise));
    check(&[0x02], Some(RevocationReason::CertificateHold));
    // Serial numbers are equal as wholes.
    for other in [&[][..], &[0x80], &[0x00], &[0x05, 0x00], &[0x00, 0x05], &[0x03], &[0x02; 21]] {
        check(other, None);
    }
    let none = read(&ListDraft::new()).unwrap();
    assert_eq!((none.len(), none.is_empty(), none.reason_of(&[0x05])), (0, true, None));
}

#[test]
fn every_entry_is_found_and_no_other() {
    // In an order that is neither theirs nor the reverse of it.
    let serial = |i: u32| {
        let bytes = i.wrapping_mul(2_654_435_761).to_be_bytes();
        [&[0x01], bytes.as_slice()].concat()
    };
    let draft = (0..500).fold(ListDraft::new(), |draft, i| draft.revoking(&serial(i)));
    let list = read(&draft).unwrap();
    assert_eq!(list.len(), 500);
    for i in 0..1000 {
        assert_eq!(list.reason_of(&serial(i)).is_some(), i < 500, "{i}");
    }
}

#[test]
fn one_serial_number_twice_is_revoked_whatever_else_is_said() {
    let hold = extension(REASON_CODE, false, &[0x0a, 0x01, 6]);
    let draft = ListDraft::new().revoking_with(&[7], &[&hold]).revoking(&[3]).revoking(&[7]);
    let list = read(&draft).unwrap();
    assert_eq!(list.len(), 3);
    assert!(list.reason_of(&[7]).is_some());
}

#[test]
fn odd_serial_numbers_match_nothing_and_spoil_nothing() {
    // What some authorities revoked; no certificate with such a number is read.
    let draft = ListDraft::new()
        .revoking(&[0xff])
        .revoking(&[0x80, 0x01])
        .revoking(&[0x00])
        .revoking(&[0x01; 21])
        .revoking(&[0x7f; 200])
        .revoking(&[0x01; 20]);
    let list = read(&draft).unwrap();
    assert_eq!(list.len(), 6);
    assert!(list.reason_of(&[0x01; 20]).is_some());
    // -1 is not 255.
    assert_eq!(list.reason_of(&[0x00, 0xff]), None);
    for padded in [&[][..], &[0x00, 0x01], &[0xff, 0x80], &[0xff, 0xff]] {
        refused(ListDraft::new().revoking(padded), Code::CrlMalformed);
    }
}

#[test]
fn what_is_not_the_structure_is_refused() {
    let malformed = |field: &str, der: &[u8]| {
        refused(ListDraft::new().revoking(&[1]).with(field, der), Code::CrlMalformed);
    };
    let null: &[u8] = b"\x05\x00";
    // Version 1 is not written and has no extensions, and 3 does not exist.
    for version in [&b""[..], b"\x02\x01\x00", b"\x02\x01\x02", b"\x02\x02\x00\x01", null] {
        malformed("version", version);
    }
    let sha384 = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";
    malformed("algorithm", sha384);
    malformed("outer algorithm", sha384);
    // Also when the parameters alone differ (X14).
    malformed("outer algorithm", b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00");
    malformed("issuer", b"\x30\x00");
    for field in ["this update", "next update"] {
        for time in [
            tlv(0x17, b"2611240000Z"),
            tlv(0x17, b"261124000000+0000"),
            tlv(0x18, b"20261124000000.5Z"),
            tlv(0x18, b"20261124000000"),
            tlv(0x0c, b"261124000000Z"),
            null.to_vec(),
        ] {
            malformed(field, &time);
        }
    }
    // A list that never becomes stale.
    malformed("next update", b"");
    malformed("entries", b"\x30\x00");
    malformed("entries", b"\x31\x00");
    malformed("extensions", &tlv(0xa0, b"\x30\x00"));
    malformed("extensions", &tlv(0xa0, &[sequence(&[]), null.to_vec()].concat()));
    malformed("extensions", null);
    malformed("signature", b"\x03\x02\x01\x00");
    malformed("signature", b"\x03\x00");
    malformed("signature", null);
    malformed("after", null);
    let der = ListDraft::new().der("a", KEY);
    let code = |der: &[u8]| Crl::from_der(der).map(drop).map_err(|refusal| refusal.code());
    assert_eq!(code(&[der.as_slice(), &[0]].concat()), Err(Code::CrlMalformed));
    for cut in 0..der.len() {
        assert_eq!(code(&der[..cut]), Err(Code::CrlMalformed), "{cut}");
    }
    // Lengths that claim what is not there, and lengths without end.
    for outer in [&b"\x30\x84\xff\xff\xff\xff"[..], b"\x30\x80\x00\x00", b"\x30\x00", b""] {
        assert_eq!(code(outer), Err(Code::CrlMalformed));
    }
}

#[test]
fn entries_are_read_to_their_end_whomever_they_are_about() {
    let date = tlv(0x17, b"261123000000Z");
    let one = tlv(0x02, &[1]);
    for entry in [
        sequence(&[&one]),
        sequence(&[&date]),
        sequence(&[&one, b"\x05\x00"]),
        sequence(&[&one, &tlv(0x17, b"261123")]),
        sequence(&[&one, &date, b"\x30\x00"]),
        sequence(&[&one, &date, b"\x05\x00"]),
        sequence(&[&one, &date, &sequence(&[&extension(24, false, b"")]), b"\x05\x00"]),
        one.clone(),
    ] {
        for draft in [
            ListDraft::new().raw_entry(&entry).revoking(&[2]),
            ListDraft::new().revoking(&[2]).raw_entry(&entry),
        ] {
            refused(draft, Code::CrlMalformed);
        }
    }
}

#[test]
fn reasons() {
    let check = |value: &[u8], expect: Option<RevocationReason>| {
        let draft = ListDraft::new().revoking_with(&[1], &[&extension(REASON_CODE, false, value)]);
        let found = read(&draft).map(|list| list.reason_of(&[1]).unwrap());
        assert_eq!(found, expect.ok_or(Code::CrlMalformed), "{value:02x?}");
    };
    check(&[0x0a, 0x01, 0], Some(RevocationReason::Unspecified));
    check(&[0x0a, 0x01, 1], Some(RevocationReason::KeyCompromise));
    check(&[0x0a, 0x01, 2], Some(RevocationReason::CaCompromise));
    check(&[0x0a, 0x01, 3], Some(RevocationReason::AffiliationChanged));
    check(&[0x0a, 0x01, 4], Some(RevocationReason::Superseded));
    check(&[0x0a, 0x01, 5], Some(RevocationReason::CessationOfOperation));
    check(&[0x0a, 0x01, 6], Some(RevocationReason::CertificateHold));
    check(&[0x0a, 0x01, 9], Some(RevocationReason::PrivilegeWithdrawn));
    check(&[0x0a, 0x01, 10], Some(RevocationReason::AaCompromise));
    check(&[0x0a, 0x01, 7], None);
    // removeFromCRL would be an entry that is none.
    check(&[0x0a, 0x01, 8], None);
    check(&[0x0a, 0x01, 11], None);
    check(&[0x0a, 0x01, 0xff], None);
    check(&[0x0a, 0x02, 0x00, 0x01], None);
    check(&[0x0a, 0x00], None);
    check(&[0x02, 0x01, 1], None);
    check(&[0x0a, 0x01, 1, 0], None);
}

#[test]
fn x28_an_unknown_critical_extension_spoils_the_whole_list() {
    refused(ListDraft::new().extension(99, true, b""), Code::CrlExtensionCritical);
    assert!(read(&ListDraft::new().extension(99, false, b"")).is_ok());
    // Of an entry that is about another certificate.
    let entry = |critical| {
        ListDraft::new().revoking(&[1]).revoking_with(&[2], &[&extension(99, critical, b"")])
    };
    refused(entry(true), Code::CrlExtensionCritical);
    assert!(read(&entry(false)).unwrap().reason_of(&[2]).is_some());
}

#[test]
fn x28_delta_and_indirect_lists_are_refused_by_name() {
    for critical in [true, false] {
        refused(
            ListDraft::new().extension(DELTA_CRL_INDICATOR, critical, b"\x02\x01\x01"),
            Code::UnsupportedCrlDelta,
        );
        let issuer = sequence(&[&tlv(0xa4, &name("b"))]);
        let entry = extension(CERTIFICATE_ISSUER, critical, &issuer);
        refused(ListDraft::new().revoking_with(&[1], &[&entry]), Code::UnsupportedCrlIndirect);
    }
    refused(ListDraft::new().scope(&[&[0x84, 0x01, 0xff]]), Code::UnsupportedCrlIndirect);
    // The name of a kind comes before what its entries do that other kinds may not.
    let remove = extension(REASON_CODE, false, &[0x0a, 0x01, 8]);
    let delta = ListDraft::new().revoking_with(&[1], &[&remove]);
    refused(delta.extension(DELTA_CRL_INDICATOR, true, b"\x02\x01\x01"), Code::UnsupportedCrlDelta);
}

#[test]
fn extensions_come_once() {
    let number = extension(CRL_NUMBER, false, b"\x02\x01\x01");
    refused(ListDraft::new().raw_extension(&number), Code::CrlMalformed);
    let other = extension(99, false, b"");
    refused(ListDraft::new().raw_extension(&other).raw_extension(&other), Code::CrlMalformed);
    let reason = extension(REASON_CODE, false, &[0x0a, 0x01, 1]);
    refused(ListDraft::new().revoking_with(&[1], &[&reason, &reason]), Code::CrlMalformed);
    let many = (0..limits::EXTENSIONS).fold(ListDraft::new(), |draft, i| {
        let oid = [0x06, 0x03, 0x55, 0x1e, u8::try_from(i).unwrap()];
        draft.raw_extension(&sequence(&[&oid, &tlv(0x04, b"")]))
    });
    refused(many, Code::CrlMalformed);
}

#[test]
fn a_number_is_an_integer_from_zero_on_or_is_not_there() {
    let numbered =
        |number: &[u8]| ListDraft::new().extension(CRL_NUMBER, false, &tlv(0x02, number));
    for wrong in [&[][..], &[0xff], &[0x00, 0x01], &[0x01; 21], &[0x00, 0x00]] {
        refused(numbered(wrong), Code::CrlMalformed);
    }
    for number in [&[0x00][..], &[0x01], &[0x7f], &[0x00, 0x80], &[0x01, 0x00], &[0x7f; 20]] {
        assert_eq!(read(&numbered(number)).map(drop), Ok(()), "{number:02x?}");
    }
    // With other extensions alone (easy-rsa), and with none (`openssl ca` with reasons and without crl_extensions).
    let other = extension(35, false, &sequence(&[]));
    let unnumbered = ListDraft::new().without_extension(CRL_NUMBER);
    assert_eq!(read(&unnumbered.clone().raw_extension(&other)).map(drop), Ok(()));
    let reason = extension(REASON_CODE, false, &[0x0a, 0x01, 1]);
    let list = read(&unnumbered.revoking_with(&[7], &[&reason])).unwrap();
    assert_eq!(list.reason_of(&[7]), Some(RevocationReason::KeyCompromise));
}

#[test]
fn version_1_has_no_extensions() {
    // What `openssl ca` writes without crl_extensions.
    let v1 = || ListDraft::new().without_extension(CRL_NUMBER).with("version", b"");
    let list = read(&v1().revoking(&[7])).unwrap();
    assert!(list.reason_of(&[7]).is_some());
    assert!(read(&v1()).unwrap().is_empty());
    refused(ListDraft::new().with("version", b""), Code::CrlMalformed);
    let reason = extension(REASON_CODE, false, &[0x0a, 0x01, 1]);
    refused(v1().revoking_with(&[7], &[&reason]), Code::CrlMalformed);
    refused(v1().with("next update", b""), Code::CrlMalformed);
    // Nor does it hide what a delta list says of itself.
    let delta = v1().extension(DELTA_CRL_INDICATOR, true, b"\x02\x01\x01");
    refused(delta, Code::CrlMalformed);
}

#[test]
fn names_of_the_point_of_a_list_are_few() {
    let uri = |length: usize| tlv(0x86, &vec![b'x'; length]);
    let of = |names: &[Vec<u8>]| ListDraft::new().scope(&[&tlv(0xa0, &tlv(0xa0, &names.concat()))]);
    let check = |names: &[Vec<u8>], good: bool| {
        let expect = if good { Ok(()) } else { Err(Code::CrlTooLarge) };
        assert_eq!(read(&of(names)).map(drop), expect, "{}", names.len());
    };
    check(&vec![uri(0); limits::DISTRIBUTION_POINT_NAMES], true);
    check(&vec![uri(0); limits::DISTRIBUTION_POINT_NAMES + 1], false);
    check(&vec![uri(0); 1_000_000], false);
    check(&[uri(limits::DISTRIBUTION_POINT_BYTES - 20)], true);
    check(&[uri(limits::DISTRIBUTION_POINT_BYTES)], false);
    let relative = |length: usize| {
        let rdn = sequence(&[b"\x06\x03\x55\x04\x03", &tlv(0x0c, &vec![b'x'; length])]);
        read(&ListDraft::new().scope(&[&tlv(0xa0, &tlv(0xa1, &rdn))])).map(drop)
    };
    assert_eq!(relative(limits::URL_BYTES - 20), Ok(()));
    assert_eq!(relative(limits::URL_BYTES), Err(Code::CrlTooLarge));
}

#[test]
fn a_scope_says_something_and_nothing_contradictory() {
    let check = |fields: &[&[u8]], good: bool| {
        let draft = ListDraft::new().scope(fields);
        let expect = if good { Ok(()) } else { Err(Code::CrlMalformed) };
        assert_eq!(read(&draft).map(drop), expect, "{fields:02x?}");
    };
    let (users, authorities, attributes) = (b"\x81\x01\xff", b"\x82\x01\xff", b"\x85\x01\xff");
    let some_reasons: &[u8] = b"\x83\x02\x06\x40";
    let uri = point(&["http://x/crl"]);
    check(&[&uri], true);
    check(&[users], true);
    check(&[authorities], true);
    check(&[attributes], true);
    check(&[some_reasons], true);
    check(&[&uri, users, some_reasons], true);
    // nameRelativeToCRLIssuer.
    check(&[&tlv(0xa0, &tlv(0xa1, &name("b")[2..][2..]))], true);

    check(&[], false);
    check(&[users, authorities], false);
    check(&[users, attributes], false);
    check(&[authorities, users], false);
    check(&[b"\x81\x01\x00"], false);
    check(&[b"\x81\x01\x01"], false);
    check(&[b"\x81\x00"], false);
    check(&[b"\x84\x01\x00"], false);
    check(&[&tlv(0xa0, b"")], false);
    check(&[&tlv(0xa0, &tlv(0xa0, b""))], false);
    check(&[&tlv(0xa0, &tlv(0xa1, b""))], false);
    check(&[&tlv(0xa0, &tlv(0xa2, b""))], false);
    check(&[&tlv(0xa0, &[tlv(0xa0, &tlv(0x86, b"x:y")), tlv(0x05, b"")].concat())], false);
    check(&[&uri, &uri], false);
    check(&[users, &uri], false);
    check(&[users, b"\x05\x00"], false);
    // Processed whether or not it is critical (it must be).
    let lax = ListDraft::new().extension(ISSUING_DISTRIBUTION_POINT, false, &sequence(&[]));
    refused(lax, Code::CrlMalformed);
}

#[test]
fn rustsec_2026_0104_an_empty_list_of_reasons_is_refused_in_peace() {
    for contents in [&b"\x83\x01\x00"[..], b"\x83\x00", b"\x83\x02\x00\x00", b"\x83\x01\x07"] {
        refused(ListDraft::new().scope(&[contents]), Code::CrlMalformed);
    }
}

#[test]
fn sizes_are_bounded() {
    let entry = sequence(&[&tlv(0x02, &[1]), &tlv(0x17, b"261123000000Z")]);
    let of = |count: usize| {
        let entries = vec![entry.as_slice(); count].concat();
        ListDraft::new().with("entries", &tlv(0x30, &entries))
    };
    let most = read(&of(limits::CRL_ENTRIES)).unwrap();
    assert_eq!(most.len(), limits::CRL_ENTRIES);
    refused(of(limits::CRL_ENTRIES + 1), Code::CrlTooLarge);
    let padded =
        |bytes: usize| ListDraft::new().raw_extension(&extension(99, false, &vec![0; bytes]));
    assert!(read(&padded(limits::CRL_BYTES - 1000)).is_ok());
    refused(padded(limits::CRL_BYTES), Code::CrlTooLarge);
    let shown = format!("{}", read(&ListDraft::new()).unwrap());
    assert_eq!(shown, "list of CN=a of 2026-11-24T00:00:00Z");
}
