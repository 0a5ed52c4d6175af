//! Random choices that are the same in every run with the same seed.

pub struct Random(fastrand::Rng);

impl Random {
    pub fn with_seed(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Less than `limit`; 0 where `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        // Not `usize(..)`, which takes other numbers from the generator on 32-bit machines.
        self.0.u64(..limit.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Within minus and plus `limit`.
    pub fn within(&mut self, limit: f64) -> f64 {
        (self.0.f64() * 2.0 - 1.0) * limit
    }
}
