//! Deletes the managed resources in reverse order, then verifies that nothing is left.

use futures::future::{join, join_all};

use crate::aws::clients::Cloud;
use crate::cli;
use crate::commands::confirm::{
    check_confirmed, guard_log_groups, guard_production, guard_rides, unguarded_rides,
};
use crate::commands::{Outcome, late_log_group, refusals, teardown_report, undeclared};
use crate::engine::apply::{Run, apply};
use crate::engine::earlier::order_deletions;
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Context, Inventory, ResourceId};
use crate::engine::plan::{Consent, Plan, ResourceState};
use crate::engine::purpose::Purpose;
use crate::engine::refresh::settled;
use crate::engine::resource::{Resources, Scope, names};
use crate::error::{Error, Exit, exit_of};
use crate::preflight::{Preflight, Ride};
use crate::report::Event;
use crate::report::plan::{self, KnownValues, View};
use crate::report::teardown::TeardownReport;
use crate::resources::release::live_version;
use crate::resources::table;
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

/// Deletes the stage of the session, or only what it no longer declares. Fails if nothing was deleted because it was
/// refused, or if the names could not be read again.
pub async fn tear_down(
    flags: &cli::Down,
    cloud: &Cloud,
    session: &Session,
) -> Result<Torn, Vec<Error>> {
    check_confirmed(flags, session)?;
    let stack = session.named_stack(&cloud.build_target)?;
    let declared = stack.resources(cloud, Request::default());
    let earlier = stack.earlier(cloud);
    let scope = Scope {
        resources: &declared,
        earlier: &earlier,
    };
    let (stage, wait, reporter) = (&session.stage, &session.wait, &*session.reporter);
    let inventory = settled(cloud, stage, scope, wait, reporter).await?;
    session.enter(&inventory.context, cloud)?;
    let mut resources = undeclared::resources(&inventory.index, &earlier);
    if flags.undeclared {
        undeclared::check_unused(&stack, &inventory)?;
    } else {
        resources.splice(..0, declared.iter().cloned());
    }
    let inputs = Inputs::new(&inventory, None);
    let mut states = names(&resources, &inputs);
    order_deletions(&mut states, &inventory.index);
    let run = Run {
        resources: &resources,
        inputs,
        wait: &session.wait,
        reporter: &*session.reporter,
        in_flight: &session.interceptors.in_flight,
    };
    let deletion = Deletion {
        flags,
        stack: &stack,
        states: &states,
        run: &run,
        cloud,
        session,
    };
    let (report, errors) = deletion.carry_out(&declared).await?;
    let context = inventory.context.clone();
    Ok(Torn {
        context,
        report,
        errors,
    })
}

/// What is deleted, and with what.
struct Deletion<'a> {
    flags: &'a cli::Down,
    stack: &'a Stack,
    states: &'a [ResourceState],
    run: &'a Run<'a>,
    cloud: &'a Cloud,
    session: &'a Session,
}

impl Deletion<'_> {
    async fn carry_out(
        &self,
        declared: &Resources,
    ) -> Result<(TeardownReport, Vec<Error>), Vec<Error>> {
        let Deletion {
            flags,
            states,
            run,
            cloud,
            session,
            ..
        } = self;
        let mut consent = consent(flags, states);
        let mut plan = self.plan(&consent);
        show(&plan, run.inputs.inventory, session);
        let refusals = refusals::refusals(plan.blocked());
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let mut errors = Vec::new();
        if !plan.is_empty() {
            let typed = self.guard(&plan).await?;
            if !typed.is_empty() {
                consent.lose_data.extend(typed);
                let others = ids(states, |kind| kind != table::KIND);
                consent.lose_data.extend(others);
                plan = self.plan(&consent);
            }
            errors = delete(&plan, run, cloud).await;
        }
        if session.stop.is_set() && !errors.is_empty() {
            return Err(errors);
        }
        let report = report(&plan, run, &mut errors, cloud).await;
        if let Ok(report) = &report
            && flags.undeclared
            && errors.is_empty()
        {
            errors = undeclared::unlist(&report.deleted, declared, run).await;
        }
        session.ended();
        Ok((report?, errors))
    }

    fn plan(&self, consent: &Consent) -> Plan {
        let index = &self.run.inputs.inventory.index;
        Plan::down(self.states, consent).with_undeclared(index)
    }

    /// Asks for what the plan needs consent to. Returns the tables whose names the user typed, which confirms the whole
    /// plan.
    async fn guard(&self, plan: &Plan) -> Result<Vec<ResourceId>, Vec<Error>> {
        let Deletion { flags, session, .. } = self;
        guard_production(flags, session).await?;
        let rides = self.stack.rides(self.cloud);
        let losses = Purpose::Check.of(unguarded_rides(flags, plan, &rides));
        let (allowed, losses) = join(self.preflight(plan), losses).await;
        allowed?;
        let losses = losses?;
        guard_rides(&losses, session).await?;
        let typed: Vec<ResourceId> = losses.into_iter().map(|loss| loss.table).collect();
        let inventory = self.run.inputs.inventory;
        guard_log_groups(flags, !typed.is_empty(), plan, inventory, session)?;
        if typed.is_empty() {
            session.agree(&plan.confirmations()).await?;
        }
        Ok(typed)
    }

    /// Checks the caller's permissions for the plan.
    async fn preflight(&self, plan: &Plan) -> Result<(), Vec<Error>> {
        if self.flags.no_preflight {
            return Ok(());
        }
        let inputs = self.run.inputs;
        // The permissions go by the names of the stack, and what is no longer declared has other ones.
        for (stack, plan) in undeclared::by_names(self.stack, plan, &inputs.inventory.index) {
            let preflight = Preflight {
                inputs,
                stack: &stack,
                cloud: self.cloud,
                reporter: self.run.reporter,
            };
            preflight.check(&plan, Ride::Skipped).await?;
        }
        Ok(())
    }
}

fn show(plan: &Plan, inventory: &Inventory, session: &Session) {
    let view = View {
        inventory,
        values: &KnownValues::default(),
        verbose: session.verbose,
        takes_test_ride: false,
    };
    let text = plan::diff(plan, &view);
    session.recorder.planned(plan, None, text);
    session.recorder.record_mut().live_before = live_version(inventory).map(str::to_owned);
    session.reporter.report(&Event::Planned { plan, view });
}

fn consent(flags: &cli::Down, states: &[ResourceState]) -> Consent {
    let tables = ids(states, |kind| kind == table::KIND);
    let all = ids(states, |_| true);
    Consent {
        keep: tables.filter(|_| flags.keep_data).collect(),
        lose_data: all.filter(|_| flags.delete_data).collect(),
        ..Consent::default()
    }
}

fn ids(
    states: &[ResourceState],
    accepts: impl Fn(&str) -> bool,
) -> impl Iterator<Item = ResourceId> {
    let ids = states.iter().map(|state| state.id.clone());
    ids.filter(move |id| accepts(id.kind))
}

/// Applies the plan. Then waits until the log groups that a late log event may create again stay deleted.
async fn delete(plan: &Plan, run: &Run<'_>, cloud: &Cloud) -> Vec<Error> {
    let asked = late_log_group::may_be_recreated(plan, run, cloud);
    let may_be_recreated = Purpose::Check.of(asked).await;
    let mut errors = apply(plan, run).await;
    if run.wait.stopped().is_err() {
        return errors;
    }
    let waits = may_be_recreated.into_iter().map(|log_group| async {
        let waited = Purpose::Verify
            .of(late_log_group::wait_out(log_group, run))
            .await;
        let id = &log_group.declared().id();
        run.reporter.report(&Event::Settled { id });
        waited
    });
    let waited = join_all(waits).await;
    errors.extend(waited.into_iter().filter_map(Result::err));
    errors
}

/// Reads every name again. What exists again is an error.
async fn report(
    plan: &Plan,
    run: &Run<'_>,
    errors: &mut Vec<Error>,
    cloud: &Cloud,
) -> Result<TeardownReport, Vec<Error>> {
    let read = async {
        if errors.is_empty() {
            teardown_report::settled(plan, run, cloud).await
        } else {
            teardown_report::read_now(plan, run, cloud).await
        }
    };
    let report = match Purpose::Verify.of(read).await {
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
