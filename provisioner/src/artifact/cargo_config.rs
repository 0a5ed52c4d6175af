//! What the user's `.cargo/config.toml` files set. cargo merges them into every build, so a build that must
//! give the same program everywhere has to know them.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::environment::Environment;

/// A key with its tables, such as `build.target`, and its value in TOML.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub value: String,
}

/// The settings of all files that cargo reads in the workspace.
pub fn entries(environment: &Environment, workspace: &Path) -> Vec<Entry> {
    let mut folders: Vec<_> = workspace
        .ancestors()
        .map(|folder| folder.join(".cargo"))
        .collect();
    folders.extend(environment.cargo_home());
    folders.dedup();
    let texts = folders.iter().filter_map(|folder| {
        // cargo prefers the file without an extension.
        let files = ["config", "config.toml"].map(|name| folder.join(name));
        files.iter().find_map(|file| fs::read_to_string(file).ok())
    });
    texts.flat_map(|text| parse(&text)).collect()
}

/// The keys and values of a TOML file. None if it is malformed: cargo says so itself.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    collect("", text.parse().unwrap_or_default(), &mut entries);
    entries
}

fn collect(prefix: &str, table: Table, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => collect(&format!("{key}."), inner, entries),
            value => {
                let value = value.to_string();
                entries.push(Entry { key, value });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn keys_are_found_in_every_notation() {
        let text = r#"
            paths = ["/x"] # first
            [build] # all builds
            target = "x86_64-pc-windows-gnu" # not "here"
            # jobs = 1
            "rustc-wrapper" = 'sccache'
            [target.'cfg(unix)']
            rustflags = [
                "-Ctarget-cpu=native",
            ]
            [profile]
            lambda = { opt-level = 0, lto = "off" }
            env.CFLAGS = "-O0"
        "#;
        let entries = parse(text);
        let found: Vec<String> = entries
            .iter()
            .map(|entry| format!("{} {}", entry.key, entry.value))
            .collect();
        for expected in [
            r#"paths ["/x"]"#,
            r#"build.target "x86_64-pc-windows-gnu""#,
            r#"build.rustc-wrapper "sccache""#,
            r#"target.cfg(unix).rustflags ["-Ctarget-cpu=native"]"#,
            "profile.lambda.opt-level 0",
            r#"profile.lambda.lto "off""#,
        ] {
            assert!(
                found.contains(&expected.to_owned()),
                "{expected}: {found:#?}"
            );
        }
        assert!(!found.iter().any(|entry| entry.contains("jobs")));
    }
}
