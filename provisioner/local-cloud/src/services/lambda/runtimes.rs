//! The runtimes that Lambda accepts.

use crate::api::error::ApiResult;
use crate::services::lambda::errors::invalid;

/// The supported runtimes, in the order of Lambda's own error.
const RUNTIMES: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Runtimes that Lambda no longer accepts for new functions.
const RETIRED: &[&str] = &[
    "provided",
    "go1.x",
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "java8",
    "dotnetcore3.1",
    "ruby2.5",
    "ruby2.7",
];

pub(crate) fn check(runtime: &str) -> ApiResult<()> {
    if RETIRED.contains(&runtime) {
        return Err(invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS \
             Lambda functions. We recommend you use a supported runtime while creating or updating \
             functions."
        )));
    }
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    let all = RUNTIMES.join(", ");
    Err(invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value \
         set: [{all}] or be a valid ARN"
    )))
}
