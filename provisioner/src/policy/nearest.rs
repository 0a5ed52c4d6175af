//! The known word that a mistyped one was meant to be.

use strsim::damerau_levenshtein;

/// The nearest of the words, if it is near enough for a typing error: two letters at most, and less than half
/// of the word.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let distances = known.map(|known| {
        (
            damerau_levenshtein(&word, &known.to_ascii_lowercase()),
            known,
        )
    });
    let nearest = distances.min_by_key(|(distance, _)| *distance);
    let limit = 2.min(word.chars().count().saturating_sub(1) / 2);
    nearest
        .filter(|(distance, _)| *distance <= limit)
        .map(|(_, known)| known)
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
}
