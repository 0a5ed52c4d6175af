//! The function from outside, without a network. The parts of the fuzz run are used as they are.

mod contract;
mod fuzzed;
mod nearest;

#[path = "../../fuzz/check.rs"]
mod check;
#[path = "../../fuzz/events.rs"]
mod events;
#[path = "../../fuzz/random.rs"]
mod random;
