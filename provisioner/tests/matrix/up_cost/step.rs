//! The commands of a life cycle, what AWS's delays impose on them, and what they may cost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use local_cloud::{FaultProfile, Span};

use crate::world::artifact_path;

pub const LATENCY: Duration = Duration::from_millis(40);
pub const TABLE: Duration = Duration::from_secs(5);
pub const ROLE: Duration = Duration::from_secs(7);
pub const FUNCTION: Duration = Duration::from_secs(2);

/// A cloud with these delays.
pub fn profile() -> FaultProfile {
    FaultProfile {
        table_creating: exactly(TABLE),
        table_deleting: exactly(TABLE),
        role_assumable: exactly(ROLE),
        function_pending: exactly(FUNCTION),
        function_updating: exactly(FUNCTION),
        ..FaultProfile::calm()
    }
}

fn exactly(delay: Duration) -> Span {
    let millis = u64::try_from(delay.as_millis()).expect("seconds");
    Span::millis(millis, millis)
}

/// A command, with what it must wait for and the limits of what it may cost.
pub struct Step {
    pub name: &'static str,
    pub args: Vec<String>,
    /// The delays that it cannot avoid.
    delays: &'static [Duration],
    /// The calls of the shortest correct order, each of which needs the answer to the one before it. It begins
    /// with reading what exists and ends with reading all of it again.
    serial: &'static [&'static str],
    most: Most,
}

struct Most {
    calls: usize,
    uploads: usize,
    /// Of the imposed time, in percent.
    percent: u128,
}

const FIRST_UP: &[&str] = &[
    "read everything",
    "CreateRole",
    "CreateFunction",
    "GetFunction",
    "PublishVersion",
    "GetFunction of the version",
    "Invoke",
    "GetItem",
    "DeleteItem",
    "CreateAlias",
    "read everything",
    "GetRolePolicy",
];

const NOTHING: &[&str] = &["read everything", "GetRolePolicy"];

const CODE_CHANGE: &[&str] = &[
    "read everything",
    "GetRolePolicy",
    "UpdateFunctionCode",
    "GetFunction",
    "PublishVersion",
    "GetFunction of the version",
    "Invoke",
    "GetItem",
    "DeleteItem",
    "UpdateAlias",
    "read everything",
    "GetRolePolicy",
];

const DOWN: &[&str] = &[
    "read everything",
    "GetRolePolicy",
    "DeleteAlias",
    "DeleteFunction",
    "GetFunction",
    "UpdateTable",
    "DeleteTable",
    "DescribeTable",
    "read everything",
];

pub fn steps(changed: &Path) -> Vec<Step> {
    let first = ["up", "--artifact", artifact_path()];
    let change = ["up", "--artifact", changed.to_str().expect("UTF-8")];
    let owned = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect();
    let most = |calls, uploads, percent| Most {
        calls,
        uploads,
        percent,
    };
    vec![
        Step {
            name: "first up",
            args: owned(&first),
            delays: &[ROLE, FUNCTION],
            serial: FIRST_UP,
            most: most(60, 10, 105),
        },
        Step {
            name: "nothing to do",
            args: owned(&first),
            delays: &[],
            serial: NOTHING,
            most: most(15, 0, 100),
        },
        Step {
            name: "code change",
            args: owned(&change),
            delays: &[FUNCTION],
            serial: CODE_CHANGE,
            most: most(50, 1, 110),
        },
        Step {
            name: "down",
            args: owned(&["down", "--delete-data"]),
            delays: &[TABLE],
            serial: DOWN,
            most: most(50, 0, 110),
        },
    ]
}

impl Step {
    fn imposed(&self) -> Duration {
        let calls = u32::try_from(self.serial.len()).expect("few");
        self.delays.iter().sum::<Duration>() + LATENCY * calls
    }
}

/// What a step has cost.
pub struct Cost {
    pub took: Duration,
    calls: BTreeMap<String, usize>,
    uploads: usize,
    /// Of all requests but uploads, whose size is that of the zip.
    bytes: usize,
}

impl Cost {
    /// Of the names of the calls and the sizes of their bodies.
    pub fn of(calls: &[(String, usize)], took: Duration) -> Cost {
        let mut cost = Cost {
            took,
            calls: BTreeMap::new(),
            uploads: 0,
            bytes: 0,
        };
        for (name, body) in calls {
            *cost.calls.entry(name.clone()).or_default() += 1;
            match &**name {
                "lambda_CreateFunction" | "lambda_UpdateFunctionCode" => cost.uploads += 1,
                _ => cost.bytes += body,
            }
        }
        cost
    }

    fn all_calls(&self) -> usize {
        self.calls.values().sum()
    }

    pub fn check_calls(&self, step: &Step) {
        let Most { calls, uploads, .. } = step.most;
        let name = step.name;
        assert!(self.all_calls() <= calls, "{name}: {:?}", self.calls);
        assert!(self.uploads <= uploads, "{name}: {} uploads", self.uploads);
    }

    pub fn check_time(&self, step: &Step) {
        let (took, imposed) = (self.took.as_millis(), step.imposed().as_millis());
        let most = imposed * step.most.percent / 100;
        assert!(took <= most, "{}: {took} of {imposed} ms", step.name);
    }

    /// A line of a report.
    pub fn line(&self, step: &Step) -> String {
        let (took, imposed) = (self.took.as_millis(), step.imposed().as_millis());
        format!(
            "{}: {took} ms, {} % of the imposed {imposed} ms; {} calls, {} uploads, {} kB besides",
            step.name,
            (took * 100).div_ceil(imposed),
            self.all_calls(),
            self.uploads,
            self.bytes.div_ceil(1000)
        )
    }

    pub fn describe(&self, step: &Step) -> String {
        let mut text = format!("\n{}\n", self.line(step));
        let delays = step.delays.iter();
        let delays = delays.map(|delay| format!("{} ms + ", delay.as_millis()));
        let delays: String = delays.collect();
        let serial = step.serial.join(", ");
        writeln!(
            text,
            "  imposed: {delays}{} calls: {serial}",
            step.serial.len()
        )
        .expect("text");
        for (name, count) in &self.calls {
            writeln!(text, "  {count:3} {name}").expect("text");
        }
        text
    }
}
