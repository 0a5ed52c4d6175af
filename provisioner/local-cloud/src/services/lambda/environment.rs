//! The environment variables of a function.

use std::collections::BTreeMap;

use lambda_environment::{NAME_PATTERN, SIZE_LIMIT, as_json, is_name, is_reserved};

use crate::api::constraint::Broken;
use crate::api::error::ApiResult;
use crate::services::lambda::errors::{broken, invalid};

/// The variables, if all of them are valid.
pub(crate) fn checked(variables: Vec<(String, String)>) -> ApiResult<BTreeMap<String, String>> {
    let names = variables.iter().map(|(name, _)| name.as_str());
    let reserved: Vec<&str> = names.filter(|name| is_reserved(name)).collect();
    if !reserved.is_empty() {
        let names = reserved.join(", ");
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: {names}"
        )));
    }
    if let Some((name, _)) = variables.iter().find(|(name, _)| !is_name(name)) {
        return Err(broken(&[Broken::pattern(
            name,
            "environment.variables",
            NAME_PATTERN,
        )]));
    }
    let all: BTreeMap<String, String> = variables.into_iter().collect();
    let texts = all
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let measured = as_json(&texts.collect());
    if measured.len() > SIZE_LIMIT {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(all)
}
