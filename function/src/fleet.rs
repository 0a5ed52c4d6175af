//! The unicorns, and which of them is nearest.

use crate::geo::{Position, UnitVector};
use std::time::Duration;

/// One unicorn of the fleet.
#[derive(Clone, Copy, Debug)]
pub struct Unicorn {
    pub name: &'static str,
    pub color: &'static str,
    pub gender: &'static str,
    pub metres_per_second: f64,
    pub at: UnitVector,
}

/// `fleet.json`, checked and sorted by name when the crate was built.
pub static FLEET: &[Unicorn] = include!(concat!(env!("OUT_DIR"), "/fleet.rs"));

/// Distances that differ by less than this count as equal: far below what matters, far above rounding
/// errors.
const TIE_METRES: f64 = 1e-6;

/// Cosines that differ by less than this do not say which distance is shorter, so the distances are
/// calculated. It covers `TIE_METRES` (1.6e-13 at most) and the rounding error of a cosine (1e-15).
const COSINE_BLUR: f64 = 1e-12;

/// The unicorn nearest to `to` and its distance in meters; of several at the same distance the first in
/// `fleet`. None only if the fleet is empty.
pub fn nearest(fleet: &[Unicorn], to: Position) -> Option<(&Unicorn, f64)> {
    let to = UnitVector::from(to);
    // Cosines for all, which are cheap; then distances for the few whose cosines are too close.
    let greatest = fleet.iter().fold(-2.0, |greatest, unicorn| {
        let cosine = unicorn.at.dot(to);
        if cosine > greatest { cosine } else { greatest }
    });
    let candidates: Vec<(&Unicorn, f64)> = fleet
        .iter()
        .filter(|unicorn| unicorn.at.dot(to) >= greatest - COSINE_BLUR)
        .map(|unicorn| (unicorn, unicorn.at.metres_to(to)))
        .collect();
    let distances = candidates.iter().map(|(_, metres)| *metres);
    let shortest = distances.fold(f64::INFINITY, f64::min);
    candidates
        .into_iter()
        .find(|(_, metres)| *metres <= shortest + TIE_METRES)
}

/// How long `unicorn` needs for `metres`.
pub fn travel_time(unicorn: &Unicorn, metres: f64) -> Duration {
    // Saturates if a very slow unicorn would need longer than the longest `Duration`.
    Duration::try_from_secs_f64(metres / unicorn.metres_per_second).unwrap_or(Duration::MAX)
}

/// A duration as text for the rider: its two greatest units, rounded up, so never zero.
pub fn eta(travel_time: Duration) -> String {
    let seconds = travel_time
        .as_secs()
        .saturating_add(u64::from(travel_time.subsec_nanos() > 0));
    let (greater, lesser, unit, of) = match seconds.max(1) {
        seconds @ 0..60 => return plural(seconds, "second"),
        seconds @ 60..3_600 => (seconds / 60, seconds % 60, "minute", "second"),
        seconds @ 3_600..=86_340 => {
            let minutes = seconds.div_ceil(60);
            (minutes / 60, minutes % 60, "hour", "minute")
        }
        seconds => {
            let hours = seconds.div_ceil(3_600);
            (hours / 24, hours % 24, "day", "hour")
        }
    };
    match lesser {
        0 => plural(greater, unit),
        _ => format!("{} {}", plural(greater, unit), plural(lesser, of)),
    }
}

fn plural(count: u64, unit: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::{FLEET, Unicorn, eta, nearest, travel_time};
    use crate::fleet_file;
    use crate::geo::{Position, UnitVector};
    use std::time::Duration;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).expect("a position")
    }

    fn unicorn(name: &'static str, latitude: f64, longitude: f64) -> Unicorn {
        let at = UnitVector::from(at(latitude, longitude));
        Unicorn {
            name,
            color: "White",
            gender: "Male",
            metres_per_second: 10.0,
            at,
        }
    }

    fn nearest_name(fleet: &[Unicorn], latitude: f64, longitude: f64) -> &'static str {
        nearest(fleet, at(latitude, longitude))
            .expect("a fleet")
            .0
            .name
    }

    #[test]
    fn the_nearest_comes_from_the_fleet_file() {
        assert_eq!(
            nearest_name(FLEET, 47.6174755835663, -122.28837066650185),
            "Bucephalus"
        );
        assert_eq!(nearest_name(FLEET, 47.61, -122.20), "Shadowfax");
        assert_eq!(nearest_name(FLEET, -33.9, 18.4), "Shadowfax");
    }

    #[test]
    fn the_built_in_vectors_are_those_of_the_file() {
        let file = fleet_file::read(include_str!("../fleet.json")).expect("a fleet");
        assert_eq!(file.len(), FLEET.len());
        for entry in file {
            let unicorn = FLEET
                .iter()
                .find(|unicorn| unicorn.name == entry.name)
                .expect("a name");
            let expected = UnitVector::from(at(entry.latitude, entry.longitude));
            assert!(unicorn.at.metres_to(expected) < 1e-8, "{}", unicorn.name);
        }
    }

    #[test]
    fn the_fleet_is_in_order_of_names() {
        assert!(FLEET.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn poles_antimeridian_and_hair_breadths() {
        let check = |fleet: &[Unicorn], latitude, longitude, expected| {
            assert_eq!(nearest_name(fleet, latitude, longitude), expected);
        };
        let poles = [unicorn("north", 89.0, 10.0), unicorn("south", -89.0, 10.0)];
        check(&poles, 90.0, -170.0, "north");
        check(&poles, 88.0, -170.0, "north");
        check(&poles, -90.0, 77.0, "south");
        let line = [unicorn("east", 0.0, 179.0), unicorn("west", 0.0, 90.0)];
        check(&line, 0.0, -179.0, "east");
        // Millimeters apart, a meter away: the cosines of both are the same number.
        let close = [
            unicorn("a", 10.0, 20.00001),
            unicorn("b", 10.0, 20.000009999),
        ];
        check(&close, 10.0, 20.0, "b");
        // Nearly half way round, where haversine is inaccurate: b is 11 meters nearer.
        let far = [unicorn("a", 0.0, 180.0), unicorn("b", 0.0001, 180.0)];
        check(&far, 0.0, 0.0, "b");
    }

    #[test]
    fn ties_go_by_name() {
        let same = [unicorn("Ann", 1.0, 2.0), unicorn("Bob", 1.0, 2.0)];
        assert_eq!(nearest_name(&same, 50.0, 60.0), "Ann");
        assert_eq!(nearest_name(&same, 1.0, 2.0), "Ann");
        // Equal by symmetry, whatever the last bits say.
        for longitude in [0.1, 1.0, 33.0, 90.0, 179.0] {
            let mirrored = [
                unicorn("Ann", 12.0, longitude),
                unicorn("Bob", 12.0, -longitude),
            ];
            assert_eq!(nearest_name(&mirrored, 47.0, 0.0), "Ann");
        }
        // Everything is as far from a pole as its latitude.
        let parallel = [unicorn("Ann", 12.0, 3.0), unicorn("Bob", 12.0, -100.0)];
        assert_eq!(nearest_name(&parallel, 90.0, 55.0), "Ann");
    }

    #[test]
    fn an_empty_fleet_has_no_nearest() {
        assert!(nearest(&[], at(0.0, 0.0)).is_none());
    }

    #[test]
    fn an_eta_reads_well() {
        for (seconds, expected) in [
            (0.0, "1 second"),
            (0.2, "1 second"),
            (29.5, "30 seconds"),
            (60.0, "1 minute"),
            (61.0, "1 minute 1 second"),
            (3_599.0, "59 minutes 59 seconds"),
            (3_600.0, "1 hour"),
            (3_601.0, "1 hour 1 minute"),
            (86_341.0, "1 day"),
            (200_000.0, "2 days 8 hours"),
        ] {
            assert_eq!(eta(Duration::from_secs_f64(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn the_slowest_unicorn_still_arrives() {
        let slow = Unicorn {
            metres_per_second: f64::MIN_POSITIVE,
            ..unicorn("Slow", 0.0, 0.0)
        };
        assert!(eta(travel_time(&slow, 1e7)).ends_with("hours"));
    }

    #[test]
    fn a_bad_fleet_file_is_refused_by_name() {
        let entry = |name: &str, latitude: &str, speed: &str| {
            format!(
                r#"{{"Name":"{name}","Color":"White","Gender":"Male","Latitude":{latitude},"Longitude":0,"MetresPerSecond":{speed}}}"#
            )
        };
        for (text, expected) in [
            ("[]".into(), "at least one"),
            (
                format!("[{},{}]", entry("A", "1", "1"), entry("A", "2", "1")),
                "`A` exists twice",
            ),
            (
                format!("[{}]", entry("A", "90.5", "1")),
                "`A`: Latitude 90.5",
            ),
            (
                format!("[{}]", entry("A", "1", "0")),
                "`A`: MetresPerSecond 0",
            ),
            (format!("[{}]", entry("", "1", "1")), "Name must be text"),
            (r#"[{"Name":"A"}]"#.into(), "missing field"),
            ("{".into(), "expected a sequence"),
        ] {
            let why = fleet_file::read(&text).expect_err(&text);
            assert!(why.contains(expected), "{why}");
        }
    }
}
