//! The clock of the cloud, which a test can replace, and the formats of moments.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time of a cloud. Life cycles, tokens and log retention go by this clock alone.
pub trait Clock: Send + Sync {
    fn now(&self) -> SystemTime;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A moment, in milliseconds since 1970.
pub(crate) type Millis = i64;

pub(crate) fn to_millis(time: SystemTime) -> Millis {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

/// `2026-11-22T15:43:00Z`, as IAM and STS write it.
pub(crate) fn iso_seconds(moment: Millis) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2026-11-22T15:43:00.123+0000`, as Lambda writes it.
pub(crate) fn iso_lambda(moment: Millis) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%S%.3f+0000")
}

/// `Sun, 22 Nov 2026 15:43:00 GMT`, as HTTP writes it.
pub(crate) fn http_date(moment: Millis) -> String {
    format(moment, "%a, %d %b %Y %H:%M:%S GMT")
}

/// `2026/11/22`, the first part of a function's log stream name.
pub(crate) fn day_path(moment: Millis) -> String {
    format(moment, "%Y/%m/%d")
}

/// `20261122T154300Z`, as Signature Version 4 writes it.
pub(crate) fn signature_date(moment: Millis) -> String {
    format(moment, "%Y%m%dT%H%M%SZ")
}

/// Reads `20261122T154300Z`.
pub(crate) fn parse_signature_date(text: &str) -> Option<Millis> {
    let parsed = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(parsed.and_utc().timestamp_millis())
}

/// Seconds with a fraction, as JSON protocols write a moment.
pub(crate) fn epoch_seconds(moment: Millis) -> serde_json::Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a moment in milliseconds is far below 2^52"
    )]
    let seconds = moment as f64 / 1000.0;
    serde_json::json!(seconds)
}

fn format(moment: Millis, pattern: &str) -> String {
    chrono::DateTime::from_timestamp_millis(moment)
        .unwrap_or_default()
        .format(pattern)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::{
        day_path, http_date, iso_lambda, iso_seconds, parse_signature_date, signature_date,
    };

    const MOMENT: i64 = 1_795_362_180_123;

    #[test]
    fn a_moment_is_written_as_each_service_writes_it() {
        assert_eq!(iso_seconds(MOMENT), "2026-11-22T15:43:00Z");
        assert_eq!(iso_lambda(MOMENT), "2026-11-22T15:43:00.123+0000");
        assert_eq!(day_path(MOMENT), "2026/11/22");
        assert_eq!(http_date(MOMENT), "Sun, 22 Nov 2026 15:43:00 GMT");
        assert_eq!(signature_date(MOMENT), "20261122T154300Z");
    }

    #[test]
    fn a_signature_date_is_read_strictly() {
        assert_eq!(
            parse_signature_date("20261122T154300Z"),
            Some(1_795_362_180_000)
        );
        for bad in ["", "20261122", "20261122T154300", "20261322T154300Z", "x"] {
            assert_eq!(parse_signature_date(bad), None, "{bad}");
        }
    }
}
