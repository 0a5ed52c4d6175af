//! AWS's error for a member that does not satisfy a constraint.

use crate::api::error::ApiError;

/// One constraint that is not satisfied: the member, its value, and what it must satisfy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Broken {
    pub(crate) value: String,
    pub(crate) member: String,
    pub(crate) must: String,
}

impl Broken {
    pub(crate) fn new(value: impl Into<String>, member: &str, must: impl Into<String>) -> Broken {
        Broken {
            value: value.into(),
            member: member.to_owned(),
            must: must.into(),
        }
    }

    /// A required member that is absent. AWS writes `null` without quotes here.
    pub(crate) fn null(member: &str) -> Broken {
        Broken::new("null", member, "not be null")
    }

    pub(crate) fn pattern(value: &str, member: &str, pattern: &str) -> Broken {
        Broken::new(
            value,
            member,
            format!("satisfy regular expression pattern: {pattern}"),
        )
    }

    pub(crate) fn longer(value: &str, member: &str, limit: usize) -> Broken {
        Broken::new(
            value,
            member,
            format!("have length less than or equal to {limit}"),
        )
    }

    pub(crate) fn shorter(value: &str, member: &str, limit: usize) -> Broken {
        Broken::new(
            value,
            member,
            format!("have length greater than or equal to {limit}"),
        )
    }
}

/// `1 validation error detected: Value 'x' at 'roleName' failed to satisfy constraint: Member must …`
pub(crate) fn refuse(code: &'static str, broken: &[Broken]) -> ApiError {
    let count = broken.len();
    let plural = if count == 1 { "" } else { "s" };
    let texts: Vec<String> = broken
        .iter()
        .map(
            |Broken {
                 value,
                 member,
                 must,
             }| {
                let value = if must == "not be null" {
                    value.clone()
                } else {
                    format!("'{value}'")
                };
                format!(
                    "Value {value} at '{member}' failed to satisfy constraint: Member must {must}"
                )
            },
        )
        .collect();
    let texts = texts.join("; ");
    ApiError::new(
        400,
        code,
        format!("{count} validation error{plural} detected: {texts}"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Broken, refuse};

    #[test]
    fn the_texts_are_those_of_aws() {
        let broken = [
            Broken::longer("x", "roleName", 64),
            Broken::pattern("x", "roleName", "a+"),
        ];
        assert_eq!(
            refuse("ValidationError", &broken).message,
            "2 validation errors detected: Value 'x' at 'roleName' failed to satisfy constraint: \
             Member must have length less than or equal to 64; Value 'x' at 'roleName' failed to \
             satisfy constraint: Member must satisfy regular expression pattern: a+"
        );
        let null = refuse("ValidationException", &[Broken::null("tagKeys")]);
        assert!(null.message.contains("Value null at 'tagKeys' failed"));
    }
}
