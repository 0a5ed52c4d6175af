//! docs/errors.md, read: what each row says, and whether a run said the same.

use std::sync::OnceLock;

use crate::artifact::workspace;
use crate::world::Run;

pub struct Row {
    pub id: String,
    /// Line by line, without the `error:` before it.
    text: String,
    hint: Option<String>,
    exit: i32,
}

pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let page = workspace().join("docs/errors.md");
        let page = std::fs::read_to_string(page).expect("docs/errors.md");
        page.lines().filter_map(row).collect()
    })
}

/// `| `id` | ``text`` | cause | ``hint`` | exit |`
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let ["", id, text, cause, hint, exit, ""] = cells[..] else {
        return None;
    };
    let id = id.strip_prefix('`')?.strip_suffix('`')?;
    assert!(!cause.is_empty(), "{id} has no cause");
    let text: Vec<String> = text.split("<br>").map(|line| code(id, line)).collect();
    Some(Row {
        id: id.to_owned(),
        text: text.join("\n"),
        hint: (hint != "—").then(|| code(id, hint)),
        exit: exit
            .parse()
            .unwrap_or_else(|_| panic!("the exit code of {id}")),
    })
}

/// Between double backticks, since what is told has single ones in it.
fn code(id: &str, cell: &str) -> String {
    let inner = cell.strip_prefix("``").and_then(|c| c.strip_suffix("``"));
    let inner = inner.unwrap_or_else(|| panic!("{id}: `{cell}` is no code"));
    inner.trim().to_owned()
}

impl Row {
    /// The commands in the hint, as they were printed.
    #[track_caller]
    pub fn is_told_by(&self, run: &Run) -> Vec<String> {
        let output = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, self.exit, "{}\n{output}", self.id);
        let told = told(&output);
        let text = told.iter().find(|told| fits(&self.text, &told.text));
        let text =
            text.unwrap_or_else(|| panic!("{}: `{}` is not in\n{output}", self.id, self.text));
        match (&self.hint, &text.hint) {
            (None, None) => Vec::new(),
            (Some(said), Some(hint)) if fits(said, hint) => commands(hint),
            (said, hint) => panic!("{}: the page says\n{said:?}, the run\n{hint:?}", self.id),
        }
    }
}

struct Told {
    text: String,
    hint: Option<String>,
}

/// Each `error:` with its causes and its hint, without indentation and color.
fn told(output: &str) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut is_open = false;
    for line in output.replace("\u{1b}[K", "").replace('\r', "").lines() {
        // What cargo says is indented.
        let prompts = ["[y/N] ", "to delete it: ", "to delete them: "];
        let answered = prompts.into_iter().fold(line, |line, prompt| {
            line.rsplit(prompt).next().unwrap_or(line)
        });
        let line = line.trim();
        if let Some(text) = answered.strip_prefix("error: ") {
            let text = text.to_owned();
            told.push(Told { text, hint: None });
            is_open = true;
        } else if let (Some(hint), Some(last)) = (line.strip_prefix("hint: "), told.last_mut()) {
            last.hint = Some(hint.to_owned());
            is_open = false;
        } else if let (true, Some(last)) = (is_open && !line.is_empty(), told.last_mut()) {
            last.text.push_str(&format!("\n{line}"));
        }
    }
    told
}

/// `<…>` on the page stands for anything.
pub fn fits(said: &str, told: &str) -> bool {
    // Where no flags are needed, no space is.
    let said = said.replace(" <stack>", "<stack>");
    let mut literals = Vec::new();
    let mut rest = said.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        literals.push(before);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    let Some((first, middle)) = literals.split_first() else {
        return said == told;
    };
    let Some(mut left) = told.strip_prefix(first) else {
        return false;
    };
    for literal in middle {
        match left.split_once(literal) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(rest)
}

fn commands(hint: &str) -> Vec<String> {
    let parts = hint.split('`').enumerate();
    let code = parts.filter(|(number, _)| number % 2 == 1);
    code.map(|(_, code)| code.to_owned()).collect()
}

pub fn a_placeholder_stands_for_anything_and_the_rest_for_itself() {
    for (said, told) in [
        ("nothing is live", "nothing is live"),
        (
            "the stage `<stage>` is malformed",
            "the stage `Prod!` is malformed",
        ),
        (
            "<what>: timed out after <n> s",
            "create x: y: timed out after 0 s",
        ),
        ("because: <why>", "because: a\nb"),
    ] {
        assert!(fits(said, told), "{said}");
    }
    for (said, told) in [
        ("nothing is live", "nothing is live now"),
        ("the stage `<stage>` is malformed", "the stage `x` is fine"),
        ("timed out after <n> s", "create x: timed out after 0 s"),
        ("after <n> s", "after 0 seconds"),
    ] {
        assert!(!fits(said, told), "{said}");
    }
}
