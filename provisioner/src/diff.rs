//! Declared against observed, for every kind alike. Pure.

use crate::resource::{Attribute, Difference, Fact, Facts, OnChange};

/// Declared order first, then what the cloud has and nobody declared.
pub fn diff(desired: &[Attribute], facts: &Facts) -> Vec<Difference> {
    let changed = desired.iter().filter_map(|attribute| {
        let wanted = attribute.value.as_ref()?;
        let from = match facts.get(&attribute.name) {
            Some(Fact::NotReported) => return None,
            Some(Fact::Is(value)) if value == wanted => return None,
            Some(Fact::Is(value)) => Some(value.clone()),
            None => None,
        };
        Some(Difference {
            attribute: attribute.name.clone(),
            from,
            to: Some(wanted.clone()),
            on_change: attribute.on_change.clone(),
            source: attribute.source.clone(),
        })
    });
    let undeclared = facts.iter().filter_map(|(name, fact)| match fact {
        Fact::Is(value) if !desired.iter().any(|attribute| attribute.name == name) => {
            Some(Difference {
                attribute: name.to_owned(),
                from: Some(value.clone()),
                to: None,
                on_change: OnChange::Update,
                source: None,
            })
        }
        Fact::Is(_) | Fact::NotReported => None,
    });
    changed.chain(undeclared).collect()
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::resource::{Attribute, Facts};

    fn check(desired: &[Attribute], facts: &[(&str, Option<&str>)], expected: &[&str]) {
        let mut observed = Facts::default();
        for (name, value) in facts {
            observed.reported(*name, *value);
        }
        let found: Vec<String> = diff(desired, &observed)
            .into_iter()
            .map(|d| format!("{}: {:?} -> {:?}", d.attribute, d.from, d.to))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_differs_is_told() {
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
    fn what_nobody_declared_is_dropped() {
        check(
            &[],
            &[("env DEBUG", Some("#1f"))],
            &[r##"env DEBUG: Some("#1f") -> None"##],
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
        check(&[Attribute::unknown("code")], &[("code", Some("abc"))], &[]);
    }
}
