//! What is declared: `declaration` is the file to edit, `workspace` is what counts in a run.

pub mod declaration;
mod known_values;
pub mod names;
mod policies;
pub mod resources;
pub mod setting;
pub mod stage;
pub mod values;
pub mod workspace;
