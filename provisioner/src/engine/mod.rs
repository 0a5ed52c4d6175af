//! One run as a chain of values: what is declared and what was read become a plan, the plan is
//! carried out, and a second look shows that nothing is left to do.
//!
//! ```text
//! declared ──┐
//! inventory ─┼─▶ Plan::up, Plan::down ─▶ Plan ─▶ apply ─▶ refresh ─▶ verify
//! artifact ──┘   pure: same inputs, same plan
//! ```
//!
//! Nothing here names a resource kind. The modules stand in the order to read them.

pub mod attribute;
pub mod observed;

pub mod inputs;
pub mod resource;

pub mod diff;
pub mod plan;
pub mod verify;

pub mod clock;
pub mod wait;

pub mod apply;
pub mod refresh;
