//! The stage: the name of one deployment of the stack.

use crate::error::Error;

/// A deployment of the stack in one account and region: `default`, `dev`, `prod`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage(String);

impl Stage {
    pub const DEFAULT: &str = "default";

    /// Names end in the stage, so it has to fit into all of them.
    const LONGEST: usize = 31;

    pub fn parse(text: &str) -> Result<Stage, Error> {
        if is_name(text) && text.len() <= Stage::LONGEST {
            return Ok(Stage(text.to_owned()));
        }
        Err(Error::usage(format!("the stage `{text}` is malformed"))
            .hint("a stage is a lowercase letter, then up to 30 characters from a-z, 0-9 and -: `… --stage dev`"))
    }

    /// As `parse`, and `pr-*` stands for all stages whose names begin with `pr-`. Only policies and `sweep` are for
    /// many stages.
    pub fn parse_pattern(text: &str) -> Result<Stage, Error> {
        match text.strip_suffix('*') {
            Some(start) if is_name(start) && text.len() <= Stage::LONGEST => {
                Ok(Stage(text.to_owned()))
            }
            _ => Stage::parse(text),
        }
    }

    /// Whether this stands for many stages.
    pub fn is_pattern(&self) -> bool {
        self.0.ends_with('*')
    }

    /// The stage of a resource whose name is `name`, where `pattern` is the name that this pattern gives to such
    /// resources: `pr-7` of `Rides-pr-7` for `Rides-pr-*`. The default stage has no names of this form.
    pub fn of_name(&self, pattern: &str, name: &str) -> Option<Stage> {
        let base = pattern.strip_suffix(self.as_str())?;
        let stage = Stage::parse(name.strip_prefix(base)?).ok()?;
        let fits = stage.0.starts_with(self.0.strip_suffix('*')?);
        (fits && stage.as_str() != Stage::DEFAULT).then_some(stage)
    }

    /// Whether this is that stage, or a pattern for it.
    pub fn matches(&self, stage: &Stage) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => stage.0.starts_with(start),
            None => self == stage,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a production stage, for which `down` requires its name.
    pub fn is_production(&self) -> bool {
        self.0 == "prod" || self.0 == "production" || self.0.starts_with("prod-")
    }

    /// `Rides`, or `Rides-dev`.
    pub fn name(&self, base: &str) -> String {
        match self.as_str() {
            Stage::DEFAULT => base.to_owned(),
            stage => format!("{base}-{stage}"),
        }
    }
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase();
    let fits = |c: char| letter(c) || c.is_ascii_digit() || c == '-';
    text.starts_with(letter) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn a_pattern_is_the_beginning_of_a_stage_and_a_star() {
        for (text, is_pattern) in [("pr-*", true), ("p*", true), ("dev", false)] {
            let stage = Stage::parse_pattern(text).expect("a good pattern");
            assert_eq!(stage.is_pattern(), is_pattern, "{text}");
        }
        let pattern = Stage::parse_pattern("pr-*").expect("a good pattern");
        let matches = |stage| pattern.matches(&Stage::parse(stage).expect("a stage"));
        assert_eq!(["pr-1", "pr", "prod"].map(matches), [true, false, false]);
        assert!(Stage::parse("pr-*").is_err(), "a command is for one stage");
        for bad in ["*", "*-pr", "pr-*-1", "pr-**", "-*", "Pr-*"] {
            assert!(Stage::parse_pattern(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stage_is_a_short_lowercase_word() {
        for good in ["default", "dev", "prod-eu", "a", "x1"] {
            assert!(Stage::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(32);
        for bad in [
            "",
            "Dev",
            "1st",
            "-dev",
            "dev_1",
            "dév",
            "a b",
            long.as_str(),
        ] {
            assert!(Stage::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_finds_stages_in_names() {
        let of_name = |pattern: &str, name: &str| {
            let pattern = Stage::parse_pattern(pattern).expect("a good pattern");
            let stage = pattern.of_name(&pattern.name("Rides"), name);
            stage.map(|stage| stage.as_str().to_owned())
        };
        assert_eq!(of_name("pr-*", "Rides-pr-7").as_deref(), Some("pr-7"));
        assert_eq!(of_name("p*", "Rides-prod").as_deref(), Some("prod"));
        for (pattern, name) in [
            ("pr-*", "Rides"),
            ("pr-*", "Rides-pr"),
            ("pr-*", "Rides-dev"),
            ("pr-*", "Rides-pr-7.temporary"),
            ("pr-*", "Others-pr-7"),
            // The table of the default stage is `Rides`.
            ("d*", "Rides-default"),
            ("pr-7", "Rides-pr-7"),
        ] {
            assert_eq!(of_name(pattern, name), None, "{pattern}: {name}");
        }
    }

    #[test]
    fn production_is_told_by_its_name() {
        for (stage, production) in [
            ("prod", true),
            ("production", true),
            ("prod-eu", true),
            ("product", false),
            ("dev", false),
            ("default", false),
        ] {
            let stage = Stage::parse(stage).expect("a good stage");
            assert_eq!(stage.is_production(), production, "{stage:?}");
        }
    }
}
