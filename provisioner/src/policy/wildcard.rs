//! The wildcards of actions and ARNs: `*` is any run of characters, colons included, and `?` is one.

/// Whether a text fits the pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    matched(pattern, text, |_| true)
}

/// Whether every text that fits the narrow pattern also fits the wide one. May be false although it does.
pub fn covers(wide: &str, narrow: &str) -> bool {
    // Of the narrow pattern a `*` stands for many characters, so that only a `*` of the wide one matches it.
    matched(wide, narrow, |c| c != '*')
}

/// Whether the text fits the pattern, of which `?` stands only for characters that `one` accepts.
fn matched(pattern: &str, text: &str, one: fn(char) -> bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stands and how much of the text it has matched so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if (*c == '?' && one(text[t])) || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    t = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::{covers, matches};

    #[test]
    fn wildcards_match_as_iam_says() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("a*b*c", "aXbXbXc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("abc", "ab", false),
            ("ab", "abc", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_covers_those_that_fit_it_whatever_their_wildcards_stand_for() {
        for (wide, narrow, expected) in [
            ("*", "*", true),
            ("*", "dynamodb:*", true),
            ("dynamodb:*", "dynamodb:Put*", true),
            ("dynamodb:Put*", "dynamodb:PutItem", true),
            ("dynamodb:Put*", "dynamodb:*", false),
            ("dynamodb:PutItem", "dynamodb:*", false),
            ("a?", "a*", false),
            ("a?", "a?", true),
            ("a*", "a?", true),
            ("a*c", "a*b*c", true),
            ("table/Rides", "table/Rides-dev", false),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }
}
