//! New code, a version that fails its test ride, and the way back.

use super::runner::{Runner, list, unexpected};
use crate::error::{Error, Failure};
use crate::policy::Template;

/// A policy without the permission to write rides. The other placeholders are those of `policies/`.
const NO_WRITES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:DescribeTable","Resource":"arn:{{partition}}:dynamodb:{{region}}:{{account}}:table/{{table}}"}]}"#;

/// The same program in another zip: for Lambda it is new code.
pub async fn code_change(runner: &Runner) -> Result<String, Error> {
    let before = runner.live().await?;
    let changes = runner.up(runner.other_code()).await?;
    let after = runner.live().await?;
    let changes_code = changes.iter().any(|change| {
        let mut attributes = change.attributes.iter();
        change.kind == "function" && attributes.any(|name| name == "code")
    });
    if !changes_code || before == after {
        return Err(unexpected("an `up` with other code", &list(&changes)));
    }
    let ran = runner.ride().await?;
    if ran != after {
        return Err(unexpected(
            "a ride through `live`",
            &format!("version {ran} ran"),
        ));
    }
    Ok(format!("live: version {before} → {after}"))
}

/// A declaration whose function may not write, and looks for its table elsewhere: it fails at once, while a
/// policy alone could stay in force for some seconds. `live` stays, and so does what it may do.
pub async fn failed_ride(runner: &Runner) -> Result<String, Error> {
    let live = runner.live().await?;
    let versions = runner.versions().await?;
    let mut stack = runner.stack.clone();
    stack.role.policies[0].1 = Template::parse(NO_WRITES).expect("a constant policy");
    let table = stack.function.env.get_mut("TABLE_NAME");
    if let Some(table) = table {
        table.value = "Elsewhere".to_owned();
    }
    let why = match runner.deploy(&runner.other_code(), &stack).await {
        Ok(()) => return Err(unexpected("an `up` without PutItem", "the ride passed")),
        Err(error) if error.failure == Failure::TestRideFailed => error,
        Err(error) => return Err(error),
    };
    let after = runner.live().await?;
    if after != live {
        return Err(unexpected(
            "a failed ride",
            &format!("live: {live} → {after}"),
        ));
    }
    let left = runner.versions().await?;
    if left != versions {
        return Err(unexpected("a failed ride", &format!("versions {left:?}")));
    }
    // The policy is back: the plan has only the function to repair.
    let declared = runner.other_code();
    let found = runner.until_plan(&declared, "the function alone", |changes| {
        let mut kinds = changes.iter().map(|change| change.kind.as_str());
        kinds.all(|kind| kind == "function")
    });
    found.await?;
    runner.ride().await?;
    runner.up(declared.clone()).await?;
    runner.until_equal(&declared).await?;
    Ok(format!("live stays at version {live}: {}", why.text))
}

pub async fn rollback(runner: &Runner) -> Result<String, Error> {
    let before = runner.live().await?;
    let document = runner.rollback().await?;
    let to = document["to"].to_string();
    let live = runner.live().await?;
    if live == before || live != to {
        return Err(unexpected("a rollback", &format!("live is version {live}")));
    }
    let ran = runner.ride().await?;
    if ran != live {
        return Err(unexpected(
            "a ride through `live`",
            &format!("version {ran} ran"),
        ));
    }
    Ok(format!("live: version {before} → {live}"))
}
