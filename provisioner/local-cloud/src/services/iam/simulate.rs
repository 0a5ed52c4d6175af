//! Policy simulation, by the evaluator that authorizes calls.

use std::collections::BTreeSet;

use awsim_iam_policy::Decision;
use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::authorize::{policies_of_owner, policies_of_role};
use crate::identity::call::Call;
use crate::identity::policy::{Context, Policies, Question, decide, parse};
use crate::services::iam::check;
use crate::state::State;

pub(crate) fn principal(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicySourceArn")?;
    let mut policies = policies_of_source(&cloud.store.read(), call, arn)?;
    policies.identity.extend(listed(input)?);
    simulate(&policies, arn, input)
}

/// The policies of a role or of the owner. A session and a federated user are no entities of IAM.
fn policies_of_source(state: &State, call: &Call, arn: &str) -> ApiResult<Policies> {
    let entity = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let is_entity = ["role/", "user/", "group/"]
        .iter()
        .any(|kind| entity.starts_with(kind));
    if !is_entity {
        let text =
            format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
        return Err(ApiError::new(400, "InvalidInput", text));
    }
    if entity == "user/owner" {
        return Ok(policies_of_owner());
    }
    match state.iam.role_by_arn(arn) {
        Some(role) => Ok(policies_of_role(state, role, call.now)),
        None => {
            let text = format!("The entity with arn {arn} cannot be found.");
            Err(ApiError::new(404, "NoSuchEntity", text))
        }
    }
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

/// One result for each action. For several resources it contains a result for each of them.
fn simulate(policies: &Policies, principal: &str, input: &Input) -> ApiResult<Value> {
    let actions = check::required_texts(input, "ActionNames")?;
    let resources = match input.texts("ResourceArns")? {
        Some(resources) if !resources.is_empty() => resources,
        _ => vec!["*".to_owned()],
    };
    let context = context(input)?;
    let missing = missing_keys(policies, &context);
    let results = actions.iter().map(|action| {
        let decide = |resource: &String| {
            let question = Question {
                principal,
                action,
                resource,
                context: &context,
            };
            Simulated {
                resource: resource.clone(),
                decision: decide(policies, &question),
                in_boundary: policies
                    .boundary
                    .as_ref()
                    .map(|_| is_in_boundary(policies, &question)),
            }
        };
        let simulated: Vec<Simulated> = resources.iter().map(decide).collect();
        result(action, &simulated, &missing)
    });
    check::page(input, "EvaluationResults", results.collect())
}

/// The decision about one action on one resource.
struct Simulated {
    resource: String,
    decision: Decision,
    /// `None` without a permissions boundary.
    in_boundary: Option<bool>,
}

fn is_in_boundary(policies: &Policies, question: &Question<'_>) -> bool {
    let alone = Policies {
        identity: policies.boundary.clone().into_iter().collect(),
        ..Policies::default()
    };
    decide(&alone, question) == Decision::Allow
}

fn result(action: &str, simulated: &[Simulated], missing: &[String]) -> Value {
    let all = simulated.iter().map(|one| one.decision);
    // The strictest one.
    let decision = all.max_by_key(|decision| match decision {
        Decision::Allow => 0,
        Decision::ImplicitDeny => 1,
        Decision::ExplicitDeny => 2,
    });
    let mut result = json!({
        "EvalActionName": action,
        "EvalResourceName": simulated[0].resource,
        "EvalDecision": word(decision.unwrap_or(Decision::ImplicitDeny)),
        "MatchedStatements": [],
        "MissingContextValues": missing,
    });
    add_boundary(
        &mut result,
        simulated.iter().find_map(|one| one.in_boundary),
    );
    if simulated.len() > 1 {
        result["MissingContextValues"] = json!([]);
        let specific = simulated.iter().map(|one| {
            let mut specific = json!({
                "EvalResourceName": one.resource,
                "EvalResourceDecision": word(one.decision),
                "MatchedStatements": [],
                "MissingContextValues": missing,
            });
            add_boundary(&mut specific, one.in_boundary);
            specific
        });
        result["ResourceSpecificResults"] = specific.collect();
    }
    result
}

fn add_boundary(result: &mut Value, in_boundary: Option<bool>) {
    if let Some(allowed) = in_boundary {
        result["PermissionsBoundaryDecisionDetail"] =
            json!({ "AllowedByPermissionsBoundary": allowed });
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

/// The condition keys of all policies that the request has no value for, whatever action they are about.
fn missing_keys(policies: &Policies, context: &Context) -> Vec<String> {
    let documents = policies.identity.iter().chain(&policies.boundary);
    let statements = documents.flat_map(|document| &document.statements);
    let conditions = statements.filter_map(|statement| statement.condition.as_ref());
    let keys = conditions.flat_map(|block| &block.conditions);
    let keys = keys.map(|condition| condition.key.clone());
    let keys = keys.filter(|key| !context.values().contains_key(key));
    keys.collect::<BTreeSet<_>>().into_iter().collect()
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
