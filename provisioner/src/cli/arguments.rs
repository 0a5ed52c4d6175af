//! Which flags a run was given, and whether on the command line or as a variable: what hints need
//! to name a command that still does what it says when it is pasted.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, FromArgMatches as _};

use crate::cli::command::Cli;
use crate::cli::help::{self, Variables};

/// A command and the arguments it was given, in the order of the command line.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// `up`, `plan`, …
    pub command: String,
    pub list: Vec<Argument>,
}

/// One argument that was given a value, other than its default.
#[derive(Clone, Debug)]
pub struct Argument {
    /// With its dashes; `None` for a positional argument.
    pub flag: Option<String>,
    /// `--stage a --stage b` would be two values; a switch has none.
    pub values: Vec<String>,
    /// False if the value comes from the variable.
    pub is_typed: bool,
    /// `PROVISION_STAGE` and the like, if it is set, even if the command line overrides it.
    pub variable: Option<String>,
    /// May be given several times, so that a further value replaces none.
    pub is_list: bool,
}

/// Parses a whole command line, the program's name included.
pub fn parse(
    words: impl IntoIterator<Item = impl Into<OsString>>,
) -> Result<(Cli, Arguments), clap::Error> {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let is_short = words.iter().any(|word| word == "-h");
    let mut command = help::command(if is_short {
        Variables::Hidden
    } else {
        Variables::Shown
    });
    let matches = command.try_get_matches_from_mut(words)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let arguments = arguments(&command, &matches);
    Ok((cli, arguments))
}

fn arguments(cli: &clap::Command, matches: &ArgMatches) -> Arguments {
    let (name, matches) = matches.subcommand().expect("clap requires a command");
    let command = cli.find_subcommand(name).expect("clap found it");
    // clap copies global flags, and their values, into the command.
    let arguments = command.get_arguments();
    let mut placed: Vec<(usize, Argument)> = arguments
        .filter_map(|argument| self::argument(argument, matches))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    Arguments {
        command: name.to_owned(),
        list: placed.into_iter().map(|(_, argument)| argument).collect(),
    }
}

/// The argument with its place on the command line.
fn argument(arg: &clap::Arg, matches: &ArgMatches) -> Option<(usize, Argument)> {
    let id = arg.get_id().as_str();
    let is_typed = match matches.try_get_raw(id).ok().and(matches.value_source(id))? {
        ValueSource::CommandLine => true,
        ValueSource::EnvVariable => false,
        _ => return None,
    };
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    // `PROVISION_LOCAL=no` is given, and means that it is not.
    if is_switch && !matches.get_flag(id) {
        return None;
    }
    let raw = matches.get_raw(id).into_iter().flatten();
    let values = raw.map(|value| value.to_string_lossy().into_owned());
    let argument = Argument {
        flag: arg.get_long().map(|name| format!("--{name}")),
        values: if is_switch {
            Vec::new()
        } else {
            values.collect()
        },
        is_typed,
        variable: arg
            .get_env()
            .filter(|name| std::env::var_os(name).is_some())
            .map(|name| name.to_string_lossy().into_owned()),
        is_list: matches!(arg.get_action(), ArgAction::Append),
    };
    Some((matches.index_of(id).unwrap_or_default(), argument))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::cli::global::FaultProfile;
    use crate::cli::help::{Variables, command};

    #[test]
    fn the_command_line_is_consistent() {
        command(Variables::Shown).debug_assert();
    }

    #[test]
    fn global_flags_work_behind_the_command() {
        let line = ["provision", "up", "--local", "--stage", "dev", "--yes"];
        let (cli, _) = parse(line).expect("a good command line");
        assert!(cli.global.local && cli.global.yes);
        assert_eq!(cli.global.stage, "dev");
    }

    #[test]
    fn the_earlier_names_of_flags_still_work() {
        let line = [
            "provision",
            "plan",
            "--weather",
            "aws",
            "--weather-seed",
            "7",
        ];
        let (cli, arguments) = parse(line).expect("a good command line");
        assert_eq!(cli.global.faults, Some(FaultProfile::Aws));
        assert_eq!(cli.global.faults_seed, 7);
        let flags = arguments.list.iter().filter_map(|a| a.flag.as_deref());
        assert_eq!(flags.collect::<Vec<_>>(), ["--faults", "--faults-seed"]);
    }

    #[test]
    fn a_command_has_the_names_that_other_tools_use() {
        for (alias, command) in [
            ("apply", "up"),
            ("deploy", "up"),
            ("destroy", "down"),
            ("diff", "plan"),
            ("import", "plan"),
        ] {
            let (cli, arguments) = parse(["provision", alias, "--local"]).expect(alias);
            // Hints repeat this name.
            assert_eq!(
                (cli.command.name(), &*arguments.command),
                (command, command)
            );
        }
    }

    #[test]
    fn only_what_was_given_is_an_argument() {
        let line = ["provision", "--local", "up", "--env", "A1=x", "--env=B1=y"];
        let (_, arguments) = parse(line).expect("a good command line");
        assert_eq!(arguments.command, "up");
        let mut shown: Vec<String> = arguments
            .list
            .iter()
            .map(|a| format!("{} {:?}", a.flag.as_deref().unwrap_or_default(), a.values))
            .collect();
        shown.sort();
        assert_eq!(shown, [r#"--env ["A1=x", "B1=y"]"#, "--local []"]);
        assert!(arguments.list.iter().all(|argument| argument.is_typed));
    }
}
