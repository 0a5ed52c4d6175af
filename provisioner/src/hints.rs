//! Completes the commands in hints with the flags of this run, so that they can be pasted.

use crate::cli::{Argument, Arguments};
use crate::error::Error;

/// The flags that select the stack a run works on.
const SELECTS_STACK: [&str; 6] = [
    LOCAL,
    "--stage",
    "--region",
    "--profile",
    "--endpoint-url",
    LOCAL_DIR,
];

const LOCAL: &str = "--local";
const LOCAL_DIR: &str = "--local-dir";

/// The flags that clap refuses together with `--local`.
const EXCLUDED_BY_LOCAL: [&str; 2] = ["--profile", "--endpoint-url"];

/// What the same command line must not have on the local cloud, which has one account.
const NOT_WITH_LOCAL: [&str; 3] = ["--profile", "--endpoint-url", "--account"];

/// The commands of the AWS CLI that log in to a profile.
const LOG_IN: [&str; 2] = ["aws login", "aws sso login"];

/// Its values are secrets: a hint never shows them.
const SECRET: &str = "--env";

/// How this run was called.
#[derive(Clone, Debug)]
pub struct CommandLine {
    arguments: Arguments,
}

impl CommandLine {
    pub fn new(arguments: Arguments) -> CommandLine {
        CommandLine { arguments }
    }

    pub fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    pub fn complete(&self, error: Error) -> Error {
        match error.hint.as_deref().map(|hint| self.complete_hint(hint)) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Replaces what stands between backticks:
    /// - `aws login` gets the profile of this run;
    /// - `provision up` gets the flags that select the same stack;
    /// - `… --yes` is this command line again, with that flag in place of one of its name;
    /// - `up … --forward` is the same as `up`, where this run is the `plan` of it;
    /// - `… without --as` is this command line without that flag and its value.
    pub fn complete_hint(&self, hint: &str) -> String {
        let parts = hint.split('`').enumerate();
        let parts = parts.map(|(number, part)| {
            let is_code = number % 2 == 1;
            if let Some(change) = part.strip_prefix("up …").filter(|_| is_code) {
                return self.as_up().again(change.trim());
            }
            match part.strip_prefix('…') {
                Some(change) if is_code => self.again(change.trim()),
                None if is_code && part.starts_with("provision ") => self.on_this_stack(part),
                None if is_code && LOG_IN.contains(&part) => self.with_profile(part),
                _ => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("`")
    }

    /// A command of the AWS CLI, which finds the profile in `AWS_PROFILE` itself.
    fn with_profile(&self, command: &str) -> String {
        let profile = self.given("--profile").map(words);
        format!("{command}{}", profile.unwrap_or_default())
    }

    /// This command line as one of `up`, which has all flags of `plan` but these.
    fn as_up(&self) -> CommandLine {
        let mut up = self.clone();
        up.arguments.command = "up".to_owned();
        let flags = &mut up.arguments.list;
        flags.retain(|argument| {
            let flag = argument.flag.as_deref();
            flag.is_none_or(|flag| !["--exit-code", "--graph"].contains(&flag))
        });
        up
    }

    /// This command line of `sweep` as one of `down` for one of its stages.
    pub fn as_down(&self, stage: &str) -> CommandLine {
        let mut down = self.clone();
        down.arguments.command = "down".to_owned();
        let flags = &mut down.arguments.list;
        let is = |argument: &Argument, names: &[&str]| {
            let flag = argument.flag.as_deref();
            flag.is_some_and(|flag| names.contains(&flag))
        };
        flags.retain(|argument| !is(argument, &["--older-than", "--dry-run"]));
        for argument in flags.iter_mut().filter(|one| is(one, &["--stage"])) {
            argument.values = vec![stage.to_owned()];
            argument.is_typed = true;
        }
        down
    }

    /// Another command, for the stack of this run.
    pub fn on_this_stack(&self, command: &str) -> String {
        let named: Vec<&str> = command.split_whitespace().collect();
        let is_local = named.contains(&LOCAL);
        let excluded = |flag: &str| match is_local || self.given(LOCAL).is_some() {
            true => is_local && EXCLUDED_BY_LOCAL.contains(&flag),
            // Its variable may be set all the same, but as a flag it is an error.
            false => flag == LOCAL_DIR,
        };
        let mut line = command.to_owned();
        for flag in SELECTS_STACK {
            let argument = self.given(flag);
            if let Some(argument) = argument.filter(|_| !named.contains(&flag) && !excluded(flag)) {
                line.push_str(&words(argument));
            }
        }
        let unset = self.given_flags(&EXCLUDED_BY_LOCAL);
        without_variables(unset.filter(|_| is_local), line)
    }

    /// This command line with one flag more, or without one.
    fn again(&self, change: &str) -> String {
        if let Some(flag) = change.strip_prefix("without ") {
            return without_variables(self.given_flags(&[flag]), self.line(&[flag]));
        }
        let flag = change.split_whitespace().next().unwrap_or_default();
        let replaced = match flag {
            LOCAL => [&[LOCAL], &NOT_WITH_LOCAL[..]].concat(),
            _ if self.given(flag).is_some_and(|argument| argument.is_list) => Vec::new(),
            _ => vec![flag],
        };
        let line = format!("{} {change}", self.line(&replaced));
        let unset = self.given_flags(&NOT_WITH_LOCAL);
        without_variables(unset.filter(|_| flag == LOCAL), line.trim_end().to_owned())
    }

    /// What was typed, except for these flags.
    fn line(&self, without: &[&str]) -> String {
        let Arguments { command, list } = &self.arguments;
        let mut line = format!("provision {command}");
        for argument in list.iter().filter(|argument| argument.is_typed) {
            let flag = argument.flag.as_deref();
            if flag.is_none_or(|flag| !without.contains(&flag)) {
                line.push_str(&words(argument));
            }
        }
        line
    }

    fn given(&self, flag: &str) -> Option<&Argument> {
        let mut list = self.arguments.list.iter();
        list.find(|argument| argument.flag.as_deref() == Some(flag))
    }

    fn given_flags<'a>(&'a self, flags: &'a [&str]) -> impl Iterator<Item = &'a Argument> {
        flags.iter().filter_map(|flag| self.given(flag))
    }
}

/// ` --stage dev`, for a shell.
fn words(argument: &Argument) -> String {
    let Argument { flag, values, .. } = argument;
    let Some(flag) = flag else {
        return values
            .iter()
            .map(|value| format!(" {}", quoted(value)))
            .collect();
    };
    if values.is_empty() {
        return format!(" {flag}");
    }
    let word = |value: &String| match flag.as_str() {
        SECRET => format!(" {flag} {}", from_shell(value)),
        // Otherwise clap would take the value for another flag.
        _ if value.starts_with('-') => format!(" {flag}={}", quoted(value)),
        _ => format!(" {flag} {}", quoted(value)),
    };
    values.iter().map(word).collect()
}

/// The command without the variables of these arguments.
fn without_variables<'a>(unset: impl Iterator<Item = &'a Argument>, line: String) -> String {
    let variables = unset.filter_map(|argument| argument.variable.as_deref());
    variables.fold(line, |line, name| format!("env -u {name} {line}"))
}

/// `KEY=value` with the value of the shell's own variable of that name, which must be set.
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
    use super::{CommandLine, quoted};
    use crate::cli::parse;

    fn command_line(line: &str) -> CommandLine {
        let (_, arguments) = parse(line.split_whitespace()).expect("a command line");
        CommandLine::new(arguments)
    }

    #[track_caller]
    fn check(line: &str, hint: &str, expected: &str) {
        assert_eq!(command_line(line).complete_hint(hint), expected);
    }

    /// As if the flag's value came from its variable.
    #[track_caller]
    fn check_with_variable(line: &str, flag: &str, hint: &str, expected: &str) {
        let mut command_line = command_line(line);
        let list = command_line.arguments.list.iter_mut();
        for argument in list.filter(|argument| argument.flag.as_deref() == Some(flag)) {
            argument.is_typed = false;
            let name = flag.trim_start_matches('-').to_uppercase();
            argument.variable = Some(format!("PROVISION_{name}"));
        }
        assert_eq!(command_line.complete_hint(hint), expected);
    }

    #[test]
    fn a_command_gets_the_flags_of_the_same_stack() {
        let up = "deploy it: `provision up`";
        check("provision rides", up, up);
        check("provision rides --local-dir d", up, up);
        check(
            "provision rides --local --local-dir d",
            up,
            "deploy it: `provision up --local --local-dir d`",
        );
        check(
            "provision rides --local --stage dev --output json",
            up,
            "deploy it: `provision up --local --stage dev`",
        );
        check(
            "provision plan --region eu-west-1 --profile me",
            "try `provision up --local` or `aws login`, or `aws sts`",
            "try `provision up --local --region eu-west-1` or `aws login --profile me`, or `aws sts`",
        );
    }

    #[test]
    fn a_command_line_is_repeated_with_a_flag_more_or_less() {
        let check = |line: &str, hint: &str, expected: &str| {
            check(line, &format!("`{hint}`"), &format!("`{expected}`"));
        };
        check("provision up --local", "…", "provision up --local");
        check("provision --local up", "…", "provision up --local");
        check(
            "provision plan --exit-code --local --graph",
            "up … --forward",
            "provision up --local --forward",
        );
        check(
            "provision policy function -v",
            "…",
            "provision policy function --verbose",
        );
        check(
            "provision up --local",
            "… --yes",
            "provision up --local --yes",
        );
        check(
            "provision up --wait-limit 5 --region=eu-west-1",
            "… --wait-limit 60",
            "provision up --region eu-west-1 --wait-limit 60",
        );
        check(
            "provision up --adopt table",
            "… --adopt role",
            "provision up --adopt table --adopt role",
        );
        check(
            "provision invoke --at=-33.9,18.4",
            "… --local",
            "provision invoke --at=-33.9,18.4 --local",
        );
        check(
            "provision up --artifact x.zip --yes",
            "… without --artifact",
            "provision up --yes",
        );
        check(
            "provision status --profile me --account 123456789012",
            "… --local",
            "provision status --local",
        );
    }

    #[test]
    fn a_variable_that_stands_in_the_way_is_unset() {
        check_with_variable(
            "provision up --artifact x.zip --yes",
            "--artifact",
            "`… without --artifact`",
            "`env -u PROVISION_ARTIFACT provision up --yes`",
        );
        check_with_variable(
            "provision status --profile me",
            "--profile",
            "`… --local`, `provision up --local`, `provision up`",
            "`env -u PROVISION_PROFILE provision status --local`, \
             `env -u PROVISION_PROFILE provision up --local`, `provision up --profile me`",
        );
    }

    #[test]
    fn values_of_variables_are_never_shown() {
        for line in ["--env KEY=hunter2", "--env=KEY=hunter2"] {
            check(
                &format!("provision up {line} --local"),
                "`… --yes`",
                "`provision up --env KEY=\"${KEY:?}\" --local --yes`",
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
