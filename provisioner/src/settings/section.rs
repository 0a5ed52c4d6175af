//! A table of the manifest, read key by key: what is not asked for is unknown.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{Problem, SettingsError};

/// A file with its text, in which values have lines.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub file: &'a Path,
    pub text: &'a str,
}

impl Text<'_> {
    /// The line, counted from 1, of a byte of the text.
    pub fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    /// The last line before this one that has the same key or the same header of a table.
    pub fn earlier(&self, line: usize) -> Option<usize> {
        let key = |line: &'_ str| {
            line.split(['=', '#'])
                .next()
                .map(|key| key.trim().to_owned())
        };
        let lines: Vec<&str> = self.text.lines().take(line).collect();
        let (last, before) = lines.split_last()?;
        let wanted = key(last).filter(|key| !key.is_empty());
        let found = before.iter().rposition(|line| key(line) == wanted);
        found.filter(|_| wanted.is_some()).map(|index| index + 1)
    }

    pub fn error(&self, problem: Problem) -> SettingsError {
        SettingsError {
            file: self.file.to_owned(),
            problem,
        }
    }
}

pub struct Section<'a> {
    text: Text<'a>,
    /// Before each of its keys in errors: empty, or `stage.prod.`.
    prefix: String,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
}

/// A value with its key and its line.
pub struct Entry<'a> {
    pub text: Text<'a>,
    prefix: String,
    pub name: &'a str,
    pub line: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Section<'a> {
    pub fn new(text: Text<'a>, prefix: String, table: &'a DeTable<'a>) -> Section<'a> {
        Section {
            text,
            prefix,
            table,
            known: Vec::new(),
        }
    }

    /// The same table, whose keys are shown without the name of the table.
    pub fn without_prefix(self) -> Section<'a> {
        Section {
            prefix: String::new(),
            ..self
        }
    }

    /// The value of a key, which is known from now on.
    pub fn get(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let (key, value) = self.table.get_key_value(key)?;
        Some(self.entry(key, value))
    }

    /// All entries, for a table whose keys are the user's choice.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        self.table.iter().map(|(key, value)| self.entry(key, value))
    }

    fn entry(&self, key: &'a Spanned<DeString<'a>>, value: &'a Spanned<DeValue<'a>>) -> Entry<'a> {
        Entry {
            text: self.text,
            prefix: self.prefix.clone(),
            name: key.get_ref(),
            line: self.text.line(key.span().start),
            value: value.get_ref(),
        }
    }

    /// Fails if there is a key that was not asked for.
    pub fn end(self) -> Result<(), SettingsError> {
        let unknown = |entry: &Entry<'_>| !self.known.contains(&entry.name);
        let unknown = self.entries().find(unknown);
        let Some(entry) = unknown else {
            return Ok(());
        };
        Err(self.text.error(Problem::UnknownKey {
            key: entry.key(),
            name: entry.name.to_owned(),
            line: entry.line,
            known: self.known,
        }))
    }
}

impl<'a> Entry<'a> {
    /// `stage.prod.memory`.
    pub fn key(&self) -> String {
        format!("{}{}", self.prefix, self.name)
    }

    pub fn integer(&self) -> Result<i32, SettingsError> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.is_not("an integer"));
        };
        i32::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| self.malformed("the number is too large"))
    }

    /// `None` if it is of another type.
    pub fn boolean(&self) -> Option<bool> {
        self.value.as_bool()
    }

    pub fn string(&self) -> Result<&'a str, SettingsError> {
        self.value.as_str().ok_or_else(|| self.is_not("a string"))
    }

    pub fn section(&self) -> Result<Section<'a>, SettingsError> {
        let table = self.value.as_table();
        let table = table.ok_or_else(|| self.is_not("a table"))?;
        Ok(Section::new(self.text, format!("{}.", self.key()), table))
    }

    pub fn is_not(&self, wanted: &str) -> SettingsError {
        let is = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a floating-point number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.malformed(format!("it is {is}, not {wanted}"))
    }

    pub fn malformed(&self, why: impl Into<String>) -> SettingsError {
        self.text.error(Problem::Malformed {
            key: self.key(),
            line: self.line,
            why: why.into(),
        })
    }
}
