//! A plan as a flowchart in Mermaid, which GitHub draws in Markdown. Pure.

use std::fmt::Write as _;

use crate::engine::observed::ResourceId;
use crate::engine::plan::{Change, Plan};

/// How each action is drawn, readable on a light and on a dark page.
const STYLES: [(&str, &str); 8] = [
    ("keep", "fill:#f6f8fa,stroke:#57606a,color:#24292f"),
    ("create", "fill:#dafbe1,stroke:#1a7f37,color:#1a7f37"),
    ("update", "fill:#fff8c5,stroke:#9a6700,color:#7d4e00"),
    ("adopt", "fill:#ddf4ff,stroke:#0969da,color:#0550ae"),
    ("replace", "fill:#fff1e5,stroke:#bc4c00,color:#953800"),
    ("delete", "fill:#ffebe9,stroke:#cf222e,color:#a40e26"),
    ("leave", "fill:#f6f8fa,stroke:#57606a,color:#24292f"),
    ("blocked", "fill:#ffebe9,stroke:#cf222e,color:#a40e26"),
];

/// The resources with what the plan does to each, and arrows from what a resource needs to the resource.
pub fn mermaid(plan: &Plan) -> String {
    let mut text = String::from("flowchart LR\n");
    for change in &plan.changes {
        let Change { id, action, .. } = change;
        let (node, action) = (node(id, plan), action.name());
        // In a label a quotation mark would end it.
        let label = id.to_string().replace('"', "#quot;");
        let _ = writeln!(text, "    {node}[\"{label}<br/>{action}\"]:::{action}");
    }
    for change in &plan.changes {
        for need in change.after.iter().filter(|id| plan.action(id).is_some()) {
            let (from, to) = (node(need, plan), node(&change.id, plan));
            let _ = writeln!(text, "    {from} --> {to}");
        }
    }
    let is_used = |name: &str| plan.changes.iter().any(|c| c.action.name() == name);
    for (name, style) in STYLES.iter().filter(|(name, _)| is_used(name)) {
        let _ = writeln!(text, "    classDef {name} {style}");
    }
    text
}

/// The kind, with a number if the plan has several resources of it.
fn node(id: &ResourceId, plan: &Plan) -> String {
    let kind = id.kind.replace([' ', '-'], "_");
    let ids = plan.changes.iter().map(|change| &change.id);
    let same: Vec<&ResourceId> = ids.filter(|other| other.kind == id.kind).collect();
    match same.iter().position(|other| *other == id) {
        Some(place) if same.len() > 1 => format!("{kind}_{}", place + 1),
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::{STYLES, mermaid};
    use crate::engine::observed::ResourceId;
    use crate::engine::plan::{Action, Change, DataLoss, Plan};

    fn change(kind: &'static str, name: &str, action: Action, after: Vec<ResourceId>) -> Change {
        Change {
            id: ResourceId::new(kind, name),
            action,
            after,
            note: None,
            undeclared: Vec::new(),
        }
    }

    #[test]
    fn resources_of_one_kind_are_told_apart_and_quotes_end_no_label() {
        let (first, second) = (
            ResourceId::new("log group", "a"),
            ResourceId::new("log group", "b\""),
        );
        let elsewhere = ResourceId::new("role", "of another stack");
        let plan = Plan {
            changes: vec![
                change("log group", "a", Action::Keep, Vec::new()),
                change(
                    "log group",
                    "b\"",
                    Action::Create(Vec::new()),
                    vec![elsewhere],
                ),
                change(
                    "function",
                    "f",
                    Action::Update(Vec::new()),
                    vec![first, second],
                ),
            ],
        };
        let expected = r##"flowchart LR
    log_group_1["log group a<br/>keep"]:::keep
    log_group_2["log group b#quot;<br/>create"]:::create
    function["function f<br/>update"]:::update
    log_group_1 --> function
    log_group_2 --> function
    classDef keep fill:#f6f8fa,stroke:#57606a,color:#24292f
    classDef create fill:#dafbe1,stroke:#1a7f37,color:#1a7f37
    classDef update fill:#fff8c5,stroke:#9a6700,color:#7d4e00
"##;
        assert_eq!(mermaid(&plan), expected);
    }

    #[test]
    fn a_deletion_has_a_style_of_its_own() {
        let action = Action::Delete(DataLoss::Refused);
        assert!(STYLES.iter().any(|(name, _)| *name == action.name()));
        let changes = vec![change("table", "t", action, Vec::new())];
        let text = mermaid(&Plan { changes });
        assert!(
            text.contains("table[\"table t<br/>delete\"]:::delete"),
            "{text}"
        );
    }
}
