//! The known word that a mistyped one was meant to be.

use strsim::damerau_levenshtein;

/// The nearest of the words, if it is near enough for a typing error: two letters at most, and less than half
/// of the word. Otherwise the only one that begins with the word, or with which it begins.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let limit = 2.min(word.chars().count().saturating_sub(1) / 2);
    let known: Vec<(String, &str)> = known
        .map(|known| (known.to_ascii_lowercase(), known))
        .collect();
    let distances = known
        .iter()
        .map(|(lowercase, known)| (damerau_levenshtein(&word, lowercase), *known));
    let nearest = distances.min_by_key(|(distance, _)| *distance);
    match nearest.filter(|(distance, _)| *distance <= limit) {
        Some((_, known)) => Some(known),
        None => only_beginning(&word, &known),
    }
}

/// `retention` for `retention-days`, `memory-size` for `memory`.
fn only_beginning<'a>(word: &str, known: &[(String, &'a str)]) -> Option<&'a str> {
    let is_beginning = |short: &str, long: &str| short.len() >= 3 && long.starts_with(short);
    let mut fitting = known
        .iter()
        .filter(|(known, _)| is_beginning(word, known) || is_beginning(known, word));
    let first = fitting.next().map(|(_, known)| *known);
    first.filter(|_| fitting.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_error_has_the_word_that_was_meant() {
        let known = ["PutItem", "GetItem", "Scan", "Allow", "Deny"];
        for (word, expected) in [
            ("PutItm", Some("PutItem")),
            ("putitem", Some("PutItem")),
            ("Alow", Some("Allow")),
            ("PtItm", Some("PutItem")),
            ("Allwo", Some("Allow")),
            ("Query", None),
            ("D", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn a_word_that_is_cut_off_or_too_long_has_the_only_one_that_fits() {
        let known = ["memory", "retention-days", "environment", "tags", "tagged"];
        for (word, expected) in [
            ("retention", Some("retention-days")),
            ("memory-size", Some("memory")),
            ("env", Some("environment")),
            ("tag", Some("tags")),
            ("ta", None),
            ("memoryretention", Some("memory")),
        ] {
            assert_eq!(nearest(word, known.into_iter()), expected, "{word}");
        }
        assert_eq!(
            nearest("pro", ["prod", "product"].into_iter()),
            Some("prod")
        );
        assert_eq!(
            nearest("prod-e", ["prod-eu-west", "prod-eu-south"].into_iter()),
            None
        );
    }
}
