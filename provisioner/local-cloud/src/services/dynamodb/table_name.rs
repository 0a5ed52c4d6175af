//! The table that a request names.

use crate::api::error::ApiResult;
use crate::api::input::Input;
use crate::services::dynamodb::arn;
use crate::services::dynamodb::errors::validation;

/// The name in `TableName`, which may also be an ARN.
pub(crate) fn table_name(input: &Input) -> ApiResult<&str> {
    let name = input.required("TableName", |_| {
        validation("The parameter 'TableName' is required but was not present in the request")
    })?;
    let name = arn::name_of(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if !(3..=255).contains(&name.len()) {
        return Err(validation(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    if !name.chars().all(fits) {
        return Err(validation(&format!(
            "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )));
    }
    Ok(name)
}

/// Whether a table can have this name.
pub(crate) fn is_table_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (3..=255).contains(&name.len()) && name.chars().all(fits)
}
