//! Writes BER and DER for tests, right and wrong.

use alloc::vec::Vec;

/// One value with a definite length in its shortest form; `parts` are its contents, one after the other.
pub(crate) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    super::push_value(&mut out, tag, &parts.concat());
    out
}

/// One value with an indefinite length.
pub(crate) fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80], parts.concat().as_slice(), &[0, 0]].concat()
}

/// SEQUENCE.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, parts)
}

/// SET, in the order given.
pub(crate) fn set(parts: &[&[u8]]) -> Vec<u8> {
    value(0x31, parts)
}

/// OCTET STRING.
pub(crate) fn octet_string(contents: &[u8]) -> Vec<u8> {
    value(0x04, &[contents])
}

/// OBJECT IDENTIFIER from its dotted form.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    value(0x06, &[const_oid::ObjectIdentifier::new_unwrap(dotted).as_bytes()])
}

/// INTEGER of one byte.
pub(crate) fn integer(value_: u8) -> Vec<u8> {
    value(0x02, &[&[value_]])
}

/// NULL.
pub(crate) const NULL: &[u8] = &[0x05, 0x00];
