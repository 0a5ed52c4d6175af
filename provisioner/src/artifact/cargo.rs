//! Runs cargo to build the function.
//!
//! Its output is passed on line by line. The path of the program is read from its own messages, so
//! that whatever decides its target folder is respected.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::build_target::BuildTarget;
use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::pack::BOOTSTRAP;
use super::process::{command, run};
use super::toolchain::Toolchain;
use serde_json::Value;

/// What cargo gets besides the arguments of every build.
#[derive(Debug)]
pub struct Settings {
    pub environment: Environment,
    pub arguments: Vec<String>,
}

/// Compiles the function and returns the path of its program.
pub async fn build(
    settings: &Settings,
    workspace: &Path,
    target: &BuildTarget,
    toolchain: &Toolchain,
    on_line: &mut dyn FnMut(&str),
) -> Result<PathBuf, ArtifactError> {
    let doing = || format!("build the function for `{}`", target.triple);
    let mut command = command(&settings.environment, workspace, &toolchain.cargo);
    command.args(arguments(target)).args(&settings.arguments);
    // The progress bar redraws one line, which a reader of lines cannot show.
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    let mut program = None;
    let mut on_message = |line: &str| {
        if let Some(path) = program_of(line) {
            program = Some(path);
        }
    };
    let end = run(command, on_line, &mut on_message).await;
    let end = end.map_err(|error| ArtifactError::new(doing(), Problem::Io(error)))?;
    if !end.status.success() {
        let status = end.status.to_string();
        let problem = Problem::ToolFailed {
            tool: "cargo",
            status,
            output: end.last_lines,
        };
        return Err(ArtifactError::new(doing(), problem));
    }
    program.ok_or_else(|| ArtifactError::new(doing(), Problem::NoProgram))
}

fn arguments(target: &BuildTarget) -> Vec<OsString> {
    let mut arguments = vec!["build", "--locked"];
    // For this machine neither package nor target is named: cargo then resolves the features of the
    // workspace's default members, and reuses every dependency that `cargo run` compiled.
    if !target.is_this_machine() {
        arguments.extend(["--package", "function"]);
    }
    arguments.extend(["--bin", BOOTSTRAP]);
    arguments.extend(["--message-format", "json-render-diagnostics"]);
    arguments.extend(["--profile", target.profile]);
    if !target.is_this_machine() {
        arguments.extend(["--target", target.triple.as_str()]);
    }
    arguments.into_iter().map(OsString::from).collect()
}

/// The program's path, if the message is the one that names it.
fn program_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_function = message.get("reason")?.as_str()? == "compiler-artifact"
        && message.get("target")?.get("name")?.as_str()? == BOOTSTRAP;
    if is_function {
        message.get("executable")?.as_str().map(PathBuf::from)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::program_of;

    #[test]
    fn the_program_is_where_cargo_says() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"bootstrap"},"executable":"/x/bootstrap"}"#;
        assert_eq!(program_of(message).unwrap().to_str(), Some("/x/bootstrap"));
        for other in [
            message.replace("compiler-artifact", "build-finished"),
            message.replace("\"bootstrap\"}", "\"function\"}"),
            message.replace("\"/x/bootstrap\"", "null"),
            "no json".to_owned(),
        ] {
            assert_eq!(program_of(&other), None, "{other}");
        }
    }
}
