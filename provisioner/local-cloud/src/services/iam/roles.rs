//! Roles: create, get, list, update, delete.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::{Millis, iso_seconds};
use crate::cloud::Cloud;
use crate::encode::percent;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::random;
use crate::services::iam::summary::ROLES_LIMIT;
use crate::services::iam::{attached, check, grammar, late, tags, unseen};
use crate::state::lagging::{Lagging, Stale};
use crate::state::role::Role;

pub(crate) async fn create(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let name = check::role_name(input)?.to_owned();
    let path = check::path(input)?;
    let description = check::description(input)?;
    let max_session_seconds = check::session_seconds(input)?.unwrap_or(3600);
    let trust = check::document(input, "AssumeRolePolicyDocument")?.to_owned();
    let tags = tags::checked(input.tag_list("Tags")?.unwrap_or_default())?;
    let boundary = input.text("PermissionsBoundary")?.map(str::to_owned);
    cloud
        .store
        .change(|state| {
            if state.iam.role(&name).is_some() {
                return Err(ApiError::new(
                    409,
                    "EntityAlreadyExists",
                    format!("Role with name {name} already exists."),
                ));
            }
            if state.iam.roles().count() >= ROLES_LIMIT {
                let text = format!("Cannot exceed quota for RolesPerAccount: {ROLES_LIMIT}");
                return Err(ApiError::new(409, "LimitExceeded", text));
            }
            grammar::check_trust_policy(&trust, state)?;
            check_trust_size(&trust)?;
            if let Some(boundary) = &boundary {
                attached::must_exist(state, boundary)?;
            }
            let role = Role {
                name,
                path,
                id: random::iam_id("AROA"),
                created: call.now,
                assumable_at: cloud.faults.after(call.now, Delay::RoleAssumable),
                description,
                max_session_seconds,
                trust: Lagging::new(trust),
                inline: Lagging::new(BTreeMap::new()),
                attached: Lagging::new(Vec::new()),
                boundary,
                tags,
                stale_tags: Stale::default(),
                unseen: unseen::of_new_role(cloud, call.now),
                arn_shown_at: cloud.faults.after(call.now, Delay::RoleArnShown),
            };
            let mut shown = basics(&role, role.trust.written());
            add_tags_and_boundary(&mut shown, &role, &role.tags);
            state.iam.insert(role);
            Ok(json!({ "Role": shown }))
        })
        .await
}

pub(crate) fn get(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let state = cloud.store.read();
    let role = check::role(&state, input)?;
    let mut shown = listed(role, call.now);
    add_tags_and_boundary(&mut shown, role, tags::shown_of(role, call.now));
    shown.insert("RoleLastUsed".to_owned(), json!({}));
    if call.now < role.arn_shown_at {
        shown.insert("Arn".to_owned(), role.id.as_str().into());
    }
    Ok(json!({ "Role": shown }))
}

pub(crate) fn list(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let prefix = input.text("PathPrefix")?.unwrap_or("/");
    let state = cloud.store.read();
    let roles = state
        .iam
        .roles()
        .filter(|role| role.path.starts_with(prefix));
    check::page(
        input,
        "Roles",
        roles
            .map(|role| Value::Object(listed(role, call.now)))
            .collect(),
    )
}

/// The members that every answer about a role has, CreateRole's included.
fn basics(role: &Role, trust: &str) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: String| shown.insert(name.to_owned(), value.into());
    put("Path", role.path.clone());
    put("RoleName", role.name.clone());
    put("RoleId", role.id.clone());
    put("Arn", role.arn());
    put("CreateDate", iso_seconds(role.created));
    put("AssumeRolePolicyDocument", percent(trust));
    shown
}

/// A role in the form of ListRoles: without tags, boundary and last use.
pub(crate) fn listed(role: &Role, now: Millis) -> Map<String, Value> {
    let mut shown = basics(role, role.trust.shown(now));
    if let Some(description) = &role.description {
        shown.insert("Description".to_owned(), description.as_str().into());
    }
    shown.insert(
        "MaxSessionDuration".to_owned(),
        role.max_session_seconds.into(),
    );
    shown
}

fn add_tags_and_boundary(
    shown: &mut Map<String, Value>,
    role: &Role,
    role_tags: &[(String, String)],
) {
    if let Some(boundary) = &role.boundary {
        let boundary = json!({
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary,
        });
        shown.insert("PermissionsBoundary".to_owned(), boundary);
    }
    if !role_tags.is_empty() {
        shown.insert("Tags".to_owned(), tags::shown(role_tags));
    }
}

/// Changes the members of a request; absent members stay unchanged.
pub(crate) async fn update(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let description = check::description(input)?;
    let seconds = check::session_seconds(input)?;
    cloud
        .store
        .change(|state| {
            let role = check::role_mut(state, input)?;
            if description.is_some() {
                role.description = description.filter(|text| !text.is_empty());
            }
            if let Some(seconds) = seconds {
                role.max_session_seconds = seconds;
            }
            // Its result has no members, and is sent all the same.
            Ok(json!({}))
        })
        .await
}

pub(crate) async fn update_description(
    cloud: &Cloud,
    call: &Call,
    input: &Input,
) -> ApiResult<Value> {
    check::required(input, "Description")?;
    update(cloud, input).await?;
    let state = cloud.store.read();
    Ok(json!({ "Role": listed(check::role(&state, input)?, call.now) }))
}

pub(crate) async fn update_trust(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    let trust = check::document(input, "PolicyDocument")?.to_owned();
    cloud
        .store
        .change(|state| {
            check::role(state, input)?;
            grammar::check_trust_policy(&trust, state)?;
            check_trust_size(&trust)?;
            let role = check::role_mut(state, input)?;
            late::write(&mut role.trust, trust, cloud, call);
            Ok(Value::Null)
        })
        .await
}

fn check_trust_size(trust: &str) -> ApiResult<()> {
    let limit = check::TRUST_LIMIT;
    if check::size(trust) <= limit {
        return Ok(());
    }
    let text = format!("Cannot exceed quota for ACLSizePerRole: {limit}");
    Err(ApiError::new(409, "LimitExceeded", text))
}

pub(crate) async fn put_boundary(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let boundary = check::required(input, "PermissionsBoundary")?.to_owned();
    cloud
        .store
        .change(|state| {
            attached::must_exist(state, &boundary)?;
            check::role_mut(state, input)?.boundary = Some(boundary);
            Ok(Value::Null)
        })
        .await
}

pub(crate) async fn delete_boundary(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    cloud
        .store
        .change(|state| {
            check::role_mut(state, input)?.boundary = None;
            Ok(Value::Null)
        })
        .await
}

pub(crate) async fn delete(cloud: &Cloud, input: &Input) -> ApiResult<Value> {
    let conflict = |first: &str| {
        ApiError::new(
            409,
            "DeleteConflict",
            format!("Cannot delete entity, must {first} first."),
        )
    };
    cloud
        .store
        .change(|state| {
            let role = check::role(state, input)?;
            if !role.inline.written().is_empty() {
                return Err(conflict("delete policies"));
            }
            if !role.attached.written().is_empty() {
                return Err(conflict("detach all policies"));
            }
            let name = role.name.clone();
            state.iam.remove(&name);
            Ok(Value::Null)
        })
        .await
}
