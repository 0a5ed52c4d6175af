//! clap's message about a command line that it cannot parse, in the form of the other errors.

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::arguments::{Arguments, parse};
use crate::cli::command::Cli;
use crate::report::style::Style;

/// Flags of other tools, and of wishful thinking, for what `provision plan` does.
const PREVIEWS: [&str; 4] = ["--plan", "--dry-run", "--diff", "--preview"];

/// The command line that was meant by an unknown flag: `up --plan` is `plan`.
pub fn intended(error: &clap::Error) -> Option<Arguments> {
    let flag = error.get(ContextKind::InvalidArg)?.to_string();
    if error.kind() != ErrorKind::UnknownArgument || !PREVIEWS.contains(&flag.as_str()) {
        return None;
    }
    let words = std::env::args().filter(|word| *word != flag);
    let (_, mut arguments) = parse(words.collect::<Vec<_>>()).ok()?;
    if arguments.command != "up" {
        return None;
    }
    arguments.command = "plan".to_owned();
    Some(arguments)
}

/// clap's message, followed by a hint: the command that was meant, or the one that shows the help.
pub fn usage_error(mut error: clap::Error, intended: Option<String>, style: Style) -> String {
    if intended.is_some() {
        // Of a flag that looks alike.
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::Usage);
    }
    let hint = intended.unwrap_or_else(|| format!("`{}`", help_command()));
    let message = without_secret(error).render();
    let message = if style.color {
        message.ansi().to_string()
    } else {
        message.to_string()
    };
    match message.split_once("\n\nFor more information") {
        Some((message, _)) => {
            format!("{}\n\n{} {hint}\n", message.trim_end(), style.bold("hint:"))
        }
        None => message,
    }
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

/// The help of the command that was called, if one was.
fn help_command() -> String {
    let cli = Cli::command();
    let commands: Vec<&str> = cli
        .get_subcommands()
        .map(|command| command.get_name())
        .collect();
    let called = std::env::args()
        .skip(1)
        .find(|word| commands.contains(&word.as_str()));
    called.map_or("provision --help".to_owned(), |command| {
        format!("provision {command} --help")
    })
}
