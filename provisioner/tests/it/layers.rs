//! The layer rules of ARCHITECTURE.md, read off the `use` lines.

use std::fs;
use std::path::{Path, PathBuf};

/// Files (by prefix below `provisioner/src`), and what they must not mention.
const RULES: &[(&str, &[&str])] = &[
    (
        "diff.rs",
        &["tokio", "aws_", "clap", "crate::cloud", "crate::report"],
    ),
    (
        "plan.rs",
        &["tokio", "aws_", "clap", "crate::cloud", "crate::report"],
    ),
    (
        "resources/proof.rs",
        &["tokio", "aws_", "clap", "crate::cloud", "crate::report"],
    ),
    (
        "report/render.rs",
        &["tokio", "aws_", "clap", "crate::cloud", "std::io"],
    ),
    (
        "resources/",
        &[
            "clap",
            "crate::report",
            "crate::cli",
            "crate::commands",
            "local_cloud",
        ],
    ),
    (
        "wait.rs",
        &[
            "aws_",
            "clap",
            "crate::cloud",
            "crate::report",
            "crate::resource",
        ],
    ),
    (
        "apply.rs",
        &["aws_", "clap", "crate::resources", "crate::cloud"],
    ),
    ("survey.rs", &["aws_", "clap", "crate::resources"]),
    (
        "artifact/",
        &["aws_", "clap", "crate::resource", "crate::cloud"],
    ),
    (
        "policy/",
        &["aws_", "tokio", "clap", "crate::resource", "crate::cloud"],
    ),
    (
        "cloud/",
        &["clap", "crate::plan", "crate::resources", "crate::commands"],
    ),
    ("commands/", &["clap::Parser", "clap::Args"]),
];

/// Kinds don't know each other; the release is about the function and takes its ride with the
/// role's policies, and the function runs under the role.
const KINDS: &[(&str, &[&str])] = &[
    ("table", &[]),
    ("role", &[]),
    ("log_group", &[]),
    ("function", &["role", "alias", "code"]),
    (
        "release",
        &["function", "alias", "code", "proof", "test_ride"],
    ),
    ("alias", &["proof"]),
    ("code", &[]),
    ("proof", &[]),
    ("test_ride", &["role"]),
];

#[test]
fn every_file_imports_only_what_its_layer_may() {
    for (file, code) in sources() {
        for (prefix, forbidden) in RULES {
            if !file.starts_with(prefix) {
                continue;
            }
            for word in *forbidden {
                assert!(!code.contains(word), "{file} must not use `{word}`");
            }
        }
    }
}

#[test]
fn only_the_release_and_the_function_know_other_kinds() {
    for (kind, known) in KINDS {
        let file = format!("resources/{kind}.rs");
        let (_, code) = sources()
            .into_iter()
            .find(|(name, _)| *name == file)
            .expect("the kind");
        for (other, _) in KINDS {
            let mentions = code.contains(&format!("resources::{other}::"))
                || code.contains(&format!("super::{other}::"));
            let allowed = other == kind || known.contains(other);
            assert!(!mentions || allowed, "{file} must not know `{other}`");
        }
    }
}

/// The local cloud speaks AWS's protocols and knows nothing of the stack.
#[test]
fn the_local_cloud_knows_nothing_of_the_stack() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("local-cloud/src");
    for path in rust_files(&root) {
        let code = code(&path);
        for word in ["RequestUnicorn", "WildRydes", "provisioner", "provision:"] {
            assert!(!code.contains(word), "{} mentions `{word}`", path.display());
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&root).into_iter().map(|path| {
        let name = path.strip_prefix(&root).expect("below the root");
        (name.to_str().expect("UTF-8").to_owned(), code(&path))
    });
    files.collect()
}

/// What is compiled outside of tests, without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            files.push(path);
        }
    }
    files
}
