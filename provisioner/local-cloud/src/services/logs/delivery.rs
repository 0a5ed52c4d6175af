//! The delivery of what a function logged.

use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::authorize::{RequiredPermission, permits};
use crate::identity::caller::Caller;
use crate::runtime::Outcome;
use crate::services::logs::names::stream_arn;
use crate::state::State;
use crate::state::log_group::LogGroup;
use crate::storage::log_files::{Durable, Event, Group};

/// Writes the log of an invocation with the permissions of the function's role. Without them nothing
/// is written, and the invocation still succeeds.
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
        let record = |state: &mut State| {
            let late_logs = &mut state.region_mut(region).late_logs;
            late_logs.insert(group.clone(), late);
            Ok(())
        };
        // If this is not saved, a deleted group just stays deleted.
        let _ = cloud.store.change(record).await;
    }
    let Some(id) = group_id(cloud, region, group, may_create.then_some(now)).await else {
        return;
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
    // With a full disk the log is lost; the invocation does not fail for it.
    let _ = cloud.logs.with(&id, append).await;
}

/// The id of the group. A group that does not exist is created at the given moment, if any.
async fn group_id(
    cloud: &Cloud,
    region: &str,
    group: &str,
    create_at: Option<Millis>,
) -> Option<String> {
    let id = |state: &State| {
        let groups = &state.region(region).log_groups;
        groups.get(group).map(|group| group.id.clone())
    };
    if let Some(id) = id(&cloud.store.read()) {
        return Some(id);
    }
    let now = create_at?;
    let created = cloud.store.change(|state| {
        let groups = &mut state.region_mut(region).log_groups;
        let group = groups.entry(group.to_owned());
        Ok(group.or_insert_with(|| LogGroup::new(now)).id.clone())
    });
    created.await.ok()
}
