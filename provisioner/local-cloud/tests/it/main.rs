//! The local cloud as its users have it: over TCP with the Rust SDK. Each test has a cloud of its own.

#[expect(dead_code, reason = "the tests of `provisioner` use the rest")]
mod modules;
#[path = "../oidc/mod.rs"]
mod oidc;
#[path = "../terraform/plugins.rs"]
mod plugins;
mod world;

mod aws_provider;
mod door;
mod durable;
mod faults;
mod functions;
mod fuzz;
mod indexes;
mod items;
mod lag;
mod layers;
mod logs;
mod permissions;
mod policies;
mod recorded;
mod roles;
mod running;
mod simulation;
mod tables;
mod web_identity;
