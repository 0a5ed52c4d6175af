//! Plans, applies the plan, and verifies the result.

use crate::aws::clients::Cloud;
use crate::cli::{self, Declared};
use crate::commands::{Outcome, outputs, refusals, stack_args};
use crate::engine::apply::{Run, apply};
use crate::engine::inputs::Inputs;
use crate::engine::plan::Plan;
use crate::engine::plan_digest::PlanDigest;
use crate::engine::refresh::{settled, verified};
use crate::engine::resource::{Scope, states};
use crate::error::{Error, Exit};
use crate::preflight::{Preflight, Ride};
use crate::report::Event;
use crate::report::plan::{self, View};
use crate::resources::release::live_version;
use crate::session::Session;
use crate::stack::declaration::Stack;

pub async fn run(flags: cli::Up, cloud: &Cloud, session: &Session) -> Outcome {
    let stack = stack_args::stack(&flags.declared, &cloud.build_target, session)?;
    let checks = Checks {
        approved: flags.plan_digest.as_ref(),
        preflight: !flags.no_preflight,
    };
    deploy_checked(checks, &flags.declared, &stack, cloud, session).await
}

/// Deploys a declared stack, without the checks.
pub async fn deploy(flags: &Declared, stack: &Stack, cloud: &Cloud, session: &Session) -> Outcome {
    deploy_checked(Checks::default(), flags, stack, cloud, session).await
}

/// What is checked before the first change.
#[derive(Default)]
struct Checks<'a> {
    /// The digest that the plan must have.
    approved: Option<&'a PlanDigest>,
    /// Whether the caller has the permissions for the plan, and the account the quotas.
    preflight: bool,
}

async fn deploy_checked(
    checks: Checks<'_>,
    flags: &Declared,
    stack: &Stack,
    cloud: &Cloud,
    session: &Session,
) -> Outcome {
    let resources = stack.resources(cloud, stack_args::request(flags, session));
    let staleness = stack_args::staleness(session);
    let scope = Scope {
        resources: &resources,
        earlier: &stack.earlier(cloud),
    };
    let (stage, wait, reporter) = (&session.stage, &session.wait, &*session.reporter);
    let inventory = settled(cloud, stage, scope, wait, reporter).await?;
    session.enter(&inventory.context, cloud)?;
    let artifact = stack_args::artifact(flags, &cloud.build_target, session).await?;
    let inputs = Inputs::new(&inventory, Some(&artifact));
    let consent = stack_args::consent(flags, &resources)?;
    let code = stack.function.wanted_code(&inputs);
    let sha256 = code.as_ref().map(|code| &*code.sha256);
    let states = states(&resources, &inputs);
    refusals::check_drops(&consent, &states)?;
    let digest = PlanDigest::of(inputs.context(), sha256, &states, &consent);
    let plan = Plan::up(states, &consent).beside(&inventory.index);
    let view = View {
        inventory: &inventory,
        values: &stack_args::known_values(stack, &inventory, session),
        verbose: session.verbose,
        takes_test_ride: !flags.skip_test_ride,
    };
    let text = plan::diff(&plan, &view);
    session.recorder.planned(&plan, Some(&digest), text);
    session.recorder.record_mut().live_before = live_version(&inventory).map(str::to_owned);
    // "Nothing to do" would be wrong: this program does not know what is declared.
    if !(stack_args::warn_if_stale(staleness, session).await && plan.is_empty()) {
        session
            .reporter
            .report(&Event::Planned { plan: &plan, view });
    }
    if code.is_some_and(|code| code.other_compiler) {
        let text =
            "same source, different compiler: the deployed code stays; `--upload` replaces it";
        session.reporter.report(&Event::Info { text });
    }
    let changed = checks.approved.filter(|approved| **approved != digest);
    let changed = changed.map(|approved| refusals::plan_changed(approved, &digest));
    let refusals = refusals::refusals(plan.blocked());
    let refusals: Vec<Error> = changed.into_iter().chain(refusals).collect();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    if plan.is_empty() {
        outputs::print(&inputs, &resources, session);
        return Ok(Exit::Done);
    }
    if checks.preflight {
        let preflight = Preflight {
            inputs,
            stack,
            cloud,
            reporter: &*session.reporter,
        };
        preflight.check(&plan, ride(flags)).await?;
    }
    session.agree(&plan.confirmations()).await?;
    let run = Run {
        resources: &resources,
        inputs,
        wait: &session.wait,
        reporter: &*session.reporter,
        in_flight: &session.interceptors.in_flight,
    };
    let errors = apply(&plan, &run).await;
    if !errors.is_empty() {
        session.ended();
        return Err(errors);
    }
    let verified = verified(&plan, &run).await;
    session.ended();
    let inventory = verified?;
    let inputs = Inputs::new(&inventory, Some(&artifact));
    outputs::print(&inputs, &resources, session);
    Ok(Exit::Done)
}

fn ride(flags: &Declared) -> Ride {
    if flags.skip_test_ride {
        Ride::Skipped
    } else {
        Ride::Taken
    }
}
