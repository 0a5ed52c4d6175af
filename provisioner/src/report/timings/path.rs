//! The critical path in words: what would have to be shorter for the run to be.

use super::html::{text, time};
use super::model::{Row, Timings};
use super::words::short_name;

pub fn path(timings: &Timings) -> String {
    let rows = timings.rows.iter().filter(|row| row.is_critical);
    let items: String = rows.map(item).collect();
    format!("<section>\n<h2>Critical path</h2>\n<ol class=\"path\">\n{items}</ol>\n</section>\n")
}

fn item(row: &Row) -> String {
    let name = text(short_name(row));
    let took = time(row.span.took());
    let imposed = row.imposed();
    let waited = if imposed.is_zero() {
        String::new()
    } else {
        format!(", {} of it waiting", time(imposed))
    };
    format!("<li><b>{name}</b> <small>{took}{waited}</small></li>\n")
}
