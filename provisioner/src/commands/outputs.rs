//! What a deployed stack offers to its users: the ARNs of its resources and the live version.

use crate::cli::Output;
use crate::commands::stack_args;
use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;
use crate::engine::resource::Resources;
use crate::report::{Event, document};
use crate::resources::release::live_version;
use crate::resources::{function, table};
use crate::session::Session;

/// The resources in the order of the stack, and their ARNs.
type Arns = [(ResourceId, String)];

/// Prints them, and keeps them for a CI job.
pub fn print(inputs: &Inputs<'_>, resources: &Resources, session: &Session) {
    stack_args::report_remarks(inputs.inventory, session);
    let declared = resources.iter().map(|resource| resource.declared());
    let arns = declared.map(|declared| (declared.id(), declared.arn(inputs)));
    let arns: Vec<(ResourceId, String)> = arns.collect();
    let version = live_version(inputs.inventory);
    record(&arns, version, session);
    match session.output {
        Output::Text => print_text(&arns, version, session),
        Output::Json => {
            let mut body = document::progress(&session.recorder, &session.command_line);
            body["outputs"] = document::outputs(&arns, version);
            body["resources"] = document::resources(&arns);
            session.json(&document::document("up", Some(inputs.context()), body));
        }
    }
}

fn print_text(arns: &Arns, version: Option<&str>, session: &Session) {
    let arns = arns.iter().map(|(id, arn)| (id.key(), arn.as_str()));
    let version = version.map(|version| ("version".to_owned(), version));
    let lines = arns
        .chain(version)
        .map(|(key, value)| format!("{key:13} {value}\n"));
    session.text(&lines.collect::<String>());
    let mut text = "next steps:".to_owned();
    for command in ["invoke --at 47.61,-122.33", "rides", "status"] {
        let command = format!("provision {command}");
        text.push_str(&format!(
            "\n  {}",
            session.command_line.on_this_stack(&command)
        ));
    }
    session.reporter.report(&Event::Info { text: &text });
}

fn record(arns: &Arns, version: Option<&str>, session: &Session) {
    let of_kind = |kind: &str| arns.iter().find(|(id, _)| id.kind == kind);
    let mut record = session.recorder.record_mut();
    record.result = Some(match version {
        Some(live) if record.changed() == Some(true) => format!("`live` points at version {live}"),
        _ => "nothing to do".to_owned(),
    });
    record.function_arn = of_kind(function::KIND).map(|(_, arn)| arn.clone());
    record.table = of_kind(table::KIND).map(|(id, _)| id.name.clone());
    record.live_after = version.map(str::to_owned);
}
