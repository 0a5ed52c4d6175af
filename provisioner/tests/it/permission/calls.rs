//! The calls around the permission.

use std::time::Duration;

use aws_sdk_lambda::Client;
use provisioner::aws::call::{Call, optional};
use provisioner::aws::error::{CloudError, CloudErrorKind};
use provisioner::engine::attribute::Name;
use provisioner::engine::observed::{
    Condition, Facts, Observed, ObservedState, Outputs, Ownership,
};
use provisioner::engine::resource::Step;
use provisioner::error::Error;
use provisioner::stack::names::LIVE;
use serde_json::Value;

use super::spec::{ACTION, CONDITION, PRINCIPAL, PermissionSpec};

/// Another change of the function ends within seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// The declaration with what its calls need.
pub struct Permission {
    pub spec: PermissionSpec,
    pub client: Client,
}

impl Permission {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let Some(statement) = self.statement().await? else {
            return Ok(Observed::Absent);
        };
        Ok(Observed::Present(ObservedState {
            // A statement has no tags: it belongs to its function.
            ownership: Ownership::Managed,
            condition: Condition::Ready,
            facts: facts(&statement),
            details: Vec::new(),
            outputs: Outputs::default(),
        }))
    }

    /// `GetPolicy` answers "not found" for a missing function, alias and policy alike.
    async fn statement(&self) -> Result<Option<Value>, CloudError> {
        let doing = format!("get the policy of {}:{LIVE}", self.spec.function);
        let request = self.client.get_policy().function_name(&self.spec.function);
        let Some(answer) = optional(&*doing, request.qualifier(LIVE).send()).await? else {
            return Ok(None);
        };
        let incomplete = |_| CloudError::incomplete(doing, "Policy");
        let policy = answer.policy.unwrap_or_default();
        let policy: Value = serde_json::from_str(&policy).map_err(incomplete)?;
        let mut statements = policy["Statement"].as_array().into_iter().flatten();
        let statement = statements.find(|one| one["Sid"] == self.spec.statement_id);
        Ok(statement.cloned())
    }

    pub async fn add(&self, step: &Step<'_>) -> Result<(), Error> {
        let request = self.client.add_permission();
        let request = request
            .function_name(&self.spec.function)
            .qualifier(LIVE)
            .statement_id(self.spec.statement_id)
            .principal(self.spec.principal)
            .action(self.spec.action)
            .source_arn(self.spec.source_arn(step.context()));
        let call = Call::new(&step.wait, format!("create {}", self.spec.id()), LIMIT);
        call.attempt(async || match call.read(request.clone().send()).await {
            // The response to our own call was lost, or another process was faster: `verify` compares
            // the statement with the declaration.
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(()),
            result => result.map(drop),
        })
        .await
    }

    pub async fn remove(&self, step: &Step<'_>) -> Result<(), Error> {
        let request = self.client.remove_permission();
        let request = request
            .function_name(&self.spec.function)
            .qualifier(LIVE)
            .statement_id(self.spec.statement_id);
        let call = Call::new(&step.wait, format!("delete {}", self.spec.id()), LIMIT);
        call.ignore_not_found(|| request.clone().send()).await
    }
}

fn facts(statement: &Value) -> Facts {
    let mut facts = Facts::default();
    facts.is(PRINCIPAL, text(&statement["Principal"]["Service"]));
    facts.is(ACTION, text(&statement["Action"]));
    let operators = statement["Condition"].as_object().into_iter().flatten();
    for (operator, keys) in operators {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let name = Name::entry(CONDITION, format!("{operator} {key}"));
            facts.is(name, text(value));
        }
    }
    facts
}

/// A string as it is, anything else as JSON.
fn text(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}
