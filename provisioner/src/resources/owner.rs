//! The owner of a resource, which only its four tags determine, and the further tags that are declared, among them the
//! index of the stack's resources.

use std::collections::BTreeMap;

use crate::engine::attribute::{Attribute, Name, Shown, TAG};
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Context, Facts, Ownership, ResourceId, Unmanaged};
use crate::stack::setting::Setting;

const PREFIX: &str = "provision:";
const STACK: &str = "provision:stack";
pub const STAGE: &str = "provision:stage";
const REGION: &str = "provision:region";
const MANAGED_BY: &str = "provision:managed-by";

/// The tag of the function with the time of the last deployment, which only `sweep` reads. It is not declared
/// and never compared, since every run has another time.
pub const DEPLOYED_AT: &str = "provision:deployed-at";

/// The value of `provision:stack`.
pub const STACK_NAME: &str = "wild-rydes";

/// Tags of the user's choice, none of which begins with `provision:`.
pub type Tags = BTreeMap<String, Setting<String>>;

/// The stack, stage and region that a resource belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub stage: String,
    pub region: String,
    /// Declared besides the four. One that is no longer declared stays on the resources: nothing tells that
    /// it was.
    pub further: Tags,
}

impl Owner {
    pub fn of(context: &Context, further: &Tags) -> Owner {
        Owner {
            stage: context.stage.clone(),
            region: context.region.clone(),
            further: further.clone(),
        }
    }

    /// Those that determine the owner.
    pub fn own_tags(&self) -> [(&'static str, String); 4] {
        [
            (STACK, STACK_NAME.to_owned()),
            (STAGE, self.stage.clone()),
            (REGION, self.region.clone()),
            (MANAGED_BY, "provision".to_owned()),
        ]
    }

    /// The tags of a resource of this stack, as keys and values.
    pub fn tags(&self, id: &ResourceId, inputs: &Inputs<'_>) -> Vec<(String, String)> {
        let own = self.own_tags().into_iter();
        let own = own.map(|(key, value)| (key.to_owned(), value));
        let further = self.further.iter();
        own.chain(further.map(|(key, tag)| (key.clone(), tag.value.clone())))
            .chain(index(id, inputs))
            .collect()
    }

    pub fn attributes(&self, id: &ResourceId, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let own = self.own_tags().into_iter();
        let own = own.map(|(key, value)| Attribute::new(Name::entry(TAG, key), value));
        let further = self.further.iter().map(|(key, tag)| {
            let name = Name::entry(TAG, key.clone());
            Attribute::new(name, &*tag.value).source(tag.shown_source())
        });
        let index = index(id, inputs).into_iter().map(|(key, value)| {
            // It depends on what exists of earlier declarations.
            let tag = Attribute::new(Name::entry(TAG, key), value).varies();
            tag.shown(Shown::Opaque)
        });
        own.chain(further).chain(index).collect()
    }

    /// The ownership according to the tags; adds the `provision:` tags, except for that with a time, and
    /// those that are declared to the facts. All other tags are ignored. The case of keys is ignored too, as in IAM.
    pub fn judge<'a>(
        &self,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
        facts: &mut Facts,
    ) -> Ownership {
        let tags: Vec<(&str, &str)> = tags.collect();
        for (key, value) in &tags {
            let key = key.to_ascii_lowercase();
            if key.starts_with(PREFIX) && key != DEPLOYED_AT {
                facts.is(Name::entry(TAG, key), *value);
            }
        }
        for key in self.further.keys() {
            let exact = tags.iter().find(|(found, _)| found == key);
            let alike = || {
                tags.iter()
                    .find(|(found, _)| found.eq_ignore_ascii_case(key))
            };
            if let Some((_, value)) = exact.or_else(alike) {
                facts.is(Name::entry(TAG, key.clone()), *value);
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
            (_, _, Some(region)) if region != self.region => {
                Ownership::Unmanaged(Unmanaged::InRegion(region.to_owned()))
            }
            (_, None, _) => untagged(format!("no tag `{STAGE}`")),
            (Some(_), Some(_), _) => Ownership::Managed,
        }
    }
}

/// The tags with the resources of the stack.
fn index(id: &ResourceId, inputs: &Inputs<'_>) -> Vec<(String, String)> {
    let facts = inputs.state(id).map(|state| &state.facts);
    inputs.inventory.index.tags(facts)
}

#[cfg(test)]
mod tests {
    use super::{Owner, Tags};
    use crate::engine::attribute::{Name, TAG};
    use crate::engine::observed::{Facts, Ownership, Unmanaged};
    use crate::stack::setting::Setting;

    fn judge(tags: &[(&str, &str)]) -> (Ownership, Facts) {
        let owner = Owner {
            stage: "default".to_owned(),
            region: "eu-west-1".to_owned(),
            further: Tags::from([("team".to_owned(), Setting::default("blue".to_owned()))]),
        };
        let mut facts = Facts::default();
        let ownership = owner.judge(tags.iter().copied(), &mut facts);
        (ownership, facts)
    }

    fn check(tags: &[(&str, &str)], expected: Option<(&str, bool)>) {
        let found = match judge(tags).0 {
            Ownership::Managed => None,
            Ownership::Unmanaged(Unmanaged::Untagged(why)) => Some((why, true)),
            Ownership::Unmanaged(why) => Some((why.to_string(), false)),
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
            ("cost", "1"),
            ("provision:stack", "x"),
            ("provision:deployed-at", "2026-11-28T10:00:00Z"),
        ]);
        assert_eq!(facts.iter().count(), 1);
    }

    #[test]
    fn a_declared_tag_is_a_fact_under_its_declared_key() {
        let team = Name::entry(TAG, "team");
        let both = [("Team", "red"), ("team", "blue")];
        for (tags, value) in [(&both[..], "blue"), (&both[..1], "red")] {
            assert_eq!(judge(tags).1.value(&team), Some(value));
        }
    }
}
