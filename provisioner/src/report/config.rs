//! The output of `provision config`.

use std::path::Path;

use serde_json::{Value, json};

use crate::stack::setting::Source;

/// A setting with its effective value.
pub struct Row {
    /// As in Cargo.toml, below `[workspace.metadata.provision]`.
    pub key: String,
    /// `null` if it is not shown.
    pub value: Value,
    pub unit: &'static str,
    pub source: Source,
}

impl Row {
    pub fn with_unit(self, unit: &'static str) -> Row {
        Row { unit, ..self }
    }

    fn shown_value(&self) -> String {
        let value = match &self.value {
            Value::Null => "(hidden)".to_owned(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        format!("{value} {}", self.unit).trim_end().to_owned()
    }

    fn shown_source(&self) -> String {
        match &self.source {
            Source::Manifest { line, .. } => format!("{}, line {line}", self.source),
            Source::Default | Source::Flag(_) | Source::LocalCloud => self.source.to_string(),
        }
    }
}

/// `policies` is the folder of those that count, unless those that are embedded do.
pub fn text(rows: &[Row], policies: Option<&Path>) -> String {
    let mut cells: Vec<[String; 3]> = rows
        .iter()
        .map(|row| [row.key.clone(), row.shown_value(), row.shown_source()])
        .collect();
    let folder = policies.map_or("embedded".to_owned(), |path| path.display().to_string());
    cells.push(["policies".to_owned(), folder, String::new()]);
    let width = |column: usize| {
        let aligned = &cells[..rows.len()];
        let widths = aligned.iter().map(|cells| cells[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let (keys, values) = (width(0), width(1));
    let lines = cells.iter().map(|[key, value, source]| {
        let line = format!("{key:keys$}  {value:values$}  {source}");
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

pub fn json(rows: &[Row], policies: Option<&Path>) -> Value {
    let settings = rows.iter().map(|row| {
        let mut setting = json!({"key": row.key, "value": row.value});
        match &row.source {
            Source::Default => setting["source"] = json!("default"),
            Source::Manifest { line, stage } => {
                setting["source"] = json!("Cargo.toml");
                setting["line"] = json!(line);
                setting["stage"] = json!(stage);
            }
            Source::Flag(flag) => {
                setting["source"] = json!("flag");
                setting["flag"] = json!(flag);
            }
            Source::LocalCloud => setting["source"] = json!("local cloud"),
        }
        setting
    });
    json!({
        "settings": settings.collect::<Vec<_>>(),
        // `null` if they are embedded.
        "policies": policies.map(|path| path.display().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Row, text};
    use crate::stack::setting::Source;

    #[test]
    fn the_columns_are_aligned() {
        let row = |key: &str, value, source| Row {
            key: key.to_owned(),
            value,
            unit: "",
            source,
        };
        let stage = Some("prod".to_owned());
        let rows = [
            row("memory", json!(512), Source::Flag("--memory")).with_unit("MB"),
            row(
                "environment.KEY",
                Value::Null,
                Source::Manifest { line: 7, stage },
            ),
            row("names.table", json!("Rides"), Source::Default),
        ];
        let expected = "memory           512 MB    --memory\n\
                        environment.KEY  (hidden)  Cargo.toml, stage prod, line 7\n\
                        names.table      Rides     default\n\
                        policies         /work/policies\n";
        assert_eq!(text(&rows, Some(Path::new("/work/policies"))), expected);
    }
}
