//! Removes what is ours, in reverse, then shows that nothing is left.

use std::rc::Rc;

use crate::apply::{self, Resources, apply};
use crate::cli;
use crate::cloud::Cloud;
use crate::commands::{Outcome, declared, receipt, resurrection};
use crate::error::{Error, Exit};
use crate::plan::Plan;
use crate::report::Event;
use crate::resource::{Observed, Ownership, ResourceId};
use crate::resources::code::Code;
use crate::resources::table;
use crate::rides::{Count, Rides};
use crate::session::{Session, arch};
use crate::stack::{Run, Stack};
use crate::survey::{Survey, settled_survey};

pub async fn run(flags: cli::Down, session: &Session) -> Outcome {
    let cloud = session.connect(arch(None)).await?;
    let stack = Stack::for_stage(&session.stage, cloud.runs.arch);
    let resources = stack.resources(&cloud, &Rc::new(Code::default()), Run::default());
    let survey = settled_survey(&cloud, &session.stage, &resources, &session.wait).await?;
    session.enter(&survey.context, &cloud)?;
    let table = resources
        .iter()
        .map(|r| r.id())
        .filter(|id| id.kind == table::KIND);
    let keep: Vec<ResourceId> = table.filter(|_| flags.keep_data).collect();
    let plan = Plan::down(&survey.names(&resources), &keep);
    session.reporter.report(&Event::Planned { plan: &plan });
    let refusals = declared::refusals(plan.blocked());
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut errors = if plan.is_empty() {
        Vec::new()
    } else {
        guard_production(&flags, session)?;
        let rides = stack.rides(&cloud);
        let typed = guard_rides(&flags, &survey, &resources, &rides, session).await?;
        if !typed {
            session.agree(&plan.consents())?;
        }
        let run = Run {
            delete_rides: flags.delete_data || typed,
            ..Run::default()
        };
        let resources = stack.resources(&cloud, &Rc::new(Code::default()), run);
        remove(&plan, &resources, &survey, &cloud, session).await
    };
    if session.stop.is_set() && !errors.is_empty() {
        return Err(errors);
    }
    let table = &stack.table.name;
    let receipt = if errors.is_empty() {
        receipt::settled(&plan, &resources, &cloud, table, session).await
    } else {
        receipt::take(&plan, &resources, &cloud, table).await
    };
    let receipt = match receipt {
        Ok(receipt) => receipt,
        Err(error) => {
            errors.push(error);
            return Err(errors);
        }
    };
    receipt::print(&plan, &receipt, &survey, session);
    cloud.guard.stop().await;
    if errors.is_empty() {
        let again = receipt.remaining.first().map(|id| {
            Error::failed(format!("{id} is there again"))
                .hint("somebody made it while this ran; `provision status` tells whose it is")
        });
        errors.extend(again);
    }
    // The receipt is the document of this command: errors are told beside it.
    let exit = errors.first().map_or(Exit::Done, |error| error.exit);
    for error in errors {
        session.tell(error);
    }
    Ok(exit)
}

/// Carries out the plan, and waits until what AWS may bring back by itself stays away.
async fn remove(
    plan: &Plan,
    resources: &Resources,
    survey: &Survey,
    cloud: &Cloud,
    session: &Session,
) -> Vec<Error> {
    let context = &survey.context;
    let may_return = match resurrection::may_happen(plan, resources, survey, cloud).await {
        Ok(may_return) => may_return,
        Err(error) => return vec![error.into()],
    };
    let reporter = &*session.reporter;
    let mut errors = apply(plan, resources, context, &session.wait, reporter).await;
    if let Some(log_group) = may_return.filter(|_| !session.stop.is_set()) {
        let step = apply::step(context, &session.wait, reporter, &log_group.id());
        errors.extend(resurrection::wait_out(&*log_group, &step).await.err());
    }
    errors
}

/// A production stage wants its name typed.
fn guard_production(flags: &cli::Down, session: &Session) -> Result<(), Error> {
    let stage = session.stage.as_str();
    if !session.stage.is_production() || flags.confirm_stage.as_deref() == Some(stage) {
        return Ok(());
    }
    let question = format!("`{stage}` is a production stage. Type its name to take it down: ");
    match session.ask_name(&question) {
        Some(typed) if typed == stage => Ok(()),
        _ => Err(Error::refused(format!("`{stage}` is a production stage"))
            .hint(format!("if it is meant: `… --confirm-stage {stage}`"))),
    }
}

/// `--yes` never covers rides. True where a person typed the table's name, which says it all.
async fn guard_rides(
    flags: &cli::Down,
    survey: &Survey,
    resources: &Resources,
    rides: &Rides,
    session: &Session,
) -> Result<bool, Error> {
    let ours = survey
        .of(resources, table::KIND)
        .and_then(Observed::seen)
        .is_some_and(|seen| seen.ownership == Ownership::Ours);
    if !ours || flags.keep_data || flags.delete_data {
        return Ok(false);
    }
    let table = &rides.table;
    let rides = rides.count().await?;
    if rides == Count::Exactly(0) {
        return Ok(false);
    }
    let question = format!("The table {table} holds {rides}. Type its name to delete them: ");
    match session.ask_name(&question) {
        Some(typed) if typed == *table => Ok(true),
        _ => Err(Error::refused(format!("the table {table} holds {rides}"))
            .hint("`… --keep-data` leaves the table, `… --delete-data` deletes the rides with it")),
    }
}
