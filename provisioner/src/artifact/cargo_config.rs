//! What the user's `.cargo/config.toml` files set. cargo merges them into every build, so a build that must
//! give the same program everywhere has to know them.
//!
//! This is no TOML parser: it finds keys and values on one line, which is how these files are written. What
//! it misses is in force, as everything was before it looked.

use std::fs;
use std::path::Path;

use super::environment::Environment;

/// A key with its tables, such as `build.target`, and its value as it is written.
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

/// The keys and values of a TOML file.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[')
            && let Some((name, _)) = header.rsplit_once(']')
        {
            table = plain(name);
        } else if let Some((key, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            push(&table, key, value, &mut entries);
        }
    }
    entries
}

fn push(table: &str, key: &str, value: &str, entries: &mut Vec<Entry>) {
    let dot = if table.is_empty() { "" } else { "." };
    let key = format!("{table}{dot}{}", plain(key));
    let value = without_comment(value);
    match value.strip_prefix('{').and_then(|v| v.strip_suffix('}')) {
        Some(inline) => {
            let members = inline.split(',').filter_map(|part| part.split_once('='));
            members.for_each(|(name, value)| push(&key, name, value, entries));
        }
        None => {
            let value = value.to_owned();
            entries.push(Entry { key, value });
        }
    }
}

/// A key without the quotes and spaces that it may be written with.
fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '"' | '\'' | ' ' | '\t'))
        .collect()
}

fn without_comment(value: &str) -> &str {
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let end = match quote.and_then(|quote| value[1..].find(quote)) {
        Some(closing) => closing + 2,
        None => value.find('#').unwrap_or(value.len()),
    };
    value[..end].trim()
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
            "build.rustc-wrapper 'sccache'",
            "target.cfg(unix).rustflags [",
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
