//! The permissions that each CloudWatch Logs operation requires.

use crate::account::ACCOUNT;
use crate::api::input::Input;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::identity::policy::Context;
use crate::services::logs::names::{group_arn, group_name, stream_arn};
use crate::state::State;

pub(crate) fn required_permissions(
    state: &State,
    call: &Call,
    action: &str,
    input: &Input,
) -> Vec<RequiredPermission> {
    let group = group_name(input).unwrap_or("*");
    let arn = group_arn(&call.region, group);
    let stream = || {
        input
            .text("logStreamName")
            .ok()
            .flatten()
            .unwrap_or_default()
    };
    let resource = match action {
        // A list is about the groups with the prefix.
        "DescribeLogGroups" => {
            let prefix = input
                .text("logGroupNamePrefix")
                .ok()
                .flatten()
                .unwrap_or_default();
            format!(
                "arn:aws:logs:{}:{ACCOUNT}:log-group:{prefix}:log-stream:",
                call.region
            )
        }
        "PutAccountPolicy" | "DescribeAccountPolicies" | "DeleteAccountPolicy" => "*".to_owned(),
        "CreateLogStream" | "DeleteLogStream" | "PutLogEvents" | "GetLogEvents" => {
            stream_arn(&call.region, group, stream())
        }
        // Tags belong to the group itself, whose ARN ends with its name.
        "TagResource" | "UntagResource" | "ListTagsForResource" => arn.clone(),
        // The resource of the others is `…:log-stream:`, which both `…:*` and a pattern for streams
        // match.
        _ => format!("{arn}:log-stream:"),
    };
    let mut context = Context::default();
    if let Some(group) = state.region(&call.region).log_groups.get(group) {
        let tags = group
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        context.resource_tags(None, tags);
    }
    let tags = input.tag_map("tags").ok().flatten().unwrap_or_default();
    context.request_tags(
        tags.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    if let Ok(Some(keys)) = input.texts("tagKeys") {
        context.texts("aws:TagKeys", keys);
    }
    let mut required =
        vec![RequiredPermission::new(format!("logs:{action}"), resource).with(context.clone())];
    if action == "CreateLogGroup" && !tags.is_empty() {
        required.push(RequiredPermission::new("logs:TagResource", arn).with(context));
    }
    required
}
