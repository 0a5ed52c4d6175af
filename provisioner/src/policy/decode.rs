//! IAM's percent-encoding of policy documents (RFC 3986), undone exactly once.

use super::error::PolicyError;

/// The JSON text of a document as IAM returns it.
///
/// A document may itself contain `%3A`, so decoding twice would change its meaning. `+` is a plus, not a
/// space. Some endpoints send raw JSON: an encoded document cannot contain a bare `{`, so text that begins
/// with one is returned unchanged.
pub fn decode(text: &str) -> Result<String, PolicyError> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digit = |offset: usize| {
                bytes
                    .get(at + offset)
                    .and_then(|byte| char::from(*byte).to_digit(16))
            };
            let (Some(high), Some(low)) = (digit(1), digit(2)) else {
                return Err(PolicyError::BadEncoding { at });
            };
            // Two hexadecimal digits always fit a byte.
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_err(|error| PolicyError::BadEncoding {
        at: error.utf8_error().valid_up_to(),
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn documents_are_decoded_once_and_raw_json_is_left_alone() {
        for (text, expected) in [
            ("%7B%22a%22%3A%22b%2Bc%22%7D", r#"{"a":"b+c"}"#),
            ("%7b%22a%22%3a%22%2a%22%7d", r#"{"a":"*"}"#),
            // Decoded twice, this would be `{"a":":"}`.
            ("%7B%22a%22%3A%22%253A%22%7D", r#"{"a":"%3A"}"#),
            ("%7B%22a%22%3A%22b+c%22%7D", r#"{"a":"b+c"}"#),
            ("%0A%7B%7D%0A", "\n{}\n"),
            ("%C3%A9", "é"),
            (r#"{"a":"%3A"}"#, r#"{"a":"%3A"}"#),
            (" \n{\"a\":\"100%\"}", " \n{\"a\":\"100%\"}"),
            ("", ""),
        ] {
            assert_eq!(decode(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn broken_encoding_is_an_error_that_names_the_place() {
        for (text, place) in [("%7B%2", "byte 3"), ("%7B%zz", "byte 3"), ("%FF", "byte 0")] {
            let error = decode(text).unwrap_err().to_string();
            assert!(error.ends_with(place), "{text}: {error}");
        }
    }
}
