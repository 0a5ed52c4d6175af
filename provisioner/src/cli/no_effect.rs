//! Flags that would be ignored: each is an error, since whoever types one expects something of it. A variable like
//! PROVISION_LOCAL_DIR is for all commands, and no error where it has no effect.

use super::arguments::Arguments;
use super::relevance::{RULES, Rule, When};

/// A flag that has no effect in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEffect {
    pub flag: String,
    pub why: &'static str,
}

/// The first typed flag that has no effect.
pub fn no_effect(arguments: &Arguments) -> Option<NoEffect> {
    let typed = arguments.list.iter().filter(|argument| argument.is_typed);
    let mut flags = typed.filter_map(|argument| argument.flag.as_deref());
    flags.find_map(|flag| {
        let rule = RULES.iter().find(|rule| applies(rule, flag, arguments))?;
        Some(NoEffect {
            flag: flag.to_owned(),
            why: rule.why,
        })
    })
}

fn applies(rule: &Rule, flag: &str, arguments: &Arguments) -> bool {
    let command = &*arguments.command;
    let values = |name: &str| {
        let mut list = arguments.list.iter();
        let argument = list.find(|argument| argument.flag.as_deref() == Some(name));
        argument.map(|argument| &argument.values)
    };
    let is_local = command == "cloud" || values("--local").is_some();
    rule.flags.contains(&flag)
        && rule
            .commands
            .is_none_or(|commands| commands.contains(&command))
        && match rule.when {
            When::Always => true,
            When::Harmless => false,
            When::Local => is_local,
            When::NotLocal => !is_local,
            When::Json => values("--output").is_some_and(|values| values == &["json"]),
            When::NoFaults => {
                values("--faults").is_none_or(|values| values.iter().any(|value| value == "calm"))
            }
        }
}

#[cfg(test)]
mod tests {
    use super::no_effect;
    use crate::cli::parse;

    #[test]
    fn what_would_be_ignored_is_named() {
        for (line, flag) in [
            ("up --local --arch arm64", Some("--arch")),
            ("up --arch arm64", None),
            ("status --local-dir x", Some("--local-dir")),
            ("status --local --local-dir x", None),
            ("plan --graph", None),
            ("plan --graph --output text", None),
            ("plan --graph --output json", Some("--graph")),
            ("build --arch arm64", None),
            ("build --local", Some("--local")),
            ("build --stage prod", None),
            ("config --local --stage prod", None),
            ("config --region eu-west-1", Some("--region")),
            ("up --local --faults-seed 3", Some("--faults-seed")),
            (
                "up --local --faults calm --faults-seed 3",
                Some("--faults-seed"),
            ),
            ("up --local --faults storm --faults-seed 3", None),
            ("cloud --faults aws --local-dir x --region eu-west-1", None),
            ("cloud --account 123456789012", Some("--account")),
            ("plan --timings plan.html", Some("--timings")),
            ("down --timings down.html", None),
        ] {
            let words = ["provision"].into_iter().chain(line.split(' '));
            let (_, arguments) = parse(words).expect("a command line");
            let found = no_effect(&arguments).map(|found| found.flag);
            assert_eq!(found.as_deref(), flag, "{line}");
        }
    }
}
