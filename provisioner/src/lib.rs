//! Deploys the Wild Rydes backend to AWS and owns it.
//!
//! ```text
//! Stack (declared data)
//!   └ resources() ─▶ one for each kind; the only list of kinds
//!        ├ observe()  reads only, all at once ─▶ Observed
//!        └ desired()  declaration, local build ─▶ Attributes
//!                     diff(desired, observed)  ─▶ Differences    pure
//!                     Plan::up, Plan::down     ─▶ Plan           pure
//!        `plan` ends here: render(plan)
//!        `up`, `down`: apply(plan), a graph, then observe again: nothing may be left to do
//! ```
//!
//! The modules stand in the order to read them. ARCHITECTURE.md has the map and the invariants.

pub mod cli;
pub mod command_line;
pub mod commands;
pub mod session;

pub mod owner;
pub mod resource;
pub mod resources;
pub mod setting;
pub mod stack;

pub mod apply;
pub mod clock;
pub mod diff;
pub mod plan;
pub mod survey;
pub mod wait;

pub mod artifact;
pub mod cloud;
pub mod commit;
pub mod invocation;
pub mod policy;
pub mod rides;

pub mod error;
pub mod report;
