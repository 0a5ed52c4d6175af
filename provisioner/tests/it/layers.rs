//! The layers of ARCHITECTURE.md, by the paths that the files use.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::modules::{Uses, circle, imports, uses};

/// What the modules below each of `modules` must not use. A crate's name may end in `*`.
struct Rule {
    modules: &'static [&'static str],
    crates: &'static [&'static str],
    ours: &'static [&'static str],
}

const RULES: &[Rule] = &[
    // Decides, and does nothing.
    Rule {
        modules: &[
            "engine::diff",
            "engine::index",
            "engine::plan",
            "engine::earlier",
            "engine::plan_digest",
            "engine::verify",
            "engine::pace",
            "resources::table::spec",
            "resources::role::spec",
            "resources::log_group::spec",
            "resources::function::spec",
            "resources::release::spec",
            "resources::release::proof",
            "preflight::decision",
            "preflight::needed",
            "preflight::refusal",
            "preflight::source",
        ],
        // The SDK's types are data; its clients are not.
        crates: &[
            "tokio",
            "aws_sdk_cloudwatchlogs::Client",
            "aws_sdk_dynamodb::Client",
            "aws_sdk_iam::Client",
            "aws_sdk_lambda::Client",
            "clap",
        ],
        ours: &["aws", "report"],
    },
    Rule {
        modules: &["engine"],
        crates: &["aws_sdk_*", "aws_config", "clap"],
        ours: &["resources", "commands"],
    },
    Rule {
        modules: &["resources"],
        crates: &["clap", "local_cloud"],
        ours: &["report", "cli", "commands", "local"],
    },
    Rule {
        modules: &["report"],
        crates: &["tokio", "aws_*", "clap"],
        ours: &["aws"],
    },
    Rule {
        modules: &["report::plan", "report::render", "report::timings"],
        crates: &["std::io"],
        ours: &[],
    },
    Rule {
        modules: &["artifact", "policy"],
        crates: &["aws_*", "clap"],
        ours: &["engine", "aws"],
    },
    Rule {
        modules: &["policy"],
        crates: &["tokio"],
        ours: &[],
    },
    Rule {
        modules: &["preflight"],
        crates: &["clap"],
        ours: &["cli", "commands", "local"],
    },
    Rule {
        modules: &["aws", "local"],
        crates: &["clap"],
        ours: &["resources", "commands"],
    },
    Rule {
        modules: &["commands"],
        crates: &["clap::Parser", "clap::Args"],
        ours: &[],
    },
];

/// Kinds do not know each other, but for these.
const KNOWN_KINDS: &[(&str, &[&str])] = &[
    ("table", &[]),
    ("role", &[]),
    ("log_group", &[]),
    // It runs as the role.
    ("function", &["role"]),
    // It is about the function, and takes its test ride with the role's policies.
    ("release", &["function", "role"]),
];

/// Circles of files that are still to be broken.
const KNOWN_CIRCLES: &[&str] = &[];

#[test]
fn every_file_uses_only_what_its_layer_may() {
    let (uses, imports) = (production(uses(&source())), production(imports(&source())));
    for rule in RULES {
        for layer in rule.modules {
            let below = uses.keys().filter(|module| is_below(layer, module));
            let below: Vec<&String> = below.collect();
            assert!(!below.is_empty(), "there is no module `{layer}`");
            for module in below {
                let crates = forbidden(rule.crates, &imports[module], is_path_of);
                let ours = forbidden(rule.ours, &uses[module], is_below);
                assert!(crates.is_empty(), "{module} must not use {crates:?}");
                assert!(ours.is_empty(), "{module} must not use {ours:?}");
            }
        }
    }
}

#[test]
fn only_the_release_and_the_function_know_other_kinds() {
    let uses = production(uses(&source()));
    for (module, used) in &uses {
        let Some(kind) = kind_of(module) else {
            continue;
        };
        let known = KNOWN_KINDS.iter().find(|(name, _)| *name == kind);
        let (_, known) = known.unwrap_or_else(|| panic!("`{kind}` is not in the table of kinds"));
        for other in used.iter().filter_map(|used| kind_of(used)) {
            assert!(
                other == kind || known.contains(&other),
                "{module} must not know `{other}`"
            );
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let uses = production(uses(&source()));
    assert!(uses.len() > 50, "the sources are not read");
    let circle = circle(&uses).unwrap_or_default();
    assert_eq!(circle, KNOWN_CIRCLES);
}

/// The local cloud speaks AWS's protocols and knows nothing of the stack.
#[test]
fn the_local_cloud_knows_nothing_of_the_stack() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("local-cloud/src");
    for (module, paths) in imports(&source) {
        let paths = forbidden(&["provisioner", "function_contract"], &paths, is_path_of);
        assert!(paths.is_empty(), "{module} must not use {paths:?}");
    }
    for path in rust_files(&source) {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]\nmod tests {").next();
        let lines = text.unwrap_or_default().lines();
        let code = lines.filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect();
        for word in ["RequestUnicorn", "WildRydes", "provisioner", "provision:"] {
            assert!(!code.contains(word), "{} mentions `{word}`", path.display());
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Without the files of unit tests.
fn production(mut uses: Uses) -> Uses {
    uses.retain(|module, _| {
        let mut parts = module.split("::");
        !parts.any(|part| matches!(part, "tests" | "fuzz" | "hostile"))
    });
    uses
}

fn forbidden<'a>(
    rules: &[&str],
    used: &'a BTreeSet<String>,
    is: fn(&str, &str) -> bool,
) -> Vec<&'a String> {
    let used = used.iter();
    used.filter(|used| rules.iter().any(|rule| is(rule, used)))
        .collect()
}

fn is_below(module: &str, other: &str) -> bool {
    let rest = other.strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_path_of(rule: &str, path: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => is_below(rule, path),
    }
}

/// `role` of `resources::role::spec`; a file beside the folders of the kinds has none.
fn kind_of(module: &str) -> Option<&str> {
    let below = module.strip_prefix("resources::")?;
    let kind = below.split("::").next()?;
    let is_kind = KNOWN_KINDS.iter().any(|(name, _)| *name == kind);
    (is_kind || source().join("resources").join(kind).is_dir()).then_some(kind)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
