//! Publishes a version of the function.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::State;

use super::change::LIMIT;
use crate::aws::call::{Call, optional};
use crate::aws::error::CloudError;
use crate::engine::inputs::Age;
use crate::engine::pace::Pace;
use crate::engine::resource::Step;
use crate::engine::status::Delay;
use crate::engine::wait::Look;
use crate::error::Error;

/// How long a published version may be invisible. After that it counts as deleted.
const INVISIBLE: Duration = Duration::from_secs(30);

const ACTIVE: Delay = Delay::new("the new version is active", Pace::UNKNOWN).of("Lambda");

/// A version to publish.
pub struct NewVersion<'a> {
    pub client: &'a Client,
    pub function: &'a str,
    pub function_age: Age,
    /// What is published, for errors.
    pub what: String,
    pub description: String,
    /// The code that `$LATEST` must have.
    pub code_sha256: Option<String>,
    /// The description of `$LATEST`.
    pub latest_description: String,
}

impl NewVersion<'_> {
    /// Publishes `$LATEST`. Returns the existing version if neither code nor configuration has changed
    /// since.
    ///
    /// That version may have been deleted, after a failed test ride or by other means. AWS does not
    /// document what it answers then. If it is the number of the deleted version, a changed description
    /// of `$LATEST` gives a new one.
    pub async fn publish(&self, step: &Step<'_>) -> Result<String, Error> {
        let version = self.request(step).await?;
        if self.is_active(&version, INVISIBLE, step).await? {
            return Ok(version);
        }
        step.wait.note(format!(
            "Lambda answered version {version}, which does not exist: changes the description and \
             publishes again"
        ));
        self.change_description(&version, step).await?;
        let version = self.request(step).await?;
        self.is_active(&version, Duration::MAX, step).await?;
        Ok(version)
    }

    async fn request(&self, step: &Step<'_>) -> Result<String, Error> {
        let request = self.client.publish_version();
        let request = request
            .function_name(self.function)
            .set_code_sha256(self.code_sha256.clone())
            .description(&self.description);
        let call = Call::new(&step.wait, &self.what, LIMIT).of_age(self.function_age);
        let answer = call.send(|| request.clone().send()).await?;
        let version = answer.version;
        Ok(version.ok_or_else(|| CloudError::incomplete(&self.what, "Version"))?)
    }

    /// Waits until the version is active. False if it stays invisible for that long.
    async fn is_active(
        &self,
        version: &str,
        invisible: Duration,
        step: &Step<'_>,
    ) -> Result<bool, Error> {
        let doing = format!("get version {version} of {}", self.function);
        let request = self.client.get_function().function_name(self.function);
        let request = request.qualifier(version);
        let started = step.wait.now();
        let what = format!("wait for version {version}");
        step.wait
            .until(&what, LIMIT, async || {
                let answer = optional(&doing, request.clone().send()).await?;
                let configuration = answer.and_then(|answer| answer.configuration);
                let waited = step.wait.now().duration_since(started);
                Ok(
                    match configuration.map(|configuration| configuration.state) {
                        None if waited.unwrap_or_default() >= invisible => Look::Ready(false),
                        None => Look::NotYet(ACTIVE.shown_as("not visible yet")),
                        Some(Some(State::Pending)) => Look::NotYet(ACTIVE.shown_as("Pending")),
                        Some(_) => Look::Ready(true),
                    },
                )
            })
            .await
    }

    async fn change_description(&self, deleted: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("change the description of function {}", self.function);
        let description = format!("{}, without version {deleted}", self.latest_description);
        let request = self.client.update_function_configuration();
        let request = request
            .function_name(self.function)
            .description(description);
        let call = Call::new(&step.wait, doing, LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }
}
