//! CloudWatch Logs: groups in the state, streams and events in files beside it.

pub(crate) mod events;
mod files;
mod filter;
mod groups;
pub(crate) mod model;
mod needs;
mod streams;
mod tags;

pub(crate) use files::LogFiles;
pub(crate) use needs::{needs, stream_arn};

use serde_json::Value;

use crate::call::Call;
use crate::cloud::Cloud;
use crate::constraint::{Broken, refuse};
use crate::error::{ApiError, ApiResult};
use crate::identity::caller::ACCOUNT;
use crate::input::Input;

pub(crate) async fn handle(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<Value> {
    groups::bring_back(cloud, call).await?;
    match action {
        "CreateLogGroup" => groups::create(cloud, call, input).await,
        "DescribeLogGroups" => groups::describe(cloud, call, input).await,
        "PutRetentionPolicy" => groups::put_retention(cloud, call, input).await,
        "DeleteRetentionPolicy" => groups::delete_retention(cloud, call, input).await,
        "DeleteLogGroup" => groups::delete(cloud, call, input).await,
        "TagResource" | "TagLogGroup" => tags::tag(cloud, call, input).await,
        "UntagResource" | "UntagLogGroup" => tags::untag(cloud, call, input).await,
        "ListTagsForResource" | "ListTagsLogGroup" => tags::list(cloud, call, input),
        "CreateLogStream" => streams::create(cloud, call, input).await,
        "DescribeLogStreams" => streams::describe(cloud, call, input).await,
        "DeleteLogStream" => streams::delete(cloud, call, input).await,
        "PutLogEvents" => events::put(cloud, call, input).await,
        "GetLogEvents" => events::get(cloud, call, input).await,
        "FilterLogEvents" => filter::filter(cloud, call, input).await,
        other => Err(ApiError::missing(&format!("logs:{other}"))),
    }
}

pub(crate) fn group_arn(region: &str, name: &str) -> String {
    format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}")
}

/// The group that a request names, by name, identifier or ARN (with `:*` or without).
fn group_name(input: &Input) -> ApiResult<&str> {
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

fn invalid(broken: &[Broken]) -> ApiError {
    refuse("InvalidParameterException", broken)
}

fn no_group() -> ApiError {
    ApiError::new(
        400,
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

fn no_stream() -> ApiError {
    ApiError::new(
        400,
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}

#[cfg(test)]
mod tests {
    use super::{checked_group, name_of};

    #[test]
    fn a_group_is_named_in_three_ways() {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/RequestUnicorn";
        for given in ["/aws/lambda/RequestUnicorn", arn, &format!("{arn}:*")] {
            assert_eq!(name_of(given), "/aws/lambda/RequestUnicorn");
        }
        assert!(checked_group("a b").is_err());
        assert!(checked_group("").is_err());
    }
}
