//! Lambda: functions with their versions, aliases and permissions. The REST-JSON protocol.

mod aliases;
mod check;
mod code;
mod concurrency;
mod environment;
mod functions;
mod invoke;
mod logging;
pub(crate) mod model;
mod name;
mod needs;
mod permissions;
mod role;
mod route;
mod runtimes;
mod show;
mod tags;
mod update;
mod versions;
pub(crate) mod zip_file;

pub(crate) use code::Codes;
pub(crate) use name::{arn, qualified};
pub(crate) use needs::needs;
pub(crate) use role::{Grant, may_run};
pub(crate) use route::{Route, route};

use bytes::Bytes;
use hyper::HeaderMap;

use crate::answer::Answer;
use crate::call::Call;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::error::{ApiError, ApiResult};
use crate::input::Input;
use crate::lambda::model::{Change, Function, Version};
use crate::lambda::name::Name;
use crate::state::State;

/// A request after its path is understood.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) route: Route,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// The body's members; of an invocation none, since its body is the function's business.
    pub(crate) input: Input,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The function that the path names, with the qualifier of the name or the query.
    pub(crate) fn name(&self, call: &Call) -> ApiResult<Name> {
        name::read(
            &self.route.subject,
            self.parameter("Qualifier"),
            &call.region,
        )
    }
}

pub(crate) async fn handle(cloud: &Cloud, call: &Call, request: &Request) -> ApiResult<Answer> {
    match request.route.action {
        "CreateFunction" => functions::create(cloud, call, request).await,
        "GetFunction" => functions::get(cloud, call, request),
        "GetFunctionConfiguration" => functions::get_configuration(cloud, call, request),
        "ListFunctions" => functions::list(cloud, call, request),
        "DeleteFunction" => functions::delete(cloud, call, request).await,
        "UpdateFunctionCode" => update::code(cloud, call, request).await,
        "UpdateFunctionConfiguration" => update::configuration(cloud, call, request).await,
        "PublishVersion" => versions::publish(cloud, call, request).await,
        "ListVersionsByFunction" => versions::list(cloud, call, request),
        "CreateAlias" => aliases::create(cloud, call, request).await,
        "GetAlias" => aliases::get(cloud, call, request),
        "UpdateAlias" => aliases::update(cloud, call, request).await,
        "DeleteAlias" => aliases::delete(cloud, call, request).await,
        "ListAliases" => aliases::list(cloud, call, request),
        "TagResource" => tags::tag(cloud, call, request).await,
        "UntagResource" => tags::untag(cloud, call, request).await,
        "ListTags" => tags::list(cloud, call, request),
        "AddPermission" => permissions::add(cloud, call, request).await,
        "RemovePermission" => permissions::remove(cloud, call, request).await,
        "GetPolicy" => permissions::get(cloud, call, request),
        "PutFunctionConcurrency" => concurrency::put(cloud, call, request).await,
        "GetFunctionConcurrency" => concurrency::get(cloud, call, request),
        "DeleteFunctionConcurrency" => concurrency::delete(cloud, call, request).await,
        "GetAccountSettings" => concurrency::account_settings(cloud, call),
        "Invoke" => invoke::invoke(cloud, call, request).await,
        other => Err(ApiError::missing(&format!("lambda:{other}"))),
    }
}

fn find<'a>(state: &'a State, call: &Call, name: &Name) -> ApiResult<&'a Function> {
    let functions = &state.region(&call.region).functions;
    functions
        .get(&name.name)
        .ok_or_else(|| no_function(call, name))
}

fn find_mut<'a>(state: &'a mut State, call: &Call, name: &Name) -> ApiResult<&'a mut Function> {
    let functions = &mut state.region_mut(&call.region).functions;
    functions
        .get_mut(&name.name)
        .ok_or_else(|| no_function(call, name))
}

/// The version that the name means, with its own name.
fn find_version<'a>(
    function: &'a Function,
    call: &Call,
    name: &Name,
) -> ApiResult<(&'a Version, String)> {
    function
        .resolve(name.qualifier.as_deref())
        .ok_or_else(|| no_function(call, name))
}

fn no_function(call: &Call, name: &Name) -> ApiError {
    let arn = qualified(&call.region, &name.name, name.qualifier.as_deref());
    ApiError::new(
        404,
        "ResourceNotFoundException",
        format!("Function not found: {arn}"),
    )
    .with("Type", "User")
}

fn conflict(text: String) -> ApiError {
    ApiError::new(409, "ResourceConflictException", text).with("Type", "User")
}

/// While a change goes on, no other may begin.
fn must_be_settled(version: &Version, now: Millis, arn: &str) -> ApiResult<()> {
    must_be_made(version, now)?;
    match (version.is_settled(now), version.change) {
        (true, _) | (false, Change::Creation) => Ok(()),
        (false, Change::Update) => Err(conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: \
             {arn}"
        ))),
    }
}

/// Before its creation is done, and after it failed, a function takes no call but its deletion.
fn must_be_made(version: &Version, now: Millis) -> ApiResult<()> {
    let state = match (version.change, version.is_settled(now), version.failed) {
        (Change::Creation, false, _) => "Pending",
        (Change::Creation, true, true) => "Failed",
        (Change::Creation, true, false) | (Change::Update, _, _) => return Ok(()),
    };
    Err(conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the \
         following state: {state}"
    )))
}

/// Refuses a change that was meant for another revision.
fn must_be_revision(given: Option<&str>, actual: &str, get: &str) -> ApiResult<()> {
    match given {
        Some(given) if given != actual => {
            let text = format!(
                "The Revision Id provided does not match the latest Revision Id. Call the {get} API \
                 to retrieve the latest Revision Id"
            );
            let error = ApiError::new(412, "PreconditionFailedException", text);
            Err(error.with("Type", "User"))
        }
        _ => Ok(()),
    }
}

/// One page of a list, and the marker of the next.
fn page<T>(request: &Request, items: Vec<T>) -> ApiResult<(Vec<T>, Option<String>)> {
    let limit = match request.parameter("MaxItems").map(str::parse::<usize>) {
        None => 50,
        Some(Ok(limit @ 1..=10_000)) => limit.min(50),
        Some(_) => return Err(check::invalid("MaxItems must be between 1 and 10000")),
    };
    let start = match request
        .parameter("Marker")
        .filter(|marker| !marker.is_empty())
    {
        None => 0,
        Some(marker) => match marker
            .strip_prefix("after-")
            .and_then(|n| n.parse::<usize>().ok())
        {
            Some(start) => start,
            None => return Err(check::invalid("Invalid marker")),
        },
    };
    let next = start.saturating_add(limit);
    let more = items.len() > next;
    let items = items.into_iter().skip(start).take(limit).collect();
    Ok((items, more.then(|| format!("after-{next}"))))
}
