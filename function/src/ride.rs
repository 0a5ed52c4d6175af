//! A ride as it is stored, and as its rider sees it in the answer.

use crate::fleet::Unicorn;
use crate::geo::Position;
use serde::Serialize;
use std::borrow::Cow;

/// A ride to be stored.
#[derive(Debug)]
pub struct Ride<'e> {
    pub id: String,
    pub user: Cow<'e, str>,
    pub unicorn: &'static Unicorn,
    /// UTC, RFC 3339, milliseconds.
    pub request_time: &'e str,
    pub pickup: Position,
}

/// A ride that had been stored before, as the table returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRide {
    pub user: String,
    pub unicorn: UnicornCard<'static>,
    pub latitude: f64,
    pub longitude: f64,
}

impl StoredRide {
    /// Whether a request for `ride` is a retry of the request that stored this one.
    pub fn is(&self, ride: &Ride<'_>) -> bool {
        self.user == ride.user
            && self.latitude == ride.pickup.latitude()
            && self.longitude == ride.pickup.longitude()
    }
}

/// A unicorn as riders and the table see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnicornCard<'a> {
    pub name: Cow<'a, str>,
    pub color: Cow<'a, str>,
    pub gender: Cow<'a, str>,
}

impl From<&'static Unicorn> for UnicornCard<'static> {
    fn from(unicorn: &'static Unicorn) -> Self {
        UnicornCard {
            name: unicorn.name.into(),
            color: unicorn.color.into(),
            gender: unicorn.gender.into(),
        }
    }
}
