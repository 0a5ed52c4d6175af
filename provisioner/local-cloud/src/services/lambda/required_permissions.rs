//! Which permissions each Lambda operation needs.

use crate::account::ACCOUNT;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::identity::policy::Context;
use crate::protocol::Operation;
use crate::services::lambda::function_name::{arn, qualified, read};
use crate::services::lambda::resource_policy;
use crate::state::State;

pub(crate) fn required_permissions(
    state: &State,
    call: &Call,
    operation: &Operation,
) -> Vec<RequiredPermission> {
    let action = operation.action();
    let input = &operation.input;
    if matches!(action, "ListFunctions" | "GetAccountSettings") {
        return vec![RequiredPermission::new(format!("lambda:{action}"), "*")];
    }
    let text = |member: &str| input.text(member).ok().flatten();
    let given = match action {
        "CreateFunction" => text("FunctionName").unwrap_or_default(),
        _ => &operation.route.resource,
    };
    let Ok(name) = read(given, operation.parameter("Qualifier"), &call.region) else {
        // The name is refused before anything is done with it.
        return vec![RequiredPermission::new(
            format!("lambda:{action}"),
            arn(&call.region, "*"),
        )];
    };
    let function = state.region(&call.region).functions.get(&name.name);
    let mut context = Context::default();
    if let Some(function) = function {
        let tags = function
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        context.resource_tags(None, tags);
    }
    let tags = input.tag_map("Tags").ok().flatten().unwrap_or_default();
    context.request_tags(
        tags.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    let keys: Vec<String> = operation
        .query
        .iter()
        .filter(|(name, _)| name == "tagKeys")
        .map(|(_, key)| key.clone())
        .collect();
    if !keys.is_empty() {
        context.texts("aws:TagKeys", keys);
    }
    if let ("AddPermission", Some(principal)) = (action, text("Principal")) {
        context.text("lambda:Principal", principal);
    }
    let by_version = matches!(
        action,
        "Invoke"
            | "GetFunction"
            | "GetFunctionConfiguration"
            | "DeleteFunction"
            | "AddPermission"
            | "RemovePermission"
            | "GetPolicy"
    );
    let qualifier = name.qualifier.as_deref().filter(|_| by_version);
    let resource = qualified(&call.region, &name.name, qualifier);
    let action_name = if action == "Invoke" {
        "InvokeFunction"
    } else {
        action
    };
    let mut permission =
        RequiredPermission::new(format!("lambda:{action_name}"), resource).with(context.clone());
    if action == "Invoke" {
        permission.resource_policy =
            function.and_then(|f| resource_policy::applying_to(f, name.qualifier.as_deref()));
    }
    let mut required = vec![permission];
    let takes_role = matches!(action, "CreateFunction" | "UpdateFunctionConfiguration");
    if let (true, Some(role)) = (takes_role, text("Role")) {
        let mut pass = Context::default();
        pass.text("iam:PassedToService", "lambda.amazonaws.com");
        pass.text("iam:AssociatedResourceArn", arn(&call.region, &name.name));
        required.push(RequiredPermission::new("iam:PassRole", role).with(pass));
    }
    if action == "CreateFunction" && !tags.is_empty() {
        let resource = format!(
            "arn:aws:lambda:{}:{ACCOUNT}:function:{}",
            call.region, name.name
        );
        required.push(RequiredPermission::new("lambda:TagResource", resource).with(context));
    }
    required
}
