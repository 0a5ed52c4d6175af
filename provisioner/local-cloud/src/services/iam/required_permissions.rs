//! The permissions that each IAM operation requires.

use crate::account::ACCOUNT;
use crate::api::input::Input;
use crate::identity::authorize::RequiredPermission;
use crate::identity::policy::Context;
use crate::state::{State, oidc_provider};

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
    if let Some(service) = text("AWSServiceName") {
        context.text("iam:AWSServiceName", service);
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
    let tag_action = match action {
        "CreateRole" => Some("iam:TagRole"),
        "CreatePolicy" => Some("iam:TagPolicy"),
        "CreateOpenIDConnectProvider" => Some("iam:TagOpenIDConnectProvider"),
        _ => None,
    };
    if let Some(tag_action) = tag_action.filter(|_| !tags.is_empty()) {
        let tag = RequiredPermission::new(tag_action, permission.resource.clone());
        required.push(tag.with(context.clone()));
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
        "ListPolicies" => "*".to_owned(),
        "CreatePolicy" => {
            let (path, name) = (text("Path").unwrap_or("/"), text("PolicyName"));
            format!(
                "arn:aws:iam::{ACCOUNT}:policy{path}{}",
                name.unwrap_or_default()
            )
        }
        "GetPolicy"
        | "DeletePolicy"
        | "CreatePolicyVersion"
        | "GetPolicyVersion"
        | "ListPolicyVersions"
        | "DeletePolicyVersion"
        | "SetDefaultPolicyVersion" => text("PolicyArn").unwrap_or("*").to_owned(),
        "CreateServiceLinkedRole" => {
            let service = text("AWSServiceName").unwrap_or_default();
            format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/AWSServiceRoleFor*")
        }
        "CreateOpenIDConnectProvider" => {
            let url = text("Url").unwrap_or_default();
            oidc_provider::arn(url.trim_start_matches("https://"))
        }
        "GetOpenIDConnectProvider" | "DeleteOpenIDConnectProvider" => {
            text("OpenIDConnectProviderArn").unwrap_or("*").to_owned()
        }
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
