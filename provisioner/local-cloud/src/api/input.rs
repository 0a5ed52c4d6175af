//! The members of a request, read by type.

use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};

/// Members of a request, whichever protocol brought them.
///
/// Forms carry text only, so numbers and booleans are read from text too.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Input(pub(crate) Map<String, Value>);

impl Input {
    /// Reads a JSON body. An empty body has no members.
    pub(crate) fn from_json(body: &[u8]) -> ApiResult<Input> {
        if body.is_empty() {
            return Ok(Input::default());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Input(members)),
            Ok(_) => Err(serialization(
                "Start of structure or map found where not expected.",
            )),
            Err(_) => Err(serialization("Could not parse request body into json.")),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn text(&self, name: &str) -> ApiResult<Option<&str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    /// A required member; `missing` returns the service's error for its absence.
    pub(crate) fn required(
        &self,
        name: &str,
        missing: impl FnOnce(&str) -> ApiError,
    ) -> ApiResult<&str> {
        match self.text(name)? {
            Some(text) => Ok(text),
            None => Err(missing(name)),
        }
    }

    pub(crate) fn number(&self, name: &str) -> ApiResult<Option<i64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong_type(name, "an integer")),
            },
            Some(Value::String(text)) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(wrong_type(name, "an integer")),
            },
            Some(_) => Err(wrong_type(name, "an integer")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> ApiResult<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(wrong_type(name, "a boolean")),
        }
    }

    pub(crate) fn list(&self, name: &str) -> ApiResult<Option<&[Value]>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            // In a form an empty list is `Tags=`.
            Some(Value::String(text)) if text.is_empty() => Ok(Some(&[])),
            Some(_) => Err(wrong_type(name, "a list")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> ApiResult<Option<Vec<String>>> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        let texts = items.iter().map(|item| match item {
            Value::String(text) => Ok(text.clone()),
            _ => Err(wrong_type(name, "a list of strings")),
        });
        texts.collect::<ApiResult<Vec<_>>>().map(Some)
    }

    pub(crate) fn members(&self, name: &str) -> ApiResult<Option<Input>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Input(members.clone()))),
            Some(_) => Err(wrong_type(name, "a structure")),
        }
    }

    /// Tags as `[{Key, Value}]`, the form of DynamoDB and IAM, in their order.
    pub(crate) fn tag_list(&self, name: &str) -> ApiResult<Option<Vec<(String, String)>>> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        let tags = items.iter().map(|item| {
            let (key, value) = (item.get("Key"), item.get("Value"));
            match (key, value) {
                (Some(Value::String(key)), Some(Value::String(value))) => {
                    Ok((key.clone(), value.clone()))
                }
                _ => Err(wrong_type(name, "a list of keys and values")),
            }
        });
        tags.collect::<ApiResult<Vec<_>>>().map(Some)
    }

    /// Tags as `{key: value}`, the form of Lambda and CloudWatch Logs, in their order.
    pub(crate) fn tag_map(&self, name: &str) -> ApiResult<Option<Vec<(String, String)>>> {
        let Some(members) = self.members(name)? else {
            return Ok(None);
        };
        let tags = members.0.into_iter().map(|(key, value)| match value {
            Value::String(value) => Ok((key, value)),
            _ => Err(wrong_type(name, "a map of strings")),
        });
        tags.collect::<ApiResult<Vec<_>>>().map(Some)
    }
}

fn serialization(message: &str) -> ApiError {
    ApiError::new(400, "SerializationException", message)
}

fn wrong_type(name: &str, wanted: &str) -> ApiError {
    serialization(&format!("{name} is not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::Input;

    #[test]
    fn only_an_object_is_a_request() {
        assert_eq!(Input::from_json(b"").unwrap(), Input::default());
        for bad in ["[]", "1", "{", "nul", "\u{0}"] {
            let error = Input::from_json(bad.as_bytes()).unwrap_err();
            assert_eq!(error.code, "SerializationException", "{bad}");
        }
    }

    #[test]
    fn text_is_read_as_number_and_flag() {
        let input = Input::from_json(br#"{"a":"7","b":"true","c":7,"d":false,"e":[1]}"#).unwrap();
        assert_eq!(input.number("a").unwrap(), Some(7));
        assert_eq!(input.number("c").unwrap(), Some(7));
        assert_eq!(input.flag("b").unwrap(), Some(true));
        assert_eq!(input.flag("d").unwrap(), Some(false));
        assert!(input.number("e").is_err());
        assert!(input.flag("a").is_err());
        assert!(input.texts("e").is_err());
        assert_eq!(input.text("none").unwrap(), None);
    }
}
