//! The text of `logs`: a request's facts in one line, and below it what the function logged.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::escape;
use super::style::Style;
use crate::requests::{Entry, LogEvent, LoggedRequest, Report};

/// Fields that the line of the request has already.
const SHOWN_ABOVE: [&str; 5] = ["level", "timestamp", "requestId", "start", "durationMs"];

pub fn text(entry: &Entry, zone: &TimeZone, style: Style) -> String {
    match entry {
        Entry::Request(request) => {
            let lines = request.lines.iter().map(|event| line(event, style));
            format!(
                "{}{}",
                head(request, zone, style),
                lines.collect::<String>()
            )
        }
        Entry::Other(event) => {
            let at = time(event.timestamp, zone);
            format!(
                "{}  {}",
                style.dim(&at),
                escape::foreign(with_end(&event.message).as_str())
            )
        }
    }
}

fn head(request: &LoggedRequest, zone: &TimeZone, style: Style) -> String {
    let mut parts = vec![
        time(request.start.timestamp, zone),
        format!("version {}", request.version),
    ];
    match &request.report {
        Some(report) => parts.extend(measured(report)),
        None => parts.push("not finished".to_owned()),
    }
    let parts = escape::value(&parts.join("  ")).into_owned();
    let parts = match request.is_failed() {
        true => style.red(&parts),
        false => style.bold(&parts),
    };
    format!("{parts}  {}\n", style.dim(&escape::value(&request.id)))
}

fn measured(report: &Report) -> Vec<String> {
    let mut parts = vec![
        format!("{} (billed {})", report.duration, report.billed),
        memory(report),
    ];
    parts.extend(report.init.iter().map(|init| format!("cold start {init}")));
    parts.extend(report.status.clone());
    parts
}

/// The local cloud measures no memory on macOS.
fn memory(report: &Report) -> String {
    let Report {
        memory_used,
        memory,
        ..
    } = report;
    match memory_used.as_str() {
        "not measured" => format!("memory {memory_used}"),
        _ => format!("{memory_used} of {memory}"),
    }
}

/// A line of the function: the fields of a JSON object as `name=value`, other text as it is.
fn line(event: &LogEvent, style: Style) -> String {
    let text = match event.fields() {
        Some(fields) => {
            let level = fields
                .get("level")
                .and_then(Value::as_str)
                .unwrap_or("INFO");
            let level = (level != "INFO").then(|| level.to_owned());
            let rest = fields
                .iter()
                .filter(|(name, _)| !SHOWN_ABOVE.contains(&name.as_str()));
            let rest = rest.map(|(name, value)| match value {
                // A line break in it would look like a line of its own.
                Value::String(text) => format!("{name}={}", escape::value(text)),
                value => format!("{name}={value}"),
            });
            level.into_iter().chain(rest).collect::<Vec<_>>().join(" ")
        }
        None => event.message.trim_end().replace('\n', "\n    "),
    };
    let text = escape::foreign(&text).into_owned();
    let text = if event.is_error() {
        style.red(&text)
    } else {
        text
    };
    format!("    {text}\n")
}

/// `2026-11-28 11:18:54.700`, in the user's time zone.
fn time(milliseconds: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(milliseconds);
    at.map_or_else(
        |_| "unknown time".to_owned(),
        |at| {
            at.to_zoned_datetime(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S%.3f")
                .to_string()
        },
    )
}

fn with_end(message: &str) -> String {
    format!("{}\n", message.trim_end())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::text;
    use crate::report::style::Style;
    use crate::requests::{LogEvent, Requests};

    #[test]
    fn a_request_is_one_line_with_its_log_below() {
        let mut requests = Requests::default();
        let mut shown = String::new();
        for (timestamp, message) in [
            (1_795_864_734_700, "START RequestId: 1bc1668e Version: 2"),
            (
                1_795_864_734_710,
                r#"{"level":"INFO","requestId":"1bc1668e","rideId":"dDh0","unicorn":"Bucephalus"}"#,
            ),
            (
                1_795_864_734_711,
                r#"{"level":"ERROR","code":"AccessDenied","rider":"a\u001bb\nc"}"#,
            ),
            (1_795_864_734_712, "END RequestId: 1bc1668e"),
            (
                1_795_864_734_712,
                "REPORT RequestId: 1bc1668e\tDuration: 13.91 ms\tBilled Duration: 14 ms\t\
                 Memory Size: 128 MB\tMax Memory Used: 14 MB\tInit Duration: 12.90 ms\t",
            ),
            (1_795_864_735_000, "INIT_START Runtime Version: provided"),
        ] {
            let event = LogEvent {
                timestamp,
                stream: "s".to_owned(),
                message: message.to_owned(),
            };
            for entry in requests.add(event) {
                shown.push_str(&text(&entry, &TimeZone::UTC, Style::PLAIN));
            }
        }
        assert_eq!(
            shown,
            "2026-11-28 11:18:54.700  version 2  13.91 ms (billed 14 ms)  14 MB of 128 MB  \
             cold start 12.90 ms  1bc1668e\n    \
             rideId=dDh0 unicorn=Bucephalus\n    \
             ERROR code=AccessDenied rider=a\\u{1b}b\\nc\n\
             2026-11-28 11:18:55.000  INIT_START Runtime Version: provided\n"
        );
    }
}
