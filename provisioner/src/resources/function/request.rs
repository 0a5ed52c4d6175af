//! The parts that the requests for creating and updating the function share.

use std::collections::HashMap;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    ApplicationLogLevel, Architecture, Environment, EphemeralStorage, LogFormat, LoggingConfig,
    Runtime, SystemLogLevel, TracingConfig, TracingMode,
};

use super::deployed_at::deployed_at;
use super::observe::Function;
use super::spec::{FunctionSpec, KEY_DENIED, ROLE_ID};
use crate::artifact::Arch;
use crate::engine::attribute::{Name, TAG};
use crate::engine::inputs::Inputs;
use crate::engine::resource::Step;
use crate::error::Error;
use crate::resources::role;

pub struct Parts {
    pub runtime: Runtime,
    pub role: String,
    pub description: String,
    pub ephemeral_storage: EphemeralStorage,
    pub tracing: TracingConfig,
    pub logging: LoggingConfig,
    pub environment: Environment,
}

impl Parts {
    pub fn new(spec: &FunctionSpec, inputs: &Inputs<'_>, doing: &str) -> Result<Parts, Error> {
        let storage = EphemeralStorage::builder()
            .size(spec.ephemeral_storage_mb)
            .build();
        let variables = spec.env.iter();
        let variables = variables.map(|(key, value)| (key.clone(), value.value.clone()));
        Ok(Parts {
            runtime: Runtime::from(spec.runtime),
            role: spec.role_arn(inputs),
            description: description(spec, inputs),
            ephemeral_storage: storage.map_err(|error| Error::failed(doing).because(error))?,
            tracing: TracingConfig::builder()
                .mode(TracingMode::PassThrough)
                .build(),
            logging: LoggingConfig::builder()
                .log_format(LogFormat::Json)
                .application_log_level(ApplicationLogLevel::Info)
                .system_log_level(SystemLogLevel::Info)
                .log_group(&spec.log_group)
                .build(),
            environment: Environment::builder()
                .set_variables(Some(variables.collect()))
                .build(),
        })
    }
}

/// The description. It contains the role's ID, because `PublishVersion` creates no version if nothing has
/// changed, and a role that was created again has the same ARN. It contains a version to which the key was
/// denied, too: the same version must not be answered again. Never compared: the tag is.
pub fn description(spec: &FunctionSpec, inputs: &Inputs<'_>) -> String {
    let id = inputs.output(&spec.neighbors.role, role::ID);
    let id = id.known().unwrap_or("unknown");
    let tag = inputs.state(&spec.id()).and_then(|state| {
        let tag = Name::entry(TAG, ROLE_ID);
        state.facts.value(&tag)
    });
    let denied = tag.filter(|tag| tag.starts_with(KEY_DENIED));
    let denied = denied.map_or(String::new(), |denied| format!(", after {denied}"));
    format!("deployed by provision, runs as {id}{denied}")
}

pub fn architecture(arch: Arch) -> Architecture {
    Architecture::from(arch.as_str())
}

impl Function {
    pub fn zip(&self, doing: &str, step: &Step<'_>) -> Result<Blob, Error> {
        let artifact = step.inputs.artifact;
        let artifact = artifact.ok_or_else(|| Error::failed(format!("{doing}: no artifact")))?;
        Ok(Blob::new(artifact.zip.clone()))
    }

    pub fn tags(&self, step: &Step<'_>) -> HashMap<String, String> {
        let tags = self.owner.tags(&self.spec.id(), &step.inputs).into_iter();
        let (key, time) = deployed_at(step.wait.now());
        let mut tags: HashMap<String, String> = tags.chain([(key.to_owned(), time)]).collect();
        let role_id = step.inputs.output(&self.spec.neighbors.role, role::ID);
        tags.extend(
            role_id
                .known()
                .map(|id| (ROLE_ID.to_owned(), id.to_owned())),
        );
        tags
    }
}
