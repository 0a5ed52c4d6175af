//! The declared values that settings and flags may replace, each with its source.

use std::collections::BTreeMap;

use super::setting::{Setting, Source};
use super::stage::Stage;
use crate::artifact::Arch;
use crate::error::Error;
use crate::resources::owner::Tags;
use crate::settings::rules::{self, Named};
use crate::settings::{Layer, Manifest};

#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    pub memory_mb: Setting<i32>,
    pub timeout_seconds: Setting<i32>,
    pub arch: Setting<Arch>,
    pub retention_days: Setting<i32>,
    /// How far back the table can be restored; `None`: not at all.
    pub recovery_days: Setting<Option<i32>>,
    /// Besides the variable with the name of the table.
    pub env: BTreeMap<String, Setting<String>>,
    pub tags: Tags,
    pub table: Setting<String>,
    pub role: Setting<String>,
    pub function: Setting<String>,
}

impl Values {
    /// The values of a stage: the defaults, under the settings of the workspace, under the flags.
    pub fn of(
        stage: &Stage,
        defaults: Values,
        manifest: &Manifest,
        flags: &Layer,
    ) -> Result<Values, Error> {
        let mut values = defaults;
        for (of, layer) in manifest.layers(stage) {
            // A name that is for many stages ends in the stage, like the defaults.
            let is_whole = of == Some(stage) && !stage.is_pattern();
            values.take(layer, |name| match is_whole {
                true => name.to_owned(),
                false => stage.name(name),
            });
        }
        values.take(flags, str::to_owned);
        values.check(stage)?;
        Ok(values)
    }

    fn take(&mut self, layer: &Layer, whole_name: impl Fn(&str) -> String) {
        let Layer {
            memory_mb,
            timeout_seconds,
            arch,
            retention_days,
            recovery_days,
            env,
            tags,
            names,
        } = layer.clone();
        self.memory_mb.replace_with(memory_mb);
        self.timeout_seconds.replace_with(timeout_seconds);
        self.arch.replace_with(arch);
        self.retention_days.replace_with(retention_days);
        self.recovery_days.replace_with(recovery_days);
        self.env.extend(env);
        self.tags.extend(tags);
        let whole = |name: Setting<String>| Setting::new(whole_name(&name.value), name.source);
        self.table.replace_with(names.table.map(whole));
        self.role.replace_with(names.role.map(whole));
        self.function.replace_with(names.function.map(whole));
    }

    /// What can only be seen when all layers are together.
    fn check(&self, stage: &Stage) -> Result<(), Error> {
        let names = [
            ("names.table", Named::Table, &self.table),
            ("names.role", Named::Role, &self.role),
            ("names.function", Named::Function, &self.function),
        ];
        let names = names.into_iter().map(|(key, named, name)| {
            // The names of a pattern end in a star.
            let checked = rules::name(named, name.value.trim_end_matches('*'));
            checked.map_err(|why| format!("{key}: {why}"))
        });
        let tags = rules::tags(self.tags.keys().map(String::as_str));
        let tags = tags.map_err(|why| format!("tags: {why}"));
        let found = names.chain([tags]).find_map(Result::err);
        found.map_or(Ok(()), |why| {
            let stage = stage.as_str();
            let text = format!("the settings of stage `{stage}` are malformed: {why}");
            Err(Error::usage(text).hint("correct them in Cargo.toml, then run again: `…`"))
        })
    }

    /// The values for functions of this architecture. It differs from the declared one if the local cloud runs
    /// them.
    pub fn on(self, arch: Arch) -> Values {
        if self.arch.value == arch {
            return self;
        }
        Values {
            arch: Setting::new(arch, Source::LocalCloud),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Values;
    use crate::settings::{Layer, Manifest};
    use crate::stack::declaration::defaults;
    use crate::stack::setting::{Setting, Source};
    use crate::stack::stage::Stage;

    fn values(settings: &str, stage: &str, flags: &Layer) -> Result<Values, String> {
        let text = format!("[workspace.metadata.provision]\n{settings}");
        let manifest = Manifest::parse(Path::new("Cargo.toml"), &text).expect("good settings");
        let stage = Stage::parse_pattern(stage).expect("a stage");
        let values = Values::of(&stage, defaults(&stage), &manifest, flags);
        values.map_err(|error| error.text)
    }

    fn of(settings: &str, stage: &str) -> Values {
        values(settings, stage, &Layer::default()).expect("good settings")
    }

    #[test]
    fn a_flag_is_over_the_stage_over_all_over_the_default() {
        let settings = "memory = 256\nretention-days = 30\nstage.prod.memory = 512";
        let flags = Layer {
            timeout_seconds: Some(Setting::new(5, Source::Flag("--timeout"))),
            ..Layer::default()
        };
        let values = values(settings, "prod", &flags).expect("good settings");
        let shown = [
            (values.memory_mb.value, values.memory_mb.shown_source()),
            (
                values.retention_days.value,
                values.retention_days.shown_source(),
            ),
            (
                values.timeout_seconds.value,
                values.timeout_seconds.shown_source(),
            ),
        ];
        let sources = ["Cargo.toml, stage prod", "Cargo.toml", "--timeout"];
        let expected = [512, 30, 5].into_iter().zip(sources.map(str::to_owned));
        assert_eq!(shown.to_vec(), expected.collect::<Vec<_>>());
        assert_eq!(
            of(settings, "dev").timeout_seconds.shown_source(),
            "default; no --timeout"
        );
        // A default that depends on the stage.
        assert_eq!(values.recovery_days.value, Some(35));
        let off = of("stage.prod.point-in-time-recovery = false", "prod");
        assert_eq!(off.recovery_days.value, None);
    }

    #[test]
    fn tables_are_merged_key_by_key() {
        let settings = "environment = { A1 = \"all\", B1 = \"all\" }\ntags.team = \"blue\"\n\
                        [workspace.metadata.provision.stage.dev]\nenvironment.B1 = \"dev\"";
        let values = of(settings, "dev");
        let env = values
            .env
            .iter()
            .map(|(key, value)| (&**key, &*value.value));
        assert_eq!(env.collect::<Vec<_>>(), [("A1", "all"), ("B1", "dev")]);
        assert_eq!(values.tags["team"].value, "blue");
    }

    /// Two stages never share a resource because of a name for all.
    #[test]
    fn a_name_ends_in_the_stage_unless_it_is_of_the_stage_itself() {
        let settings = "names.table = \"Trips\"\nstage.prod.names.table = \"Orders\"\n\
                        stage.\"pr-*\".names.function = \"Preview\"";
        let names = |stage| {
            let values = of(settings, stage);
            [values.table.value, values.function.value]
        };
        assert_eq!(names("default"), ["Trips", "RequestUnicorn"]);
        assert_eq!(names("dev"), ["Trips-dev", "RequestUnicorn-dev"]);
        assert_eq!(names("prod"), ["Orders", "RequestUnicorn-prod"]);
        assert_eq!(names("pr-7"), ["Trips-pr-7", "Preview-pr-7"]);
        assert_eq!(names("pr-*"), ["Trips-pr-*", "Preview-pr-*"]);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let long = format!("names.role = \"{}\"", "R".repeat(50));
        assert!(values(&long, "default", &Layer::default()).is_ok());
        let error = values(&long, "staging", &Layer::default()).expect_err("too long");
        let start = "the settings of stage `staging` are malformed: names.role: `RRR";
        assert!(error.starts_with(start), "{error}");
        let alike = "tags.team = \"a\"\nstage.dev.tags.Team = \"b\"";
        let error = values(alike, "dev", &Layer::default()).expect_err("the same key");
        assert!(
            error.ends_with("IAM takes two keys for the same: `team`"),
            "{error}"
        );
    }
}
