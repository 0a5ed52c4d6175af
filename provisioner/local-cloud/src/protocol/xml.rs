//! The XML of the awsQuery protocol's answers.

use serde_json::Value;

/// `<{action}Response><{action}Result>…</…><ResponseMetadata>…`, as IAM and STS answer.
pub(crate) fn answer(action: &str, namespace: &str, members: &Value, request_id: &str) -> String {
    let mut out = format!("<{action}Response xmlns=\"{namespace}\">");
    // An operation without an answer has no result element; one whose answer has no members has an empty
    // one, without which boto3 cannot read the response.
    if !members.is_null() {
        element(&mut out, &format!("{action}Result"), members);
    }
    out.push_str("<ResponseMetadata><RequestId>");
    out.push_str(request_id);
    out.push_str("</RequestId></ResponseMetadata>");
    out.push_str(&format!("</{action}Response>"));
    out
}

/// `<ErrorResponse>`, of type `Sender` for an error of the caller and `Receiver` for one of the service.
pub(crate) fn error(
    status: u16,
    code: &str,
    message: &str,
    namespace: &str,
    request_id: &str,
) -> String {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let mut out = format!("<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>");
    escape(&mut out, code);
    out.push_str("</Code><Message>");
    escape(&mut out, message);
    out.push_str("</Message></Error><RequestId>");
    out.push_str(request_id);
    out.push_str("</RequestId></ErrorResponse>");
    out
}

fn element(out: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    out.push('<');
    out.push_str(name);
    out.push('>');
    match value {
        Value::Null => {}
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => escape(out, text),
        Value::Array(items) => {
            for item in items {
                element(out, "member", item);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    // The entries of a map are not in a list of their own.
                    Value::Array(entries) if name == "entry" => {
                        entries.iter().for_each(|entry| element(out, name, entry));
                    }
                    member => element(out, name, member),
                }
            }
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' | '\t' => out.push(c),
            // XML does not allow control characters, not even escaped.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{answer, error};
    use serde_json::json;

    #[test]
    fn members_become_elements() {
        let members =
            json!({"Role": {"RoleName": "a<b", "Tags": [{"Key": "k"}], "N": 1, "None": null}});
        assert_eq!(
            answer("GetRole", "urn:x", &members, "id"),
            "<GetRoleResponse xmlns=\"urn:x\"><GetRoleResult><Role><RoleName>a&lt;b</RoleName>\
             <Tags><member><Key>k</Key></member></Tags><N>1</N></Role></GetRoleResult>\
             <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetRoleResponse>"
        );
        let map = json!({"Map": {"entry": [{"key": "a", "value": 1}, {"key": "b", "value": 2}]}});
        let entry = |key, value| format!("<entry><key>{key}</key><value>{value}</value></entry>");
        let entries = format!("<Map>{}{}</Map>", entry("a", 1), entry("b", 2));
        assert!(answer("GetMap", "urn:x", &map, "id").contains(&entries));
        assert!(!answer("DeleteRole", "urn:x", &json!(null), "id").contains("Result>"));
        let empty = answer("UpdateRole", "urn:x", &json!({}), "id");
        assert!(
            empty.contains("<UpdateRoleResult></UpdateRoleResult>"),
            "{empty}"
        );
    }

    #[test]
    fn an_error_has_the_type_of_its_status() {
        assert!(error(404, "NoSuchEntity", "a & b", "n", "i").contains("<Type>Sender</Type>"));
        assert!(error(500, "X", "\u{1}", "n", "i").contains("<Type>Receiver</Type>"));
    }
}
