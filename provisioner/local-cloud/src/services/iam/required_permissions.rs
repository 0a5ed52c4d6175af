//! The permissions that each IAM operation requires.

use crate::account::ACCOUNT;
use crate::api::input::Input;
use crate::identity::authorize::RequiredPermission;
use crate::identity::policy::Context;
use crate::state::State;

pub(crate) fn required_permissions(
    state: &State,
    action: &str,
    input: &Input,
) -> Vec<RequiredPermission> {
    let permission =
        RequiredPermission::new(format!("iam:{action}"), resource(state, action, input));
    let mut context = Context::default();
    let text = |name: &str| input.text(name).ok().flatten();
    if let Some(role) = text("RoleName").and_then(|name| state.iam.role(name)) {
        let tags = role
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        context.resource_tags(Some("iam"), tags);
        if let Some(boundary) = &role.boundary {
            context.text("iam:PermissionsBoundary", boundary);
        }
    }
    if let Some(boundary) = text("PermissionsBoundary") {
        context.text("iam:PermissionsBoundary", boundary);
    }
    if matches!(action, "AttachRolePolicy" | "DetachRolePolicy")
        && let Some(policy) = text("PolicyArn")
    {
        context.text("iam:PolicyARN", policy);
    }
    let tags = input.tag_list("Tags").ok().flatten().unwrap_or_default();
    context.request_tags(
        tags.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    if let Ok(Some(keys)) = input.texts("TagKeys") {
        context.texts("aws:TagKeys", keys);
    }
    let mut required = Vec::new();
    if action == "CreateRole" && !tags.is_empty() {
        let tag_role = RequiredPermission::new("iam:TagRole", permission.resource.clone());
        required.push(tag_role.with(context.clone()));
    }
    required.insert(0, permission.with(context));
    required
}

fn resource(state: &State, action: &str, input: &Input) -> String {
    let text = |name: &str| input.text(name).ok().flatten();
    match action {
        "ListRoles" => {
            let prefix = text("PathPrefix").unwrap_or("/");
            format!("arn:aws:iam::{ACCOUNT}:role{prefix}")
        }
        "GetPolicy" | "GetPolicyVersion" => text("PolicyArn").unwrap_or("*").to_owned(),
        "SimulatePrincipalPolicy" => text("PolicySourceArn").unwrap_or("*").to_owned(),
        "CreateRole" => {
            let (path, name) = (
                text("Path").unwrap_or("/"),
                text("RoleName").unwrap_or_default(),
            );
            format!("arn:aws:iam::{ACCOUNT}:role{path}{name}")
        }
        _ => match text("RoleName") {
            Some(name) => match state.iam.role(name) {
                Some(role) => role.arn(),
                // For a role that does not exist AWS assumes the path `/` too.
                None => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            },
            None => "*".to_owned(),
        },
    }
}
