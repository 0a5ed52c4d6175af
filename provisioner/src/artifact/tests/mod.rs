//! Tests with programs and zips made by hand, and with a script in place of the toolchain.

#[cfg(unix)]
mod building;
#[cfg(unix)]
mod complaints;
mod executables;
mod fingerprints;
mod fixtures;
mod fuzz;
mod preflights;
#[cfg(unix)]
mod toolchain;
mod zips;
