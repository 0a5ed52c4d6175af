//! The logging configuration of a function.

use crate::api::constraint::Broken;
use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::services::lambda::errors::{broken, invalid, one_of};
use crate::state::function::Config;

/// The configuration with the members of `LoggingConfig`; absent members stay unchanged.
pub(crate) fn merge(input: &Input, mut config: Config) -> ApiResult<Config> {
    let Some(wanted) = input.members("LoggingConfig")? else {
        return Ok(config);
    };
    if let Some(format) = wanted.text("LogFormat")? {
        one_of(format, "loggingConfig.logFormat", &["JSON", "Text"])?;
        config.log_format = format.to_owned();
    }
    if let Some(group) = wanted.text("LogGroup")? {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-./#".contains(c);
        if group.is_empty() || group.len() > 512 || !group.chars().all(fits) {
            let pattern = "[\\.\\-_/#A-Za-z0-9]+";
            return Err(broken(&[Broken::pattern(
                group,
                "loggingConfig.logGroup",
                pattern,
            )]));
        }
        if group.starts_with("aws/") {
            return Err(invalid("Log group name cannot start with aws/"));
        }
        config.log_group = group.to_owned();
    }
    let (application, system) = (
        wanted.text("ApplicationLogLevel")?,
        wanted.text("SystemLogLevel")?,
    );
    if config.log_format == "Text" {
        if application.is_some() || system.is_some() {
            return Err(invalid(
                "To use ApplicationLogLevel or SystemLogLevel, you must set LogFormat to JSON.",
            ));
        }
        (config.application_log_level, config.system_log_level) = (None, None);
        return Ok(config);
    }
    if let Some(level) = application {
        let levels = &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        one_of(level, "loggingConfig.applicationLogLevel", levels)?;
    }
    if let Some(level) = system {
        one_of(
            level,
            "loggingConfig.systemLogLevel",
            &["DEBUG", "INFO", "WARN"],
        )?;
    }
    let level = |new: Option<&str>, old: Option<String>| {
        new.map(str::to_owned).or(old).or(Some("INFO".to_owned()))
    };
    config.application_log_level = level(application, config.application_log_level);
    config.system_log_level = level(system, config.system_log_level);
    Ok(config)
}
