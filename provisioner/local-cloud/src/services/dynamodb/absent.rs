//! Requests about tables that do not exist, or cannot be used yet.
//!
//! AWS checks a request before it looks for its table. dynoxide does too, and it may have a table under
//! this name that is being created or deleted, or is left over. So such a request is given to dynoxide
//! with a name that no table has.

use crate::api::error::{ApiError, ApiResult};
use crate::random;

/// A name that no table has.
pub(crate) fn unused_name() -> String {
    format!("no-such-table.{}", random::uuid())
}

/// The error of a request that was run under unused names: what dynoxide finds wrong with the request,
/// or else `absent`. `renamed` has the unused names with those of the request.
pub(crate) fn error_of<T>(
    result: ApiResult<T>,
    renamed: &[(String, String)],
    absent: ApiError,
) -> ApiError {
    match result {
        Err(mut error) if error.code != "ResourceNotFoundException" => {
            for (unused, name) in renamed {
                error.message = error.message.replace(unused, name);
            }
            error
        }
        Err(_) | Ok(_) => absent,
    }
}
