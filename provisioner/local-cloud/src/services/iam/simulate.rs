//! Policy simulation, by the evaluator that authorizes calls.

use awsim_iam_policy::Decision;
use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::authorize::policies_of_role;
use crate::identity::call::Call;
use crate::identity::policy::{Context, Policies, Question, decide, parse};
use crate::services::iam::check;

pub(crate) fn principal(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicySourceArn")?;
    let state = cloud.store.read();
    let Some(role) = state.iam.role_by_arn(arn) else {
        let text = format!("The entity with arn {arn} cannot be found.");
        return Err(ApiError::new(404, "NoSuchEntity", text));
    };
    let mut policies = policies_of_role(&state, role, call.now);
    policies.identity.extend(listed(input)?);
    simulate(&policies, arn, input)
}

pub(crate) fn custom(_cloud: &Cloud, _call: &Call, input: &Input) -> ApiResult<Value> {
    check::required_texts(input, "PolicyInputList")?;
    let policies = Policies {
        identity: listed(input)?,
        ..Policies::default()
    };
    let arn = input.text("CallerArn")?.unwrap_or_default();
    simulate(&policies, arn, input)
}

fn listed(input: &Input) -> ApiResult<Vec<awsim_iam_policy::PolicyDocument>> {
    let documents = input.texts("PolicyInputList")?.unwrap_or_default();
    let parsed = documents.iter().map(|document| {
        parse(document).ok_or_else(|| {
            ApiError::new(
                400,
                "InvalidInput",
                "Invalid input: a policy of PolicyInputList is malformed",
            )
        })
    });
    parsed.collect()
}

fn simulate(policies: &Policies, principal: &str, input: &Input) -> ApiResult<Value> {
    let actions = check::required_texts(input, "ActionNames")?;
    let resources = match input.texts("ResourceArns")? {
        Some(resources) if !resources.is_empty() => resources,
        _ => vec!["*".to_owned()],
    };
    let context = context(input)?;
    let mut results = Vec::new();
    for action in &actions {
        for resource in &resources {
            let question = Question {
                principal,
                action,
                resource,
                context: &context,
            };
            let decision = match decide(policies, &question) {
                Decision::Allow => "allowed",
                Decision::ExplicitDeny => "explicitDeny",
                Decision::ImplicitDeny => "implicitDeny",
            };
            results.push(json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision,
                "MatchedStatements": [],
                "MissingContextValues": [],
            }));
        }
    }
    check::page(input, "EvaluationResults", results)
}

fn context(input: &Input) -> ApiResult<Context> {
    let mut context = Context::default();
    for entry in input.list("ContextEntries")?.unwrap_or_default() {
        let Value::Object(entry) = entry else {
            continue;
        };
        let entry = Input(entry.clone());
        let key = check::required(&entry, "ContextKeyName")?.to_owned();
        let mut values = entry.texts("ContextKeyValues")?.unwrap_or_default();
        let is_list = entry
            .text("ContextKeyType")?
            .is_some_and(|kind| kind.ends_with("List"));
        match (is_list, values.len()) {
            (false, 1) => context.text(&key, values.remove(0)),
            _ => context.texts(&key, values),
        }
    }
    Ok(context)
}
