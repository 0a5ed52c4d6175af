//! Whose a resource is: four tags, and nothing else, tell.

use crate::resource::{Attribute, Facts, Ownership};

const PREFIX: &str = "provision:";
const STACK: &str = "provision:stack";
const STAGE: &str = "provision:stage";
const REGION: &str = "provision:region";
const MANAGED_BY: &str = "provision:managed-by";

const ELSEWHERE: &str = "it belongs to";

/// The value of `provision:stack`.
pub const STACK_NAME: &str = "wild-rydes";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub stage: String,
    pub region: String,
}

impl Owner {
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
        tags.map(|(key, value)| Attribute::new(format!("tag {key}"), value))
            .collect()
    }

    /// Only tags of ours become facts: all others are somebody else's and never touched. Keys
    /// are compared without regard to case, as IAM does; no other service has two that differ
    /// only so.
    pub fn facts<'a>(&self, tags: impl Iterator<Item = (&'a str, &'a str)>, facts: &mut Facts) {
        for (key, value) in tags {
            let key = key.to_ascii_lowercase();
            if key.starts_with(PREFIX) {
                facts.is(format!("tag {key}"), value);
            }
        }
    }

    /// From the facts that `facts` filled in.
    pub fn judge(&self, facts: &Facts) -> Ownership {
        let tag = |key: &str| facts.value(&format!("tag {key}"));
        let foreign = |why: String| Ownership::Foreign(why);
        match (tag(STACK), tag(STAGE), tag(REGION)) {
            (None, _, _) => foreign("it has no `provision:` tags".to_owned()),
            (Some(stack), _, _) if stack != STACK_NAME => {
                foreign(format!("{ELSEWHERE} the stack `{stack}`"))
            }
            (_, Some(stage), _) if stage != self.stage => {
                foreign(format!("{ELSEWHERE} the stage `{stage}`"))
            }
            (_, _, Some(region)) if region != self.region => {
                foreign(format!("{ELSEWHERE} the region {region}"))
            }
            (_, None, _) => foreign(format!("it has no tag `{STAGE}`")),
            (Some(_), Some(_), _) => Ownership::Ours,
        }
    }
}

/// Whether that is why it is not ours: taking it over would break another deployment.
pub fn is_elsewhere(why: &str) -> bool {
    why.starts_with(ELSEWHERE)
}

#[cfg(test)]
mod tests {
    use super::Owner;
    use crate::resource::{Facts, Ownership};

    fn check(tags: &[(&str, &str)], expected: Option<&str>) {
        let owner = Owner {
            stage: "default".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let mut facts = Facts::default();
        owner.facts(tags.iter().copied(), &mut facts);
        let found = match owner.judge(&facts) {
            Ownership::Ours => None,
            Ownership::Foreign(why) | Ownership::Unknown(why) => Some(why),
        };
        assert_eq!(found.as_deref(), expected, "{tags:?}");
    }

    #[test]
    fn a_resource_is_ours_only_with_our_stack_stage_and_region() {
        let stack = ("provision:stack", "wild-rydes");
        let stage = ("provision:stage", "default");
        check(&[stack, stage, ("provision:region", "eu-west-1")], None);
        check(&[("Provision:Stack", "wild-rydes"), stage], None);
        check(&[], Some("it has no `provision:` tags"));
        check(&[("team", "blue")], Some("it has no `provision:` tags"));
        check(
            &[stack, ("provision:stage", "dev")],
            Some("it belongs to the stage `dev`"),
        );
        check(&[stack], Some("it has no tag `provision:stage`"));
        check(
            &[stack, stage, ("provision:region", "us-east-1")],
            Some("it belongs to the region us-east-1"),
        );
    }

    #[test]
    fn tags_of_others_are_no_facts() {
        let owner = Owner {
            stage: "dev".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let mut facts = Facts::default();
        owner.facts(
            [("team", "blue"), ("provision:stack", "x")].into_iter(),
            &mut facts,
        );
        assert_eq!(facts.iter().count(), 1);
    }
}
