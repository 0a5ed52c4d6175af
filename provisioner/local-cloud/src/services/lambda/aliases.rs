//! Aliases: names of a version, or of two versions that share the calls.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::services::lambda::errors::{conflict, invalid, no_alias, no_function, not_found};
use crate::services::lambda::find::{find, find_mut};
use crate::services::lambda::function_name;
use crate::services::lambda::function_name::{Name, is_alias_name, qualified};
use crate::services::lambda::guards::must_be_revision;
use crate::services::lambda::page::page;
use crate::services::lambda::unseen;
use crate::state::function::{Alias, Function};

pub(crate) async fn create(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let input = &operation.input;
    let absent = |member: &str| {
        let member = member[..1].to_ascii_lowercase() + &member[1..];
        refuse("ValidationException", &[Broken::null(&member)])
    };
    let alias_name = input.required("Name", absent)?.to_owned();
    let version = input.required("FunctionVersion", absent)?.to_owned();
    check_name(&alias_name)?;
    let description = description(input)?.unwrap_or_default();
    cloud
        .store
        .change(|state| {
            // Without the function, the error names the version that the alias was to point at.
            let function = find_mut(state, call, &name.with(Some(&version)))?;
            if function.aliases.contains_key(&alias_name) {
                let arn = qualified(&call.region, &function.name, Some(&alias_name));
                return Err(conflict(format!("Alias already exists: {arn}")));
            }
            must_exist(function, &version, call)?;
            let weights = weights(input, function, &version, call)?.unwrap_or_default();
            let alias = Alias {
                version,
                description,
                revision: random::uuid(),
                weights,
                unseen: unseen::of_new_alias(cloud, call.now),
            };
            let shown = shown(call, function, &alias_name, &alias);
            function.aliases.insert(alias_name, alias);
            Ok(Answer::created(shown))
        })
        .await
}

pub(crate) fn get(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let alias_name = &operation.route.part;
    let alias = function
        .aliases
        .get(alias_name)
        .filter(|alias| !alias.unseen.hides("GetAlias", call.now))
        .ok_or_else(|| no_alias(call, &name.with(Some(alias_name))))?;
    Ok(Answer::ok(shown(call, function, alias_name, alias)))
}

pub(crate) async fn update(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let (input, alias_name) = (&operation.input, &operation.route.part);
    let description = description(input)?;
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name)?;
            let old = function.aliases.get(alias_name);
            let old = old.ok_or_else(|| {
                // UpdateAlias has a text of its own for this error.
                let arn = qualified(&call.region, &function.name, Some(alias_name));
                not_found(format!("Alias not found: {arn}"))
            })?;
            must_be_revision(
                input.text("RevisionId")?,
                &old.revision,
                "GetFunction/GetAlias",
            )?;
            let version = input
                .text("FunctionVersion")?
                .unwrap_or(&old.version)
                .to_owned();
            must_exist(function, &version, call)?;
            let weights = weights(input, function, &version, call)?;
            let alias = Alias {
                weights: weights.unwrap_or_else(|| old.weights.clone()),
                description: description.unwrap_or_else(|| old.description.clone()),
                revision: random::uuid(),
                version,
                unseen: old.unseen.clone(),
            };
            let shown = shown(call, function, alias_name, &alias);
            function.aliases.insert(alias_name.clone(), alias);
            Ok(Answer::ok(shown))
        })
        .await
}

/// Deletes an alias. Succeeds if there is none, as at AWS.
pub(crate) async fn delete(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name)?;
            function.aliases.remove(&operation.route.part);
            function.policies.remove(&operation.route.part);
            Ok(Answer::no_content())
        })
        .await
}

pub(crate) fn list(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let wanted = operation.parameter("FunctionVersion");
    let aliases = function.aliases.iter();
    let aliases =
        aliases.filter(|(_, alias)| wanted.is_none_or(|version| alias.version == version));
    let shown = aliases
        .map(|(name, alias)| shown(call, function, name, alias))
        .collect();
    let (aliases, next) = page(operation, shown)?;
    Ok(Answer::ok(
        json!({ "Aliases": aliases, "NextMarker": next }),
    ))
}

fn shown(call: &Call, function: &Function, name: &str, alias: &Alias) -> Value {
    let mut shown = json!({
        "AliasArn": qualified(&call.region, &function.name, Some(name)),
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if !alias.weights.is_empty() {
        shown["RoutingConfig"] = json!({ "AdditionalVersionWeights": alias.weights });
    }
    shown
}

fn check_name(name: &str) -> ApiResult<()> {
    if !is_alias_name(name) {
        let pattern = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)";
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(name, "name", pattern)],
        ));
    }
    if name.len() > 128 {
        return Err(refuse(
            "ValidationException",
            &[Broken::longer(name, "name", 128)],
        ));
    }
    Ok(())
}

fn description(input: &Input) -> ApiResult<Option<String>> {
    let text = input.text("Description")?;
    if text.is_some_and(|text| text.chars().count() > 256) {
        return Err(refuse(
            "ValidationException",
            &[Broken::longer("…", "description", 256)],
        ));
    }
    Ok(text.map(str::to_owned))
}

fn must_exist(function: &Function, version: &str, call: &Call) -> ApiResult<()> {
    let is_version = version == Function::LATEST || version.parse::<u64>().is_ok();
    if !is_version {
        let pattern = "(\\$LATEST|[0-9]+)";
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(version, "functionVersion", pattern)],
        ));
    }
    match function.resolve(Some(version)) {
        Some(_) => Ok(()),
        None => {
            let name = Name {
                name: function.name.clone(),
                qualifier: Some(version.to_owned()),
            };
            Err(no_function(call, &name))
        }
    }
}

/// The additional versions of an alias: at most one, published, beside a published main version.
fn weights(
    input: &Input,
    function: &Function,
    main: &str,
    call: &Call,
) -> ApiResult<Option<BTreeMap<String, f64>>> {
    let Some(routing) = input.members("RoutingConfig")? else {
        return Ok(None);
    };
    let given = routing
        .members("AdditionalVersionWeights")?
        .unwrap_or_default();
    let mut weights = BTreeMap::new();
    for (version, weight) in &given.0 {
        let weight = weight_of(version, weight).map_err(|must| broken_weights(&given, must))?;
        must_exist(function, version, call)?;
        if main == Function::LATEST {
            return Err(invalid(
                "$LATEST is not supported for an alias pointing to more than 1 version",
            ));
        }
        if version == main {
            return Err(invalid(format!(
                "Invalid function version {main}. Function version {main} is already included in \
                 routing configuration."
            )));
        }
        weights.insert(version.clone(), weight);
    }
    if weights.len() > 1 {
        return Err(invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ));
    }
    Ok(Some(weights))
}

/// The weight of a version; as an error, the constraint that is not satisfied.
fn weight_of(version: &str, weight: &Value) -> Result<f64, &'static str> {
    if version.parse::<u64>().is_err() {
        return Err(
            "Map keys must satisfy constraint: [Member must have length less than or equal to \
             1024, Member must have length greater than or equal to 1, Member must satisfy \
             regular expression pattern: [0-9]+]",
        );
    }
    let weight = weight.as_f64();
    weight.filter(|weight| (0.0..=1.0).contains(weight)).ok_or(
        "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
         Member must have value greater than or equal to 0.0, Member must not be null]",
    )
}

fn broken_weights(given: &Input, must: &str) -> ApiError {
    let shown = given.0.iter();
    let shown: Vec<String> = shown
        .map(|(version, weight)| format!("{version}={weight}"))
        .collect();
    let shown = shown.join(", ");
    ApiError::new(
        400,
        "ValidationException",
        format!(
            "1 validation error detected: Value '{{{shown}}}' at \
             'routingConfig.additionalVersionWeights' failed to satisfy constraint: {must}"
        ),
    )
}
