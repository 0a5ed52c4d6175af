//! Publishes versions, and deletes those that are not needed any more.

use super::alias::Before;
use super::observe::Release;
use super::proof::{Current, Proof, Version};
use super::spec::{REVISION, SERVING};
use crate::aws::error::CloudError;
use crate::engine::inputs::Age;
use crate::engine::resource::Step;
use crate::error::Error;
use crate::resources::function;
use crate::resources::function::publish::NewVersion;
use crate::stack::names::LIVE;

/// Lambda's limit for a description.
const LONGEST_DESCRIPTION: usize = 256;

impl Release {
    /// Publishes a version. Returns the existing one if neither code nor configuration has changed since.
    pub async fn publish(&self, step: &Step<'_>) -> Result<Version, Error> {
        let name = &self.spec.function.name;
        let doing = format!("publish a version of {name}");
        let code = self.spec.function.wanted_code(&step.inputs);
        let version = NewVersion {
            client: &self.alias.client,
            function: name,
            function_age: step.age(&self.spec.function.id()),
            what: doing.clone(),
            description: self.version_description(step).await,
            code_sha256: code.map(|code| code.sha256),
            latest_description: function::description(&self.spec.function, &step.inputs),
        };
        let version = version.publish(step).await?.parse();
        Ok(version.map_err(|_| CloudError::incomplete(doing, "Version"))?)
    }

    /// The version's description, for users. Only the source fingerprint in it is ever compared.
    async fn version_description(&self, step: &Step<'_>) -> String {
        let code = self.spec.function.wanted_code(&step.inputs);
        let source = code.and_then(|code| code.source);
        let source = source.map(|source| format!("source={source}"));
        let commit = match &self.spec.commit {
            Some(commit) => Some(format!("commit={}", commit.describe().await)),
            None => None,
        };
        let by = Some(format!("by={}", step.context().caller));
        let parts: Vec<String> = [source, commit, by].into_iter().flatten().collect();
        let description = parts.join(" ");
        description.chars().take(LONGEST_DESCRIPTION).collect()
    }

    pub async fn move_alias(&self, version: Version, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("point {} at version {version}", self.alias);
        let digest = self.spec.digest(&step.inputs);
        let digest = digest.ok_or_else(|| CloudError::incomplete(doing, "RoleId"))?;
        let record = self.spec.record(&step.inputs).then(Current {
            proof: Proof { version, digest },
            skipped: self.spec.options.skip_test_ride,
        });
        let revision = step.inputs.output(&self.spec.id(), REVISION);
        let before = match step.inputs.state(&self.spec.id()) {
            None => Before::Absent,
            Some(_) => Before::Found {
                revision: revision.known(),
            },
        };
        self.alias
            .point((version, Age::New), &record, before, &step.wait)
            .await?;
        step.wait
            .note(format!("`{LIVE}` points at version {version}"));
        Ok(())
    }

    /// Deletes a version whose test ride failed, unless it existed before this run.
    pub async fn discard(&self, version: Version, step: &Step<'_>) {
        let record = self.spec.record(&step.inputs);
        let was_proven = record.proven().any(|proof| proof.version == version);
        if self.served_before(step).contains(&version) || was_proven {
            return;
        }
        match self.alias.delete_version(version).await {
            Ok(()) => step
                .wait
                .note(format!("deleted version {version}: its test ride failed")),
            Err(error) => step.wait.note(format!(
                "could not delete version {version}: {}",
                error.into_cause()
            )),
        }
    }

    /// The versions of which old ones are deleted, in ascending order: none if this run created the function.
    pub async fn versions(&self, step: &Step<'_>) -> Result<Vec<Version>, CloudError> {
        match step.inputs.state(&self.spec.function.id()) {
            None => Ok(Vec::new()),
            Some(_) => self.alias.numbers().await,
        }
    }

    /// Deletes all versions but the newest ones. `versions` are in ascending order.
    pub async fn prune(&self, versions: &[Version], live: Version, step: &Step<'_>) {
        let kept = self.spec.kept_versions;
        for version in prunable(versions, live, &self.served_before(step), kept) {
            match self.alias.delete_version(version).await {
                Ok(()) => step.wait.note(format!(
                    "deleted version {version}: only {kept} versions are kept"
                )),
                // Another alias points at it.
                Err(error) => step.wait.note(format!(
                    "could not delete version {version}: {}",
                    error.into_cause()
                )),
            }
        }
    }

    /// The versions to which `live` sent requests when the run began.
    fn served_before(&self, step: &Step<'_>) -> Vec<Version> {
        let serving = step.inputs.output(&self.spec.id(), SERVING);
        let serving = serving.known().unwrap_or_default().split(' ');
        serving.filter_map(|version| version.parse().ok()).collect()
    }
}

/// All versions but the newest `kept`; never `live`, the version below it, or those that served when the run
/// began, to which callers may still be routed. `versions` are in ascending order.
fn prunable(
    versions: &[Version],
    live: Version,
    served_before: &[Version],
    kept: usize,
) -> Vec<Version> {
    let below = versions.iter().rev().find(|version| **version < live);
    let is_needed = |version: &Version| {
        *version == live || Some(version) == below || served_before.contains(version)
    };
    let old = versions.len().saturating_sub(kept);
    let old = versions[..old].iter().copied();
    old.filter(|version| !is_needed(version)).collect()
}

#[cfg(test)]
mod tests {
    use super::prunable;

    #[test]
    fn the_newest_live_and_the_one_below_it_are_kept() {
        let check = |versions: &[u64], live, expected: &[u64]| {
            assert_eq!(
                prunable(versions, live, &[], 5),
                expected,
                "{versions:?} {live}"
            );
        };
        check(&[1, 2, 3, 4, 5], 5, &[]);
        check(&[1, 2, 3, 4, 5, 6], 6, &[1]);
        check(&[1, 2, 3, 4, 5, 6, 7], 2, &[]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8], 3, &[1]);
        check(&[], 1, &[]);
    }

    #[test]
    fn the_versions_that_served_when_the_run_began_are_kept() {
        assert!(prunable(&[1, 2, 3, 4, 5, 6], 6, &[1], 5).is_empty());
        assert_eq!(prunable(&[1, 2, 3, 4, 5, 6, 7], 7, &[2], 5), [1]);
    }
}
