//! GetFederationToken: credentials with one policy.

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::identity::caller::Caller;
use crate::services::sts::check::{has_session_tags, seconds, session_name, session_policy, shown};
use crate::state::keys::Session;

pub(crate) fn get_federation_token(cloud: &Cloud, call: &Call, input: &Input) -> ApiResult<Value> {
    if !matches!(call.caller, Caller::Owner { .. }) {
        let text = "Cannot call GetFederationToken with session credentials";
        return Err(ApiError::new(403, "AccessDenied", text));
    }
    let name = session_name(input, "Name", "name")?;
    let seconds = seconds(input, 43_200, 129_600)?;
    has_session_tags(input)?;
    let session = Session::Federated {
        name: name.clone(),
        policy: session_policy(input)?,
        issued: call.now,
        expires: call.now + seconds * 1000,
    };
    let credentials = cloud.store.read().keys.seal(&session);
    Ok(json!({
        "Credentials": shown(&credentials),
        "FederatedUser": {
            "FederatedUserId": format!("{ACCOUNT}:{name}"),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}"),
        },
    }))
}
