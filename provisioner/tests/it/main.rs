//! Drives the real binary and the library against local clouds, each test on its own.

mod adoption;
mod artefact;
mod cloud;
mod crash;
mod drift;
mod drift_whole;
mod engine;
mod errors;
mod hostile;
mod idempotency;
mod in_process;
mod layers;
mod life_cycle;
mod proxy;
mod reading;
mod release;
mod rides;
mod second_opinion;
mod seeds;
mod streams;
mod troubles;
mod two;
mod weather;
mod world;
