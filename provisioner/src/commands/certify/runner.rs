//! The commands of `provision` in the stage of this run, in this process, and what their documents say.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::collector::Collector;
use crate::aws::call::Call;
use crate::aws::clients::Cloud;
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::certify::record::Recorder;
use crate::cli::{self, Declared};
use crate::commands::{Outcome, down, invoke, plan, rollback, up};
use crate::engine::clock::SharedClock;
use crate::engine::observed::Context;
use crate::engine::pace::Pace;
use crate::engine::status::Status;
use crate::engine::stop::Stop;
use crate::engine::wait::Look;
use crate::error::{Error, Exit};
use crate::report::Reporter;
use crate::resources::release::proof::Version;
use crate::rides::Count;
use crate::session::Session;
use crate::stack::declaration::Stack;
use crate::stack::stage::Stage;

/// How long AWS may take to show a change, or to let a policy take effect.
const LIMIT: Duration = Duration::from_secs(3 * 60);

/// Between two looks at the plan, each of which is a dozen calls and reads the whole zip.
const PACE: Pace = Pace::every(Duration::from_secs(2));

/// Two builds of the same function.
#[derive(Clone, Debug)]
pub struct Zips {
    pub first: PathBuf,
    pub second: PathBuf,
}

pub struct Runner {
    pub cloud: Cloud,
    pub context: Context,
    pub stack: Stack,
    pub session: Session,
    pub recorder: Recorder,
    pub zips: Zips,
    /// Nothing of this run is older.
    pub started: SystemTime,
    output: Rc<Collector>,
}

/// One line of a plan that is not to keep: `update function: memory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: String,
    pub action: String,
    pub attributes: Vec<String>,
}

impl Runner {
    pub async fn new(
        cloud: &Cloud,
        outer: &Session,
        stage: Stage,
        zips: Zips,
        means: Means,
    ) -> Result<Runner, Error> {
        let Means {
            clock,
            stop,
            progress,
        } = means;
        let recorder = Recorder::default();
        let cloud = cloud.intercepted(recorder.clone());
        let output = Rc::new(Collector::new(progress));
        let reporter: Rc<dyn Reporter> = output.clone();
        Ok(Runner {
            context: cloud.context(&stage).await?,
            stack: Stack::for_stage(&stage, cloud.build_target.arch),
            started: clock.now(),
            session: outer.inner(stage, clock, stop, reporter),
            cloud,
            recorder,
            zips,
            output,
        })
    }

    /// The same runner, which ctrl-c does not stop: to clean up.
    pub fn unstoppable(&self) -> Runner {
        self.with(Stop::never(), self.output.clone())
    }

    /// For a second run at the same time, with documents of its own.
    pub fn beside(&self) -> Runner {
        self.with(self.session.stop.clone(), Rc::new(Collector::new(None)))
    }

    fn with(&self, stop: Stop, output: Rc<Collector>) -> Runner {
        let (stage, clock) = (self.session.stage.clone(), self.session.clock.clone());
        Runner {
            cloud: self.cloud.clone(),
            context: self.context.clone(),
            stack: self.stack.clone(),
            session: self.session.inner(stage, clock, stop, output.clone()),
            recorder: self.recorder.clone(),
            zips: self.zips.clone(),
            started: self.started,
            output,
        }
    }

    /// The flags of every `up` and `plan`.
    pub fn declared(&self) -> Declared {
        Declared {
            artifact: Some(self.zips.first.clone()),
            ..Declared::default()
        }
    }

    pub fn other_code(&self) -> Declared {
        Declared {
            artifact: Some(self.zips.second.clone()),
            ..Declared::default()
        }
    }

    // The commands' futures are on the heap: all of them in one are too much for the stack of a thread.

    pub async fn plan(&self, declared: Declared) -> Result<Vec<Change>, Error> {
        let flags = cli::Plan {
            declared,
            exit_code: false,
            graph: false,
        };
        let outcome = Box::pin(plan::run(flags, &self.cloud, &self.session)).await;
        Ok(changes(&self.document(outcome)?))
    }

    pub async fn up(&self, declared: Declared) -> Result<Vec<Change>, Error> {
        let flags = cli::Up {
            declared,
            plan_digest: None,
            // Its answers are about the caller, so they cannot be compared with those of the local cloud.
            no_preflight: true,
        };
        let outcome = Box::pin(up::run(flags, &self.cloud, &self.session)).await;
        Ok(changes(&self.document(outcome)?))
    }

    /// `up` of another declaration.
    pub async fn deploy(&self, declared: &Declared, stack: &Stack) -> Result<(), Error> {
        let outcome = Box::pin(up::deploy(declared, stack, &self.cloud, &self.session)).await;
        self.document(outcome).map(drop)
    }

    pub async fn down(&self) -> Result<Value, Error> {
        let flags = cli::Down {
            keep_data: false,
            delete_data: true,
            undeclared: false,
            confirm_stage: None,
            no_preflight: true,
        };
        let outcome = Box::pin(down::run(flags, &self.cloud, &self.session)).await;
        self.document(outcome)
    }

    pub async fn rollback(&self) -> Result<Value, Error> {
        let flags = cli::Rollback { to: None };
        let outcome = Box::pin(rollback::run(flags, &self.cloud, &self.session)).await;
        self.document(outcome.map_err(Vec::from))
    }

    /// A ride through `live`, requested until it succeeds: a policy that has just changed may take a while.
    /// Returns the version that ran.
    pub async fn ride(&self) -> Result<String, Error> {
        let wait = &self.session.wait;
        wait.until("request a ride through `live`", LIMIT, async || {
            let flags = cli::Invoke {
                event: None,
                at: Some("47.61,-122.33".to_owned()),
            };
            let outcome = Box::pin(invoke::run(flags, &self.cloud, &self.session)).await;
            Ok(match self.document(outcome.map_err(Vec::from)) {
                Ok(document) => Look::Ready(text(&document["executedVersion"])),
                Err(error) => Look::NotYet(error.chain().join(": ").into()),
            })
        })
        .await
    }

    /// The version that `live` points at.
    pub async fn live(&self) -> Result<String, Error> {
        let alias = self.stack.live_alias(&self.cloud);
        let alias = Box::pin(alias.get()).await?;
        let version = alias.and_then(|alias| alias.function_version);
        Ok(version.unwrap_or_else(|| "none".to_owned()))
    }

    /// The published versions of the function.
    pub async fn versions(&self) -> Result<Vec<Version>, Error> {
        let alias = self.stack.live_alias(&self.cloud);
        Ok(Box::pin(alias.numbers()).await?)
    }

    /// How many rides the table has.
    pub async fn rides(&self) -> Result<Count, Error> {
        let rides = self.stack.rides(&self.cloud);
        Ok(Box::pin(rides.count()).await?)
    }

    /// Waits until the plan is as expected. AWS may show the state from before for some seconds.
    pub async fn until_plan(
        &self,
        declared: &Declared,
        expected: &str,
        is_expected: impl Fn(&[Change]) -> bool,
    ) -> Result<Vec<Change>, Error> {
        let what = format!("wait until the plan shows {expected}");
        let wait = &self.session.wait;
        wait.until(&what, LIMIT, async || {
            let changes = self.plan(declared.clone()).await?;
            Ok(if is_expected(&changes) {
                Look::Ready(changes)
            } else {
                Look::NotYet(Status::from(format!("it shows {}", list(&changes))).paced(PACE))
            })
        })
        .await
    }

    /// Waits until there is nothing to do.
    pub async fn until_equal(&self, declared: &Declared) -> Result<(), Error> {
        let nothing = self.until_plan(declared, "nothing to do", <[Change]>::is_empty);
        nothing.await.map(drop)
    }

    /// A call beside the commands, as another user or program would send it. It is about something that
    /// exists, so not being found is a matter of time too.
    pub fn call(&self, doing: impl Into<String>) -> Call<'_> {
        let transient =
            |error: &CloudError| error.is_transient() || error.kind == CloudErrorKind::NotFound;
        Call::new(&self.session.wait, doing, LIMIT).retry_while(transient)
    }

    /// The document of a command that succeeded.
    fn document(&self, outcome: Outcome) -> Result<Value, Error> {
        let (data, infos) = (self.output.take_data(), self.output.take_infos());
        match outcome {
            Ok(Exit::Done) => {
                let document = serde_json::from_str(&data);
                document.map_err(|error| Error::failed("read the document").because(error))
            }
            Ok(exit) => Err(Error::new(exit, infos.join("; "))),
            Err(errors) => Err(joined(errors)),
        }
    }
}

/// How a runner waits, stops and reports.
pub struct Means {
    pub clock: SharedClock,
    pub stop: Stop,
    pub progress: Option<Rc<dyn Reporter>>,
}

/// One error with the texts of all.
fn joined(errors: Vec<Error>) -> Error {
    let texts = errors.iter().map(|error| error.chain().join(": "));
    let text = texts.collect::<Vec<_>>().join("; ");
    let first = errors.into_iter().next();
    let (exit, failure) = first.map_or((Exit::Failed, crate::error::Failure::Final), |first| {
        (first.exit, first.failure)
    });
    Error::new(exit, text).of(failure)
}

fn changes(document: &Value) -> Vec<Change> {
    let changes = document["changes"].as_array().into_iter().flatten();
    let changes = changes.filter(|change| change["action"] != "keep");
    let changes = changes.map(|change| Change {
        kind: text(&change["kind"]),
        action: match change["blocked"].as_str() {
            Some(why) => format!("blocked ({why})"),
            None => text(&change["action"]),
        },
        attributes: {
            let differences = change["differences"].as_array().into_iter().flatten();
            differences.map(|one| text(&one["attribute"])).collect()
        },
    });
    changes.collect()
}

/// `update function: memory; create release`
pub fn list(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing to do".to_owned();
    }
    let changes = changes.iter().map(|change| {
        let Change {
            kind,
            action,
            attributes,
        } = change;
        if attributes.is_empty() {
            format!("{action} {kind}")
        } else {
            format!("{action} {kind}: {}", attributes.join(", "))
        }
    });
    changes.collect::<Vec<_>>().join("; ")
}

/// A step that did something else than it should.
pub fn unexpected(what: &str, found: &str) -> Error {
    Error::failed(format!("unexpected in {what}: {found}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
