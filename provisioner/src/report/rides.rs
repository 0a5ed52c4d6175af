//! The table of `rides`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::columns::columns;
use super::map::Position;
use super::output;
use crate::rides::Ride;

/// A line for each ride, with times in the user's time zone.
pub fn text(rides: &[Ride], zone: &TimeZone) -> String {
    let rows: Vec<[String; 5]> = rides.iter().map(|ride| row(ride, zone)).collect();
    columns(&rows)
}

fn row(ride: &Ride, zone: &TimeZone) -> [String; 5] {
    let Ride {
        id,
        request_time,
        user,
        unicorn,
        pickup,
    } = ride;
    let degrees = |value: Option<f64>| value.map_or("?".to_owned(), |degrees| degrees.to_string());
    let pickup = format!("{},{}", degrees(pickup.latitude), degrees(pickup.longitude));
    let time = local(request_time, zone).unwrap_or_else(|| request_time.clone());
    [&time, id, unicorn, user, &pickup].map(|cell| output::value(cell).into_owned())
}

/// `2026-11-28 12:18:54`; `None` for what is no time.
fn local(time: &str, zone: &TimeZone) -> Option<String> {
    let time: Timestamp = time.parse().ok()?;
    let time = time.to_zoned_datetime(zone.clone());
    Some(time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Where the rides began, as far as their items say so.
pub fn positions(rides: &[Ride]) -> Vec<Position> {
    let positions = rides.iter().filter_map(|ride| {
        Some(Position {
            latitude: ride.pickup.latitude?,
            longitude: ride.pickup.longitude?,
        })
    });
    positions.collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::text;
    use crate::rides::{Pickup, Ride};

    #[test]
    fn times_are_local_and_missing_values_are_shown() {
        let ride = Ride {
            id: "pBireAGvzM-FHZzcoVI4Tg".to_owned(),
            request_time: "2026-11-22T23:19:43.472Z".to_owned(),
            user: "the_username".to_owned(),
            unicorn: "Bucephalus".to_owned(),
            pickup: Pickup {
                latitude: Some(47.61),
                longitude: Some(-122.33),
            },
        };
        let strange = Ride {
            request_time: "soon".to_owned(),
            unicorn: String::new(),
            pickup: Pickup {
                latitude: None,
                longitude: Some(1.0),
            },
            ..ride.clone()
        };
        let zone = TimeZone::fixed(offset(2));
        assert_eq!(
            text(&[ride, strange], &zone),
            "2026-11-23 01:19:43  pBireAGvzM-FHZzcoVI4Tg  Bucephalus  the_username  47.61,-122.33\n\
             soon                 pBireAGvzM-FHZzcoVI4Tg              the_username  ?,1\n"
        );
    }
}
