//! Seeds that the normal run takes, and those that `.ci/long` asks for.

use std::ops::RangeInclusive;

/// `FIRST..LAST` of an environment variable, both included.
pub fn seeds(variable: &str, otherwise: RangeInclusive<u64>) -> RangeInclusive<u64> {
    let asked = std::env::var(variable).ok();
    let asked = asked.as_deref().and_then(|seeds| seeds.split_once(".."));
    let number = |text: &str| text.parse().expect("a seed");
    asked.map_or(otherwise, |(first, last)| number(first)..=number(last))
}
