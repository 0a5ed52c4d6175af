//! From the flags of `up` and `plan` to the declared stack and its artefact.

use std::path::Path;
use std::rc::Rc;

use crate::artifact::{self, Artifact, Runs};
use crate::cli::Declared;
use crate::cloud::error::missing_statement;
use crate::commit::commit;
use crate::error::Error;
use crate::owner::is_elsewhere;
use crate::plan::Blocked;
use crate::policy;
use crate::report::{Event, Reporter};
use crate::resource::ResourceId;
use crate::resources::code::Code;
use crate::resources::release;
use crate::session::{Session, arch};
use crate::stack::{Overrides, Run, Stack};

pub fn stack(flags: &Declared, runs: &Runs, session: &Session) -> Stack {
    Stack::for_stage(&session.stage, runs.arch).with(Overrides {
        memory_mb: flags.memory,
        timeout_seconds: flags.timeout,
        retention_days: flags.retention_days,
        env: flags.env.iter().cloned().collect(),
    })
}

pub fn code(flags: &Declared) -> Rc<Code> {
    Rc::new(Code::new(flags.upload))
}

pub fn run(flags: &Declared, session: &Session) -> Run {
    Run {
        release: release::Policy {
            skip_test_ride: flags.skip_test_ride,
            forward: flags.forward,
        },
        delete_rides: false,
        commit: commit(session.workspace.as_deref()),
    }
}

/// `--adopt log-group` is the kind `log group`.
pub fn adopt(flags: &Declared) -> Vec<String> {
    flags
        .adopt
        .iter()
        .map(|kind| kind.replace('-', " "))
        .collect()
}

/// What Lambda is asked to run; the local cloud runs this machine's.
pub fn declared_arch(flags: &Declared) -> artifact::Arch {
    arch(flags.arch)
}

/// `--artifact` never runs cargo; without it cargo runs only where the source changed.
pub async fn artifact(flags: &Declared, runs: &Runs, session: &Session) -> Result<Artifact, Error> {
    if let Some(path) = &flags.artifact {
        return Ok(artifact::open(path, runs)?);
    }
    let workspace = workspace(session)?;
    warn_of_other_policies(workspace, &*session.reporter);
    build(workspace, runs, None, session).await
}

pub async fn build(
    workspace: &Path,
    runs: &Runs,
    out: Option<&Path>,
    session: &Session,
) -> Result<Artifact, Error> {
    let mut tell = |line: &str| session.reporter.report(&Event::Building { line });
    let mut stop = session.stop.clone();
    tokio::select! {
        artifact = artifact::build(workspace, runs, out, &mut tell) => Ok(artifact?),
        () = stop.set() => Err(Error::interrupted()),
    }
}

pub fn workspace(session: &Session) -> Result<&Path, Error> {
    session.workspace.as_deref().ok_or_else(|| {
        Error::usage("this folder is not in the project: there is no function to build").hint(
            "run it in a clone of the project, or deploy a zip that was built in one: \
                 `provision up --artifact function.zip`",
        )
    })
}

/// The binary carries the declaration it was built with; edited files don't count until it is
/// built again.
fn warn_of_other_policies(workspace: &Path, reporter: &dyn Reporter) {
    for (name, embedded) in policy::FILES {
        let path = workspace.join("policies").join(name);
        if std::fs::read_to_string(&path).is_ok_and(|text| text != embedded) {
            let text = format!(
                "`{}` differs from what this `provision` was built with; \
                 build it again for the change to count",
                path.display()
            );
            reporter.report(&Event::Warning { text: &text });
        }
    }
}

/// Why a plan can't be carried out, each with the way out.
pub fn refusals<'a>(blocked: impl Iterator<Item = (&'a ResourceId, &'a Blocked)>) -> Vec<Error> {
    let blocked: Vec<_> = blocked.collect();
    // Together: one of them alone would be refused for the others.
    let adopt: Vec<String> = blocked
        .iter()
        .filter(
            |(_, blocked)| matches!(blocked, Blocked::NotOurs { why, .. } if !is_elsewhere(why)),
        )
        .map(|(id, _)| format!("--adopt {}", id.kind.replace(' ', "-")))
        .collect();
    let refusals = blocked.into_iter();
    refusals
        .map(|(id, blocked)| refusal(id, blocked, &adopt.join(" ")))
        .collect()
}

fn refusal(id: &ResourceId, blocked: &Blocked, adopt: &str) -> Error {
    match blocked {
        Blocked::Settling(status) => {
            Error::failed(format!("{id} is {status}")).hint("go on when it is done: `…`")
        }
        Blocked::Broken(reason) => Error::failed(format!("{id} is broken: {reason}"))
            .hint("mend it in AWS, then go on: `…`"),
        Blocked::NotOurs { why, .. } => {
            let error = Error::refused(format!("{id} is there already and is not ours: {why}"));
            if is_elsewhere(why) {
                error.hint("put up a stack of another name beside it: `… --stage second`")
            } else {
                error.hint(format!(
                    "to take it over, look at the differences above, then: `… {adopt}`"
                ))
            }
        }
        Blocked::Unknown(why) => Error::refused(format!("whose {id} is can't be told: {why}"))
            .hint(missing_statement(why).unwrap_or_else(|| "go on later: `…`".to_owned())),
        Blocked::Refused {
            difference: _,
            why,
            hint,
        } => Error::refused(format!("{id}: {why}")).hint(hint),
    }
}
