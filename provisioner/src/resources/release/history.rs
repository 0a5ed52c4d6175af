//! The published versions of the function: when and from what each was made, and whether it passed its test
//! ride. Pure.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::FunctionConfiguration;

use super::proof::{Current, Record, Version};
use crate::engine::attribute::Name;
use crate::engine::observed::Facts;
use crate::resources::function::{FunctionSpec, configuration_facts};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedVersion {
    pub version: Version,
    pub is_live: bool,
    pub test_ride: Recorded,
    /// ISO 8601, as AWS writes it.
    pub published: Option<String>,
    pub source: Option<String>,
    pub commit: Option<String>,
    /// The ARN of who published it.
    pub by: Option<String>,
    /// `code` and the settings that differ from the version below it; `None` for the lowest one.
    pub changed: Option<Vec<String>>,
}

/// What the alias's description records of a version's test ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    Passed,
    Skipped,
    Nothing,
}

/// The published versions, the newest first. `live` is the version that the alias points at.
pub fn history(
    function: &FunctionSpec,
    versions: &[FunctionConfiguration],
    live: Option<Version>,
    record: &Record,
) -> Vec<PublishedVersion> {
    let numbered = versions
        .iter()
        .filter_map(|found| Some((found.version()?.parse().ok()?, found)));
    let mut numbered: Vec<(Version, &FunctionConfiguration)> = numbered.collect();
    numbered.sort_unstable_by_key(|(version, _)| *version);
    let below = std::iter::once(None).chain(numbered.iter().map(|(_, found)| Some(*found)));
    let rows = numbered.iter().zip(below);
    let rows = rows.map(|((version, found), below)| PublishedVersion {
        version: *version,
        is_live: live == Some(*version),
        test_ride: recorded(*version, record),
        published: found.last_modified().map(str::to_owned),
        source: described(found, "source").map(str::to_owned),
        commit: described(found, "commit").map(str::to_owned),
        by: described(found, "by").map(str::to_owned),
        changed: below.map(|below| changed(function, below, found)),
    });
    let mut rows: Vec<PublishedVersion> = rows.collect();
    rows.reverse();
    rows
}

fn recorded(version: Version, record: &Record) -> Recorded {
    match &record.current {
        Some(Current {
            proof,
            skipped: true,
        }) if proof.version == version => Recorded::Skipped,
        _ if record.proven().any(|proof| proof.version == version) => Recorded::Passed,
        _ => Recorded::Nothing,
    }
}

fn changed(
    function: &FunctionSpec,
    from: &FunctionConfiguration,
    to: &FunctionConfiguration,
) -> Vec<String> {
    let code = (from.code_sha256() != to.code_sha256()).then(|| "code".to_owned());
    let facts = [from, to].map(|found| configuration_facts(function, found));
    code.into_iter().chain(differing(&facts)).collect()
}

/// The names of the facts that are not the same in both.
fn differing([from, to]: &[Facts; 2]) -> Vec<String> {
    let names = from.iter().chain(to.iter()).map(|(name, _)| name);
    let names: BTreeSet<&Name> = names.collect();
    let differing = names
        .into_iter()
        .filter(|name| from.get(name) != to.get(name));
    differing.map(ToString::to_string).collect()
}

/// The value of `key` in a version's description: `source=…`.
pub fn described<'a>(version: &'a FunctionConfiguration, key: &str) -> Option<&'a str> {
    let parts = version.description().unwrap_or_default().split(' ');
    let mut values = parts.filter_map(|part| part.strip_prefix(key)?.strip_prefix('='));
    values.next()
}
