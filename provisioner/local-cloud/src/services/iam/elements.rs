//! Actions, resources and conditions of a statement.

use serde_json::{Map, Value};

use crate::api::error::ApiResult;
use crate::services::iam::errors::malformed;

pub(crate) fn check_action(action: &str) -> ApiResult<()> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    let vendor_fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let name_fits = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '?';
    if vendor.is_empty() || !vendor.chars().all(vendor_fits) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    if name.is_empty() || !name.chars().all(name_fits) {
        return Err(malformed("The policy failed legacy parsing"));
    }
    Ok(())
}

pub(crate) fn check_action_of_trust(action: &str) -> ApiResult<()> {
    const ACTIONS: &[&str] = &[
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
        "sts:*",
    ];
    check_action(action)?;
    if ACTIONS.contains(&action.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(malformed(
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ))
}

pub(crate) fn check_resource(resource: &str) -> ApiResult<()> {
    const PARTITIONS: &[&str] = &[
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-eusc",
        "aws-iso",
        "aws-iso-b",
        "*",
    ];
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    if parts.first() != Some(&"arn") {
        return Err(malformed(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        )));
    }
    if parts.len() < 2 || !PARTITIONS.contains(&parts[1]) {
        let partition = parts.get(1).copied().unwrap_or_default();
        return Err(malformed(format!(
            "Partition \"{partition}\" is not valid for resource \"{resource}\"."
        )));
    }
    if parts.len() < 6 || parts[5].is_empty() {
        return Err(malformed("The policy failed legacy parsing"));
    }
    Ok(())
}

pub(crate) fn check_condition(statement: &Map<String, Value>) -> ApiResult<()> {
    let Some(condition) = statement.get("Condition") else {
        return Ok(());
    };
    let Value::Object(operators) = condition else {
        return Err(malformed("Syntax errors in policy."));
    };
    for (operator, keys) in operators {
        if awsim_iam_policy::ConditionOperator::parse(operator).is_err() {
            return Err(malformed(format!("Invalid Condition type : {operator}")));
        }
        let Value::Object(keys) = keys else {
            return Err(malformed("Syntax errors in policy."));
        };
        for (key, values) in keys {
            if !key.contains(':') {
                let text = format!(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. ({key})"
                );
                return Err(malformed(text));
            }
            let scalar =
                |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
            let fits = match values {
                Value::Array(values) => values.iter().all(scalar),
                one => scalar(one),
            };
            if !fits {
                return Err(malformed("Syntax errors in policy."));
            }
        }
    }
    Ok(())
}
