//! Which changes of a plan need a confirmation. Pure.

use super::attribute::{Difference, OnChange};
use super::observed::ResourceId;
use super::plan::{Action, Plan};

impl Plan {
    /// The changes that delete, remove or adopt something, or give more access, and therefore need a
    /// confirmation.
    pub fn confirmations(&self) -> Vec<String> {
        let changes = self.changes.iter();
        let confirmations = changes.flat_map(|change| confirmations(&change.id, &change.action));
        confirmations.collect()
    }
}

fn confirmations(id: &ResourceId, action: &Action) -> Vec<String> {
    match action {
        Action::Keep | Action::Create(_) | Action::Leave(_) | Action::Blocked(_) => Vec::new(),
        Action::Update(differences) => of_differences(id, differences).collect(),
        Action::Adopt(differences) => {
            let adopt = format!("adopt {id}");
            [adopt]
                .into_iter()
                .chain(of_differences(id, differences))
                .collect()
        }
        Action::Replace(reason, _) => vec![format!("delete and recreate {id} ({reason})")],
        Action::Delete(_) => vec![format!("delete {id}")],
    }
}

fn of_differences(id: &ResourceId, differences: &[Difference]) -> impl Iterator<Item = String> {
    differences.iter().filter_map(move |difference| {
        let Difference {
            attribute,
            from: _,
            to,
            on_change,
            source: _,
            shown: _,
            widens,
        } = difference;
        match (to, on_change) {
            (None, _) => Some(format!("{id}: remove `{attribute}`")),
            (Some(to), OnChange::Ask(loses)) => {
                Some(format!("{id}: `{attribute}` → {to}, {loses}"))
            }
            (Some(_), OnChange::Update | OnChange::Drop | OnChange::Refuse { .. }) if *widens => {
                Some(format!("{id}: widen access by `{attribute}`"))
            }
            (Some(_), OnChange::Update | OnChange::Drop | OnChange::Refuse { .. }) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::attribute::{Attribute, Name};
    use crate::engine::observed::{
        Condition, Facts, Observed, ObservedState, Ownership, ResourceId,
    };
    use crate::engine::plan::{Consent, Dependencies, Plan, ResourceState};

    fn policy(action: &str) -> String {
        format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
    }

    fn state(kind: &'static str, desired: Vec<Attribute>, facts: Facts) -> ResourceState {
        ResourceState {
            id: ResourceId::new(kind, "R"),
            dependencies: Dependencies::default(),
            desired,
            observed: Observed::Present(ObservedState {
                ownership: Ownership::Managed,
                condition: Condition::Ready,
                facts,
                details: Vec::new(),
                outputs: Default::default(),
            }),
            adoption_note: None,
        }
    }

    /// What a change of the role's policy needs, while a function uses the role and while none does.
    #[track_caller]
    fn check(from: Option<&str>, to: Option<&str>, used: &[&str], unused: &[&str]) {
        let name = || Name::entry("policy", "P");
        let mut facts = Facts::default();
        if let Some(from) = from {
            facts.is(name(), policy(from));
        }
        let desired = to.map(|to| Attribute::new(name(), policy(to)).policy());
        let role = state("role", desired.into_iter().collect(), facts);
        let mut function = state("function", Vec::new(), Facts::default());
        function.dependencies = Dependencies::needs(vec![role.id.clone()]);
        let plan = |states| Plan::up(states, &Consent::default()).confirmations();
        assert_eq!(plan(vec![role.clone(), function.clone()]), used);
        assert_eq!(plan(vec![role.clone()]), unused);
        // One that needs it does not exist yet: the first deployment goes on.
        let mut release = state("release", Vec::new(), Facts::default());
        release.dependencies = function.dependencies.clone();
        release.observed = Observed::Absent;
        assert_eq!(plan(vec![role.clone(), function.clone(), release]), unused);
        function.observed = Observed::Absent;
        assert_eq!(plan(vec![role, function]), unused);
    }

    #[test]
    fn more_access_needs_a_confirmation_once_something_uses_it() {
        let widen = "role R: widen access by `policy P`";
        check(Some("s3:Get*"), Some("s3:*"), &[widen], &[]);
        check(None, Some("s3:*"), &[widen], &[]);
        check(Some("s3:*"), Some("s3:Get*"), &[], &[]);
        let remove = "role R: remove `policy P`";
        check(Some("s3:*"), None, &[remove], &[remove]);
    }
}
