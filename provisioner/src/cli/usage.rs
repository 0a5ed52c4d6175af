//! clap's message about a command line that it cannot parse, in the form of the other errors.

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue};

use crate::cli::command::Cli;
use crate::report::style::Style;

/// clap's message, followed by a hint with the command that shows the help.
pub fn usage_error(error: clap::Error, style: Style) -> String {
    let message = without_secret(error).render();
    let message = if style.color {
        message.ansi().to_string()
    } else {
        message.to_string()
    };
    match message.split_once("\n\nFor more information") {
        Some((message, _)) => {
            format!(
                "{message}\n\n{} `{}`\n",
                style.bold("hint:"),
                help_command()
            )
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
