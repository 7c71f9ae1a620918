//! Points in time: signed 64-bit seconds since 1970-01-01T00:00:00Z.
//!
//! Signed, because certificates reach from 1950 to 9999 (RFC 5280 section 4.1.2.5). There is no clock
//! here: every function that depends on time takes it as a parameter.

mod rfc3339;

use core::fmt;

/// Seconds since the Unix epoch; may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

/// The first second of the year 9999 that does not exist any more: 10000-01-01T00:00:00Z.
const YEAR_10000: i64 = 253_402_300_800;
/// 0000-01-01T00:00:00Z.
const YEAR_0: i64 = -62_167_219_200;

const SECONDS_A_DAY: i64 = 86_400;

impl UnixTime {
    /// A time from seconds since the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This time `seconds` later (earlier when negative), saturating at the ends of the range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to `self`, saturating; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time of a civil date and time of day in UTC (proleptic Gregorian calendar).
    ///
    /// Returns `None` when a part is out of range: year 0..=9999, month 1..=12, a day that the month
    /// has, hour 0..=23, minute 0..=59, second 0..=59 (leap seconds do not exist in certificates).
    #[must_use]
    pub fn from_civil(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Option<Self> {
        if year > 9999 || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        if day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let days = days_before(i64::from(year), i64::from(month), i64::from(day));
        let seconds = days
            .checked_mul(SECONDS_A_DAY)?
            .checked_add(i64::from(hour).checked_mul(3600)?)?
            .checked_add(i64::from(minute).checked_mul(60)?)?
            .checked_add(i64::from(second))?;
        Some(Self(seconds))
    }
}

impl fmt::Display for UnixTime {
    /// RFC 3339 in UTC for the years 0 to 9999, plain seconds outside them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !(YEAR_0..YEAR_10000).contains(&self.0) {
            return write!(f, "{}", self.0);
        }
        let days = self.0.div_euclid(SECONDS_A_DAY);
        let rest = self.0.rem_euclid(SECONDS_A_DAY);
        let (year, month, day) = civil_of(days);
        let hour = rest.div_euclid(3600);
        let minute = rest.rem_euclid(3600).div_euclid(60);
        let second = rest.rem_euclid(60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the epoch to a civil date. The year is counted from March, so that the leap day comes last,
/// and in eras of 400 years, which all have 146,097 days. The arguments are small: nothing can overflow.
#[allow(clippy::arithmetic_side_effects)]
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9).rem_euclid(12);
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The civil date of a day number; the inverse of [`days_before`].
#[allow(clippy::arithmetic_side_effects)]
const fn civil_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn civil_dates_and_seconds_agree() {
        let check = |parts: (u16, u8, u8, u8, u8, u8), seconds: i64, text: &str| {
            let (y, mo, d, h, mi, s) = parts;
            let time = UnixTime::from_civil(y, mo, d, h, mi, s).unwrap();
            assert_eq!(time.seconds(), seconds, "{text}");
            assert_eq!(time.to_string(), text);
        };
        check((1970, 1, 1, 0, 0, 0), 0, "1970-01-01T00:00:00Z");
        check((1950, 1, 1, 0, 0, 0), -631_152_000, "1950-01-01T00:00:00Z");
        check((1969, 12, 31, 23, 59, 59), -1, "1969-12-31T23:59:59Z");
        check((2000, 2, 29, 12, 0, 0), 951_825_600, "2000-02-29T12:00:00Z");
        check((2026, 11, 24, 12, 0, 0), 1_795_521_600, "2026-11-24T12:00:00Z");
        check((9999, 12, 31, 23, 59, 59), YEAR_10000 - 1, "9999-12-31T23:59:59Z");
        check((0, 1, 1, 0, 0, 0), YEAR_0, "0000-01-01T00:00:00Z");
    }

    #[test]
    fn every_day_of_four_centuries_round_trips() {
        for day in -146_097..146_097_i64 {
            let (y, m, d) = civil_of(day);
            assert_eq!(days_before(y, m, d), day);
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        assert_eq!(UnixTime::from_civil(2023, 2, 29, 0, 0, 0), None);
        assert_eq!(UnixTime::from_civil(1900, 2, 29, 0, 0, 0), None);
        assert_eq!(UnixTime::from_civil(2024, 13, 1, 0, 0, 0), None);
        assert_eq!(UnixTime::from_civil(2024, 0, 1, 0, 0, 0), None);
        assert_eq!(UnixTime::from_civil(2024, 4, 31, 0, 0, 0), None);
        assert_eq!(UnixTime::from_civil(2024, 1, 1, 24, 0, 0), None);
        assert_eq!(UnixTime::from_civil(2024, 1, 1, 0, 0, 60), None);
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(UnixTime::from_seconds(i64::MAX).plus(1).seconds(), i64::MAX);
        assert_eq!(UnixTime::from_seconds(i64::MIN).since(UnixTime::from_seconds(1)), i64::MIN);
    }
}
