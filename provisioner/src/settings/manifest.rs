//! The sections of a manifest, and which of them count for a stage.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{Problem, SettingsError};
use super::layer::Layer;
use super::section::{Entry, Section, Text};
use crate::nearest::nearest;
use crate::stack::stage::Stage;

/// The settings of a manifest.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    for_all: Layer,
    /// For a stage, or for those that a pattern like `pr-*` matches.
    stages: Vec<(Stage, Layer)>,
}

impl Manifest {
    /// Reads the Cargo.toml of a workspace.
    pub fn read(file: &Path) -> Result<Manifest, SettingsError> {
        let text = std::fs::read_to_string(file).map_err(|why| SettingsError {
            file: file.to_owned(),
            problem: Problem::Unreadable(why),
        })?;
        Manifest::parse(file, &text)
    }

    pub fn parse(file: &Path, text: &str) -> Result<Manifest, SettingsError> {
        let text = Text { file, text };
        let table = DeTable::parse(text.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.line(at);
            let why = match text.earlier(line) {
                Some(earlier) if error.message() == DUPLICATE => {
                    format!("{DUPLICATE}, which line {earlier} has already")
                }
                _ => error.message().to_owned(),
            };
            text.error(Problem::NotToml { line, why })
        })?;
        let Some(mut section) = settings(text, table.get_ref())? else {
            return Ok(Manifest::default());
        };
        let for_all = Layer::read(&mut section, None)?;
        let stages = stages(section.get("stage"))?;
        section.end()?;
        Ok(Manifest { for_all, stages })
    }

    /// The stages that have settings of their own, without patterns.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        let stages = self.stages.iter().map(|(stage, _)| stage);
        stages.filter(|stage| !stage.is_pattern())
    }

    /// The layers that count for a stage, each over the one before it: what is for all, for a pattern, for a longer
    /// pattern, for this very stage.
    pub fn layers(&self, stage: &Stage) -> impl Iterator<Item = (Option<&Stage>, &Layer)> {
        let matching = self.stages.iter().filter(|(of, _)| of.matches(stage));
        let mut matching: Vec<(Option<&Stage>, &Layer)> =
            matching.map(|(of, layer)| (Some(of), layer)).collect();
        matching.sort_by_key(|(of, _)| of.map(|of| (!of.is_pattern(), of.as_str().len())));
        std::iter::once((None, &self.for_all)).chain(matching)
    }
}

/// toml's text about a key or a table that is there twice.
const DUPLICATE: &str = "duplicate key";

/// The table `workspace.metadata.provision`.
fn settings<'a>(
    text: Text<'a>,
    manifest: &'a DeTable<'a>,
) -> Result<Option<Section<'a>>, SettingsError> {
    elsewhere(text, manifest)?;
    let mut table = manifest;
    for key in ["workspace", "metadata"] {
        let value = table.get(key).map(|value| value.get_ref());
        // cargo says what is wrong with the rest of the manifest.
        let Some(DeValue::Table(inner)) = value else {
            return Ok(None);
        };
        table = inner;
    }
    let mut metadata = Section::new(text, String::new(), table);
    let provision = metadata.get(SETTINGS);
    misspelt(&metadata)?;
    let section = provision.map(|entry| Ok(entry.section()?.without_prefix()));
    section.transpose()
}

const SETTINGS: &str = "provision";

/// Fails if the settings are where those of other tools are.
fn elsewhere(text: Text<'_>, manifest: &DeTable<'_>) -> Result<(), SettingsError> {
    for path in [
        &["package", "metadata"][..],
        &["workspace"],
        &["metadata"],
        &[],
    ] {
        let mut table = Some(manifest);
        for key in path {
            table = table.and_then(|table| table.get(*key)?.get_ref().as_table());
        }
        let found = table.and_then(|table| table.get_key_value(SETTINGS));
        if let Some((key, _)) = found {
            let table = [path, &[SETTINGS]].concat().join(".");
            let line = text.line(key.span().start);
            return Err(text.error(Problem::NotTheTable { table, line }));
        }
    }
    Ok(())
}

/// Fails if a table of `workspace.metadata` has nearly the name of the settings.
fn misspelt(metadata: &Section<'_>) -> Result<(), SettingsError> {
    let mut entries = metadata.entries();
    let near = entries.find(|entry| {
        entry.name != SETTINGS && nearest(entry.name, [SETTINGS].into_iter()).is_some()
    });
    near.map_or(Ok(()), |entry| {
        let table = format!("workspace.metadata.{}", entry.name);
        Err(entry.text.error(Problem::NotTheTable {
            table,
            line: entry.line,
        }))
    })
}

fn stages(entry: Option<Entry<'_>>) -> Result<Vec<(Stage, Layer)>, SettingsError> {
    let Some(stages) = entry else {
        return Ok(Vec::new());
    };
    let stages = stages.section()?;
    let layers = stages.entries().map(|entry| {
        let stage = Stage::parse_pattern(entry.name);
        let stage = stage.map_err(|error| entry.malformed(error.text))?;
        let mut section = entry.section()?;
        let layer = Layer::read(&mut section, Some(entry.name))?;
        section.end()?;
        Ok((stage, layer))
    });
    layers.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Manifest;
    use crate::error::Error;
    use crate::stack::stage::Stage;

    fn parse(text: &str) -> Result<Manifest, String> {
        let manifest = Manifest::parse(Path::new("Cargo.toml"), text);
        manifest.map_err(|error| {
            let error = Error::from(error);
            let hint = error.hint.as_deref().unwrap_or_default();
            format!("{}; {hint}", error.chain().join(": "))
        })
    }

    fn memory(manifest: &Manifest, stage: &str) -> Vec<(i32, String)> {
        let stage = Stage::parse(stage).expect("a stage");
        let layers = manifest.layers(&stage);
        let memory = layers.filter_map(|(_, layer)| layer.memory_mb.clone());
        memory
            .map(|memory| (memory.value, memory.source.to_string()))
            .collect()
    }

    #[test]
    fn a_stage_has_its_layers_from_the_general_to_the_special() {
        let manifest = parse(
            r#"
            [workspace.metadata.provision]
            memory = 256
            [workspace.metadata.provision.stage.prod]
            memory = 1024
            [workspace.metadata.provision.stage.prod-eu]
            memory = 1025
            [workspace.metadata.provision.stage."prod-*"]
            memory = 512
            [workspace.metadata.provision.stage."prod-e*"]
            memory = 513
            "#,
        );
        let manifest = manifest.expect("good settings");
        let of = |values: &[(i32, &str)]| -> Vec<(i32, String)> {
            let values = values.iter();
            values.map(|(mb, from)| (*mb, (*from).to_owned())).collect()
        };
        let for_all = (256, "Cargo.toml");
        assert_eq!(memory(&manifest, "dev"), of(&[for_all]));
        let prod = (1024, "Cargo.toml, stage prod");
        assert_eq!(memory(&manifest, "prod"), of(&[for_all, prod]));
        let all = [
            for_all,
            (512, "Cargo.toml, stage prod-*"),
            (513, "Cargo.toml, stage prod-e*"),
            (1025, "Cargo.toml, stage prod-eu"),
        ];
        assert_eq!(memory(&manifest, "prod-eu"), of(&all));
    }

    #[test]
    fn a_manifest_without_settings_has_none() {
        for text in [
            "",
            "[workspace]",
            "[package]\nname = \"x\"",
            "workspace = 1",
        ] {
            assert_eq!(memory(&parse(text).expect("no settings"), "dev"), []);
        }
    }

    /// Below `[workspace.metadata.provision]`, which is line 1.
    #[track_caller]
    fn check(settings: &str, expected: &str) {
        let text = format!("[workspace.metadata.provision]\n{settings}");
        let found = parse(&text).expect_err(settings);
        assert!(found.starts_with(expected), "{settings}: {found}");
    }

    #[test]
    fn what_is_unknown_or_malformed_is_named_with_its_line() {
        check(
            "timeout = 3\nmemry = 256",
            "the key `memry` in `Cargo.toml`, line 3, is unknown; the nearest known key is `memory`",
        );
        check(
            "zzz = 1",
            "the key `zzz` in `Cargo.toml`, line 2, is unknown; the known keys are memory, timeout,",
        );
        check(
            "[workspace.metadata.provision.stage.prod]\nretention = 30",
            "the key `stage.prod.retention` in `Cargo.toml`, line 3, is unknown; \
             the nearest known key is `retention-days`",
        );
        check(
            "names.tables = \"x\"",
            "the key `names.tables` in `Cargo.toml`, line 2, is unknown",
        );
        for (settings, key, why) in [
            (
                "memory = \"512\"",
                "memory",
                "it is a string, not an integer",
            ),
            ("memory = 0x40", "memory", "64 is not from 128 to 10240 MB"),
            ("timeout = 0", "timeout", "0 is not from 1 to 1800 s"),
            (
                "retention-days = 15",
                "retention-days",
                "CloudWatch Logs accepts",
            ),
            ("architecture = \"arm\"", "architecture", "`arm` is neither"),
            (
                "point-in-time-recovery = \"on\"",
                "point-in-time-recovery",
                "it is a string",
            ),
            (
                "point-in-time-recovery = 36",
                "point-in-time-recovery",
                "36 is not from 1 to 35 days",
            ),
            (
                "environment.AWS_REGION = \"x\"",
                "environment.AWS_REGION",
                "Lambda reserves",
            ),
            (
                "environment.LEVEL = 3",
                "environment.LEVEL",
                "it is an integer, not a string",
            ),
            (
                "tags.\"aws:x\" = \"x\"",
                "tags.aws:x",
                "keys with `aws:` are reserved",
            ),
            (
                "names.table = \"R\"",
                "names.table",
                "`R` is not 3 to 255 characters",
            ),
            (
                "stage.Prod.memory = 128",
                "stage.Prod",
                "the stage `Prod` is malformed",
            ),
            (
                "stage.prod = 1",
                "stage.prod",
                "it is an integer, not a table",
            ),
        ] {
            let expected =
                format!("the value of `{key}` in `Cargo.toml`, line 2, is malformed: {why}");
            check(settings, &expected);
        }
        check(
            "environment = { TABLE_NAME = \"x\" }",
            "the value of `environment.TABLE_NAME` in `Cargo.toml`, line 2, is malformed: \
             `up` sets TABLE_NAME to the name of the table, which is the setting `names.table`",
        );
        let error = parse("[workspace.metadata]\nprovision = 1").expect_err("no table");
        assert!(error.contains("`provision`"), "{error}");
    }

    #[test]
    fn settings_in_another_table_are_an_error() {
        for table in [
            "workspace.metadata.provison",
            "workspace.metadata.Provision",
            "package.metadata.provision",
            "workspace.provision",
            "metadata.provision",
            "provision",
        ] {
            let error = parse(&format!("\n[{table}]\nmemory = 256")).expect_err(table);
            let expected =
                format!("the table `{table}` in `Cargo.toml`, line 2, is not read; settings");
            assert!(error.starts_with(&expected), "{error}");
        }
        let both = "[workspace.metadata.provision]\n[workspace.metadata.provison.stage.prod]\n";
        let error = parse(both).expect_err("two tables");
        assert!(error.contains("`workspace.metadata.provison`"), "{error}");
        for table in ["workspace.metadata.release", "package.metadata.prov"] {
            assert!(
                parse(&format!("[{table}]\nmemory = 256")).is_ok(),
                "{table}"
            );
        }
    }

    #[test]
    fn what_is_there_twice_is_named_with_both_lines() {
        for (text, lines) in [
            ("memory = 1\n# more\n[workspace.metadata.provision]", (1, 4)),
            ("timeout = 9\nmemory = 1\nmemory = 2", (3, 4)),
        ] {
            let text = format!("[workspace.metadata.provision]\n{text}");
            let error = parse(&text).expect_err(&text);
            let (first, second) = lines;
            let expected =
                format!("line {second} is not TOML: duplicate key, which line {first} has already");
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn no_message_quotes_what_may_be_a_secret() {
        for text in [
            "environment.KEY = \"hunter2",
            "environment.A = \"hunter2\"",
            "environment = \"hunter2\"",
            "environment.KEY = [\"hunter2\"]",
        ] {
            let text = format!("[workspace.metadata.provision]\n{text}");
            let error = parse(&text).expect_err(&text);
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
