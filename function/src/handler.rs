//! An event in, an answer and a log entry out. No clock, no randomness and no network of its own.

use crate::answer::{Answer, RideBody};
use crate::contract;
use crate::event::{self, RideRequest};
use crate::fleet::{self, FLEET, Unicorn};
use crate::globe::{Position, UnitVector};
use crate::log::Entry;
use crate::rejection::Rejection;
use crate::ride::{Ride, StoredRide, UnicornCard};
use crate::store::{Guard, Put, RideStore, WriteFailure};
use std::borrow::Cow;

/// The circumstances of one event.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    pub request_id: &'a str,
    /// When it came: UTC, RFC 3339, milliseconds.
    pub time: &'a str,
    /// For the ride's id, unless the request has an idempotency key.
    pub random: [u8; 16],
    /// Whether this is the first event of its process.
    pub cold: bool,
}

/// Takes a ride, or says why not. `event` may be any bytes.
pub async fn handle(
    event: &[u8],
    arrival: &Arrival<'_>,
    store: &impl RideStore,
) -> (Answer, Entry) {
    let rejected = |rejection: Rejection| {
        let entry = Entry::Rejected {
            status: rejection.status(),
            message: rejection.message(),
        };
        (Answer::rejection(&rejection, arrival.request_id), entry)
    };
    let request = match event::read(event) {
        Ok(request) => request,
        Err(rejection) => return rejected(rejection),
    };
    let Some((unicorn, metres)) = fleet::nearest(FLEET, request.pickup) else {
        // The build refuses an empty fleet.
        return rejected(Rejection::Failed);
    };
    let (ride, guard) = plan(request, unicorn, arrival);
    match store.put(&ride, guard).await {
        Ok(Put::Stored) => {
            let way = Way {
                metres: Some(metres),
                eta: eta(unicorn, metres),
            };
            answer(ride, UnicornCard::from(unicorn), way, false)
        }
        Ok(Put::Taken(stored)) if stored.is(&ride) => {
            let way = way_of(&stored, ride.pickup);
            answer(ride, stored.unicorn, way, true)
        }
        Ok(Put::Taken(_)) => rejected(Rejection::KeyReused),
        Err(WriteFailure { code, message }) => {
            let entry = Entry::WriteFailed {
                ride_id: ride.id,
                code,
                message,
            };
            (
                Answer::rejection(&Rejection::Failed, arrival.request_id),
                entry,
            )
        }
    }
}

/// The ride to store, and whether one that is there already must stay.
fn plan<'e>(
    request: RideRequest<'e>,
    unicorn: &'static Unicorn,
    arrival: &Arrival<'e>,
) -> (Ride<'e>, Guard) {
    let RideRequest {
        user,
        pickup,
        idempotency_key,
    } = request;
    let (id, guard) = match idempotency_key {
        Some(key) => (contract::idempotent_ride_id(&user, &key), Guard::KeepFirst),
        None => (contract::ride_id(arrival.random), Guard::None),
    };
    (
        Ride {
            id,
            user,
            unicorn,
            request_time: arrival.time,
            pickup,
        },
        guard,
    )
}

/// How far and how long.
struct Way {
    metres: Option<f64>,
    eta: Cow<'static, str>,
}

fn eta(unicorn: &Unicorn, metres: f64) -> Cow<'static, str> {
    fleet::eta(fleet::travel_time(unicorn, metres)).into()
}

/// The way of a unicorn that was sent earlier, and may have left the fleet since.
fn way_of(stored: &StoredRide, pickup: Position) -> Way {
    match FLEET
        .iter()
        .find(|unicorn| unicorn.name == stored.unicorn.name)
    {
        Some(unicorn) => {
            let metres = unicorn.at.metres_to(UnitVector::from(pickup));
            Way {
                metres: Some(metres),
                eta: eta(unicorn, metres),
            }
        }
        None => Way {
            metres: None,
            eta: "unknown".into(),
        },
    }
}

fn answer(ride: Ride<'_>, unicorn: UnicornCard<'_>, way: Way, replayed: bool) -> (Answer, Entry) {
    let body = RideBody {
        ride_id: &ride.id,
        unicorn: &unicorn,
        unicorn_name: &unicorn.name,
        eta: &way.eta,
        rider: &ride.user,
    };
    let answer = Answer::ride(&body, replayed);
    let entry = Entry::Ride {
        unicorn: unicorn.name.into_owned(),
        metres: way.metres,
        rider: ride.user.into_owned(),
        ride_id: ride.id,
        replayed,
    };
    (answer, entry)
}
