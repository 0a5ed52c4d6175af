//! Descriptions of an alias that nobody of us wrote.

use proptest::prelude::{Strategy, prop_oneof, proptest};
use provisioner::resources::release::proof::Record;

/// Its own words, in any order, and anything else.
fn description() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(
        &[
            "proven ",
            "ride skipped ",
            "rolled back from ",
            "earlier ",
            "; ",
            " as ",
            ":",
            " ",
            "0011223344556677",
            "8899aabbccddeeff",
            "12",
            "13:",
            "18446744073709551616",
            "-1",
        ][..],
    );
    let part = prop_oneof![8 => word.prop_map(str::to_owned), 1 => "\\PC{0,8}"];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_description_does_harm(description in description()) {
        let record = Record::parse(&description);
        assert_eq!(Record::parse(&record.to_string()), record, "{description}");
    }
}
