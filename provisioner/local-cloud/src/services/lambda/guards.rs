//! What must hold before a function may be changed or invoked.

use crate::api::error::{ApiError, ApiResult};
use crate::clock::Millis;
use crate::identity::call::Call;
use crate::services::lambda::errors::conflict;
use crate::services::lambda::function_name::arn;
use crate::state::function::{Change, Function, Version};

/// Refuses a change of `$LATEST` while another one is in progress, and one that is meant for another revision.
pub(crate) fn may_change(
    function: &Function,
    revision: Option<&str>,
    call: &Call,
) -> ApiResult<()> {
    let latest = &function.latest;
    must_be_settled(latest, call.now, &arn(&call.region, &function.name))?;
    must_be_revision(revision, latest.revision(call.now), "GetFunction/GetAlias")
}

/// Refuses a change while another one is in progress.
pub(crate) fn must_be_settled(version: &Version, now: Millis, arn: &str) -> ApiResult<()> {
    must_be_created(version, now)?;
    match (version.is_settled(now), version.change) {
        (true, _) | (false, Change::Creation) => Ok(()),
        (false, Change::Update) => Err(conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: \
             {arn}"
        ))),
    }
}

/// Refuses every call but a deletion while the function is being created, and after its creation
/// failed.
pub(crate) fn must_be_created(version: &Version, now: Millis) -> ApiResult<()> {
    let state = match (version.change, version.is_settled(now), version.failed) {
        (Change::Creation, false, _) => "Pending",
        (Change::Creation, true, true) => "Failed",
        (Change::Creation, true, false) | (Change::Update, _, _) => return Ok(()),
    };
    Err(conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the \
         following state: {state}"
    )))
}

/// Refuses a change that is meant for another revision.
pub(crate) fn must_be_revision(given: Option<&str>, actual: &str, get: &str) -> ApiResult<()> {
    match given {
        Some(given) if given != actual => {
            let text = format!(
                "The Revision Id provided does not match the latest Revision Id. Call the {get} API \
                 to retrieve the latest Revision Id"
            );
            let error = ApiError::new(412, "PreconditionFailedException", text);
            Err(error.with("Type", "User"))
        }
        _ => Ok(()),
    }
}
