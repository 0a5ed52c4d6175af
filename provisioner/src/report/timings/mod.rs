//! The page of `--timings`: where the time of a run went, as one HTML file that needs nothing besides itself. Pure.
//!
//! `model.rs` puts what was recorded on one axis; the others write it down.

mod chart;
mod critical_path;
mod html;
mod model;
mod page;
mod path;
mod scale;
mod table;
mod totals;
mod words;

pub use model::{CallResult, Row, Span, TimedCall, TimedWait, Timings, Work};
pub use page::page;
