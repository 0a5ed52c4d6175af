//! The files of a crate and what they use, read from their paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files that each file uses, by module path such as `services::logs`; the root is `""`.
pub type Uses = BTreeMap<String, BTreeSet<String>>;

/// The crate's file graph.
pub fn uses(src: &Path) -> Uses {
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

/// The paths into other crates, by the module that has them: `clap::Parser`, `std::io`.
pub fn imports(src: &Path) -> Uses {
    let mut texts = BTreeMap::new();
    collect(src, "", &mut texts);
    let imports = texts.into_iter().map(|(module, text)| {
        let paths = imported(&text).into_iter();
        (module, paths.collect())
    });
    imports.collect()
}

/// Paths that begin with a name in lower case: that of a crate, or of a module that an import has
/// brought in.
fn imported(text: &str) -> Vec<String> {
    let code = code(text);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|c| !is_name(c)).map_or(0, |end| end + 1);
        let head = &code[start..at];
        let is_head = head.starts_with(|c: char| c.is_ascii_lowercase())
            && !code[..start].ends_with("::")
            && !matches!(head, "crate" | "super" | "self");
        if is_head {
            expand("", &code[start..], &mut paths);
        }
    }
    paths
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
pub fn paths(text: &str) -> Vec<String> {
    let code = code(text);
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

/// What is compiled outside of unit tests, without comments, in one line.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next();
    let lines = code.unwrap_or_default().lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line.trim(), " "])
        .collect()
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
pub fn file_of(module: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut at = module.to_owned();
    let mut found = false;
    for part in path.split("::") {
        match part {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                let parent = at.rsplit_once("::").map_or("", |(parent, _)| parent);
                at = parent.to_owned();
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
pub fn circle(uses: &Uses) -> Option<Vec<&str>> {
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
