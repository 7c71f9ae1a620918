//! Names that are one, and their twins that are not.

use super::super::Name;
use super::*;
use crate::refusal::Code;
use crate::x509::fields::Fields;
use crate::x509::tests::forge::{name_of, sequence, tlv};

const UTF8: u8 = 0x0c;
const NUMERIC: u8 = 0x12;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;
const CN: u8 = 3;
const O: u8 = 10;

fn read(der: &[u8]) -> Name {
    Name::read(&mut Fields::of(der, Code::CertificateMalformed).unwrap(), "name").unwrap()
}

fn one(tag: u8, text: &[u8]) -> Name {
    read(&name_of(&[(CN, tag, text)]))
}

/// A Name of one set with these attributes, sorted as DER demands.
fn set(attributes: &[(u8, u8, &[u8])]) -> Name {
    let mut pairs: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(arc, tag, text)| sequence(&[&[0x06, 0x03, 0x55, 0x04, *arc], &tlv(*tag, text)]))
        .collect();
    pairs.sort();
    read(&tlv(0x30, &tlv(0x31, &pairs.concat())))
}

#[test]
fn x09_blanks_capitals_and_the_string_type_do_not_count() {
    let check = |a: (u8, &[u8]), b: (u8, &[u8]), same: bool| {
        let (a, b) = (one(a.0, a.1), one(b.0, b.1));
        assert_eq!(a.matches(&b), same, "{a} and {b}");
        assert_eq!(b.matches(&a), same, "{b} and {a}");
    };
    let plain = (UTF8, b"acme ca".as_slice());
    check(plain, plain, true);
    check(plain, (UTF8, b"ACME CA"), true);
    check(plain, (PRINTABLE, b"  Acme   CA "), true);
    check(plain, (IA5, b"Acme CA"), true);
    check(plain, (BMP, b"\0A\0c\0m\0e\0 \0C\0A"), true);
    check(plain, (UNIVERSAL, b"\0\0\0A\0\0\0c\0\0\0m\0\0\0e\0\0\0 \0\0\0c\0\0\0a"), true);
    check((UTF8, "東京".as_bytes()), (BMP, b"\x67\x71\x4e\xac"), true);
    check((UTF8, "𝐀".as_bytes()), (UNIVERSAL, b"\x00\x01\xd4\x00"), true);
    check((UTF8, b""), (PRINTABLE, b"  "), true);
    check((PRINTABLE, b"a*"), (UTF8, b"A*"), true);
    check((PRINTABLE, b"Johnson & Johnson"), (UTF8, b"johnson & johnson"), true);
    check((PRINTABLE, b"a_b@c;d"), (IA5, b"A_B@C;D"), true);

    check(plain, (UTF8, b"acmeca"), false);
    check(plain, (UTF8, b"acme\tca"), false);
    check(plain, (UTF8, b"acme ca\0"), false);
    check(plain, (UTF8, "acme\u{a0}ca".as_bytes()), false);
    check(plain, (UTF8, "аcme ca".as_bytes()), false);
    check((UTF8, "é".as_bytes()), (UTF8, "É".as_bytes()), false);
    // Kelvin sign: a letter k only by the tables of Unicode.
    check((UTF8, b"k"), (UTF8, "\u{212a}".as_bytes()), false);
}

#[test]
fn what_is_no_text_is_equal_to_its_bytes() {
    let check = |a: (u8, &[u8]), b: (u8, &[u8]), same: bool| {
        assert_eq!(one(a.0, a.1).matches(&one(b.0, b.1)), same, "{a:02x?} and {b:02x?}");
    };
    check((TELETEX, b"acme"), (TELETEX, b"acme"), true);
    check((TELETEX, b"acme"), (TELETEX, b"ACME"), false);
    check((TELETEX, b"acme"), (UTF8, b"acme"), false);
    check((NUMERIC, b"12"), (NUMERIC, b"12"), true);
    check((NUMERIC, b"12"), (PRINTABLE, b"12"), false);
    check((0x04, b"acme"), (0x04, b"acme"), true);
    check((0x04, b"acme"), (0xa0, b"acme"), false);
}

#[test]
fn x12_text_outside_its_character_set_is_equal_to_its_bytes() {
    let check = |tag: u8, bad: &[u8], good: &[u8]| {
        let (bad, good) = (one(tag, bad), one(tag, good));
        assert!(bad.matches(&bad), "{bad}");
        assert!(!bad.matches(&good) && !good.matches(&bad), "{bad} and {good}");
        assert_eq!(bad.below(&bad), Likeness::Same);
        assert_eq!(bad.below(&good), Likeness::Unsure);
        assert_eq!(good.below(&bad), Likeness::Unsure);
        assert!(good.matches(&good), "{good}");
        assert_eq!(good.below(&good), Likeness::Same);
    };
    check(UTF8, b"\xff", "ÿ".as_bytes());
    check(UTF8, b"\xed\xa0\x80", b"\xed\x9f\xbf");
    check(PRINTABLE, b"a\x7f", b"a");
    check(PRINTABLE, b"a\n", b"a");
    check(PRINTABLE, "Zoë".as_bytes(), b"Zoe");
    check(PRINTABLE, b"Zo\xeb", b"Zoe");
    check(IA5, "Zoë".as_bytes(), b"Zoe");
    check(IA5, b"\x80", b"\x7f");
    check(BMP, b"\0a\0", b"\0a");
    check(BMP, b"\xd8\x00\xdc\x00", b"\xd7\xff\xe0\x00");
    check(UNIVERSAL, b"\0\0\0", b"\0\0\0a");
    check(UNIVERSAL, b"\0\0\0a\0a", b"\0\0\0a\0\0\0a");
    check(UNIVERSAL, b"\0\0\xd8\0", b"\0\0\xd7\xff");
    check(UNIVERSAL, b"\0\x11\0\0", b"\0\x10\xff\xff");
    // The same bytes under another type.
    let same = |a: (u8, &[u8]), b: (u8, &[u8])| one(a.0, a.1).matches(&one(b.0, b.1));
    for other in [UTF8, IA5, TELETEX, BMP, UNIVERSAL] {
        assert!(!same((PRINTABLE, "Zoë".as_bytes()), (other, "Zoë".as_bytes())), "{other:#x}");
    }
    assert!(!same((BMP, b"a"), (UNIVERSAL, b"a")));
    assert!(!same((BMP, b"a"), (UTF8, b"a")));
    // A value whose bytes are those of another, tag included.
    assert!(!same((UNIVERSAL, b"\x14\x04acme"), (TELETEX, b"acme")));
}

fn wide(tag: u8, text: &str) -> Vec<u8> {
    match tag {
        BMP => text.bytes().flat_map(|b| [0, b]).collect(),
        UNIVERSAL => text.bytes().flat_map(|b| [0, 0, 0, b]).collect(),
        _ => text.into(),
    }
}

#[test]
fn a_set_has_no_order_and_a_sequence_has() {
    let check = |a: &Name, b: &Name, same: bool| assert_eq!(a.matches(b), same, "{a} and {b}");
    // The shorter value sorts first, so the order in DER differs.
    let first = set(&[(CN, UTF8, b"a"), (O, UTF8, b"  b")]);
    let second = set(&[(CN, UTF8, b"   a"), (O, UTF8, b"b")]);
    check(&first, &second, true);
    check(&first, &set(&[(O, UTF8, b"a"), (CN, UTF8, b"b")]), false);
    check(&first, &set(&[(CN, UTF8, b"a")]), false);
    check(&set(&[(CN, UTF8, b"a"), (CN, UTF8, b"A")]), &set(&[(CN, UTF8, b"a")]), false);
    check(
        &set(&[(CN, UTF8, b"a"), (CN, UTF8, b"A")]),
        &set(&[(CN, UTF8, b"a".as_slice()); 2]),
        true,
    );

    let a_b = read(&name_of(&[(CN, UTF8, b"a"), (O, UTF8, b"b")]));
    check(&a_b, &read(&name_of(&[(O, UTF8, b"b"), (CN, UTF8, b"a")])), false);
    check(&a_b, &set(&[(CN, UTF8, b"a"), (O, UTF8, b"b")]), false);
    check(&read(&name_of(&[])), &read(&name_of(&[])), true);
    check(&a_b, &read(&name_of(&[])), false);
    // Lengths are part of what is compared: no value continues in the next attribute.
    let split = |text: &[u8], rest: &[u8]| set(&[(CN, UTF8, text), (CN, UTF8, rest)]);
    check(&split(b"aa", b"b"), &split(b"a", b"ab"), false);
}

#[test]
fn a_name_is_below_the_names_that_it_begins_with() {
    let name = |parts: &[(u8, u8, &[u8])]| read(&name_of(parts));
    let check = |own: &Name, base: &Name, expect: Likeness| {
        assert_eq!(own.below(base), expect, "{own} below {base}");
    };
    let base = name(&[(O, UTF8, b"Acme")]);
    check(&name(&[(O, PRINTABLE, b"ACME"), (CN, UTF8, b"x")]), &base, Likeness::Same);
    check(&base, &base, Likeness::Same);
    check(&base, &name(&[]), Likeness::Same);
    check(&name(&[]), &base, Likeness::Different);
    check(&name(&[(CN, UTF8, b"x"), (O, UTF8, b"Acme")]), &base, Likeness::Different);
    check(&name(&[(O, UTF8, b"Acme2"), (CN, UTF8, b"x")]), &base, Likeness::Different);
    check(&set(&[(O, UTF8, b"Acme"), (CN, UTF8, b"x")]), &base, Likeness::Different);

    // Whoever folds more than ASCII, or reads Latin-1, may find these the same.
    check(&name(&[(O, TELETEX, b"Acme")]), &base, Likeness::Unsure);
    check(&name(&[(O, UTF8, "Ａcme".as_bytes())]), &base, Likeness::Unsure);
    check(&name(&[(O, UTF8, "Ac\u{ad}me".as_bytes())]), &base, Likeness::Unsure);
    check(&name(&[(O, UTF8, b"\xff")]), &base, Likeness::Unsure);
    check(&name(&[(CN, TELETEX, b"Acme")]), &base, Likeness::Different);
}

fn folded(text: &str) -> String {
    let mut out = Vec::new();
    fold(text, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn matching_is_an_equivalence_and_folding_is_done_once() {
    // Every text of up to four of these characters, in three types: few letters, all the rules.
    let letters = ["", "a", "A", " ", "b"];
    let mut texts: Vec<String> = alloc::vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|t| letters.map(|l| alloc::format!("{t}{l}"))).collect();
        texts.sort();
        texts.dedup();
    }
    let names: Vec<(String, Name)> = texts
        .iter()
        .zip([UTF8, PRINTABLE, IA5].into_iter().cycle())
        .map(|(text, tag)| (folded(text), one(tag, text.as_bytes())))
        .collect();
    for (text, name) in &names {
        assert_eq!(folded(text), *text);
        assert!(name.matches(&one(BMP, &wide(BMP, text))), "{name}");
        for (other_text, other) in &names {
            assert_eq!(name.matches(other), text == other_text, "{name} and {other}");
            assert_eq!(name.below(other) == Likeness::Same, text == other_text);
        }
    }
    assert!(names.len() > 200);
}
