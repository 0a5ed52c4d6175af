//! The index: the resources of the stack, listed in a tag of each of them. Without a state file it alone tells of a
//! resource that has left the declaration, or is declared under another name. Pure.

use super::attribute::{Name, TAG};
use super::observed::{Facts, Index, ResourceId};

/// The key of the tag. What is too long for one value continues in `provision:resources-2`, and so on.
const KEY: &str = "provision:resources";

/// AWS's limit for the value of a tag, in characters.
const LONGEST: usize = 256;

/// Stands for a comma, which names of roles may contain, and values of tags may not.
const COMMA: &str = ":";

/// The kind of what this program has no kind for. The name is the word in the index.
const UNKNOWN: &str = "resource";

impl Index {
    /// The tags, as keys and values. `facts` are those of the resource that gets them, if it exists: a tag that is no
    /// longer needed gets an empty value.
    pub fn tags(&self, facts: Option<&Facts>) -> Vec<(String, String)> {
        let undeclared = self.undeclared.iter().map(|one| &one.id);
        let mut words: Vec<String> = self.declared.iter().chain(undeclared).map(word).collect();
        if words.is_empty() {
            return Vec::new();
        }
        words.sort_unstable();
        let mut values = pieces(&words.join(" "));
        let existing = facts.map_or(0, |facts| values_of(facts).count());
        values.resize(values.len().max(existing), String::new());
        keys().zip(values).collect()
    }
}

/// Whether an attribute is one of these tags.
pub fn is_index(name: &Name) -> bool {
    name.key_in(TAG).is_some_and(|key| key.starts_with(KEY))
}

/// The words in these tags of a resource, such as `table/Rides`.
pub fn words(facts: &Facts) -> Vec<String> {
    let text: String = values_of(facts).collect();
    let words = text.split(' ').filter(|word| word.contains('/'));
    words.map(str::to_owned).collect()
}

fn word(id: &ResourceId) -> String {
    match id.kind {
        UNKNOWN => id.name.clone(),
        _ => format!("{}/{}", id.key(), id.name.replace(',', COMMA)),
    }
}

/// The kind and the name.
pub fn parse(word: &str) -> (String, String) {
    let (kind, name) = word.split_once('/').unwrap_or_default();
    (kind.replace('-', " "), name.replace(COMMA, ","))
}

pub fn of_unknown_kind(word: &str) -> ResourceId {
    ResourceId::new(UNKNOWN, word)
}

fn keys() -> impl Iterator<Item = String> {
    let further = (2..).map(|number| format!("{KEY}-{number}"));
    std::iter::once(KEY.to_owned()).chain(further)
}

fn values_of(facts: &Facts) -> impl Iterator<Item = &str> {
    keys().map_while(|key| facts.value(&Name::entry(TAG, key)))
}

/// The text in pieces that fit into a tag. None begins or ends with a space, which a service might remove.
fn pieces(text: &str) -> Vec<String> {
    let mut rest: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    while rest.len() > LONGEST {
        let is_in_word = |at: &usize| rest[at - 1] != ' ' && rest[*at] != ' ';
        let at = (1..=LONGEST).rev().find(is_in_word).unwrap_or(LONGEST);
        let further = rest.split_off(at);
        pieces.push(rest.into_iter().collect());
        rest = further;
    }
    pieces.push(rest.into_iter().collect());
    pieces
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, parse, words};
    use crate::engine::attribute::{Name, TAG};
    use crate::engine::observed::{Facts, Found, Index, ResourceId, Undeclared};

    fn index(declared: &[(&'static str, &str)], undeclared: &[&str]) -> Index {
        let declared = declared.iter();
        let undeclared = undeclared.iter().map(|name| Undeclared {
            id: ResourceId::new("table", *name),
            found: Found::Unreadable(String::new()),
        });
        Index {
            declared: declared
                .map(|(kind, name)| ResourceId::new(kind, *name))
                .collect(),
            undeclared: undeclared.collect(),
            absent: Vec::new(),
        }
    }

    fn facts(tags: &[(String, String)]) -> Facts {
        let mut facts = Facts::default();
        for (key, value) in tags {
            facts.is(Name::entry(TAG, key.clone()), value);
        }
        facts
    }

    #[test]
    fn the_tag_lists_what_is_declared_and_what_still_exists() {
        let group = ("log group", "/aws/lambda/F");
        let tags = index(&[("table", "Trips"), group], &["Rides"]).tags(None);
        let value = "log-group//aws/lambda/F table/Rides table/Trips";
        let expected = ("provision:resources".to_owned(), value.to_owned());
        assert_eq!(tags, [expected]);
        // Renamed back: nothing is to be written.
        assert_eq!(
            index(&[group, ("table", "Rides")], &["Trips"]).tags(None),
            tags
        );
        assert!(index(&[], &[]).tags(None).is_empty());
    }

    #[test]
    fn a_word_is_read_as_it_was_written() {
        for (kind, name) in [("log group", "/aws/lambda/F"), ("role", "a,b=@+.")] {
            let tags = index(&[(kind, name)], &[]).tags(None);
            let words = words(&facts(&tags));
            assert_eq!(parse(&words[0]), (kind.to_owned(), name.to_owned()));
        }
    }

    #[test]
    fn what_is_too_long_for_a_tag_continues_in_further_ones() {
        // Each length moves the spaces to another place at the end of a tag.
        for length in 3..=255 {
            let names = ['a', 'b', 'c'].map(|letter| letter.to_string().repeat(length));
            let undeclared: Vec<&str> = names.iter().map(String::as_str).collect();
            let tags = index(&[("table", "x")], &undeclared).tags(None);
            for (key, value) in &tags {
                assert!((1..=LONGEST).contains(&value.len()), "{key} {length}");
                assert_eq!(value.trim(), value, "{key} {length}");
            }
            let expected = names.iter().map(|name| format!("table/{name}"));
            let expected: Vec<String> = expected.chain(["table/x".to_owned()]).collect();
            assert_eq!(words(&facts(&tags)), expected, "{length}");
        }
    }

    #[test]
    fn a_tag_that_is_no_longer_needed_is_emptied() {
        let name = "a".repeat(255);
        let long = index(&[("table", "x")], &[&name]);
        let before = facts(&long.tags(None));
        let short = index(&[("table", "x")], &[]);
        let [first, second] = &short.tags(Some(&before))[..] else {
            panic!("two tags");
        };
        assert_eq!(first.1, "table/x");
        assert_eq!(
            (second.0.as_str(), second.1.as_str()),
            ("provision:resources-2", "")
        );
        assert_eq!(words(&facts(&[first.clone(), second.clone()])), ["table/x"]);
    }

    #[test]
    fn only_words_of_kind_and_name_count() {
        let tag = |value: &str| facts(&[("provision:resources".to_owned(), value.to_owned())]);
        assert_eq!(words(&tag("x  table/A ")), ["table/A"]);
        assert!(words(&tag("")).is_empty());
    }
}
