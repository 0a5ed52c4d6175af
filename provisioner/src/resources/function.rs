//! The Lambda function: its configuration and the code that `$LATEST` holds.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, DeadLetterConfig, Environment, EphemeralStorage, FunctionCode,
    FunctionConfiguration, LastUpdateStatus, LogFormat, LoggingConfig, Runtime, State,
    TracingConfig, TracingMode, VpcConfig,
};
use sha2::{Digest, Sha256};

use crate::artifact::Arch;
use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::cloud::retry::{absent_is_none, gone_is_fine, is_busy, when_free, while_failing};
use crate::error::Error;
use crate::owner::Owner;
use crate::resource::{
    Attribute, Condition, Context, Difference, Fact, Facts, Observed, Ownership, Resource,
    ResourceId, Seen, Step, touches,
};
use crate::resources::alias::LIVE;
use crate::resources::code::Code;
use crate::resources::role::SharedRoleIdentity;
use crate::resources::role_trouble;
use crate::setting::Setting;
use crate::wait::Look;

pub const KIND: &str = "function";

/// Reports of roles that can't be assumed yet end within 15 s; a wrong role says the same for ever.
const ROLE_LIMIT: Duration = Duration::from_secs(2 * 60);
/// Creating and updating take seconds; images and VPCs, which we don't use, minutes.
const LIMIT: Duration = Duration::from_secs(5 * 60);

const RUNTIME: &str = "provided.al2023";
/// Only passed on by provided runtimes.
const HANDLER: &str = "bootstrap";
const ENV: &str = "env ";
const LAYER: &str = "layer ";
/// Which role the function was last pointed at: one that was deleted and made again bears the old
/// name, and the function can't decrypt its environment until it is pointed at it anew. A published
/// version never can: it takes a new one.
const ROLE_ID: &str = "provision:role-id";
const CONCURRENCY: &str = "reserved concurrency";
const EPHEMERAL_STORAGE_MB: i32 = 512;

#[derive(Clone, Debug)]
pub struct FunctionSpec {
    pub name: String,
    pub role: String,
    pub log_group: String,
    pub arch: Arch,
    pub memory_mb: Setting<i32>,
    pub timeout_seconds: Setting<i32>,
    pub env: BTreeMap<String, Setting<String>>,
}

impl FunctionSpec {
    /// What a version keeps for good: everything but the code and the tags.
    pub fn configuration(&self) -> Vec<Attribute> {
        let FunctionSpec {
            name: _,
            role,
            log_group,
            arch,
            memory_mb,
            timeout_seconds,
            env,
        } = self;
        let mut attributes = vec![
            Attribute::new("runtime", RUNTIME),
            Attribute::new("handler", HANDLER),
            Attribute::new("architecture", arch.as_str()),
            Attribute::new("role", role),
            Attribute::new("memory", format!("{} MB", memory_mb.value)).source(memory_mb.source()),
            Attribute::new("timeout", format!("{} s", timeout_seconds.value))
                .source(timeout_seconds.source()),
            Attribute::new("ephemeral storage", format!("{EPHEMERAL_STORAGE_MB} MB")),
            Attribute::new("tracing", TracingMode::PassThrough.as_str()),
            Attribute::new("log format", LogFormat::Json.as_str()),
            Attribute::new("log group", log_group),
        ];
        for (key, value) in env {
            let hash = self.env_hash(key, &value.value);
            attributes.push(Attribute::new(format!("{ENV}{key}"), hash).source(value.source()));
        }
        attributes
    }

    /// The same facts of a deployed configuration.
    pub fn configuration_facts(&self, configuration: &FunctionConfiguration) -> Facts {
        let mut facts = Facts::default();
        facts.is(
            "runtime",
            configuration.runtime().map_or("none", Runtime::as_str),
        );
        facts.is("handler", configuration.handler().unwrap_or_default());
        let arch = configuration.architectures().first();
        facts.reported("architecture", arch.map(Architecture::as_str));
        let role = configuration.role().unwrap_or_default();
        facts.is("role", role.rsplit('/').next().unwrap_or_default());
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
        let log_group = logging.and_then(|logging| logging.log_group());
        facts.reported("log group", log_group);
        self.environment_facts(configuration, &mut facts);
        foreign_facts(configuration, &mut facts);
        facts
    }

    /// Whether a deployed configuration is the declared one; the architecture comes with the code.
    fn is_configured(&self, configuration: &FunctionConfiguration) -> bool {
        let facts = self.configuration_facts(configuration);
        let declared = self.configuration();
        declared
            .iter()
            .filter(|attribute| attribute.name != "architecture")
            .all(|attribute| match facts.get(&attribute.name) {
                Some(Fact::NotReported) => true,
                _ => facts.value(&attribute.name) == attribute.value.as_deref(),
            })
    }

    fn environment_facts(&self, configuration: &FunctionConfiguration, facts: &mut Facts) {
        let environment = configuration.environment();
        if environment.is_some_and(|environment| environment.error().is_some()) {
            // Denied by KMS: unknown, not empty.
            for key in self.env.keys() {
                facts.reported(format!("{ENV}{key}"), None::<String>);
            }
            return;
        }
        let variables = environment.and_then(|environment| environment.variables());
        for (key, value) in variables.into_iter().flatten() {
            facts.is(format!("{ENV}{key}"), self.env_hash(key, value));
        }
    }

    /// Enough to tell that a value changed, too little to tell what it is.
    fn env_hash(&self, key: &str, value: &str) -> String {
        let mut hash = Sha256::new();
        for part in ["provision env", &self.name, key, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        format!("#{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2])
    }

    fn variables(&self) -> HashMap<String, String> {
        let variables = self.env.iter();
        variables
            .map(|(key, value)| (key.clone(), value.value.clone()))
            .collect()
    }
}

/// Whether an attribute tells which role the function was given.
pub fn is_role_id(attribute: &str) -> bool {
    attribute.strip_prefix("tag ") == Some(ROLE_ID)
}

/// What we never declare and somebody else may have added.
fn foreign_facts(configuration: &FunctionConfiguration, facts: &mut Facts) {
    for layer in configuration.layers() {
        facts.is(
            format!("{LAYER}{}", layer.arn().unwrap_or_default()),
            "attached",
        );
    }
    let subnets = configuration
        .vpc_config()
        .map(|vpc| vpc.subnet_ids().join(", "));
    if let Some(subnets) = subnets.filter(|subnets| !subnets.is_empty()) {
        facts.is("VPC", subnets);
    }
    if let Some(key) = configuration.kms_key_arn().filter(|key| !key.is_empty()) {
        facts.is("KMS key", key);
    }
    let dead_letter = configuration
        .dead_letter_config()
        .and_then(|config| config.target_arn());
    if let Some(target) = dead_letter.filter(|target| !target.is_empty()) {
        facts.is("dead letter target", target);
    }
    for file_system in configuration.file_system_configs() {
        facts.is(
            format!("file system {}", file_system.local_mount_path()),
            file_system.arn(),
        );
    }
}

/// What the function works with.
pub struct Neighbours {
    pub role: Rc<dyn Resource>,
    pub log_group: ResourceId,
    pub table: ResourceId,
}

pub struct Function {
    pub spec: FunctionSpec,
    pub owner: Owner,
    pub client: Client,
    pub code: Rc<Code>,
    pub role_identity: SharedRoleIdentity,
    pub neighbours: Neighbours,
    /// The newest revision this run has seen; Lambda refuses an update based on an older one.
    revision: RefCell<Option<String>>,
}

impl Function {
    pub fn new(
        spec: FunctionSpec,
        owner: Owner,
        client: Client,
        code: Rc<Code>,
        role_identity: SharedRoleIdentity,
        neighbours: Neighbours,
    ) -> Function {
        let revision = RefCell::default();
        Function {
            spec,
            owner,
            client,
            code,
            role_identity,
            neighbours,
            revision,
        }
    }
}

#[async_trait(?Send)]
impl Resource for Function {
    fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.spec.name)
    }

    fn needs(&self) -> Vec<ResourceId> {
        vec![self.neighbours.role.id(), self.neighbours.log_group.clone()]
    }

    /// A ride that is still accepted is lost with a table that goes first.
    fn goes_before(&self) -> Vec<ResourceId> {
        let mut ids = self.needs();
        ids.push(self.neighbours.table.clone());
        ids
    }

    fn desired(&self, _context: &Context) -> Vec<Attribute> {
        let mut attributes = vec![match self.code.sha256() {
            Some(sha256) => Attribute::new("code", sha256),
            None => Attribute::unknown("code"),
        }];
        attributes.extend(self.spec.configuration());
        attributes.push(Attribute::new(
            "last update",
            LastUpdateStatus::Successful.as_str(),
        ));
        attributes.extend(self.owner.attributes());
        let role_id = self
            .role_identity
            .borrow()
            .as_ref()
            .map(|role| role.id.clone());
        let role_id = role_id.unwrap_or_else(|| "of the role to be made".to_owned());
        attributes.push(Attribute::new(format!("tag {ROLE_ID}"), role_id));
        attributes
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        let Some(function) = self.get().await? else {
            self.code.saw_latest(None);
            return Ok(Observed::Absent);
        };
        let Some(configuration) = function.configuration() else {
            return Err(CloudError::incomplete(
                format!("get {}", self.id()),
                "Configuration",
            ));
        };
        let mut facts = self.spec.configuration_facts(configuration);
        facts.reported("code", configuration.code_sha256());
        facts.reported("last update", last_update(configuration));
        let concurrency = function
            .concurrency()
            .and_then(|c| c.reserved_concurrent_executions());
        if let Some(reserved) = concurrency {
            facts.is(CONCURRENCY, reserved.to_string());
        }
        let ownership = self.ownership(&function, &mut facts);
        self.code.saw_latest(configuration.code_sha256.clone());
        self.revision.replace(configuration.revision_id.clone());
        let condition = condition(configuration);
        Ok(Observed::Present(Seen {
            ownership,
            condition,
            facts,
            details: Vec::new(),
        }))
    }

    async fn create(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.id());
        self.once_the_role_will_do(step, &doing, async || {
            match self.create_function(step, &doing).await {
                // Our own lost answer, or somebody else's function.
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
                    self.if_ours(error).await
                }
                result => result,
            }
        })
        .await?;
        self.until_settled(step).await
    }

    /// Configuration first, then code: each must settle before the next.
    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let is_tag = |name: &str| name.starts_with("tag ");
        let is_code = |name: &str| name == "code" || name == "architecture";
        let is_configuration = |name: &str| {
            is_role_id(name) || !(is_tag(name) || is_code(name) || name == CONCURRENCY)
        };
        if touches(differences, is_configuration) {
            self.update_configuration(differences, step).await?;
        }
        if touches(differences, is_code) {
            self.update_code(step).await?;
        }
        if touches(differences, is_tag) {
            self.tag(step).await?;
        }
        if touches(differences, |name| name == CONCURRENCY) {
            self.drop_concurrency(step).await?;
        }
        Ok(())
    }

    /// Publishes what is there and points `live` at it: the way back.
    async fn adopt(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let version = self.publish_way_back(step).await?;
        step.wait.note(format!(
            "published what was there as version {version}: the way back"
        ));
        self.update(differences, step).await
    }

    fn adoption_note(&self) -> Option<String> {
        let name = &self.spec.name;
        Some(format!(
            "what is there now is published first and `live` points at it; callers of the \
             unqualified name `{name}` see the new code at once"
        ))
    }

    async fn delete(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("delete {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.delete_function().function_name(&self.spec.name);
            gone_is_fine(
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(CloudError::of(&doing)),
            )
        })
        .await?;
        let what = format!("wait until {} is gone", self.id());
        step.wait
            .until(&what, LIMIT, async || {
                Ok(match self.get().await? {
                    None => Look::Ready(()),
                    Some(_) => Look::NotYet("Deleting".to_owned()),
                })
            })
            .await
    }

    fn arn(&self, context: &Context) -> String {
        let Context {
            partition,
            account,
            region,
            ..
        } = context;
        format!(
            "arn:{partition}:lambda:{region}:{account}:function:{}",
            self.spec.name
        )
    }
}

impl Function {
    /// GetFunction, because its quota is 100 a second; all other control calls share 15.
    async fn get(&self) -> Result<Option<GetFunctionOutput>, CloudError> {
        let doing = format!("get {}", self.id());
        let request = self.client.get_function().function_name(&self.spec.name);
        absent_is_none(request.send().await.map_err(CloudError::of(doing)))
    }

    fn ownership(&self, function: &GetFunctionOutput, facts: &mut Facts) -> Ownership {
        if let Some(error) = function.tags_error() {
            return Ownership::Unknown(format!("its tags could not be read: {}", error.message()));
        }
        let tags = function.tags().into_iter().flatten();
        self.owner.facts(
            tags.map(|(key, value)| (key.as_str(), value.as_str())),
            facts,
        );
        self.owner.judge(facts)
    }

    async fn if_ours(&self, error: CloudError) -> Result<(), CloudError> {
        let ownership = match self.get().await? {
            None => {
                return Err(CloudError {
                    kind: CloudErrorKind::Busy,
                    ..error
                });
            }
            Some(function) => self.ownership(&function, &mut Facts::default()),
        };
        match ownership {
            Ownership::Ours => Ok(()),
            Ownership::Foreign(_) | Ownership::Unknown(_) => Err(error),
        }
    }

    /// Repeats a call while the role can't be assumed yet or the function is busy.
    async fn once_the_role_will_do(
        &self,
        step: &Step<'_>,
        doing: &str,
        call: impl AsyncFnMut() -> Result<(), CloudError>,
    ) -> Result<(), Error> {
        let refused = Cell::new(false);
        let passing = |error: &CloudError| {
            refused.set(error.kind == CloudErrorKind::RoleNotAssumable);
            refused.get() || is_busy(error)
        };
        match while_failing(&step.wait, doing, ROLE_LIMIT, passing, call).await {
            Err(error) if error.gave_up && refused.get() => {
                Err(role_trouble::explained(error, &*self.neighbours.role, step).await)
            }
            result => result,
        }
    }

    async fn create_function(&self, step: &Step<'_>, doing: &str) -> Result<(), CloudError> {
        let FunctionSpec {
            name,
            role: _,
            log_group: _,
            arch,
            memory_mb,
            timeout_seconds,
            env: _,
        } = &self.spec;
        let code = FunctionCode::builder().zip_file(self.zip(doing)?).build();
        let request = self
            .client
            .create_function()
            .function_name(name)
            .runtime(Runtime::from(RUNTIME))
            .handler(HANDLER)
            .architectures(architecture(*arch))
            .role(self.role_arn(step.context))
            .description(self.description())
            .memory_size(memory_mb.value)
            .timeout(timeout_seconds.value)
            .ephemeral_storage(ephemeral_storage(doing)?)
            .tracing_config(
                TracingConfig::builder()
                    .mode(TracingMode::PassThrough)
                    .build(),
            )
            .logging_config(self.logging())
            .environment(
                Environment::builder()
                    .set_variables(Some(self.spec.variables()))
                    .build(),
            )
            .set_tags(Some(self.tags()))
            .code(code);
        let answer = request.send().await.map_err(CloudError::of(doing))?;
        self.revision.replace(answer.revision_id);
        Ok(())
    }

    async fn update_configuration(
        &self,
        differences: &[Difference],
        step: &Step<'_>,
    ) -> Result<(), Error> {
        let doing = format!("update the configuration of {}", self.id());
        let mut request = self
            .client
            .update_function_configuration()
            .function_name(&self.spec.name)
            .runtime(Runtime::from(RUNTIME))
            .handler(HANDLER)
            .role(self.role_arn(step.context))
            .description(self.description())
            .memory_size(self.spec.memory_mb.value)
            .timeout(self.spec.timeout_seconds.value)
            .ephemeral_storage(ephemeral_storage(&doing)?)
            .tracing_config(
                TracingConfig::builder()
                    .mode(TracingMode::PassThrough)
                    .build(),
            )
            .logging_config(self.logging())
            .environment(
                Environment::builder()
                    .set_variables(Some(self.spec.variables()))
                    .build(),
            );
        for Difference { attribute, .. } in differences {
            request = match attribute.as_str() {
                "VPC" => request.vpc_config(
                    VpcConfig::builder()
                        .set_subnet_ids(Some(Vec::new()))
                        .set_security_group_ids(Some(Vec::new()))
                        .build(),
                ),
                "KMS key" => request.kms_key_arn(""),
                "dead letter target" => {
                    request.dead_letter_config(DeadLetterConfig::builder().target_arn("").build())
                }
                name if name.starts_with(LAYER) => request.set_layers(Some(Vec::new())),
                name if name.starts_with("file system ") => {
                    request.set_file_system_configs(Some(Vec::new()))
                }
                _ => request,
            };
        }
        let role_made_anew = touches(differences, is_role_id);
        self.once_the_role_will_do(step, &doing, async || {
            let revision = self.revision.borrow().clone();
            let request = request.clone().set_revision_id(revision);
            match request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
            {
                Err(error) if error.kind == CloudErrorKind::Stale && !role_made_anew => {
                    let done = |found: &_| self.spec.is_configured(found);
                    self.if_done(error, done).await
                }
                result => result,
            }
        })
        .await?;
        self.until_settled(step).await
    }

    async fn update_code(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("update the code of {}", self.id());
        let zip = self.zip(&doing)?;
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .update_function_code()
                .function_name(&self.spec.name)
                .architectures(architecture(self.spec.arch))
                .set_revision_id(self.revision.borrow().clone())
                .zip_file(zip.clone());
            match request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
            {
                Err(error) if error.kind == CloudErrorKind::Stale => {
                    let sha256 = self.code.sha256();
                    let done = |found: &FunctionConfiguration| {
                        found.code_sha256.is_some() && found.code_sha256 == sha256
                    };
                    self.if_done(error, done).await
                }
                result => result,
            }
        })
        .await?;
        self.until_settled(step).await
    }

    /// A revision we don't know: of our own lost answer, or of somebody else's change.
    async fn if_done(
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

    async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.tag_resource().resource(self.arn(step.context));
            let request = request.set_tags(Some(self.tags()));
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn drop_concurrency(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("drop the reserved concurrency of {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.delete_function_concurrency();
            let request = request.function_name(&self.spec.name);
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn publish_way_back(&self, step: &Step<'_>) -> Result<String, Error> {
        let doing = format!("publish what {} has now", self.id());
        let version = when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .publish_version()
                .function_name(&self.spec.name)
                .description("what was there before provision adopted the function");
            let answer = request.send().await.map_err(CloudError::of(&doing))?;
            answer
                .version
                .ok_or_else(|| CloudError::incomplete(&doing, "Version"))
        })
        .await?;
        let doing = "point live at what was there";
        let request = self
            .client
            .create_alias()
            .function_name(&self.spec.name)
            .name(LIVE)
            .function_version(&version)
            .description("unproven: adopted");
        match request.send().await.map_err(CloudError::of(doing)) {
            // An alias of that name is the owner's own: already a way back.
            Err(error) if error.kind != CloudErrorKind::AlreadyExists => Err(error)?,
            _ => {}
        }
        self.until_settled(step).await?;
        Ok(version)
    }

    /// Active, and no update in progress; remembers the revision that this brought.
    async fn until_settled(&self, step: &Step<'_>) -> Result<(), Error> {
        let what = format!("wait for {}", self.id());
        step.wait
            .until(&what, LIMIT, async || {
                let function = self.get().await?;
                let Some(configuration) = function.as_ref().and_then(|f| f.configuration()) else {
                    return Ok(Look::NotYet("not visible yet".to_owned()));
                };
                self.revision.replace(configuration.revision_id.clone());
                match condition(configuration) {
                    Condition::Settling(status) => Ok(Look::NotYet(status)),
                    Condition::Broken(reason) | Condition::FailedAtCreation(reason) => {
                        Err(Error::failed(format!("{} failed: {reason}", self.id()))
                            .hint("`… --yes` deletes it and makes it anew"))
                    }
                    Condition::Ready => match last_update(configuration) {
                        Some(failed) if failed.starts_with("Failed") => {
                            Err(Error::failed(format!("update {}: {failed}", self.id()))
                                .hint("what was there before still serves; `…` tries again"))
                        }
                        _ => Ok(Look::Ready(())),
                    },
                }
            })
            .await
    }

    fn zip(&self, doing: &str) -> Result<Blob, CloudError> {
        let artifact = self.code.artifact();
        let artifact = artifact.ok_or_else(|| CloudError::incomplete(doing, "artefact"))?;
        Ok(Blob::new(artifact.zip.clone()))
    }

    fn role_arn(&self, context: &Context) -> String {
        let role = self.role_identity.borrow();
        let known = role.as_ref().map(|role| role.arn.clone());
        let Context {
            partition, account, ..
        } = context;
        known.unwrap_or_else(|| format!("arn:{partition}:iam::{account}:role/{}", self.spec.role))
    }

    fn tags(&self) -> HashMap<String, String> {
        let mut tags: HashMap<String, String> = self
            .owner
            .tags()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        if let Some(role) = self.role_identity.borrow().as_ref() {
            tags.insert(ROLE_ID.to_owned(), role.id.clone());
        }
        tags
    }

    /// Names the role by its id: `PublishVersion` makes no version where nothing changed, and by its
    /// ARN a role that was made anew is the same. Never compared: the tag tells.
    fn description(&self) -> String {
        let role = self.role_identity.borrow();
        let id = role.as_ref().map_or("unknown", |role| &role.id);
        format!("deployed by provision, runs as {id}")
    }

    fn logging(&self) -> LoggingConfig {
        LoggingConfig::builder()
            .log_format(LogFormat::Json)
            .log_group(&self.spec.log_group)
            .build()
    }
}

fn architecture(arch: Arch) -> Architecture {
    Architecture::from(arch.as_str())
}

fn ephemeral_storage(doing: &str) -> Result<EphemeralStorage, CloudError> {
    let storage = EphemeralStorage::builder()
        .size(EPHEMERAL_STORAGE_MB)
        .build();
    storage.map_err(|error| CloudError::incomplete(doing, &error.to_string()))
}

/// `Failed: reason`, or the status alone.
fn last_update(configuration: &FunctionConfiguration) -> Option<String> {
    let status = configuration.last_update_status()?;
    if *status != LastUpdateStatus::Failed {
        return Some(LastUpdateStatus::Successful.as_str().to_owned());
    }
    let reason = configuration
        .last_update_status_reason()
        .unwrap_or("no reason given");
    Some(format!("Failed: {reason}"))
}

/// During an update the reason code reads `Creating` too: only the state tells them apart.
fn condition(configuration: &FunctionConfiguration) -> Condition {
    let in_progress = configuration.last_update_status() == Some(&LastUpdateStatus::InProgress);
    match configuration.state() {
        Some(State::Pending) => Condition::Settling("Pending".to_owned()),
        Some(State::Deleting) => Condition::Settling("Deleting".to_owned()),
        Some(State::Failed) => {
            let reason = configuration.state_reason().unwrap_or("no reason given");
            Condition::FailedAtCreation(reason.to_owned())
        }
        // Inactive wakes up with the next invocation. An endpoint without states has none to wait
        // for.
        _ if in_progress => Condition::Settling("InProgress".to_owned()),
        _ => Condition::Ready,
    }
}
