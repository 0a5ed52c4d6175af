//! `nearest UNICORNS TIMES`: looks for the nearest of so many unicorns so many times, and prints the
//! nanoseconds that one search took. The benchmark also counts its instructions.

#![expect(clippy::disallowed_macros, reason = "its output is its result")]

use function::fleet::{Unicorn, nearest};
use function::geo::{Position, UnitVector};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok());
    let (Some(unicorns), Some(times)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: nearest UNICORNS TIMES");
        return;
    };
    // Spread evenly over the globe along a spiral.
    let place = |index: u64| {
        let latitude = (2.0 * (index as f64 + 0.5) / unicorns as f64 - 1.0)
            .asin()
            .to_degrees();
        let longitude = (index as f64 * 137.507_764).rem_euclid(360.0) - 180.0;
        Position::new(latitude, longitude).unwrap_or_else(|bad| panic!("{bad:?}"))
    };
    let fleet: Vec<Unicorn> = (0..unicorns)
        .map(|index| Unicorn {
            name: "one of many",
            color: "White",
            gender: "Male",
            metres_per_second: 20.0,
            at: UnitVector::from(place(index)),
        })
        .collect();
    let riders: Vec<Position> = (0..64).map(|index| place(index * unicorns / 64)).collect();
    let started = Instant::now();
    for index in 0..times {
        black_box(nearest(
            black_box(&fleet),
            riders[index as usize % riders.len()],
        ));
    }
    println!("{:.1}", started.elapsed().as_nanos() as f64 / times as f64);
}
