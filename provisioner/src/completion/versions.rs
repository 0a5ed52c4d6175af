//! The versions that `rollback` accepts: those that exist and passed a test ride.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join;

use super::place::Place;
use crate::artifact::{Arch, BuildTarget};
use crate::aws::connect::{Options, connect};
use crate::aws::interceptors::Interceptors;
use crate::cli::{Candidate, Global};
use crate::engine::clock::{Clock as _, RealClock, SharedClock};
use crate::local;
use crate::resources::release::proof::{Record, Version};
use crate::stack::declaration::Stack;
use crate::stack::names::LIVE;
use crate::stack::stage::Stage;
use crate::target_flags::LOCAL_REGION;

/// For all of it: credentials, the alias and the versions. A prompt must not hang.
const LIMIT: Duration = Duration::from_secs(2);

pub fn versions(global: &Global) -> Vec<Candidate> {
    let found = if global.local {
        of_local_cloud(global)
    } else {
        of_aws(global)
    };
    found.map_or(Vec::new(), Found::candidates)
}

/// The published versions, and the alias that chooses one of them.
struct Found {
    published: Vec<Version>,
    live: Option<Version>,
    record: Record,
}

impl Found {
    /// The newest first.
    fn candidates(self) -> Vec<Candidate> {
        let Found {
            published,
            live,
            record,
        } = self;
        let mut proven: Vec<Version> = record.proven().map(|proof| proof.version).collect();
        proven.retain(|version| published.contains(version));
        proven.sort_unstable();
        let candidates = proven.into_iter().rev().map(|version| Candidate {
            value: version.to_string(),
            help: Some(match live == Some(version) {
                true => "live".to_owned(),
                false => "passed its test ride".to_owned(),
            }),
        });
        candidates.collect()
    }
}

/// The stack, of which only names count.
fn stack(global: &Global) -> Option<Stack> {
    let stage = Stage::parse(&global.stage).ok()?;
    let arch = BuildTarget::this_machine().arch;
    let place = Place::of(global)?;
    place.declaration.named_stack(&stage, arch).ok()
}

/// From its file: starting it would lock its directory.
fn of_local_cloud(global: &Global) -> Option<Found> {
    let saved = local::saved(&Place::of(global)?.local)?;
    let region = global.region.as_deref().unwrap_or(LOCAL_REGION);
    let function = stack(global)?.function.name;
    let (live, description) = saved.alias(region, &function, LIVE)?;
    Some(Found {
        published: saved.versions(region, &function),
        live: live.parse().ok(),
        record: Record::parse(description),
    })
}

fn of_aws(global: &Global) -> Option<Found> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().ok()?;
    let found = runtime.block_on(async {
        tokio::select! {
            found = ask_aws(global) => found,
            () = RealClock.sleep(LIMIT) => None,
        }
    });
    // What it still waits for, such as a name server, is not waited for.
    runtime.shutdown_background();
    found
}

async fn ask_aws(global: &Global) -> Option<Found> {
    let options = Options {
        region: global.region.clone(),
        profile: global.profile.clone(),
        endpoint_url: global.endpoint_url.clone(),
    };
    let clock: SharedClock = Arc::new(RealClock);
    let silent = Interceptors::silent(clock.clone());
    let connecting = connect(&options, Arch::X86_64, &clock, &silent);
    let cloud = Box::pin(connecting).await.ok()?;
    let live = stack(global)?.live_alias(&cloud);
    let (alias, published) = try_join(live.get(), live.numbers()).await.ok()?;
    let alias = alias?;
    Some(Found {
        published,
        live: alias.function_version().and_then(|live| live.parse().ok()),
        record: Record::parse(alias.description().unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::{Found, Record};

    #[test]
    fn only_what_exists_and_passed_is_offered() {
        let found = Found {
            published: vec![1, 2, 4, 7],
            live: Some(7),
            record: Record::parse(
                "proven 00000000000000aa as 7; earlier 6:00000000000000bb 4:00000000000000cc 2:00000000000000dd",
            ),
        };
        let candidates = found.candidates().into_iter();
        let candidates = candidates.map(|found| (found.value, found.help.unwrap_or_default()));
        let expected = [
            ("7", "live"),
            ("4", "passed its test ride"),
            ("2", "passed its test ride"),
        ];
        let expected = expected.map(|(value, help)| (value.to_owned(), help.to_owned()));
        assert_eq!(candidates.collect::<Vec<_>>(), expected);
    }
}
