//! The modules of the crate stand in layers, and no files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files that each file uses, by module path such as `services::logs`; the root is `""`.
type Uses = BTreeMap<String, BTreeSet<String>>;

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

/// The crate's file graph.
fn uses(src: &Path) -> Uses {
    let mut texts = BTreeMap::new();
    collect(src, "", &mut texts);
    let modules: BTreeSet<String> = texts.keys().cloned().collect();
    let of = |(module, text): (&String, &String)| {
        let paths = paths(text).into_iter();
        let used = paths.filter_map(|path| file_of(module, &path, &modules));
        (module.clone(), used.filter(|used| used != module).collect())
    };
    texts.iter().map(of).collect()
}

/// Reads all files below a folder, by module path. Programs in `bin` are crates of their own.
fn collect(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.expect("a name in UTF-8");
        let module = match (prefix, stem) {
            (_, "mod") => prefix.to_owned(),
            ("", "lib") => String::new(),
            ("", stem) => stem.to_owned(),
            (prefix, stem) => format!("{prefix}::{stem}"),
        };
        if path.is_dir() && module != "bin" {
            collect(&path, &module, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.insert(module, fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// Every path that begins with `crate::`, `super::` or `self::` or is re-exported; groups in braces
/// are spelled out. The unit tests at the end of a file don't count.
fn paths(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next();
    let code: String = code
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line.trim(), " "])
        .collect();
    let mut paths = Vec::new();
    for start in [
        "crate::",
        "super::",
        "self::",
        "pub use ",
        "pub(crate) use ",
    ] {
        for (at, _) in code.match_indices(start) {
            let path = code[at..].trim_start_matches("pub ");
            let path = path.trim_start_matches("pub(crate) ");
            expand("", path.trim_start_matches("use "), &mut paths);
        }
    }
    paths
}

/// Adds the paths at the beginning of `text`, with `prefix` before them.
fn expand(prefix: &str, text: &str, paths: &mut Vec<String>) {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_path(c)).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    let Some(group) = text[end..].strip_prefix('{') else {
        return paths.push(path);
    };
    let (mut depth, mut item) = (0, String::new());
    for c in group.chars() {
        match c {
            ',' | '}' if depth == 0 => {
                expand(&path, item.trim(), paths);
                item.clear();
                if c == '}' {
                    return;
                }
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        item.push(c);
    }
}

/// The file that a path in `module` leads to: the deepest module on the path. A path that begins
/// with none of the three keywords starts at a child of `module`.
fn file_of(module: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut at = module.to_owned();
    let mut found = false;
    for part in path.split("::") {
        match part {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at = at
                    .rsplit_once("::")
                    .map_or("", |(parent, _)| parent)
                    .to_owned();
            }
            name => {
                let child = match at.as_str() {
                    "" => name.to_owned(),
                    at => format!("{at}::{name}"),
                };
                if !modules.contains(&child) {
                    break;
                }
                at = child;
            }
        }
        found = true;
    }
    found.then_some(at)
}

/// Files that use each other in a circle, with those between two circles, if there are any: what is
/// left after files that use none of the rest, or are used by none of it, are taken away repeatedly.
fn circle(uses: &Uses) -> Option<Vec<&str>> {
    let mut rest: BTreeSet<&String> = uses.keys().collect();
    loop {
        let all = rest.clone();
        let is_used = |module: &String| all.iter().any(|other| uses[*other].contains(module));
        let uses_any = |module: &String| uses[module].iter().any(|used| all.contains(used));
        rest.retain(|module| uses_any(module) && is_used(module));
        if rest.is_empty() {
            return None;
        }
        if rest.len() == all.len() {
            return Some(rest.into_iter().map(String::as_str).collect());
        }
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
