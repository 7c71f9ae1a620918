//! Names, as RFC 4514 text, which is put together here from what x509-cert reads.

use credmint_core::x509::Name as Ours;
use der::{Decode, Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

/// Types with a word of their own.
const WORDS: [(&str, &str); 14] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.42", "GN"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

pub(crate) fn compare(der: &[u8], ours: &Ours) -> Result<(), String> {
    let theirs = Name::from_der(der).map_err(|error| format!("not read: {error}"))?;
    same(ours, &theirs)
}

/// Whether both have read the same attributes.
pub(crate) fn same(ours: &Ours, theirs: &Name) -> Result<(), String> {
    let encoded = theirs.to_der().map_err(|error| format!("name: {error}"))?;
    super::certificates::equal("the DER of a name", ours.der(), encoded.as_slice())?;
    super::certificates::equal("a name", &ours.to_string(), &text(theirs))
}

/// The last set first; within a set in the order of the encoding.
pub(crate) fn text(name: &Name) -> String {
    let sets: Vec<String> = name
        .iter_rdn()
        .map(|set| set.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    sets.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let oid = attribute.oid.to_string();
    let word =
        WORDS.iter().find(|(known, _)| *known == oid).map_or(oid.as_str(), |(_, word)| *word);
    let value = attribute.value.value();
    let shown = match readable(attribute.value.tag(), value) {
        Some(text) => escaped(&text),
        None => value.iter().fold("#".to_owned(), |all, byte| format!("{all}{byte:02x}")),
    };
    format!("{word}={shown}")
}

/// The text of a value of a string type that everybody reads alike.
fn readable(tag: Tag, value: &[u8]) -> Option<String> {
    let plain = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    let text = match tag {
        Tag::BmpString => {
            let units: Vec<u16> =
                value.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            let whole = value.len().is_multiple_of(2);
            let alone = !units.iter().any(|unit| (0xd800..0xe000).contains(unit));
            String::from_utf16(&units).ok().filter(|_| whole && alone)?
        }
        Tag::Utf8String => String::from_utf8(value.to_vec()).ok()?,
        Tag::PrintableString | Tag::Ia5String => {
            String::from_utf8(value.to_vec()).ok().filter(|text| plain(text))?
        }
        Tag::NumericString => String::from_utf8(value.to_vec())
            .ok()
            .filter(|text| text.bytes().all(|b| b == b' ' || b.is_ascii_digit()))?,
        _ => return None,
    };
    let hidden = |c: char| c.is_control() || HIDDEN.contains(&c);
    (!text.is_empty() && !text.chars().any(hidden)).then_some(text)
}

/// Characters that show as nothing or turn text around, as far as the material has some.
const HIDDEN: [char; 6] = ['\u{ad}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202e}', '\u{feff}'];

/// RFC 4514 section 2.4.
fn escaped(text: &str) -> String {
    let last = text.chars().count() - 1;
    let one = |(index, c): (usize, char)| {
        let at_edge = index == 0 || index == last;
        let special = ",+\"\\<>;=".contains(c) || (at_edge && c == ' ') || (index == 0 && c == '#');
        if special { format!("\\{c}") } else { c.to_string() }
    };
    text.chars().enumerate().map(one).collect()
}
