//! Which permissions each Lambda operation needs.

use crate::call::Call;
use crate::identity::authorize::Need;
use crate::identity::caller::ACCOUNT;
use crate::identity::policy::Context;
use crate::lambda::name::{arn, qualified, read};
use crate::lambda::{Request, permissions};
use crate::state::State;

pub(crate) fn needs(state: &State, call: &Call, request: &Request) -> Vec<Need> {
    let action = request.route.action;
    let input = &request.input;
    if matches!(action, "ListFunctions" | "GetAccountSettings") {
        return vec![Need::new(format!("lambda:{action}"), "*")];
    }
    let text = |member: &str| input.text(member).ok().flatten();
    let given = match action {
        "CreateFunction" => text("FunctionName").unwrap_or_default(),
        _ => &request.route.subject,
    };
    let Ok(name) = read(given, request.parameter("Qualifier"), &call.region) else {
        // The name is refused before anything is done with it.
        return vec![Need::new(
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
    let keys: Vec<String> = request
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
    let mut need = Need::new(format!("lambda:{action_name}"), resource).with(context.clone());
    if action == "Invoke" {
        need.resource_policy =
            function.and_then(|f| permissions::bearing_on(f, name.qualifier.as_deref()));
    }
    let mut needs = vec![need];
    let takes_role = matches!(action, "CreateFunction" | "UpdateFunctionConfiguration");
    if let (true, Some(role)) = (takes_role, text("Role")) {
        let mut pass = Context::default();
        pass.text("iam:PassedToService", "lambda.amazonaws.com");
        pass.text("iam:AssociatedResourceArn", arn(&call.region, &name.name));
        needs.push(Need::new("iam:PassRole", role).with(pass));
    }
    if action == "CreateFunction" && !tags.is_empty() {
        let resource = format!(
            "arn:aws:lambda:{}:{ACCOUNT}:function:{}",
            call.region, name.name
        );
        needs.push(Need::new("lambda:TagResource", resource).with(context));
    }
    needs
}
