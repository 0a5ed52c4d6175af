//! The tag of the function with the time of the last deployment: the age of a stage, for `sweep`.
//!
//! `CreateFunction` writes it without a further request, and each later release writes it again beside its test
//! ride. A run with nothing to do writes nothing, so the age counts from the last run that deployed something.

use std::time::{Duration, SystemTime};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::{DateTime, DateTimeFormat};

use super::spec::FunctionSpec;
use crate::aws::call::Call;
use crate::engine::resource::{Declared as _, Step};
use crate::error::Error;
use crate::resources::owner::DEPLOYED_AT;

/// Updates are over within minutes; until then Lambda answers that the function is busy.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// The output with that time, in seconds since 1970.
pub const DEPLOYED: &str = "deployed";

/// The tag: its key and its value.
pub fn deployed_at(now: SystemTime) -> (&'static str, String) {
    let seconds = DateTime::from_secs(DateTime::from(now).secs());
    let time = seconds.fmt(DateTimeFormat::DateTime);
    (
        DEPLOYED_AT,
        time.expect("the clock shows a year before 10000"),
    )
}

/// Tags the function with the time of this release.
pub async fn tag_deployment(
    client: &Client,
    function: &FunctionSpec,
    step: &Step<'_>,
) -> Result<(), Error> {
    // This run has created the function, with the tag.
    if step.inputs.state(&function.id()).is_none() {
        return Ok(());
    }
    let (key, value) = deployed_at(step.wait.now());
    let request = client.tag_resource().resource(function.arn(&step.inputs));
    let request = request.tags(key, value);
    let doing = format!("tag {} with the time of the release", function.id());
    let call = Call::new(&step.wait, doing, LIMIT);
    call.send(|| request.clone().send()).await.map(drop)
}

/// The output, if the tag has a time.
pub fn output(function: &GetFunctionOutput) -> Option<(String, String)> {
    let time = function.tags()?.get(DEPLOYED_AT)?;
    let time = DateTime::from_str(time, DateTimeFormat::DateTime).ok()?;
    Some((DEPLOYED.to_owned(), time.secs().to_string()))
}
