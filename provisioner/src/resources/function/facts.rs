//! The facts of a deployed configuration. Pure.

use aws_sdk_lambda::types::{
    Architecture, FunctionConfiguration, LastUpdateStatus, LogFormat, Runtime, State, TracingMode,
};

use super::spec::{ARCHITECTURE, ENV, FunctionSpec, LOG_GROUP, LOG_LEVELS, ROLE, log_levels};
use crate::engine::attribute::Name;
use crate::engine::observed::{Condition, Facts};

/// Groups and names of settings that are never declared and may have been added by other means.
pub const LAYER: &str = "layer";
pub const FILE_SYSTEM: &str = "file system";
pub const VPC: &str = "VPC";
pub const KMS_KEY: &str = "KMS key";
pub const DEAD_LETTER: &str = "dead letter target";

/// The facts for the attributes that `FunctionSpec::configuration` declares, and for additional settings.
pub fn configuration_facts(spec: &FunctionSpec, configuration: &FunctionConfiguration) -> Facts {
    let mut facts = Facts::default();
    facts.is(
        "runtime",
        configuration.runtime().map_or("none", Runtime::as_str),
    );
    facts.is("handler", configuration.handler().unwrap_or_default());
    let arch = configuration.architectures().first();
    facts.reported(ARCHITECTURE, arch.map(Architecture::as_str));
    let role = configuration.role().unwrap_or_default();
    facts.is(ROLE, role.rsplit('/').next().unwrap_or_default());
    facts.reported(
        "memory",
        configuration.memory_size.map(|mb| format!("{mb} MB")),
    );
    facts.reported(
        "timeout",
        configuration.timeout.map(|seconds| format!("{seconds} s")),
    );
    let storage = configuration.ephemeral_storage();
    facts.reported(
        "ephemeral storage",
        storage.map(|s| format!("{} MB", s.size())),
    );
    let tracing = configuration
        .tracing_config()
        .and_then(|tracing| tracing.mode());
    facts.reported("tracing", tracing.map(TracingMode::as_str));
    let logging = configuration.logging_config();
    let format = logging.and_then(|logging| logging.log_format());
    facts.reported("log format", format.map(LogFormat::as_str));
    let levels = logging.and_then(|logging| {
        let application = logging.application_log_level()?.as_str();
        let system = logging.system_log_level()?.as_str();
        Some(log_levels(application, system))
    });
    facts.reported(LOG_LEVELS, levels);
    let log_group = logging.and_then(|logging| logging.log_group());
    facts.reported(LOG_GROUP, log_group);
    environment_facts(spec, configuration, &mut facts);
    undeclared_facts(configuration, &mut facts);
    facts
}

fn environment_facts(
    spec: &FunctionSpec,
    configuration: &FunctionConfiguration,
    facts: &mut Facts,
) {
    let environment = configuration.environment();
    if environment.is_some_and(|environment| environment.error().is_some()) {
        // KMS denies decryption: the variables are unknown, not empty.
        for key in spec.env.keys() {
            facts.reported(Name::entry(ENV, key.clone()), None::<String>);
        }
        return;
    }
    let variables = environment.and_then(|environment| environment.variables());
    for (key, value) in variables.into_iter().flatten() {
        facts.is(Name::entry(ENV, key.clone()), spec.env_hash(key, value));
    }
}

/// Settings that are never declared and may have been added by other means.
fn undeclared_facts(configuration: &FunctionConfiguration, facts: &mut Facts) {
    for layer in configuration.layers() {
        facts.part(
            Name::entry(LAYER, layer.arn().unwrap_or_default().to_owned()),
            "attached",
        );
    }
    let subnets = configuration.vpc_config().map(|vpc| vpc.subnet_ids());
    if let Some(subnets) = subnets.filter(|subnets| !subnets.is_empty()) {
        // A set: AWS promises no order.
        let mut subnets = subnets.to_vec();
        subnets.sort();
        facts.part(VPC, subnets.join(", "));
    }
    if let Some(key) = configuration.kms_key_arn().filter(|key| !key.is_empty()) {
        facts.part(KMS_KEY, key);
    }
    let dead_letter = configuration
        .dead_letter_config()
        .and_then(|config| config.target_arn());
    if let Some(target) = dead_letter.filter(|target| !target.is_empty()) {
        facts.part(DEAD_LETTER, target);
    }
    for file_system in configuration.file_system_configs() {
        facts.part(
            Name::entry(FILE_SYSTEM, file_system.local_mount_path().to_owned()),
            file_system.arn(),
        );
    }
}

/// The result of the last update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastUpdate {
    Successful,
    Failed(String),
}

impl std::fmt::Display for LastUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LastUpdate::Successful => f.write_str(LastUpdateStatus::Successful.as_str()),
            LastUpdate::Failed(reason) => write!(f, "Failed: {reason}"),
        }
    }
}

/// The result of the last update. `None` if the endpoint reports none.
pub fn last_update(configuration: &FunctionConfiguration) -> Option<LastUpdate> {
    let status = configuration.last_update_status()?;
    if *status != LastUpdateStatus::Failed {
        return Some(LastUpdate::Successful);
    }
    let reason = configuration
        .last_update_status_reason()
        .unwrap_or("no reason given");
    Some(LastUpdate::Failed(reason.to_owned()))
}

/// The condition, from the state: the reason code is `Creating` during an update too.
pub fn condition(configuration: &FunctionConfiguration) -> Condition {
    let in_progress = configuration.last_update_status() == Some(&LastUpdateStatus::InProgress);
    match configuration.state() {
        Some(State::Pending) => Condition::Settling("Pending".to_owned()),
        Some(State::Deleting) => Condition::Settling("Deleting".to_owned()),
        Some(State::Failed) => {
            let reason = configuration.state_reason().unwrap_or("no reason given");
            Condition::FailedAtCreation(reason.to_owned())
        }
        // An inactive function becomes active with the next invocation. Some endpoints report no state.
        _ if in_progress => Condition::Settling("InProgress".to_owned()),
        _ => Condition::Ready,
    }
}
