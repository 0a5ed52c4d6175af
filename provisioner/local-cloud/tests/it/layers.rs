//! The modules of the crate stand in layers, and no files use each other in a circle.

use std::collections::BTreeSet;
use std::path::Path;

use crate::modules::{Uses, circle, file_of, paths, uses};

#[test]
fn no_files_use_each_other_in_a_circle() {
    let uses = uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(uses.len() > 50, "the sources are not read: {uses:?}");
    assert_eq!(circle(&uses), None);
}

/// From the top to the bottom, as in the README.
const ORDER: &[&str] = &[
    "http", "services", "cloud", "protocol", "runtime", "identity", "state", "storage", "faults",
    "api",
];

#[test]
fn modules_use_only_those_below_them() {
    let level = |module: &str| {
        let top = module.split("::").next().unwrap_or_default();
        ORDER.iter().position(|name| *name == top)
    };
    for (module, used) in uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let is_above = |used: &&String| level(used).is_some_and(|at| Some(at) < level(&module));
        let above: Vec<_> = used.iter().filter(is_above).collect();
        assert!(above.is_empty(), "{module} uses {above:?}");
    }
}

#[test]
fn a_circle_is_found() {
    let uses = |pairs: &[(&str, &[&str])]| -> Uses {
        let own = |(module, used): &(&str, &[&str])| {
            let used = used.iter().map(|used| (*used).to_owned());
            ((*module).to_owned(), used.collect())
        };
        pairs.iter().map(own).collect()
    };
    assert_eq!(
        circle(&uses(&[("a", &["b"]), ("b", &["c"]), ("c", &[])])),
        None
    );
    let circular = uses(&[("a", &["b"]), ("b", &["c"]), ("c", &["b", "d"]), ("d", &[])]);
    assert_eq!(circle(&circular), Some(vec!["b", "c"]));
}

#[test]
fn paths_lead_to_files() {
    let text =
        "use crate::{a::{B, c::D}, e};\npub(crate) use f::G;\n// crate::no\nlet x = super::h();";
    let modules = ["", "a", "a::c", "e", "m", "m::f"]
        .map(str::to_owned)
        .into();
    let paths = paths(text);
    let files: BTreeSet<String> = paths
        .iter()
        .filter_map(|path| file_of("m", path, &modules))
        .collect();
    assert_eq!(
        files,
        ["", "a", "a::c", "e", "m::f"].map(str::to_owned).into()
    );
}
