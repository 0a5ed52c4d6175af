//! A document of `policies/`: checked when it is read, so that filling it in cannot fail.

use serde_json::Value;

use super::error::PolicyError;
use super::names::{Names, PLACEHOLDERS};
use super::render::fill;

#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    document: Value,
}

impl Template {
    /// Fails if it is not JSON, or has a placeholder that has no value.
    pub fn parse(text: &str) -> Result<Template, PolicyError> {
        let document: Value = serde_json::from_str(text).map_err(PolicyError::NotJson)?;
        fill(document.clone(), &PLACEHOLDERS.map(|name| (name, "")))?;
        Ok(Template { document })
    }

    pub fn fill(&self, names: &Names<'_>) -> Value {
        let filled = fill(self.document.clone(), &names.values());
        filled.expect("`parse` knows all placeholders")
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::PolicyError;
    use super::Template;

    #[test]
    fn what_could_not_be_filled_in_is_no_template() {
        let parse = |text| Template::parse(text);
        assert!(matches!(parse("{"), Err(PolicyError::NotJson(_))));
        let unknown = parse(r#"{"a": "{{test_ride}}"}"#);
        assert!(matches!(
            unknown,
            Err(PolicyError::UnknownPlaceholder { .. })
        ));
        assert!(parse(r#"{"a": "{{table}}"}"#).is_ok());
    }
}
