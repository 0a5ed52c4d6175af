//! Replaces `local` in a build without the feature `local`.

use std::path::Path;

#[path = "options.rs"]
mod options;

pub use options::{Faults, Options};

use crate::aws::clients::Cloud;
use crate::aws::interceptors::Interceptors;
use crate::engine::clock::SharedClock;
use crate::engine::wait::Wait;
use crate::error::Error;

/// Whether this program has the local cloud.
pub const IS_BUILT_IN: bool = false;

/// There is no account without a local cloud.
pub const ACCOUNT: &str = "";

#[derive(Debug)]
pub struct Guard;

impl Guard {
    pub fn none() -> Guard {
        Guard
    }

    pub async fn stop(self) {}
}

pub async fn connect(
    _options: &Options,
    _clock: &SharedClock,
    _wait: &Wait<'_>,
    _interceptors: &Interceptors,
) -> Result<(Cloud, Guard), Error> {
    Err(missing())
}

pub async fn serve(_options: &Options, _port: u16, _clock: &SharedClock) -> Result<Serving, Error> {
    Err(missing())
}

/// Never created.
#[derive(Debug)]
pub struct Serving {
    pub endpoint: Endpoint,
}

#[derive(Debug)]
pub struct Endpoint {
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl Serving {
    pub async fn stop(self) {}
}

/// Never read.
#[derive(Debug)]
pub enum Saved {}

pub fn saved(_folder: &Path) -> Option<Saved> {
    None
}

impl Saved {
    pub fn tag(&self, _key: &str) -> Vec<&str> {
        match *self {}
    }

    pub fn versions(&self, _region: &str, _function: &str) -> Vec<u64> {
        match *self {}
    }

    pub fn alias(&self, _region: &str, _function: &str, _alias: &str) -> Option<(&str, &str)> {
        match *self {}
    }
}

fn missing() -> Error {
    Error::usage("this `provision` was built without the local cloud")
        .hint("build it with its default features: `cargo build --release`")
}
