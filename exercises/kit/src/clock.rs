//! Points in time as records carry them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time now, as an event's `timestamp` gives it: `2026-11-21T10:15:30Z`.
pub fn now() -> String {
    format!("{}Z", to_the_second(since_1970(SystemTime::now())))
}

/// A point in time with its milliseconds: `2026-03-02T08:00:00.250Z`, RFC 3339 in UTC. Two of these are in order of time
/// when they are in order as text.
pub fn timestamp(time: SystemTime) -> String {
    let since = since_1970(time);
    format!("{}.{:03}Z", to_the_second(since), since.subsec_millis())
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn to_the_second(since: Duration) -> String {
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day, the given number of days after 1 January 1970.
fn date(mut days: u64) -> (u64, usize, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_rfc_3339_has_it() {
        let written = |ms: u64| timestamp(UNIX_EPOCH + Duration::from_millis(ms));
        assert_eq!(written(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(written(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(written(1_772_438_400_250), "2026-03-02T08:00:00.250Z");
        assert_eq!(written(1_798_761_599_007), "2026-12-31T23:59:59.007Z");
        assert_eq!(written(4_107_542_399_000), "2100-02-28T23:59:59.000Z");
    }
}
