//! The requests that change the function: configuration, code, tags, concurrency.

use std::time::Duration;

use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder as UpdateConfiguration;
use aws_sdk_lambda::types::{DeadLetterConfig, FunctionConfiguration, VpcConfig};

use super::facts::{
    DEAD_LETTER, FILE_SYSTEM, KMS_KEY, LAYER, LastUpdate, VPC, condition, configuration_facts,
    last_update,
};
use super::observe::Function;
use super::request::{Parts, architecture};
use crate::aws::call::{Call, find};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::attribute::Difference;
use crate::engine::inputs::Age;
use crate::engine::observed::Condition;
use crate::engine::pace::Pace;
use crate::engine::resource::{Declared as _, Step};
use crate::engine::status::Delay;
use crate::engine::wait::Look;
use crate::error::Error;

/// Creating and updating take seconds, or minutes with images and VPCs, which the stack does not use.
pub const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Of a creation and of an update.
const READY: Delay = Delay::new(
    "Lambda has taken over the function",
    Pace::usually(
        Duration::from_secs(1),
        Duration::from_secs(3),
        Duration::from_millis(200),
    ),
)
.of("Lambda");

/// The newest revision that this run knows; Lambda rejects an update based on an older one.
pub type Revision = Option<String>;

impl Function {
    /// Returns the revision after the update.
    pub async fn update_configuration(
        &self,
        differences: &[Difference],
        revision: Revision,
        step: &Step<'_>,
    ) -> Result<Revision, Error> {
        let doing = format!("update the configuration of {}", self.spec.id());
        let request = self.configuration_request(&doing, step)?;
        let request = remove_undeclared(request, differences).set_revision_id(revision);
        self.once_role_is_assumable(step, &doing, async |call| {
            match call.read(request.clone().send()).await.map(drop) {
                Err(error) if error.kind == CloudErrorKind::Stale => {
                    let done = |found: &_| {
                        let facts = configuration_facts(&self.spec, found);
                        self.spec.is_configured(&facts)
                    };
                    self.if_done(error, done).await
                }
                result => result,
            }
        })
        .await?;
        self.until_settled(Age::Old, step).await
    }

    fn configuration_request(
        &self,
        doing: &str,
        step: &Step<'_>,
    ) -> Result<UpdateConfiguration, Error> {
        let Parts {
            role,
            description,
            ephemeral_storage,
            tracing,
            logging,
            environment,
            runtime,
        } = Parts::new(&self.spec, &step.inputs, doing)?;
        Ok(self
            .client
            .update_function_configuration()
            .function_name(&self.spec.name)
            .runtime(runtime)
            .handler(self.spec.handler)
            .role(role)
            .description(description)
            .memory_size(self.spec.memory_mb.value)
            .timeout(self.spec.timeout_seconds.value)
            .ephemeral_storage(ephemeral_storage)
            .tracing_config(tracing)
            .logging_config(logging)
            .environment(environment))
    }

    /// Returns the revision after the update.
    pub async fn update_code(
        &self,
        revision: Revision,
        step: &Step<'_>,
    ) -> Result<Revision, Error> {
        let doing = format!("update the code of {}", self.spec.id());
        let request = self.client.update_function_code();
        let request = request
            .function_name(&self.spec.name)
            .architectures(architecture(self.spec.arch.value))
            .set_revision_id(revision)
            .zip_file(self.zip(&doing, step)?);
        let wanted = self.spec.wanted_code(&step.inputs).map(|code| code.sha256);
        let call = Call::new(&step.wait, doing, LIMIT);
        call.attempt(async || match call.read(request.clone().send()).await {
            Err(error) if error.kind == CloudErrorKind::Stale => {
                let done = |found: &FunctionConfiguration| {
                    found.code_sha256.is_some() && found.code_sha256 == wanted
                };
                self.if_done(error, done).await
            }
            result => result.map(drop),
        })
        .await?;
        self.until_settled(Age::Old, step).await
    }

    /// The revision is newer than the one that was read: succeeds if that is due to this update, whose
    /// response was lost, and fails if another process changed the function.
    pub async fn if_done(
        &self,
        error: CloudError,
        done: impl Fn(&FunctionConfiguration) -> bool,
    ) -> Result<(), CloudError> {
        let function = self.get().await?;
        let found = function.as_ref().and_then(|f| f.configuration());
        if found.is_some_and(done) {
            Ok(())
        } else {
            Err(error)
        }
    }

    pub async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let request = self.client.tag_resource();
        let request = request.resource(self.spec.arn(&step.inputs));
        let request = request.set_tags(Some(self.tags(step)));
        let call = Call::new(&step.wait, format!("tag {}", self.spec.id()), LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }

    pub async fn remove_concurrency(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("remove the reserved concurrency of {}", self.spec.id());
        let request = self.client.delete_function_concurrency();
        let request = request.function_name(&self.spec.name);
        let call = Call::new(&step.wait, doing, LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }

    /// Waits until the function is active and no update is in progress. Returns its revision.
    pub async fn until_settled(&self, age: Age, step: &Step<'_>) -> Result<Revision, Error> {
        let what = format!("wait for {}", self.spec.id());
        step.wait
            .until(&what, LIMIT, async || {
                let request = self.client.get_function().function_name(&self.spec.name);
                let function = find(age, &what, request.send()).await?;
                match function.as_ref().and_then(|f| f.configuration()) {
                    None => Ok(Look::NotYet(READY.shown_as("not visible yet"))),
                    Some(configuration) => self.settled(configuration),
                }
            })
            .await
    }

    fn settled(&self, configuration: &FunctionConfiguration) -> Result<Look<Revision>, Error> {
        match (condition(configuration), last_update(configuration)) {
            (Condition::Settling(status), _) => Ok(Look::NotYet(READY.shown_as(status))),
            (Condition::Broken(reason) | Condition::FailedAtCreation(reason), _) => Err(
                Error::failed(format!("{} failed: {reason}", self.spec.id()))
                    .hint("`… --yes` deletes it and creates it again"),
            ),
            (Condition::Ready, Some(failed @ LastUpdate::Failed(_))) => Err(Error::failed(
                format!("update {}: {failed}", self.spec.id()),
            )
            .hint("the previous code is still in use; `…` tries again")),
            (Condition::Ready, Some(LastUpdate::Successful) | None) => {
                Ok(Look::Ready(configuration.revision_id.clone()))
            }
        }
    }
}

/// Clears what is not declared and was added by other means.
fn remove_undeclared(
    request: UpdateConfiguration,
    differences: &[Difference],
) -> UpdateConfiguration {
    let mut request = request;
    for Difference { attribute, .. } in differences {
        if attribute.is(VPC) {
            request = request.vpc_config(
                VpcConfig::builder()
                    .set_subnet_ids(Some(Vec::new()))
                    .set_security_group_ids(Some(Vec::new()))
                    .build(),
            );
        } else if attribute.is(KMS_KEY) {
            request = request.kms_key_arn("");
        } else if attribute.is(DEAD_LETTER) {
            let none = DeadLetterConfig::builder().target_arn("").build();
            request = request.dead_letter_config(none);
        } else if attribute.key_in(LAYER).is_some() {
            request = request.set_layers(Some(Vec::new()));
        } else if attribute.key_in(FILE_SYSTEM).is_some() {
            request = request.set_file_system_configs(Some(Vec::new()));
        }
    }
    request
}
