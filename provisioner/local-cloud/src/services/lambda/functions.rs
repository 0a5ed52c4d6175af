//! Functions: create, get, list and delete.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::authorize::{RequiredPermission, permits};
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::services::lambda::errors::{conflict, invalid, no_function};
use crate::services::lambda::find::{find, find_mut, find_version};
use crate::services::lambda::function_name::arn;
use crate::services::lambda::page::page;
use crate::services::lambda::show::{As, configuration, listed};
use crate::services::lambda::{check, code, function_name, role, tags, unseen, versions};
use crate::state::State;
use crate::state::function::{Change, Code, Config, Function, Version};
use crate::state::lagging::Stale;
use crate::state::unseen::Unseen;

pub(crate) async fn create(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let input = &operation.input;
    let given = input.required("FunctionName", |_| {
        refuse("ValidationException", &[Broken::null("functionName")])
    })?;
    let name = function_name::read(given, None, &call.region)?;
    let config = check::create(input, &name.name)?;
    let tags = tags::checked(input.tag_map("Tags")?.unwrap_or_default())?;
    let publish = input.flag("Publish")?.unwrap_or(false);
    let exists = || conflict(format!("Function already exist: {}", name.name));
    let state = cloud.store.read();
    if find(&state, call, &name).is_ok() {
        return Err(exists());
    }
    role::assumable(&state, &config.role, &call.region, &name.name, call.now)?;
    let zip = code::zip_of(&input.members("Code")?.unwrap_or_default())?;
    let _in_use = cloud.codes.in_use.lock().await;
    let code = code::record(cloud.codes.store(zip, true).await?);
    cloud
        .store
        .change(|state| {
            if find(state, call, &name).is_ok() {
                return Err(exists());
            }
            let role = role::assumable(state, &config.role, &call.region, &name.name, call.now)?;
            let settles_at = cloud.faults.after(call.now, Delay::FunctionPending);
            let mut latest = changed(
                config,
                code,
                role.id.clone(),
                call.now,
                settles_at,
                Change::Creation,
            );
            latest.failed = cloud.faults.fails_creation();
            let mut function = Function {
                name: name.name.clone(),
                id: random::uuid(),
                latest,
                published: BTreeMap::new(),
                next_version: 1,
                deleted_last: None,
                aliases: BTreeMap::new(),
                tags,
                stale_tags: Stale::default(),
                unseen: unseen::of_new_function(cloud, call.now),
                policies: BTreeMap::new(),
                reserved_concurrency: None,
            };
            let mut shown = shown_change(call, &function, None);
            if publish {
                let number = versions::publish_latest(&mut function, None, call.now);
                // The ARN in the answer stays that of the function.
                shown.insert("Version".to_owned(), number.to_string().into());
            }
            state
                .region_mut(&call.region)
                .functions
                .insert(name.name.clone(), function);
            Ok(Answer::created(Value::Object(shown)))
        })
        .await
}

/// A version after a change.
pub(crate) fn changed(
    config: Config,
    code: Code,
    role_id: String,
    now: Millis,
    settles_at: Millis,
    change: Change,
) -> Version {
    Version {
        config,
        code,
        role_id,
        modified: now,
        revision: random::uuid(),
        settled_revision: random::uuid(),
        settles_at,
        change,
        failed: false,
        published_from: None,
        before: None,
        unseen: Unseen::default(),
    }
}

/// The answer to a change: `$LATEST`, or the version that was published with it.
pub(crate) fn shown_change(
    call: &Call,
    function: &Function,
    published: Option<u64>,
) -> Map<String, Value> {
    let number = published.map(|number| number.to_string());
    let version = published.and_then(|number| function.published.get(&number));
    let name = number.as_deref().unwrap_or(Function::LATEST);
    let version = version.unwrap_or(&function.latest);
    configuration(
        &call.region,
        function,
        version,
        name,
        number.as_deref(),
        As::Changing,
    )
}

pub(crate) fn get(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let (version, own_name) = find_version(function, call, &name)?;
    let qualifier = name.qualifier.as_deref();
    let shown_as = As::Found(call.now);
    let config = configuration(
        &call.region,
        function,
        version,
        &own_name,
        qualifier,
        shown_as,
    );
    let mut answer = json!({
        "Configuration": config,
        "Code": code::location(cloud, call, &state, &version.code),
    });
    // Without the permission to list tags the answer has an error in their place.
    let permission = RequiredPermission::new("lambda:ListTags", arn(&call.region, &function.name));
    match permits(&state, &call.caller, &permission, call.now, &call.region) {
        Ok(()) => match tags::shown_of(function, call.now) {
            [] => {}
            shown => answer["Tags"] = tags::shown(shown),
        },
        Err(why) => {
            let (who, resource) = (call.caller.arn(), &permission.resource);
            answer["TagsError"] = json!({
                "ErrorCode": "AccessDeniedException",
                "Message": format!(
                    "User: {who} is not authorized to perform: lambda:ListTags on resource: \
                     {resource} {why}"
                ),
            });
        }
    }
    if let Some(reserved) = function.reserved_concurrency {
        answer["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    Ok(Answer::ok(answer))
}

pub(crate) fn get_configuration(
    cloud: &Cloud,
    call: &Call,
    operation: &Operation,
) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let (version, own_name) = find_version(function, call, &name)?;
    let qualifier = name.qualifier.as_deref();
    let shown = configuration(
        &call.region,
        function,
        version,
        &own_name,
        qualifier,
        As::Found(call.now),
    );
    Ok(Answer::ok(Value::Object(shown)))
}

pub(crate) fn list(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let all = match operation.parameter("FunctionVersion") {
        None => false,
        Some("ALL") => true,
        Some(other) => {
            let broken = Broken::new(other, "functionVersion", "satisfy enum value set: [ALL]");
            return Err(refuse("ValidationException", &[broken]));
        }
    };
    let state = cloud.store.read();
    let mut shown = Vec::new();
    for function in state.region(&call.region).functions.values() {
        let qualifier = all.then_some(Function::LATEST);
        shown.push(configuration(
            &call.region,
            function,
            &function.latest,
            Function::LATEST,
            qualifier,
            As::Found(call.now),
        ));
        for (number, version) in function.published.iter().filter(|_| all) {
            let number = number.to_string();
            let found = As::Found(call.now);
            shown.push(configuration(
                &call.region,
                function,
                version,
                &number,
                Some(&number),
                found,
            ));
        }
    }
    let shown = shown.into_iter().map(listed).collect();
    let (functions, next) = page(operation, shown)?;
    Ok(Answer::ok(
        json!({ "Functions": functions, "NextMarker": next }),
    ))
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let version = match name.qualifier.as_deref() {
        None => None,
        Some(Function::LATEST) => {
            return Err(invalid(
                "$LATEST version cannot be deleted without deleting the function.",
            ));
        }
        Some(qualifier) => Some(
            qualifier
                .parse::<u64>()
                .map_err(|_| invalid("Deletion of aliases is not currently supported."))?,
        ),
    };
    let name = name.with(None);
    let _in_use = cloud.codes.in_use.lock().await;
    let deleted = cloud.store.change(|state| {
        let Some(number) = version else {
            let functions = &mut state.region_mut(&call.region).functions;
            let function = functions
                .remove(&name.name)
                .ok_or_else(|| no_function(call, &name))?;
            return Ok(function.id);
        };
        let function = find_mut(state, call, &name)?;
        must_be_unused(function, &number.to_string())?;
        // AWS answers 204 for a version that does not exist too.
        let deleted = function.published.remove(&number);
        let was_last = number + 1 == function.next_version;
        if was_last && cloud.faults.answers_deleted_version() {
            function.deleted_last = deleted.map(|version| Box::new((number, version)));
        }
        Ok(function.id.clone())
    });
    let function_id = deleted.await?;
    let state = cloud.store.read();
    retire(cloud, &function_id, &state);
    code::sweep(cloud, &state).await;
    Ok(Answer::no_content())
}

/// Refuses to delete a version that an alias uses.
fn must_be_unused(function: &Function, version: &str) -> ApiResult<()> {
    let aliases = function.aliases.iter();
    let users: Vec<&str> = aliases
        .filter(|(_, alias)| alias.version == version || alias.weights.contains_key(version))
        .map(|(alias, _)| alias.as_str())
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    let users = users.join(", ");
    Err(conflict(format!(
        "Unable to delete version because the following aliases reference it: [{users}]"
    )))
}

/// Ends the environments of revisions that a function no longer has.
pub(crate) fn retire(cloud: &Cloud, function_id: &str, state: &State) {
    let functions = state.functions();
    let current = functions
        .filter(|function| function.id == function_id)
        .flat_map(|function| function.all_versions())
        .map(|version| version.revision.as_str());
    cloud.environments.retire(function_id, &current.collect());
}
