//! A test ride for which Lambda could not decrypt the environment variables.

use crate::aws::call::Call;
use crate::aws::error::CloudError;
use crate::engine::attribute::Name;
use crate::engine::attribute::TAG;
use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;
use crate::engine::resource::Step;
use crate::resources::{function, role};

use super::test_ride::{LIMIT, TestRide};

impl TestRide {
    /// Whether the error may be over soon. A grant that this run has created or renewed may not be in force
    /// everywhere.
    pub fn is_transient(&self, inputs: &Inputs<'_>) -> fn(&CloudError) -> bool {
        let function = inputs.state(&ResourceId::new(function::KIND, &self.function));
        let tag = Name::entry(TAG, function::ROLE_ID);
        let assigned = function.and_then(|state| state.facts.value(&tag));
        let role_id = inputs.output(&self.role.id(), role::ID);
        if assigned == role_id.known() {
            CloudError::is_transient
        } else {
            |error| error.is_transient() || error.is_about_the_key()
        }
    }

    /// Writes into the function's tag that its role cannot decrypt the environment, so that the next `up`
    /// assigns the role again.
    pub async fn record_denied_key(&self, version: &str, step: &Step<'_>) {
        let name = &self.function;
        let request = self.lambda.tag_resource();
        let request = request
            .resource(function::arn(name, step.context()))
            .tags(function::ROLE_ID, function::denied_to(version));
        let call = Call::new(&step.wait, format!("tag function {name}"), LIMIT);
        let note = match call.send(|| request.clone().send()).await {
            Ok(_) => "the next `up` assigns the role to the function again".to_owned(),
            // The ride's own error is the one to report.
            Err(error) => format!("could not record that the key was denied: {error}"),
        };
        step.wait.note(note);
    }
}
