//! One run as a chain of values: the declaration and the observed state give a plan, the plan is
//! applied, and a second read verifies that nothing is left to do.
//!
//! ```text
//! declared ──┐
//! inventory ─┼─▶ Plan::up, Plan::down ─▶ Plan ─▶ apply ─▶ refresh ─▶ verify
//! artifact ──┘   pure: same inputs, same plan
//! ```
//!
//! Nothing here depends on a resource kind. The modules are listed in reading order.

pub mod attribute;
pub mod index;
pub mod observed;

pub mod inputs;
pub mod resource;

mod confirmations;
pub mod diff;
pub mod earlier;
pub mod plan;
pub mod plan_digest;
pub mod verify;

pub mod clock;
pub mod pace;
pub mod status;
pub mod stop;
pub mod wait;

pub mod canceled;
pub mod progress;
pub mod purpose;

mod undeclared;

pub mod apply;
pub mod refresh;
