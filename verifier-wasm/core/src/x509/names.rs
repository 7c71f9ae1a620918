//! Distinguished names (RFC 5280 section 4.1.2.4): their form, their text, how they are shown.

mod matching;

pub(super) use matching::Likeness;

use super::fields::{Fields, Oid};
use crate::hex::Hex;
use crate::refusal::{Code, Refusal};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use der::Tag;
use matching::Form;

/// Attribute types that have a name of their own, by encoded identifier: what conditions can read and
/// [`Name`] shows. Others show as numbers.
const ATTRIBUTES: &[(&[u8], &str)] = &[
    (&[0x55, 0x04, 0x03], "CN"),
    (&[0x55, 0x04, 0x04], "SN"),
    (&[0x55, 0x04, 0x05], "serialNumber"),
    (&[0x55, 0x04, 0x06], "C"),
    (&[0x55, 0x04, 0x07], "L"),
    (&[0x55, 0x04, 0x08], "ST"),
    (&[0x55, 0x04, 0x09], "street"),
    (&[0x55, 0x04, 0x0a], "O"),
    (&[0x55, 0x04, 0x0b], "OU"),
    (&[0x55, 0x04, 0x0c], "title"),
    (&[0x55, 0x04, 0x2a], "GN"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19], "DC"),
    (EMAIL_ADDRESS, "emailAddress"),
];

const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];

/// A distinguished name. Whether two are one name is what [`Name::matches`] says, not their bytes.
#[derive(Clone, Debug)]
pub struct Name {
    der: Box<[u8]>,
    /// How many attributes it has.
    attributes: usize,
    /// The name as it is compared.
    prepared: Vec<u8>,
}

/// An attribute of a name, in the bytes of the name.
#[derive(Clone, Copy, Debug)]
struct Attribute<'a> {
    /// Which relative distinguished name, each a set of attributes, it is in.
    rdn: usize,
    kind: &'a [u8],
    form: Form,
    value: &'a [u8],
    /// The value in DER.
    der: &'a [u8],
}

impl Name {
    /// Reads the next value of `fields` as a Name. The text of its attributes is not judged here: what
    /// cannot be read as text is never given to a condition.
    pub(super) fn read(fields: &mut Fields<'_>, field: &str) -> Result<Self, Refusal> {
        let name = fields.take(Tag::Sequence, field)?;
        let attributes = attributes(fields.inside(&name)?, field)?;
        let prepared = matching::prepared(&attributes);
        Ok(Self { der: name.der.into(), attributes: attributes.len(), prepared })
    }

    /// Reads a Name in DER.
    ///
    /// # Errors
    /// [`Code::CertificateMalformed`] when it is not the strict DER of RFC 5280 section 4.1.2.4.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Fields::of(der, Code::CertificateMalformed)?;
        let name = Self::read(&mut fields, "name")?;
        fields.finish("name")?;
        Ok(name)
    }

    /// Whether this is the same name as `other` (RFC 5280 section 7.1): blanks, capital letters of ASCII, the
    /// string type and the order within a set make no difference. What is no text in the character set of its
    /// type is the same as its own bytes.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.prepared == other.prepared
    }

    /// Bytes that are the same for all names that [`Name::matches`] calls one.
    pub(super) fn comparable(&self) -> &[u8] {
        &self.prepared
    }

    /// Whether this is `base` or a name below it (RFC 5280 section 4.2.1.10, directoryName).
    pub(super) fn below(&self, base: &Self) -> Likeness {
        matching::below(&self.prepared, &base.prepared)
    }

    /// The DER encoding that came in.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it has no attribute at all.
    pub(super) fn is_empty(&self) -> bool {
        self.attributes == 0
    }

    /// How many attributes it has.
    pub(super) const fn attribute_count(&self) -> usize {
        self.attributes
    }

    /// The attributes that conditions can read, as name and texts, in the order of the name: those whose type has a name,
    /// and of which every one is text. One that cannot be read hides the others: nobody knows what it says.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, Vec<Cow<'_, str>>)> {
        let attributes = self.attributes();
        ATTRIBUTES.iter().filter_map(move |(kind, name)| {
            let of_kind = attributes.iter().filter(|attribute| attribute.kind == *kind);
            let texts: Vec<Cow<'_, str>> = of_kind.map(|own| own.text()).collect::<Option<_>>()?;
            (!texts.is_empty()).then_some((*name, texts))
        })
    }

    /// The text of each emailAddress; `None` for one that is no text, or of a type with two bytes a character, which
    /// an address is never written in.
    pub(super) fn emails(&self) -> impl Iterator<Item = Option<&str>> {
        let emails = self.attributes().into_iter().filter(|own| own.kind == EMAIL_ADDRESS);
        emails.map(|own| match own.text()? {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        })
    }

    fn attributes(&self) -> Vec<Attribute<'_>> {
        // They were read once, so they can be read again.
        Fields::of_sequence(&self.der, "name", Code::CertificateMalformed)
            .and_then(|sets| attributes(sets, "name"))
            .unwrap_or_default()
    }
}

/// Reads the attributes of a RDNSequence, in its order.
fn attributes<'a>(mut sets: Fields<'a>, field: &str) -> Result<Vec<Attribute<'a>>, Refusal> {
    let mut all = Vec::new();
    let mut rdn = 0_usize;
    while !sets.is_empty() {
        let set = sets.take(Tag::Set, field)?;
        read_set(sets.inside(&set)?, field, rdn, &mut all)?;
        rdn = rdn.saturating_add(1);
    }
    Ok(all)
}

/// Reads a RelativeDistinguishedName. DER sorts a SET OF by encoding (X.690 section 11.6).
fn read_set<'a>(
    mut set: Fields<'a>,
    field: &str,
    rdn: usize,
    all: &mut Vec<Attribute<'a>>,
) -> Result<(), Refusal> {
    if set.is_empty() {
        return Err(set.wrong(field).expected("a set with an attribute"));
    }
    let mut previous: &[u8] = &[];
    while !set.is_empty() {
        let pair = set.take(Tag::Sequence, field)?;
        if pair.der < previous {
            return Err(set.wrong(field).expected("a sorted set"));
        }
        previous = pair.der;
        let mut pair = set.inside(&pair)?;
        let kind = pair.oid(field)?.bytes();
        let (form, value, der) = match pair.universal_string(field)? {
            Some(value) => (Form::Universal, value, value),
            None => {
                let value = pair.any(field)?;
                (form(value.tag), value.contents, value.der)
            }
        };
        pair.finish(field)?;
        all.push(Attribute { rdn, kind, form, value, der });
    }
    Ok(())
}

fn form(tag: Tag) -> Form {
    match tag {
        Tag::Utf8String => Form::Utf8,
        Tag::PrintableString => Form::Printable,
        Tag::Ia5String => Form::Ia5,
        Tag::BmpString => Form::Bmp,
        Tag::NumericString => Form::Numeric,
        _ => Form::Opaque,
    }
}

impl<'a> Attribute<'a> {
    /// The value when it is text that looks like what it is: characters that every reader of its type sees alike, not
    /// empty, without control, formatting or bidirectional characters. Teletex and universal strings are not read:
    /// readers of the one disagree, and nobody writes the other.
    fn text(&self) -> Option<Cow<'a, str>> {
        let text = match self.form {
            Form::Bmp => Cow::Owned(matching::decoded(self.form, self.value)?),
            _ => Cow::Borrowed(core::str::from_utf8(self.value).ok()?),
        };
        let in_set = match self.form {
            Form::Utf8 | Form::Bmp => text.chars().all(is_visible),
            // Authorities write `&`, `_`, `@` and `*` in a PrintableString (X.680 section 41.4 has none of them), and
            // no reader takes them for anything else.
            Form::Ia5 | Form::Printable => text.chars().all(|c| matches!(c, ' '..='~')),
            Form::Numeric => text.chars().all(|c| c == ' ' || c.is_ascii_digit()),
            Form::Universal | Form::Opaque => false,
        };
        (in_set && !text.is_empty()).then_some(text)
    }
}

/// Neither a control character nor one that hides or reorders text: what Unicode calls ignorable by default, marks of
/// direction, separators of lines.
pub(super) fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Name {
    /// RFC 4514: the last attribute first, special characters escaped, what is no text as `#` and bytes in
    /// hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.attributes();
        let rdns = attributes.chunk_by(|one, next| one.rdn == next.rdn);
        for (i, rdn) in rdns.rev().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            for (j, attribute) in rdn.iter().enumerate() {
                if j > 0 {
                    f.write_str("+")?;
                }
                write!(f, "{attribute}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ATTRIBUTES.iter().find(|(kind, _)| *kind == self.kind) {
            Some((_, name)) => write!(f, "{name}=")?,
            None => write!(f, "{}=", Oid::shown(self.kind))?,
        }
        let Some(text) = self.text() else {
            return write!(f, "#{}", Hex(self.value));
        };
        for (i, c) in text.char_indices() {
            let at_edge = i == 0 || i.saturating_add(1) == text.len();
            let special = ",+\"\\<>;=".contains(c) || (at_edge && c == ' ') || (i == 0 && c == '#');
            if special {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::tests::forge::name_of;
    use alloc::string::ToString;

    const UTF8: u8 = 0x0c;
    const PRINTABLE: u8 = 0x13;
    const TELETEX: u8 = 0x14;
    const IA5: u8 = 0x16;
    const BMP: u8 = 0x1e;
    const CN: u8 = 3;
    const O: u8 = 10;

    fn read(attributes: &[(u8, u8, &[u8])]) -> Name {
        let der = name_of(attributes);
        Name::read(&mut Fields::of(&der, Code::CertificateMalformed).unwrap(), "name").unwrap()
    }

    #[test]
    fn text_is_given_only_when_all_of_its_type_is_plain() {
        let check = |attributes: &[(u8, u8, &[u8])], expect: &[(&str, &str)]| {
            let name = read(attributes);
            let texts = name.texts().map(|(kind, texts)| (kind, texts.join("|")));
            let expect = expect.iter().map(|(kind, text)| (*kind, (*text).to_string()));
            assert_eq!(texts.collect::<Vec<_>>(), expect.collect::<Vec<_>>(), "{name}");
        };
        check(&[(CN, UTF8, b"leaf"), (O, PRINTABLE, b"Acme")], &[("CN", "leaf"), ("O", "Acme")]);
        check(&[(CN, UTF8, "Zoë".as_bytes())], &[("CN", "Zoë")]);
        check(&[(CN, IA5, b"a@b")], &[("CN", "a@b")]);
        check(&[(CN, UTF8, b"*")], &[("CN", "*")]);
        check(&[(O, PRINTABLE, b"J & J; *_@")], &[("O", "J & J; *_@")]);
        check(&[(CN, BMP, b"\0l\0e\0a\0f")], &[("CN", "leaf")]);
        check(&[(CN, BMP, b"\x67\x71\x4e\xac")], &[("CN", "東京")]);
        check(&[], &[]);

        // Several are all given, as several.
        check(
            &[(CN, UTF8, b"good"), (O, UTF8, b"Acme"), (CN, UTF8, b"evil")],
            &[("CN", "good|evil"), ("O", "Acme")],
        );
        // A second one that cannot be read is a second one.
        check(&[(CN, UTF8, b"good"), (CN, TELETEX, b"evil")], &[]);
        check(&[(CN, UTF8, b"good\0evil")], &[]);
        check(&[(CN, UTF8, b"good\n")], &[]);
        check(&[(CN, UTF8, "good\u{202e}".as_bytes())], &[]);
        check(&[(CN, UTF8, "go\u{200b}od".as_bytes())], &[]);
        check(&[(CN, UTF8, "good\u{e0065}".as_bytes())], &[]);
        check(&[(CN, UTF8, "good\u{3164}".as_bytes())], &[]);
        check(&[(CN, UTF8, b"\xff")], &[]);
        check(&[(CN, UTF8, b"")], &[]);
        check(&[(CN, PRINTABLE, b"a\x7f")], &[]);
        check(&[(CN, PRINTABLE, "Zoë".as_bytes())], &[]);
        check(&[(CN, PRINTABLE, b"Zo\xeb")], &[]);
        // Half a character, a surrogate pair, a character that reorders.
        check(&[(CN, BMP, b"\0a\0")], &[]);
        check(&[(CN, BMP, b"\xd8\x00\xdc\x00")], &[]);
        check(&[(CN, BMP, b"\0a\x20\x2e")], &[]);
        check(&[(CN, BMP, b"")], &[]);
        check(&[(CN, BMP, b"\0a"), (CN, UTF8, b"b")], &[("CN", "a|b")]);
        check(&[(CN, BMP, b"\0a\0"), (CN, UTF8, b"b")], &[]);
        check(&[(CN, IA5, "Zoë".as_bytes())], &[]);
        check(&[(CN, TELETEX, b"leaf")], &[]);
        check(&[(CN, 0x04, b"leaf")], &[]);
        check(&[(99, UTF8, b"other")], &[]);
    }

    #[test]
    fn names_show_as_rfc_4514_says() {
        let check = |attributes: &[(u8, u8, &[u8])], expect: &str| {
            assert_eq!(read(attributes).to_string(), expect);
        };
        check(
            &[(6, PRINTABLE, b"DE"), (O, UTF8, b"Acme, Inc."), (CN, UTF8, b"leaf")],
            r"CN=leaf,O=Acme\, Inc.,C=DE",
        );
        check(&[(CN, UTF8, br#" #a+"\<>;=b "#)], r#"CN=\ #a\+\"\\\<\>\;\=b\ "#);
        check(&[(CN, UTF8, b"#1")], r"CN=\#1");
        check(&[(CN, UTF8, b"a\nb")], "CN=#610a62");
        check(&[(CN, BMP, b"\0a\0+")], r"CN=a\+");
        check(&[(99, UTF8, b"x")], "2.5.4.99=x");
        check(&[], "");
    }
}
