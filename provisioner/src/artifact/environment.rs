//! The environment that the compilers are started in, as a value. The environment of this process is
//! read once and never changed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    pub fn of_this_process() -> Environment {
        Environment {
            variables: std::env::vars_os().collect(),
        }
    }

    #[cfg(test)]
    pub fn of(variables: &[(&str, &str)]) -> Environment {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Environment {
            variables: variables.collect(),
        }
    }

    /// A variable's value. An empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name))?;
        if value.is_empty() { None } else { Some(value) }
    }

    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Sets a variable that the user has not set.
    pub fn set_default(&mut self, name: &str, value: impl Into<OsString>) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.variables.remove(OsStr::new(name));
    }

    /// The names of the variables that are set, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.to_string_lossy().into_owned())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// The path of the program of that name on PATH. A name with a slash is a path already.
    pub fn program(&self, name: &OsStr) -> Option<PathBuf> {
        if Path::new(name).components().count() > 1 {
            return Some(PathBuf::from(name)).filter(|path| is_program(path));
        }
        let folders = self.get("PATH")?;
        std::env::split_paths(folders)
            // An empty entry of PATH means the current folder, which must not decide what is executed.
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|path| is_program(path))
    }

    /// The folder in which cargo keeps what it downloads.
    pub fn cargo_home(&self) -> Option<PathBuf> {
        match self.get("CARGO_HOME") {
            Some(folder) => Some(PathBuf::from(folder)),
            None => Some(PathBuf::from(self.get("HOME")?).join(".cargo")),
        }
    }

    /// The folder in which cargo builds this workspace, as far as the environment says.
    pub fn target_folder(&self, workspace: &Path) -> PathBuf {
        let folder = self
            .get("CARGO_TARGET_DIR")
            .or_else(|| self.get("CARGO_BUILD_TARGET_DIR"));
        // Joining an absolute path gives that path.
        workspace.join(folder.unwrap_or(OsStr::new("target")))
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
