//! PartiQL: which table a statement is about, and which permission it needs.

use std::ops::Range;

use serde_json::{Map, Value};

/// What a statement does, and to which table or index.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// Such as `PartiQLSelect`.
    pub(crate) action: &'static str,
    pub(crate) table: String,
    pub(crate) index: Option<String>,
    /// Where the table stands in the statement, with its quotes.
    span: Range<usize>,
}

impl Target {
    /// The statement about another table.
    pub(crate) fn replaced(&self, statement: &str, table: &str) -> String {
        let (before, after) = (&statement[..self.span.start], &statement[self.span.end..]);
        format!("{before}\"{table}\"{after}")
    }
}

/// The statements in a request.
pub(crate) fn statements(members: &Map<String, Value>) -> Vec<&str> {
    let lists = ["Statements", "TransactStatements"];
    let many = lists
        .iter()
        .filter_map(|list| members.get(*list)?.as_array());
    let many = many
        .flatten()
        .filter_map(|one| one.get("Statement")?.as_str());
    let one = members.get("Statement").and_then(Value::as_str);
    one.into_iter().chain(many).collect()
}

/// `None` if the statement is malformed, which dynoxide reports.
pub(crate) fn target(statement: &str) -> Option<Target> {
    let words = words(statement);
    let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
    // `EXISTS(SELECT …)` is a condition of a transaction.
    let first = usize::from(is(0, "EXISTS"));
    let after = |keyword: &str| Some((first..words.len()).find(|at| is(*at, keyword))? + 1);
    let (action, at) = if is(first, "SELECT") {
        ("PartiQLSelect", after("FROM")?)
    } else if is(first, "INSERT") {
        ("PartiQLInsert", after("INTO")?)
    } else if is(first, "UPDATE") {
        ("PartiQLUpdate", first + 1)
    } else if is(first, "DELETE") {
        ("PartiQLDelete", after("FROM")?)
    } else {
        return None;
    };
    let index = match is(at + 1, ".") {
        true => Some(words.get(at + 2)?.text.clone()),
        false => None,
    };
    let table = words.get(at)?;
    Some(Target {
        action,
        table: table.text.clone(),
        index,
        span: table.span.clone(),
    })
}

/// A word of a statement, or a dot. What is quoted is no keyword.
struct Word {
    text: String,
    is_quoted: bool,
    span: Range<usize>,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

fn words(statement: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let start = statement.len() - rest.len();
        let after = &rest[first.len_utf8()..];
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let length = match first {
            '"' | '\'' => {
                let Some(length) = after.find(first) else {
                    return words;
                };
                words.push(Word {
                    text: after[..length].to_owned(),
                    is_quoted: true,
                    span: start..start + length + 2,
                });
                rest = &after[length + 1..];
                continue;
            }
            '.' => 1,
            first if is_part(first) => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
            _ => {
                rest = after;
                continue;
            }
        };
        words.push(Word {
            text: rest[..length].to_owned(),
            is_quoted: false,
            span: start..start + length,
        });
        rest = &rest[length..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn the_target_of_a_statement_is_found() {
        for (statement, expected) in [
            (
                "SELECT * FROM Rides",
                Some(("PartiQLSelect", "Rides", None)),
            ),
            (
                "select \"a.b\" from \"My.Rides\".\"by-user\" where x = 'FROM y'",
                Some(("PartiQLSelect", "My.Rides", Some("by-user"))),
            ),
            (
                "INSERT INTO Rides value {'RideId': 'a'}",
                Some(("PartiQLInsert", "Rides", None)),
            ),
            (
                "UPDATE \"Rides\" SET x=1 WHERE RideId='a'",
                Some(("PartiQLUpdate", "Rides", None)),
            ),
            (
                "DELETE FROM Rides WHERE RideId='a'",
                Some(("PartiQLDelete", "Rides", None)),
            ),
            (
                "EXISTS(SELECT * FROM Rides WHERE RideId='a')",
                Some(("PartiQLSelect", "Rides", None)),
            ),
            (
                "SELECT \"FROM\" FROM Rides",
                Some(("PartiQLSelect", "Rides", None)),
            ),
            ("DROP TABLE Rides", None),
            ("SELECT *", None),
            ("", None),
        ] {
            let found = target(statement);
            let found = found
                .as_ref()
                .map(|t| (t.action, t.table.as_str(), t.index.as_deref()));
            assert_eq!(found, expected, "{statement}");
        }
    }

    #[test]
    fn the_table_of_a_statement_is_replaced() {
        for (statement, expected) in [
            ("SELECT * FROM Rides", "SELECT * FROM \"Other\""),
            (
                "UPDATE \"Rides\" SET x='Rides ä'",
                "UPDATE \"Other\" SET x='Rides ä'",
            ),
            (
                "DELETE FROM 'ä'.x WHERE a = 1",
                "DELETE FROM \"Other\".x WHERE a = 1",
            ),
        ] {
            let target = target(statement).unwrap();
            assert_eq!(target.replaced(statement, "Other"), expected);
        }
    }
}
