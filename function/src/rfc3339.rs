//! A moment as text: UTC, RFC 3339, milliseconds, as JavaScript's `toISOString` writes it.

use std::time::{SystemTime, UNIX_EPOCH};

const MILLIS_A_DAY: u64 = 86_400_000;

/// `2026-11-22T15:43:12.123Z`. A clock set before 1970 is taken for 1970; of a year
/// above 9999 the last four digits are shown.
pub fn format(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let (year, month, day) = civil(millis / MILLIS_A_DAY);
    let of_day = millis % MILLIS_A_DAY;
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, milli) = (of_day / 1_000 % 60, of_day % 1_000);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    // By hand: `format!` with its seven widths takes twenty times the instructions, on every ride.
    for (place, value) in [
        (0..4, year),
        (5..7, month),
        (8..10, day),
        (11..13, hour),
        (14..16, minute),
        (17..19, second),
        (20..23, milli),
    ] {
        let mut rest = value;
        for digit in text[place].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
    text.into_iter().map(char::from).collect()
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant's `civil_from_days`): years
/// begin in March, so that the leap day is the last of its year.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 {
        march_based + 3
    } else {
        march_based - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::format;
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
}
