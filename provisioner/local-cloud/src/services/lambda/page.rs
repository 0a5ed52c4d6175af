//! Pages of a list.

use crate::api::error::ApiResult;
use crate::protocol::Operation;
use crate::services::lambda::errors::invalid;

/// One page of a list, and the marker of the next page.
pub(crate) fn page<T>(operation: &Operation, items: Vec<T>) -> ApiResult<(Vec<T>, Option<String>)> {
    let limit = match operation.parameter("MaxItems").map(str::parse::<usize>) {
        None => 50,
        Some(Ok(limit @ 1..=10_000)) => limit.min(50),
        Some(_) => return Err(invalid("MaxItems must be between 1 and 10000")),
    };
    let start = match operation
        .parameter("Marker")
        .filter(|marker| !marker.is_empty())
    {
        None => 0,
        Some(marker) => match marker
            .strip_prefix("after-")
            .and_then(|n| n.parse::<usize>().ok())
        {
            Some(start) => start,
            None => return Err(invalid("Invalid marker")),
        },
    };
    let next = start.saturating_add(limit);
    let more = items.len() > next;
    let items = items.into_iter().skip(start).take(limit).collect();
    Ok((items, more.then(|| format!("after-{next}"))))
}
