//! What a run adds to a job of GitHub Actions: a summary for people, and outputs for the steps that follow.

mod fence;
mod files;
mod outputs;
mod summary;

pub use files::write;
