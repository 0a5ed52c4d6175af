//! Resource policies: the permission of services and other principals to invoke a function.

use serde_json::{Map, Value, json};

use crate::account::ACCOUNT;
use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::services::lambda::errors::{conflict, invalid, no_alias, no_function, not_found};
use crate::services::lambda::find::find_mut;
use crate::services::lambda::function_name;
use crate::services::lambda::function_name::{Name, arn, is_alias_name, qualified};
use crate::services::lambda::guards::must_be_revision;
use crate::state::function::{Function, ResourcePolicy};

const LIMIT: usize = 20_480;

/// The qualifier that a policy belongs to, empty for the function itself. `$LATEST` has no policy.
fn owner(name: &Name) -> ApiResult<&str> {
    match name.qualifier.as_deref() {
        Some(Function::LATEST) => Err(invalid(
            "We currently do not support adding policies for $LATEST.",
        )),
        Some(qualifier) => Ok(qualifier),
        None => Ok(""),
    }
}

/// The revision id of the function, the version or the alias that a policy belongs to. A change of the
/// policy changes it too, so GetPolicy shows the same.
fn revision(function: &Function, call: &Call, name: &Name) -> ApiResult<String> {
    let qualifier = name.qualifier.as_deref();
    if let Some(alias) = qualifier.and_then(|qualifier| function.aliases.get(qualifier)) {
        return Ok(alias.revision.clone());
    }
    match function.resolve(qualifier) {
        Some((version, _)) => Ok(version.revision(call.now).to_owned()),
        None if qualifier.is_some_and(is_alias_name) => Err(no_alias(call, name)),
        None => Err(no_function(call, name)),
    }
}

pub(crate) async fn add(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let owner = owner(&name)?;
    let input = &operation.input;
    let arn = qualified(&call.region, &name.name, name.qualifier.as_deref());
    let statement = statement(input, &arn)?;
    let id = statement["Sid"].as_str().unwrap_or_default().to_owned();
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name.with(None))?;
            let revision = revision(function, call, &name)?;
            must_be_revision(input.text("RevisionId")?, &revision, "GetPolicy")?;
            let policy = function.policies.entry(owner.to_owned()).or_default();
            if policy.statements.iter().any(|old| old["Sid"] == json!(id)) {
                return Err(conflict(format!(
                    "The statement id ({id}) provided already exists. Please provide a new \
                     statement id, or remove the existing statement."
                )));
            }
            policy.statements.push(statement.clone());
            if document(policy).len() > LIMIT {
                let text = "The final policy size is bigger than the limit (20480).";
                return Err(ApiError::new(400, "PolicyLengthExceededException", text));
            }
            renew(function, owner);
            Ok(Answer::created(
                json!({ "Statement": statement.to_string() }),
            ))
        })
        .await
}

/// Gives the function, version or alias of a changed policy a new revision id.
fn renew(function: &mut Function, owner: &str) {
    let revision = random::uuid();
    let version = owner
        .parse()
        .ok()
        .and_then(|number| function.published.get_mut(&number));
    match (version, function.aliases.get_mut(owner)) {
        (Some(version), _) => version.settled_revision = revision,
        (None, Some(alias)) => alias.revision = revision,
        (None, None) => function.latest.settled_revision = revision,
    }
}

fn statement(input: &Input, arn: &str) -> ApiResult<Value> {
    let absent = |member: &str| {
        let member = member[..1].to_ascii_lowercase() + &member[1..];
        refuse("ValidationException", &[Broken::null(&member)])
    };
    let id = input.required("StatementId", absent)?;
    let action = input.required("Action", absent)?;
    let principal = input.required("Principal", absent)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 100 || !id.chars().all(fits) {
        let pattern = "([a-zA-Z0-9-_]+)";
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(id, "statementId", pattern)],
        ));
    }
    if action != "*" && !action.starts_with("lambda:") {
        let pattern = "(lambda:[*]|lambda:[a-zA-Z]+|[*])";
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(action, "action", pattern)],
        ));
    }
    let mut statement = json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": principal_element(principal)?,
        "Action": action,
        "Resource": arn,
    });
    let condition = condition(input)?;
    if !condition.is_empty() {
        statement["Condition"] = Value::Object(condition);
    }
    Ok(statement)
}

/// The `Principal` of a statement.
fn principal_element(principal: &str) -> ApiResult<Value> {
    let is_service = [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|suffix| principal.ends_with(suffix));
    if principal == "*" {
        Ok(json!("*"))
    } else if is_service {
        Ok(json!({ "Service": principal }))
    } else if principal.len() == 12 && principal.chars().all(|c| c.is_ascii_digit()) {
        Ok(json!({ "AWS": format!("arn:aws:iam::{principal}:root") }))
    } else if principal.starts_with("arn:") {
        Ok(json!({ "AWS": principal }))
    } else {
        Err(invalid(
            "The provided principal was invalid. Please check the principal and try again.",
        ))
    }
}

/// The `Condition` of a statement.
fn condition(input: &Input) -> ApiResult<Map<String, Value>> {
    const MEMBERS: &[(&str, &str, &str)] = &[
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        (
            "EventSourceToken",
            "StringEquals",
            "lambda:EventSourceToken",
        ),
        (
            "FunctionUrlAuthType",
            "StringEquals",
            "lambda:FunctionUrlAuthType",
        ),
    ];
    let mut condition = Map::new();
    let mut add = |operator: &str, key: &str, value: Value| {
        condition.entry(operator).or_insert_with(|| json!({}))[key] = value;
    };
    for (member, operator, key) in MEMBERS {
        if let Some(value) = input.text(member)? {
            add(operator, key, json!(value));
        }
    }
    if let Some(via_url) = input.flag("InvokedViaFunctionUrl")? {
        let key = "lambda:InvokedViaFunctionUrl";
        add("Bool", key, json!(via_url.to_string()));
    }
    Ok(condition)
}

pub(crate) fn document(policy: &ResourcePolicy) -> String {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": policy.statements }).to_string()
}

pub(crate) fn get(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let owner = owner(&name)?;
    let functions = &state.region(&call.region).functions;
    let function = functions.get(&name.name);
    let found = function.and_then(|function| {
        let policy = function.policies.get(owner)?;
        Some((policy, revision(function, call, &name).ok()?))
    });
    // One text for a function, a version, an alias and a policy that does not exist.
    let (policy, revision) =
        found.ok_or_else(|| not_found("The resource you requested does not exist."))?;
    Ok(Answer::ok(
        json!({ "Policy": document(policy), "RevisionId": revision }),
    ))
}

pub(crate) async fn remove(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let owner = owner(&name)?;
    let id = &operation.route.part;
    cloud
        .store
        .change(|state| {
            let functions = &mut state.region_mut(&call.region).functions;
            let Some(function) = functions.get_mut(&name.name) else {
                let arn = arn(&call.region, &name.name);
                return Err(not_found(format!("No policy found for: {arn}")));
            };
            let revision = revision(function, call, &name)?;
            let Some(policy) = function.policies.get_mut(owner) else {
                return Err(not_found(
                    "No policy is associated with the given resource.",
                ));
            };
            let is_it = |one: &Value| one["Sid"] == json!(id);
            let Some(at) = policy.statements.iter().position(is_it) else {
                let text = format!("Statement {id} is not found in resource policy.");
                return Err(not_found(&text));
            };
            let given = operation.parameter("RevisionId");
            must_be_revision(given, &revision, "GetFunction/GetAlias")?;
            policy.statements.remove(at);
            if policy.statements.is_empty() {
                function.policies.remove(owner);
            }
            renew(function, owner);
            Ok(Answer::no_content())
        })
        .await
}

/// The policy that applies to an invocation, for the evaluator.
pub(crate) fn applying_to(function: &Function, qualifier: Option<&str>) -> Option<String> {
    let policy = function.policies.get(qualifier.unwrap_or_default())?;
    // The root of this account as a principal grants nothing itself: it leaves the decision to the
    // policies of the caller.
    let statements = policy.statements.iter().filter(|statement| {
        statement["Principal"]["AWS"] != json!(format!("arn:aws:iam::{ACCOUNT}:root"))
    });
    let statements: Vec<&Value> = statements.collect();
    Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
}
