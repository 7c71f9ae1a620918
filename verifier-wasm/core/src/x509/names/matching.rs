//! When two distinguished names are one name (RFC 5280 section 7.1).
//!
//! A name is prepared once, when it is read, and compared by bytes from then on. Text is prepared as the
//! caseIgnoreMatch of RFC 4518 prepares ASCII: blanks at the ends do not count, blanks in a row count as one,
//! capital letters are small ones. All string types that stand for Unicode are one type here:
//! PrintableString, UTF8String, IA5String, BMPString, UniversalString. Characters beyond ASCII stand for
//! themselves: the tables of Unicode would cost more than they give, and whoever issues certificates copies
//! the name of the authority from its certificate.
//!
//! A PrintableString is any printable ASCII: authorities write characters that are not in its set (X.680 section
//! 41.4), and no reader takes them for others.
//!
//! A TeletexString, whose readers disagree about its characters, every value that is no string, and text that
//! is not in the character set of its type, are equal to the same bytes only.

use super::Attribute;
use crate::limits::NAME_HEADER_BYTES;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// How a value of an attribute is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Utf8,
    Printable,
    Ia5,
    Bmp,
    Universal,
    /// Digits and blanks; compared by bytes.
    Numeric,
    /// Anything else; compared by bytes.
    Opaque,
}

/// The result of comparing with a name of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x509) enum Likeness {
    Same,
    Different,
    /// Unequal as prepared here, but equal perhaps for a reader with the tables of Unicode, or for one who
    /// takes a TeletexString for Latin-1.
    Unsure,
}

/// A name as it is compared: each set with its length in front, in it its attributes, sorted whatever order the
/// encoding had. An attribute is its type, then whether its value is text, then the value as it is compared.
pub(super) fn prepared(attributes: &[Attribute<'_>]) -> Vec<u8> {
    let bytes = attributes.iter().map(|own| own.der.len().saturating_add(NAME_HEADER_BYTES)).sum();
    let mut out = Vec::with_capacity(bytes);
    for set in attributes.chunk_by(|one, next| one.rdn == next.rdn) {
        with_length(&mut out, |out| match set {
            [only] => push(out, only),
            several => {
                let mut sorted: Vec<_> = several.iter().map(prepared_alone).collect();
                sorted.sort();
                out.extend(sorted.concat());
            }
        });
    }
    out
}

const TEXT: u8 = 0;
const OPAQUE: u8 = 1;
/// As [`OPAQUE`], for a type that comes without its tag.
const OPAQUE_UNIVERSAL: u8 = 2;

fn prepared_alone(attribute: &Attribute<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, attribute);
    out
}

/// Appends an attribute.
fn push(out: &mut Vec<u8>, attribute: &Attribute<'_>) {
    with_length(out, |out| out.extend_from_slice(attribute.kind));
    match compared_text(attribute) {
        Some(text) => {
            out.push(TEXT);
            with_length(out, |out| fold(&text, out));
        }
        None => {
            let is_universal = attribute.form == Form::Universal;
            out.push(if is_universal { OPAQUE_UNIVERSAL } else { OPAQUE });
            with_length(out, |out| out.extend_from_slice(attribute.der));
        }
    }
}

/// The value of an attribute when it is text in the character set of its form.
fn compared_text<'a>(attribute: &Attribute<'a>) -> Option<Cow<'a, str>> {
    let value = attribute.value;
    let utf8 = || core::str::from_utf8(value).ok();
    match attribute.form {
        Form::Numeric | Form::Opaque => None,
        Form::Bmp | Form::Universal => decoded(attribute.form, value).map(Cow::Owned),
        Form::Utf8 => utf8().map(Cow::Borrowed),
        Form::Ia5 => utf8().filter(|text| text.is_ascii()).map(Cow::Borrowed),
        Form::Printable => {
            utf8().filter(|text| text.bytes().all(|b| matches!(b, b' '..=b'~'))).map(Cow::Borrowed)
        }
    }
}

/// Appends what `write` appends, after the number of its bytes, so that values in a row cannot be read in two
/// ways.
fn with_length<T>(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let place = out.len();
    out.extend([0; 4]);
    let start = out.len();
    let result = write(out);
    let length = u32::try_from(out.len().saturating_sub(start)).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(place..start) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    result
}

/// Takes what [`with_length`] appended off the front.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (taken, rest) =
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(taken)
}

/// Whether a prepared name begins with the sets of another.
pub(super) fn below(mut own: &[u8], mut base: &[u8]) -> Likeness {
    let mut all = Likeness::Same;
    while let Some(of_base) = take(&mut base) {
        let Some(of_own) = take(&mut own) else { return Likeness::Different };
        match likeness(of_own, of_base) {
            Likeness::Same => {}
            Likeness::Different => return Likeness::Different,
            Likeness::Unsure => all = Likeness::Unsure,
        }
    }
    all
}

/// Of two sets, as a name has them that is prepared.
fn likeness(own: &[u8], other: &[u8]) -> Likeness {
    let kinds = |set| attributes(set).map(|(kind, ..)| kind);
    // With text in printable ASCII alone, unequal bytes are unequal names for every reader.
    let certain = |set| {
        attributes(set)
            .all(|(_, what, value)| what == TEXT && value.iter().all(|b| matches!(b, b' '..=b'~')))
    };
    if own == other {
        Likeness::Same
    } else if !kinds(own).eq(kinds(other)) || (certain(own) && certain(other)) {
        Likeness::Different
    } else {
        Likeness::Unsure
    }
}

/// The attributes of a set that is prepared: type, what the value is, the value. Sorted, so the types are as well.
fn attributes(mut set: &[u8]) -> impl Iterator<Item = (&[u8], u8, &[u8])> {
    core::iter::from_fn(move || {
        let kind = take(&mut set)?;
        let (what, rest) = set.split_first()?;
        set = rest;
        Some((kind, *what, take(&mut set)?))
    })
}

/// The text of a BMPString or a UniversalString: two or four bytes a character, no surrogates.
pub(super) fn decoded(form: Form, value: &[u8]) -> Option<String> {
    let width = if form == Form::Bmp { 2 } else { 4 };
    let characters = value.chunks(width).map(|bytes| match *bytes {
        [a, b] => char::from_u32(u32::from_be_bytes([0, 0, a, b])),
        [a, b, c, d] => char::from_u32(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    });
    // A last character of half its width is none, also when two bytes are left of four.
    if !value.len().is_multiple_of(width) {
        return None;
    }
    characters.collect()
}

/// Appends the text without blanks at the ends, with one where there were several, with small letters.
fn fold(text: &str, out: &mut Vec<u8>) {
    let mut is_first = true;
    for word in text.as_bytes().split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        if !is_first {
            out.push(b' ');
        }
        is_first = false;
        out.extend(word.iter().map(u8::to_ascii_lowercase));
    }
}

#[cfg(test)]
mod tests;
