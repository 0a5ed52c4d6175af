//! A new resource that some calls do not find yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// Until when calls do not find a resource that was created just now, by action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Unseen(BTreeMap<String, Millis>);

impl Unseen {
    /// The actions with the moment from which each finds the resource.
    pub(crate) fn until<'a>(
        now: Millis,
        actions: impl IntoIterator<Item = (&'a str, Millis)>,
    ) -> Unseen {
        let late = actions.into_iter().filter(|(_, until)| *until > now);
        Unseen(
            late.map(|(action, until)| (action.to_owned(), until))
                .collect(),
        )
    }

    pub(crate) fn hides(&self, action: &str, now: Millis) -> bool {
        self.0.get(action).is_some_and(|until| now < *until)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
