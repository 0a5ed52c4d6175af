//! The cloud as its users see it: through the Rust SDK, over TCP, each test on a cloud of its own.

mod world;
