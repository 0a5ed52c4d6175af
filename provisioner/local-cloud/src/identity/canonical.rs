//! The canonical form of a request: the text that its signature covers.

use hyper::HeaderMap;

use crate::encode::{form_decode, hex, percent, percent_path, sha256};

/// The parts of a request that a signature covers, as they were received.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// The canonical request over these headers. `None` if one of the headers is absent. In a presigned
/// address the signature itself is a query parameter, which the signature does not cover.
pub(crate) fn canonical_request(
    request: &Signed<'_>,
    signed_headers: &[String],
    is_presigned: bool,
) -> Option<String> {
    let mut query: Vec<(String, String)> = pairs(request.query)
        .filter(|(name, _)| !is_presigned || name != "X-Amz-Signature")
        .map(|(name, value)| (percent(&name), percent(&value)))
        .collect();
    query.sort();
    let query: Vec<String> = query.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let mut headers = String::new();
    for name in signed_headers {
        let values: Vec<String> = request
            .headers
            .get_all(name)
            .iter()
            .map(|value| collapse_spaces(&String::from_utf8_lossy(value.as_bytes())))
            .collect();
        if values.is_empty() {
            return None;
        }
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    // Computed here: the hash that the request claims for its body proves nothing.
    let body_hash = hex(&sha256(request.body));
    Some(
        [
            request.method,
            &canonical_path(request.path),
            &query.join("&"),
            &headers,
            &signed_headers.join(";"),
            &body_hash,
        ]
        .join("\n"),
    )
}

/// The path without dot segments and doubled slashes, percent-encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut normal = format!("/{}", segments.join("/"));
    if path.ends_with('/') && !segments.is_empty() {
        normal.push('/');
    }
    percent_path(&normal)
}

/// The parameters of a query string, decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(name), form_decode(value))
        })
}

/// Trims a header's value and reduces several spaces to one, as the canonical form requires.
fn collapse_spaces(value: &str) -> String {
    value
        .split(' ')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::canonical_path;

    #[test]
    fn a_path_is_encoded_once_more() {
        for (path, canonical) in [
            ("/", "/"),
            ("", "/"),
            ("/2017-03-31/tags/arn%3Aaws", "/2017-03-31/tags/arn%253Aaws"),
            ("/a/../b/./c//d/", "/b/c/d/"),
            ("/2017-03-31/tags/arn:aws", "/2017-03-31/tags/arn%3Aaws"),
        ] {
            assert_eq!(canonical_path(path), canonical);
        }
    }
}
