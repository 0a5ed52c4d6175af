//! One line of a plan before it is laid out.

use crate::report::escape::value;

/// A line: its sign, its text in pieces between which it may be broken, and a remark to its right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub indent: usize,
    pub sign: Sign,
    pub pieces: Vec<String>,
    pub remark: Option<Remark>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    Aside(String),
    Warning(&'static str),
}

impl Remark {
    pub fn text(&self) -> &str {
        match self {
            Remark::Aside(text) => text,
            Remark::Warning(text) => text,
        }
    }
}

/// What happens to the thing that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    None,
    Create,
    Change,
    Replace,
    Delete,
    Keep,
    Blocked,
}

/// The indentation of what belongs to a resource, and of what belongs to one of its attributes.
pub const ATTRIBUTE: usize = 4;
pub const PART: usize = 6;

impl Line {
    /// A line that may be broken at every space. Values of others in it are shown without control characters.
    pub fn new(indent: usize, sign: Sign, text: &str) -> Line {
        let text = value(text);
        let pieces = text.split(' ').map(str::to_owned).collect();
        Line::of_pieces(indent, sign, pieces)
    }

    /// A line that is broken within a piece only if the piece does not fit.
    pub fn of_pieces(indent: usize, sign: Sign, pieces: Vec<String>) -> Line {
        Line {
            indent,
            sign,
            pieces,
            remark: None,
        }
    }

    pub fn remark(self, text: impl Into<String>) -> Line {
        let remark = Some(Remark::Aside(text.into()));
        Line { remark, ..self }
    }

    pub fn warning(self, text: &'static str) -> Line {
        let remark = Some(Remark::Warning(text));
        Line { remark, ..self }
    }
}
