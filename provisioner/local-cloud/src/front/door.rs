//! One request: whose is it, what does it want, may it, and the answer.

use std::time::SystemTime;

use bytes::Bytes;
use hyper::HeaderMap;

use crate::answer::Answer;
use crate::call::Call;
use crate::clock::to_millis;
use crate::cloud::Cloud;
use crate::encode::form_decode;
use crate::error::{ApiError, ApiResult};
use crate::front::identify::{Refusal, identify, refuse};
use crate::front::reply::{self, Reply};
use crate::front::sigv4::{Claim, Signed, claim};
use crate::front::{Service, fault, form};
use crate::identity::authorize::{Need, authorize};
use crate::input::Input;
use crate::weather::Strike;
use crate::{dynamodb, iam, lambda, logs, random, sts};

/// A request that has arrived whole.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Arrived {
    fn signed(&self) -> Signed<'_> {
        Signed {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Which service a request is for: whoever signed it says so; without that its form does.
pub(crate) fn service_of(
    path: &str,
    headers: &HeaderMap,
    claim: Option<&Claim>,
) -> Result<Service, String> {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    if let Some(claim) = claim {
        let service = Service::from_scope(&claim.service);
        return service.ok_or_else(|| claim.service.clone());
    }
    match target.and_then(|target| target.split_once('.')) {
        Some(("DynamoDB_20120810", _)) => Ok(Service::DynamoDb),
        Some(("Logs_20140328", _)) => Ok(Service::Logs),
        Some((other, _)) => Err(other.to_owned()),
        None if path.starts_with("/20") => Ok(Service::Lambda),
        None => Ok(Service::Iam),
    }
}

/// The connection is to end without an answer.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped by the weather")
    }
}

impl std::error::Error for Dropped {}

/// Why a request has no answer of its operation's own.
enum Unanswered {
    Refused(ApiError),
    Dropped,
}

impl From<ApiError> for Unanswered {
    fn from(error: ApiError) -> Unanswered {
        Unanswered::Refused(error)
    }
}

/// Answers a request. Called on a task of its own, so that a client who goes away leaves no half of
/// it undone.
pub(crate) async fn answer(cloud: Cloud, arrived: Arrived) -> Result<Reply, Dropped> {
    let request_id = random::uuid();
    let claimed = claim(&arrived.signed());
    let service = match service_of(&arrived.path, &arrived.headers, claimed.as_ref().ok()) {
        Ok(service) => service,
        Err(other) => {
            let error = ApiError::missing(&format!("the service {other}"));
            let is_form = arrived
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
            return Ok(reply::elsewhere(&other, is_form, &error, &request_id));
        }
    };
    if arrived.body.len() > service.body_limit() {
        return Ok(reply::error(service, &too_large(service), &request_id));
    }
    let answered = match claimed {
        Ok(claim) => serve(&cloud, service, &claim, &arrived, &request_id).await,
        Err(fault) => Err(refuse(service, Refusal::Fault(fault)).into()),
    };
    match answered {
        Ok((action, answer)) => Ok(reply::answer(service, &action, answer, &request_id)),
        Err(Unanswered::Refused(error)) => Ok(reply::error(service, &error, &request_id)),
        Err(Unanswered::Dropped) => Err(Dropped),
    }
}

pub(crate) fn too_large(service: Service) -> ApiError {
    let limit = service.body_limit();
    match service {
        Service::Lambda => ApiError::new(
            413,
            "RequestEntityTooLargeException",
            format!("Request must be smaller than {limit} bytes for the CreateFunction operation"),
        ),
        _ => ApiError::new(
            413,
            "RequestEntityTooLarge",
            format!("Request must be smaller than {limit} bytes"),
        ),
    }
}

async fn serve(
    cloud: &Cloud,
    service: Service,
    claim: &Claim,
    arrived: &Arrived,
    request_id: &str,
) -> Result<(String, Answer), Unanswered> {
    let state = cloud.store.read();
    let now = cloud.now();
    let clocks = [now, to_millis(SystemTime::now())];
    let caller = identify(&state, service, claim, &arrived.signed(), clocks)?;
    let call = Call {
        caller,
        region: checked_region(&claim.region)?,
        request_id: request_id.to_owned(),
        now,
    };
    let mut strike = None;
    let mut arrives = |action: &str, subject: &str| {
        cloud.counts.add(service.prefix(), action);
        strike = cloud
            .weather
            .strike(&format!("{}:{action}", service.prefix()), subject);
        match strike {
            None | Some(Strike::DroppedAfter) => Ok(()),
            Some(Strike::Throttled) => Err(fault::throttled(service).into()),
            Some(Strike::Failed) => Err(fault::failed(service).into()),
            Some(Strike::DroppedBefore) => Err(Unanswered::Dropped),
        }
    };
    let (action, answer) = match service {
        Service::DynamoDb => {
            let (action, input) = json_operation(arrived, "DynamoDB_20120810.")?;
            arrives(&action, &fault::subject(&input))?;
            let needs = dynamodb::needs(&state, &call, &action, &input);
            admit(cloud, service, &call, &needs)?;
            let members = dynamodb::handle(cloud, &call, &action, &input).await?;
            (action, Answer::ok(members))
        }
        Service::Logs => {
            let (action, input) = json_operation(arrived, "Logs_20140328.")?;
            arrives(&action, &fault::subject(&input))?;
            let needs = logs::needs(&state, &call, &action, &input);
            admit(cloud, service, &call, &needs)?;
            let members = logs::handle(cloud, &call, &action, &input).await?;
            (action, Answer::ok(members))
        }
        Service::Iam | Service::Sts => {
            let (action, input) = form_operation(arrived)?;
            arrives(&action, &fault::subject(&input))?;
            let needs = match service {
                Service::Iam => iam::needs(&state, &action, &input),
                _ => sts::needs(&action, &input),
            };
            admit(cloud, service, &call, &needs)?;
            let members = match service {
                Service::Iam => iam::handle(cloud, &call, &action, &input).await?,
                _ => sts::handle(cloud, &call, &action, &input)?,
            };
            (action, Answer::ok(members))
        }
        Service::Lambda => {
            let request = rest_operation(arrived)?;
            let action = request.route.action;
            arrives(action, &format!("{}?{}", arrived.path, arrived.query))?;
            let needs = lambda::needs(&state, &call, &request);
            admit(cloud, service, &call, &needs)?;
            let answer = lambda::handle(cloud, &call, &request).await?;
            (action.to_owned(), answer)
        }
    };
    match strike {
        Some(Strike::DroppedAfter) => Err(Unanswered::Dropped),
        _ => Ok((action, answer)),
    }
}

fn admit(cloud: &Cloud, service: Service, call: &Call, needs: &[Need]) -> ApiResult<()> {
    let (status, code) = match service {
        Service::DynamoDb | Service::Logs => (400, "AccessDeniedException"),
        Service::Lambda => (403, "AccessDeniedException"),
        Service::Iam | Service::Sts => (403, "AccessDenied"),
    };
    authorize(&cloud.store.read(), call, needs).map_err(|text| ApiError::new(status, code, text))
}

/// A region names a folder, so it may hold nothing else.
fn checked_region(region: &str) -> ApiResult<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=32).contains(&region.len()) && region.chars().all(fits) {
        return Ok(region.to_owned());
    }
    let text = format!("Credential should be scoped to a valid region, not '{region}'.");
    Err(ApiError::new(400, "InvalidSignatureException", text))
}

/// awsJson: the operation in a header, the members in the body.
fn json_operation(arrived: &Arrived, prefix: &str) -> ApiResult<(String, Input)> {
    let action = arrived
        .header("x-amz-target")
        .and_then(|target| target.strip_prefix(prefix));
    match action {
        Some(action) => Ok((action.to_owned(), Input::from_json(&arrived.body)?)),
        None => match arrived.header("x-amz-target") {
            // DynamoDB's streams have a target of their own.
            Some(target) => Err(ApiError::missing(target)),
            None => Err(ApiError::new(400, "UnknownOperationException", "")),
        },
    }
}

/// awsQuery: all in a form, in the body or (presigned) in the address.
fn form_operation(arrived: &Arrived) -> ApiResult<(String, Input)> {
    let form = match arrived.method.as_str() {
        "GET" => form::read(arrived.query.as_bytes())?,
        _ => form::read(&arrived.body)?,
    };
    let input = Input(form);
    match input.text("Action")? {
        Some(action) if action.chars().all(|c| c.is_ascii_alphanumeric()) && !action.is_empty() => {
            Ok((action.to_owned(), input))
        }
        _ => Err(ApiError::new(
            400,
            "InvalidAction",
            "Could not find operation",
        )),
    }
}

/// REST-JSON: the operation in the path.
fn rest_operation(arrived: &Arrived) -> ApiResult<lambda::Request> {
    let Some(route) = lambda::route(&arrived.method, &arrived.path) else {
        let (method, path) = (&arrived.method, &arrived.path);
        return Err(ApiError::missing(&format!("lambda: {method} {path}")));
    };
    let pairs = arrived.query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name), form_decode(value))
    });
    let input = match route.action {
        "Invoke" => Input::default(),
        _ => Input::from_json(&arrived.body)?,
    };
    Ok(lambda::Request {
        route,
        query: query.collect(),
        headers: arrived.headers.clone(),
        input,
        body: arrived.body.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Service, checked_region, service_of};
    use hyper::HeaderMap;

    #[test]
    fn an_unsigned_request_is_told_by_its_form() {
        let mut logs = HeaderMap::new();
        logs.insert(
            "x-amz-target",
            "Logs_20140328.PutLogEvents".parse().unwrap(),
        );
        let none = HeaderMap::new();
        assert_eq!(service_of("/", &logs, None), Ok(Service::Logs));
        assert_eq!(
            service_of("/2015-03-31/functions", &none, None),
            Ok(Service::Lambda)
        );
        assert_eq!(service_of("/", &none, None), Ok(Service::Iam));
    }

    #[test]
    fn a_region_is_no_path() {
        assert!(checked_region("eu-west-1").is_ok());
        for bad in ["", "..", "a/b", "../../etc", "EU", &"x".repeat(33)] {
            assert!(checked_region(bad).is_err(), "{bad}");
        }
    }
}
