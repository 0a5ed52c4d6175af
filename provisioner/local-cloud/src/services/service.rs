//! What a service is.

use std::pin::Pin;

use crate::api::answer::Answer;
use crate::api::error::{ApiError, ApiResult};
use crate::cloud::Cloud;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::protocol::{Operation, Protocol};
use crate::state::State;

/// One AWS service.
pub(crate) trait Service: Sync {
    /// Its name in credential scopes and before the actions of policies, such as `dynamodb`.
    fn name(&self) -> &'static str;

    fn protocol(&self) -> &'static dyn Protocol;

    /// The largest request body that it accepts, in bytes.
    fn body_limit(&self) -> usize;

    /// The error for a larger body.
    fn body_too_large(&self) -> ApiError {
        let limit = self.body_limit();
        let text = format!("Request must be smaller than {limit} bytes");
        ApiError::new(413, "RequestEntityTooLarge", text)
    }

    /// Whether an operation needs no signature.
    fn takes_unsigned(&self, _action: &str) -> bool {
        false
    }

    /// The error of an injected throttling.
    fn throttled(&self) -> ApiError;

    /// The error of an injected failure of the service.
    fn failed(&self) -> ApiError;

    /// The permissions that the caller of an operation must have.
    fn required_permissions(
        &self,
        state: &State,
        call: &Call,
        operation: &Operation,
    ) -> Vec<RequiredPermission>;

    /// Carries out an operation whose caller has the required permissions.
    fn handle<'a>(
        &'a self,
        cloud: &'a Cloud,
        call: &'a Call,
        operation: &'a Operation,
    ) -> Handling<'a>;
}

/// An operation being carried out.
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = ApiResult<Answer>> + Send + 'a>>;
