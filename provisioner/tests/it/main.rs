//! Drives the real binary and the library against the embedded cloud, each test on its own.

mod artefact;
mod cloud;
mod drift;
mod engine;
mod errors;
mod layers;
mod life_cycle;
mod release;
mod world;
