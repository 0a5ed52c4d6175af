//! The command line with its help pages: flags under headings, examples, and no flag where it has no effect.

use clap::builder::styling::Style;
use clap::builder::{StyledStr, Styles};
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use crate::cli::command::Cli;
use crate::cli::examples::{EXAMPLES, EXIT_CODES, Example};
use crate::cli::relevance::has_no_effect;

/// The heading of each global flag. The flags of a command itself are below clap's `Options`.
const HEADINGS: [(&str, &[&str]); 4] = [
    (
        "Where to deploy",
        &["stage", "region", "profile", "account", "endpoint-url"],
    ),
    (
        "Local cloud",
        &["local", "local-dir", "as", "faults", "faults-seed"],
    ),
    (
        "Output",
        &["output", "color", "verbose", "debug", "log-file", "timings"],
    ),
    (
        "Confirmation and waiting",
        &["yes", "no-input", "wait-limit"],
    ),
];

/// The place of the first flag that every command has.
const FIRST_GLOBAL: usize = 500;

/// After all other flags of a page, however many there are.
const LAST: usize = 1000;

/// Whether pages name the variable of each flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// For `-h`, which is to be short.
    Hidden,
    Shown,
}

/// The whole command line, as it is parsed, described and completed.
pub fn command(variables: Variables) -> Command {
    let page = |command: Command| {
        let text = after_help(command.get_name());
        let is_hidden = variables == Variables::Hidden;
        let command = command.mut_args(|arg| arg.hide_env(is_hidden).hide_env_values(true));
        command.after_help(text)
    };
    let cli = page(Cli::command())
        .mut_args(below_heading)
        .disable_help_flag(true)
        .arg(help_flag());
    let global = cli.get_arguments().filter(|arg| arg.is_global_set());
    let global: Vec<Arg> = global.cloned().collect();
    cli.mut_subcommands(|command| {
        let name = command.get_name();
        let flag = |arg: &Arg| format!("--{}", arg.get_long().unwrap_or_default());
        let hidden = global.iter().filter(|arg| has_no_effect(name, &flag(arg)));
        // clap keeps an argument that the command has already, and gives it the others.
        let hidden: Vec<Arg> = hidden.map(|arg| hide(arg.clone())).collect();
        let usage = usage(&command);
        page(command).args(hidden).override_usage(usage)
    })
}

/// Without its heading: clap shows headings in the order of their first flags, hidden or not.
fn hide(arg: Arg) -> Arg {
    arg.hide(true).help_heading(None)
}

fn below_heading(arg: Arg) -> Arg {
    let long = arg.get_long().unwrap_or_default();
    let found = HEADINGS.iter().find(|(_, flags)| flags.contains(&long));
    // Behind those of the command itself, also where there are no headings.
    let orders = HEADINGS.iter().flat_map(|(_, flags)| *flags);
    let order = orders.zip(FIRST_GLOBAL..).find(|(flag, _)| **flag == long);
    match (found, order) {
        (Some((heading, _)), Some((_, order))) => arg.help_heading(*heading).display_order(order),
        _ => arg,
    }
}

/// `provision policy [OPTIONS] <POLICY>`. clap's own has the flags that were given, also as variables.
fn usage(command: &Command) -> String {
    let required = command.get_arguments().filter(|arg| arg.is_required_set());
    let required = required.map(|arg| {
        let value = arg.get_value_names().and_then(<[_]>::first);
        let value = value.map_or("VALUE", |name| name.as_str());
        match arg.get_long() {
            Some(flag) => format!(" --{flag} <{value}>"),
            None => format!(" <{value}>"),
        }
    });
    let name = command.get_name();
    format!("provision {name} [OPTIONS]{}", required.collect::<String>())
}

/// In place of clap's own, which promises more of `--help` only if its layout is another one.
fn help_flag() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true)
        .display_order(LAST)
        .help("Print help; with --help also the environment variable of each flag")
}

/// The examples, and for the program itself the exit codes.
fn after_help(command: &str) -> StyledStr {
    let header: Style = *Styles::default().get_header();
    let mut text = String::new();
    let examples = EXAMPLES.iter().find(|(name, _)| *name == command);
    if let Some((_, examples)) = examples {
        text += &format!("{header}Examples:{header:#}\n{}", lines(examples));
    }
    if command == "provision" {
        text += &format!("\n\n{header}Exit codes:{header:#}\n{EXIT_CODES}");
    }
    text.into()
}

/// The comments are below each other, and a shell ignores them.
fn lines(examples: &[Example]) -> String {
    let width = examples.iter().map(|example| example.line.len()).max();
    let width = width.unwrap_or_default();
    let lines = examples
        .iter()
        .map(|Example { line, does }| format!("  {line:width$}  # {does}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{HEADINGS, Variables, command};
    use crate::cli::examples::EXAMPLES;
    use crate::cli::parse;

    #[test]
    fn every_command_has_two_examples_that_can_be_parsed() {
        let cli = command(Variables::Shown);
        let names = cli.get_subcommands().map(clap::Command::get_name);
        for name in names.chain(["provision"]) {
            let found = EXAMPLES.iter().find(|(command, _)| *command == name);
            let (_, examples) = found.unwrap_or_else(|| panic!("{name} has no examples"));
            assert_eq!(examples.len(), 2, "{name}");
            for example in *examples {
                let words = example.line.split(' ').map(|word| word.replace('\'', ""));
                let words: Vec<String> = words.take_while(|word| word != ">").collect();
                let (_, arguments) = parse(&words).unwrap_or_else(|error| panic!("{error}"));
                assert!(
                    name == "provision" || arguments.command == name,
                    "{}",
                    example.line
                );
            }
        }
        let known = |name: &str| name == "provision" || cli.find_subcommand(name).is_some();
        assert!(EXAMPLES.iter().all(|(name, _)| known(name)));
    }

    #[test]
    fn every_global_flag_has_a_heading() {
        let cli = command(Variables::Shown);
        let global = cli.get_arguments().filter(|arg| arg.is_global_set());
        let flags = global.filter(|arg| arg.get_id() != "help");
        for flag in flags {
            assert!(flag.get_help_heading().is_some(), "{flag}");
        }
        let longs: Vec<_> = cli
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        let mut named = HEADINGS.iter().flat_map(|(_, flags)| *flags);
        assert!(named.all(|flag| longs.contains(flag)));
    }

    #[test]
    fn the_flags_of_a_command_stand_before_those_of_all() {
        let mut cli = command(Variables::Shown);
        cli.build();
        let up = cli.find_subcommand("up").expect("a command");
        let order = |id: &str| {
            let mut arguments = up.get_arguments();
            let found = arguments.find(|arg| arg.get_id() == id).expect("a flag");
            found.get_display_order()
        };
        assert!(order("no_preflight") < order("stage") && order("stage") < order("region"));
        assert!(order("wait_limit") < order("help"));
    }

    #[test]
    fn a_flag_without_effect_is_hidden_and_still_parsed() {
        let mut cli = command(Variables::Shown);
        cli.build();
        let mut page = |name: &str| {
            let found = cli.find_subcommand_mut(name).expect("a command");
            found.render_help().to_string()
        };
        assert!(page("up").contains("--yes") && !page("plan").contains("--yes"));
        assert!(page("plan").contains("--region") && !page("completions").contains("--region"));
        let (cli, _) = parse(["provision", "plan", "--yes"]).expect("a good command line");
        assert!(cli.global.yes);
    }
}
