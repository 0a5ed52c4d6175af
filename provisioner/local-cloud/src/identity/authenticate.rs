//! Authentication: which principal signed a request.

use crate::clock::Millis;
use crate::identity::caller::Caller;
use crate::identity::canonical::Signed;
use crate::identity::sigv4::{Claim, SignatureError};
use crate::state::State;
use crate::state::keys::{Credentials, Session};

/// Why a request is not authenticated. Each protocol has its own error code for each case.
#[derive(Debug)]
pub(crate) enum AuthenticationError {
    Signature(SignatureError),
    UnknownKey,
    Expired,
}

/// Verifies the claim and returns the caller that it names.
pub(crate) fn authenticate(
    state: &State,
    claim: &Claim,
    request: &Signed<'_>,
    clocks: [Millis; 2],
) -> Result<Caller, AuthenticationError> {
    let (caller, keys) = match &claim.token {
        Some(token) => {
            let opened = state.keys.open(token);
            let (session, keys) = opened.ok_or(AuthenticationError::UnknownKey)?;
            if session.expires() <= clocks[0] {
                return Err(AuthenticationError::Expired);
            }
            let caller = session_caller(state, session);
            (caller.ok_or(AuthenticationError::UnknownKey)?, keys)
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
        return Err(AuthenticationError::UnknownKey);
    }
    claim
        .is_fresh(clocks)
        .map_err(AuthenticationError::Signature)?;
    let verified = claim.verify(&secret_access_key, request);
    verified.map_err(AuthenticationError::Signature)?;
    Ok(caller)
}

/// The caller of a session. `None` once the role of the session is deleted.
fn session_caller(state: &State, session: Session) -> Option<Caller> {
    if let Session::Role { role, role_id, .. } = &session {
        state.iam.role(role).filter(|role| role.id == *role_id)?;
    }
    Some(Caller::of(&session))
}
