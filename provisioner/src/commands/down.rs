//! Deletes the managed resources in reverse order, then verifies that nothing is left.

use futures::future::join;

use crate::aws::clients::Cloud;
use crate::cli;
use crate::commands::confirm::{guard_log_group, guard_production, guard_rides, unguarded_rides};
use crate::commands::{Outcome, late_log_group, refusals, teardown_report};
use crate::engine::apply::{Run, apply};
use crate::engine::inputs::Inputs;
use crate::engine::observed::Context;
use crate::engine::plan::{Consent, DataLoss, Plan};
use crate::engine::refresh::settled;
use crate::engine::resource::names;
use crate::error::{Error, Exit, exit_of};
use crate::preflight::{Preflight, Ride};
use crate::report::Event;
use crate::report::plan::{self, KnownValues, View};
use crate::report::teardown::TeardownReport;
use crate::resources::release::live_version;
use crate::session::Session;
use crate::stack::declaration::Stack;
use crate::stack::resources::Request;

pub async fn run(flags: cli::Down, cloud: &Cloud, session: &Session) -> Outcome {
    let Torn {
        context,
        report,
        errors,
    } = tear_down(&flags, cloud, session).await?;
    teardown_report::print(&report, &context, &errors, session);
    let exit = match &errors[..] {
        [] => Exit::Done,
        errors => exit_of(errors),
    };
    for error in errors {
        session.report_error(error);
    }
    Ok(exit)
}

/// What a deletion came to.
pub struct Torn {
    pub context: Context,
    pub report: TeardownReport,
    pub errors: Vec<Error>,
}

/// Deletes the stage of the session. Fails if nothing was deleted because it was refused, or if the names could
/// not be read again.
pub async fn tear_down(
    flags: &cli::Down,
    cloud: &Cloud,
    session: &Session,
) -> Result<Torn, Vec<Error>> {
    let stack = session.named_stack(&cloud.build_target)?;
    let resources = stack.resources(cloud, Request::default());
    let (stage, wait, reporter) = (&session.stage, &session.wait, &*session.reporter);
    let inventory = settled(cloud, stage, &resources, wait, reporter).await?;
    session.enter(&inventory.context, cloud)?;
    let inputs = Inputs::new(&inventory, None);
    let states = names(&resources, &inputs);
    let mut consent = consent(flags, &stack);
    let mut plan = Plan::down(&states, &consent);
    let view = View {
        inventory: &inventory,
        values: &KnownValues::default(),
        verbose: session.verbose,
        takes_test_ride: false,
    };
    let text = plan::diff(&plan, &view);
    session.recorder.planned(&plan, None, text);
    session.recorder.record_mut().live_before = live_version(&inventory).map(str::to_owned);
    session
        .reporter
        .report(&Event::Planned { plan: &plan, view });
    let refusals = refusals::refusals(plan.blocked());
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let run = Run {
        resources: &resources,
        inputs,
        wait: &session.wait,
        reporter: &*session.reporter,
        in_flight: &session.interceptors.in_flight,
    };
    let mut errors = Vec::new();
    if !plan.is_empty() {
        guard_production(flags, session).await?;
        let rides = stack.rides(cloud);
        let count = unguarded_rides(flags, &inventory, &rides);
        let (allowed, count) = join(preflight(&plan, &run, flags, &stack, cloud), count).await;
        allowed?;
        let data = guard_rides(count?, &rides.table, session).await?;
        guard_log_group(&stack.log_group.id(), flags, data, &inventory, session)?;
        match data {
            // Typing the name of the table confirms the whole plan.
            DataLoss::Accepted => {
                consent.data = DataLoss::Accepted;
                plan = Plan::down(&states, &consent);
            }
            DataLoss::Refused => session.agree(&plan.confirmations()).await?,
        }
        errors = delete(&plan, &run, cloud).await;
    }
    if session.stop.is_set() && !errors.is_empty() {
        return Err(errors);
    }
    let report = report(&plan, &run, &mut errors, cloud).await;
    session.ended();
    let report = report?;
    let context = inventory.context.clone();
    Ok(Torn {
        context,
        report,
        errors,
    })
}

/// Checks the caller's permissions for the plan.
async fn preflight(
    plan: &Plan,
    run: &Run<'_>,
    flags: &cli::Down,
    stack: &Stack,
    cloud: &Cloud,
) -> Result<(), Vec<Error>> {
    if flags.no_preflight {
        return Ok(());
    }
    let preflight = Preflight {
        inputs: run.inputs,
        stack,
        cloud,
        reporter: run.reporter,
    };
    preflight.check(plan, Ride::Skipped).await
}

fn consent(flags: &cli::Down, stack: &Stack) -> Consent {
    let table = stack.table.id();
    Consent {
        adopt: Vec::new(),
        drop: Vec::new(),
        keep: flags.keep_data.then_some(table).into_iter().collect(),
        data: if flags.delete_data {
            DataLoss::Accepted
        } else {
            DataLoss::Refused
        },
    }
}

/// Applies the plan. Then waits until the log group, which a late log event may create again, stays
/// deleted.
async fn delete(plan: &Plan, run: &Run<'_>, cloud: &Cloud) -> Vec<Error> {
    let may_be_recreated = match late_log_group::may_be_recreated(plan, run, cloud).await {
        Ok(may_be_recreated) => may_be_recreated,
        Err(error) => return vec![error.into()],
    };
    let mut errors = apply(plan, run).await;
    if let Some(log_group) = may_be_recreated.filter(|_| run.wait.stopped().is_ok()) {
        let waited = late_log_group::wait_out(log_group, run).await;
        errors.extend(waited.err());
        let id = &log_group.declared().id();
        run.reporter.report(&Event::Settled { id });
    }
    errors
}

/// Reads every name again. What exists again is an error.
async fn report(
    plan: &Plan,
    run: &Run<'_>,
    errors: &mut Vec<Error>,
    cloud: &Cloud,
) -> Result<TeardownReport, Vec<Error>> {
    let report = if errors.is_empty() {
        teardown_report::settled(plan, run, cloud).await
    } else {
        teardown_report::read_now(plan, run, cloud).await
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            errors.push(error);
            return Err(std::mem::take(errors));
        }
    };
    if let Some(text) = &report.backups_unknown {
        run.reporter.report(&Event::Warning { text });
    }
    if errors.is_empty() {
        let again = report.remaining.first().map(|id| {
            Error::failed(format!("{id} exists again"))
                .hint("it was created during this run; `provision status` shows the owner")
        });
        errors.extend(again);
    }
    Ok(report)
}
