//! A moment as text: UTC, RFC 3339, always with milliseconds, as JavaScript's `toISOString` writes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
const LAST: Duration = Duration::from_millis(253_402_300_799_999);

/// `2026-11-22T15:43:12.123Z`. A time before 1970 becomes 1970, and one after 9999 the end of that
/// year: a wrong clock must not make a request fail.
pub fn format(moment: SystemTime) -> String {
    let moment = moment.clamp(UNIX_EPOCH, UNIX_EPOCH + LAST);
    humantime::format_rfc3339_millis(moment).to_string()
}

#[cfg(test)]
mod tests {
    use super::{LAST, format};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn moments_read_as_they_should() {
        // From `date -u -d @SECONDS`.
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_795_016_161_007, "2026-11-18T15:36:01.007Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format(UNIX_EPOCH + Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn a_clock_before_1970_is_taken_for_1970() {
        assert_eq!(
            format(UNIX_EPOCH - Duration::from_secs(5)),
            "1970-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn a_clock_after_9999_is_taken_for_its_end() {
        let later = UNIX_EPOCH + LAST + Duration::from_secs(5);
        assert_eq!(format(later), "9999-12-31T23:59:59.999Z");
    }
}
