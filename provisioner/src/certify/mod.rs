//! What `provision certify` records and reports: the answers of AWS, reduced to what does not depend on the
//! account, compared with those of the local cloud.
//!
//! ```text
//! SDK client ─▶ Recorder ─▶ Answer ─▶ members ─▶ Answers ─┐
//!                       (the local cloud's likewise) ─────┴─▶ compare ─▶ Report
//! ```

pub mod answers;
pub mod compare;
pub mod names;
pub mod record;
pub mod report;
pub mod row;

mod json;
mod xml;
