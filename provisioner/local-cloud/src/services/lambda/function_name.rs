//! The forms of a function's name: a plain name, a partial ARN or an ARN, each with or without a
//! qualifier.

use crate::account::ACCOUNT;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::{ApiError, ApiResult};
use crate::identity::call::Call;
use crate::protocol::Operation;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
}

impl Name {
    /// The same function with another qualifier, or none.
    pub(crate) fn with(&self, qualifier: Option<&str>) -> Name {
        Name {
            name: self.name.clone(),
            qualifier: qualifier.map(str::to_owned),
        }
    }
}

const PATTERN: &str = "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?\
                       (\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

pub(crate) fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}")
}

pub(crate) fn qualified(region: &str, name: &str, qualifier: Option<&str>) -> String {
    match qualifier {
        Some(qualifier) => format!("{}:{qualifier}", arn(region, name)),
        None => arn(region, name),
    }
}

/// The function that a request's path names, with the qualifier of the path or the query string.
pub(crate) fn of(call: &Call, operation: &Operation) -> ApiResult<Name> {
    read(
        &operation.route.resource,
        operation.parameter("Qualifier"),
        &call.region,
    )
}

/// Reads a FunctionName, which the `Qualifier` parameter must not contradict.
pub(crate) fn read(given: &str, qualifier: Option<&str>, region: &str) -> ApiResult<Name> {
    let invalid = || {
        refuse(
            "ValidationException",
            &[Broken::pattern(given, "functionName", PATTERN)],
        )
    };
    let (named_region, account, tail) = parts(given);
    let (name, own_qualifier) = match tail[..] {
        [name] => (name, None),
        [name, qualifier] => (name, Some(qualifier)),
        _ => return Err(invalid()),
    };
    let name_fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || given.len() > 170 || !name.chars().all(name_fits) {
        return Err(invalid());
    }
    if own_qualifier.is_some_and(|q| !is_qualifier(q)) {
        return Err(invalid());
    }
    if name.len() > 64 {
        return Err(refuse(
            "InvalidParameterValueException",
            &[Broken::longer(name, "functionName", 64)],
        ));
    }
    if let Some(other) = named_region.filter(|named| *named != region) {
        let text =
            format!("Functions from '{other}' are not reachable in this region ('{region}')");
        return Err(ApiError::new(404, "ResourceNotFoundException", text));
    }
    if account.is_some_and(|account| account != ACCOUNT) {
        let text = "The caller and the function must be in the same account";
        return Err(ApiError::new(403, "AccessDeniedException", text));
    }
    let qualifier = agreed_qualifier(own_qualifier, qualifier)?;
    Ok(Name {
        name: name.to_owned(),
        qualifier: qualifier.map(str::to_owned),
    })
}

/// The region, the account, and the parts that hold the name and its qualifier.
fn parts(given: &str) -> (Option<&str>, Option<&str>, Vec<&str>) {
    let parts: Vec<&str> = given.split(':').collect();
    match parts[..] {
        [
            "arn",
            _,
            "lambda",
            region,
            account,
            "function",
            ref tail @ ..,
        ] => (Some(region), Some(account), tail.to_vec()),
        [account, "function", ref tail @ ..] => (None, Some(account), tail.to_vec()),
        ["function", ref tail @ ..] => (None, None, tail.to_vec()),
        _ => (None, None, parts),
    }
}

/// The qualifier of the name or of the parameter, which must not differ.
fn agreed_qualifier<'a>(
    own: Option<&'a str>,
    parameter: Option<&'a str>,
) -> ApiResult<Option<&'a str>> {
    if let Some(qualifier) = parameter.filter(|q| !is_qualifier(q)) {
        let pattern = "(|[a-zA-Z0-9$_-]+)";
        return Err(refuse(
            "ValidationException",
            &[Broken::pattern(qualifier, "qualifier", pattern)],
        ));
    }
    match (own, parameter) {
        (Some(own), Some(parameter)) if own != parameter => Err(ApiError::new(
            400,
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )),
        (own, parameter) => Ok(parameter.or(own)),
    }
}

pub(crate) fn is_qualifier(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "$_-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(fits)
}

/// Whether an alias can have this name: no number, and none of the names that begin with `$`.
pub(crate) fn is_alias_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(fits) && !text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::prelude::proptest;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:RequestUnicorn";

    #[test]
    fn every_form_of_a_name_is_read() {
        let live = format!("{ARN}:live");
        for (given, qualifier, expected) in [
            ("RequestUnicorn", None, Ok(None)),
            ("RequestUnicorn:live", None, Ok(Some("live"))),
            ("RequestUnicorn", Some("3"), Ok(Some("3"))),
            ("123456789012:function:RequestUnicorn", None, Ok(None)),
            ("function:RequestUnicorn:$LATEST", None, Ok(Some("$LATEST"))),
            (ARN, Some("$LATEST"), Ok(Some("$LATEST"))),
            (&live, Some("live"), Ok(Some("live"))),
            (&live, Some("other"), Err("does not match")),
            ("a b", None, Err("regular expression pattern")),
            ("", None, Err("regular expression pattern")),
            ("a:b:c", None, Err("regular expression pattern")),
            (
                &ARN.replace("eu-west-1", "us-east-1"),
                None,
                Err("not reachable in this region"),
            ),
            (
                &ARN.replace("123456789012", "999999999999"),
                None,
                Err("same account"),
            ),
            (&"x".repeat(65), None, Err("less than or equal to 64")),
            ("RequestUnicorn", Some("a b"), Err("'qualifier'")),
        ] {
            match (read(given, qualifier, "eu-west-1"), expected) {
                (Ok(name), Ok(expected)) => {
                    assert_eq!(name.name, "RequestUnicorn");
                    assert_eq!(name.qualifier.as_deref(), expected, "{given}");
                }
                (Err(error), Err(part)) => {
                    assert!(error.message.contains(part), "{}", error.message);
                }
                (read, _) => panic!("{given}: {read:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_name_panics(given in "\\PC{0,200}") {
            let _ = read(&given, None, "eu-west-1");
        }
    }
}
