//! The nearest unicorn against the schoolbook: haversine over all of them, and no shortcut.

use crate::random::Random;
use function::fleet::{Unicorn, nearest};
use function::geo::{EARTH_RADIUS_METRES, FARTHEST_METRES, Position, UnitVector};

fn haversine(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.latitude().to_radians(), b.latitude().to_radians());
    let longitude = (b.longitude() - a.longitude()).to_radians();
    let half = ((lat_b - lat_a) / 2.0).sin().powi(2)
        + lat_a.cos() * lat_b.cos() * (longitude / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS_METRES * half.min(1.0).sqrt().asin()
}

/// How far haversine itself may be off: next to nothing, but for places half way round the globe.
fn haversine_error(metres: f64) -> f64 {
    if metres > 0.999 * FARTHEST_METRES {
        0.5
    } else {
        1e-5
    }
}

/// Poles, antimeridian, the same place again, next door and anywhere.
fn place(random: &mut Random, others: &[Position]) -> Position {
    let (latitude, longitude) = match random.below(8) {
        0 => (
            90.0 * if random.one_in(2) { 1.0 } else { -1.0 },
            random.within(180.0),
        ),
        1 => (
            random.within(90.0),
            180.0 * if random.one_in(2) { 1.0 } else { -1.0 },
        ),
        2 => (0.0, 90.0 * (random.below(5) as f64 - 2.0)),
        3 | 4 if !others.is_empty() => {
            let other = others[random.below(others.len())];
            let scale = [0.0, 1e-9, 1e-6, 1e-3][random.below(4)];
            (
                other.latitude() + random.within(scale),
                other.longitude() + random.within(scale),
            )
        }
        5 if !others.is_empty() => {
            let other = others[random.below(others.len())];
            let across = other.longitude()
                + if other.longitude() > 0.0 {
                    -180.0
                } else {
                    180.0
                };
            (
                -other.latitude() + random.within(1e-4),
                across + random.within(1e-4),
            )
        }
        // Even over the sphere, not over the map.
        _ => (random.within(1.0).asin().to_degrees(), random.within(180.0)),
    };
    Position::new(latitude.clamp(-90.0, 90.0), longitude.clamp(-180.0, 180.0)).expect("a place")
}

#[test]
fn nobody_is_nearer_than_the_nearest() {
    let mut random = Random::with_seed(7);
    for round in 0..3_000 {
        let mut places = Vec::new();
        for _ in 0..1 + random.below(40) {
            let place = place(&mut random, &places);
            places.push(place);
        }
        let rider = place(&mut random, &places);
        let fleet: Vec<Unicorn> = places
            .iter()
            .map(|place| Unicorn {
                name: "one of many",
                color: "White",
                gender: "Female",
                metres_per_second: 1.0,
                at: UnitVector::from(*place),
            })
            .collect();
        let (found, metres) = nearest(&fleet, rider).expect("a fleet");
        let index = fleet
            .iter()
            .position(|other| std::ptr::eq(other, found))
            .expect("one of it");

        let by_haversine = haversine(rider, places[index]);
        let allowed = haversine_error(metres);
        assert!(
            (metres - by_haversine).abs() < allowed,
            "round {round}: {metres}, {by_haversine}"
        );
        for (other, place) in fleet.iter().zip(&places) {
            let theirs = haversine(rider, *place);
            assert!(
                metres <= theirs + haversine_error(theirs),
                "round {round}: {theirs} is nearer"
            );
            // The exact distance allows no excuse beyond the micrometre that makes a tie.
            let exact = other.at.metres_to(UnitVector::from(rider));
            assert!(
                metres <= exact + 1e-6,
                "round {round}: {exact} is nearer than {metres}"
            );
        }
        // Of equals the first.
        let exact = |other: &Unicorn| other.at.metres_to(UnitVector::from(rider));
        let shortest = fleet.iter().map(exact).fold(f64::INFINITY, f64::min);
        assert!(
            fleet[..index]
                .iter()
                .all(|other| exact(other) > shortest + 1e-6),
            "round {round}"
        );
    }
}
