//! A function's configuration: checks, and the merge of a change.

use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::services::lambda::errors::{broken, invalid, one_of};
use crate::services::lambda::{environment, logging, runtimes};
use crate::state::function::Config;

/// Members for parts of Lambda that the local cloud does not have. SDKs send empty values to clear them.
const UNSUPPORTED: &[&str] = &[
    "VpcConfig",
    "DeadLetterConfig",
    "Layers",
    "FileSystemConfigs",
    "ImageConfig",
    "KMSKeyArn",
    "CodeSigningConfigArn",
    "CapacityProviderConfig",
    "DurableConfig",
    "TenancyConfig",
];

/// The configuration of a new function.
pub(crate) fn create(input: &Input, name: &str) -> ApiResult<Config> {
    let absent = |member: &str| broken(&[Broken::null(member)]);
    let Some(role) = input.text("Role")? else {
        return Err(absent("role"));
    };
    if input.text("PackageType")?.is_some_and(|kind| kind != "Zip") {
        return Err(ApiError::missing(
            "container images in lambda:CreateFunction",
        ));
    }
    let (Some(runtime), Some(handler)) = (input.text("Runtime")?, input.text("Handler")?) else {
        return Err(invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment \
             packages.",
        ));
    };
    let config = Config {
        description: String::new(),
        role: role.to_owned(),
        handler: handler.to_owned(),
        runtime: runtime.to_owned(),
        timeout: 3,
        memory: 128,
        environment: None,
        architecture: "x86_64".to_owned(),
        ephemeral_storage: 512,
        tracing: "PassThrough".to_owned(),
        log_format: "Text".to_owned(),
        log_group: format!("/aws/lambda/{name}"),
        application_log_level: None,
        system_log_level: None,
        snap_start: "None".to_owned(),
    };
    let config = merge(input, config)?;
    architecture(input, config)
}

/// The configuration with the members of a request; absent members stay unchanged.
pub(crate) fn merge(input: &Input, old: Config) -> ApiResult<Config> {
    for member in UNSUPPORTED {
        if input.get(member).is_some_and(|value| !is_empty(value)) {
            return Err(ApiError::missing(&format!("{member} of a Lambda function")));
        }
    }
    let text = |member: &str, old: String| -> ApiResult<String> {
        Ok(input.text(member)?.map_or(old, str::to_owned))
    };
    let mut config = Config {
        description: text("Description", old.description)?,
        role: text("Role", old.role)?,
        handler: text("Handler", old.handler)?,
        runtime: text("Runtime", old.runtime)?,
        timeout: input.number("Timeout")?.unwrap_or(old.timeout),
        memory: input.number("MemorySize")?.unwrap_or(old.memory),
        ..old
    };
    check_members(input, &config)?;
    if input.has("Runtime") {
        runtimes::check(&config.runtime)?;
    }
    if let Some(wanted) = input.members("Environment")? {
        config.environment = match wanted.tag_map("Variables")? {
            Some(variables) => Some(environment::checked(variables)?),
            None => config.environment,
        };
    }
    if let Some(storage) = input.members("EphemeralStorage")? {
        config.ephemeral_storage = storage.number("Size")?.unwrap_or(512);
        let size = config.ephemeral_storage;
        if !(512..=10_240).contains(&size) {
            let must = "have value between 512 and 10240";
            return Err(broken(&[Broken::new(
                size.to_string(),
                "ephemeralStorage.size",
                must,
            )]));
        }
    }
    if let Some(tracing) = input.members("TracingConfig")? {
        let mode = tracing.text("Mode")?.unwrap_or("PassThrough");
        one_of(mode, "tracingConfig.mode", &["Active", "PassThrough"])?;
        config.tracing = mode.to_owned();
    }
    if let Some(snap_start) = input.members("SnapStart")? {
        let on = snap_start.text("ApplyOn")?.unwrap_or("None");
        one_of(on, "snapStart.applyOn", &["PublishedVersions", "None"])?;
        if on != "None" {
            let runtime = &config.runtime;
            return Err(invalid(format!(
                "{runtime} is not supported for SnapStart enabled functions."
            )));
        }
    }
    logging::merge(input, config)
}

fn is_empty(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn check_members(input: &Input, config: &Config) -> ApiResult<()> {
    let mut wrong = Vec::new();
    let role = &config.role;
    if !is_role_arn(role) {
        let pattern = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
        wrong.push(Broken::pattern(role, "role", pattern));
    }
    let (timeout, memory) = (config.timeout, config.memory);
    if timeout < 1 {
        wrong.push(Broken::new(
            timeout.to_string(),
            "timeout",
            "have value greater than or equal to 1",
        ));
    }
    if timeout > 1800 {
        wrong.push(Broken::new(
            timeout.to_string(),
            "timeout",
            "have value less than or equal to 1800",
        ));
    }
    if memory < 128 {
        let must = "have value greater than or equal to 128";
        wrong.push(Broken::new(memory.to_string(), "memorySize", must));
    }
    if memory > 10_240 {
        let must = "have value less than or equal to 10240";
        wrong.push(Broken::new(memory.to_string(), "memorySize", must));
    }
    if config.description.chars().count() > 256 {
        wrong.push(Broken::longer(&config.description, "description", 256));
    }
    if config.handler.len() > 128 {
        wrong.push(Broken::longer(&config.handler, "handler", 128));
    }
    if input.has("Handler") && config.handler.chars().any(char::is_whitespace) {
        wrong.push(Broken::pattern(&config.handler, "handler", "[^\\s]+"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(broken(&wrong))
    }
}

fn is_role_arn(role: &str) -> bool {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    partition.starts_with("aws")
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && resource
            .strip_prefix("role/")
            .is_some_and(|n| !n.is_empty() && n.chars().all(fits))
}

/// The configuration with the architecture of a request, which is sent with the code.
pub(crate) fn architecture(input: &Input, config: Config) -> ApiResult<Config> {
    let Some(wanted) = input.texts("Architectures")? else {
        return Ok(config);
    };
    let known = |one: &String| one == "x86_64" || one == "arm64";
    match &wanted[..] {
        [one] if known(one) => Ok(Config {
            architecture: one.clone(),
            ..config
        }),
        _ => {
            let value = format!("[{}]", wanted.join(", "));
            let must = if wanted.len() == 1 {
                "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member \
                 must not be null]"
            } else {
                "have length less than or equal to 1"
            };
            Err(broken(&[Broken::new(value, "architectures", must)]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{create, merge};
    use crate::api::input::Input;
    use serde_json::{Value, json};

    fn input(changes: Value) -> Input {
        let mut members = json!({
            "Role": "arn:aws:iam::123456789012:role/service-role/WildRydesLambda",
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
        });
        for (name, value) in changes.as_object().unwrap() {
            members[name] = value.clone();
        }
        Input(members.as_object().unwrap().clone())
    }

    #[test]
    fn a_configuration_is_refused_in_lambdas_words() {
        for (changes, code, text) in [
            (json!({}), "", ""),
            (
                json!({"Role": "WildRydesLambda"}),
                "ValidationException",
                "at 'role' failed",
            ),
            (
                json!({"Role": null}),
                "ValidationException",
                "Value null at 'role'",
            ),
            (
                json!({"Runtime": null}),
                "InvalidParameterValueException",
                "Runtime and Handler are mandatory",
            ),
            (
                json!({"Runtime": "provided"}),
                "InvalidParameterValueException",
                "no longer supported",
            ),
            (
                json!({"Runtime": "rust"}),
                "InvalidParameterValueException",
                "Value rust at 'runtime'",
            ),
            (
                json!({"Timeout": 0}),
                "ValidationException",
                "greater than or equal to 1",
            ),
            (
                json!({"Timeout": 1801}),
                "ValidationException",
                "less than or equal to 1800",
            ),
            (
                json!({"MemorySize": 64}),
                "ValidationException",
                "greater than or equal to 128",
            ),
            (
                json!({"Architectures": ["X86_64"]}),
                "ValidationException",
                "[x86_64, arm64]",
            ),
            (
                json!({"Architectures": ["arm64", "x86_64"]}),
                "ValidationException",
                "length less than",
            ),
            (
                json!({"Environment": {"Variables": {"AWS_REGION": "x"}}}),
                "InvalidParameterValueException",
                "contains reserved keys",
            ),
            (
                json!({"Environment": {"Variables": {"A": "x"}}}),
                "ValidationException",
                "environment.variables",
            ),
            (
                json!({"Environment": {"Variables": {"AB": "x".repeat(4096)}}}),
                "InvalidParameterValueException",
                "exceeded the 4KB limit",
            ),
            (
                json!({"LoggingConfig": {"SystemLogLevel": "INFO"}}),
                "InvalidParameterValueException",
                "LogFormat to JSON",
            ),
            (
                json!({"VpcConfig": {"SubnetIds": ["s"]}}),
                "NotImplementedException",
                "VpcConfig",
            ),
            (
                json!({"VpcConfig": {"SubnetIds": []}, "Layers": []}),
                "",
                "",
            ),
            (
                json!({"SnapStart": {"ApplyOn": "PublishedVersions"}}),
                "InvalidParameterValueException",
                "SnapStart",
            ),
        ] {
            let result = create(&input(changes.clone()), "RequestUnicorn");
            let (found, message) = match result {
                Ok(_) => (String::new(), String::new()),
                Err(error) => (error.code.into_owned(), error.message),
            };
            assert_eq!(found, code, "{changes}: {message}");
            assert!(message.contains(text), "{changes}: {message}");
        }
    }

    #[test]
    fn variables_are_kept_replaced_or_emptied() {
        let old = create(
            &input(json!({"Environment": {"Variables": {"AB": "1"}}})),
            "f",
        )
        .unwrap();
        let merged = |changes: Value| {
            merge(&Input(changes.as_object().unwrap().clone()), old.clone())
                .unwrap()
                .environment
        };
        assert_eq!(merged(json!({"Timeout": 7})), old.environment);
        assert_eq!(merged(json!({"Environment": {}})), old.environment);
        assert_eq!(
            merged(json!({"Environment": {"Variables": {}}})),
            Some([].into())
        );
        let never = create(&input(json!({})), "f").unwrap();
        assert_eq!(never.environment, None);
        assert_eq!(never.log_group, "/aws/lambda/f");
    }
}
