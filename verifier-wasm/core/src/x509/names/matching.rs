//! When two distinguished names are one name (RFC 5280 section 7.1).
//!
//! A name is prepared once, when it is read, and compared by octets from then on. Text is prepared as the
//! caseIgnoreMatch of RFC 4518 prepares ASCII: blanks at the ends do not count, blanks in a row count as one,
//! capital letters are small ones. All string types that stand for Unicode are one type here:
//! PrintableString, UTF8String, IA5String, BMPString, UniversalString. Characters beyond ASCII stand for
//! themselves: the tables of Unicode would cost more than they give, and whoever issues certificates copies
//! the name of the authority from its certificate.
//!
//! A TeletexString, whose readers disagree about its characters, and every value that is no string, are equal
//! to the same octets only. Text that is not in the character set of its type is equal to nothing, itself
//! included.

use super::Attribute;
use alloc::boxed::Box;
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
    /// Digits and blanks; compared by octets.
    Numeric,
    /// Anything else; compared by octets.
    Opaque,
}

/// What comparing with a name of a constraint came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x509) enum Likeness {
    Same,
    Different,
    /// Unequal as prepared here, but equal perhaps for a reader with the tables of Unicode, or for one who
    /// takes a TeletexString for Latin-1.
    Unsure,
}

/// A relative distinguished name as it is compared.
#[derive(Clone, Debug)]
pub(super) struct PreparedRdn {
    /// Attributes with lengths in front, sorted: the set, whatever order the encoding had.
    octets: Box<[u8]>,
    /// The attribute types alone, in the same way.
    kinds: Box<[u8]>,
    /// Whether every value is text in printable ASCII: then unequal octets are unequal names for everybody.
    certain: bool,
}

/// A value as it is compared.
enum Prepared {
    Text { text: String, certain: bool },
    Opaque,
}

impl PreparedRdn {
    /// Prepares the attributes of one set, each with the DER of its value; `None` when one has text that is
    /// not in the character set of its type.
    pub(super) fn new(attributes: &[(Attribute, &[u8])]) -> Option<Self> {
        let mut certain = true;
        let mut pairs = Vec::new();
        let mut kinds = Vec::new();
        for (attribute, der) in attributes {
            let mut pair = with_length(&attribute.kind);
            kinds.push(pair.clone());
            match prepare(attribute.form, &attribute.value)? {
                Prepared::Text { text, certain: of_text } => {
                    certain &= of_text;
                    pair.push(0);
                    pair.extend(with_length(text.as_bytes()));
                }
                Prepared::Opaque => {
                    certain = false;
                    pair.push(1);
                    pair.extend(with_length(der));
                }
            }
            pairs.push(pair);
        }
        pairs.sort();
        kinds.sort();
        Some(Self { octets: pairs.concat().into(), kinds: kinds.concat().into(), certain })
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.octets == other.octets
    }

    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        if self.is(other) {
            Likeness::Same
        } else if self.kinds != other.kinds || (self.certain && other.certain) {
            Likeness::Different
        } else {
            Likeness::Unsure
        }
    }
}

/// The octets after their number, so that values in a row cannot be read in two ways.
fn with_length(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    let mut out = length.to_be_bytes().to_vec();
    out.extend(octets);
    out
}

/// The value as it is compared; `None` when it is not in the character set of its form.
fn prepare(form: Form, value: &[u8]) -> Option<Prepared> {
    let text = match form {
        Form::Numeric | Form::Opaque => return Some(Prepared::Opaque),
        Form::Bmp | Form::Universal => decoded(form, value)?,
        Form::Utf8 | Form::Printable | Form::Ia5 => core::str::from_utf8(value).ok()?.into(),
    };
    let in_set = match form {
        // The asterisk is no character of PrintableString, and common in it.
        Form::Printable => text.chars().all(|c| super::is_printable_string(c) || c == '*'),
        Form::Ia5 => text.is_ascii(),
        _ => true,
    };
    let certain = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    in_set.then(|| Prepared::Text { text: folded(&text), certain })
}

/// The text of a BMPString or a UniversalString: two or four octets a character, no surrogates.
fn decoded(form: Form, value: &[u8]) -> Option<String> {
    let width = if form == Form::Bmp { 2 } else { 4 };
    let characters = value.chunks(width).map(|octets| match *octets {
        [a, b] => char::from_u32(u32::from_be_bytes([0, 0, a, b])),
        [a, b, c, d] => char::from_u32(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    });
    // A last character of half its width is none, also when two octets are left of four.
    if !value.len().is_multiple_of(width) {
        return None;
    }
    characters.collect()
}

/// Without blanks at the ends, with one where there were several, with small letters.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    }
    out
}

#[cfg(test)]
mod tests;
