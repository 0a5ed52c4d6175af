//! How this run was called. Hints name commands; completed here, they do what they say when pasted.

use crate::cli::Global;
use crate::error::Error;
use crate::stack::stage::Stage;

/// May stand several times, so a further one replaces none.
const REPEATED: &str = "--adopt";

/// Its values are secrets: never told, not even to whoever has just typed them.
const SECRET: &str = "--env";

#[derive(Clone, Debug)]
pub struct CommandLine {
    /// What followed the program's name.
    words: Vec<String>,
    /// The flags that lead to the same stack again.
    stack: Vec<(&'static str, Option<String>)>,
}

impl CommandLine {
    pub fn of_this_process(global: &Global) -> CommandLine {
        let words = std::env::args_os().skip(1);
        let words = words.map(|word| word.to_string_lossy().into_owned());
        CommandLine::new(words.collect(), global)
    }

    fn new(words: Vec<String>, global: &Global) -> CommandLine {
        let Global {
            local,
            local_dir,
            stage,
            region,
            profile,
            endpoint_url,
            // What a run says, asks or waits is not where it works.
            identity: _,
            weather: _,
            weather_seed: _,
            account: _,
            output: _,
            yes: _,
            no_input: _,
            wait_limit: _,
            color: _,
            verbose: _,
        } = global;
        let is_said = |stage: &&String| *stage != Stage::DEFAULT || is_set("--stage");
        let stage = Some(stage).filter(is_said);
        let local_dir = local_dir
            .as_ref()
            .map(|folder| folder.display().to_string());
        let mut stack = Vec::new();
        if *local {
            stack.push(("--local", None));
        }
        let valued = [
            ("--stage", stage.cloned()),
            ("--region", region.clone()),
            ("--profile", profile.clone()),
            ("--endpoint-url", endpoint_url.clone()),
            ("--local-dir", local_dir),
        ];
        stack.extend(valued.into_iter().filter(|(_, value)| value.is_some()));
        CommandLine { words, stack }
    }

    pub fn complete(&self, error: Error) -> Error {
        match error.hint.as_deref().map(|hint| self.complete_hint(hint)) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// What stands between backticks:
    /// - `provision up` gets the flags that lead to the same stack;
    /// - `… --yes` is this command line again, with that flag in place of one of its name;
    /// - `… without --as` is this command line without that flag and its value.
    pub fn complete_hint(&self, hint: &str) -> String {
        let parts = hint.split('`').enumerate();
        let parts = parts.map(|(number, part)| {
            let is_code = number % 2 == 1;
            match part.strip_prefix('…') {
                Some(change) if is_code => self.again(change.trim()),
                None if is_code && part.starts_with("provision ") => self.on_this_stack(part),
                _ => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("`")
    }

    /// A further command, for the stack of this run.
    pub fn on_this_stack(&self, command: &str) -> String {
        let said: Vec<&str> = command.split_whitespace().collect();
        let is_local = said.contains(&"--local");
        let mut line = command.to_owned();
        for (flag, value) in &self.stack {
            if is_local && ["--profile", "--endpoint-url"].contains(flag) {
                if is_set(flag) {
                    line = format!("env -u {} {line}", variable(flag));
                }
                continue;
            }
            if said.contains(flag) {
                continue;
            }
            line.push_str(&format!(" {flag}"));
            if let Some(value) = value {
                line.push_str(&format!(" {}", quoted(value)));
            }
        }
        line
    }

    fn again(&self, change: &str) -> String {
        if let Some(flag) = change.strip_prefix("without ") {
            let words = without(&self.words, flag, true);
            let line = line(&words);
            if words.len() < self.words.len() {
                return line;
            }
            // The flag came as a variable.
            return format!("env -u {} {line}", variable(flag));
        }
        let (flag, value) = change.split_once(' ').unwrap_or((change, ""));
        let words = if change.is_empty() || flag == REPEATED {
            self.words.clone()
        } else {
            without(&self.words, flag, !value.is_empty())
        };
        format!("{} {change}", line(&words)).trim_end().to_owned()
    }
}

/// The variable that a flag may come as.
fn variable(flag: &str) -> String {
    let name = flag.trim_start_matches('-').replace('-', "_");
    format!("PROVISION_{}", name.to_uppercase())
}

fn is_set(flag: &str) -> bool {
    std::env::var_os(variable(flag)).is_some()
}

fn without(words: &[String], flag: &str, has_value: bool) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == flag {
            if has_value {
                words.next();
            }
        } else if word
            .strip_prefix(flag)
            .is_none_or(|rest| !rest.starts_with('='))
        {
            kept.push(word.clone());
        }
    }
    kept
}

fn line(words: &[String]) -> String {
    let mut line = "provision".to_owned();
    let mut is_secret = false;
    for word in words {
        let inline = word.strip_prefix(SECRET).and_then(|w| w.strip_prefix('='));
        let word = match (is_secret, inline) {
            (true, _) => from_shell(word),
            (false, Some(pair)) => format!("{SECRET}={}", from_shell(pair)),
            (false, None) => quoted(word),
        };
        is_secret = !is_secret && word == SECRET;
        line.push_str(&format!(" {word}"));
    }
    line
}

/// `KEY=value` as the shell's own variable of that name, which must be set.
fn from_shell(pair: &str) -> String {
    let key = pair.split('=').next().unwrap_or_default();
    format!("{key}=\"${{{key}:?}}\"")
}

/// As a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{CommandLine, quoted};
    use crate::cli::Cli;

    #[track_caller]
    fn check(line: &str, hint: &str, expected: &str) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let cli = Cli::try_parse_from(&words).expect("a command line");
        let command_line = CommandLine::new(words[1..].to_vec(), &cli.global);
        assert_eq!(command_line.complete_hint(hint), expected);
    }

    #[test]
    fn a_command_gets_the_flags_of_the_same_stack() {
        let up = "put it up: `provision up`";
        check("provision rides", up, up);
        check(
            "provision rides --local --stage dev --output json",
            up,
            "put it up: `provision up --local --stage dev`",
        );
        check(
            "provision plan --region eu-west-1 --profile me",
            "try `provision up --local` or `aws login`",
            "try `provision up --local --region eu-west-1` or `aws login`",
        );
    }

    #[test]
    fn a_command_line_is_told_again_with_a_flag_more_or_less() {
        let check = |line: &str, hint: &str, expected: &str| {
            check(line, &format!("`{hint}`"), &format!("`{expected}`"));
        };
        check("provision up --local", "…", "provision up --local");
        check(
            "provision up --local",
            "… --yes",
            "provision up --local --yes",
        );
        check(
            "provision up --wait-limit 5 --region=eu-west-1",
            "… --wait-limit 60",
            "provision up --region=eu-west-1 --wait-limit 60",
        );
        check(
            "provision up --adopt table",
            "… --adopt role",
            "provision up --adopt table --adopt role",
        );
        check(
            "provision up --artifact x.zip --yes",
            "… without --artifact",
            "provision up --yes",
        );
        check(
            "provision up --yes",
            "… without --artifact",
            "env -u PROVISION_ARTIFACT provision up --yes",
        );
    }

    #[test]
    fn values_of_variables_are_never_told() {
        for line in ["--env KEY=hunter2", "--env=KEY=hunter2"] {
            let expected = line.replace("hunter2", "\"${KEY:?}\"");
            check(
                &format!("provision up {line} --local"),
                "`… --yes`",
                &format!("`provision up {expected} --local --yes`"),
            );
        }
    }

    #[test]
    fn a_word_is_one_word_to_a_shell() {
        assert_eq!(quoted("47.61,-122.33"), "47.61,-122.33");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
