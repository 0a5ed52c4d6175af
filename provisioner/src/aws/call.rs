//! How every request is sent: its error is classified, and it is retried while the error is transient.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::Age;
use crate::engine::pace::Pace;
use crate::engine::status::Delay;
use crate::engine::wait::{Look, THROTTLED, Wait};
use crate::error::Error;

/// Sends a read once; the SDK retries transport errors. The request is on the heap: the SDK's futures are
/// large, and those of the callers contain them.
pub fn read<O, E, R>(
    doing: impl Into<String>,
    response: impl Future<Output = Result<O, SdkError<E, R>>>,
) -> impl Future<Output = Result<O, CloudError>>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: fmt::Debug + 'static,
{
    let response = Box::pin(response);
    async move { response.await.map_err(CloudError::of(doing)) }
}

/// Reads something that may not exist. `None` if it does not.
pub fn optional<O, E, R>(
    doing: impl Into<String>,
    response: impl Future<Output = Result<O, SdkError<E, R>>>,
) -> impl Future<Output = Result<Option<O>, CloudError>>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: fmt::Debug + 'static,
{
    find(Age::New, doing, response)
}

/// Reads something that exists. `None` if it is so new that AWS does not find it yet.
pub fn find<O, E, R>(
    age: Age,
    doing: impl Into<String>,
    response: impl Future<Output = Result<O, SdkError<E, R>>>,
) -> impl Future<Output = Result<Option<O>, CloudError>>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: fmt::Debug + 'static,
{
    let response = read(doing, response);
    async move {
        match response.await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind == CloudErrorKind::NotFound && age == Age::New => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A new resource is looked for this often.
const FOUND: Delay = Delay::new(
    "AWS finds what was created",
    Pace::every(Duration::from_millis(500)),
);

/// Each attempt uploads the whole zip, and Lambda takes 15 control calls a second for the account.
const ROLE_USABLE: Delay = Delay::new(
    "Lambda can use the role",
    Pace::usually(
        Duration::from_secs(5),
        Duration::from_secs(10),
        Duration::from_millis(500),
    ),
)
.of("IAM");

const DELETED: Delay = Delay::new("its deletion is done", Pace::UNKNOWN);

const ACCEPTED: Delay = Delay::new("AWS accepts the change", Pace::UNKNOWN);

/// One changing request, retried while its error is transient.
pub struct Call<'a> {
    wait: &'a Wait<'a>,
    doing: String,
    limit: Duration,
    transient: fn(&CloudError) -> bool,
    /// The age of the resource that the request changes.
    age: Age,
}

impl<'a> Call<'a> {
    /// `doing` describes the request to the user: `create table Rides`. It is retried while the resource is
    /// busy or the service throttles, until `limit`. An endpoint that does not respond is an error at
    /// once: the SDK has already retried.
    pub fn new(wait: &'a Wait<'a>, doing: impl Into<String>, limit: Duration) -> Call<'a> {
        Call {
            wait,
            doing: doing.into(),
            limit,
            transient: CloudError::is_busy,
            age: Age::Old,
        }
    }

    pub fn retry_while(self, transient: fn(&CloudError) -> bool) -> Call<'a> {
        Call { transient, ..self }
    }

    /// Retried also while AWS does not find the resource, if it is new. Without this, or if it is old, "not
    /// found" is an error at once.
    pub fn of_age(self, age: Age) -> Call<'a> {
        Call { age, ..self }
    }

    pub async fn send<O, E, R, F>(&self, send: impl Fn() -> F) -> Result<O, Error>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
        F: Future<Output = Result<O, SdkError<E, R>>>,
    {
        self.attempt(async || self.read(send()).await).await
    }

    /// As `send`, for a deletion: a resource that does not exist counts as deleted.
    pub async fn ignore_not_found<O, E, R, F>(&self, send: impl Fn() -> F) -> Result<(), Error>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
        F: Future<Output = Result<O, SdkError<E, R>>>,
    {
        let attempt = async || optional(&self.doing, send()).await.map(drop);
        self.attempt(attempt).await
    }

    /// The response of one attempt, with its error described by this call.
    pub fn read<O, E, R>(
        &self,
        response: impl Future<Output = Result<O, SdkError<E, R>>>,
    ) -> impl Future<Output = Result<O, CloudError>>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
    {
        read(&self.doing, response)
    }

    /// As `send`, for calls with more than one request in each attempt. Sends nothing after ctrl-c.
    pub async fn attempt<T>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, CloudError>,
    ) -> Result<T, Error> {
        self.wait.stopped()?;
        self.wait
            .until(&self.doing, self.limit, async || {
                let started = self.wait.now();
                match attempt().await {
                    Ok(value) => Ok(Look::Ready(value)),
                    Err(error) if self.is_transient(&error) => {
                        let took = self.wait.now().duration_since(started);
                        Ok(again(error, took.unwrap_or_default()))
                    }
                    Err(error) => Err(error.into()),
                }
            })
            .await
    }

    /// Whether the same request may succeed later.
    fn is_transient(&self, error: &CloudError) -> bool {
        let unseen = error.kind == CloudErrorKind::NotFound && self.age == Age::New;
        unseen || (self.transient)(error)
    }
}

/// Attempts that take long, such as uploads, have pauses that are as long.
fn again<T>(error: CloudError, took: Duration) -> Look<T> {
    let delay = delay(error.kind);
    // Without the request ID: each attempt has another one, and a new status is a new line of progress.
    let status = delay.shown_as(error.into_cause().text());
    Look::NotYet(status.paced(delay.pace.at_least(took)))
}

/// What a request that ended with such an error waits for.
fn delay(kind: CloudErrorKind) -> Delay {
    match kind {
        CloudErrorKind::RoleNotAssumable => ROLE_USABLE,
        CloudErrorKind::NotFound => FOUND,
        CloudErrorKind::BeingDeleted => DELETED,
        CloudErrorKind::Throttled => THROTTLED,
        CloudErrorKind::AlreadyExists
        | CloudErrorKind::Busy
        | CloudErrorKind::Protected
        | CloudErrorKind::Cooldown
        | CloudErrorKind::Stale
        | CloudErrorKind::Denied
        | CloudErrorKind::NoCredentials
        | CloudErrorKind::Unavailable
        | CloudErrorKind::Incomplete
        | CloudErrorKind::NotOfAws
        | CloudErrorKind::Rejected => ACCEPTED,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Age, Call, CloudError, CloudErrorKind};
    use crate::engine::clock::{Clock as _, VirtualClock};
    use crate::engine::stop::Stop;
    use crate::engine::wait::Wait;
    use crate::error::{Error, Failure};

    fn not_found() -> CloudError {
        CloudError {
            doing: "put the policy P of role R".to_owned(),
            kind: CloudErrorKind::NotFound,
            code: Some("NoSuchEntity".to_owned()),
            message: "The role with name R cannot be found.".to_owned(),
            request_id: Some("7c1f".to_owned()),
        }
    }

    /// The result of a call that finds its resource after so many seconds, and how long it took.
    async fn call(age: Age, found_after: u64) -> (Result<(), Error>, Duration) {
        let clock = VirtualClock::starting_at(UNIX_EPOCH);
        let (_stopper, stop) = Stop::new();
        let wait = Wait::new(Arc::new(clock.clone()), stop, None);
        let found = UNIX_EPOCH + Duration::from_secs(found_after);
        let doing = "put the policy P of role R";
        let call = Call::new(&wait, doing, Duration::from_secs(60)).of_age(age);
        let result = call.attempt(async || {
            if clock.now() < found {
                return Err(not_found());
            }
            Ok(())
        });
        let result = result.await;
        (
            result,
            clock.now().duration_since(UNIX_EPOCH).expect("it goes on"),
        )
    }

    #[tokio::test]
    async fn a_new_resource_is_looked_for_until_the_limit() {
        let (result, took) = call(Age::New, 8).await;
        assert!(result.is_ok());
        assert!(took < Duration::from_secs(9), "{took:?}");
        let (result, took) = call(Age::New, 3600).await;
        let error = result.expect_err("the deadline");
        assert_eq!(error.failure, Failure::TimedOut);
        assert_eq!(
            error.text,
            "put the policy P of role R: timed out after 60 s, last status: NoSuchEntity: The role \
             with name R cannot be found."
        );
        assert_eq!(took, Duration::from_secs(60));
    }

    #[tokio::test]
    async fn an_old_resource_that_is_not_found_was_deleted() {
        let (result, took) = call(Age::Old, 8).await;
        let error = result.expect_err("not found");
        assert_eq!(error.text, "put the policy P of role R");
        assert_eq!(took, Duration::ZERO);
    }
}
