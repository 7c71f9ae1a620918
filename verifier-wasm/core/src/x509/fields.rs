//! The DER values of one structure in order; every failure names the field.

use crate::hex::Hex;
use crate::refusal::{Code, Refusal};
use const_oid::ObjectIdentifierRef;
use core::fmt;
use der::asn1::AnyRef;
use der::{Decode, Length, Reader, SliceReader, Tag, TagNumber, Tagged};

/// One DER value: its tag, what it contains, and the bytes that it came as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) tag: Tag,
    pub(crate) contents: &'a [u8],
    pub(crate) der: &'a [u8],
}

/// A cursor over the values inside a structure. What is wrong refuses with the code of the structure.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    contents: &'a [u8],
    /// What of it has not been taken.
    rest: &'a [u8],
    code: Code,
}

impl<'a> Fields<'a> {
    /// The values in `contents`.
    pub(crate) fn of(contents: &'a [u8], code: Code) -> Result<Self, Refusal> {
        Length::try_from(contents.len()).map_err(|error| malformed(code, "length", error))?;
        Ok(Self { contents, rest: contents, code })
    }

    /// The values inside the one SEQUENCE that `der` consists of.
    pub(crate) fn of_sequence(der: &'a [u8], name: &str, code: Code) -> Result<Self, Refusal> {
        let mut outer = Self::of(der, code)?;
        let sequence = outer.take(Tag::Sequence, name)?;
        outer.finish(name)?;
        Self::of(sequence.contents, code)
    }

    /// The values inside `field`.
    pub(crate) fn inside(&self, field: &Field<'a>) -> Result<Self, Refusal> {
        Self::of(field.contents, self.code)
    }

    /// The bytes of all values, taken or not.
    pub(crate) const fn contents(&self) -> &'a [u8] {
        self.contents
    }

    /// The next value, whatever it is.
    pub(crate) fn any(&mut self, name: &str) -> Result<Field<'a>, Refusal> {
        if let Some((field, rest)) = usual_field(self.rest) {
            self.rest = rest;
            return Ok(field);
        }
        self.read(name, |reader| {
            let der = reader.tlv_bytes()?;
            let value = AnyRef::from_der(der)?;
            Ok(Field { tag: value.tag(), contents: value.value(), der })
        })
    }

    /// What `read` reads next. It knows of every value, and of what is wrong with one.
    fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
    ) -> Result<T, Refusal> {
        let read = || {
            // From the beginning, so that an error says where.
            let taken = self.contents.len().saturating_sub(self.rest.len());
            let mut reader = SliceReader::new(self.contents)?;
            reader.read_slice(Length::try_from(taken)?)?;
            let value = read(&mut reader)?;
            let left = usize::try_from(reader.remaining_len())?;
            Ok((value, left))
        };
        let (value, left) = read().map_err(|error| malformed(self.code, name, error))?;
        let taken = self.rest.len().saturating_sub(left);
        self.rest = self.rest.get(taken..).unwrap_or_default();
        Ok(value)
    }

    /// The contents of the next value when it is a UniversalString, a tag that the reader below does not know.
    pub(crate) fn universal_string(&mut self, name: &str) -> Result<Option<&'a [u8]>, Refusal> {
        if self.rest.first() != Some(&0x1c) {
            return Ok(None);
        }
        self.read(name, |reader| {
            reader.read_byte()?;
            let length = Length::decode(reader)?;
            reader.read_slice(length).map(Some)
        })
    }

    /// The next value, which has `tag`.
    pub(crate) fn take(&mut self, tag: Tag, name: &str) -> Result<Field<'a>, Refusal> {
        let field = self.any(name)?;
        if field.tag == tag { Ok(field) } else { Err(self.wrong(name).found(field.tag)) }
    }

    /// The next value when it has `tag`.
    pub(crate) fn take_if(&mut self, tag: Tag, name: &str) -> Result<Option<Field<'a>>, Refusal> {
        if let Some((field, rest)) = usual_field(self.rest) {
            let found = field.tag == tag;
            if found {
                self.rest = rest;
            }
            return Ok(found.then_some(field));
        }
        match SliceReader::new(self.rest).and_then(|reader| Tag::peek(&reader)) {
            Ok(next) if next == tag => self.any(name).map(Some),
            _ => Ok(None),
        }
    }

    /// A BOOLEAN DEFAULT FALSE. DER has one way to write true, and does not write false (X.690 section 11.5); authorities
    /// exist that do, and it says the same.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.take_if(Tag::Boolean, name)? {
            None | Some(Field { contents: [0x00], .. }) => Ok(false),
            Some(Field { contents: [0xff], .. }) => Ok(true),
            Some(_) => Err(self.wrong(name)),
        }
    }

    /// An OBJECT IDENTIFIER.
    pub(crate) fn oid(&mut self, name: &str) -> Result<Oid<'a>, Refusal> {
        let field = self.take(Tag::ObjectIdentifier, name)?;
        Oid::new(field.contents).ok_or_else(|| self.wrong(name))
    }

    /// Whether all values have been taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Refuses values that were not taken.
    pub(crate) fn finish(mut self, name: &str) -> Result<(), Refusal> {
        match self.is_empty() {
            true => Ok(()),
            false => self.read(name, |reader| reader.clone().finish()),
        }
    }

    /// The refusal of a field that is not what it should be.
    pub(crate) fn wrong(&self, name: &str) -> Refusal {
        Refusal::new(self.code).detail(name)
    }
}

/// The value at the beginning of `bytes` and what is behind it, when it has a tag of the table, a length in its
/// shortest form of at most three bytes (X.690 section 10.1), and is whole.
fn usual_field(bytes: &[u8]) -> Option<(Field<'_>, &[u8])> {
    let tag = match bytes.first()? {
        0x01 => Tag::Boolean,
        0x02 => Tag::Integer,
        0x03 => Tag::BitString,
        0x04 => Tag::OctetString,
        0x05 => Tag::Null,
        0x06 => Tag::ObjectIdentifier,
        0x0c => Tag::Utf8String,
        0x13 => Tag::PrintableString,
        0x17 => Tag::UtcTime,
        0x30 => Tag::Sequence,
        0x31 => Tag::Set,
        0x80 => primitive(0),
        0x82 => primitive(2),
        0x86 => primitive(6),
        0xa0 => constructed(0),
        0xa3 => constructed(3),
        _ => return None,
    };
    let (header, length) = match *bytes.get(1..)? {
        [short @ 0..=0x7f, ..] => (2, usize::from(short)),
        [0x81, length @ 0x80..=0xff, ..] => (3, usize::from(length)),
        [0x82, high @ 1..=0xff, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
        _ => return None,
    };
    let (der, rest) = bytes.split_at_checked(length.checked_add(header)?)?;
    Some((Field { tag, contents: der.get(header..)?, der }, rest))
}

fn malformed(code: Code, name: &str, error: der::Error) -> Refusal {
    Refusal::new(code).detail(format_args!("{name}: {error}"))
}

/// The tag `[number]` of a constructed value.
pub(crate) const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// The tag `[number]` of a primitive value.
pub(crate) const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}

/// The bytes of a BIT STRING that holds whole bytes, as keys and signatures do.
pub(crate) fn whole_bytes(contents: &[u8]) -> Option<&[u8]> {
    match contents.split_first() {
        Some((0, bytes)) => Some(bytes),
        _ => None,
    }
}

/// An object identifier as its encoded bytes. It is compared as such: no arc is ever computed, so none can
/// overflow into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// An identifier whose arcs are complete and minimal (X.690 section 8.19.2).
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut first_of_arc = true;
        for byte in bytes {
            if first_of_arc && *byte == 0x80 {
                return None;
            }
            first_of_arc = byte & 0x80 == 0;
        }
        (!bytes.is_empty() && first_of_arc).then_some(Self(bytes))
    }

    /// An identifier that was read before.
    pub(crate) const fn shown(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The encoded bytes, without tag and length.
    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Display for Oid<'_> {
    /// Numbers and dots; hexadecimal bytes when an arc is larger than 32 bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ObjectIdentifierRef::from_bytes(self.0) {
            Ok(oid) => write!(f, "{oid}"),
            Err(_) => write!(f, "oid:{}", Hex(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn lengths_are_minimal_and_end_where_the_input_ends() {
        let check = |der: &[u8], good: bool| {
            let read = Fields::of_sequence(der, "field", Code::CertificateMalformed);
            assert_eq!(read.is_ok(), good, "{der:02x?}");
        };
        check(&[0x30, 0x00], true);
        check(&[0x30, 0x81, 0x00], false);
        check(&[0x30, 0x80, 0x00, 0x00], false);
        check(&[0x30, 0x00, 0x00], false);
        check(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], false);
        check(&[0x30, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], false);
        check(&[0x31, 0x00], false);
        check(&[], false);
    }

    #[test]
    fn flags_are_true_or_false() {
        let check = |contents: &[u8], expect: Option<bool>| {
            let mut fields = Fields::of(contents, Code::CertificateMalformed).unwrap();
            assert_eq!(fields.flag("flag").ok(), expect, "{contents:02x?}");
        };
        check(&[], Some(false));
        check(&[0x01, 0x01, 0xff], Some(true));
        check(&[0x01, 0x01, 0x00], Some(false));
        check(&[0x01, 0x01, 0x01], None);
        check(&[0x01, 0x02, 0x00, 0x00], None);
        check(&[0x01, 0x02, 0xff, 0xff], None);
        check(&[0x01, 0x00], None);
    }

    #[test]
    fn object_identifiers_are_bytes() {
        let check = |bytes: &[u8], expect: Option<&str>| {
            assert_eq!(Oid::new(bytes).map(|oid| oid.to_string()).as_deref(), expect);
        };
        check(&[0x55, 0x1d, 0x0f], Some("2.5.29.15"));
        // 2^32 + 5 in one arc: equal to 5 in 32-bit arithmetic.
        check(&[0x55, 0x1d, 0x90, 0x80, 0x80, 0x80, 0x05], Some("oid:551d9080808005"));
        check(&[0x55, 0x1d, 0x80, 0x0f], None);
        check(&[0x55, 0x1d, 0x8f], None);
        check(&[], None);
    }

    /// The quick way and the reader agree on every value that the quick way takes, and it takes nothing else.
    #[test]
    fn x19_the_quick_way_is_the_way_of_the_reader() {
        let check = |bytes: &[u8]| {
            let reader = AnyRef::from_der(bytes).ok();
            if let Some((quick, _)) = usual_field(bytes).filter(|(_, rest)| rest.is_empty()) {
                let value = reader.unwrap_or_else(|| panic!("{bytes:02x?}"));
                assert_eq!((quick.tag, quick.contents), (value.tag(), value.value()));
            }
            reader.is_some() && usual_field(bytes).is_some()
        };
        let mut both = 0;
        for tag in 0..=0xff {
            for length in [0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x101, 0xffff] {
                let [.., high, low] = u32::try_from(length).unwrap().to_be_bytes();
                let heads: [&[u8]; 6] = [
                    &[tag, low],
                    &[tag, 0x81, low],
                    &[tag, 0x82, high, low],
                    &[tag, 0x83, 0, high, low],
                    &[tag, 0x80],
                    &[tag, 0xff, low],
                ];
                for head in heads {
                    let bytes: Vec<u8> = [head, &[7].repeat(length)].concat();
                    both += u32::from(check(&bytes));
                    let cut = &bytes[..bytes.len() - 1];
                    assert!(usual_field(cut).is_none_or(|(f, _)| f.der.len() < cut.len()));
                }
            }
        }
        assert!(both > 90, "{both}");
        assert!(usual_field(&[]).is_none() && usual_field(&[0x30]).is_none());
    }
}
