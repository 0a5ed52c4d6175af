//! Names and ARNs of tables, as callers send them and as dynoxide returns them.

use serde_json::Value;

use crate::account::ACCOUNT;

/// The beginning of every ARN that dynoxide returns.
const FOREIGN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

pub(crate) fn of_table(region: &str, name: &str) -> String {
    format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}")
}

/// The table's name, from a name or from an ARN of the table or of a part of it.
pub(crate) fn name_of(name_or_arn: &str) -> &str {
    match name_or_arn
        .strip_prefix("arn:")
        .and_then(|arn| arn.split_once(":table/"))
    {
        Some((_, tail)) => tail.split('/').next().unwrap_or(tail),
        None => name_or_arn,
    }
}

/// Sets region and account in every `…Arn` member of a table's description. Never called on items.
pub(crate) fn rewrite(value: &mut Value, region: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name.ends_with("Arn") => {
                        if let Some(tail) = text.strip_prefix(FOREIGN) {
                            *text = format!("arn:aws:dynamodb:{region}:{ACCOUNT}:{tail}");
                        }
                    }
                    other => rewrite(other, region),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, region)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{name_of, rewrite};
    use serde_json::json;

    #[test]
    fn a_name_is_read_from_an_arn() {
        for (given, name) in [
            ("Rides", "Rides"),
            (
                "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides",
                "Rides",
            ),
            (
                "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides/index/x",
                "Rides",
            ),
            ("arn:aws:s3:::x", "arn:aws:s3:::x"),
        ] {
            assert_eq!(name_of(given), name);
        }
    }

    #[test]
    fn only_arns_are_rewritten() {
        let foreign = "arn:aws:dynamodb:dynoxide:000000000000:table/Rides";
        let mut table =
            json!({"TableArn": foreign, "Indexes": [{"IndexArn": foreign}], "Note": foreign});
        rewrite(&mut table, "eu-west-1");
        let own = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
        assert_eq!(
            table,
            json!({"TableArn": own, "Indexes": [{"IndexArn": own}], "Note": foreign})
        );
    }
}
