//! What AWS Lambda accepts as the environment variables of a function.
//!
//! A crate of its own, because both sides need it: `provision` refuses early what the local cloud, like
//! AWS, refuses late, and neither of them knows the other.

use std::collections::BTreeMap;

/// The variables that Lambda sets itself. Other names with `AWS_`, such as `AWS_ENDPOINT_URL_DYNAMODB`, are
/// free.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The pattern of a name that is not reserved, as AWS's errors quote it.
pub const NAME_PATTERN: &str = "[a-zA-Z]([a-zA-Z0-9_])+";

/// The largest environment, in bytes of `as_json`.
pub const SIZE_LIMIT: usize = 4096;

pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether the name satisfies `NAME_PATTERN`.
pub fn is_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The environment as the JSON text whose size Lambda measures.
pub fn as_json(variables: &BTreeMap<&str, &str>) -> String {
    serde_json::to_string(variables).expect("a map of texts is JSON")
}

#[cfg(test)]
mod tests {
    use super::{as_json, is_name, is_reserved};

    #[test]
    fn only_the_names_that_lambda_sets_are_reserved() {
        for reserved in [
            "AWS_REGION",
            "AWS_SESSION_TOKEN",
            "_HANDLER",
            "LAMBDA_TASK_ROOT",
        ] {
            assert!(is_reserved(reserved), "{reserved}");
        }
        for free in [
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_PROFILE",
            "LAMBDA_X",
            "aws_region",
        ] {
            assert!(!is_reserved(free) && is_name(free), "{free}");
        }
    }

    #[test]
    fn a_name_is_a_letter_and_at_least_one_more_character() {
        for good in ["AB", "a1", "A_", "LOG_RIDER"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "1A", "_A", "A-B", "A B", "Ä1", "A.B"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_size_is_that_of_json() {
        let variables = [("AB", "x"), ("CD", "\"\n")].into();
        assert_eq!(as_json(&variables), r#"{"AB":"x","CD":"\"\n"}"#);
    }
}
