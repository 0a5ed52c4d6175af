//! The requests that create, adopt and delete the function.

use std::time::Duration;

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::types::FunctionCode;

use super::change::{LIMIT, Revision};
use super::observe::Function;
use super::publish::NewVersion;
use super::request::{Parts, architecture};
use super::role_diagnosis;
use crate::aws::call::Call;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::Age;
use crate::engine::observed::{Facts, Ownership};
use crate::engine::pace::Pace;
use crate::engine::resource::Step;
use crate::engine::status::Delay;
use crate::engine::wait::{Look, Wait};
use crate::error::{Error, Failure};
use crate::stack::names::LIVE;

/// How long a role may be reported as not assumable. A new role is for up to 15 s; a wrong one has the same
/// text permanently.
const ROLE_LIMIT: Duration = Duration::from_secs(2 * 60);

const DELETED: Delay = Delay::new("Lambda has deleted the function", Pace::UNKNOWN).of("Lambda");

/// A request that assigns a role: retried while the role cannot be assumed yet or the function is busy.
pub fn role_call<'a>(step: &'a Step<'_>, doing: impl Into<String>) -> Call<'a> {
    Call::new(&step.wait, doing, ROLE_LIMIT)
        .retry_while(|error| error.is_busy() || error.kind == CloudErrorKind::RoleNotAssumable)
}

impl Function {
    pub async fn create_function(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.spec.id());
        let request = self.create_request(&doing, step)?;
        self.once_role_is_assumable(step, &doing, async |call| {
            match call.read(request.clone().send()).await.map(drop) {
                // The response to the first attempt was lost, or the function is unmanaged.
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                    self.if_managed(error).await
                }
                result => result,
            }
        })
        .await
    }

    fn create_request(
        &self,
        doing: &str,
        step: &Step<'_>,
    ) -> Result<CreateFunctionFluentBuilder, Error> {
        let Parts {
            role,
            description,
            ephemeral_storage,
            tracing,
            logging,
            environment,
            runtime,
        } = Parts::new(&self.spec, &step.inputs, doing)?;
        let code = FunctionCode::builder().zip_file(self.zip(doing, step)?);
        Ok(self
            .client
            .create_function()
            .function_name(&self.spec.name)
            .runtime(runtime)
            .handler(self.spec.handler)
            .architectures(architecture(self.spec.arch.value))
            .role(role)
            .description(description)
            .memory_size(self.spec.memory_mb.value)
            .timeout(self.spec.timeout_seconds.value)
            .ephemeral_storage(ephemeral_storage)
            .tracing_config(tracing)
            .logging_config(logging)
            .environment(environment)
            .set_tags(Some(self.tags(step)))
            .code(code.build()))
    }

    async fn if_managed(&self, error: CloudError) -> Result<(), CloudError> {
        let Some(function) = self.get().await? else {
            return Err(CloudError {
                kind: CloudErrorKind::Busy,
                ..error
            });
        };
        match self.ownership(&function, &mut Facts::default()) {
            Ownership::Managed => Ok(()),
            Ownership::Unmanaged(_) | Ownership::Unknown(_) => Err(error),
        }
    }

    /// Retries a request while the role cannot be assumed yet or the function is busy.
    pub async fn once_role_is_assumable(
        &self,
        step: &Step<'_>,
        doing: &str,
        mut attempt: impl AsyncFnMut(&Call<'_>) -> Result<(), CloudError>,
    ) -> Result<(), Error> {
        let call = role_call(step, doing);
        let mut last = None;
        let result = call
            .attempt(async || {
                let result = attempt(&call).await.map_err(|mut error| {
                    for secret in self.spec.secrets() {
                        error.hide(secret);
                    }
                    error
                });
                last = result.as_ref().err().map(|error| error.kind);
                result
            })
            .await;
        match result {
            Err(error)
                if error.failure == Failure::TimedOut
                    && last == Some(CloudErrorKind::RoleNotAssumable) =>
            {
                Err(role_diagnosis::explain(error, &*self.role, step).await)
            }
            result => result,
        }
    }

    /// Publishes the current code and points `live` at it, for a rollback. Returns its version.
    pub async fn publish_current_code(&self, step: &Step<'_>) -> Result<(String, Revision), Error> {
        let doing = format!("publish the current code of {}", self.spec.id());
        let description = "the code before provision adopted the function";
        let version = NewVersion {
            client: &self.client,
            function: &self.spec.name,
            function_age: Age::Old,
            what: doing,
            description: description.to_owned(),
            code_sha256: None,
            latest_description: description.to_owned(),
        };
        let version = version.publish(step).await?;
        let request = self
            .client
            .create_alias()
            .function_name(&self.spec.name)
            .name(LIVE)
            .function_version(&version)
            .description("unproven: adopted");
        // AWS may not find the new version yet.
        let doing = "point `live` at the previous code";
        let call = Call::new(&step.wait, doing, LIMIT).of_age(Age::New);
        call.attempt(async || match call.read(request.clone().send()).await {
            // An existing alias `live` already allows a rollback.
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(()),
            result => result.map(drop),
        })
        .await?;
        let revision = self.until_settled(Age::Old, step).await?;
        Ok((version, revision))
    }

    pub async fn delete_function(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.client.delete_function().function_name(&self.spec.name);
        let call = Call::new(wait, format!("delete {}", self.spec.id()), LIMIT);
        call.ignore_not_found(|| request.clone().send()).await?;
        let what = format!("wait until {} is deleted", self.spec.id());
        wait.until(&what, LIMIT, async || {
            Ok(match self.get().await? {
                None => Look::Ready(()),
                Some(_) => Look::NotYet(DELETED.shown_as("Deleting")),
            })
        })
        .await
    }
}
