//! The permissions that each Lambda operation requires.

use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::identity::policy::Context;
use crate::protocol::Operation;
use crate::services::lambda::function_name::{arn, qualified, read};
use crate::services::lambda::resource_policy;
use crate::state::State;
use crate::state::function::Function;

/// Actions whose resource is the version or the alias that the request names.
const BY_QUALIFIER: &[&str] = &[
    "Invoke",
    "GetFunction",
    "GetFunctionConfiguration",
    "DeleteFunction",
    "AddPermission",
    "RemovePermission",
    "GetPolicy",
];

pub(crate) fn required_permissions(
    state: &State,
    call: &Call,
    operation: &Operation,
) -> Vec<RequiredPermission> {
    let (action, input) = (operation.action(), &operation.input);
    let own_action = match (action, operation.parameter("List")) {
        // One path for both.
        ("GetProvisionedConcurrencyConfig", Some("ALL")) => "ListProvisionedConcurrencyConfigs",
        _ => action,
    };
    let permission =
        |resource: &str| RequiredPermission::new(format!("lambda:{own_action}"), resource);
    if matches!(
        action,
        "ListFunctions" | "GetAccountSettings" | "ListEventSourceMappings"
    ) {
        return vec![permission("*")];
    }
    let text = |member: &str| input.text(member).ok().flatten();
    let given = match action {
        "CreateFunction" => text("FunctionName").unwrap_or_default(),
        _ => &operation.route.resource,
    };
    let Ok(name) = read(given, operation.parameter("Qualifier"), &call.region) else {
        // The operation itself refuses the name.
        return vec![permission(&arn(&call.region, "*"))];
    };
    let function = state.region(&call.region).functions.get(&name.name);
    let context = context(function, operation);
    let qualifier = name.qualifier.as_deref();
    let qualifier = qualifier.filter(|_| BY_QUALIFIER.contains(&action));
    let resource = qualified(&call.region, &name.name, qualifier);
    let mut own = match action {
        "Invoke" => RequiredPermission::new("lambda:InvokeFunction", resource),
        _ => permission(&resource),
    };
    own = own.with(context.clone());
    if action == "Invoke" {
        own.resource_policy =
            function.and_then(|f| resource_policy::applying_to(f, name.qualifier.as_deref()));
    }
    let mut required = vec![own];
    let arn = arn(&call.region, &name.name);
    let takes_role = matches!(action, "CreateFunction" | "UpdateFunctionConfiguration");
    if let (true, Some(role)) = (takes_role, text("Role")) {
        let mut pass = Context::default();
        pass.text("iam:PassedToService", "lambda.amazonaws.com");
        pass.text("iam:AssociatedResourceArn", arn.as_str());
        required.push(RequiredPermission::new("iam:PassRole", role).with(pass));
    }
    let has_tags = matches!(input.tag_map("Tags"), Ok(Some(tags)) if !tags.is_empty());
    if action == "CreateFunction" && has_tags {
        required.push(RequiredPermission::new("lambda:TagResource", arn).with(context));
    }
    required
}

/// The condition keys of a request about a function.
fn context(function: Option<&Function>, operation: &Operation) -> Context {
    let input = &operation.input;
    let mut context = Context::default();
    if let Some(function) = function {
        let tags = function.tags.iter();
        context.resource_tags(
            None,
            tags.map(|(key, value)| (key.as_str(), value.as_str())),
        );
    }
    let tags = input.tag_map("Tags").ok().flatten().unwrap_or_default();
    let tags = tags.iter();
    context.request_tags(tags.map(|(key, value)| (key.as_str(), value.as_str())));
    let keys = operation.query.iter().filter(|(name, _)| name == "tagKeys");
    let keys: Vec<String> = keys.map(|(_, key)| key.clone()).collect();
    if !keys.is_empty() {
        context.texts("aws:TagKeys", keys);
    }
    let principal = input.text("Principal").ok().flatten();
    if let ("AddPermission", Some(principal)) = (operation.action(), principal) {
        context.text("lambda:Principal", principal);
    }
    context
}
