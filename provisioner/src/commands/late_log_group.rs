//! A log group that is created again after its deletion. Lambda delivers log events even after the function
//! is deleted; if the role is allowed to create the group, a late event creates it, without retention.

use std::time::Duration;

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use serde_json::Value;

use crate::aws::call::read;
use crate::aws::clients::Cloud;
use crate::engine::apply::{Run, apply};
use crate::engine::observed::{ObservedState, Ownership};
use crate::engine::pace::Pace;
use crate::engine::plan::{Action, Plan};
use crate::engine::resource::Resource;
use crate::engine::status::Delay;
use crate::engine::wait::Look;
use crate::error::Error;
use crate::policy;
use crate::report::{Event, Reporter};
use crate::resources::{log_group, role};

const CREATE_LOG_GROUP: &str = "logs:CreateLogGroup";

/// How long the group must stay deleted. AWS documents no limit for late events; nearly all arrive within
/// seconds.
const QUIET: Duration = Duration::from_secs(60);

const LATE_EVENTS: Delay =
    Delay::new("it has stayed deleted for a minute", Pace::UNKNOWN).of("CloudWatch Logs");

/// An invocation may run for 30 minutes and logs at its end.
const LIMIT: Duration = Duration::from_secs(31 * 60);

/// The log groups that this plan deletes and a role of the stack may create again.
pub async fn may_be_recreated<'a>(
    plan: &Plan,
    run: &Run<'a>,
    cloud: &Cloud,
) -> Vec<&'a dyn Resource> {
    let mut found = Vec::new();
    for resource in run.resources {
        let group = resource.declared();
        let is_deleted = matches!(plan.action(&group.id()), Some(Action::Delete(_)));
        if group.id().kind == log_group::KIND
            && is_deleted
            && a_role_may_create(&group.arn(&run.inputs), run, cloud).await
        {
            found.push(&**resource);
        }
    }
    found
}

async fn a_role_may_create(group_arn: &str, run: &Run<'_>, cloud: &Cloud) -> bool {
    let present = run.inputs.inventory.present();
    for (id, state) in present.filter(|(id, _)| id.kind == role::KIND) {
        if inline_policies_allow(state, group_arn) {
            return true;
        }
        if role::has_attachments(state) {
            let role_arn = role::arn(&id.name, &run.inputs);
            if attached_policies_allow(cloud, &role_arn, group_arn, run.reporter).await {
                return true;
            }
        }
    }
    false
}

fn inline_policies_allow(role: &ObservedState, group_arn: &str) -> bool {
    let documents = role::inline_documents(role);
    let mut documents = documents.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let forms = [group_arn.to_owned(), format!("{group_arn}:*")];
    documents.any(|document| {
        let mut forms = forms.iter();
        forms.any(|arn| policy::grants(&document, CREATE_LOG_GROUP, arn))
    })
}

/// Asks IAM. True if IAM does not answer: waiting is the safe choice.
async fn attached_policies_allow(
    cloud: &Cloud,
    role_arn: &str,
    group_arn: &str,
    reporter: &dyn Reporter,
) -> bool {
    let doing = "ask IAM whether a policy of the role allows to create the log group again";
    let request = cloud
        .iam
        .simulate_principal_policy()
        .policy_source_arn(role_arn)
        .action_names(CREATE_LOG_GROUP)
        .resource_arns(format!("{group_arn}:*"));
    match read(doing, request.send()).await {
        Err(error) => {
            let cause = error.into_cause();
            let text = format!("could not {doing}, so this waits until it stays deleted: {cause}");
            reporter.report(&Event::Warning { text: &text });
            true
        }
        Ok(answer) => answer
            .evaluation_results()
            .iter()
            .any(|result| *result.eval_decision() == PolicyEvaluationDecisionType::Allowed),
    }
}

/// Waits until the group has stayed deleted for long enough, and deletes it whenever it exists again.
pub async fn wait_out(log_group: &dyn Resource, run: &Run<'_>) -> Result<(), Error> {
    // It was not deleted, because an earlier deletion failed.
    let observed = log_group.observe().await?;
    if observed.state().is_some() {
        return Ok(());
    }
    let id = log_group.declared().id();
    let what = format!("wait until {id} stays deleted");
    let enough = QUIET.min(run.wait.limit(LIMIT));
    let mut deleted_since = run.wait.now();
    let watched = run.watched(&id);
    watched
        .until(&what, LIMIT, async || {
            let observed = log_group.observe().await?;
            match observed.state().map(|state| &state.ownership) {
                None => {}
                // It has tags, so another `up` created it during this run: the report shows it.
                Some(Ownership::Managed | Ownership::Unknown(_)) => return Ok(Look::Ready(())),
                Some(Ownership::Unmanaged(_)) => {
                    let mut errors = apply(&Plan::delete(id.clone()), run).await;
                    if let Some(error) = errors.pop() {
                        return Err(error);
                    }
                    deleted_since = run.wait.now();
                    let text = "was created again by a late log event; deleted it again";
                    run.reporter.report(&Event::Note { id: &id, text });
                }
            }
            let quiet = run.wait.now().duration_since(deleted_since);
            Ok(if quiet.unwrap_or_default() >= enough {
                Look::Ready(())
            } else {
                Look::NotYet(LATE_EVENTS.shown_as("a late log event could create it again"))
            })
        })
        .await
}
