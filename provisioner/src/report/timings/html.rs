//! Text and times in HTML.

use std::time::Duration;

use crate::report::escape;

/// A text of AWS, a file or a user, for an element or an attribute in double quotes: nothing in it is markup, and no
/// control character changes what is around it.
pub fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in escape::value(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

/// `12 ms`, `1.2 s`, `34 s`, `2 min 5 s`.
pub fn time(time: Duration) -> String {
    let milliseconds = time.as_millis();
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..9_950 => format!("{:.1} s", time.as_secs_f64()),
        9_950..59_500 => format!("{:.0} s", time.as_secs_f64()),
        _ => {
            let seconds = (milliseconds + 500) / 1_000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{text, time};

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            text("<script>alert('1')</script> & \"x\"\u{1b}[2J\u{202e}\n"),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;\\u{1b}[2J\\u{202e}\\n"
        );
    }

    #[test]
    fn a_time_has_the_digits_that_matter() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_249, "1.2 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (59_499, "59 s"),
            (59_500, "1 min 0 s"),
            (125_400, "2 min 5 s"),
        ] {
            assert_eq!(time(Duration::from_millis(milliseconds)), expected);
        }
    }
}
