//! One layer of settings: those of a section of the manifest, or the flags of a run.

use std::collections::BTreeMap;

use super::error::SettingsError;
use super::rules::{self, Named};
use super::section::{Entry, Section};
use crate::artifact::Arch;
use crate::stack::setting::{Setting, Source};

/// The values that a layer gives; the others stay what they are.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    pub memory_mb: Option<Setting<i32>>,
    pub timeout_seconds: Option<Setting<i32>>,
    pub arch: Option<Setting<Arch>>,
    pub retention_days: Option<Setting<i32>>,
    /// How far back the table can be restored; `None` in it: not at all.
    pub recovery_days: Option<Setting<Option<i32>>>,
    pub env: BTreeMap<String, Setting<String>>,
    pub tags: BTreeMap<String, Setting<String>>,
    pub names: Names,
}

#[derive(Clone, Debug, Default)]
pub struct Names {
    pub table: Option<Setting<String>>,
    pub role: Option<Setting<String>>,
    pub function: Option<Setting<String>>,
}

/// What `point-in-time-recovery = true` means: the longest period, and AWS's default.
const LONGEST_RECOVERY: i32 = 35;

impl Layer {
    /// Reads a section, which is for that stage or for all. Its key `stage` is the caller's.
    pub(super) fn read(
        section: &mut Section<'_>,
        stage: Option<&str>,
    ) -> Result<Layer, SettingsError> {
        let from = |line| Source::Manifest {
            line,
            stage: stage.map(str::to_owned),
        };
        Ok(Layer {
            memory_mb: setting(section.get("memory"), from, |entry| {
                checked(entry, rules::within(entry.integer()?, &rules::MEMORY_MB))
            })?,
            timeout_seconds: setting(section.get("timeout"), from, |entry| {
                let range = &rules::TIMEOUT_SECONDS;
                checked(entry, rules::within(entry.integer()?, range))
            })?,
            arch: setting(section.get("architecture"), from, arch)?,
            retention_days: setting(section.get("retention-days"), from, |entry| {
                checked(entry, rules::retention_days(entry.integer()?))
            })?,
            recovery_days: setting(section.get("point-in-time-recovery"), from, recovery_days)?,
            env: table(section.get("environment"), from, |entry| {
                checked(entry, rules::variable(entry.name))
            })?,
            tags: table(section.get("tags"), from, |entry| {
                checked(entry, rules::tag(entry.name, entry.string()?))
            })?,
            names: names(section.get("names"), from)?,
        })
    }
}

fn setting<T>(
    entry: Option<Entry<'_>>,
    from: impl Fn(usize) -> Source,
    read: impl FnOnce(&Entry<'_>) -> Result<T, SettingsError>,
) -> Result<Option<Setting<T>>, SettingsError> {
    let read = |entry: Entry<'_>| Ok(Setting::new(read(&entry)?, from(entry.line)));
    entry.map(read).transpose()
}

/// A table of strings whose keys are the user's choice.
fn table(
    entry: Option<Entry<'_>>,
    from: impl Fn(usize) -> Source,
    check: impl Fn(&Entry<'_>) -> Result<(), SettingsError>,
) -> Result<BTreeMap<String, Setting<String>>, SettingsError> {
    let Some(table) = entry else {
        return Ok(BTreeMap::new());
    };
    let section = table.section()?;
    let values = section.entries().map(|entry| {
        check(&entry)?;
        let value = Setting::new(entry.string()?.to_owned(), from(entry.line));
        Ok((entry.name.to_owned(), value))
    });
    values.collect()
}

fn names(entry: Option<Entry<'_>>, from: impl Fn(usize) -> Source) -> Result<Names, SettingsError> {
    let Some(table) = entry else {
        return Ok(Names::default());
    };
    let mut section = table.section()?;
    let mut name = |key, named| {
        setting(section.get(key), &from, |entry| {
            let name = entry.string()?;
            checked(entry, rules::name(named, name))?;
            Ok(name.to_owned())
        })
    };
    let names = Names {
        table: name("table", Named::Table)?,
        role: name("role", Named::Role)?,
        function: name("function", Named::Function)?,
    };
    section.end()?;
    Ok(names)
}

fn arch(entry: &Entry<'_>) -> Result<Arch, SettingsError> {
    let name = entry.string()?;
    let known = [Arch::X86_64, Arch::Arm64].into_iter();
    let mut fits = known.filter(|arch| arch.as_str() == name);
    fits.next()
        .ok_or_else(|| entry.malformed(format!("`{name}` is neither x86_64 nor arm64")))
}

fn recovery_days(entry: &Entry<'_>) -> Result<Option<i32>, SettingsError> {
    match entry.boolean() {
        Some(on) => Ok(on.then_some(LONGEST_RECOVERY)),
        None => {
            let wanted = |_| entry.is_not("a boolean or a number of days");
            let days = entry.integer().map_err(wanted)?;
            checked(entry, rules::within(days, &rules::RECOVERY_DAYS)).map(Some)
        }
    }
}

fn checked<T>(entry: &Entry<'_>, value: Result<T, String>) -> Result<T, SettingsError> {
    value.map_err(|why| entry.malformed(why))
}
