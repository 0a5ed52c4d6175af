//! The changes that decided when the last one ended. Pure.

use std::time::Duration;

use crate::engine::observed::ResourceId;

/// A change of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub id: &'a ResourceId,
    /// The changes that had to be done before this one could start.
    pub after: &'a [ResourceId],
    /// When it ran. `None` if there was nothing to do, which takes no time.
    pub span: Option<(Duration, Duration)>,
}

/// The positions of the nodes on the path, in the order in which they ran: the one that ended last, before it the one
/// that it waited for longest, and so on.
pub fn critical_path(nodes: &[Node<'_>]) -> Vec<usize> {
    let ran = (0..nodes.len()).filter(|node| nodes[*node].span.is_some());
    let mut path = Vec::new();
    let mut next = latest(nodes, ran);
    while let Some(node) = next {
        path.push(node);
        let mut before = Vec::new();
        collect_before(nodes, node, &mut before);
        before.retain(|before| !path.contains(before));
        next = latest(nodes, before);
    }
    path.reverse();
    path
}

/// The node that ended last; of several, the first one.
fn latest(nodes: &[Node<'_>], among: impl IntoIterator<Item = usize>) -> Option<usize> {
    let end = |node: &usize| nodes[*node].span.map(|(_, end)| end);
    let mut among: Vec<usize> = among.into_iter().collect();
    among.sort_by_key(|node| std::cmp::Reverse(*node));
    among.into_iter().max_by_key(end)
}

/// The nodes that ran directly before this one: a node without a span stands for those that are before it.
fn collect_before(nodes: &[Node<'_>], node: usize, before: &mut Vec<usize>) {
    let start = nodes[node].span.map(|(start, _)| start);
    for (other, found) in nodes.iter().enumerate() {
        if other == node || !nodes[node].after.contains(found.id) {
            continue;
        }
        match found.span {
            None => collect_before(nodes, other, before),
            // A change that is made twice, such as a deletion, comes before only once.
            Some((_, end)) if start.is_none_or(|start| end <= start) => before.push(other),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Node, critical_path};
    use crate::engine::observed::ResourceId;

    /// A change as its name, what it comes after, and when it ran.
    type Change = (&'static str, &'static [&'static str], Option<(u64, u64)>);

    fn check(changes: &[Change], expected: &[&str]) {
        let id = |name: &&str| ResourceId::new("thing", *name);
        let ids: Vec<ResourceId> = changes.iter().map(|(name, ..)| id(name)).collect();
        let after: Vec<Vec<ResourceId>> = changes
            .iter()
            .map(|(_, after, _)| after.iter().map(id).collect())
            .collect();
        let nodes = changes.iter().zip(ids.iter().zip(&after));
        let nodes = nodes.map(|((.., span), (id, after))| Node {
            id,
            after,
            span: span.map(|(start, end)| (Duration::from_secs(start), Duration::from_secs(end))),
        });
        let path = critical_path(&nodes.collect::<Vec<_>>());
        let names: Vec<&str> = path.iter().map(|node| changes[*node].0).collect();
        assert_eq!(names, expected, "{changes:?}");
    }

    #[test]
    fn the_path_goes_back_from_the_end_through_what_was_waited_for_longest() {
        check(&[], &[]);
        check(&[("a", &[], None)], &[]);
        check(
            &[
                ("role", &[], Some((0, 1))),
                ("table", &[], Some((0, 6))),
                ("log group", &[], Some((0, 1))),
                ("function", &["role", "log group"], Some((1, 10))),
                ("release", &["table", "function"], Some((10, 11))),
            ],
            &["role", "function", "release"],
        );
        check(
            &[
                ("table", &[], Some((0, 12))),
                ("function", &[], Some((0, 10))),
                ("release", &["table", "function"], Some((12, 13))),
            ],
            &["table", "release"],
        );
    }

    #[test]
    fn what_had_nothing_to_do_passes_on_what_it_came_after() {
        check(
            &[
                ("role", &[], Some((0, 4))),
                ("function", &["role"], None),
                ("release", &["function"], Some((4, 5))),
            ],
            &["role", "release"],
        );
    }

    #[test]
    fn a_run_that_failed_has_the_path_to_what_ended_last() {
        check(
            &[
                ("role", &[], Some((0, 2))),
                ("table", &[], Some((0, 7))),
                ("function", &["role"], Some((2, 3))),
                ("release", &["table", "function"], None),
            ],
            &["table"],
        );
    }

    #[test]
    fn what_is_deleted_twice_is_on_the_path_once_for_each_time() {
        check(
            &[
                ("function", &[], Some((0, 2))),
                ("log group", &["function"], Some((2, 3))),
                ("log group", &["function"], Some((20, 21))),
            ],
            &["function", "log group"],
        );
    }
}
