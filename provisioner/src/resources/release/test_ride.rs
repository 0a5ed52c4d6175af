//! The test ride: a real request to a version that is not live yet, whose ride is read back from the table
//! and deleted.
//!
//! It can be repeated: each stage has one user and one idempotency key, so the ride's ID is a constant. The
//! deployer's policy can therefore be limited to this item.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client as Dynamodb;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::Client as Lambda;
use function_contract::header::IDEMPOTENT_REPLAYED;
use function_contract::{idempotent_ride_id, item};
use serde_json::Value;

use super::log_tail::LogTail;
use crate::aws::call::Call;
use crate::aws::error::CloudError;
use crate::aws::texts::{WriteFailure, denied_resource, write_failure};
use crate::engine::inputs::Age;
use crate::engine::observed::{Context, ResourceId};
use crate::engine::pace::Pace;
use crate::engine::resource::Step;
use crate::engine::status::Delay;
use crate::engine::wait::Look;
use crate::error::{Error, Exit, Failure};
use crate::invocation::{Invocation, RideRequest, invoke};
use crate::policy;
use crate::resources::role::RoleSpec;

/// How long a new policy may take to be effective everywhere.
pub const LIMIT: Duration = Duration::from_secs(2 * 60);

/// Of a new or a changed policy. Each check is a request to the function.
const POLICY_IN_FORCE: Delay = Delay::new(
    "the role's policies are in force",
    Pace::usually(
        Duration::from_secs(2),
        Duration::from_secs(8),
        Duration::from_millis(500),
    ),
)
.of("IAM");

/// A place in Seattle, as in the tutorial.
const PICKUP: (f64, f64) = (47.6174755, -122.28837066650185);

/// The table as the documents of `policies/` name it.
const ANY_TABLE: &str = "arn:{{partition}}:dynamodb:{{region}}:{{account}}:table/{{table}}";

/// The rider of all test rides.
const USER: &str = "provision-test-ride";

/// The ID of a stage's test ride. It never changes, so policies can be limited to this item.
pub fn ride_id(stage: &str) -> String {
    idempotent_ride_id(USER, &key(stage))
}

fn key(stage: &str) -> String {
    format!("{USER}-{stage}")
}

#[derive(Clone)]
pub struct TestRide {
    pub function: String,
    pub table: ResourceId,
    pub role: RoleSpec,
    pub stage: String,
    pub lambda: Lambda,
    pub dynamodb: Dynamodb,
}

/// How often a version may answer that it stored the ride, without the ride in the table. Another run of this stage has
/// the same ride, and may delete it before it is read here.
const MISSING: u32 = 3;

/// The outcome of one attempt.
#[derive(Debug, PartialEq)]
enum Outcome {
    Stored(Value),
    /// The response repeats an earlier ride, so it does not show that the version works.
    Replayed,
    /// The write failed with a transient error.
    Lagging(String),
    /// No declared statement allows the action.
    NotDeclared {
        action: String,
        resource: String,
    },
    Failed(String),
}

/// What is in the table where the test ride should be.
#[derive(Clone, Copy)]
enum Found {
    Expected,
    Other,
    Nothing,
}

impl TestRide {
    pub async fn run(&self, version: &str, step: &Step<'_>) -> Result<(), Error> {
        let what = format!("test ride on version {version}");
        let mut missing = 0;
        let result = step
            .wait
            .until(&what, LIMIT, async || {
                self.delete_item(step).await?;
                let invocation = self.invoke(version, step).await?;
                match self.judge(&invocation, step.context()) {
                    Outcome::Stored(body) => match self.read_back(&body, step).await? {
                        Found::Expected => Ok(Look::Ready(())),
                        Found::Nothing => self.missing(version, &mut missing),
                        Found::Other => Err(self.not_stored(version, "another ride")),
                    },
                    // What it stored before is still there, in whatever table.
                    Outcome::Replayed if missing > 0 => self.missing(version, &mut missing),
                    Outcome::Replayed => Ok(Look::NotYet(
                        "the response was a replay of an earlier request"
                            .to_owned()
                            .into(),
                    )),
                    Outcome::Lagging(why) => Ok(Look::NotYet(POLICY_IN_FORCE.shown_as(why))),
                    Outcome::NotDeclared { action, resource } => {
                        Err(self.not_declared(version, &action, &resource, step.context()))
                    }
                    Outcome::Failed(why) => Err(Error::failed(format!(
                        "test ride on version {version}: {why}"
                    ))
                    .because(LogTail::of(&invocation))
                    .hint("fix the function, then run again: `…`")),
                }
            })
            .await;
        let cleared = self.delete_item(step).await;
        match result {
            // After ctrl-c it is unknown whether the version works.
            Err(error) if error.exit == Exit::Interrupted => Err(error),
            Err(error) => Err(error.of(Failure::TestRideFailed)),
            Ok(()) => cleared,
        }
    }

    pub fn ride_id(&self) -> String {
        ride_id(&self.stage)
    }

    async fn invoke(&self, version: &str, step: &Step<'_>) -> Result<Invocation, Error> {
        let (latitude, longitude) = PICKUP;
        let user = USER.to_owned();
        let idempotency_key = Some(key(&self.stage));
        let event = RideRequest {
            latitude,
            longitude,
            user,
            idempotency_key,
        }
        .event()
        .to_string();
        // The ride can be repeated, so it is requested again if a response is lost. Lambda may not find the
        // version yet, which this run has published or which is equal to what it would publish.
        let doing = format!("run the test ride on version {version}");
        let call = Call::new(&step.wait, doing, LIMIT);
        let call = call
            .retry_while(self.is_transient(&step.inputs))
            .of_age(Age::New);
        let mut key_denied = false;
        let invoked = call
            .attempt(async || {
                let invoked = invoke(&self.lambda, &self.function, version, event.as_bytes()).await;
                key_denied = invoked.as_ref().is_err_and(CloudError::is_about_the_key);
                invoked
            })
            .await;
        if key_denied {
            self.record_denied_key(version, step).await;
        }
        invoked
    }

    fn judge(&self, invocation: &Invocation, context: &Context) -> Outcome {
        if let Some(kind) = &invocation.function_error {
            let message = invocation.answer["errorMessage"]
                .as_str()
                .unwrap_or_default();
            let error_type = invocation.answer["errorType"].as_str().unwrap_or(kind);
            return Outcome::Failed(format!("{error_type}: {message}"));
        }
        match (invocation.status(), invocation.body()) {
            (Some(201), Some(_)) if invocation.header(IDEMPOTENT_REPLAYED).is_some() => {
                Outcome::Replayed
            }
            (Some(201), Some(body)) => Outcome::Stored(body),
            (Some(500), _) => self.judge_failed_write(invocation, context),
            (status, _) => {
                let status = status.map_or("no status".to_owned(), |status| status.to_string());
                Outcome::Failed(format!("returned {status}: {}", invocation.answer["body"]))
            }
        }
    }

    /// Whether the write was denied, or may succeed later. The function's log line has the error code; the
    /// declared policies show whether the action is allowed.
    fn judge_failed_write(&self, invocation: &Invocation, context: &Context) -> Outcome {
        let failure = invocation.log_lines().find_map(|line| {
            let text = |key: &str| line[key].as_str().map(str::to_owned);
            Some((
                text("action")?,
                text("code").unwrap_or_default(),
                text("message"),
            ))
        });
        let Some((action, code, message)) = failure else {
            return Outcome::Failed("returned 500 and logged no reason".to_owned());
        };
        // The resource that AWS names, which may be another table than the declared one.
        let denied = message.as_deref().and_then(denied_resource);
        let resource = denied.map_or_else(|| self.table_arn(context), str::to_owned);
        let declared = self.role.policies(context);
        let granted = declared
            .iter()
            .any(|(_, document)| policy::grants(document, &action, &resource));
        match write_failure(&code) {
            WriteFailure::Denied if !granted => Outcome::NotDeclared { action, resource },
            WriteFailure::Denied | WriteFailure::UnknownCredentials => {
                Outcome::Lagging(format!("{action} is allowed but not effective yet"))
            }
            WriteFailure::Transient => Outcome::Lagging(format!("{action}: {code}")),
            WriteFailure::Permanent => Outcome::Failed(format!("{action} failed: {code}")),
        }
    }

    fn table_arn(&self, context: &Context) -> String {
        context.arn("dynamodb", &format!("table/{}", self.table.name))
    }

    fn not_declared(
        &self,
        version: &str,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Error {
        // The policies are for all stages, each with a table of its own.
        let is_own = resource == self.table_arn(context);
        let declared = if is_own { ANY_TABLE } else { resource };
        Error::failed(format!(
            "test ride on version {version}: the role {} is not allowed to perform {action} on {resource}",
            self.role.name
        ))
        .hint(format!(
            "no statement in policies/ allows it; add to policies/dynamodb-write-access.json: \
             {{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"{declared}\"}}"
        ))
    }

    /// Reads the ride with a consistent read: a status of 201 alone does not show that it was stored.
    async fn read_back(&self, body: &Value, step: &Step<'_>) -> Result<Found, Error> {
        let doing = format!("read the test ride back from {}", self.table);
        let request = self.dynamodb.get_item().table_name(&self.table.name);
        let request = request.consistent_read(true).set_key(Some(self.item_key()));
        let call = Call::new(&step.wait, doing, LIMIT);
        let item = call.send(|| request.clone().send()).await?.item;
        let stored = item
            .as_ref()
            .and_then(|item| item.get(item::UNICORN_NAME)?.as_s().ok());
        let answered = body[item::UNICORN_NAME].as_str();
        let same_id = body[item::RIDE_ID].as_str() == Some(&self.ride_id());
        let is_this = same_id && stored.is_some() && stored.map(String::as_str) == answered;
        Ok(match item {
            Some(_) if is_this => Found::Expected,
            Some(_) => Found::Other,
            None => Found::Nothing,
        })
    }

    /// Counts the answers without a ride in the table. Fails if there were too many.
    fn missing(&self, version: &str, missing: &mut u32) -> Result<Look<()>, Error> {
        if *missing == MISSING {
            return Err(self.not_stored(version, "no ride"));
        }
        *missing += 1;
        let text = "the ride was stored, and is not in the table any more";
        Ok(Look::NotYet(text.to_owned().into()))
    }

    fn not_stored(&self, version: &str, found: &str) -> Error {
        Error::failed(format!(
            "test ride on version {version}: returned 201, but the {} contains {found}",
            self.table
        ))
        .hint("fix the function, which must write to the table in TABLE_NAME, then run again: `…`")
    }

    async fn delete_item(&self, step: &Step<'_>) -> Result<(), Error> {
        let request = self.dynamodb.delete_item().table_name(&self.table.name);
        let request = request.set_key(Some(self.item_key()));
        let doing = format!("delete the test ride from {}", self.table);
        // A table that is ACTIVE for one server of AWS may not be visible to another yet.
        let age = step.age(&self.table);
        let call = Call::new(&step.wait, doing, LIMIT).of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    fn item_key(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([(item::RIDE_ID.to_owned(), AttributeValue::S(self.ride_id()))])
    }
}
