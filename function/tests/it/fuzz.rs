//! Three thousand events of the fuzz run (function/fuzz), as part of every test run.

use crate::random::Random;
use crate::{check, events};

#[test]
fn whatever_comes_in_an_answer_by_the_contract_goes_out() {
    let mut random = Random::with_seed(4);
    let table = check::Table::default();
    let mut seen = std::collections::BTreeSet::new();
    for index in 0..3_000 {
        let event = events::next(&mut random);
        match check::check(&event, &table, &mut random) {
            Ok(status) => seen.insert(status),
            Err(why) => panic!("event {index}: {why}\n{}", event.escape_ascii()),
        };
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [201, 400, 401, 409, 500]
    );
}
