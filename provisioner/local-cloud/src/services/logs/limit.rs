//! How many items a page of an answer has.

use crate::api::constraint::Broken;
use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::services::logs::errors::invalid;

/// `limit` of a request, which must lie between 1 and `most`; `most` if it is absent.
pub(crate) fn limit(input: &Input, most: i64) -> ApiResult<usize> {
    let limit = input.number("limit")?.unwrap_or(most);
    let must = match limit {
        ..1 => "have value greater than or equal to 1".to_owned(),
        limit if limit > most => format!("have value less than or equal to {most}"),
        _ => return Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
    };
    Err(invalid(&[Broken::new(limit.to_string(), "limit", must)]))
}
