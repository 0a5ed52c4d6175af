//! Work that is drawn from seeds: some in every run, more in the long ones.

use std::ops::RangeInclusive;
use std::sync::Mutex;

/// `FIRST..LAST` of an environment variable, both included.
pub fn seeds(variable: &str, otherwise: RangeInclusive<u64>) -> RangeInclusive<u64> {
    let asked = std::env::var(variable).ok();
    let asked = asked.as_deref().and_then(|seeds| seeds.split_once(".."));
    let number = |text: &str| text.parse().expect("a seed");
    asked.map_or(otherwise, |(first, last)| number(first)..=number(last))
}

pub fn on_every_core<T: Send>(items: impl Iterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    at_once(cores, items, work);
}

/// So many at once; more than there are cores where they mostly wait.
pub fn at_once<T: Send>(
    many: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) + Sync,
) {
    let items = Mutex::new(items);
    let next = || items.lock().expect("no panic").next();
    std::thread::scope(|scope| {
        for _ in 0..many {
            scope.spawn(|| {
                while let Some(item) = next() {
                    work(item);
                }
            });
        }
    });
}
