//! From the flags of `up` and `plan` to the declared stack and its artifact.

use std::path::Path;

use crate::artifact::{self, Artifact, BuildTarget};
use crate::cli::Declared;
use crate::commands::adopt;
use crate::commit::Commit;
use crate::engine::observed::Inventory;
use crate::engine::plan::Consent;
use crate::engine::resource::Resources;
use crate::error::Error;
use crate::policy::{self, PolicyError};
use crate::report::{Event, Reporter};
use crate::resources::log_group;
use crate::resources::release::ReleaseOptions;
use crate::session::Session;
use crate::stack::declaration::{Overrides, Stack};
use crate::stack::resources::Request;

pub fn stack(
    flags: &Declared,
    build_target: &BuildTarget,
    session: &Session,
) -> Result<Stack, Error> {
    let stack = Stack::for_stage(&session.stage, build_target.arch).with(Overrides {
        memory_mb: flags.memory,
        timeout_seconds: flags.timeout,
        retention_days: flags.retention_days,
        env: flags.env.iter().cloned().collect(),
        shown_env: flags.show_env.clone(),
        upload: flags.upload,
    });
    stack.function.check_environment()?;
    check_policies(&*session.reporter)?;
    Ok(stack)
}

/// Fails if a policy is not as IAM wants it: IAM would say so only when half of the plan is done, and an
/// action that does not exist it accepts.
fn check_policies(reporter: &dyn Reporter) -> Result<(), Error> {
    for (name, text) in policy::FILES {
        let file = format!("policies/{name}");
        let kind = match name {
            policy::TRUST_FILE => policy::Kind::Trust,
            _ => policy::Kind::Permissions,
        };
        for doubt in policy::check(text, kind).map_err(|error| invalid_policy(&file, error))? {
            let text = format!("`{file}`, {doubt}");
            reporter.report(&Event::Warning { text: &text });
        }
    }
    Ok(())
}

fn invalid_policy(file: &str, error: PolicyError) -> Error {
    let correction = error.hint().unwrap_or("correct it".to_owned());
    Error::usage(format!("read the policy `{file}`"))
        .because(error)
        .hint(format!("{correction}, then run again: `…`"))
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
        ..Consent::default()
    })
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
    warn_of_edited_policies(workspace, &*session.reporter);
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

/// Warns of edited policies: the binary contains the policies that it was built with, so an edit takes
/// effect only after another build.
fn warn_of_edited_policies(workspace: &Path, reporter: &dyn Reporter) {
    for (name, embedded) in policy::FILES {
        let path = workspace.join("policies").join(name);
        if std::fs::read_to_string(&path).is_ok_and(|text| text != embedded) {
            let text = format!(
                "`{}` has changed since this `provision` was built; \
                 build it again to apply the change",
                path.display()
            );
            reporter.report(&Event::Warning { text: &text });
        }
    }
}
