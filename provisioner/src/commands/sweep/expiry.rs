//! Whether a stage has expired. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::commands::refusals::unknown_owner;
use crate::engine::inputs::CREATED;
use crate::engine::observed::{Inventory, ObservedState, Ownership, ResourceId};
use crate::report::sweep::{Row, Verdict};
use crate::resources::function::deployed_at::DEPLOYED;
use crate::stack::stage::Stage;

pub fn judge(stage: &Stage, inventory: &Inventory, older_than: Duration, now: SystemTime) -> Row {
    let resources = inventory.resources.iter();
    let present: Vec<(&ResourceId, &ObservedState)> = resources
        .filter_map(|(id, observed)| Some((id, observed.state()?)))
        .collect();
    let managed = present.iter();
    let managed = managed.filter(|(_, state)| state.ownership == Ownership::Managed);
    let Some(deployed) = managed.filter_map(|(_, state)| newest(state)).max() else {
        return unmanaged(stage, &present);
    };
    // A deployment after this run began is new.
    let age = now.duration_since(deployed).unwrap_or_default();
    Row {
        stage: stage.clone(),
        deployed_at: DateTime::from(deployed).fmt(Format::DateTime).ok(),
        age: Some(age),
        verdict: if age >= older_than {
            Verdict::Expired
        } else {
            Verdict::Kept("it is not old enough".to_owned())
        },
    }
}

/// The time of the last deployment: what the tag of the function says. What is left of a stage without its
/// function is as old as its newest resource.
fn newest(state: &ObservedState) -> Option<SystemTime> {
    let seconds = [DEPLOYED, CREATED].into_iter();
    let seconds = seconds.filter_map(|name| state.outputs.get(name)?.parse().ok());
    let times = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    times.max()
}

fn unmanaged(stage: &Stage, present: &[(&ResourceId, &ObservedState)]) -> Row {
    for (id, state) in present {
        match &state.ownership {
            Ownership::Unknown(why) => return Row::failed(stage, vec![unknown_owner(id, why)]),
            Ownership::Unmanaged(why) => {
                return Row::kept(stage, &format!("{id} is not managed by provision ({why})"));
            }
            Ownership::Managed => {}
        }
    }
    match present.first() {
        Some((id, _)) => Row::kept(stage, &format!("AWS reports no time for {id}")),
        None => Row::kept(stage, "nothing of it exists any more"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::judge;
    use crate::engine::inputs::CREATED;
    use crate::engine::observed::{
        Condition, Context, Facts, Index, Inventory, Observed, ObservedState, Ownership,
        ResourceId, Unmanaged,
    };
    use crate::report::sweep::Verdict;
    use crate::resources::function::deployed_at::DEPLOYED;
    use crate::stack::stage::Stage;

    const DAY: u64 = 24 * 60 * 60;

    fn untagged() -> Ownership {
        Ownership::Unmanaged(Unmanaged::Untagged("no `provision:` tags".to_owned()))
    }

    /// A resource with these outputs, in days.
    fn resource(ownership: Ownership, days: &[(&str, u64)]) -> Observed {
        let days = days.iter();
        let outputs = days.map(|(name, day)| ((*name).to_owned(), (day * DAY).to_string()));
        Observed::Present(ObservedState {
            ownership,
            condition: Condition::Ready,
            facts: Facts::default(),
            details: Vec::new(),
            outputs: outputs.collect(),
        })
    }

    /// The verdict on the tenth day, for stages that are at least three days old.
    fn verdict(resources: Vec<Observed>) -> String {
        let ids = (1..).map(|number| ResourceId::new("table", format!("T{number}")));
        let inventory = Inventory {
            context: Context {
                partition: "aws".to_owned(),
                account: "123456789012".to_owned(),
                region: "eu-west-1".to_owned(),
                stage: "pr-7".to_owned(),
                caller: String::new(),
            },
            resources: ids.zip(resources).collect(),
            index: Index::default(),
        };
        let days = |days: u64| Duration::from_secs(days * DAY);
        let stage = Stage::parse("pr-7").expect("a stage");
        match judge(&stage, &inventory, days(3), UNIX_EPOCH + days(10)).verdict {
            Verdict::Expired => "expired".to_owned(),
            Verdict::Kept(why) => why,
            Verdict::Failed(errors) => errors[0].text.clone(),
            Verdict::Deleted(_) => panic!("nothing is deleted here"),
        }
    }

    #[test]
    fn the_newest_time_of_what_is_managed_counts() {
        let managed = |days| resource(Ownership::Managed, days);
        let recent = "it is not old enough";
        assert_eq!(verdict(vec![managed(&[(CREATED, 7)])]), "expired");
        assert_eq!(verdict(vec![managed(&[(CREATED, 8)])]), recent);
        let function = managed(&[(CREATED, 1), (DEPLOYED, 9)]);
        assert_eq!(verdict(vec![managed(&[(CREATED, 1)]), function]), recent);
        let of_others = resource(untagged(), &[(CREATED, 9)]);
        assert_eq!(
            verdict(vec![managed(&[(CREATED, 1)]), of_others]),
            "expired"
        );
        assert_eq!(verdict(vec![managed(&[(DEPLOYED, 11)])]), recent);
    }

    #[test]
    fn what_is_not_managed_is_kept_with_the_reason() {
        assert_eq!(
            verdict(vec![
                Observed::Absent,
                resource(untagged(), &[(CREATED, 1)])
            ]),
            "table T2 is not managed by provision (no `provision:` tags)"
        );
        assert_eq!(
            verdict(vec![resource(Ownership::Unknown("x".to_owned()), &[])]),
            "cannot determine ownership of table T1: x"
        );
        let without_time = resource(Ownership::Managed, &[]);
        assert_eq!(
            verdict(vec![without_time]),
            "AWS reports no time for table T1"
        );
        assert_eq!(
            verdict(vec![Observed::Absent]),
            "nothing of it exists any more"
        );
    }
}
