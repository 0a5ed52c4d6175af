//! Updates of a function's code and configuration. Each creates a new revision, even one that changes
//! nothing.

use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::error::ApiResult;
use crate::cloud::Cloud;
use crate::faults::Delay;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::services::lambda::find::{find, find_mut};
use crate::services::lambda::function_name;
use crate::services::lambda::functions::{changed, retire, shown_change};
use crate::services::lambda::guards::may_change;
use crate::services::lambda::{check, code as zips, role, versions};
use crate::state::function::{Change, Code, Config, Function};

pub(crate) async fn code(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let input = &operation.input;
    let dry_run = input.flag("DryRun")?.unwrap_or(false);
    let publish = input.flag("Publish")?.unwrap_or(false);
    let revision = input.text("RevisionId")?;
    let checked = |function: &Function| -> ApiResult<Config> {
        may_change(function, revision, call)?;
        check::architecture(input, function.latest.config.clone())
    };
    checked(find(&cloud.store.read(), call, &name)?)?;
    let zip = zips::zip_of(input)?;
    let _in_use = cloud.codes.in_use.lock().await;
    let code = zips::record(cloud.codes.store(zip, !dry_run).await?);
    if dry_run {
        let state = cloud.store.read();
        let mut function = find(&state, call, &name)?.clone();
        change(cloud, call, &mut function, None, Some(code));
        return Ok(Answer::ok(Value::Object(shown_change(
            call, &function, None,
        ))));
    }
    let answer = cloud.store.change(|state| {
        let function = find_mut(state, call, &name)?;
        let config = checked(function)?;
        change(cloud, call, function, Some(config), Some(code));
        let number = publish.then(|| versions::publish_latest(function, None, call.now));
        let shown = shown_change(call, function, number);
        Ok((function.id.clone(), Answer::ok(Value::Object(shown))))
    });
    let (function_id, answer) = answer.await?;
    let state = cloud.store.read();
    retire(cloud, &function_id, &state);
    zips::sweep(cloud, &state).await;
    Ok(answer)
}

pub(crate) async fn configuration(
    cloud: &Cloud,
    call: &Call,
    operation: &Operation,
) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let input = &operation.input;
    let revision = input.text("RevisionId")?;
    let answer = cloud.store.change(|state| {
        let function = find(state, call, &name)?;
        may_change(function, revision, call)?;
        let config = check::merge(input, function.latest.config.clone())?;
        let mut role_id = None;
        if input.has("Role") {
            let role = role::assumable(state, &config.role, &call.region, &name.name, call.now)?;
            // The same ARN again doesn't renew the grant, even if another role has it now.
            let is_another = config.role != function.latest.config.role;
            role_id = is_another.then(|| role.id.clone());
        }
        let function = find_mut(state, call, &name)?;
        change(cloud, call, function, Some(config), None);
        if let Some(role_id) = role_id {
            function.latest.role_id = role_id;
        }
        let shown = shown_change(call, function, None);
        Ok((function.id.clone(), Answer::ok(Value::Object(shown))))
    });
    let (function_id, answer) = answer.await?;
    retire(cloud, &function_id, &cloud.store.read());
    Ok(answer)
}

fn change(
    cloud: &Cloud,
    call: &Call,
    function: &mut Function,
    config: Option<Config>,
    code: Option<Code>,
) {
    let old = &function.latest;
    let settles_at = cloud.faults.after(call.now, Delay::FunctionUpdating);
    let mut new = changed(
        config.unwrap_or_else(|| old.config.clone()),
        code.unwrap_or_else(|| old.code.clone()),
        old.role_id.clone(),
        call.now,
        settles_at,
        Change::Update,
    );
    new.failed = cloud.faults.fails_update();
    if settles_at > call.now || new.failed {
        let mut before = old.serving(call.now).clone();
        before.before = None;
        new.before = Some(Box::new(before));
    }
    function.latest = new;
}
