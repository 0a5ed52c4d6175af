//! A log group that comes back: Lambda delivers logs after the function is gone, and where the role
//! may make the group, a late log makes it anew, without retention.

use std::rc::Rc;
use std::time::Duration;

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use serde_json::Value;

use crate::apply::{Resources, delete_again};
use crate::cloud::Cloud;
use crate::cloud::error::CloudError;
use crate::error::Error;
use crate::plan::{Action, Plan};
use crate::policy;
use crate::resource::{Ownership, Resource, Seen, Step};
use crate::resources::{log_group, role};
use crate::survey::Survey;
use crate::wait::Look;

const CREATE_LOG_GROUP: &str = "logs:CreateLogGroup";

/// AWS gives no number for how late a log may be; nearly all come within seconds.
const QUIET: Duration = Duration::from_secs(60);

/// An invocation that runs for a quarter of an hour logs at its end.
const LIMIT: Duration = Duration::from_secs(16 * 60);

/// The log group, if this plan deletes it and the role may make it anew.
pub async fn may_happen(
    plan: &Plan,
    resources: &Resources,
    survey: &Survey,
    cloud: &Cloud,
) -> Result<Option<Rc<dyn Resource>>, CloudError> {
    let of = |kind: &str| resources.iter().find(|resource| resource.id().kind == kind);
    let (Some(log_group), Some(role)) = (of(log_group::KIND), of(role::KIND)) else {
        return Ok(None);
    };
    let deletes = |change: &&crate::plan::Change| {
        change.id == log_group.id() && change.action == Action::Delete
    };
    let seen = survey
        .of(resources, role::KIND)
        .and_then(|role| role.seen());
    let (Some(_), Some(seen)) = (plan.changes.iter().find(deletes), seen) else {
        return Ok(None);
    };
    let group_arn = log_group.arn(&survey.context);
    let may = inline_policies_allow(seen, &group_arn)
        || (role::has_attachments(seen) && {
            let role_arn = role.arn(&survey.context);
            attached_policies_allow(cloud, &role_arn, &group_arn).await
        });
    Ok(may.then(|| Rc::clone(log_group)))
}

fn inline_policies_allow(seen: &Seen, group_arn: &str) -> bool {
    let documents = role::inline_documents(seen);
    let mut documents = documents.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let forms = [group_arn.to_owned(), format!("{group_arn}:*")];
    documents.any(|document| {
        let mut forms = forms.iter();
        forms.any(|arn| policy::grants(&document, CREATE_LOG_GROUP, arn))
    })
}

/// IAM's own answer. Where it gives none, waiting is the safe guess.
async fn attached_policies_allow(cloud: &Cloud, role_arn: &str, group_arn: &str) -> bool {
    let request = cloud
        .iam
        .simulate_principal_policy()
        .policy_source_arn(role_arn)
        .action_names(CREATE_LOG_GROUP)
        .resource_arns(format!("{group_arn}:*"));
    match request.send().await {
        Err(_) => true,
        Ok(answer) => answer
            .evaluation_results()
            .iter()
            .any(|result| *result.eval_decision() == PolicyEvaluationDecisionType::Allowed),
    }
}

/// Looks until the group has stayed away for long enough, and deletes it as often as it comes.
pub async fn wait_out(log_group: &dyn Resource, step: &Step<'_>) -> Result<(), Error> {
    // Not deleted, because what goes before it was not.
    if log_group.observe().await?.seen().is_some() {
        return Ok(());
    }
    let what = format!("wait until {} stays away", log_group.id());
    let enough = QUIET.min(step.wait.limit(LIMIT));
    let mut gone_since = step.wait.now();
    step.wait
        .until(&what, LIMIT, async || {
            match log_group
                .observe()
                .await?
                .seen()
                .map(|seen| &seen.ownership)
            {
                None => {}
                // With tags it is somebody's, who ran `up` meanwhile: the receipt tells.
                Some(Ownership::Ours | Ownership::Unknown(_)) => return Ok(Look::Ready(())),
                Some(Ownership::Foreign(_)) => {
                    delete_again(log_group, step).await?;
                    gone_since = step.wait.now();
                    step.wait
                        .note("came back with a late log; deleted it again");
                }
            }
            let quiet = step.wait.now().duration_since(gone_since);
            Ok(if quiet.unwrap_or_default() >= enough {
                Look::Ready(())
            } else {
                Look::NotYet("the role could make it anew with a late log".to_owned())
            })
        })
        .await
}
