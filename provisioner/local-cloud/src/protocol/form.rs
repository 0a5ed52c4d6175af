//! The request form of the awsQuery protocol, whose dotted names stand for nested members.

use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::encode::form_decode;

/// More fields than any request of IAM or STS has.
const MAX_FIELDS: usize = 4096;
/// More levels than the deepest member has: `ContextEntries.member.1.ContextKeyValues.member.1`.
const MAX_DEPTH: usize = 12;

/// Reads `Tags.member.1.Key=a&Tags.member.1.Value=b` as `{"Tags":[{"Key":"a","Value":"b"}]}`.
pub(crate) fn read(body: &[u8]) -> ApiResult<Map<String, Value>> {
    let Ok(body) = std::str::from_utf8(body) else {
        return Err(malformed());
    };
    let mut root = Node::default();
    for (count, pair) in body.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = form_decode(name);
        let path: Vec<&str> = name.split('.').collect();
        if count >= MAX_FIELDS || path.len() > MAX_DEPTH || path.iter().any(|part| part.is_empty())
        {
            return Err(malformed());
        }
        root.put(&path, form_decode(value));
    }
    match root.into_value() {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

fn malformed() -> ApiError {
    ApiError::new(
        400,
        "MalformedQueryString",
        "The query string contains a syntax error",
    )
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    children: Vec<(String, Node)>,
}

impl Node {
    fn put(&mut self, path: &[&str], value: String) {
        let Some((first, rest)) = path.split_first() else {
            self.text = Some(value);
            return;
        };
        let at = match self.children.iter().position(|(name, _)| name == first) {
            Some(at) => at,
            None => {
                self.children.push(((*first).to_owned(), Node::default()));
                self.children.len() - 1
            }
        };
        self.children[at].1.put(rest, value);
    }

    fn into_value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.unwrap_or_default());
        }
        let is_list = self.children.len() == 1
            && self.children[0].0 == "member"
            && !self.children[0].1.children.is_empty()
            && self.children[0]
                .1
                .children
                .iter()
                .all(|(name, _)| name.parse::<u32>().is_ok());
        if is_list {
            let mut items: Vec<(u32, Value)> = Vec::new();
            for (_, list) in self.children {
                for (name, item) in list.children {
                    items.push((name.parse().unwrap_or(u32::MAX), item.into_value()));
                }
            }
            items.sort_by_key(|(index, _)| *index);
            return Value::Array(items.into_iter().map(|(_, item)| item).collect());
        }
        let members = self
            .children
            .into_iter()
            .map(|(name, node)| (name, node.into_value()));
        Value::Object(members.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::prelude::{any, proptest};
    use serde_json::json;

    #[test]
    fn dotted_names_become_nested_members() {
        for (form, expected) in [
            ("", json!({})),
            (
                "Action=GetRole&RoleName=a%2Bb+c",
                json!({"Action": "GetRole", "RoleName": "a+b c"}),
            ),
            (
                "Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=1",
                json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b"}]}),
            ),
            (
                "TagKeys.member.1=x&TagKeys.member.2=y",
                json!({"TagKeys": ["x", "y"]}),
            ),
            ("Tags=", json!({"Tags": ""})),
            (
                "PolicyDocument=%7B%22a%22%3A%22%253A%22%7D",
                json!({"PolicyDocument": "{\"a\":\"%3A\"}"}),
            ),
        ] {
            assert_eq!(json!(read(form.as_bytes()).unwrap()), expected, "{form}");
        }
    }

    #[test]
    fn a_malformed_form_is_refused() {
        for form in [
            &b"a..b=1"[..],
            b"\xff=1",
            b".=1",
            "a.b.c.d.e.f.g.h.i.j.k.l.m=1".as_bytes(),
        ] {
            assert!(read(form).is_err());
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_form_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&body);
        }
    }
}
