//! Positions as a map of braille dots, for `rides --map`.

/// The size of the map in characters. Each has two columns and four rows of dots.
const COLUMNS: usize = 48;
const ROWS: usize = 12;

/// A position in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

/// A framed map, north up, with the degrees of its edges. It is as large as the positions need; meridians are
/// drawn parallel, which is true enough for a city. Empty without a position.
pub fn map(positions: &[Position]) -> String {
    let Some((south, north)) = range(positions.iter().map(|position| position.latitude)) else {
        return String::new();
    };
    let Some((west, east)) = range(positions.iter().map(|position| position.longitude)) else {
        return String::new();
    };
    let mut cells = [[0_u8; COLUMNS]; ROWS];
    for position in positions {
        let x = place(position.longitude, west, east, COLUMNS * 2);
        let y = place(position.latitude, north, south, ROWS * 4);
        cells[y / 4][x / 2] |= dot(x % 2, y % 4);
    }
    let edge = "─".repeat(COLUMNS);
    let rows = cells.iter().map(|row| {
        let row: String = row.iter().map(|dots| braille(*dots)).collect();
        format!("│{row}│\n")
    });
    format!(
        "┌{edge}┐ {north:.3}° north\n{}└{edge}┘ {south:.3}°\n{:<width$}{east:.3}° east\n",
        rows.collect::<String>(),
        format!(" {west:.3}°"),
        width = COLUMNS - 6,
    )
}

/// The smallest and the largest value, apart by at least a hundredth of a degree: a kilometer.
fn range(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let lowest = values.clone().reduce(f64::min)?;
    let highest = values.reduce(f64::max)?;
    let missing = (0.01 - (highest - lowest)).max(0.0) / 2.0;
    Some((lowest - missing, highest + missing))
}

/// The index among `count` of a value between `from` and `to`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers, and a value outside saturates"
)]
fn place(value: f64, from: f64, to: f64, count: usize) -> usize {
    let last = count - 1;
    let share = (value - from) / (to - from);
    ((share * last as f64).round() as usize).min(last)
}

/// The bit of a dot in Unicode's braille patterns.
fn dot(x: usize, y: usize) -> u8 {
    const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
    DOTS[y][x]
}

fn braille(dots: u8) -> char {
    match dots {
        0 => ' ',
        dots => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Position, ROWS, map};

    fn at(latitude: f64, longitude: f64) -> Position {
        Position {
            latitude,
            longitude,
        }
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let shown = map(&[at(47.70, -122.40), at(47.60, -122.20)]);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), ROWS + 3);
        assert!(lines[0].ends_with("47.700° north"), "{shown}");
        assert!(lines[1].starts_with("│⠁"), "{shown}");
        assert!(lines[ROWS].contains("⢀│"), "{shown}");
        assert!(lines[ROWS + 2].contains("-122.400°"), "{shown}");
    }

    #[test]
    fn one_position_is_in_the_middle() {
        let shown = map(&[at(0.0, 180.0)]);
        let row = shown
            .lines()
            .find(|line| line.chars().any(|c| c > '⠀' && c <= '⣿'));
        let row: Vec<char> = row.expect("a dot").chars().collect();
        let column = row
            .iter()
            .position(|c| ('⠁'..='⣿').contains(c))
            .expect("a dot");
        assert!(column.abs_diff(COLUMNS / 2) <= 1, "{shown}");
    }

    #[test]
    fn no_position_is_no_map() {
        assert_eq!(map(&[]), "");
    }

    proptest::proptest! {
        #[test]
        fn every_map_has_the_same_size(
            positions in proptest::collection::vec((-90.0..=90.0_f64, -180.0..=180.0_f64), 1..40)
        ) {
            let positions: Vec<Position> = positions.into_iter().map(|(a, b)| at(a, b)).collect();
            let shown = map(&positions);
            let rows = shown.lines().filter(|line| line.starts_with('│'));
            assert!(rows.clone().all(|row| row.chars().count() == COLUMNS + 2), "{shown}");
            assert_eq!(rows.count(), ROWS);
        }
    }
}
