//! Where things stand in the text of a policy: the parser tells the line of a syntax error only.

/// The text of each statement with the number of its first line, from 1.
pub fn statements(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    let mut is_string = false;
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            '{' if !is_string => {
                depth += 1;
                // Only statements are objects within the document.
                if depth == 2 {
                    start = at;
                }
            }
            '}' if !is_string => {
                if depth == 2 {
                    let line = text[..start].matches('\n').count() + 1;
                    found.push((line, &text[start..=at]));
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    found
}

/// The line of a string within a text that begins in this line, or else the first line.
pub fn line_of(string: &str, (first, text): (usize, &str)) -> usize {
    let quoted = serde_json::Value::from(string).to_string();
    let at = text.find(&quoted).unwrap_or(0);
    first + text[..at].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::{line_of, statements};

    #[test]
    fn strings_are_found_in_their_statement() {
        let text = "{\n \"Statement\": [\n  {\"Sid\": \"}{\\\"\"},\n  {\n   \"Effect\": \"Alow\",\n   \"Condition\": {}\n  }\n ]\n}";
        let found = statements(text);
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4]);
        assert_eq!(line_of("Alow", found[1]), 5);
        assert_eq!(line_of("Condition", found[1]), 6);
        assert_eq!(line_of("missing", found[1]), 4);
        assert!(statements("").is_empty());
    }
}
