//! The stage: the name of one deployment of the stack.

use crate::error::Error;

/// A deployment of the stack in one account and region: `default`, `dev`, `prod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

impl Stage {
    pub const DEFAULT: &str = "default";

    /// Names end in the stage, so it has to fit into all of them.
    const LONGEST: usize = 31;

    pub fn parse(text: &str) -> Result<Stage, Error> {
        let letter = |c: char| c.is_ascii_lowercase();
        let starts_well = text.starts_with(letter);
        let consists_well = text
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || c == '-');
        if starts_well && consists_well && text.len() <= Stage::LONGEST {
            return Ok(Stage(text.to_owned()));
        }
        Err(Error::usage(format!("the stage `{text}` is malformed"))
            .hint("a stage is a lowercase letter, then up to 30 characters from a-z, 0-9 and -: `… --stage dev`"))
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

#[cfg(test)]
mod tests {
    use super::Stage;

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
