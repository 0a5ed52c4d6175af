//! The axis: where a moment of the run is, and the times that it names.

use std::time::Duration;

use super::html;
use super::model::Span;

/// More would not fit beside each other on a laptop; a telephone shows every second one.
const MOST_TICKS: u128 = 9;

/// In milliseconds.
const STEPS: [u128; 18] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000,
    300_000, 600_000,
];

#[derive(Clone, Copy, Debug)]
pub struct Scale {
    wall: Duration,
}

impl Scale {
    pub fn new(wall: Duration) -> Scale {
        Scale {
            wall: wall.max(Duration::from_millis(1)),
        }
    }

    /// In percent of the axis.
    pub fn at(self, moment: Duration) -> f64 {
        let part = moment.as_secs_f64() / self.wall.as_secs_f64();
        part.min(1.0) * 100.0
    }

    /// The declarations of a bar for an attribute `style`.
    pub fn bar(self, span: Span) -> String {
        let (start, end) = (self.at(span.start), self.at(span.end));
        format!("--at:{start:.2}%;--for:{:.2}%", end - start)
    }

    fn step(self) -> Duration {
        let wall = self.wall.as_millis();
        let fits = |step: &u128| wall / step < MOST_TICKS;
        let step = STEPS
            .into_iter()
            .find(fits)
            .unwrap_or(wall.div_ceil(MOST_TICKS));
        Duration::from_millis(u64::try_from(step).unwrap_or(u64::MAX))
    }

    /// The distance of two lines of the grid, in percent of the axis.
    pub fn grid(self) -> f64 {
        self.at(self.step())
    }

    /// The times that the axis names, each with its place in percent.
    pub fn ticks(self) -> Vec<(f64, String)> {
        let step = self.step();
        let mut ticks = Vec::new();
        let mut moment = Duration::ZERO;
        while moment <= self.wall {
            ticks.push((self.at(moment), tick(moment)));
            moment += step;
        }
        ticks
    }
}

/// Exact, unlike a duration.
fn tick(moment: Duration) -> String {
    let milliseconds = moment.as_millis();
    match milliseconds {
        0 => "0".to_owned(),
        1..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{} s", moment.as_secs_f64()),
        _ => html::time(moment).replace(" 0 s", ""),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Scale;

    fn labels(milliseconds: u64) -> Vec<String> {
        let ticks = Scale::new(Duration::from_millis(milliseconds)).ticks();
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_times_and_few() {
        assert_eq!(labels(0), ["0", "1 ms"]);
        assert_eq!(
            labels(3_400),
            ["0", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s", "3 s"]
        );
        assert_eq!(
            labels(12_600),
            ["0", "2 s", "4 s", "6 s", "8 s", "10 s", "12 s"]
        );
        assert_eq!(
            labels(150_000),
            ["0", "30 s", "1 min", "1 min 30 s", "2 min", "2 min 30 s"]
        );
        for hours in 1..100 {
            assert!(labels(hours * 3_600_000).len() <= 10, "{hours}");
        }
    }
}
