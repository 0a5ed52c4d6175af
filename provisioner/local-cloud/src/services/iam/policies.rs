//! Customer-managed policies and their versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::iso_seconds;
use crate::cloud::Cloud;
use crate::encode::percent;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::identity::managed;
use crate::random;
use crate::services::iam::attached::must_exist;
use crate::services::iam::{check, grammar, tags};
use crate::state::State;
use crate::state::lagging::Lagging;
use crate::state::policy::{Policy, PolicyVersion};

/// The size limit of a document, without white space.
const SIZE_LIMIT: usize = 6_144;
const VERSIONS_LIMIT: usize = 5;

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = check::policy_name(input)?.to_owned();
    let path = check::path(input)?;
    let description = check::description(input)?;
    let tags = tags::checked(input.tag_list("Tags")?.unwrap_or_default())?;
    let document = checked_document(input)?;
    cloud
        .store
        .change(|state| {
            let mut names = state.iam.policies.values().map(|policy| &policy.name);
            if names.any(|taken| taken.eq_ignore_ascii_case(&name)) {
                let text = format!(
                    "A policy called {name} already exists. Duplicate names are not allowed."
                );
                return Err(ApiError::new(409, "EntityAlreadyExists", text));
            }
            let version = PolicyVersion {
                document,
                created: call.now,
            };
            let policy = Policy {
                name,
                path,
                id: random::iam_id("ANPA"),
                created: call.now,
                updated: call.now,
                description,
                tags,
                versions: BTreeMap::from([(1, version)]),
                default: Lagging::new(1),
                next_version: 2,
            };
            let answer = shown(state, &policy);
            state.iam.policies.insert(policy.arn(), policy);
            Ok(json!({ "Policy": answer }))
        })
        .await
}

fn checked_document(input: &Input) -> ApiResult<String> {
    let document = check::document(input, "PolicyDocument")?;
    grammar::check_identity_policy(document)?;
    if check::size(document) > SIZE_LIMIT {
        let text = format!("Cannot exceed quota for PolicySize: {SIZE_LIMIT}");
        return Err(ApiError::new(409, "LimitExceeded", text));
    }
    Ok(document.to_owned())
}

/// A policy as ListPolicies shows it.
fn listed(state: &State, policy: &Policy) -> Map<String, Value> {
    let arn = policy.arn();
    let count = |is_used: &dyn Fn(&crate::state::role::Role) -> bool| {
        state.iam.roles().filter(|role| is_used(role)).count()
    };
    let shown = json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": version_id(*policy.default.written()),
        "AttachmentCount": count(&|role| role.attached.written().contains(&arn)),
        "PermissionsBoundaryUsageCount": count(&|role| role.boundary.as_deref() == Some(&arn)),
        "IsAttachable": true,
        "CreateDate": iso_seconds(policy.created),
        "UpdateDate": iso_seconds(policy.updated),
    });
    shown.as_object().cloned().unwrap_or_default()
}

fn shown(state: &State, policy: &Policy) -> Map<String, Value> {
    let mut shown = listed(state, policy);
    if let Some(description) = &policy.description {
        shown.insert("Description".to_owned(), json!(description));
    }
    if !policy.tags.is_empty() {
        shown.insert("Tags".to_owned(), tags::shown(&policy.tags));
    }
    shown
}

fn of_aws(arn: &str) -> Value {
    json!({
        "PolicyName": managed::name(arn),
        "Arn": arn,
        "Path": managed::path(arn),
        "DefaultVersionId": "v1",
        "IsAttachable": true,
    })
}

fn version_id(number: u64) -> String {
    format!("v{number}")
}

pub(crate) fn get(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let state = cloud.store.read();
    must_exist(&state, arn)?;
    Ok(json!({ "Policy": match state.iam.policies.get(arn) {
        Some(policy) => Value::Object(shown(&state, policy)),
        None => of_aws(arn),
    }}))
}

pub(crate) fn list(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let prefix = input.text("PathPrefix")?.unwrap_or("/");
    let only_attached = input.flag("OnlyAttached")?.unwrap_or(false);
    let scope = input.text("Scope")?.unwrap_or("All");
    if !["All", "AWS", "Local"].contains(&scope) {
        let must = "satisfy enum value set: [All, AWS, Local]";
        return Err(refuse(
            "ValidationError",
            &[Broken::new(scope, "scope", must)],
        ));
    }
    let state = cloud.store.read();
    let is_attached = |arn: &String| {
        let mut roles = state.iam.roles();
        roles.any(|role| role.attached.written().contains(arn))
    };
    let wanted = |arn: &String| {
        managed::path(arn).starts_with(prefix) && (!only_attached || is_attached(arn))
    };
    let own = state.iam.policies.iter().filter(|_| scope != "AWS");
    let own = own
        .filter(|(arn, _)| wanted(arn))
        .map(|(_, policy)| Value::Object(listed(&state, policy)));
    let of_aws = managed::arns().filter(|_| scope != "Local");
    let of_aws = of_aws
        .filter(|arn| wanted(arn))
        .map(|arn| self::of_aws(&arn));
    check::page(input, "Policies", own.chain(of_aws).collect())
}

pub(crate) async fn delete(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    cloud
        .store
        .change(|state| {
            let versions = own(state, arn)?.versions.len();
            let is_used = state.iam.roles().any(|role| {
                role.attached.written().iter().any(|used| used == arn)
                    || role.boundary.as_deref() == Some(arn)
            });
            if is_used {
                return Err(conflict("Cannot delete a policy attached to entities."));
            }
            if versions > 1 {
                return Err(conflict(
                    "This policy has more than one version. Before you delete a policy, you must \
                     delete the policy's versions. The default version is deleted with the policy.",
                ));
            }
            state.iam.policies.remove(arn);
            Ok(Value::Null)
        })
        .await
}

fn conflict(text: &str) -> ApiError {
    ApiError::new(409, "DeleteConflict", text)
}

/// A policy of this account. Those of AWS cannot be changed.
fn own<'a>(state: &'a State, arn: &str) -> ApiResult<&'a Policy> {
    must_exist(state, arn)?;
    let policy = state.iam.policies.get(arn);
    policy.ok_or_else(|| ApiError::new(403, "AccessDenied", "Policy is outside your own account."))
}

fn own_mut<'a>(state: &'a mut State, arn: &str) -> ApiResult<&'a mut Policy> {
    own(state, arn)?;
    let policy = state.iam.policies.get_mut(arn);
    policy.ok_or_else(|| ApiError::internal("the policy is gone"))
}

/// The number in `VersionId`, if the policy has that version.
fn version_of(policy: &Policy, id: &str) -> ApiResult<u64> {
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let number = number.filter(|number| policy.versions.contains_key(number));
    number.ok_or_else(|| no_version(&policy.arn(), id))
}

fn no_version(arn: &str, id: &str) -> ApiError {
    let text = format!("Policy {arn} version {id} does not exist or is not attachable.");
    ApiError::new(404, "NoSuchEntity", text)
}

fn shown_version(policy: &Policy, number: u64, with_document: bool) -> Value {
    let mut shown = json!({
        "VersionId": version_id(number),
        "IsDefaultVersion": *policy.default.written() == number,
    });
    if let Some(version) = policy.versions.get(&number) {
        shown["CreateDate"] = json!(iso_seconds(version.created));
        if with_document {
            shown["Document"] = json!(percent(&version.document));
        }
    }
    shown
}

pub(crate) async fn create_version(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let document = checked_document(input)?;
    let as_default = input.flag("SetAsDefault")?.unwrap_or(false);
    cloud
        .store
        .change(|state| {
            let policy = own_mut(state, arn)?;
            if policy.versions.len() >= VERSIONS_LIMIT {
                let text = "A managed policy can have up to 5 versions. Before you create a new \
                            version, you must delete an existing version.";
                return Err(ApiError::new(409, "LimitExceeded", text));
            }
            let number = policy.next_version;
            let version = PolicyVersion {
                document,
                created: call.now,
            };
            policy.versions.insert(number, version);
            policy.next_version += 1;
            policy.updated = call.now;
            if as_default {
                let seen_at = cloud.faults.after(call.now, Delay::PolicyInForce);
                policy.default.write(number, call.now, seen_at);
            }
            Ok(json!({ "PolicyVersion": shown_version(policy, number, false) }))
        })
        .await
}

pub(crate) fn get_version(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let id = check::required(input, "VersionId")?;
    let state = cloud.store.read();
    must_exist(&state, arn)?;
    if let Some(policy) = state.iam.policies.get(arn) {
        let number = version_of(policy, id)?;
        return Ok(json!({ "PolicyVersion": shown_version(policy, number, true) }));
    }
    if id != "v1" {
        return Err(no_version(arn, id));
    }
    let document = managed::document(arn).unwrap_or_default();
    Ok(json!({ "PolicyVersion": {
        "Document": percent(document),
        "VersionId": "v1",
        "IsDefaultVersion": true,
    }}))
}

pub(crate) fn list_versions(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let state = cloud.store.read();
    must_exist(&state, arn)?;
    let versions = match state.iam.policies.get(arn) {
        // The newest comes first.
        Some(policy) => policy
            .versions
            .keys()
            .rev()
            .map(|number| shown_version(policy, *number, false))
            .collect(),
        None => vec![json!({ "VersionId": "v1", "IsDefaultVersion": true })],
    };
    check::page(input, "Versions", versions)
}

pub(crate) async fn delete_version(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let id = check::required(input, "VersionId")?;
    cloud
        .store
        .change(|state| {
            let policy = own_mut(state, arn)?;
            let number = version_of(policy, id)?;
            if *policy.default.written() == number {
                return Err(conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.remove(&number);
            Ok(Value::Null)
        })
        .await
}

pub(crate) async fn set_default(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let arn = check::required(input, "PolicyArn")?;
    let id = check::required(input, "VersionId")?;
    cloud
        .store
        .change(|state| {
            let policy = own_mut(state, arn)?;
            let number = version_of(policy, id)?;
            let seen_at = cloud.faults.after(call.now, Delay::PolicyInForce);
            policy.default.write(number, call.now, seen_at);
            policy.updated = call.now;
            Ok(Value::Null)
        })
        .await
}
