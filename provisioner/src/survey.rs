//! All reads at once: who we are and what is there.

use std::time::Duration;

use futures::future::{join, join_all};

use crate::apply::Resources;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::plan::{Action, Blocked, Change, Plan, Subject};
use crate::resource::{Condition, Context, Difference, Observed};
use crate::stack::Stage;
use crate::wait::{Look, Wait};

/// A deleted table takes up to 8 s to be gone, a function's update about as long.
const SETTLE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Tags are read back as they were for up to 3 s after a write; IAM may take longer.
const LAG_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Survey {
    pub context: Context,
    /// In the order of the resources.
    pub observed: Vec<Observed>,
}

pub async fn survey(cloud: &Cloud, stage: &Stage, resources: &Resources) -> Result<Survey, Error> {
    let observe = join_all(resources.iter().map(|resource| resource.observe()));
    let (context, observed) = join(cloud.context(stage), observe).await;
    // Who we are fails first where credentials are the trouble.
    let context = context?;
    let observed = observed.into_iter().collect::<Result<_, _>>()?;
    Ok(Survey { context, observed })
}

/// As `survey`, once nothing is on its way any more: `up` and `down` plan from what stays.
pub async fn settled_survey(
    cloud: &Cloud,
    stage: &Stage,
    resources: &Resources,
    wait: &Wait<'_>,
) -> Result<Survey, Error> {
    wait.until("wait for the stack to settle", SETTLE_LIMIT, async || {
        let survey = survey(cloud, stage, resources).await?;
        let settling = resources
            .iter()
            .zip(&survey.observed)
            .find_map(|(resource, observed)| match &observed.seen()?.condition {
                Condition::Settling(status) => Some(format!("{}: {status}", resource.id())),
                Condition::Ready | Condition::Broken(_) | Condition::FailedAtCreation(_) => None,
            });
        Ok(settling.map_or(Look::Ready(survey), Look::NotYet))
    })
    .await
}

impl Survey {
    pub fn subjects(&self, resources: &Resources) -> Vec<Subject> {
        let pairs = resources.iter().zip(&self.observed);
        pairs
            .map(|(resource, observed)| Subject {
                id: resource.id(),
                needs: resource.needs(),
                goes_before: resource.goes_before(),
                desired: resource.desired(&self.context),
                observed: observed.clone(),
                adoption_note: resource.adoption_note(),
            })
            .collect()
    }

    pub fn names(&self, resources: &Resources) -> Vec<Subject> {
        let pairs = resources.iter().zip(&self.observed);
        pairs
            .map(|(resource, observed)| Subject {
                id: resource.id(),
                needs: resource.needs(),
                goes_before: resource.goes_before(),
                desired: Vec::new(),
                observed: observed.clone(),
                adoption_note: None,
            })
            .collect()
    }

    pub fn of(&self, resources: &Resources, kind: &str) -> Option<&Observed> {
        let pairs = resources.iter().zip(&self.observed);
        pairs
            .filter(|(resource, _)| resource.id().kind == kind)
            .map(|(_, seen)| seen)
            .next()
    }
}

/// Observes again after `up`: nothing may be left to do. What still shows the value from before
/// this run's write is lag; anything else is somebody else's change.
pub async fn closing_look(
    done: &Plan,
    cloud: &Cloud,
    stage: &Stage,
    resources: &Resources,
    wait: &Wait<'_>,
) -> Result<Survey, Error> {
    let what = "look at the stack again";
    wait.until(what, LAG_LIMIT, async || {
        let survey = survey(cloud, stage, resources).await?;
        let plan = Plan::up(survey.subjects(resources), &[]);
        let mut lagging = None;
        for change in &plan.changes {
            match leftover(done, change) {
                Leftover::Nothing => {}
                Leftover::Lag(status) => lagging = Some(format!("{}: {status}", change.id)),
                Leftover::Foreign(what) => {
                    return Err(Error::failed(format!(
                        "{} changed while this ran: {what}",
                        change.id
                    ))
                    .hint(
                        "somebody else changes this stack; `provision plan` shows what differs",
                    ));
                }
            }
        }
        Ok(lagging.map_or(Look::Ready(survey), Look::NotYet))
    })
    .await
}

enum Leftover {
    Nothing,
    Lag(String),
    Foreign(String),
}

fn leftover(done: &Plan, change: &Change) -> Leftover {
    let before = done.changes.iter().find(|earlier| earlier.id == change.id);
    let before = before.map(|earlier| &earlier.action);
    let created = matches!(before, Some(Action::Create(_) | Action::Replace(..)));
    match &change.action {
        Action::Keep | Action::Delete | Action::Leave(_) => Leftover::Nothing,
        Action::Create(_) if created => Leftover::Lag("not visible yet".to_owned()),
        Action::Create(_) => Leftover::Foreign("it is gone".to_owned()),
        Action::Blocked(Blocked::Settling(status)) => Leftover::Lag(status.clone()),
        // The tags of what this run made or adopted are read back later than they are written.
        Action::Blocked(Blocked::NotOurs { .. } | Blocked::Unknown(_))
            if created || matches!(before, Some(Action::Adopt(_))) =>
        {
            Leftover::Lag("its tags are not visible yet".to_owned())
        }
        Action::Blocked(Blocked::NotOurs { why, .. } | Blocked::Unknown(why)) => {
            Leftover::Foreign(why.clone())
        }
        Action::Blocked(Blocked::Broken(reason)) | Action::Replace(reason, _) => {
            Leftover::Foreign(reason.clone())
        }
        Action::Blocked(Blocked::Refused { why, .. }) => Leftover::Foreign(why.clone()),
        Action::Update(left) | Action::Adopt(left) => {
            let lags = |difference: &Difference| match before {
                Some(Action::Create(_) | Action::Replace(..)) => difference.from.is_none(),
                Some(Action::Update(written) | Action::Adopt(written)) => {
                    written.iter().any(|earlier| {
                        earlier.attribute == difference.attribute && earlier.from == difference.from
                    })
                }
                _ => false,
            };
            let names = |found: &[&Difference]| -> String {
                found
                    .iter()
                    .map(|d| format!("`{}`", d.attribute))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let (lagging, foreign): (Vec<_>, Vec<_>) = left.iter().partition(|d| lags(d));
            if foreign.is_empty() {
                Leftover::Lag(format!("{} not visible yet", names(&lagging)))
            } else {
                Leftover::Foreign(names(&foreign))
            }
        }
    }
}
