//! Attributes: the declared, comparable values of a resource, and how two of them differ.

use std::borrow::Cow;
use std::fmt;

use crate::policy;

/// The name of an attribute: `memory`, or an entry of a group: `tag provision:stage`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    group: Option<&'static str>,
    key: Cow<'static, str>,
}

/// The group of a resource's tags, the same for every kind.
pub const TAG: &str = "tag";

impl Name {
    pub fn entry(group: &'static str, key: impl Into<Cow<'static, str>>) -> Name {
        Name {
            group: Some(group),
            key: key.into(),
        }
    }

    /// The key, if the attribute is an entry of that group.
    pub fn key_in(&self, group: &str) -> Option<&str> {
        (self.group == Some(group)).then_some(&*self.key)
    }

    /// The group of which the attribute is an entry.
    pub fn group(&self) -> Option<&'static str> {
        self.group
    }

    /// The name without its group.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value of `--drop` for this part: `index/ByUser`, `vpc`.
    pub fn part(&self) -> String {
        let words = |text: &str| text.replace(' ', "-").to_ascii_lowercase();
        match self.group {
            None => words(&self.key),
            Some(group) => format!("{}/{}", words(group), self.key),
        }
    }

    pub fn is(&self, plain: &str) -> bool {
        self.group.is_none() && self.key == plain
    }
}

impl From<&'static str> for Name {
    fn from(plain: &'static str) -> Name {
        Name {
            group: None,
            key: Cow::Borrowed(plain),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            None => f.write_str(&self.key),
            Some(group) => write!(f, "{group} {}", self.key),
        }
    }
}

/// A declared value, or one that is only known after a change of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Known(String),
    AfterApply,
}

impl Value {
    pub fn known(&self) -> Option<&str> {
        match self {
            Value::Known(value) => Some(value),
            Value::AfterApply => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.known().unwrap_or("(known after apply)"))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Known(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Known(value.to_owned())
    }
}

/// One declared, comparable value, already normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Name,
    /// `None`: not known in this run (`status` without a build), therefore not compared.
    pub value: Option<Value>,
    pub comparison: Comparison,
    /// What the service shows for a new resource until a write to this attribute is visible.
    pub service_default: Option<&'static str>,
    pub on_change: OnChange,
    /// Where the value comes from, for values that settings may replace: `default; no --memory`.
    pub source: Option<String>,
    /// Two stacks with equal content may have different values: an ID, a text of AWS. The digest of a plan
    /// covers only whether such a value differs from the declared one.
    pub varies: bool,
    pub shown: Shown,
}

/// What a plan shows of an attribute to people, unless they ask for everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    #[default]
    Always,
    /// Only where it changes: a new resource has the usual value.
    Changed,
    /// Only where it changes, also for those who ask for everything: a state that a creation leads to by itself.
    State,
    /// A hash or a digest: only that it changes.
    Opaque,
}

/// When two values of an attribute are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Text,
    /// They are policy documents: these are equal if they mean the same.
    Policy,
}

impl Comparison {
    /// The text that is the same for equal values.
    pub fn key(self, value: &str) -> Cow<'_, str> {
        match self {
            Comparison::Text => Cow::Borrowed(value),
            Comparison::Policy => {
                policy::canonical_text(value).map_or(Cow::Borrowed(value), Cow::Owned)
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnChange {
    Update,
    /// A part that is not declared: deleted only if `--drop` names it.
    Drop,
    /// Changed only after a confirmation; says what is lost.
    Ask(String),
    /// Never changed by `provision`; says why, and what to do instead.
    Refuse {
        why: String,
        hint: String,
    },
}

impl Attribute {
    pub fn new(name: impl Into<Name>, value: impl Into<Value>) -> Attribute {
        Attribute {
            name: name.into(),
            value: Some(value.into()),
            comparison: Comparison::Text,
            service_default: None,
            on_change: OnChange::Update,
            source: None,
            varies: false,
            shown: Shown::Always,
        }
    }

    pub fn not_compared(name: impl Into<Name>) -> Attribute {
        Attribute {
            value: None,
            ..Attribute::new(name, "")
        }
    }

    pub fn service_default(self, default: &'static str) -> Attribute {
        Attribute {
            service_default: Some(default),
            ..self
        }
    }

    pub fn ask(self, loses: impl Into<String>) -> Attribute {
        Attribute {
            on_change: OnChange::Ask(loses.into()),
            ..self
        }
    }

    pub fn refuse(self, why: impl Into<String>, hint: impl Into<String>) -> Attribute {
        let (why, hint) = (why.into(), hint.into());
        Attribute {
            on_change: OnChange::Refuse { why, hint },
            ..self
        }
    }

    pub fn source(self, source: impl Into<String>) -> Attribute {
        Attribute {
            source: Some(source.into()),
            ..self
        }
    }

    /// Its values are policy documents.
    pub fn policy(self) -> Attribute {
        Attribute {
            comparison: Comparison::Policy,
            ..self
        }
    }

    /// Whether the declared value and an observed one are equal.
    pub fn is(&self, observed: &str) -> bool {
        let declared = self.value.as_ref().and_then(Value::known);
        declared.is_some_and(|declared| {
            declared == observed || self.comparison.key(declared) == self.comparison.key(observed)
        })
    }

    pub fn varies(self) -> Attribute {
        Attribute {
            varies: true,
            ..self
        }
    }

    /// The value goes without saying if it is this one.
    pub fn usual(self, value: &str) -> Attribute {
        match self.value.as_ref().and_then(Value::known) {
            Some(declared) if declared == value => self.shown(Shown::Changed),
            _ => self,
        }
    }

    pub fn shown(self, shown: Shown) -> Attribute {
        Attribute { shown, ..self }
    }
}

/// The difference in one attribute: shown to the user, and the input of `update`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub attribute: Name,
    /// `None`: absent in the cloud.
    pub from: Option<String>,
    /// `None`: not declared, so it is removed.
    pub to: Option<Value>,
    pub on_change: OnChange,
    pub source: Option<String>,
    pub shown: Shown,
    /// It is a policy that may allow more than before.
    pub widens: bool,
}

/// Whether one of the differences concerns an attribute that the predicate accepts.
pub fn touches(differences: &[Difference], accepts: impl Fn(&Name) -> bool) -> bool {
    differences
        .iter()
        .any(|difference| accepts(&difference.attribute))
}
