//! Turns an event into an answer and a log entry. It has no clock, no randomness and no network of
//! its own: those come in as `RequestContext` and `RideStore`.

use crate::answer::{Answer, RideBody};
use crate::contract;
use crate::event::{self, RideRequest};
use crate::fleet::{self, FLEET, Unicorn};
use crate::geo::{Position, UnitVector};
use crate::log::Entry;
use crate::rejection::Rejection;
use crate::request_context::RequestContext;
use crate::ride::{Ride, StoredRide, UnicornCard};
use crate::store::{Guard, Put, RideStore, WriteFailure};
use std::borrow::Cow;

/// The answer to an event, which may be any bytes, and the log entry about it.
pub async fn handle(
    event: &[u8],
    context: &RequestContext<'_>,
    store: &impl RideStore,
) -> (Answer, Entry) {
    let rejected = |rejection: Rejection| {
        let entry = Entry::Rejected {
            status: rejection.status(),
            message: rejection.message(),
            summary: rejection.summary(),
        };
        (Answer::rejection(&rejection, context.request_id), entry)
    };
    let request = match event::read(event) {
        Ok(request) => request,
        Err(rejection) => return rejected(rejection),
    };
    let Some((unicorn, metres)) = fleet::nearest(FLEET, request.pickup) else {
        // The build refuses an empty fleet.
        return rejected(Rejection::Failed);
    };
    let (ride, guard) = plan(request, unicorn, context);
    match store.put(&ride, guard).await {
        Ok(Put::Stored) => {
            let trip = Trip {
                metres: Some(metres),
                eta: eta(unicorn, metres),
            };
            answer(ride, UnicornCard::from(unicorn), trip, false)
        }
        Ok(Put::AlreadyExists(stored)) if stored.is(&ride) => {
            let trip = trip_of(&stored, ride.pickup);
            answer(ride, stored.unicorn, trip, true)
        }
        Ok(Put::AlreadyExists(_)) => rejected(Rejection::KeyReused),
        Err(WriteFailure { code, message }) => {
            let entry = Entry::WriteFailed {
                ride_id: ride.id,
                code,
                message,
            };
            (
                Answer::rejection(&Rejection::Failed, context.request_id),
                entry,
            )
        }
    }
}

/// The ride to store, and whether an existing ride with its id must be kept.
fn plan<'e>(
    request: RideRequest<'e>,
    unicorn: &'static Unicorn,
    context: &RequestContext<'e>,
) -> (Ride<'e>, Guard) {
    let RideRequest {
        user,
        pickup,
        idempotency_key,
    } = request;
    let (id, guard) = match idempotency_key {
        Some(key) => (contract::idempotent_ride_id(&user, &key), Guard::KeepFirst),
        None => (contract::ride_id(context.random), Guard::None),
    };
    (
        Ride {
            id,
            user,
            unicorn,
            request_time: context.time,
            pickup,
        },
        guard,
    )
}

/// The distance from the unicorn to the rider and the time it takes.
struct Trip {
    metres: Option<f64>,
    eta: Cow<'static, str>,
}

fn eta(unicorn: &Unicorn, metres: f64) -> Cow<'static, str> {
    fleet::eta(fleet::travel_time(unicorn, metres)).into()
}

/// The trip of a unicorn that was sent earlier. Its eta is unknown if it has left the fleet since.
fn trip_of(stored: &StoredRide, pickup: Position) -> Trip {
    match FLEET
        .iter()
        .find(|unicorn| unicorn.name == stored.unicorn.name)
    {
        Some(unicorn) => {
            let metres = unicorn.at.metres_to(UnitVector::from(pickup));
            Trip {
                metres: Some(metres),
                eta: eta(unicorn, metres),
            }
        }
        None => Trip {
            metres: None,
            eta: "unknown".into(),
        },
    }
}

fn answer(ride: Ride<'_>, unicorn: UnicornCard<'_>, trip: Trip, replayed: bool) -> (Answer, Entry) {
    let body = RideBody {
        ride_id: &ride.id,
        unicorn: &unicorn,
        unicorn_name: &unicorn.name,
        eta: &trip.eta,
        rider: &ride.user,
    };
    let answer = Answer::ride(&body, replayed);
    let entry = Entry::Ride {
        unicorn: unicorn.name.into_owned(),
        metres: trip.metres,
        rider: ride.user.into_owned(),
        ride_id: ride.id,
        replayed,
    };
    (answer, entry)
}
