//! Which resources `--adopt` names.

use crate::engine::observed::ResourceId;
use crate::error::Error;
use crate::resources::release;

/// `table` names every table of the stack, `table/Rides` one of them. A kind is written as in outputs: `log-group`.
pub fn named(flags: &[String], stack: &[ResourceId]) -> Result<Vec<ResourceId>, Error> {
    let mut adopted = Vec::new();
    for flag in flags {
        let (kind, name) = match flag.split_once('/') {
            Some((kind, name)) => (kind, Some(name)),
            None => (flag.as_str(), None),
        };
        let named = stack.iter().filter(|id| {
            id.key() == kind && name.is_none_or(|name| name == id.name) && is_adoptable(id)
        });
        let before = adopted.len();
        adopted.extend(named.cloned());
        if adopted.len() == before {
            return Err(unknown(flag, stack));
        }
    }
    Ok(adopted)
}

/// A release has no tags of its own: it belongs to its function.
fn is_adoptable(id: &ResourceId) -> bool {
    id.kind != release::KIND
}

fn unknown(flag: &str, stack: &[ResourceId]) -> Error {
    let adoptable = stack.iter().filter(|id| is_adoptable(id));
    let adoptable = adoptable.map(|id| format!("{}/{}", id.key(), id.name));
    let adoptable: Vec<String> = adoptable.collect();
    Error::usage(format!("`--adopt {flag}` names no resource of the stack"))
        .hint(format!("it has {}", adoptable.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::engine::observed::ResourceId;
    use crate::error::Exit;

    #[test]
    fn a_kind_names_all_of_its_resources_and_a_name_one() {
        let stack = [
            ResourceId::new("table", "Rides"),
            ResourceId::new("log group", "/aws/lambda/One"),
            ResourceId::new("log group", "/aws/lambda/Two"),
            ResourceId::new("release", "One:live"),
        ];
        let check = |flags: &[&str], expected: &[&ResourceId]| {
            let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
            let named = named(&flags, &stack).expect("in the stack");
            assert_eq!(named.iter().collect::<Vec<_>>(), expected, "{flags:?}");
        };
        let [table, one, two, _] = &stack;
        check(&[], &[]);
        check(&["table"], &[table]);
        check(&["log-group"], &[one, two]);
        check(&["table/Rides", "log-group//aws/lambda/Two"], &[table, two]);
        for unknown in [
            "table/",
            "table/Two",
            "log-group/aws/lambda/One",
            "release",
            "role",
        ] {
            let error = named(&[unknown.to_owned()], &stack).expect_err(unknown);
            assert_eq!(error.exit, Exit::Usage);
            let all = "it has table/Rides, log-group//aws/lambda/One, log-group//aws/lambda/Two";
            assert_eq!(error.hint.as_deref(), Some(all));
        }
    }
}
