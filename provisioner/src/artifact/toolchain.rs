//! Finds the Rust toolchain that applies to the workspace, and installs the target with rustup if it
//! is missing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::process::{command, run};

#[derive(Debug)]
pub struct Toolchain {
    pub cargo: PathBuf,
    pub sysroot: PathBuf,
    /// The target that cargo builds for when none is named.
    pub host: String,
    /// rustc's commit, by which it names the files of the standard library.
    pub commit: String,
}

impl Toolchain {
    /// The toolchain, as `rustc` describes it. Starts two processes, so only called before a build.
    pub async fn find(
        environment: &Environment,
        workspace: &Path,
    ) -> Result<Toolchain, ArtifactError> {
        let doing = "find a Rust toolchain to build the function with";
        let program = |variable: &str, name: &str| {
            let named = environment.get(variable).unwrap_or(OsStr::new(name));
            environment
                .program(named)
                .or_else(|| environment.program(OsStr::new(name)))
        };
        let (Some(cargo), Some(rustc)) = (program("CARGO", "cargo"), program("RUSTC", "rustc"))
        else {
            return Err(ArtifactError::new(doing, Problem::NoCargo));
        };
        let ask = async |question: &[&str]| {
            let mut command = command(environment, workspace, &rustc);
            let output = command.args(question).output().await;
            let output = output.map_err(|error| ArtifactError::new(doing, Problem::Io(error)))?;
            if output.status.success() {
                return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
            }
            let stderr = String::from_utf8_lossy(&output.stderr);
            let status = output.status.to_string();
            let output = stderr.lines().map(str::to_owned).collect();
            Err(ArtifactError::new(
                doing,
                Problem::ToolFailed {
                    tool: "rustc",
                    status,
                    output,
                },
            ))
        };
        let version = ask(&["--version", "--verbose"]).await?;
        let field = |name: &str| {
            let line = version.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        Ok(Toolchain {
            sysroot: PathBuf::from(ask(&["--print", "sysroot"]).await?),
            host: field("host:"),
            commit: field("commit-hash:"),
            cargo,
        })
    }

    /// The compiler's path. The file changes when the toolchain is updated in place.
    pub fn compiler(&self) -> PathBuf {
        self.sysroot.join("bin").join("rustc")
    }

    /// Installs the standard library for the target with rustup if it is missing.
    pub async fn ensure_target(
        &self,
        environment: &Environment,
        workspace: &Path,
        target: &str,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<(), ArtifactError> {
        let library = self.sysroot.join("lib/rustlib").join(target).join("lib");
        if library.is_dir() {
            return Ok(());
        }
        let missing = |rustup| {
            ArtifactError::new(
                format!("build the function for `{target}`"),
                Problem::TargetMissing {
                    target: target.to_owned(),
                    rustup,
                },
            )
        };
        let Some(rustup) = environment.program(OsStr::new("rustup")) else {
            return Err(missing(None));
        };
        on_line(&format!(
            "the Rust target `{target}` is missing: rustup target add {target}"
        ));
        let mut command = command(environment, workspace, &rustup);
        command.args(["target", "add", target]);
        let end = run(command, on_line, &mut |_| {}).await;
        let end = end.map_err(|error| {
            ArtifactError::new(
                format!("run `rustup target add {target}`"),
                Problem::Io(error),
            )
        })?;
        if end.status.success() {
            Ok(())
        } else {
            Err(missing(Some(end.last_lines)))
        }
    }
}
