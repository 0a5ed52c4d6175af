//! The engine names no kind: a fourth (sixth) one needs no line outside of its file.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use async_trait::async_trait;
use provisioner::aws::error::CloudError;
use provisioner::aws::in_flight::InFlight;
use provisioner::engine::apply::{Run, apply};
use provisioner::engine::attribute::{Attribute, Difference};
use provisioner::engine::clock::RealClock;
use provisioner::engine::inputs::Inputs;
use provisioner::engine::observed::{Context, Inventory, Observed, Outputs, ResourceId};
use provisioner::engine::plan::{DataLoss, Dependencies, Plan};
use provisioner::engine::resource::{Declared, Resource, Step, states};
use provisioner::engine::stop::Stop;
use provisioner::engine::wait::Wait;
use provisioner::error::Error;
use provisioner::report::{Event, Reporter};

type Log = Rc<RefCell<Vec<String>>>;

struct Queue {
    name: &'static str,
    needs: Vec<ResourceId>,
    fails: bool,
    log: Log,
}

impl Declared for Queue {
    fn id(&self) -> ResourceId {
        ResourceId::new("queue", self.name)
    }

    fn dependencies(&self) -> Dependencies {
        Dependencies::needs(self.needs.clone())
    }

    fn attributes(&self, _inputs: &Inputs<'_>) -> Vec<Attribute> {
        vec![Attribute::new("depth", "5")]
    }

    fn arn(&self, _inputs: &Inputs<'_>) -> String {
        String::new()
    }
}

#[async_trait(?Send)]
impl Resource for Queue {
    fn declared(&self) -> &dyn Declared {
        self
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        Ok(Observed::Absent)
    }

    async fn create(&self, _step: &Step<'_>) -> Result<Outputs, Error> {
        self.log.borrow_mut().push(format!("start {}", self.name));
        tokio::task::yield_now().await;
        self.log.borrow_mut().push(format!("end {}", self.name));
        if self.fails {
            Err(Error::failed(self.name))
        } else {
            Ok(Outputs::default())
        }
    }

    async fn update(&self, _: &[Difference], _step: &Step<'_>) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(&self, _: DataLoss, _step: &Step<'_>) -> Result<(), Error> {
        Ok(())
    }
}

struct Nobody;

impl Reporter for Nobody {
    fn report(&self, _event: &Event<'_>) {}
}

/// `(name, needs, fails)` in; what was started and ended, and how many errors, out.
async fn run(kinds: &[(&'static str, &[&'static str], bool)]) -> (Vec<String>, usize) {
    let log = Log::default();
    let resources: Vec<Rc<dyn Resource>> = kinds
        .iter()
        .map(|(name, needs, fails)| {
            let needs = needs
                .iter()
                .map(|need| ResourceId::new("queue", *need))
                .collect();
            let queue = Queue {
                name,
                needs,
                fails: *fails,
                log: Rc::clone(&log),
            };
            Rc::new(queue) as Rc<dyn Resource>
        })
        .collect();
    let inventory = Inventory {
        context: Context {
            partition: "aws".to_owned(),
            account: "1".to_owned(),
            region: "eu-west-1".to_owned(),
            stage: "default".to_owned(),
            caller: String::new(),
        },
        resources: Vec::new(),
        index: Default::default(),
    };
    let inputs = Inputs::new(&inventory, None);
    let plan = Plan::up(states(&resources, &inputs), &Default::default());
    let (_stopper, stop) = Stop::new();
    let in_flight = InFlight::new(stop.clone(), Arc::new(RealClock));
    let run = Run {
        resources: &resources,
        inputs,
        wait: &Wait::new(Arc::new(RealClock), stop, None),
        reporter: &Nobody,
        in_flight: &in_flight,
    };
    let errors = apply(&plan, &run).await;
    (log.take(), errors.len())
}

#[tokio::test]
async fn a_change_starts_when_what_it_needs_is_done() {
    let (log, errors) = run(&[("a", &[], false), ("b", &[], false), ("c", &["a"], false)]).await;
    assert_eq!(errors, 0);
    assert_eq!(log[..2], ["start a", "start b"], "both at once");
    let after = |what: &str| log.iter().position(|line| line == what);
    assert!(after("start c") > after("end a"), "{log:?}");
}

#[tokio::test]
async fn after_an_error_nothing_starts_and_what_runs_ends() {
    let (log, errors) = run(&[("a", &[], true), ("b", &[], true), ("c", &["b"], false)]).await;
    assert_eq!(errors, 2, "every error is kept");
    assert_eq!(log.len(), 4, "{log:?}");
    assert!(!log.contains(&"start c".to_owned()), "{log:?}");
}
