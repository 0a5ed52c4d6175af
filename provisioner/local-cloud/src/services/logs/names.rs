//! Names and ARNs of log groups and log streams.

use crate::account::ACCOUNT;
use crate::api::constraint::Broken;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::logs::errors::{invalid, no_group};

pub(crate) fn group_arn(region: &str, name: &str) -> String {
    format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}")
}

/// The name of the group in a request: a name, an identifier or an ARN, with or without `:*`.
pub(crate) fn group_name(input: &Input) -> ApiResult<&str> {
    let given = ["logGroupName", "logGroupIdentifier", "resourceArn"]
        .iter()
        .find_map(|name| input.text(name).transpose());
    match given {
        Some(Ok(given)) => checked_group(name_of(given)),
        Some(Err(error)) => Err(error),
        None => Err(invalid(&[Broken::null("logGroupName")])),
    }
}

fn name_of(given: &str) -> &str {
    match given
        .strip_prefix("arn:")
        .and_then(|arn| arn.split_once(":log-group:"))
    {
        Some((_, tail)) => tail.split(':').next().unwrap_or(tail),
        None => given,
    }
}

fn checked_group(name: &str) -> ApiResult<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-./#".contains(c);
    let mut broken = Vec::new();
    if name.is_empty() {
        broken.push(Broken::shorter(name, "logGroupName", 1));
    }
    if name.len() > 512 {
        let text =
            "Invalid LogGroup or LogStream, both must have length less than or equal to 512.";
        return Err(ApiError::new(400, "InvalidParameterException", text));
    }
    if !name.chars().all(fits) {
        broken.push(Broken::pattern(
            name,
            "logGroupName",
            "[\\.\\-_/#A-Za-z0-9]+",
        ));
    }
    if broken.is_empty() {
        Ok(name)
    } else {
        Err(invalid(&broken))
    }
}

pub(crate) fn stream_arn(region: &str, group: &str, stream: &str) -> String {
    format!("{}:log-stream:{stream}", group_arn(region, group))
}

/// The name in `logStreamName`.
pub(crate) fn stream_name(input: &Input) -> ApiResult<&str> {
    let name = input.required("logStreamName", |name| invalid(&[Broken::null(name)]))?;
    let mut broken = Vec::new();
    if name.is_empty() {
        broken.push(Broken::shorter(name, "logStreamName", 1));
    }
    if name.chars().count() > 512 {
        broken.push(Broken::longer(name, "logStreamName", 512));
    }
    if name.contains([':', '*']) {
        broken.push(Broken::pattern(name, "logStreamName", "[^:*]*"));
    }
    if broken.is_empty() {
        Ok(name)
    } else {
        Err(invalid(&broken))
    }
}

/// The id of the group that a request names.
pub(crate) fn group_id(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<String> {
    let name = group_name(input)?;
    let state = cloud.store.read();
    let group = state
        .region(&call.region)
        .log_groups
        .get(name)
        .ok_or_else(no_group)?;
    Ok(group.id.clone())
}

#[cfg(test)]
mod tests {
    use super::{checked_group, name_of};

    #[test]
    fn a_group_has_three_forms_of_its_name() {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/RequestUnicorn";
        for given in ["/aws/lambda/RequestUnicorn", arn, &format!("{arn}:*")] {
            assert_eq!(name_of(given), "/aws/lambda/RequestUnicorn");
        }
        assert!(checked_group("a b").is_err());
        assert!(checked_group("").is_err());
    }
}
