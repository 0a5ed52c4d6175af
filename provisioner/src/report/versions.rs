//! The output of `versions` as text and JSON.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::columns::columns;
use super::escape;
use crate::resources::release::history::{PublishedVersion, Recorded};

/// A table with the age of each version at `now`.
pub fn text(versions: &[PublishedVersion], now: SystemTime) -> String {
    if versions.is_empty() {
        return "no versions\n".to_owned();
    }
    let head = ["version", "", "published", "test ride", "commit", "changed"];
    let rows = versions.iter().map(|version| row(version, now));
    let rows: Vec<[String; 6]> = std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .collect();
    columns(&rows)
}

fn row(version: &PublishedVersion, now: SystemTime) -> [String; 6] {
    let PublishedVersion {
        version,
        is_live,
        test_ride,
        published,
        source: _,
        commit,
        by: _,
        changed,
    } = version;
    let at = published.as_deref().and_then(time);
    let at = at.and_then(|at| SystemTime::try_from(at).ok());
    let age = at.and_then(|at| now.duration_since(at).ok());
    let changed = match changed.as_deref() {
        None => String::new(),
        Some([]) => "nothing".to_owned(),
        Some(names) => names.join(", "),
    };
    [
        version.to_string(),
        if *is_live { "live" } else { "" }.to_owned(),
        age.map_or("unknown".to_owned(), ago),
        recorded(*test_ride).to_owned(),
        commit.clone().unwrap_or_else(|| "unknown".to_owned()),
        changed,
    ]
    .map(|cell| escape::value(&cell).into_owned())
}

fn recorded(test_ride: Recorded) -> &'static str {
    match test_ride {
        Recorded::Passed => "passed",
        Recorded::Skipped => "skipped",
        Recorded::Nothing => "not recorded",
    }
}

/// ISO 8601, also as Lambda writes it: `2026-11-28T10:00:00.000+0000`.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// `3 h ago`: in the largest unit of which at least one has passed.
fn ago(age: Duration) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let seconds = age.as_secs();
    let unit = units.into_iter().find(|(_, length)| seconds >= *length);
    unit.map_or("just now".to_owned(), |(unit, length)| {
        format!("{} {unit} ago", seconds / length)
    })
}

pub fn json(versions: &[PublishedVersion]) -> Value {
    let versions = versions.iter().map(|version| {
        let PublishedVersion {
            version,
            is_live,
            test_ride,
            published,
            source,
            commit,
            by,
            changed,
        } = version;
        let published = published.as_deref().and_then(time);
        json!({
            "version": version,
            "live": is_live,
            "testRide": recorded(*test_ride),
            "published": published.map(|at| at.to_string()),
            "source": source,
            "commit": commit,
            "by": by,
            "changed": changed,
        })
    });
    versions.collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use jiff::Timestamp;

    use super::{ago, text, time};
    use crate::resources::release::history::{PublishedVersion, Recorded};

    #[test]
    fn ages_have_one_unit() {
        for (seconds, expected) in [
            (0, "just now"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (7_199, "1 h ago"),
            (172_800, "2 d ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn both_forms_of_a_time_are_read() {
        let expected = Timestamp::from_millisecond(1_795_860_000_500).ok();
        for good in ["2026-11-28T10:00:00.500+0000", "2026-11-28T10:00:00.500Z"] {
            assert_eq!(time(good), expected, "{good}");
        }
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn a_table_for_people() {
        let version = PublishedVersion {
            version: 12,
            is_live: true,
            test_ride: Recorded::Passed,
            published: Some("2026-11-28T10:00:00.000+0000".to_owned()),
            source: None,
            commit: Some("4f2a1b0c9d8e-dirty".to_owned()),
            by: None,
            changed: Some(vec!["code".to_owned(), "memory".to_owned()]),
        };
        let first = PublishedVersion {
            version: 9,
            is_live: false,
            test_ride: Recorded::Nothing,
            published: None,
            commit: None,
            changed: None,
            ..version.clone()
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_869_000);
        assert_eq!(
            text(&[version, first], now),
            "version        published  test ride     commit              changed\n\
             12       live  2 h ago    passed        4f2a1b0c9d8e-dirty  code, memory\n\
             9              unknown    not recorded  unknown\n"
        );
    }
}
