//! How every request is sent: its error is classified, and it is retried while the error is transient.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::{CloudError, CloudErrorKind};
use crate::engine::wait::{Look, Wait};
use crate::error::Error;

/// Sends a read once; the SDK retries transport errors.
pub async fn read<O, E, R>(
    doing: impl Into<String>,
    response: impl Future<Output = Result<O, SdkError<E, R>>>,
) -> Result<O, CloudError>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: fmt::Debug + 'static,
{
    response.await.map_err(CloudError::of(doing))
}

/// Reads something that may not exist. `None` if it does not.
pub async fn optional<O, E, R>(
    doing: impl Into<String>,
    response: impl Future<Output = Result<O, SdkError<E, R>>>,
) -> Result<Option<O>, CloudError>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: fmt::Debug + 'static,
{
    match read(doing, response).await {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == CloudErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// One changing request, retried while its error is transient.
pub struct Call<'a> {
    wait: &'a Wait<'a>,
    doing: String,
    limit: Duration,
    transient: fn(&CloudError) -> bool,
    /// The shortest pause between two attempts, for calls that upload much.
    pause: Duration,
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
            pause: Duration::ZERO,
        }
    }

    pub fn retry_while(self, transient: fn(&CloudError) -> bool) -> Call<'a> {
        Call { transient, ..self }
    }

    /// At least this long between two attempts, and as long as an attempt took.
    pub fn pause(self, pause: Duration) -> Call<'a> {
        Call { pause, ..self }
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
    pub async fn read<O, E, R>(
        &self,
        response: impl Future<Output = Result<O, SdkError<E, R>>>,
    ) -> Result<O, CloudError>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
    {
        read(&self.doing, response).await
    }

    /// As `send`, for calls with more than one request in each attempt.
    pub async fn attempt<T>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, CloudError>,
    ) -> Result<T, Error> {
        self.wait
            .until(&self.doing, self.limit, async || {
                let started = self.wait.now();
                match attempt().await {
                    Ok(value) => Ok(Look::Ready(value)),
                    Err(error) if (self.transient)(&error) => {
                        let took = self.wait.now().duration_since(started);
                        Ok(self.again(error, took.unwrap_or_default()))
                    }
                    Err(error) => Err(error.into()),
                }
            })
            .await
    }

    fn again<T>(&self, error: CloudError, took: Duration) -> Look<T> {
        let status = error.into_cause().to_string();
        if self.pause.is_zero() {
            Look::NotYet(status)
        } else {
            Look::NotBefore(status, self.pause.max(took))
        }
    }
}
