//! Values of flags, checked against what AWS accepts.

use std::ffi::OsStr;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::engine::plan_digest::PlanDigest;
use crate::settings::rules::{self, Limits};

/// The kinds of `--adopt`.
const KINDS: [&str; 4] = ["table", "role", "log-group", "function"];

/// Parses `KIND` or `KIND/NAME`. Whether the stack has such a resource depends on the stage.
#[derive(Clone, Debug)]
pub struct Adoptable;

impl TypedValueParser for Adoptable {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let text = value.to_string_lossy();
        let kind = text.split('/').next().unwrap_or_default();
        let kinds = PossibleValuesParser::new(KINDS);
        kinds.parse_ref(command, argument, OsStr::new(kind))?;
        Ok(text.into_owned())
    }

    /// For the help and for completions.
    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue>>> {
        Some(Box::new(KINDS.into_iter().map(PossibleValue::new)))
    }
}

/// A whole number, for which the type says which are too large.
pub fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "not a whole number".to_owned())
}

/// As `whole`, but not zero.
pub fn positive<T: FromStr + Default + PartialEq>(text: &str) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number != T::default());
    number.ok_or_else(|| "not a whole number above 0".to_owned())
}

pub fn memory_mb(text: &str) -> Result<i32, String> {
    within(text, &rules::MEMORY_MB)
}

pub fn timeout_seconds(text: &str) -> Result<i32, String> {
    within(text, &rules::TIMEOUT_SECONDS)
}

fn within(text: &str, limits: &Limits) -> Result<i32, String> {
    let number = text.parse();
    let number = number.map_err(|_| format!("not a whole number from {limits}"))?;
    rules::within(number, limits)
}

pub fn retention_days(text: &str) -> Result<i32, String> {
    let days = text
        .parse()
        .map_err(|_| "not a number of days".to_owned())?;
    rules::retention_days(days)
}

pub fn plan_digest(text: &str) -> Result<PlanDigest, String> {
    PlanDigest::parse(text).ok_or_else(|| "`plan` prints the digest of a plan".to_owned())
}

pub fn age(text: &str) -> Result<Duration, String> {
    let malformed = || "write it as 30s, 10m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(malformed)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(malformed()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| malformed())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// A variable of the function. The errors quote no value: it may be a secret.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("the `=` is missing: write it as KEY=VALUE")?;
    rules::variable(key)?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{age, key_value, memory_mb, positive, retention_days, whole};

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        assert_eq!(age("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(age("1d"), Ok(Duration::from_secs(86_400)));
        for bad in ["", "m", "10", "-1m", "1.5h", "10é"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_error_about_a_number_names_its_limits() {
        let error = |text| memory_mb(text).expect_err(text);
        assert_eq!(error("64"), "64 is not from 128 to 10240 MB");
        assert_eq!(error("512MB"), "not a whole number from 128 to 10240 MB");
        assert_eq!(memory_mb("512"), Ok(512));
        assert_eq!(
            positive::<u64>("0"),
            Err("not a whole number above 0".into())
        );
        assert_eq!(whole::<u64>("0"), Ok(0));
        assert_eq!(whole::<u64>("ten"), Err("not a whole number".into()));
    }

    #[test]
    fn values_that_aws_would_refuse_are_refused_here() {
        assert!(retention_days("14").is_ok());
        assert!(retention_days("15").is_err());
        assert!(retention_days("0").is_err());
        assert!(key_value("LOG_RIDER=off").is_ok());
        for bad in ["LOG_RIDER", "=x", "A=x", "1A=x", "AWS_REGION=x", "A-B=x"] {
            assert!(key_value(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_reserved_names_are_refused() {
        for good in [
            "AWS_ENDPOINT_URL_DYNAMODB=http://x",
            "AWS_X=",
            "LAMBDA_X=a=b",
        ] {
            assert!(key_value(good).is_ok(), "{good}");
        }
        for reserved in ["_HANDLER=x", "AWS_ACCESS_KEY=x", "LAMBDA_TASK_ROOT=x"] {
            let error = key_value(reserved).expect_err(reserved);
            assert!(error.starts_with("Lambda reserves "), "{error}");
        }
        assert!(key_value("FOO").is_err_and(|error| error.contains("`=` is missing")));
    }
}
