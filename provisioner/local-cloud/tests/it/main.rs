//! The cloud as its users see it: through the Rust SDK, over TCP, each test on a cloud of its own.

mod world;

mod door;
mod durable;
mod faults;
mod functions;
mod fuzz;
mod items;
mod layers;
mod logs;
mod permissions;
mod roles;
mod running;
mod tables;
