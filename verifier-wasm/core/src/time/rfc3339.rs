//! Date-times as people and logs write them (RFC 3339).

use super::UnixTime;

impl UnixTime {
    /// The time of an RFC 3339 date-time, floored to seconds; `None` when it is none. There are no leap seconds.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (date_time, rest) = text.split_at_checked("2026-11-24T12:00:00".len())?;
        let (date, clock) = date_time.split_once(['T', 't'])?;
        let [year, month, day] = parts(date, '-')?;
        let [hour, minute, second] = parts(clock, ':')?;
        let local = Self::from_civil(
            number(year, 4)?,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
        )?;
        // A fraction only makes the time later within its second.
        let zone = match rest.strip_prefix('.') {
            None => rest,
            Some(fraction) => {
                let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
                if zone.len() == fraction.len() {
                    return None;
                }
                zone
            }
        };
        Some(local.plus(0_i64.checked_sub(offset(zone)?)?))
    }
}

/// Seconds that a zone is ahead of UTC: `Z`, or hours and minutes with their sign.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (ahead, clock) = match zone.strip_prefix('+') {
        Some(clock) => (1, clock),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (small(hours)?, small(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds =
        i64::from(hours).checked_mul(3600)?.checked_add(i64::from(minutes).checked_mul(60)?)?;
    seconds.checked_mul(ahead)
}

/// Exactly three parts.
fn parts(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let all = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(all)
}

/// The number that exactly `digits` digits are.
fn number(text: &str, digits: usize) -> Option<u16> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn small(text: &str) -> Option<u8> {
    u8::try_from(number(text, 2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times() {
        let check = |text: &str, expect: Option<i64>| {
            assert_eq!(UnixTime::from_rfc3339(text).map(UnixTime::seconds), expect, "{text}");
        };
        check("2026-11-24T12:00:00Z", Some(1_795_521_600));
        check("2026-11-24t12:00:00z", Some(1_795_521_600));
        check("2026-11-24T13:00:00.999+01:00", Some(1_795_521_600));
        check("2026-11-24T10:30:00-01:30", Some(1_795_521_600));
        check("1969-12-31T23:59:59.5Z", Some(-1));
        check("9999-12-31T23:59:59Z", Some(253_402_300_799));
        check("0000-01-01T00:00:00Z", Some(-62_167_219_200));
        for bad in [
            "",
            "now",
            "2026-11-24",
            "2026-11-24T12:00:00",
            "2026-11-24T12:00Z",
            "2026-11-24T12:00:00.Z",
            "2026-11-24T12:00:00.5",
            "2026-11-24T12:00:00Zulu",
            "2026-11-24T12:00:00+0100",
            "2026-11-24T12:00:00+1:00",
            "2026-11-24T12:00:00+24:00",
            "2026-11-24T12:00:00+01:60",
            "2026-11-24T12:00:60Z",
            "2026-11-24 12:00:00Z",
            "2026-13-24T12:00:00Z",
            "2026-02-29T12:00:00Z",
            "+026-11-24T12:00:00Z",
            "2026-11-24T+2:00:00Z",
            "2026-11-24T12:00:00Z ",
            "ü026-11-24T12:00:00Z",
            "2026-1-124T12:00:00Z",
        ] {
            check(bad, None);
        }
    }
}
