//! The requests as a table, for reading and for those who do not see the bars.

use super::html::{text, time};
use super::model::{CallResult, Row, TimedCall, Timings};
use super::words::{short_name, status};

const HEAD: &str = "<thead><tr><th scope=\"col\" class=\"n\">#</th><th scope=\"col\">At</th>\
    <th scope=\"col\">Service</th><th scope=\"col\">Operation</th><th scope=\"col\">For</th>\
    <th scope=\"col\" class=\"n\">Attempt</th><th scope=\"col\">Status</th>\
    <th scope=\"col\">Request ID</th><th scope=\"col\" class=\"n\">ms</th></tr></thead>\n";

pub fn table(timings: &Timings) -> String {
    let mut calls: Vec<(&Row, &TimedCall)> = timings.calls().collect();
    if calls.is_empty() {
        return String::new();
    }
    calls.sort_by(|(_, a), (_, b)| a.order().cmp(&b.order()));
    let rows = calls.iter().enumerate();
    let rows: String = rows
        .map(|(index, (row, call))| line(index + 1, row, call))
        .collect();
    format!(
        "<section>\n<h2>API calls</h2>\n<table>\n<caption>Every attempt of a request, in the order in which they \
         began. Some errors are expected: that a resource does not exist, or cannot be used yet.</caption>\n{HEAD}<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

fn line(number: usize, row: &Row, timed: &TimedCall) -> String {
    let call = &timed.call;
    let id = call
        .answer
        .as_ref()
        .and_then(|answer| answer.request_id.as_deref());
    let class = match timed.result() {
        CallResult::Ok => "",
        CallResult::Error => "doubt",
        CallResult::Failed => "bad",
    };
    format!(
        "<tr><td class=\"n number\">{number}</td><td data-label=\"at\">{at}</td><td class=\"service\">{service}</td>\
         <td class=\"op\">{operation}</td><td data-label=\"for\">{purpose}</td>\
         <td class=\"n\" data-label=\"attempt\">{attempt}</td><td class=\"status {class}\">{status}</td>\
         <td class=\"id\">{id}</td><td class=\"n ms\">{took}</td></tr>\n",
        at = time(timed.span.start),
        service = text(&call.service),
        operation = text(&call.operation),
        purpose = text(short_name(row)),
        attempt = call.attempt,
        status = text(&status(timed)),
        id = text(id.unwrap_or_default()),
        took = timed.span.took().as_millis(),
    )
}
