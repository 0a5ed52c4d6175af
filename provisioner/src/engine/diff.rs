//! Compares declared attributes with observed facts, in the same way for every kind. Pure.

use super::attribute::{Attribute, Comparison, Difference, OnChange, Shown};
use super::observed::{Fact, Facts};
use crate::policy;

/// The differences in declared order, then the facts that are not declared.
pub fn diff(desired: &[Attribute], facts: &Facts) -> Vec<Difference> {
    let changed = desired.iter().filter_map(|attribute| {
        let wanted = attribute.value.as_ref()?;
        let from = match facts.get(&attribute.name) {
            Some(Fact::NotReported) => return None,
            Some(Fact::Is(value) | Fact::Part(value)) if attribute.is(value) => return None,
            Some(Fact::Is(value) | Fact::Part(value)) => Some(value.clone()),
            None => None,
        };
        let widens = attribute.comparison == Comparison::Policy
            && policy::widens(from.as_deref(), wanted.known());
        Some(Difference {
            attribute: attribute.name.clone(),
            from,
            to: Some(wanted.clone()),
            on_change: attribute.on_change.clone(),
            source: attribute.source.clone(),
            shown: attribute.shown,
            widens,
        })
    });
    let undeclared = facts.iter().filter_map(|(name, fact)| {
        let (value, on_change) = match fact {
            Fact::Is(value) => (value, OnChange::Update),
            Fact::Part(value) => (value, OnChange::Drop),
            Fact::NotReported => return None,
        };
        let is_declared = desired.iter().any(|attribute| attribute.name == *name);
        (!is_declared).then(|| Difference {
            attribute: name.clone(),
            from: Some(value.clone()),
            to: None,
            on_change,
            source: None,
            shown: Shown::Always,
            // A policy may have denied something.
            widens: policy::widens(Some(value), None),
        })
    });
    changed.chain(undeclared).collect()
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::engine::attribute::{Attribute, Name, Value};
    use crate::engine::observed::Facts;

    fn check(desired: &[Attribute], facts: &[(&'static str, Option<&str>)], expected: &[&str]) {
        let mut observed = Facts::default();
        for (name, value) in facts {
            observed.reported(*name, *value);
        }
        let found: Vec<String> = diff(desired, &observed)
            .into_iter()
            .map(|d| {
                let to = d.to.map(|to| to.to_string());
                format!("{}: {:?} -> {to:?}", d.attribute, d.from)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_differences_are_reported() {
        let memory = || Attribute::new("memory", "128 MB");
        check(&[memory()], &[("memory", Some("128 MB"))], &[]);
        check(
            &[memory()],
            &[("memory", Some("512 MB"))],
            &[r#"memory: Some("512 MB") -> Some("128 MB")"#],
        );
        check(&[memory()], &[], &[r#"memory: None -> Some("128 MB")"#]);
    }

    #[test]
    fn what_is_not_declared_is_removed() {
        check(
            &[],
            &[("VPC", Some("subnet-1"))],
            &[r#"VPC: Some("subnet-1") -> None"#],
        );
    }

    #[test]
    fn what_an_endpoint_does_not_report_is_not_compared() {
        check(
            &[Attribute::new("class", "STANDARD")],
            &[("class", None)],
            &[],
        );
    }

    #[test]
    fn what_this_run_does_not_know_is_not_compared() {
        check(
            &[Attribute::not_compared("code")],
            &[("code", Some("abc"))],
            &[],
        );
    }

    #[test]
    fn policies_are_compared_by_their_meaning() {
        let document = |action: &str| {
            format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
        };
        let declared = || Attribute::new("trust", document("sts:AssumeRole"));
        let other_case = document("STS:assumerole");
        check(&[declared().policy()], &[("trust", Some(&other_case))], &[]);
        let mut facts = Facts::default();
        facts.is("trust", &*other_case);
        assert_eq!(diff(&[declared()], &facts).len(), 1);
        facts.is("trust", document("sts:*"));
        assert_eq!(diff(&[declared().policy()], &facts).len(), 1);
    }

    #[test]
    fn a_value_known_after_apply_always_differs() {
        check(
            &[Attribute::new(
                Name::entry("tag", "role-id"),
                Value::AfterApply,
            )],
            &[],
            &[r#"tag role-id: None -> Some("(known after apply)")"#],
        );
        check(
            &[Attribute::new("proof", Value::AfterApply)],
            &[("proof", Some("1f"))],
            &[r#"proof: Some("1f") -> Some("(known after apply)")"#],
        );
    }
}
