//! Tests that no file of `src` uses another one that, directly or through others, uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Modules by their path in the crate (`runtime::settings`; the crate itself is empty), each with
/// the modules it uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn files_use_each_other_in_one_direction() {
    let graph = graph(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    // The reading of `use` lines works at all.
    assert!(graph["runtime::rides"].contains("handler"), "{graph:#?}");
    assert!(graph["runtime::warm_up"].contains("runtime::connection"));
    assert_eq!(cycle(&graph), None);
}

#[test]
fn a_cycle_is_found() {
    let texts = [
        ("", "pub mod a;"),
        ("a", "use crate::b::{self, Item};\nmod c;"),
        ("a::c", "fn f() { super::super::d::g() }"),
        ("b", "use crate::{\n    a::c, // below a\n};"),
        ("d", "// use crate::a;\nuse crate::b::Item;"),
    ];
    let found = cycle(&graph_of(&texts)).expect("a cycle");
    assert!(["b", "a::c", "d"].contains(&found.as_str()), "{found}");
    let without_d = &texts[..4];
    assert_eq!(cycle(&graph_of(without_d)), None);
}

fn graph(source: &Path) -> Graph {
    let mut files = Vec::new();
    collect(source, &mut files);
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file).expect("a source file");
            (module_of(file.strip_prefix(source).expect("inside")), text)
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(m, t)| (&**m, &**t)).collect();
    graph_of(&texts)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            // A binary of its own, and tests, which may use what they like.
            && !["main.rs", "tests.rs"].contains(&&*path.file_name().expect("a name").to_string_lossy())
        {
            files.push(path);
        }
    }
}

fn module_of(file: &Path) -> String {
    let parts = file.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy());
    let parts: Vec<_> = parts
        .filter(|part| part != "mod" && part != "lib")
        .collect();
    parts.join("::")
}

fn graph_of(texts: &[(&str, &str)]) -> Graph {
    let modules: Vec<&str> = texts.iter().map(|(module, _)| *module).collect();
    let uses = |(module, text): &(&str, &str)| {
        let used = paths(module, text).filter_map(|path| {
            // `handler::handle` is an item of `handler`: the longest module name that fits.
            let prefixes = (0..=path.len()).rev().map(|end| path[..end].join("::"));
            prefixes.into_iter().find(|name| modules.contains(&&**name))
        });
        (
            (*module).to_owned(),
            used.filter(|used| used != module).collect(),
        )
    };
    texts.iter().map(uses).collect()
}

/// The paths behind `crate::`, `self::` and `super::`, from the crate's root.
fn paths<'a>(module: &'a str, text: &'a str) -> impl Iterator<Item = Vec<String>> + 'a {
    // The tests at a file's end may use what they like.
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join(" ");
    let here: Vec<String> = module
        .split("::")
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    for start in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|before| !before.is_alphanumeric() && !"_:$".contains(before)) {
                expand(&code[at..], &here, &mut found);
            }
        }
    }
    found.into_iter()
}

/// `crate::a::{b, c::d}` as the paths `a::b` and `a::c::d`.
fn expand(code: &str, base: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = base.to_vec();
    let mut rest = code;
    loop {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        match &rest[..length] {
            "crate" => path.clear(),
            "super" => drop(path.pop()),
            "self" | "" => {}
            name => path.push(name.to_owned()),
        }
        match rest[length..].strip_prefix("::") {
            Some(more) => rest = more,
            None => break,
        }
        if let Some(list) = rest.strip_prefix('{') {
            for item in items(list) {
                expand(item.trim_start(), &path, found);
            }
            return;
        }
    }
    found.push(path);
}

/// The items of a list in braces, split at its own commas.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// A module that uses itself through others.
fn cycle(graph: &Graph) -> Option<String> {
    let mut left = graph.clone();
    // Removes modules that use nothing that is left, until there are none.
    while let Some(leaf) = left
        .iter()
        .find(|(_, used)| used.iter().all(|used| !left.contains_key(used)))
        .map(|(module, _)| module.clone())
    {
        left.remove(&leaf);
    }
    // Each that is left uses another one that is left: so many steps on, the walk is in a circle.
    let mut module = left.keys().next()?;
    for _ in 0..left.len() {
        module = left[module].iter().find(|used| left.contains_key(*used))?;
    }
    Some(module.clone())
}
