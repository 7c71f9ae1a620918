//! BER (X.690 section 8) of signed messages, brought to DER before anything else reads them.
//!
//! Amazon EC2 sends its identity documents in BER: the outer values have indefinite lengths, and the
//! content is a constructed OCTET STRING of segments. A strict DER parser refuses them, and a lenient one
//! takes the header of a segment for content. [`to_der`] therefore rewrites a message, and it rewrites as
//! little as can be:
//!
//! - *On the way* from the message to its content (RFC 5652 section 5.1: `ContentInfo`, `[0]`, `SignedData`,
//!   `EncapsulatedContentInfo`, `[0]`, OCTET STRING) lengths may be indefinite, and the segments of the
//!   string are joined.
//! - *Beside* that way, a value may have an indefinite length (`certificates` often does), but its
//!   elements may not.
//! - Everything else is copied byte for byte without being looked into: each certificate, and each
//!   `SignerInfo` with the signed attributes inside it. What a signature covers is what came in, never an
//!   encoding of ours; whether it is DER is for its own strict parser to say.
//!
//! So of two encodings of one message, BER and DER, the same DER comes out, and a message in DER comes out
//! as it went in. Time and memory are linear in the input.

use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec;
use alloc::vec::Vec;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;

/// Parts of an identifier byte (X.690 section 8.1.2).
const CLASS: u8 = 0xc0;
const CONSTRUCTED: u8 = 0x20;
const TAG_NUMBER: u8 = 0x1f;

const OCTET_STRING: u8 = 0x04;
const OCTET_STRING_IN_SEGMENTS: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

const INDEFINITE_IN_DER: &str = "an indefinite length in a part that must be DER";

/// Rewrites a CMS message from BER to DER, as the module describes.
///
/// # Errors
/// [`Code::BerMalformed`] for a length that is not in its shortest form, is longer than what is left, or is
/// indefinite where it must not be; for a missing or misplaced end-of-contents; for a segment that is no
/// OCTET STRING; for bytes after the message. [`Code::BerTooDeep`] and [`Code::BerTooMany`] at
/// [`limits::BER_DEPTH`], [`limits::BER_VALUES`] and [`limits::BER_SEGMENTS`].
pub fn to_der(input: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut message = Contents::of(input);
    let mut out = Vec::with_capacity(input.len());
    rewrite(&mut message, Place::OnTheWay(&WAY), &mut Spent::default(), &mut out)?;
    match message.more()? {
        false => Ok(out),
        true => Err(malformed(message.at, "bytes after the message")),
    }
}

/// Checks that `bytes` is a run of values in the form of X.690 section 10: every length definite and
/// shortest, no string in segments, down to the innermost value.
///
/// # Errors
/// As [`to_der`], except that nothing is forgiven.
pub(crate) fn require_der(bytes: &[u8]) -> Result<(), Refusal> {
    let mut spent = Spent::default();
    let mut open = vec![Contents::of(bytes)];
    while let Some(current) = open.last_mut() {
        if !current.more()? {
            open.pop();
            continue;
        }
        let header = current.header(&mut spent)?;
        let Length::Definite(length) = header.length else {
            return Err(malformed(header.at, INDEFINITE_IN_DER));
        };
        if !header.form_fits_type() {
            return Err(malformed(
                header.at,
                "a string in segments, or a collection without members",
            ));
        }
        let value = current.take(length);
        if header.is_constructed() {
            check_depth(open.len(), header.at)?;
            open.push(value);
        }
    }
    Ok(())
}

/// A value on the way to the content, and which of its members is the next one.
struct Layer {
    tag: u8,
    next: usize,
}

/// The way from a message to its content (RFC 5652 sections 3, 5.1 and 5.2). An OCTET STRING is at its end.
const WAY: [Layer; 5] = [
    Layer { tag: SEQUENCE, next: 1 }, // ContentInfo: contentType, content
    Layer { tag: CONTEXT_0, next: 0 }, // content [0] EXPLICIT
    Layer { tag: SEQUENCE, next: 2 }, // SignedData: version, digestAlgorithms, encapContentInfo
    Layer { tag: SEQUENCE, next: 1 }, // EncapsulatedContentInfo: eContentType, eContent
    Layer { tag: CONTEXT_0, next: 0 }, // eContent [0] EXPLICIT
];

/// Where a value is, which decides what encodings it may have.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// On the way to the content, with these layers from here on.
    OnTheWay(&'a [Layer]),
    /// A member of a value on the way.
    Beside,
    /// An element of a value beside the way.
    Element,
}

/// Rewrites the next value of `parent` into `out`.
///
/// It comes back here through [`rewrite_members`], once a layer of the way and once beside it: at most
/// seven deep.
fn rewrite(
    parent: &mut Contents<'_>,
    place: Place<'_>,
    spent: &mut Spent,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let before = parent.rest;
    let header = parent.header(spent)?;
    match (place, header.length) {
        (Place::OnTheWay([layer, deeper @ ..]), _) if layer.tag == header.tag => {
            let place_of = |index| match index == layer.next {
                true => Place::OnTheWay(deeper),
                false => Place::Beside,
            };
            rewrite_members(parent, &header, &place_of, spent, out)
        }
        (Place::OnTheWay([]), _) if header.tag == OCTET_STRING_IN_SEGMENTS => {
            out.push(OCTET_STRING);
            let start = out.len();
            join(parent, &header, spent, out)?;
            insert_length(out, start);
            Ok(())
        }
        (_, Length::Definite(length)) => {
            parent.take(length);
            let bytes = before.len().saturating_sub(parent.rest.len());
            out.extend_from_slice(before.get(..bytes).unwrap_or_default());
            Ok(())
        }
        (Place::OnTheWay(_) | Place::Beside, Length::Indefinite) => {
            rewrite_members(parent, &header, &|_| Place::Element, spent, out)
        }
        (Place::Element, Length::Indefinite) => Err(malformed(header.at, INDEFINITE_IN_DER)),
    }
}

/// Rewrites the members of the value that `header` opens, and gives the value a definite length.
fn rewrite_members<'p>(
    parent: &mut Contents<'_>,
    header: &Header,
    place_of: &dyn Fn(usize) -> Place<'p>,
    spent: &mut Spent,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut members = parent.open(header);
    out.push(header.tag);
    let start = out.len();
    let mut index = 0_usize;
    while members.more()? {
        rewrite(&mut members, place_of(index), spent, out)?;
        index = index.saturating_add(1);
    }
    parent.close(members);
    insert_length(out, start);
    Ok(())
}

/// Joins the segments of a constructed OCTET STRING (X.690 section 8.7.3); segments may be in segments again.
fn join(
    parent: &mut Contents<'_>,
    header: &Header,
    spent: &mut Spent,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut open = vec![parent.open(header)];
    while let Some(mut current) = open.pop() {
        if !current.more()? {
            open.last_mut().unwrap_or(parent).close(current);
            continue;
        }
        let segment = current.header(spent)?;
        match (segment.tag, segment.length) {
            (OCTET_STRING, Length::Definite(length)) => {
                spent.segment(segment.at)?;
                out.extend_from_slice(current.take(length).rest);
                open.push(current);
            }
            (OCTET_STRING_IN_SEGMENTS, _) => {
                let inner = current.open(&segment);
                open.extend([current, inner]);
                check_depth(open.len().saturating_add(WAY.len()), segment.at)?;
            }
            _ => return Err(malformed(segment.at, "a segment that is not an OCTET STRING")),
        }
    }
    Ok(())
}

/// The bytes inside a value, as far as they are not read yet.
#[derive(Clone, Copy)]
struct Contents<'a> {
    /// What is not read yet. With an indefinite length it reaches beyond the value, whose end is not known.
    rest: &'a [u8],
    /// Where `rest` begins in the message.
    at: usize,
    /// Whether end-of-contents bytes close it.
    indefinite: bool,
}

impl<'a> Contents<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0, indefinite: false }
    }

    /// Whether another value follows. Reads the end-of-contents bytes (X.690 section 8.1.5) of an
    /// indefinite length.
    fn more(&mut self) -> Result<bool, Refusal> {
        if !self.indefinite {
            return Ok(!self.rest.is_empty());
        }
        match self.rest {
            [0, 0, ..] => {
                self.take(2);
                Ok(false)
            }
            [] => Err(malformed(self.at, "the message ends inside an indefinite length")),
            _ => Ok(true),
        }
    }

    /// Reads identifier and length (X.690 sections 8.1.2 and 8.1.3). A definite length is shortest, and no
    /// longer than what is left.
    fn header(&mut self, spent: &mut Spent) -> Result<Header, Refusal> {
        let at = self.at;
        spent.value(at)?;
        let cut = || malformed(at, "the message ends inside a value");
        let (&[tag, first], _) = self.rest.split_first_chunk().ok_or_else(cut)?;
        if tag & TAG_NUMBER == TAG_NUMBER {
            return Err(malformed(at, "a tag number above 30"));
        }
        if tag & !CONSTRUCTED == 0 {
            return Err(malformed(at, "end-of-contents bytes where a value is due"));
        }
        self.take(2);
        let length = match first {
            0..=0x7f => usize::from(first),
            0x80 if tag & CONSTRUCTED != 0 => {
                return Ok(Header { tag, length: Length::Indefinite, at });
            }
            0x80 => return Err(malformed(at, "an indefinite length of a primitive value")),
            0x81..=0x84 => {
                let bytes = self.take(usize::from(first & 0x7f)).rest;
                let length = bytes.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte));
                if bytes.first() == Some(&0) || length < 0x80 {
                    return Err(malformed(at, "a length that is not in its shortest form"));
                }
                usize::try_from(length).unwrap_or(usize::MAX)
            }
            _ => return Err(malformed(at, "a length of more than four bytes")),
        };
        match length <= self.rest.len() {
            true => Ok(Header { tag, length: Length::Definite(length), at }),
            false => Err(cut()),
        }
    }

    /// Reads `length` bytes, or what is left when that is less.
    fn take(&mut self, length: usize) -> Self {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        let contents = Self { rest: taken, at: self.at, indefinite: false };
        self.rest = rest;
        self.at = self.at.saturating_add(taken.len());
        contents
    }

    /// The contents of the value that `header` opens.
    fn open(&mut self, header: &Header) -> Self {
        match header.length {
            Length::Definite(length) => self.take(length),
            Length::Indefinite => Self { indefinite: true, ..*self },
        }
    }

    /// Goes on behind a value that [`Contents::open`] opened and that was read to its end.
    fn close(&mut self, value: Self) {
        if value.indefinite {
            self.rest = value.rest;
            self.at = value.at;
        }
    }
}

/// Identifier and length of a value.
struct Header {
    tag: u8,
    length: Length,
    /// Where the value begins in the message.
    at: usize,
}

#[derive(Clone, Copy)]
enum Length {
    Definite(usize),
    Indefinite,
}

impl Header {
    const fn is_constructed(&self) -> bool {
        self.tag & CONSTRUCTED != 0
    }

    /// Whether the value is primitive or constructed as DER has it for its type (X.690 section 10.2): of the
    /// universal types only SEQUENCE and SET have members.
    const fn form_fits_type(&self) -> bool {
        let collection = matches!(self.tag | CONSTRUCTED, SEQUENCE | SET);
        self.tag & CLASS != 0 || self.is_constructed() == collection
    }
}

/// What reading has cost so far.
#[derive(Default)]
struct Spent {
    values: usize,
    segments: usize,
}

impl Spent {
    fn value(&mut self, at: usize) -> Result<(), Refusal> {
        self.values = self.values.saturating_add(1);
        within(self.values, limits::BER_VALUES, "values", at)
    }

    fn segment(&mut self, at: usize) -> Result<(), Refusal> {
        self.segments = self.segments.saturating_add(1);
        within(self.segments, limits::BER_SEGMENTS, "segments", at)
    }
}

fn within(count: usize, limit: usize, what: &str, at: usize) -> Result<(), Refusal> {
    if count <= limit {
        return Ok(());
    }
    Err(Refusal::new(Code::BerTooMany)
        .detail(format_args!("byte {at}"))
        .expected(format_args!("at most {limit} {what}")))
}

fn check_depth(depth: usize, at: usize) -> Result<(), Refusal> {
    if depth <= limits::BER_DEPTH {
        return Ok(());
    }
    Err(Refusal::new(Code::BerTooDeep)
        .detail(format_args!("byte {at}"))
        .expected(format_args!("at most {} levels", limits::BER_DEPTH)))
}

fn malformed(at: usize, what: &str) -> Refusal {
    Refusal::new(Code::BerMalformed).detail(format_args!("byte {at}")).found(what)
}

/// Appends one value in DER (X.690 section 10.1: the length in its shortest form).
pub(crate) fn push_value(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    out.extend(length_bytes(contents.len()));
    out.extend_from_slice(contents);
}

/// Puts their length in front of the contents that were appended from `start` on.
fn insert_length(out: &mut Vec<u8>, start: usize) {
    let length = out.len().saturating_sub(start);
    out.splice(start..start, length_bytes(length));
}

/// A length in its shortest form.
fn length_bytes(length: usize) -> impl Iterator<Item = u8> {
    let bytes = length.to_be_bytes();
    let needed = bytes.len().saturating_sub(bytes.iter().take_while(|&&o| o == 0).count());
    let long = (length > 0x7f).then(|| 0x80 | u8::try_from(needed).unwrap_or(u8::MAX));
    long.into_iter().chain(bytes.into_iter().skip(bytes.len().saturating_sub(needed.max(1))))
}
