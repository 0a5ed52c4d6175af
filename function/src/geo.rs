//! Positions on earth and the distance between them, exact to nanometers for any two positions.
//! They are calculated with unit vectors, which need no special cases at poles and antimeridian.

use std::f64::consts::PI;

/// The IUGG's mean radius of the earth.
pub const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

/// The greatest possible distance: half of the circumference.
pub const FARTHEST_METRES: f64 = PI * EARTH_RADIUS_METRES;

/// A position in degrees, within the ranges of latitude and longitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

/// Why two numbers are not a position: the field and what is wrong with it.
#[derive(Debug, PartialEq)]
pub struct BadPosition {
    pub field: &'static str,
    pub why: String,
}

impl Position {
    pub fn new(latitude: f64, longitude: f64) -> Result<Position, BadPosition> {
        let within = |field, value: f64, limit: f64| {
            if (-limit..=limit).contains(&value) {
                // Smaller numbers, less than a micrometer, are zero: DynamoDB refuses numbers below
                // 1E-130 and has no minus zero.
                Ok(if value.abs() < 1e-12 { 0.0 } else { value })
            } else {
                Err(BadPosition {
                    field,
                    why: format!("{value} is not within -{limit} and {limit}"),
                })
            }
        };
        Ok(Position {
            latitude: within("Latitude", latitude, 90.0)?,
            longitude: within("Longitude", longitude, 180.0)?,
        })
    }

    pub fn latitude(self) -> f64 {
        self.latitude
    }

    pub fn longitude(self) -> f64 {
        self.longitude
    }
}

/// A position as a direction from the center of the earth.
#[derive(Clone, Copy, Debug)]
pub struct UnitVector(pub [f64; 3]);

impl From<Position> for UnitVector {
    fn from(
        Position {
            latitude,
            longitude,
        }: Position,
    ) -> UnitVector {
        let (sin_latitude, cos_latitude) = latitude.to_radians().sin_cos();
        let (sin_longitude, cos_longitude) = longitude.to_radians().sin_cos();
        UnitVector([
            cos_latitude * cos_longitude,
            cos_latitude * sin_longitude,
            sin_latitude,
        ])
    }
}

impl UnitVector {
    /// The cosine of the angle between them: cheap, but the same for all distances below some ten
    /// centimeters.
    #[inline]
    pub fn dot(self, other: UnitVector) -> f64 {
        let (UnitVector([a, b, c]), UnitVector([x, y, z])) = (self, other);
        a * x + b * y + c * z
    }

    /// The great-circle distance. `atan2` of sine and cosine is precise at all angles; haversine is not
    /// near the antipode, the arc cosine not at short distances.
    pub fn metres_to(self, other: UnitVector) -> f64 {
        let (UnitVector([a, b, c]), UnitVector([x, y, z])) = (self, other);
        let cross = [b * z - c * y, c * x - a * z, a * y - b * x];
        let sine = cross.iter().map(|part| part * part).sum::<f64>().sqrt();
        EARTH_RADIUS_METRES * sine.atan2(self.dot(other))
    }
}

#[cfg(test)]
mod tests {
    use super::{BadPosition, FARTHEST_METRES, Position, UnitVector};

    fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
        let at = |(latitude, longitude)| {
            UnitVector::from(Position::new(latitude, longitude).expect("a position"))
        };
        at(a).metres_to(at(b))
    }

    #[test]
    fn distances_hold_everywhere_on_the_globe() {
        let quarter = FARTHEST_METRES / 2.0;
        for (a, b, expected) in [
            ((0.0, 0.0), (0.0, 0.0), 0.0),
            ((47.6, -122.3), (47.6, -122.3), 0.0),
            // All meridians meet at a pole.
            ((90.0, 0.0), (90.0, 123.0), 0.0),
            ((-90.0, -180.0), (-90.0, 45.0), 0.0),
            ((90.0, 17.0), (-90.0, 17.0), FARTHEST_METRES),
            ((90.0, 0.0), (0.0, 77.0), quarter),
            // 180 degrees east is 180 degrees west.
            ((10.0, 180.0), (10.0, -180.0), 0.0),
            ((0.0, 179.9), (0.0, -179.9), FARTHEST_METRES / 900.0),
            ((0.0, 0.0), (0.0, 180.0), FARTHEST_METRES),
            ((30.0, 60.0), (-30.0, -120.0), FARTHEST_METRES),
            // A tenth of a millimeter, too short for a cosine.
            ((0.0, 0.0), (0.0, 1e-9), FARTHEST_METRES / 180.0 * 1e-9),
        ] {
            let found = metres(a, b);
            assert!(
                (found - expected).abs() < 1e-7,
                "{a:?} to {b:?}: {found}, not {expected}"
            );
        }
    }

    #[test]
    fn a_position_keeps_to_its_ranges() {
        for (latitude, longitude) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
            assert!(Position::new(latitude, longitude).is_ok());
        }
        for (latitude, longitude, field) in [
            (90.000001, 0.0, "Latitude"),
            (f64::NAN, 0.0, "Latitude"),
            (f64::INFINITY, 0.0, "Latitude"),
            (0.0, -180.5, "Longitude"),
            (0.0, 1e300, "Longitude"),
        ] {
            let found =
                Position::new(latitude, longitude).map_err(|BadPosition { field, .. }| field);
            assert_eq!(found, Err(field));
        }
    }

    #[test]
    fn next_to_nothing_is_zero() {
        let position = Position::new(-0.0, 5e-324).expect("a position");
        assert_eq!(position.latitude().to_string(), "0");
        assert_eq!(position.longitude().to_string(), "0");
    }
}
