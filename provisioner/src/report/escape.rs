//! Control characters in the texts of others. Names of riders, log lines, tags and AWS's errors may
//! contain sequences that move the cursor, rename the window or reverse the text.

use std::borrow::Cow;

/// The text as a terminal can show it. Line breaks, tabs and the sequences that set colors stay.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match color(rest) {
            Some(length) => {
                shown.push_str(&rest[..length]);
                length
            }
            None => {
                push(&mut shown, character, matches!(character, '\n' | '\t'));
                character.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Cow::Owned(shown)
}

/// A value of others within a line: nothing in it but characters to see.
pub fn value(text: &str) -> Cow<'_, str> {
    lines(text, |_| false)
}

/// Lines of others, without colors of their own.
pub fn foreign(text: &str) -> Cow<'_, str> {
    lines(text, |character| matches!(character, '\n' | '\t'))
}

/// A JSON document without the control characters that JSON allows: they are within strings only.
pub fn json(document: String) -> String {
    let is_raw = |c: char| c != '\n' && is_control(c);
    if !document.contains(is_raw) {
        return document;
    }
    let mut shown = String::with_capacity(document.len());
    for character in document.chars() {
        if is_raw(character) {
            shown.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

fn lines(text: &str, stays: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push(&mut shown, character, stays(character));
    }
    Cow::Owned(shown)
}

fn push(shown: &mut String, character: char, stays: bool) {
    if stays || !is_control(character) {
        shown.push(character);
    } else {
        shown.extend(character.escape_default());
    }
}

/// Control characters, and those that change the direction of the text after them.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the sequence at the start of the text that sets colors: `ESC [ 1 ; 31 m`.
fn color(text: &str) -> Option<usize> {
    let codes = text.strip_prefix("\u{1b}[")?;
    let end = codes.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    codes[end..].starts_with('m').then_some(2 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::{escaped, foreign, json, value};

    #[test]
    fn only_breaks_tabs_and_colors_reach_the_terminal() {
        let check = |text: &str, expected| assert_eq!(escaped(text), expected, "{text:?}");
        check("a\n\tb é 🦄", "a\n\tb é 🦄");
        check("\u{1b}[1;31mx\u{1b}[0m", "\u{1b}[1;31mx\u{1b}[0m");
        check("\u{1b}[2Ax", "\\u{1b}[2Ax");
        check("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}");
        check("\u{1b}[1", "\\u{1b}[1");
        check("a\rb\u{9b}2J\u{7f}", "a\\rb\\u{9b}2J\\u{7f}");
        check("\u{202e}abc", "\\u{202e}abc");
    }

    #[test]
    fn values_have_no_breaks_and_no_colors() {
        assert_eq!(value("a\nb\u{1b}[31m\t"), "a\\nb\\u{1b}[31m\\t");
        assert_eq!(foreign("a\nb\u{1b}[31m\t"), "a\nb\\u{1b}[31m\t");
    }

    #[test]
    fn json_stays_json() {
        let hostile = "\u{1b}[2A \u{9b}2J \u{202e} \u{7f} é";
        let document = json(format!("{:#}\n", serde_json::json!({"user": hostile})));
        assert!(!document.chars().any(|c| c != '\n' && super::is_control(c)));
        let parsed: serde_json::Value = serde_json::from_str(&document).expect("JSON");
        assert_eq!(parsed["user"], hostile);
    }
}
