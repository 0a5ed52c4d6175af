//! A declared value that the settings of the workspace and the flags of a run may replace.

use std::fmt;

/// Where a value comes from. Each source replaces those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `stack/declaration.rs`.
    Default,
    /// A line of the root Cargo.toml, in the section of that stage or in the one for all.
    Manifest { line: usize, stage: Option<String> },
    /// With its dashes, as the user types it.
    Flag(&'static str),
    /// The local cloud runs functions that are built for this machine.
    LocalCloud,
}

/// Without the line: plans of equal files are equal, wherever a value stands.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::Manifest { stage: None, .. } => f.write_str("Cargo.toml"),
            Source::Manifest {
                stage: Some(stage), ..
            } => write!(f, "Cargo.toml, stage {stage}"),
            Source::Flag(flag) => f.write_str(flag),
            Source::LocalCloud => f.write_str("this machine"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub source: Source,
    /// The flag that would replace the value, if there is one.
    flag: Option<&'static str>,
}

impl<T> Setting<T> {
    pub fn default(value: T) -> Setting<T> {
        Setting::new(value, Source::Default)
    }

    pub fn new(value: T, source: Source) -> Setting<T> {
        Setting {
            value,
            source,
            flag: None,
        }
    }

    /// `flag` with its dashes.
    pub fn with_flag(self, flag: &'static str) -> Setting<T> {
        Setting {
            flag: Some(flag),
            ..self
        }
    }

    pub fn replace_with(&mut self, other: Option<Setting<T>>) {
        if let Some(Setting { value, source, .. }) = other {
            self.value = value;
            self.source = source;
        }
    }

    /// The source that the plan shows after a change: `Cargo.toml, stage prod`, or `default; no --memory`.
    pub fn shown_source(&self) -> String {
        match (&self.source, self.flag) {
            (Source::Default, Some(flag)) => format!("default; no {flag}"),
            (source, _) => source.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Setting, Source};

    #[test]
    fn the_source_of_a_value_is_shown() {
        let mut memory = Setting::default(128).with_flag("--memory");
        assert_eq!(memory.shown_source(), "default; no --memory");
        memory.replace_with(None);
        assert_eq!(
            (memory.value, memory.shown_source().as_str()),
            (128, "default; no --memory")
        );
        let manifest = |stage: Option<&str>| Source::Manifest {
            line: 12,
            stage: stage.map(str::to_owned),
        };
        for (source, shown) in [
            (manifest(None), "Cargo.toml"),
            (manifest(Some("prod")), "Cargo.toml, stage prod"),
            (Source::Flag("--memory"), "--memory"),
        ] {
            memory.replace_with(Some(Setting::new(512, source)));
            assert_eq!((memory.value, memory.shown_source().as_str()), (512, shown));
        }
    }
}
