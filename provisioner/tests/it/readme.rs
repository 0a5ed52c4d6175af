//! The README's sample output is what its commands print.

use std::iter::once;

use crate::artifact::{artifact, workspace};
use crate::world::{Run, World};

/// A `sh` block of one command with `--local`, and the `text` or `mermaid` block that follows it.
struct Sample {
    command: String,
    output: Vec<String>,
    /// Of README.md, where the output begins.
    line: usize,
}

#[test]
fn sample_output_is_what_the_commands_print() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).expect("README.md");
    let samples = samples(&readme);
    assert!(samples.len() > 4, "README.md has {} samples", samples.len());
    let world = World::new();
    for sample in samples {
        let printed = comparable(printed(&world, &sample.command).lines());
        let shown = comparable(sample.output.iter().map(String::as_str));
        assert!(
            fits(&shown, &printed),
            "README.md, line {}: the sample of `{}` differs (identifiers and times replaced)\n\
             --- README.md\n{}\n--- printed\n{}",
            sample.line,
            sample.command,
            shown.join("\n"),
            printed.join("\n")
        );
    }
}

fn samples(readme: &str) -> Vec<Sample> {
    let mut blocks: Vec<(&str, usize, Vec<&str>)> = Vec::new();
    let mut is_open = false;
    for (index, line) in readme.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(language) => {
                is_open = true;
                blocks.push((language, index + 2, Vec::new()));
            }
            None if is_open => blocks.last_mut().expect("a block").2.push(line),
            None => {}
        }
    }
    let pairs = blocks.windows(2).filter_map(|pair| {
        let [("sh", _, lines), ("text" | "mermaid", line, output)] = pair else {
            return None;
        };
        let [command] = lines[..] else { return None };
        let command = command.split('#').next().unwrap_or(command).trim();
        let arguments = command
            .strip_prefix("cargo run -- ")
            .or_else(|| command.strip_prefix("provision "))?;
        command.contains("--local").then(|| Sample {
            command: arguments.to_owned(),
            output: output.iter().map(|&line| line.to_owned()).collect(),
            line: *line,
        })
    });
    pairs.collect()
}

/// In the workspace, as the README has it, on a local cloud of the test's own. Of `up` and `down` the
/// README shows progress too, which is on stderr.
fn printed(world: &World, arguments: &str) -> String {
    let shows_progress = arguments.starts_with("up ") || arguments.starts_with("down ");
    let stderr = if shows_progress {
        "2>&1"
    } else {
        "2>/dev/null"
    };
    let line = format!("{} {arguments} {stderr}", env!("CARGO_BIN_EXE_provision"));
    // Built here, so that `up` finds it built.
    let _ = artifact();
    let folder = world.path().join(".provision/local");
    let mut shell = world.clean("/bin/sh");
    shell
        .args(["-c", &line])
        .current_dir(workspace())
        .env("PROVISION_LOCAL_DIR", &folder)
        // As a terminal shows it.
        .env("PROVISION_OUTPUT", "text");
    // Hints repeat the variable as a flag.
    let flag = format!(" --local-dir {}", folder.display());
    Run::of(&mut shell).stdout.replace(&flag, "")
}

/// `…` in a line of its own stands for any lines. The line about the target may be missing.
fn fits(shown: &[String], printed: &[String]) -> bool {
    let Some((first, shown)) = shown.split_first() else {
        return printed.is_empty();
    };
    if first.trim() == "…" {
        return (0..=printed.len()).any(|skipped| fits(shown, &printed[skipped..]));
    }
    match printed.split_first() {
        Some((line, rest)) if line == first => fits(shown, rest),
        Some((line, rest)) if line.starts_with("account ") => {
            fits(&once(first).chain(shown).cloned().collect::<Vec<_>>(), rest)
        }
        _ => false,
    }
}

/// Lines without what differs from run to run: identifiers, digests, ports, times. Changes that run at
/// once end in any order.
fn comparable<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(|line| replaced(line.trim_end())).collect();
    let mut from = 0;
    while from < lines.len() {
        let done = lines[from..]
            .iter()
            .take_while(|line| line.starts_with("done "));
        let to = from + done.count();
        lines[from..to].sort_unstable();
        from = to + 1;
    }
    lines
}

fn replaced(line: &str) -> String {
    let is_part_of_word = |c: char| c.is_ascii_alphanumeric() || "+/=_.:-".contains(c);
    let mut replaced = String::new();
    let mut last = "";
    let mut rest = line;
    while let Some(start) = rest.find(is_part_of_word) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !is_part_of_word(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        let is_short_digest = matches!(
            (last, word.trim_end_matches("-dirty").len()),
            ("code", 10) | ("commit", 12)
        );
        replaced.push_str(before);
        replaced.push_str(if is_short_digest {
            "[digest]"
        } else {
            placeholder(word)
        });
        (last, rest) = (word, after);
    }
    replaced + rest
}

fn placeholder(word: &str) -> &str {
    let all = |is: fn(&char) -> bool| word.chars().all(|c| is(&c));
    let base64 = all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(*c));
    let has_upper = word.contains(|c: char| c.is_ascii_uppercase());
    let has_lower = word.contains(|c: char| c.is_ascii_lowercase());
    let is_hex = matches!(word.len(), 16 | 32) && all(char::is_ascii_hexdigit);
    let is_plan_digest = word.len() == 49 && all(|c| c.is_ascii_hexdigit() || *c == '-');
    let is_sha256 = word.len() == 44 && word.ends_with('=');
    if word.starts_with("http://127.0.0.1:") {
        "http://127.0.0.1:[port]"
    } else if is_hex || is_sha256 || is_plan_digest {
        "[digest]"
    } else if word.len() == 22 && base64 && has_upper && has_lower {
        "[id]"
    } else if word.len() == 24 && word.ends_with('Z') && word.starts_with("20") {
        "[time]"
    } else if shape(word) == "0000-00-00" {
        "[date]"
    } else if shape(word) == "00:00:00" {
        "[time]"
    } else if word.split_once('.').is_some_and(|(whole, part)| {
        [whole, part]
            .iter()
            .all(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
            && part.len() == 1
    }) {
        "[seconds]"
    } else {
        word
    }
}

/// The word with a zero for every digit.
fn shape(word: &str) -> String {
    word.replace(|c: char| c.is_ascii_digit(), "0")
}

#[test]
fn identifiers_digests_ports_and_times_are_replaced() {
    for (line, expected) in [
        (
            "done create table Rides (0.2 s)",
            "done create table Rides ([seconds] s)",
        ),
        (
            "    proof: ee7947f91d9f7896 → 6fec7eeeeacf3da9",
            "    proof: [digest] → [digest]",
        ),
        ("serves: code tkAbcP8Elq,", "serves: code [digest],"),
        (
            "digest: 00112233445566778899aabbccddeeff-0011223344556677",
            "digest: [digest]",
        ),
        ("    commit c0ffee123456", "    commit [digest]"),
        ("    commit c0ffee123456-dirty", "    commit [digest]"),
        (
            "2026-11-28T05:44:14.937Z  9HC94amrfPkUM4pD8Vmm2w  47.61,-122.33",
            "[time]  [id]  47.61,-122.33",
        ),
        ("memory: 128 MB", "memory: 128 MB"),
    ] {
        assert_eq!(replaced(line), expected);
    }
}
