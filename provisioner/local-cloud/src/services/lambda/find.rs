//! The function or version that a request names.

use crate::api::error::ApiResult;
use crate::identity::call::Call;
use crate::services::lambda::errors::no_function;
use crate::services::lambda::function_name::Name;
use crate::state::State;
use crate::state::function::{Function, Version};

pub(crate) fn find<'a>(state: &'a State, call: &Call, name: &Name) -> ApiResult<&'a Function> {
    let functions = &state.region(&call.region).functions;
    functions
        .get(&name.name)
        .ok_or_else(|| no_function(call, name))
}

pub(crate) fn find_mut<'a>(
    state: &'a mut State,
    call: &Call,
    name: &Name,
) -> ApiResult<&'a mut Function> {
    let functions = &mut state.region_mut(&call.region).functions;
    functions
        .get_mut(&name.name)
        .ok_or_else(|| no_function(call, name))
}

/// The version that a name stands for, with the version's own name.
pub(crate) fn find_version<'a>(
    function: &'a Function,
    call: &Call,
    name: &Name,
) -> ApiResult<(&'a Version, String)> {
    function
        .resolve(name.qualifier.as_deref())
        .ok_or_else(|| no_function(call, name))
}
