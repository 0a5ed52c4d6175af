//! Reads the version that `live` points at, and the record in its description.

use aws_sdk_lambda::operation::get_alias::GetAliasOutput;
use aws_sdk_lambda::types::FunctionConfiguration;
use futures::future::try_join;

use super::alias::LiveAlias;
use super::history::described;
use super::proof::{Current, Record};
use super::spec::{
    ONE_VERSION, PASSED, PROOF, RECORD, REVISION, ReleaseSpec, SERVES, SERVING, SKIPPED, TEST_RIDE,
    TRAFFIC, VERSION, serves,
};
use super::test_ride::TestRide;
use crate::aws::error::CloudError;
use crate::engine::attribute::Attribute;
use crate::engine::observed::{
    Condition, Fact, Facts, Observed, ObservedState, Outputs, Ownership,
};
use crate::resources::function::code::{LIVE_CODE, LIVE_SOURCE};
use crate::resources::function::{FunctionSpec, configuration_facts};

/// The declaration with the means to send its requests.
pub struct Release {
    pub spec: ReleaseSpec,
    pub alias: LiveAlias,
    pub ride: TestRide,
}

impl Release {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let (alias, versions) = try_join(self.alias.get(), self.alias.versions()).await?;
        let Some(alias) = alias else {
            return Ok(Observed::Absent);
        };
        let version = alias.function_version().unwrap_or_default();
        let description = alias.description().unwrap_or_default();
        let live = versions
            .iter()
            .find(|configuration| configuration.version() == Some(version));
        let mut outputs = outputs_of(live);
        outputs.insert(VERSION.to_owned(), version.to_owned());
        let shares = shares(&alias);
        let serving = shares.iter().map(|(version, _)| *version).chain([version]);
        outputs.insert(SERVING.to_owned(), serving.collect::<Vec<_>>().join(" "));
        outputs.insert(RECORD.to_owned(), description.to_owned());
        let mut facts = facts(&self.spec.function, version, description, live);
        if let Some(live) = live {
            outputs.extend(configuration(&self.spec.function, live));
        }
        facts.is(TRAFFIC, traffic(&shares));
        let revision = alias.revision_id().map(str::to_owned);
        outputs.extend(revision.map(|revision| (REVISION.to_owned(), revision)));
        Ok(Observed::Present(ObservedState {
            // An alias has no tags: it belongs to its function.
            ownership: Ownership::Managed,
            condition: condition(version, live),
            facts,
            details: details(version, live),
            outputs,
        }))
    }
}

/// The versions beside the one that the alias points at, with their shares of the requests.
fn shares(alias: &GetAliasOutput) -> Vec<(&str, f64)> {
    let routing = alias.routing_config();
    let weights = routing.and_then(|routing| routing.additional_version_weights());
    let weights = weights.into_iter().flatten();
    weights
        .filter(|(_, share)| **share > 0.0)
        .map(|(version, share)| (version.as_str(), *share))
        .collect()
}

fn traffic(shares: &[(&str, f64)]) -> String {
    let shares = shares
        .iter()
        .map(|(version, share)| format!("{:.1} % to version {version}", share * 100.0));
    let shares: Vec<String> = shares.collect();
    match shares.is_empty() {
        true => ONE_VERSION.to_owned(),
        false => shares.join(", "),
    }
}

/// A version that an alias points at cannot be deleted, so one that is not listed is new.
fn condition(version: &str, live: Option<&FunctionConfiguration>) -> Condition {
    match live {
        Some(_) => Condition::Ready,
        None => Condition::Settling(format!("version {version} is not listed yet")),
    }
}

/// Whether the live version passed its test ride.
pub fn is_proven(release: &ObservedState) -> bool {
    release.facts.value(&TEST_RIDE.into()) == Some(PASSED)
}

fn facts(
    function: &FunctionSpec,
    version: &str,
    description: &str,
    live: Option<&FunctionConfiguration>,
) -> Facts {
    let mut facts = Facts::default();
    if let Some(live) = live {
        facts.is(SERVES, served(function, live));
    }
    let current = Record::parse(description).current;
    match current.filter(|current| current.proof.version.to_string() == version) {
        Some(Current { proof, skipped }) => {
            facts.is(PROOF, proof.digest.to_string());
            facts.is(TEST_RIDE, if skipped { SKIPPED } else { PASSED });
        }
        None => facts.is(
            PROOF,
            format!("no test ride recorded for version {version}"),
        ),
    }
    facts
}

/// The served code and configuration, in the declared order so that equal ones have equal hashes. Attributes
/// that an endpoint does not report count as declared.
fn served(function: &FunctionSpec, live: &FunctionConfiguration) -> String {
    let facts = configuration_facts(function, live);
    let value = |attribute: &Attribute| facts.value(&attribute.name).map(Into::into);
    let declared = function.configuration().into_iter();
    let declared = declared.map(|attribute| match facts.get(&attribute.name) {
        Some(Fact::NotReported) => attribute,
        _ => Attribute {
            value: value(&attribute),
            ..attribute
        },
    });
    let mut attributes: Vec<Attribute> = declared.collect();
    for (name, fact) in facts.iter() {
        // A part that stays is served too: the version would differ from the declared one for ever.
        let stays = matches!(fact, Fact::Part(_)) && !function.drops(name);
        if !stays && !attributes.iter().any(|attribute| attribute.name == *name) {
            let value = facts.value(name).unwrap_or_default();
            attributes.push(Attribute::new(name.clone(), value));
        }
    }
    serves(live.code_sha256().unwrap_or_default(), &attributes)
}

/// The outputs that the function's declaration uses.
fn outputs_of(live: Option<&FunctionConfiguration>) -> Outputs {
    let source = live.and_then(|live| described(live, "source"));
    let code = live.and_then(|live| live.code_sha256());
    [(LIVE_CODE, code), (LIVE_SOURCE, source)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect()
}

/// Outputs with the configuration of the live version begin with this.
const LIVE: &str = "live ";

fn configuration(function: &FunctionSpec, live: &FunctionConfiguration) -> Outputs {
    let facts = configuration_facts(function, live);
    let names = facts.iter().map(|(name, _)| name);
    names
        .filter_map(|name| Some((format!("{LIVE}{name}"), facts.value(name)?.to_owned())))
        .collect()
}

/// The attributes of the live version, by their names.
pub fn live_configuration(release: &ObservedState) -> impl Iterator<Item = (String, &str)> {
    let outputs = release.outputs.iter();
    outputs.filter_map(|(name, value)| Some((name.strip_prefix(LIVE)?.to_owned(), value.as_str())))
}

/// The live version and its origin, from its description.
fn details(version: &str, live: Option<&FunctionConfiguration>) -> Vec<(&'static str, String)> {
    let mut details = vec![("version", version.to_owned())];
    for key in ["source", "commit", "by"] {
        let value = live.and_then(|live| described(live, key));
        details.extend(value.map(|value| (key, value.to_owned())));
    }
    details
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{FunctionConfiguration, VpcConfigResponse};

    use super::served;
    use crate::artifact::Arch;
    use crate::stack::declaration::Stack;
    use crate::stack::stage::Stage;

    /// A part that stays is published with each version, so it must not count as a difference.
    #[test]
    fn a_part_of_the_function_counts_only_if_it_is_to_be_deleted() {
        let stage = Stage::parse("default").expect("a stage");
        let mut function = Stack::for_stage(&stage, Arch::X86_64).function;
        let version = |vpc: Option<VpcConfigResponse>| {
            FunctionConfiguration::builder().set_vpc_config(vpc).build()
        };
        let vpc = VpcConfigResponse::builder().subnet_ids("subnet-1").build();
        let (plain, within) = (version(None), version(Some(vpc)));
        assert_eq!(served(&function, &within), served(&function, &plain));
        function.dropped = vec!["vpc".to_owned()];
        assert_ne!(served(&function, &within), served(&function, &plain));
    }
}
