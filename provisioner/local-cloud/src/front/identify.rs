//! Who signed a request, with the refusals of each service.

use crate::clock::Millis;
use crate::error::ApiError;
use crate::front::Service;
use crate::front::sigv4::{Claim, Fault, Signed};
use crate::identity::caller::Caller;
use crate::identity::session::{Credentials, Session};
use crate::state::State;

/// Checks the claim and answers the caller it stands for.
pub(crate) fn identify(
    state: &State,
    service: Service,
    claim: &Claim,
    request: &Signed<'_>,
    clocks: [Millis; 2],
) -> Result<Caller, ApiError> {
    let unknown = || refuse(service, Refusal::UnknownKey);
    let (caller, keys) = match &claim.token {
        Some(token) => {
            let (session, keys) = state.keys.open(token).ok_or_else(unknown)?;
            if session.expires() <= clocks[0] {
                return Err(refuse(service, Refusal::Expired));
            }
            (session_caller(state, session).ok_or_else(unknown)?, keys)
        }
        None => {
            let user_id = state.keys.user_id.clone();
            (Caller::Owner { user_id }, state.keys.owner())
        }
    };
    let Credentials {
        access_key_id,
        secret_access_key,
        ..
    } = keys;
    if access_key_id != claim.access_key_id {
        return Err(unknown());
    }
    claim
        .is_fresh(clocks)
        .map_err(|fault| refuse(service, Refusal::Fault(fault)))?;
    let verified = claim.verify(&secret_access_key, request);
    verified.map_err(|fault| refuse(service, Refusal::Fault(fault)))?;
    Ok(caller)
}

/// A session of a role ends with the role.
fn session_caller(state: &State, session: Session) -> Option<Caller> {
    if let Session::Role { role, role_id, .. } = &session {
        state.iam.role(role).filter(|role| role.id == *role_id)?;
    }
    Some(Caller::of(&session))
}

#[derive(Debug)]
pub(crate) enum Refusal {
    Fault(Fault),
    UnknownKey,
    Expired,
}

/// IAM and STS have codes of their own, and none of the five has the same status for all.
pub(crate) fn refuse(service: Service, refusal: Refusal) -> ApiError {
    let is_query = matches!(service, Service::Iam | Service::Sts);
    let status = match service {
        Service::DynamoDb | Service::Logs => 400,
        Service::Iam | Service::Sts | Service::Lambda => 403,
    };
    let of = |query: &'static str, other: &'static str| if is_query { query } else { other };
    match refusal {
        Refusal::Fault(Fault::Missing) => ApiError::new(
            status,
            of(
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
            ),
            if service == Service::Lambda {
                "Missing Authentication Token"
            } else {
                "Request is missing Authentication Token"
            },
        ),
        Refusal::Fault(Fault::Incomplete(text)) => ApiError::new(
            if is_query { 400 } else { status },
            of("IncompleteSignature", "IncompleteSignatureException"),
            text,
        ),
        Refusal::Fault(Fault::Mismatch) => ApiError::new(
            status,
            of("SignatureDoesNotMatch", "InvalidSignatureException"),
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        ),
        Refusal::Fault(Fault::Stale(text)) => ApiError::new(
            status,
            of("SignatureDoesNotMatch", "InvalidSignatureException"),
            text,
        ),
        Refusal::UnknownKey => ApiError::new(
            status,
            of("InvalidClientTokenId", "UnrecognizedClientException"),
            "The security token included in the request is invalid.",
        ),
        Refusal::Expired => ApiError::new(
            status,
            of("ExpiredToken", "ExpiredTokenException"),
            "The security token included in the request is expired",
        ),
    }
}
