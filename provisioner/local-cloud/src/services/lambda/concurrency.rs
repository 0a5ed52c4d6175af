//! Reserved concurrency: how many invocations of a function may run at a time.

use serde_json::json;

use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::ApiResult;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::services::lambda::errors::invalid;
use crate::services::lambda::find::{find, find_mut};
use crate::services::lambda::function_name;
use crate::state::function::Function;

/// The limit for all functions of a region together.
const ACCOUNT_LIMIT: i64 = 1000;
const UNRESERVED_MINIMUM: i64 = 100;

pub(crate) async fn put(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    must_be_unqualified(name.qualifier.as_deref())?;
    let reserved = match operation.input.number("ReservedConcurrentExecutions")? {
        Some(reserved @ 0..) => reserved,
        other => {
            let value = other.map_or("null".to_owned(), |n| n.to_string());
            let must = "have value greater than or equal to 0";
            let broken = [Broken::new(value, "reservedConcurrentExecutions", must)];
            return Err(refuse("ValidationException", &broken));
        }
    };
    cloud
        .store
        .change(|state| {
            let others: i64 = state
                .region(&call.region)
                .functions
                .values()
                .filter(|function| function.name != name.name)
                .filter_map(|function| function.reserved_concurrency)
                .sum();
            // This operation's error names `$LATEST`.
            let function = find_mut(state, call, &name.with(Some(Function::LATEST)))?;
            if ACCOUNT_LIMIT - others - reserved < UNRESERVED_MINIMUM {
                return Err(invalid(format!(
                    "Specified ReservedConcurrentExecutions for function decreases account's \
                     UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_MINIMUM}]."
                )));
            }
            function.reserved_concurrency = Some(reserved);
            Ok(Answer::ok(json!({ "ReservedConcurrentExecutions": reserved })))
        })
        .await
}

fn must_be_unqualified(qualifier: Option<&str>) -> ApiResult<()> {
    match qualifier {
        None => Ok(()),
        Some(_) => Err(invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not \
             support this operation. Please specify either a function name or an unqualified \
             function ARN.",
        )),
    }
}

pub(crate) fn get(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    must_be_unqualified(name.qualifier.as_deref())?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    Ok(Answer::ok(match function.reserved_concurrency {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    }))
}

pub(crate) async fn delete(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    must_be_unqualified(name.qualifier.as_deref())?;
    cloud
        .store
        .change(|state| {
            find_mut(state, call, &name)?.reserved_concurrency = None;
            Ok(Answer::no_content())
        })
        .await
}

pub(crate) fn account_settings(cloud: &Cloud, call: &Call) -> ApiResult<Answer> {
    let state = cloud.store.read();
    let functions = &state.region(&call.region).functions;
    let reserved: i64 = functions
        .values()
        .filter_map(|f| f.reserved_concurrency)
        .sum();
    let size: u64 = functions
        .values()
        .flat_map(|f| f.versions())
        .map(|v| v.code.bytes)
        .sum();
    Ok(Answer::ok(json!({
        "AccountLimit": {
            "TotalCodeSize": 322_122_547_200_u64,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": ACCOUNT_LIMIT,
            "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - reserved,
        },
        "AccountUsage": { "TotalCodeSize": size, "FunctionCount": functions.len() },
    })))
}
