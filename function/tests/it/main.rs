//! Tests the function from outside, without a network. They share the modules of the fuzz run.

mod contract;
mod cycles;
mod fuzz;
mod nearest;

#[path = "../../fuzz/check.rs"]
mod check;
#[path = "../../fuzz/events.rs"]
mod events;
#[path = "../../fuzz/random.rs"]
mod random;
