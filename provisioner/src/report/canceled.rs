//! What a canceled run has done and what it has not, as text.

use std::fmt::Write as _;

use crate::engine::canceled::{Canceled, Named};

pub fn canceled(canceled: &Canceled<'_>) -> String {
    let Canceled {
        done,
        half_done,
        not_begun,
        given_up,
    } = canceled;
    let all = done.len() + half_done.len() + not_begun.len();
    let mut text = format!("canceled: {} of {all} changes are done\n", done.len());
    for (state, changes) in [
        ("done", done),
        ("begun", half_done),
        ("not begun", not_begun),
    ] {
        for Named { verb, id } in changes {
            let _ = writeln!(text, "  {state:9}  {verb} {id}");
        }
    }
    for request in given_up {
        let _ = writeln!(
            text,
            "  no answer to {request}: given up, but AWS may carry it out"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::canceled;
    use crate::engine::canceled::{Canceled, Named};
    use crate::engine::observed::ResourceId;

    #[test]
    fn each_change_is_done_half_done_or_not_begun() {
        let [table, role, function] =
            ["table", "role", "function"].map(|kind| ResourceId::new(kind, "X"));
        let create = |id| Named { verb: "create", id };
        let text = canceled(&Canceled {
            done: vec![create(&table)],
            half_done: vec![create(&role)],
            not_begun: vec![create(&function)],
            given_up: vec!["IAM CreateRole".to_owned()],
        });
        assert_eq!(
            text,
            "canceled: 1 of 3 changes are done\n\
             \x20 done       create table X\n\
             \x20 begun      create role X\n\
             \x20 not begun  create function X\n\
             \x20 no answer to IAM CreateRole: given up, but AWS may carry it out\n"
        );
    }
}
