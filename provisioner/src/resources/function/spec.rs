//! The declaration of the function: its configuration, and the code of `$LATEST`.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    ApplicationLogLevel, LastUpdateStatus, LogFormat, SystemLogLevel, TracingMode,
};
use lambda_environment::{SIZE_LIMIT, as_json};
use sha2::{Digest as _, Sha256};

use super::{code, fixed};
use crate::artifact::Arch;
use crate::engine::attribute::{Attribute, Name, Shown, TAG};
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Context, Fact, Facts, ResourceId};
use crate::engine::plan::{Dependencies, is_named};
use crate::engine::resource::Declared;
use crate::error::Error;
use crate::resources::owner::{Owner, Tags};
use crate::resources::role;
use crate::stack::setting::{Setting, Source};

pub const KIND: &str = "function";

pub const CODE: &str = "code";
pub const ARCHITECTURE: &str = "architecture";
pub const CONCURRENCY: &str = "reserved concurrency";
pub const LAST_UPDATE: &str = "last update";
/// The group of environment variables.
pub const ENV: &str = "env";
pub const ROLE: &str = "role";
pub const LOG_GROUP: &str = "log group";
/// What Lambda drops of the function's log lines and of its own.
pub const LOG_LEVELS: &str = "log levels";
/// The ID of the role that was last assigned to the function. A role that was deleted and created again has
/// the same name, but the function cannot decrypt its environment until the new role is assigned to it. A
/// published version never can: a new version is needed.
pub const ROLE_ID: &str = "provision:role-id";
/// The beginning of its value after a test ride for which Lambda could not decrypt the environment.
pub const KEY_DENIED: &str = "key denied to version ";

#[derive(Clone, Debug)]
pub struct FunctionSpec {
    pub name: String,
    pub runtime: &'static str,
    /// Provided runtimes only pass it on.
    pub handler: &'static str,
    pub arch: Setting<Arch>,
    pub memory_mb: Setting<i32>,
    pub timeout_seconds: Setting<i32>,
    pub ephemeral_storage_mb: i32,
    pub env: BTreeMap<String, Setting<String>>,
    /// `--show-env`: the variables whose values a plan shows.
    pub shown_env: Vec<String>,
    /// `--drop`: the parts that are deleted although nothing declares them.
    pub dropped: Vec<String>,
    /// `--upload`: upload the code even if only the compiler differs.
    pub upload: bool,
    /// The role that it runs as, by name.
    pub role: String,
    pub log_group: String,
    /// The resources that the function needs, and the release.
    pub neighbors: Neighbors,
    pub tags: Tags,
}

/// The resources around the function.
#[derive(Clone, Debug)]
pub struct Neighbors {
    pub role: ResourceId,
    pub log_group: ResourceId,
    pub table: ResourceId,
    pub release: ResourceId,
}

impl FunctionSpec {
    pub fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.name)
    }

    /// The attributes that a version keeps permanently: all but the code and the tags.
    pub fn configuration(&self) -> Vec<Attribute> {
        let FunctionSpec {
            name: _,
            runtime,
            handler,
            arch,
            memory_mb,
            timeout_seconds,
            ephemeral_storage_mb,
            env,
            shown_env: _,
            dropped: _,
            upload: _,
            role,
            log_group,
            neighbors: _,
            tags: _,
        } = self;
        let mut attributes = vec![
            Attribute::new("runtime", *runtime),
            Attribute::new("handler", *handler).shown(Shown::Changed),
            Attribute::new(ARCHITECTURE, arch.value.as_str()).source(arch.shown_source()),
            Attribute::new(ROLE, role.as_str()).shown(Shown::Changed),
            Attribute::new("memory", format!("{} MB", memory_mb.value))
                .source(memory_mb.shown_source()),
            Attribute::new("timeout", format!("{} s", timeout_seconds.value))
                .source(timeout_seconds.shown_source()),
            Attribute::new("ephemeral storage", format!("{ephemeral_storage_mb} MB"))
                .usual("512 MB"),
            Attribute::new("tracing", TracingMode::PassThrough.as_str()).shown(Shown::Changed),
            Attribute::new("log format", LogFormat::Json.as_str()).shown(Shown::Changed),
            Attribute::new(
                LOG_LEVELS,
                log_levels(
                    ApplicationLogLevel::Info.as_str(),
                    SystemLogLevel::Info.as_str(),
                ),
            )
            .shown(Shown::Changed),
            Attribute::new(LOG_GROUP, log_group.as_str()).shown(Shown::Changed),
        ];
        for (key, value) in env {
            let hash = self.env_hash(key, &value.value);
            let name = Name::entry(ENV, key.clone());
            attributes.push(Attribute::new(name, hash).source(value.shown_source()));
        }
        attributes
    }

    /// Whether the facts of a deployed configuration are the declared ones, except for the architecture,
    /// which changes with the code.
    pub fn is_configured(&self, facts: &Facts) -> bool {
        let declared = self.configuration();
        declared
            .iter()
            .filter(|attribute| !attribute.name.is(ARCHITECTURE))
            .all(|attribute| match facts.get(&attribute.name) {
                Some(Fact::NotReported) => true,
                _ => {
                    let wanted = attribute.value.as_ref().and_then(|value| value.known());
                    facts.value(&attribute.name) == wanted
                }
            })
    }

    /// Fails if Lambda would refuse the environment for its size. Its error quotes all values.
    pub fn check_environment(&self) -> Result<(), Error> {
        let variables = self.env.iter();
        let variables = variables.map(|(key, value)| (key.as_str(), value.value.as_str()));
        let size = as_json(&variables.collect()).len();
        if size <= SIZE_LIMIT {
            return Ok(());
        }
        let text = format!(
            "the environment of {} has {size} bytes as JSON; Lambda accepts {SIZE_LIMIT}",
            self.id()
        );
        Err(Error::usage(text).hint(
            "names and values count; keep long values in Parameter Store, and set their names with \
             `--env`",
        ))
    }

    /// The values of variables that may be secret: all but those of the declaration in Rust.
    pub fn secrets(&self) -> impl Iterator<Item = &String> {
        let given = self
            .env
            .values()
            .filter(|value| value.source != Source::Default);
        given.map(|value| &value.value)
    }

    /// A hash of a variable's value: long enough to show a change, too short to reveal the value.
    pub fn env_hash(&self, key: &str, value: &str) -> String {
        let mut hash = Sha256::new();
        for part in ["provision env", &self.name, key, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        format!("#{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2])
    }

    pub fn drops(&self, part: &Name) -> bool {
        is_named(&self.dropped, part)
    }

    pub fn wanted_code(&self, inputs: &Inputs<'_>) -> Option<code::WantedCode> {
        let latest = inputs.state(&self.id());
        let latest = latest.and_then(|state| state.facts.value(&CODE.into()));
        code::wanted(inputs, latest, &self.neighbors.release, self.upload)
    }

    /// The role's ARN, with its path if it has one.
    pub fn role_arn(&self, inputs: &Inputs<'_>) -> String {
        let arn = inputs.output(&self.neighbors.role, role::ARN);
        let conventional = || role::conventional_arn(&self.role, inputs.context());
        arn.known().map_or_else(conventional, str::to_owned)
    }
}

impl Declared for FunctionSpec {
    fn id(&self) -> ResourceId {
        FunctionSpec::id(self)
    }

    fn dependencies(&self) -> Dependencies {
        let Neighbors {
            role,
            log_group,
            table,
            release: _,
        } = &self.neighbors;
        let needs = vec![role.clone(), log_group.clone()];
        let mut dependencies = Dependencies::needs(needs);
        // If the table were deleted first, rides that the function still accepts would be lost.
        dependencies.delete_before.push(table.clone());
        dependencies
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let mut attributes = vec![match self.wanted_code(inputs) {
            Some(code) => Attribute::new(CODE, code.sha256).shown(Shown::Opaque),
            None => Attribute::not_compared(CODE),
        }];
        attributes.extend(self.configuration());
        attributes.extend(fixed::attributes());
        let successful = LastUpdateStatus::Successful.as_str();
        let last_update = Attribute::new(LAST_UPDATE, successful);
        attributes.push(last_update.varies().shown(Shown::State));
        let owner = Owner::of(inputs.context(), &self.tags);
        attributes.extend(owner.attributes(&self.id(), inputs));
        let role_id = inputs.output(&self.neighbors.role, role::ID);
        attributes.push(Attribute::new(Name::entry(TAG, ROLE_ID), role_id).varies());
        attributes
    }

    fn has_tags(&self) -> bool {
        true
    }

    fn arn(&self, inputs: &Inputs<'_>) -> String {
        arn(&self.name, inputs.context())
    }

    fn adoption_note(&self) -> Option<String> {
        let name = &self.name;
        Some(format!(
            "the current code is published first, and `live` points at it; callers of the \
             unqualified name `{name}` get the new code at once"
        ))
    }
}

pub fn log_levels(application: &str, system: &str) -> String {
    format!("{application} for the application, {system} for the platform")
}

/// The ARN of the function of that name, or of one of its aliases: `NAME:live`.
pub fn arn(name: &str, context: &Context) -> String {
    context.arn("lambda", &format!("function:{name}"))
}

/// The value of the tag `provision:role-id` after a test ride for which Lambda could not decrypt the
/// environment.
pub fn denied_to(version: &str) -> String {
    format!("{KEY_DENIED}{version}")
}

/// The output with the deployed value of a variable of `--show-env`.
pub fn env_output(key: &str) -> String {
    format!("{ENV} {key}")
}

/// Whether an attribute is the ID of the role that was assigned to the function.
pub fn is_role_id(name: &Name) -> bool {
    name.key_in(TAG) == Some(ROLE_ID)
}
