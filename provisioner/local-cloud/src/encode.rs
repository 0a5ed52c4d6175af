//! Hex, base64, SHA-256 and percent-encoding as AWS uses them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn base64_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn from_base64_url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// RFC 3986 percent-encoding of everything but letters, digits and `-_.~`.
pub(crate) fn percent(text: &str) -> String {
    percent_but(text.as_bytes(), |_| false)
}

/// The same without `/`, for a path.
pub(crate) fn percent_path(text: &str) -> String {
    percent_but(text.as_bytes(), |b| b == b'/')
}

fn percent_but(bytes: &[u8], keep: impl Fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(bytes.len());
    for &b in bytes {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') || keep(b) {
            out.push(char::from(b));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(b >> 4)]));
            out.push(char::from(DIGITS[usize::from(b & 15)]));
        }
    }
    out
}

/// Decodes percent-encoding once. A stray `%` stays; bytes that are not UTF-8 are replaced.
pub(crate) fn percent_decode(text: &str) -> String {
    decode(text, false)
}

/// The same for a form, in which `+` is a space.
pub(crate) fn form_decode(text: &str) -> String {
    decode(text, true)
}

fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => match (
                bytes.get(at + 1).and_then(digit),
                bytes.get(at + 2).and_then(digit),
            ) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 3;
                    continue;
                }
                _ => out.push(b'%'),
            },
            b'+' if plus_is_space => out.push(b' '),
            other => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn digit(byte: &u8) -> Option<u8> {
    char::from(*byte)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::{form_decode, hex, percent, percent_decode, percent_path};

    #[test]
    fn percent_encoding_is_rfc_3986() {
        for (plain, encoded) in [
            ("a-Z_0.~", "a-Z_0.~"),
            ("{\"a\": 1}", "%7B%22a%22%3A%201%7D"),
            ("a+b/c", "a%2Bb%2Fc"),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(percent(plain), encoded);
            assert_eq!(percent_decode(encoded), plain);
        }
        assert_eq!(percent_path("/a b/%3A"), "/a%20b/%253A");
    }

    #[test]
    fn a_stray_percent_sign_stays() {
        for text in ["%", "%4", "%zz", "100%"] {
            assert_eq!(percent_decode(text), text);
        }
        assert_eq!(form_decode("a+b%2Bc"), "a b+c");
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
