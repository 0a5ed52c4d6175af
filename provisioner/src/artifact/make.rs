//! The three ways to get an artifact: build it, use the one that was built, open the one that is given.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::build_target::BuildTarget;
use super::cargo::Settings;
use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::fingerprint::{FUNCTION, fingerprint};
use super::flags::{self, Folders};
use super::overrides::Overrides;
use super::pack::pack;
use super::preflight::{self, preflight};
use super::record::{self, Record, State, code_sha256};
use super::toolchain::Toolchain;
use super::{cargo, cargo_config, compiler};

/// A zip that passed the preflight for its build target.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub path: PathBuf,
    pub zip: Vec<u8>,
    /// Base64 of the zip's SHA-256, as Lambda reports it.
    pub code_sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// The fingerprint of the source it was built from, in hexadecimal; `None` if it is not known, as
    /// for a zip without a record.
    pub source: Option<String>,
}

/// The workspace that contains the folder: the nearest one with a function crate.
pub fn workspace(start: &Path) -> Option<PathBuf> {
    let mut folders = start.ancestors();
    folders
        .find(|folder| is_workspace(folder))
        .map(Path::to_owned)
}

fn is_workspace(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() && folder.join(FUNCTION).join("Cargo.toml").is_file()
}

/// The artifact of the current source: that of an earlier build, or a new one.
///
/// `on_line` gets cargo's output. `out` is where a copy of the zip is written.
pub async fn build(
    workspace: &Path,
    target: &BuildTarget,
    out: Option<&Path>,
    on_line: &mut dyn FnMut(&str),
) -> Result<Artifact, ArtifactError> {
    let environment = Environment::of_this_process();
    build_in(&environment, workspace, target, out, on_line).await
}

/// The artifact of an earlier build, if the source has not changed since. Never builds.
pub fn built(workspace: &Path, target: &BuildTarget) -> Result<Option<Artifact>, ArtifactError> {
    built_in(&Environment::of_this_process(), workspace, target)
}

/// The zip at that path, checked for that build target, now or when it was built. Never builds.
pub fn open(path: &Path, target: &BuildTarget) -> Result<Artifact, ArtifactError> {
    let zip = read_zip(path)
        .map_err(|error| doing(format!("read the artifact `{}`", path.display()), error))
        .map_err(|error| error.hinting(preflight::BUILD_IT))?;
    let code_sha256 = code_sha256(&zip);
    let record = Record::read(path, &code_sha256);
    // Unpacking a debug build for the check takes as long as all the rest of a `plan`.
    let was_checked = |record: &Record| record.checked_for == target.system();
    if !record.as_ref().is_some_and(was_checked) {
        preflight(path, &zip, target)?;
    }
    let source = record.map(|record| record.source);
    let size = zip.len() as u64;
    Ok(Artifact {
        path: path.to_owned(),
        zip,
        code_sha256,
        size,
        source,
    })
}

pub(super) async fn build_in(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
    out: Option<&Path>,
    on_line: &mut dyn FnMut(&str),
) -> Result<Artifact, ArtifactError> {
    if !is_workspace(workspace) {
        let doing = format!("build the function in `{}`", workspace.display());
        return Err(ArtifactError::new(doing, Problem::NoFunction));
    }
    let artifact = match built_in(environment, workspace, target)? {
        Some(artifact) => artifact,
        None => build_anew(environment, workspace, target, on_line).await?,
    };
    match out {
        Some(out) => deliver(artifact, out),
        None => Ok(artifact),
    }
}

pub(super) fn built_in(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
) -> Result<Option<Artifact>, ArtifactError> {
    let path = usual_path(environment, workspace, target);
    // Read and hashed rather than trusted by its modification time: what is uploaded is what was
    // checked.
    let Ok(zip) = read_zip(&path) else {
        return Ok(None);
    };
    let code_sha256 = code_sha256(&zip);
    let Some(record) = Record::read(&path, &code_sha256) else {
        return Ok(None);
    };
    if record.source != fingerprint(workspace, target)? || record.compiler_changed() {
        return Ok(None);
    }
    let size = zip.len() as u64;
    Ok(Some(Artifact {
        path,
        zip,
        code_sha256,
        size,
        source: Some(record.source),
    }))
}

async fn build_anew(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
    on_line: &mut dyn FnMut(&str),
) -> Result<Artifact, ArtifactError> {
    let source = fingerprint(workspace, target)?;
    let toolchain = Toolchain::find(environment, workspace).await?;
    let path = usual_path(environment, workspace, target);
    let settings = prepare(environment, workspace, target, &toolchain, on_line).await?;
    let program = cargo::build(&settings, workspace, target, &toolchain, on_line).await?;

    let program = fs::read(&program).map_err(|error| {
        doing(
            format!("read cargo's program `{}`", program.display()),
            error,
        )
    })?;
    let zip = pack(&program).map_err(|error| {
        ArtifactError::new(format!("pack `{}`", path.display()), Problem::Zip(error))
    })?;
    preflight(&path, &zip, target)?;
    let code_sha256 = code_sha256(&zip);
    save(&path, &zip)?;
    // If the source changed while cargo read it, the fingerprint of this build is not known, and the
    // next run builds again.
    let source = if fingerprint(workspace, target)? == source {
        Some(source)
    } else {
        None
    };
    if let Some(source) = &source {
        let compiler = toolchain.compiler();
        let record = Record {
            source: source.clone(),
            code_sha256: code_sha256.clone(),
            checked_for: target.system(),
            compiler_state: State::of(&compiler),
            compiler,
        };
        save_record(&record, &path)?;
    }
    let size = zip.len() as u64;
    Ok(Artifact {
        path,
        zip,
        code_sha256,
        size,
        source,
    })
}

/// The settings of the build. Installs the Rust target if it is missing.
async fn prepare(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
    toolchain: &Toolchain,
    on_line: &mut dyn FnMut(&str),
) -> Result<Settings, ArtifactError> {
    let target_folder = environment.target_folder(workspace);
    let overrides = overrides(environment, workspace, target, &target_folder);
    let not_used = flags::not_used(environment, target);
    let not_used: Vec<String> = not_used.into_iter().chain(overrides.keys).collect();
    if !not_used.is_empty() {
        on_line(&format!("not used in this build: {}", not_used.join(", ")));
    }
    let arguments = overrides.arguments;
    if target.is_this_machine() {
        let environment = flags::local_environment(environment);
        return Ok(Settings {
            environment,
            arguments,
        });
    }
    toolchain
        .ensure_target(environment, workspace, &target.triple, on_line)
        .await?;
    let compiler = compiler::find(
        environment,
        target,
        toolchain,
        &target_folder.join("lambda"),
    )?;
    let cargo_home = environment.cargo_home();
    let folders = Folders::new(workspace, &target_folder, cargo_home.as_deref(), toolchain);
    let mut environment = flags::environment(environment, target, &folders, &compiler);
    for (name, value) in overrides.variables {
        environment.set_default(&name, value);
    }
    Ok(Settings {
        environment,
        arguments,
    })
}

fn overrides(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
    target_folder: &Path,
) -> Overrides {
    let config = cargo_config::entries(environment, workspace);
    let manifest = fs::read_to_string(workspace.join("Cargo.toml"));
    let manifest = cargo_config::parse(&manifest.unwrap_or_default());
    Overrides::new(&config, &manifest, target, target_folder)
}

/// The artifact, copied to the path that was asked for.
fn deliver(artifact: Artifact, out: &Path) -> Result<Artifact, ArtifactError> {
    save(out, &artifact.zip)
        .map_err(|error| error.hinting("write it to another path: `… --out function.zip`"))?;
    if let Some(record) = Record::read(&artifact.path, &artifact.code_sha256) {
        save_record(&record, out)?;
    }
    Ok(Artifact {
        path: out.to_owned(),
        ..artifact
    })
}

fn save(path: &Path, zip: &[u8]) -> Result<(), ArtifactError> {
    record::replace(path, zip)
        .map_err(|error| doing(format!("write the artifact `{}`", path.display()), error))
}

fn save_record(record: &Record, zip: &Path) -> Result<(), ArtifactError> {
    let path = record::path(zip);
    record
        .write(zip)
        .map_err(|error| doing(format!("write `{}`", path.display()), error))
}

/// `target/lambda/function-x86_64.zip`, or `target/local/…` if it was built for this machine.
pub(super) fn usual_path(
    environment: &Environment,
    workspace: &Path,
    target: &BuildTarget,
) -> PathBuf {
    let folder = if target.is_this_machine() {
        "local"
    } else {
        "lambda"
    };
    let name = format!("function-{}.zip", target.arch.as_str());
    environment.target_folder(workspace).join(folder).join(name)
}

/// The file's bytes, or as many as it takes to see that it is too large.
fn read_zip(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len().min(preflight::ZIPPED_MAX);
    // One byte more lets the reader see the end without growing.
    let mut zip = Vec::with_capacity(usize::try_from(size + 1).unwrap_or_default());
    file.take(preflight::ZIPPED_MAX + 1).read_to_end(&mut zip)?;
    Ok(zip)
}

fn doing(what: String, error: io::Error) -> ArtifactError {
    ArtifactError::new(what, Problem::Io(error))
}
