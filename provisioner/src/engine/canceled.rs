//! How far a canceled run came.

use super::observed::ResourceId;

/// The changes of a plan when a signal ended the run.
#[derive(Debug, Default)]
pub struct Canceled<'a> {
    pub done: Vec<Named<'a>>,
    /// Begun and not finished.
    pub half_done: Vec<Named<'a>>,
    pub not_begun: Vec<Named<'a>>,
    /// The requests that were given up, such as `Lambda CreateFunction`. AWS may carry them out.
    pub given_up: Vec<String>,
}

/// A change as people read it: `create table Rides`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    pub verb: &'static str,
    pub id: &'a ResourceId,
}
