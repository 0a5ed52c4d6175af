//! From the flags of `up` and `plan` to the declared stack and its artifact.

use std::path::Path;

use tokio::task::JoinHandle;

use crate::artifact::{self, Arch, Artifact, BuildTarget};
use crate::cli::{ArchName, Declared, SettingFlags};
use crate::commands::adopt;
use crate::commit::Commit;
use crate::engine::observed::Inventory;
use crate::engine::plan::Consent;
use crate::engine::resource::Resources;
use crate::error::Error;
use crate::own_source;
use crate::report::Event;
use crate::report::plan::KnownValues;
use crate::resources::log_group;
use crate::resources::release::ReleaseOptions;
use crate::session::Session;
use crate::settings::Layer;
use crate::stack::declaration::Stack;
use crate::stack::resources::Request;
use crate::stack::setting::{Setting, Source};

pub fn stack(
    flags: &Declared,
    build_target: &BuildTarget,
    session: &Session,
) -> Result<Stack, Error> {
    let layer = layer(&flags.settings);
    let mut stack = session.stack(&layer, build_target)?;
    stack.function.upload = flags.upload;
    stack.function.shown_env = flags.show_env.clone();
    stack.function.dropped = flags.drop.clone();
    stack.function.check_environment()?;
    let ignored = ignored_arch(&layer, build_target, session)?;
    for doubt in session.policy_doubts()?.iter().chain(&ignored) {
        session.reporter.report(&Event::Warning { text: doubt });
    }
    Ok(stack)
}

/// Says that the declared architecture has no effect, if it has none.
pub fn ignored_arch(
    flags: &Layer,
    build_target: &BuildTarget,
    session: &Session,
) -> Result<Option<String>, Error> {
    let declared = session.values(flags)?.arch;
    let arch = build_target.arch;
    Ok((declared.value != arch).then(|| {
        format!(
            "`architecture = \"{}\"` ({}) has no effect here: the local cloud runs functions that are built for \
             this machine, {}",
            declared.value.as_str(),
            declared.source,
            arch.as_str()
        )
    }))
}

/// The settings that flags give.
pub fn layer(flags: &SettingFlags) -> Layer {
    let SettingFlags {
        memory,
        timeout,
        retention_days,
        arch,
        env,
    } = flags;
    let number = |value: &Option<i32>, flag| {
        let number = value.as_ref();
        number.map(|number| Setting::new(*number, Source::Flag(flag)))
    };
    let variables = env.iter().map(|(key, value)| {
        let value = Setting::new(value.clone(), Source::Flag("--env"));
        (key.clone(), value)
    });
    Layer {
        memory_mb: number(memory, "--memory"),
        timeout_seconds: number(timeout, "--timeout"),
        retention_days: number(retention_days, "--retention-days"),
        arch: arch.map(|arch| Setting::new(self::arch(arch), Source::Flag("--arch"))),
        env: variables.collect(),
        ..Layer::default()
    }
}

/// The declared architecture, unless a flag names another.
pub fn declared_arch(flag: Option<ArchName>, session: &Session) -> Result<Arch, Error> {
    match flag {
        Some(name) => Ok(arch(name)),
        None => Ok(session.values(&Layer::default())?.arch.value),
    }
}

fn arch(name: ArchName) -> Arch {
    match name {
        ArchName::X86_64 => Arch::X86_64,
        ArchName::Arm64 => Arch::Arm64,
    }
}

/// The values that the plan shows. Warns of a `--show-env` for which there is no variable.
pub fn known_values(stack: &Stack, inventory: &Inventory, session: &Session) -> KnownValues {
    for text in stack.unknown_variables(inventory) {
        session.reporter.report(&Event::Warning { text: &text });
    }
    stack.known_values(inventory)
}

pub fn request(flags: &Declared, session: &Session) -> Request {
    Request {
        release: ReleaseOptions {
            skip_test_ride: flags.skip_test_ride,
            forward: flags.forward,
        },
        commit: Commit::of(session.workspace.as_deref()),
    }
}

/// What the flags agree to.
pub fn consent(flags: &Declared, resources: &Resources) -> Result<Consent, Error> {
    let ids = resources.iter().map(|resource| resource.declared().id());
    Ok(Consent {
        adopt: adopt::named(&flags.adopt, &ids.collect::<Vec<_>>())?,
        drop: flags.drop.clone(),
        ..Consent::default()
    })
}

/// Whether the source of this program differs from that in the workspace, so that it does not know the stack that
/// is declared there. Policies and settings count as they are on disk, with any program. Hashed on another thread
/// while this one reads the cloud.
pub fn staleness(session: &Session) -> JoinHandle<bool> {
    let workspace = session.workspace.clone();
    tokio::task::spawn_blocking(move || {
        let found = workspace.and_then(|workspace| own_source::hash(&workspace).ok());
        let found = found.map(|hash| format!("{hash:016x}"));
        let recorded = option_env!("PROVISION_SOURCE");
        recorded
            .zip(found)
            .is_some_and(|(recorded, found)| recorded != found)
    })
}

/// Warns if the program is stale, and returns whether it is.
pub async fn warn_if_stale(staleness: JoinHandle<bool>, session: &Session) -> bool {
    let is_stale = staleness.await.unwrap_or_default();
    if is_stale {
        let text = "this `provision` is stale: `provisioner/` has changed since it was built; build it again to \
                    deploy what is declared there";
        session.reporter.report(&Event::Warning { text });
    }
    is_stale
}

/// Reports why a resource is not as declared although there is nothing to change.
pub fn report_remarks(inventory: &Inventory, session: &Session) {
    let log_group = inventory.of_kind(log_group::KIND);
    for text in log_group.into_iter().flat_map(log_group::remarks) {
        session.reporter.report(&Event::Info { text: &text });
    }
}

/// The artifact to deploy. `--artifact` never runs cargo; without it, cargo runs only if the source has
/// changed.
pub async fn artifact(
    flags: &Declared,
    build_target: &BuildTarget,
    session: &Session,
) -> Result<Artifact, Error> {
    if let Some(path) = &flags.artifact {
        return Ok(artifact::open(path, build_target)?);
    }
    let workspace = workspace(session)?;
    build(workspace, build_target, None, session).await
}

pub async fn build(
    workspace: &Path,
    build_target: &BuildTarget,
    out: Option<&Path>,
    session: &Session,
) -> Result<Artifact, Error> {
    let mut report_line = |line: &str| session.reporter.report(&Event::Building { line });
    let building = artifact::build(workspace, build_target, out, &mut report_line);
    Ok(session.stop.unless_set(building).await??)
}

pub fn workspace(session: &Session) -> Result<&Path, Error> {
    session.workspace.as_deref().ok_or_else(|| {
        Error::usage("this directory is not in the project, so there is no function to build").hint(
            "run it in a clone of the project, or deploy a zip file that was built there: \
                 `provision up --artifact function.zip`",
        )
    })
}
