//! What counts in a run: the settings and policies of the workspace as they are on disk, or what is embedded outside
//! of one.

use std::path::{Path, PathBuf};

use super::declaration::{Stack, defaults};
use super::stage::Stage;
use super::values::Values;
use crate::artifact::Arch;
use crate::error::Error;
use crate::policy::{FileFault, RolePolicies};
use crate::settings::{Layer, Manifest};

#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// Its root, if there is one.
    workspace: Option<PathBuf>,
    manifest: Manifest,
    /// `policies/` of the workspace.
    pub policies: Option<PathBuf>,
}

impl Declaration {
    /// Reads the settings. Policies are read when a stack needs them.
    pub fn of(workspace: Option<&Path>) -> Result<Declaration, Error> {
        let Some(workspace) = workspace else {
            return Ok(Declaration::default());
        };
        Ok(Declaration {
            workspace: Some(workspace.to_owned()),
            manifest: Manifest::read(&workspace.join("Cargo.toml"))?,
            policies: RolePolicies::folder(workspace),
        })
    }

    /// What may be wrong with the policies that count. Fails if IAM would refuse one: it would say so only when half
    /// of the plan is done, and an action that does not exist it accepts.
    pub fn policy_doubts(&self) -> Result<Vec<String>, Error> {
        let mut doubts = RolePolicies::doubts(self.policies.as_deref())?;
        if let (Some(workspace), None) = (&self.workspace, &self.policies) {
            let workspace = workspace.display();
            doubts.push(format!(
                "`{workspace}` has no folder `policies`: the policies that `provision` was built with are used"
            ));
        }
        Ok(doubts)
    }

    /// The stages that have settings of their own.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.manifest.stages()
    }

    pub fn values(&self, stage: &Stage, flags: &Layer) -> Result<Values, Error> {
        Values::of(stage, defaults(stage), &self.manifest, flags)
    }

    /// The stack for functions of this architecture.
    pub fn stack(&self, stage: &Stage, flags: &Layer, arch: Arch) -> Result<Stack, Error> {
        let policies = match &self.policies {
            Some(folder) => RolePolicies::read(folder)?,
            None => RolePolicies::embedded(),
        };
        let values = self.values(stage, flags)?.on(arch);
        Ok(Stack::new(stage, values, policies))
    }

    /// As `stack`, for commands that need only its names: policies are not read.
    pub fn named_stack(&self, stage: &Stage, arch: Arch) -> Result<Stack, Error> {
        let values = self.values(stage, &Layer::default())?.on(arch);
        Ok(Stack::new(stage, values, RolePolicies::embedded()))
    }
}

impl From<FileFault> for Error {
    fn from(fault: FileFault) -> Error {
        let text = |path: &Path| format!("read the policy `{}`", path.display());
        match fault {
            FileFault::Unreadable(path, why) => Error::usage(text(&path))
                .because(why)
                .hint("restore it, then run again: `…`"),
            FileFault::Malformed(path, why) => {
                let correction = why.hint().unwrap_or_else(|| "correct it".to_owned());
                let hint = format!("{correction}, then run again: `…`");
                Error::usage(text(&path)).because(why).hint(hint)
            }
        }
    }
}
