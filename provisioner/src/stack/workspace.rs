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
            manifest: Manifest::read(&workspace.join("Cargo.toml"))?,
            policies: RolePolicies::folder(workspace),
        })
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
