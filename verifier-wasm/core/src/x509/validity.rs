//! The validity period of a certificate (RFC 5280 section 4.1.2.5).

use super::fields::{Field, Fields};
use crate::refusal::Refusal;
use crate::time::UnixTime;
use der::Tag;

/// From when until when, both ends included. A period that ends before it begins is never valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: UnixTime,
    pub(super) not_after: UnixTime,
}

impl Validity {
    /// Reads the two times of a Validity.
    ///
    /// Section 4.1.2.5 asks authorities for UTCTime until 2049, and asks no one to refuse a GeneralizedTime that
    /// says the same: it has one meaning, and authorities write it.
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, Refusal> {
        let not_before = either_time(&mut fields, "validity.notBefore")?;
        let not_after = either_time(&mut fields, "validity.notAfter")?;
        fields.finish("validity")?;
        Ok(Self { not_before, not_after })
    }
}

/// A UTCTime or a GeneralizedTime, whatever the year.
pub(crate) fn either_time(fields: &mut Fields<'_>, name: &str) -> Result<UnixTime, Refusal> {
    let field = fields.any(name)?;
    read_time(&field).map(|(time, _)| time).ok_or_else(|| {
        fields.wrong(name).expected("UTCTime or GeneralizedTime, to the second, in Z")
    })
}

/// A UTCTime or a GeneralizedTime, in the one form that its year leaves, as RFC 5652 section 11.3 wants
/// signingTime.
pub(crate) fn time(fields: &mut Fields<'_>, name: &str) -> Result<UnixTime, Refusal> {
    let field = fields.any(name)?;
    match read_time(&field) {
        Some((time, year)) if field.tag == Tag::UtcTime || year >= 2050 => Ok(time),
        _ => Err(fields
            .wrong(name)
            .expected("UTCTime until 2049, GeneralizedTime from 2050, to the second, in Z")),
    }
}

/// A time and its year. No fractions, no zones; two digits of a year are from 1950 to 2049.
fn read_time(field: &Field<'_>) -> Option<(UnixTime, u16)> {
    let mut digits = field.contents.strip_suffix(b"Z")?;
    let mut pair = || {
        let (pair, rest) = digits.split_first_chunk()?;
        digits = rest;
        two_digits(*pair)
    };
    let year = match (field.tag, pair()?) {
        (Tag::UtcTime, yy) => u16::from(yy).checked_add(if yy < 50 { 2000 } else { 1900 })?,
        (Tag::GeneralizedTime, century) => {
            u16::from(century).checked_mul(100)?.checked_add(u16::from(pair()?))?
        }
        _ => return None,
    };
    let (month, day, hour, minute, second) = (pair()?, pair()?, pair()?, pair()?, pair()?);
    let time = UnixTime::from_civil(year, month, day, hour, minute, second)?;
    digits.is_empty().then_some((time, year))
}

fn two_digits(pair: [u8; 2]) -> Option<u8> {
    match pair {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            tens.checked_sub(b'0')?.checked_mul(10)?.checked_add(ones.checked_sub(b'0')?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::writer;
    use crate::refusal::Code;

    #[test]
    fn x22_times_have_one_spelling() {
        let check = |tag: Tag, text: &str, expect: Option<(u16, u8, u8, u8, u8, u8)>| {
            let field = Field { tag, contents: text.as_bytes(), der: &[] };
            let expect = expect
                .map(|(y, mo, d, h, mi, s)| UnixTime::from_civil(y, mo, d, h, mi, s).unwrap());
            assert_eq!(read_time(&field).map(|(time, _)| time), expect, "{text}");
        };
        let (utc, general) = (Tag::UtcTime, Tag::GeneralizedTime);
        check(utc, "500101120100Z", Some((1950, 1, 1, 12, 1, 0)));
        check(utc, "491231235959Z", Some((2049, 12, 31, 23, 59, 59)));
        check(utc, "700101000000Z", Some((1970, 1, 1, 0, 0, 0)));
        check(utc, "000229000000Z", Some((2000, 2, 29, 0, 0, 0)));
        check(general, "20500101000000Z", Some((2050, 1, 1, 0, 0, 0)));
        check(general, "99991231235959Z", Some((9999, 12, 31, 23, 59, 59)));

        check(general, "20491231235959Z", Some((2049, 12, 31, 23, 59, 59)));
        check(general, "19500101000000Z", Some((1950, 1, 1, 0, 0, 0)));
        check(utc, "010229000000Z", None);
        check(utc, "5001011201Z", None);
        check(utc, "500101120100", None);
        check(utc, "500101120100z", None);
        check(utc, "500101120100ZZ", None);
        check(utc, "500101120100+0000", None);
        check(utc, "50010112010 Z", None);
        check(utc, "-50101120100Z", None);
        check(utc, "500101120160Z", None);
        check(utc, "20500101000000Z", None);
        check(utc, "5001011201\u{e9}Z", None);
        check(general, "20500101000000.5Z", None);
        check(general, "500101120100Z", None);
        check(general, "20501301000000Z", None);
        check(Tag::Utf8String, "500101120100Z", None);
        check(utc, "", None);
        check(utc, "Z", None);
    }

    #[test]
    fn x22_a_year_has_one_form_where_that_is_asked_for() {
        let check = |tag: u8, text: &str, either: bool, one: bool| {
            let der = writer::value(tag, &[text.as_bytes()]);
            let fields = || Fields::of(&der, Code::CertificateMalformed).unwrap();
            assert_eq!(either_time(&mut fields(), "time").is_ok(), either, "{text}");
            assert_eq!(time(&mut fields(), "time").is_ok(), one, "{text}");
        };
        check(0x17, "491231235959Z", true, true);
        check(0x18, "20500101000000Z", true, true);
        check(0x18, "20491231235959Z", true, false);
        check(0x18, "20491231235959", false, false);
        check(0x17, "4912312359Z", false, false);
    }
}
