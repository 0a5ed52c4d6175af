//! The alias `live`: points at the newest version that took a real ride.
//!
//! Publish → ride → read the ride back → delete it → move `live` → prune.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::types::{FunctionConfiguration, State};
use futures::future::try_join;

use crate::cloud::error::CloudError;
use crate::cloud::retry::{absent_is_none, when_free};
use crate::error::Error;
use crate::resource::{
    Attribute, Condition, Context, Difference, Facts, Observed, Ownership, Resource, ResourceId,
    Seen, Step,
};
use crate::resources::alias::{LIVE, LiveAlias};
use crate::resources::code::{Code, Deployed};
use crate::resources::function::{self, FunctionSpec};
use crate::resources::proof::{Current, Digest, Proof, Record, Version};
use crate::resources::test_ride::TestRide;
use crate::wait::Look;

pub const KIND: &str = "release";
const LIMIT: Duration = Duration::from_secs(5 * 60);
/// Versions kept for `rollback`; never fewer than `live` and the one below it.
const KEPT_VERSIONS: usize = 5;

/// Lambda's limit for a description.
const LONGEST_DESCRIPTION: usize = 256;

/// What this run asks of the release.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    /// `--skip-test-ride`: for endpoints that can't run a zip.
    pub skip_test_ride: bool,
    /// `--forward`: go to the build that `live` was rolled back from.
    pub forward: bool,
}

pub struct Release {
    pub function: FunctionSpec,
    pub policy: Policy,
    pub alias: LiveAlias,
    pub code: Rc<Code>,
    pub ride: TestRide,
    /// All that a ride depends on; their declarations are what a proof is about.
    pub proves: Vec<Rc<dyn Resource>>,
    /// Waited for, beside what is proven.
    pub also_needs: Vec<ResourceId>,
    pub commit: Option<String>,
    seen: RefCell<Option<Alias>>,
}

#[derive(Clone, Debug)]
struct Alias {
    version: Option<Version>,
    revision: Option<String>,
    record: Record,
}

impl Release {
    #[expect(
        clippy::too_many_arguments,
        reason = "a struct literal with one private field"
    )]
    pub fn new(
        function: FunctionSpec,
        policy: Policy,
        alias: LiveAlias,
        code: Rc<Code>,
        ride: TestRide,
        proves: Vec<Rc<dyn Resource>>,
        also_needs: Vec<ResourceId>,
        commit: Option<String>,
    ) -> Release {
        let seen = RefCell::default();
        Release {
            function,
            policy,
            alias,
            code,
            ride,
            proves,
            also_needs,
            commit,
            seen,
        }
    }
}

#[async_trait(?Send)]
impl Resource for Release {
    fn id(&self) -> ResourceId {
        ResourceId::new(KIND, format!("{}:{LIVE}", self.function.name))
    }

    fn needs(&self) -> Vec<ResourceId> {
        let proven = self.proves.iter().map(|resource| resource.id());
        proven.chain(self.also_needs.iter().cloned()).collect()
    }

    fn desired(&self, context: &Context) -> Vec<Attribute> {
        let Some(sha256) = self.code.sha256() else {
            return ["serves", "proof", "test ride"]
                .map(Attribute::unknown)
                .into();
        };
        let digest = self.digest(context);
        let mut proof = Attribute::new("proof", digest.to_string());
        if let Some(left) = self.rolled_back_from() {
            let rolled_back = format!("`live` was rolled back from version {}", left.version);
            if left.digest == digest && !self.policy.forward {
                proof = proof.refuse(
                    format!("{rolled_back}, and this is the same build"),
                    "mend the code, or go to it again: `… --forward`",
                );
            }
            proof = proof.source(rolled_back);
        }
        let serves = serves(&sha256, &self.function.configuration());
        let mut attributes = vec![Attribute::new("serves", serves), proof];
        if !self.policy.skip_test_ride {
            attributes.push(Attribute::new("test ride", "taken"));
        } else {
            attributes.push(Attribute::unknown("test ride"));
        }
        attributes
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        let (alias, versions) = try_join(self.alias.get(), self.alias.versions()).await?;
        let Some(alias) = alias else {
            self.seen.replace(None);
            return Ok(Observed::Absent);
        };
        let version = alias.function_version().unwrap_or_default();
        let live = versions
            .iter()
            .find(|configuration| configuration.version() == Some(version));
        let record = Record::parse(alias.description().unwrap_or_default());

        let mut facts = Facts::default();
        if let Some(live) = live {
            facts.is("serves", self.served(live));
        }
        let current = record.current.as_ref();
        match current.filter(|current| current.proof.version.to_string() == version) {
            Some(Current { proof, skipped }) => {
                facts.is("proof", proof.digest.to_string());
                facts.is("test ride", if *skipped { "skipped" } else { "taken" });
            }
            None => facts.is("proof", format!("none of version {version}")),
        }
        let deployed = live.and_then(deployed);
        self.code.saw_live(deployed);
        let details = details(version, live);
        let revision = alias.revision_id().map(str::to_owned);
        self.seen.replace(Some(Alias {
            version: version.parse().ok(),
            revision,
            record,
        }));
        // An alias has no tags: it is whose the function is.
        let ownership = Ownership::Ours;

        Ok(Observed::Present(Seen {
            ownership,
            condition: Condition::Ready,
            facts,
            details,
        }))
    }

    async fn create(&self, step: &Step<'_>) -> Result<(), Error> {
        let version = self.publish(step).await?;
        if self.policy.skip_test_ride {
            step.wait.note(format!(
                "version {version} goes live without a test ride, as asked"
            ));
        } else {
            step.wait
                .note(format!("version {version} takes a test ride"));
            if let Err(error) = self.ride.take(&version.to_string(), step).await {
                // Ctrl-c says nothing about the version.
                if error.not_proven {
                    self.discard(version, step).await;
                }
                return Err(error);
            }
            step.wait.note(format!(
                "version {version} is proven: the ride was stored and read back"
            ));
        }
        self.move_alias(version, step).await?;
        self.prune(version, step).await
    }

    async fn update(&self, _differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.create(step).await
    }

    async fn delete(&self, step: &Step<'_>) -> Result<(), Error> {
        self.alias.delete(&step.wait).await
    }

    fn arn(&self, context: &Context) -> String {
        let Context {
            partition,
            account,
            region,
            ..
        } = context;
        let name = &self.function.name;
        format!("arn:{partition}:lambda:{region}:{account}:function:{name}:{LIVE}")
    }
}

impl Release {
    /// Over the declarations, not over what was seen: a proof holds for what was declared.
    /// Tags have no part in a ride, but for the one that tells which role a version was given.
    fn digest(&self, context: &Context) -> Digest {
        let declared = self
            .proves
            .iter()
            .flat_map(|resource| resource.desired(context));
        let declared: Vec<Attribute> = declared
            .filter(|attribute| {
                !attribute.name.starts_with("tag ") || function::is_role_id(&attribute.name)
            })
            .collect();
        Digest::over(declared.iter())
    }

    fn rolled_back_from(&self) -> Option<Proof> {
        self.seen.borrow().as_ref()?.record.rolled_back_from.clone()
    }

    fn served(&self, live: &FunctionConfiguration) -> String {
        let facts = self.function.configuration_facts(live);
        // In the declared order, so that equal ones hash equal; what an endpoint doesn't report
        // counts as declared.
        let declared = self.function.configuration();
        let declared = declared
            .into_iter()
            .map(|attribute| match facts.get(&attribute.name) {
                Some(crate::resource::Fact::NotReported) => attribute,
                _ => Attribute {
                    value: facts.value(&attribute.name).map(str::to_owned),
                    ..attribute
                },
            });
        let mut attributes: Vec<Attribute> = declared.collect();
        for (name, _) in facts.iter() {
            if !attributes.iter().any(|attribute| attribute.name == name) {
                attributes.push(Attribute::new(name, facts.value(name).unwrap_or_default()));
            }
        }
        serves(live.code_sha256().unwrap_or_default(), &attributes)
    }

    /// No new version where neither code nor configuration changed since the last one.
    async fn publish(&self, step: &Step<'_>) -> Result<Version, Error> {
        let doing = format!("publish a version of {}", self.function.name);
        let description = self.version_description(step.context);
        let version = when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .alias
                .client
                .publish_version()
                .function_name(&self.function.name)
                .set_code_sha256(self.code.sha256())
                .description(&description);
            let answer = request.send().await.map_err(CloudError::of(&doing))?;
            let version = answer.version().and_then(|version| version.parse().ok());
            version.ok_or_else(|| CloudError::incomplete(&doing, "Version"))
        })
        .await?;
        self.until_active(version, step).await?;
        Ok(version)
    }

    async fn until_active(&self, version: Version, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("get version {version} of {}", self.function.name);
        step.wait
            .until(&format!("wait for version {version}"), LIMIT, async || {
                let request = self
                    .alias
                    .client
                    .get_function()
                    .function_name(&self.function.name);
                let request = request.qualifier(version.to_string());
                let answer = request.send().await.map_err(CloudError::of(&doing));
                let state = absent_is_none(answer)?
                    .and_then(|answer| answer.configuration)
                    .map(|configuration| configuration.state);
                Ok(match state {
                    None => Look::NotYet("not visible yet".to_owned()),
                    Some(Some(State::Pending)) => Look::NotYet("Pending".to_owned()),
                    Some(_) => Look::Ready(()),
                })
            })
            .await
    }

    /// Told to people and read back by `same source`; all but the fingerprint is never compared.
    fn version_description(&self, context: &Context) -> String {
        let source = self.code.source().map(|source| format!("source={source}"));
        let commit = self
            .commit
            .as_ref()
            .map(|commit| format!("commit={commit}"));
        let by = Some(format!("by={}", context.caller));
        let parts: Vec<String> = [source, commit, by].into_iter().flatten().collect();
        let description = parts.join(" ");
        description.chars().take(LONGEST_DESCRIPTION).collect()
    }

    async fn move_alias(&self, version: Version, step: &Step<'_>) -> Result<(), Error> {
        let seen = self.seen.borrow().clone();
        let digest = self.digest(step.context);
        let proof = Proof { version, digest };
        let before = seen
            .as_ref()
            .map(|alias| alias.record.clone())
            .unwrap_or_default();
        let record = before.then(Current {
            proof,
            skipped: self.policy.skip_test_ride,
        });
        let revision = seen.and_then(|alias| alias.revision);
        self.alias
            .point(version, &record, revision.as_deref(), &step.wait)
            .await?;
        step.wait
            .note(format!("`{LIVE}` points at version {version}"));
        Ok(())
    }

    /// Deletes a version that failed its ride, unless it was there before this run.
    async fn discard(&self, version: Version, step: &Step<'_>) {
        let seen = self.seen.borrow().clone();
        let kept = seen.is_some_and(|alias| {
            alias.version == Some(version)
                || alias.record.proven().any(|proof| proof.version == version)
        });
        if kept {
            return;
        }
        match self.alias.delete_version(version).await {
            Ok(()) => step
                .wait
                .note(format!("deleted version {version}: it failed its ride")),
            Err(error) => step
                .wait
                .note(format!("left version {version} behind: {error}")),
        }
    }

    async fn prune(&self, live: Version, step: &Step<'_>) -> Result<(), Error> {
        let numbers = self.alias.numbers().await?;
        for version in prunable(&numbers, live) {
            match self.alias.delete_version(version).await {
                Ok(()) => step.wait.note(format!("pruned version {version}")),
                // Somebody's alias points at it.
                Err(error) => step.wait.note(format!("kept version {version}: {error}")),
            }
        }
        Ok(())
    }
}

/// All but the newest few; never `live` nor the version below it. Takes the versions in order.
fn prunable(versions: &[Version], live: Version) -> Vec<Version> {
    let below = versions.iter().rev().find(|version| **version < live);
    let old = versions.len().saturating_sub(KEPT_VERSIONS);
    let old = versions[..old].iter();
    old.filter(|version| **version != live && Some(*version) != below)
        .copied()
        .collect()
}

fn serves(sha256: &str, configuration: &[Attribute]) -> String {
    let code: String = sha256.chars().take(10).collect();
    format!(
        "code {code}, configuration {}",
        Digest::over(configuration.iter())
    )
}

/// The live version and what its description says of where it came from.
fn details(version: &str, live: Option<&FunctionConfiguration>) -> Vec<(&'static str, String)> {
    let mut details = vec![("version", version.to_owned())];
    let description = live.and_then(|live| live.description()).unwrap_or_default();
    for key in ["source", "commit", "by"] {
        let value = description.split(' ').find_map(|part| {
            part.strip_prefix(key)
                .and_then(|rest| rest.strip_prefix('='))
        });
        details.extend(value.map(|value| (key, value.to_owned())));
    }
    details
}

fn deployed(live: &FunctionConfiguration) -> Option<Deployed> {
    let description = live.description().unwrap_or_default();
    let source = description
        .split(' ')
        .find_map(|part| part.strip_prefix("source="));
    Some(Deployed {
        sha256: live.code_sha256()?.to_owned(),
        source: source.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::prunable;

    #[test]
    fn the_newest_live_and_the_one_below_it_are_kept() {
        let check = |versions: &[u64], live, expected: &[u64]| {
            assert_eq!(prunable(versions, live), expected, "{versions:?} {live}");
        };
        check(&[1, 2, 3, 4, 5], 5, &[]);
        check(&[1, 2, 3, 4, 5, 6], 6, &[1]);
        check(&[1, 2, 3, 4, 5, 6, 7], 2, &[]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8], 3, &[1]);
        check(&[], 1, &[]);
    }
}
