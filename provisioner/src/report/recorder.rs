//! Records what is reported, and passes it on.

use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use crate::engine::clock::SharedClock;
use crate::engine::observed::ResourceId;
use crate::engine::plan::Plan;
use crate::engine::plan_digest::PlanDigest;
use crate::engine::status::Status;
use crate::report::record::{Progress, Record, Step};
use crate::report::waited::Waited;
use crate::report::{Event, Reporter};

pub struct Recorder {
    clock: SharedClock,
    record: RefCell<Record>,
    next: Rc<dyn Reporter>,
}

impl Recorder {
    /// The run starts now.
    pub fn new(clock: SharedClock, next: Rc<dyn Reporter>) -> Recorder {
        let mut record = Record::default();
        record.moments.started = Some(clock.now());
        Recorder {
            clock,
            record: RefCell::new(record),
            next,
        }
    }

    pub fn record(&self) -> Ref<'_, Record> {
        self.record.borrow()
    }

    pub fn record_mut(&self) -> RefMut<'_, Record> {
        self.record.borrow_mut()
    }

    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// The plan that this run shows or applies, also as text. A plan without a digest is one of `down`.
    pub fn planned(&self, plan: &Plan, digest: Option<&PlanDigest>, text: String) {
        let mut record = self.record.borrow_mut();
        record.moments.planned = Some(self.clock.now());
        record.plan = Some(plan.clone());
        record.digest = digest.map(PlanDigest::to_string);
        record.text = text;
    }

    fn started(&self, id: &ResourceId, verb: &'static str) {
        self.record.borrow_mut().steps.push(Step {
            id: id.clone(),
            verb,
            started: self.clock.now(),
            ended: None,
            progress: Progress::Running,
            waits: Vec::new(),
        });
    }

    fn waited(&self, id: &ResourceId, status: &Status, took: Duration) {
        let mut record = self.record.borrow_mut();
        let now = self.clock.now();
        let waited = Waited {
            start: now - took,
            end: now,
            until: status.delay.map(|delay| delay.until),
            service: status.delay.and_then(|delay| delay.service),
        };
        let mut steps = record.steps.iter_mut().rev();
        let is_running = |step: &&mut Step| step.id == *id && step.ended.is_none();
        match steps.find(is_running) {
            Some(step) => step.waits.push(waited),
            None => record.waits.push(waited),
        }
    }

    fn ended(&self, id: &ResourceId, progress: Progress) {
        let mut record = self.record.borrow_mut();
        let now = self.clock.now();
        record.moments.applied = Some(now);
        let mut steps = record.steps.iter_mut().rev();
        if let Some(step) = steps.find(|step| step.id == *id) {
            step.ended = Some(now);
            step.progress = progress;
        }
    }
}

impl Reporter for Recorder {
    fn report(&self, event: &Event<'_>) {
        match event {
            Event::Target { context, .. } => {
                let mut record = self.record.borrow_mut();
                record.moments.read = Some(self.clock.now());
                record.context = Some((*context).clone());
            }
            Event::Started { id, verb } => self.started(id, verb),
            Event::Finished { id, .. } => self.ended(id, Progress::Done),
            Event::Failed { id, .. } => self.ended(id, Progress::Failed),
            Event::Waited { id, status, took } => self.waited(id, status, *took),
            Event::Building { .. }
            | Event::Planned { .. }
            | Event::Waiting { .. }
            | Event::Settled { .. }
            | Event::Note { .. }
            | Event::Canceled { .. }
            | Event::Ended { .. }
            | Event::Warning { .. }
            | Event::Info { .. } => {}
        }
        self.next.report(event);
    }

    fn data(&self, text: &str) {
        self.next.data(text);
    }
}
