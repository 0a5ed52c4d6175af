//! One request: its service, its caller, the caller's permissions, the operation, the response.

use std::time::SystemTime;

use hyper::HeaderMap;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::clock::to_millis;
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::http::reply::{self, Reply};
use crate::identity::authenticate::{AuthenticationError, authenticate};
use crate::identity::authorize::authorize;
use crate::identity::call::Call;
use crate::identity::caller::Caller;
use crate::identity::sigv4::{Claim, SignatureError, claim};
use crate::protocol::{HttpRequest, Operation};
use crate::random;
use crate::services::{SERVICES, Service};

/// The service of a request: the one in its signature or, in an unsigned request, the one that
/// recognizes it. As an error, the name of a service that the local cloud does not have.
pub(crate) fn service_of(
    path: &str,
    headers: &HeaderMap,
    claim: Option<&Claim>,
) -> Result<&'static dyn Service, String> {
    let find = |is_it: &dyn Fn(&dyn Service) -> bool| {
        SERVICES.iter().copied().find(|service| is_it(*service))
    };
    if let Some(claim) = claim {
        let found = find(&|service| service.name() == claim.service);
        return found.ok_or_else(|| claim.service.clone());
    }
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let target = target.and_then(|target| Some(target.split_once('.')?.0));
    let found = find(&|service| service.protocol().recognizes(path, target));
    found.ok_or_else(|| target.unwrap_or_default().to_owned())
}

/// A request without a signature names no region.
const UNSIGNED_REGION: &str = "us-east-1";

/// An injected fault: the connection is to be closed without a response.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was dropped by fault injection")
    }
}

impl std::error::Error for Dropped {}

/// Why an operation has no answer.
enum Failure {
    Refused(ApiError),
    Dropped,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        Failure::Refused(error)
    }
}

/// Responds to a request. Called on a task of its own, so that a client that disconnects does not
/// stop an operation halfway.
pub(crate) async fn respond(cloud: Cloud, request: HttpRequest) -> Result<Reply, Dropped> {
    let request_id = random::uuid();
    let claimed = claim(&request.signed());
    let unsigned = match claimed {
        Err(SignatureError::Missing) => service_of_unsigned(&request),
        _ => None,
    };
    let found = match unsigned {
        Some(service) => Ok(service),
        None => service_of(&request.path, &request.headers, claimed.as_ref().ok()),
    };
    let service = match found {
        Ok(service) => service,
        Err(other) => {
            let error = ApiError::missing(&format!("the service {other}"));
            let content_type = request.header("content-type").unwrap_or_default();
            let is_form = content_type.starts_with("application/x-www-form-urlencoded");
            return Ok(reply::unknown_service(&other, is_form, &error, &request_id));
        }
    };
    let protocol = service.protocol();
    if request.body.len() > service.body_limit() {
        return Ok(reply::error(
            protocol,
            &service.body_too_large(),
            &request_id,
        ));
    }
    let result = match claimed {
        Ok(claim) => serve(&cloud, service, Some(&claim), &request, &request_id).await,
        Err(_) if unsigned.is_some() => serve(&cloud, service, None, &request, &request_id).await,
        Err(error) => Err(protocol
            .not_authenticated(AuthenticationError::Signature(error))
            .into()),
    };
    match result {
        Ok((action, answer)) => Ok(reply::answer(protocol, &action, answer, &request_id)),
        Err(Failure::Refused(error)) => Ok(reply::error(protocol, &error, &request_id)),
        Err(Failure::Dropped) => Err(Dropped),
    }
}

/// The service of a request for an operation that needs no signature.
fn service_of_unsigned(request: &HttpRequest) -> Option<&'static dyn Service> {
    let takes = |service: &dyn Service| {
        let protocol = service.protocol();
        let is_its = protocol.recognizes(&request.path, request.header("x-amz-target"));
        let operation = protocol.read(request).ok().filter(|_| is_its);
        operation.is_some_and(|operation| service.takes_unsigned(operation.action()))
    };
    SERVICES.iter().copied().find(|service| takes(*service))
}

/// Carries out the operation of a request. Returns its action with its answer.
async fn serve(
    cloud: &Cloud,
    service: &dyn Service,
    claim: Option<&Claim>,
    request: &HttpRequest,
    request_id: &str,
) -> Result<(String, Answer), Failure> {
    let protocol = service.protocol();
    let now = cloud.now();
    cloud.settle_if_set_back(now).await?;
    let state = cloud.store.read();
    let clocks = [now, to_millis(SystemTime::now())];
    let caller = match claim {
        Some(claim) => authenticate(&state, claim, &request.signed(), clocks)
            .map_err(|error| protocol.not_authenticated(error))?,
        None => Caller::Anonymous,
    };
    let call = Call {
        caller,
        region: checked_region(claim.map_or(UNSIGNED_REGION, |claim| &claim.region))?,
        request_id: request_id.to_owned(),
        now,
    };
    let operation = protocol.read(request)?;
    cloud.counts.add(service.name(), operation.action());
    let fault = next_fault(cloud, service, &operation)?;
    let required = service.required_permissions(&state, &call, &operation);
    authorize(&cloud.store.read(), &call, &required)
        .map_err(|text| protocol.access_denied(text))?;
    let answer = service.handle(cloud, &call, &operation).await?;
    match fault {
        Some(Fault::DroppedAfter) => Err(Failure::Dropped),
        _ => Ok((operation.route.action, answer)),
    }
}

/// The injected fault of this call. Those that prevent the operation are returned as errors.
fn next_fault(
    cloud: &Cloud,
    service: &dyn Service,
    operation: &Operation,
) -> Result<Option<Fault>, Failure> {
    let action = format!("{}:{}", service.name(), operation.action());
    match cloud.faults.next_fault(&action, &operation.resource_key) {
        Some(Fault::Throttled) => Err(service.throttled().into()),
        Some(Fault::Failed) => Err(service.failed().into()),
        Some(Fault::DroppedBefore) => Err(Failure::Dropped),
        fault @ (Some(Fault::DroppedAfter) | None) => Ok(fault),
    }
}

/// The region, if it is safe as the name of a folder.
fn checked_region(region: &str) -> ApiResult<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=32).contains(&region.len()) && region.chars().all(fits) {
        return Ok(region.to_owned());
    }
    let text = format!("Credential should be scoped to a valid region, not '{region}'.");
    Err(ApiError::new(400, "InvalidSignatureException", text))
}

#[cfg(test)]
mod tests {
    use super::{checked_region, service_of};
    use hyper::HeaderMap;

    #[test]
    fn an_unsigned_request_is_recognized_by_its_form() {
        let service_of = |path: &str, headers: &HeaderMap| {
            service_of(path, headers, None).map(|service| service.name())
        };
        let mut logs = HeaderMap::new();
        logs.insert(
            "x-amz-target",
            "Logs_20140328.PutLogEvents".parse().unwrap(),
        );
        let none = HeaderMap::new();
        assert_eq!(service_of("/", &logs), Ok("logs"));
        assert_eq!(service_of("/2015-03-31/functions", &none), Ok("lambda"));
        assert_eq!(service_of("/", &none), Ok("iam"));
    }

    #[test]
    fn a_region_is_no_path() {
        assert!(checked_region("eu-west-1").is_ok());
        for bad in ["", "..", "a/b", "../../etc", "EU", &"x".repeat(33)] {
            assert!(checked_region(bad).is_err(), "{bad}");
        }
    }
}
