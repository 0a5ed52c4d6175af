//! clap's message about a command line that it cannot parse, in the form of the other errors.

use clap::ValueEnum as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::arguments::{Arguments, parse};
use crate::cli::global::Color;
use crate::cli::help::{self, Variables};
use crate::error::Error;
use crate::nearest::nearest;
use crate::report::style::Style;
use crate::report::wrap::wrapped;

/// Flags of other tools, and of wishful thinking, for what `provision plan` does.
const PREVIEWS: [&str; 4] = ["--plan", "--dry-run", "--diff", "--preview"];

/// The command line that was meant: with the flag or the command to which a mistyped one is similar, or `plan` for
/// `up --plan`.
pub fn intended(error: &clap::Error) -> Option<Arguments> {
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let flag = error.get(ContextKind::InvalidArg)?.to_string();
            match PREVIEWS.contains(&flag.as_str()) {
                true => preview(&flag),
                false => corrected(&flag, &suggested(error, ContextKind::SuggestedArg)?),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let name = error.get(ContextKind::InvalidSubcommand)?.to_string();
            corrected(&name, &similar_command(error, &name)?)
        }
        _ => None,
    }
}

/// `plan` in place of `up --plan`.
fn preview(flag: &str) -> Option<Arguments> {
    let words = words().into_iter().filter(|word| *word != flag);
    let (_, mut arguments) = parse(words.collect::<Vec<_>>()).ok()?;
    if arguments.command != "up" {
        return None;
    }
    arguments.command = "plan".to_owned();
    Some(arguments)
}

/// The command line with one word in place of another, if that can be parsed.
fn corrected(wrong: &str, right: &str) -> Option<Arguments> {
    let words = words()
        .into_iter()
        .map(|word| match word.strip_prefix(wrong) {
            Some(value) if value.is_empty() || value.starts_with('=') => format!("{right}{value}"),
            _ => word,
        });
    let (_, arguments) = parse(words.collect::<Vec<_>>()).ok()?;
    Some(arguments)
}

fn suggested(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) => words.first().cloned(),
        _ => None,
    }
}

/// The command that clap suggests, or one that differs in its letters' case.
fn similar_command(error: &clap::Error, name: &str) -> Option<String> {
    let cli = help::command(Variables::Shown);
    let known = cli.get_subcommands().map(clap::Command::get_name);
    let suggested = suggested(error, ContextKind::SuggestedSubcommand);
    suggested.or_else(|| nearest(name, known).map(str::to_owned))
}

/// What is wrong with a command line, and what to do about it.
pub struct UsageError {
    /// clap's message. It ends in a reference to `--help`, if it is not the help itself.
    message: StyledStr,
    /// The command that was meant, or the one that shows the help.
    hint: String,
}

/// Ends clap's messages.
const SEE_HELP: &str = "\n\nFor more information";

impl UsageError {
    pub fn new(mut error: clap::Error, intended: Option<String>) -> UsageError {
        if intended.is_some() {
            let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            if flag.is_some_and(|flag| PREVIEWS.contains(&flag.as_str())) {
                // Of a flag that looks alike.
                error.remove(ContextKind::SuggestedArg);
            }
            error.remove(ContextKind::Usage);
        }
        UsageError {
            message: without_aliases(without_secret(error)).render(),
            hint: intended.unwrap_or_else(help_command),
        }
    }

    pub fn text(&self, style: Style) -> String {
        let message = if style.color {
            self.message.ansi().to_string()
        } else {
            self.message.to_string()
        };
        let text = match message.split_once(SEE_HELP) {
            Some((message, _)) => {
                let (message, hint) = (message.trim_end(), style.bold("hint:"));
                format!("{message}\n\n{hint} {}\n", self.hint)
            }
            None => message,
        };
        wrapped(&text, style.columns)
    }

    /// What is wrong, because of what clap adds: tips and the usage.
    pub fn error(&self) -> Error {
        let text = self.message.to_string();
        let text = text.split_once(SEE_HELP).map_or(&*text, |(text, _)| text);
        let text = text.trim_start_matches("error: ").trim();
        let (message, more) = text.split_once("\n\n").unwrap_or((text, ""));
        let error = Error::usage(message).hint(self.hint.as_str());
        if more.is_empty() {
            error
        } else {
            error.because(more.trim())
        }
    }
}

/// Whether `--output json` is on a command line that cannot be parsed, or PROVISION_OUTPUT says so.
pub fn asks_for_json() -> bool {
    value_in(&words(), "--output", std::env::var("PROVISION_OUTPUT").ok())
        .is_some_and(|format| format == "json")
}

/// `--color` of a command line that cannot be parsed, or what PROVISION_COLOR says.
pub fn color_of_words() -> Color {
    let color = value_in(&words(), "--color", std::env::var("PROVISION_COLOR").ok());
    let color = color.and_then(|color| Color::from_str(&color, true).ok());
    color.unwrap_or_default()
}

/// The last value that a flag is given; without the flag, that of its variable.
fn value_in(words: &[String], flag: &str, variable: Option<String>) -> Option<String> {
    let mut given = words.iter().enumerate().filter_map(|(at, word)| {
        let value = word.strip_prefix(flag)?;
        match value.strip_prefix('=') {
            Some(value) => Some(value),
            None if value.is_empty() => words.get(at + 1).map(String::as_str),
            None => None,
        }
    });
    given.next_back().map(str::to_owned).or(variable)
}

/// clap quotes the value that it cannot parse; that of `--env` is a secret.
fn without_secret(mut error: clap::Error) -> clap::Error {
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let value = error
        .get(ContextKind::InvalidValue)
        .map(ToString::to_string);
    if let (Some(flag), Some(value)) = (flag, value)
        && flag.starts_with("--env ")
    {
        // Without `=` all of it may be the secret.
        let masked = match value.split_once('=') {
            Some((key, _)) => format!("{key}=…"),
            None => "…".to_owned(),
        };
        let masked = ContextValue::String(masked);
        error.insert(ContextKind::InvalidValue, masked);
    }
    error
}

fn help_command() -> String {
    let command = called_command().map_or_else(String::new, |command| format!(" {command}"));
    format!("`provision{command} --help`")
}

/// The command that was called, if one was.
pub fn called_command() -> Option<String> {
    let cli = help::command(Variables::Shown);
    let mut words = words().into_iter().skip(1);
    words.find_map(|word| command_of_name(&cli, &word))
}

/// The name of a command, by its name or an alias.
fn command_of_name(cli: &clap::Command, name: &str) -> Option<String> {
    let command = cli.find_subcommand(name)?;
    Some(command.get_name().to_owned())
}

/// clap's tips and its list of commands have the aliases too: each becomes the command itself.
fn without_aliases(mut error: clap::Error) -> clap::Error {
    let cli = help::command(Variables::Shown);
    for kind in [
        ContextKind::SuggestedSubcommand,
        ContextKind::ValidSubcommand,
    ] {
        let Some(ContextValue::Strings(names)) = error.get(kind) else {
            continue;
        };
        let names = names.iter();
        let commands =
            names.map(|name| command_of_name(&cli, name).unwrap_or_else(|| name.clone()));
        let mut commands: Vec<String> = commands.collect();
        commands.dedup();
        error.insert(kind, ContextValue::Strings(commands));
    }
    error
}

/// The command line. A word may have any bytes.
fn words() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{UsageError, value_in};
    use crate::cli::arguments::parse;

    #[test]
    fn a_tip_names_the_command_in_place_of_its_alias() {
        let error = parse(["provision", "deplyo"]).expect_err("an unknown command");
        let text = UsageError::new(error, None).message.to_string();
        assert!(
            text.contains("'up'") && !text.contains("'deploy'"),
            "{text}"
        );
    }

    #[test]
    fn the_list_of_commands_has_each_once() {
        let error = parse(["provision", "--local"]).expect_err("no command");
        let text = UsageError::new(error, None).message.to_string();
        assert!(text.contains("up, plan, status"), "{text}");
    }

    #[test]
    fn the_value_of_a_flag_is_found_in_a_malformed_command_line() {
        let check = |line: &str, variable: Option<&str>, expected: Option<&str>| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let value = value_in(&words, "--color", variable.map(str::to_owned));
            assert_eq!(value.as_deref(), expected, "{line}");
        };
        check("provision up --colour --color never", None, Some("never"));
        check("provision --color=always upp", None, Some("always"));
        check("provision --color", None, None);
        check("provision upp", Some("never"), Some("never"));
        check("provision upp --color auto", Some("never"), Some("auto"));
    }
}
