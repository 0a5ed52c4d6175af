//! What AWS accepts, for settings and flags alike. No message quotes a value that may be a secret.

use std::fmt;

use function_contract::env::TABLE_NAME;
use lambda_environment::{is_name, is_reserved};

/// The numbers that AWS accepts for a setting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    least: i32,
    most: i32,
    unit: &'static str,
}

pub const MEMORY_MB: Limits = Limits {
    least: 128,
    most: 10_240,
    unit: "MB",
};
pub const TIMEOUT_SECONDS: Limits = Limits {
    least: 1,
    most: 1800,
    unit: "s",
};
/// How far back a table can be restored.
pub const RECOVERY_DAYS: Limits = Limits {
    least: 1,
    most: 35,
    unit: "days",
};

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} {}", self.least, self.most, self.unit)
    }
}

/// The retention periods that CloudWatch Logs accepts.
const RETENTION_DAYS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// AWS accepts 50 tags; the rest is for those of `provision`.
const MOST_TAGS: usize = 40;

pub fn within(number: i32, limits: &Limits) -> Result<i32, String> {
    if (limits.least..=limits.most).contains(&number) {
        return Ok(number);
    }
    Err(format!("{number} is not from {limits}"))
}

pub fn retention_days(days: i32) -> Result<i32, String> {
    if RETENTION_DAYS.contains(&days) {
        return Ok(days);
    }
    let known: Vec<String> = RETENTION_DAYS.iter().map(i32::to_string).collect();
    Err(format!("CloudWatch Logs accepts {}", known.join(", ")))
}

/// The name of an environment variable.
pub fn variable(name: &str) -> Result<(), String> {
    if name == TABLE_NAME {
        return Err(format!(
            "`up` sets {name} to the name of the table, which is the setting `names.table`"
        ));
    }
    if is_reserved(name) {
        return Err(format!("Lambda reserves {name}"));
    }
    if !is_name(name) {
        return Err(
            "a key starts with a letter, has only letters, digits and _, and at least two characters"
                .into(),
        );
    }
    Ok(())
}

pub fn tag(key: &str, value: &str) -> Result<(), String> {
    let reserved = ["aws:", "provision:"];
    let lowercase = key.to_ascii_lowercase();
    if let Some(prefix) = reserved
        .iter()
        .find(|prefix| lowercase.starts_with(**prefix))
    {
        return Err(format!("keys with `{prefix}` are reserved"));
    }
    let length = |text: &str| text.chars().count();
    if !(1..=128).contains(&length(key)) || length(value) > 256 {
        return Err("a key has 1 to 128 characters, a value at most 256".into());
    }
    let accepted = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    if !key.chars().chain(value.chars()).all(accepted) {
        return Err("keys and values have only letters, digits, spaces and _.:/=+-@".into());
    }
    Ok(())
}

/// All keys of the tags together.
pub fn tags<'a>(keys: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut lowercase: Vec<String> = keys.map(str::to_ascii_lowercase).collect();
    if lowercase.len() > MOST_TAGS {
        return Err(format!("there are more than {MOST_TAGS} tags"));
    }
    lowercase.sort();
    match lowercase.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("IAM takes two keys for the same: `{}`", pair[0])),
        None => Ok(()),
    }
}

/// The kinds of resources that have names of the user's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Table,
    Role,
    Function,
}

/// A name, or the one of a stage, as far as AWS accepts it for this kind.
pub fn name(named: Named, name: &str) -> Result<(), String> {
    let (least, most, others, service) = match named {
        Named::Table => (3, 255, "_.-", "DynamoDB"),
        // IAM's 64, less the ending of the role that `up` may need for a moment.
        Named::Role => (1, 54, "_+=,.@-", "IAM"),
        Named::Function => (1, 64, "_-", "Lambda"),
    };
    let accepted = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if !(least..=most).contains(&name.len()) || !name.chars().all(accepted) {
        return Err(format!(
            "`{name}` is not {least} to {most} characters from letters, digits and {others} for {service}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{MEMORY_MB, Named, name, retention_days, tag, tags, variable, within};

    #[test]
    fn numbers_that_aws_would_refuse_are_refused_here() {
        assert_eq!(within(128, &MEMORY_MB), Ok(128));
        let error = within(64, &MEMORY_MB).expect_err("too little");
        assert_eq!(error, "64 is not from 128 to 10240 MB");
        assert!(retention_days(14).is_ok());
        assert!(retention_days(15).is_err());
    }

    #[test]
    fn names_of_variables_are_lambdas() {
        assert!(variable("LOG_RIDER").is_ok() && variable("AWS_X").is_ok());
        assert!(variable("AWS_REGION").is_err_and(|why| why == "Lambda reserves AWS_REGION"));
        for bad in ["", "A", "1A", "A-B", "TABLE_NAME"] {
            assert!(variable(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tag_is_one_that_all_four_services_accept() {
        let long = "k".repeat(129);
        for (key, value, good) in [
            ("team", "blue", true),
            ("cost center", "a+b=c/d:e@f", true),
            ("größe", "", true),
            ("", "x", false),
            (&*long, "x", false),
            ("aws:x", "x", false),
            ("Provision:stage", "x", false),
            ("a*b", "x", false),
            ("a", "x;y", false),
        ] {
            assert_eq!(tag(key, value).is_ok(), good, "{key} {value}");
        }
        assert!(tags(["team", "Team"].into_iter()).is_err());
        let many: Vec<String> = (0..41).map(|number| number.to_string()).collect();
        assert!(tags(many.iter().map(String::as_str)).is_err());
        assert!(tags(many[1..].iter().map(String::as_str)).is_ok());
    }

    #[test]
    fn a_name_fits_its_service() {
        let long = "R".repeat(55);
        for (named, text, good) in [
            (Named::Table, "Rides.v2-dev", true),
            (Named::Table, "R2", false),
            (Named::Role, "Wild+Rydes@x", true),
            (Named::Role, &*long, false),
            (Named::Function, "Request_Unicorn-2", true),
            (Named::Function, "Request.Unicorn", false),
            (Named::Function, "", false),
        ] {
            assert_eq!(name(named, text).is_ok(), good, "{named:?} {text}");
        }
    }
}
