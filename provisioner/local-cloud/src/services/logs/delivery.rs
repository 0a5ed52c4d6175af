//! The delivery of what a function logged.

use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::authorize::{RequiredPermission, permits};
use crate::identity::caller::Caller;
use crate::runtime::Outcome;
use crate::services::logs::names::stream_arn;
use crate::state::State;
use crate::state::log_group::LogGroup;
use crate::storage::log_files::{Durable, Event, Group};

/// Writes what an invocation logged, as the function's own role: what the role may not do is not
/// done, and the invocation doesn't fail for it.
pub(crate) async fn deliver(cloud: &Cloud, region: &str, caller: &Caller, outcome: &Outcome) {
    let now = cloud.now();
    let (group, stream) = (&outcome.log_group, outcome.log_stream.clone());
    let arn = stream_arn(region, group, &stream);
    let may = |action: &str, resource: &str| {
        let need = RequiredPermission::new(format!("logs:{action}"), resource);
        permits(&cloud.store.read(), caller, &need, now, region).is_ok()
    };
    if !may("CreateLogStream", &arn) || !may("PutLogEvents", &arn) {
        return;
    }
    let may_create = may("CreateLogGroup", &stream_arn(region, group, ""));
    let late = cloud.faults.after(now, Delay::LogsLate);
    if may_create && late > now {
        let expect = |state: &mut State| {
            let late_logs = &mut state.region_mut(region).late_logs;
            late_logs.insert(group.clone(), late);
            Ok(())
        };
        // Not saved: then nothing comes back.
        let _ = cloud.store.change(expect).await;
    }
    let there = cloud
        .store
        .read()
        .region(region)
        .log_groups
        .get(group)
        .map(|g| g.id.clone());
    let id = match there {
        Some(id) => id,
        // The group comes back with the first log of a role that may make it.
        None if may_create => {
            let made = cloud.store.change(|state| {
                let groups = &mut state.region_mut(region).log_groups;
                Ok(groups
                    .entry(group.clone())
                    .or_insert_with(|| LogGroup::new(now))
                    .id
                    .clone())
            });
            match made.await {
                Ok(id) => id,
                Err(_) => return,
            }
        }
        None => return,
    };
    let events: Vec<Event> = outcome
        .log
        .lines()
        .map(|line| Event {
            timestamp: now,
            ingested: now,
            message: format!("{line}\n"),
        })
        .collect();
    let append = move |group: &Group| {
        group.create(&stream, now)?;
        group.append(&stream, &events, Durable::No)
    };
    // A full disk loses the log, as a lost connection to it would at AWS.
    let _ = cloud.logs.with(&id, append).await;
}
