//! The validity period of a certificate (RFC 5280 section 4.1.2.5).

use super::fields::{Field, Fields};
use crate::refusal::Refusal;
use crate::time::UnixTime;
use alloc::vec::Vec;
use der::Tag;

/// From when until when, both ends included. A period that ends before it begins is never valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: UnixTime,
    pub(super) not_after: UnixTime,
}

impl Validity {
    /// Reads the two times of a Validity.
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, Refusal> {
        let not_before = time(&mut fields, "validity.notBefore")?;
        let not_after = time(&mut fields, "validity.notAfter")?;
        fields.finish("validity")?;
        Ok(Self { not_before, not_after })
    }
}

/// A UTCTime or a GeneralizedTime, in the one form that its year leaves. RFC 5652 section 11.3 has the same rule
/// for signingTime.
pub(crate) fn time(fields: &mut Fields<'_>, name: &str) -> Result<UnixTime, Refusal> {
    let field = fields.any(name)?;
    read_time(&field).ok_or_else(|| {
        fields
            .wrong(name)
            .expected("UTCTime until 2049, GeneralizedTime from 2050, to the second, in Z")
    })
}

/// A time in the one form that section 4.1.2.5 leaves for its year: no fractions, no zones, and
/// GeneralizedTime only for what UTCTime cannot say.
fn read_time(field: &Field<'_>) -> Option<UnixTime> {
    let digits = field.contents.strip_suffix(b"Z")?;
    let pairs = digits.chunks(2).map(two_digits).collect::<Option<Vec<u8>>>()?;
    match (field.tag, pairs.as_slice()) {
        (Tag::UtcTime, [yy, month, day, hour, minute, second]) => {
            let century = if *yy < 50 { 2000 } else { 1900 };
            let year = u16::from(*yy).checked_add(century)?;
            UnixTime::from_civil(year, *month, *day, *hour, *minute, *second)
        }
        (Tag::GeneralizedTime, [century, yy, month, day, hour, minute, second]) => {
            let year = u16::from(*century).checked_mul(100)?.checked_add(u16::from(*yy))?;
            if year < 2050 {
                return None;
            }
            UnixTime::from_civil(year, *month, *day, *hour, *minute, *second)
        }
        _ => None,
    }
}

fn two_digits(pair: &[u8]) -> Option<u8> {
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

    #[test]
    fn a_year_has_one_form() {
        let check = |tag: Tag, text: &str, expect: Option<(u16, u8, u8, u8, u8, u8)>| {
            let field = Field { tag, contents: text.as_bytes(), der: &[] };
            let expect = expect
                .map(|(y, mo, d, h, mi, s)| UnixTime::from_civil(y, mo, d, h, mi, s).unwrap());
            assert_eq!(read_time(&field), expect, "{text}");
        };
        let (utc, general) = (Tag::UtcTime, Tag::GeneralizedTime);
        check(utc, "500101120100Z", Some((1950, 1, 1, 12, 1, 0)));
        check(utc, "491231235959Z", Some((2049, 12, 31, 23, 59, 59)));
        check(utc, "700101000000Z", Some((1970, 1, 1, 0, 0, 0)));
        check(utc, "000229000000Z", Some((2000, 2, 29, 0, 0, 0)));
        check(general, "20500101000000Z", Some((2050, 1, 1, 0, 0, 0)));
        check(general, "99991231235959Z", Some((9999, 12, 31, 23, 59, 59)));

        check(general, "20491231235959Z", None);
        check(general, "19500101000000Z", None);
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
    }
}
