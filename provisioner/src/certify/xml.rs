//! The members of an XML document of IAM and STS, each with its path and its reduced value.

use super::json::Values;
use super::names::Names;

/// Attributes and namespaces are left out; `member`, the element of a list, becomes `[]`.
pub fn members(body: &[u8], names: &Names, values: Values) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let mut path: Vec<&str> = Vec::new();
    let mut members = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').unwrap_or((piece, ""));
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            path.pop();
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if tag.ends_with('/') {
            continue;
        }
        path.push(name);
        let is_value = !content.trim().is_empty() || is_empty_element(piece, &text);
        if is_value {
            let value = match values {
                Values::Kept => names.reduce(&unescaped(content)),
                Values::Dropped => "<text>".to_owned(),
            };
            members.push((joined(&path), value));
        }
    }
    members
}

/// `<Path></Path>` is an empty value; `<Tags>` before `<member>` is none.
fn is_empty_element(piece: &str, text: &str) -> bool {
    let at = piece.as_ptr() as usize - text.as_ptr() as usize + piece.len();
    piece.ends_with('>') && text[at..].starts_with("</")
}

fn joined(path: &[&str]) -> String {
    let mut joined = String::new();
    // The outermost element is `…Response`, which every answer has.
    for name in path.iter().skip(1) {
        if *name == "member" {
            joined.push_str("[]");
        } else {
            if !joined.is_empty() {
                joined.push('.');
            }
            joined.push_str(name);
        }
    }
    joined
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::members;
    use crate::certify::json::Values;
    use crate::certify::names::Names;

    #[test]
    fn elements_become_paths() {
        let body = r#"<?xml version="1.0"?><GetRoleResponse xmlns="https://iam">
            <GetRoleResult><Role><Path>/</Path><Description></Description>
            <Tags><member><Key>a</Key><Value>1 &lt; 2</Value></member></Tags><Empty/></Role></GetRoleResult>
            </GetRoleResponse>"#;
        let found = members(body.as_bytes(), &Names::default(), Values::Kept);
        let found: Vec<String> = found.iter().map(|(at, is)| format!("{at}={is}")).collect();
        assert_eq!(
            found,
            [
                "GetRoleResult.Role.Path=/",
                "GetRoleResult.Role.Description=",
                "GetRoleResult.Role.Tags[].Key=a",
                "GetRoleResult.Role.Tags[].Value=1 < 2",
            ]
        );
    }
}
