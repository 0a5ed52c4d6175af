//! Tests of the artefact, on hand-made programs and zips and on a toolchain that only plays one.

// A script plays the toolchain.
#[cfg(unix)]
mod building;
#[cfg(unix)]
mod complaints;
mod executables;
mod fingerprints;
mod fixtures;
mod hostile;
mod preflights;
#[cfg(unix)]
mod toolchain;
mod zips;
