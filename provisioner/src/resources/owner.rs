//! The owner of a resource, which only its four tags determine.

use crate::engine::attribute::{Attribute, Name, TAG};
use crate::engine::observed::{Context, Facts, Ownership, Unmanaged};

const PREFIX: &str = "provision:";
const STACK: &str = "provision:stack";
const STAGE: &str = "provision:stage";
const REGION: &str = "provision:region";
const MANAGED_BY: &str = "provision:managed-by";

/// The tag of the function with the time of the last deployment, which only `sweep` reads. It is not declared
/// and never compared, since every run has another time.
pub const DEPLOYED_AT: &str = "provision:deployed-at";

/// The value of `provision:stack`.
pub const STACK_NAME: &str = "wild-rydes";

/// The stack, stage and region that a resource belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub stage: String,
    pub region: String,
}

impl Owner {
    pub fn of(context: &Context) -> Owner {
        Owner {
            stage: context.stage.clone(),
            region: context.region.clone(),
        }
    }

    pub fn tags(&self) -> [(&'static str, String); 4] {
        [
            (STACK, STACK_NAME.to_owned()),
            (STAGE, self.stage.clone()),
            (REGION, self.region.clone()),
            (MANAGED_BY, "provision".to_owned()),
        ]
    }

    pub fn attributes(&self) -> Vec<Attribute> {
        let tags = self.tags().into_iter();
        tags.map(|(key, value)| Attribute::new(Name::entry(TAG, key), value))
            .collect()
    }

    /// The ownership according to the tags; adds the `provision:` tags to the facts, except for that with a
    /// time. All other tags are ignored. The case of keys is ignored too, as in IAM.
    pub fn judge<'a>(
        &self,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
        facts: &mut Facts,
    ) -> Ownership {
        for (key, value) in tags {
            let key = key.to_ascii_lowercase();
            if key.starts_with(PREFIX) && key != DEPLOYED_AT {
                facts.is(Name::entry(TAG, key), value);
            }
        }
        let tag = |key: &'static str| facts.value(&Name::entry(TAG, key));
        let untagged = |why: String| Ownership::Unmanaged(Unmanaged::Untagged(why));
        let elsewhere = |what: String| {
            Ownership::Unmanaged(Unmanaged::Elsewhere(format!("it belongs to {what}")))
        };
        match (tag(STACK), tag(STAGE), tag(REGION)) {
            (None, _, _) => untagged("no `provision:` tags".to_owned()),
            (Some(stack), _, _) if stack != STACK_NAME => elsewhere(format!("stack `{stack}`")),
            (_, Some(stage), _) if stage != self.stage => elsewhere(format!("stage `{stage}`")),
            (_, _, Some(region)) if region != self.region => elsewhere(format!("region {region}")),
            (_, None, _) => untagged(format!("no tag `{STAGE}`")),
            (Some(_), Some(_), _) => Ownership::Managed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;
    use crate::engine::observed::{Facts, Ownership, Unmanaged};

    fn judge(tags: &[(&str, &str)]) -> (Ownership, Facts) {
        let owner = Owner {
            stage: "default".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let mut facts = Facts::default();
        let ownership = owner.judge(tags.iter().copied(), &mut facts);
        (ownership, facts)
    }

    fn check(tags: &[(&str, &str)], expected: Option<(&str, bool)>) {
        let found = match judge(tags).0 {
            Ownership::Managed => None,
            Ownership::Unmanaged(Unmanaged::Untagged(why)) => Some((why, true)),
            Ownership::Unmanaged(Unmanaged::Elsewhere(why)) => Some((why, false)),
            Ownership::Unknown(why) => panic!("{why}"),
        };
        let found = found.as_ref().map(|(why, adoptable)| (&**why, *adoptable));
        assert_eq!(found, expected, "{tags:?}");
    }

    #[test]
    fn a_resource_is_managed_only_with_the_stack_stage_and_region() {
        let stack = ("provision:stack", "wild-rydes");
        let stage = ("provision:stage", "default");
        check(&[stack, stage, ("provision:region", "eu-west-1")], None);
        check(&[("Provision:Stack", "wild-rydes"), stage], None);
        check(&[], Some(("no `provision:` tags", true)));
        check(&[("team", "blue")], Some(("no `provision:` tags", true)));
        check(
            &[stack, ("provision:stage", "dev")],
            Some(("it belongs to stage `dev`", false)),
        );
        check(&[stack], Some(("no tag `provision:stage`", true)));
        check(
            &[stack, stage, ("provision:region", "us-east-1")],
            Some(("it belongs to region us-east-1", false)),
        );
    }

    #[test]
    fn tags_of_others_and_times_are_no_facts() {
        let (_, facts) = judge(&[
            ("team", "blue"),
            ("provision:stack", "x"),
            ("provision:deployed-at", "2026-11-28T10:00:00Z"),
        ]);
        assert_eq!(facts.iter().count(), 1);
    }
}
