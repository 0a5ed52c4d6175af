//! Roles that belong to a service of AWS, which alone may change them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::random;
use crate::services::iam::{check, roles};
use crate::state::lagging::{Lagging, Stale};
use crate::state::role::Role;
use crate::state::unseen::Unseen;

/// The names that cannot be derived from the name of the service.
const NAMES: [(&str, &str); 3] = [
    (
        "dynamodb.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_DynamoDBTable",
    ),
    (
        "lambda.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_LambdaConcurrency",
    ),
    ("replication.dynamodb.amazonaws.com", "DynamoDBReplication"),
];

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let service = check::required(input, "AWSServiceName")?;
    let description = check::description(input)?;
    let suffix = input.text("CustomSuffix")?;
    let suffix = suffix.map_or(String::new(), |suffix| format!("_{suffix}"));
    let name = format!("AWSServiceRoleFor{}{suffix}", kind_of(service)?);
    cloud
        .store
        .change(|state| {
            if state.iam.role(&name).is_some() {
                let text = format!(
                    "Service role name {name} has been taken in this account, please try a \
                     different suffix."
                );
                return Err(ApiError::new(400, "InvalidInput", text));
            }
            let role = Role {
                name,
                path: format!("/aws-service-role/{service}/"),
                id: random::iam_id("AROA"),
                created: call.now,
                assumable_at: call.now,
                description,
                max_session_seconds: 3600,
                trust: Lagging::new(trust_of(service)),
                inline: Lagging::new(BTreeMap::new()),
                attached: Lagging::new(Vec::new()),
                boundary: None,
                tags: Vec::new(),
                stale_tags: Stale::default(),
                unseen: Unseen::default(),
                arn_shown_at: call.now,
            };
            let shown = roles::listed(&role, call.now);
            state.iam.insert(role);
            Ok(json!({ "Role": shown }))
        })
        .await
}

fn trust_of(service: &str) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": "sts:AssumeRole",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// What follows `AWSServiceRoleFor` in the role's name.
fn kind_of(service: &str) -> ApiResult<String> {
    if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == service) {
        return Ok((*kind).to_owned());
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let label = service.strip_suffix(".amazonaws.com");
    match label.filter(|label| !label.is_empty() && label.chars().all(fits)) {
        Some(label) => Ok(label.split('-').map(capitalized).collect()),
        None => {
            let text = format!("Service principal {service} is not valid.");
            Err(ApiError::new(400, "InvalidInput", text))
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
