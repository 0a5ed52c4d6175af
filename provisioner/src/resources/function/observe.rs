//! Reads the function.

use std::rc::Rc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::{DateTime, DateTimeFormat};
use aws_sdk_lambda::types::FunctionConfiguration;

use super::deployed_at;
use super::facts::{condition, configuration_facts, last_update};
use super::fixed;
use super::spec::{CODE, CONCURRENCY, FunctionSpec, LAST_UPDATE, env_output};
use crate::aws::call::optional;
use crate::aws::error::CloudError;
use crate::engine::inputs::CREATED;
use crate::engine::observed::{Facts, Observed, ObservedState, Outputs, Ownership};
use crate::engine::resource::Resource;
use crate::resources::owner::Owner;
use crate::resources::role::TemporaryRole;

/// The output with the revision that was read: Lambda rejects an update based on an older one.
pub const REVISION: &str = "revision";

/// The declaration with the means to send its requests.
pub struct Function {
    pub spec: FunctionSpec,
    pub owner: Owner,
    pub client: Client,
    /// Read if Lambda cannot assume it, to find the cause.
    pub role: Rc<dyn Resource>,
    pub temporary_role: TemporaryRole,
}

impl Function {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let Some(function) = self.get().await? else {
            return Ok(Observed::Absent);
        };
        let doing = || format!("get {}", self.spec.id());
        let configuration = function
            .configuration()
            .ok_or_else(|| CloudError::incomplete(doing(), "Configuration"))?;
        let mut facts = configuration_facts(&self.spec, configuration);
        fixed::facts(configuration, &mut facts);
        facts.reported(CODE, configuration.code_sha256());
        let last_update = last_update(configuration);
        facts.reported(LAST_UPDATE, last_update.map(|update| update.to_string()));
        let concurrency = function
            .concurrency()
            .and_then(|concurrency| concurrency.reserved_concurrent_executions());
        if let Some(reserved) = concurrency {
            facts.is(CONCURRENCY, reserved.to_string());
        }
        let ownership = self.ownership(&function, &mut facts);
        let mut outputs = outputs(&function, configuration);
        outputs.extend(self.shown_variables(configuration));
        Ok(Observed::Present(ObservedState {
            ownership,
            condition: condition(configuration),
            facts,
            details: Vec::new(),
            outputs,
        }))
    }

    /// The values of the variables of `--show-env`.
    fn shown_variables(
        &self,
        configuration: &FunctionConfiguration,
    ) -> impl Iterator<Item = (String, String)> {
        let environment = configuration.environment();
        let variables = environment.and_then(|environment| environment.variables());
        let shown = self.spec.shown_env.iter();
        shown.filter_map(move |key| Some((env_output(key), variables?.get(key)?.clone())))
    }

    /// `GetFunction` has its own rate limit of 100 requests a second; all other control requests share 15.
    pub async fn get(&self) -> Result<Option<GetFunctionOutput>, CloudError> {
        let doing = format!("get {}", self.spec.id());
        let request = self.client.get_function().function_name(&self.spec.name);
        optional(doing, request.send()).await
    }

    pub fn ownership(&self, function: &GetFunctionOutput, facts: &mut Facts) -> Ownership {
        if let Some(error) = function.tags_error() {
            return Ownership::Unknown(format!("its tags could not be read: {}", error.message()));
        }
        let tags = function.tags().into_iter().flatten();
        let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
        self.owner.judge(tags, facts)
    }
}

fn outputs(function: &GetFunctionOutput, configuration: &FunctionConfiguration) -> Outputs {
    let revision = configuration.revision_id().map(str::to_owned);
    let revision = revision.map(|revision| (REVISION.to_owned(), revision));
    // Lambda reports no time of creation; the last change is the nearest.
    let created = configuration.last_modified().and_then(seconds);
    let created = created.map(|seconds| (CREATED.to_owned(), seconds.to_string()));
    let outputs = revision.into_iter().chain(created);
    outputs.chain(deployed_at::output(function)).collect()
}

/// Seconds since 1970 of a time in Lambda's form: `2026-11-22T15:43:00.123+0000`.
fn seconds(time: &str) -> Option<i64> {
    let time = format!("{}Z", time.get(..19)?);
    let time = DateTime::from_str(&time, DateTimeFormat::DateTime);
    time.ok().map(|time| time.secs())
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn lambdas_times_are_read() {
        assert_eq!(seconds("2026-11-22T15:43:00.123+0000"), Some(1_795_362_180));
        assert_eq!(seconds("yesterday"), None);
    }
}
