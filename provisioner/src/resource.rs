//! What the engine knows of a resource: its name, its comparable facts, and seven verbs.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;

use crate::cloud::error::CloudError;
use crate::error::Error;
use crate::wait::Wait;

/// Prints as `table Rides`. Names are deterministic, so nothing has to be remembered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    pub kind: &'static str,
    pub name: String,
}

impl ResourceId {
    pub fn new(kind: &'static str, name: impl Into<String>) -> ResourceId {
        ResourceId {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// Where the stack lives: known from the first round of reads, constant afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub partition: String,
    pub account: String,
    pub region: String,
    pub stage: String,
    /// The ARN of whoever runs `provision`; told in a version's description, never compared.
    pub caller: String,
}

/// One declared, comparable fact, already normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    /// `None`: not known in this run (`status` without a build), therefore not compared.
    pub value: Option<String>,
    pub on_change: OnChange,
    /// Where the value comes from, for values that a flag may override: `declared; no --memory`.
    pub source: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnChange {
    Update,
    /// Changed only with consent; says what is lost.
    Ask(String),
    /// Never changed by `provision`; says why, and what to do instead.
    Refuse {
        why: String,
        hint: String,
    },
}

impl Attribute {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Attribute {
        Attribute {
            name: name.into(),
            value: Some(value.into()),
            on_change: OnChange::Update,
            source: None,
        }
    }

    pub fn unknown(name: impl Into<String>) -> Attribute {
        Attribute {
            value: None,
            ..Attribute::new(name, "")
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
}

/// One fact the cloud tells, normalised like the attribute of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Is(String),
    /// AWS always returns this field and the endpoint left it out: not compared.
    NotReported,
}

/// Facts by attribute name. A declared name that is missing here is absent in the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    pub fn is(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), Fact::Is(value.into()));
    }

    /// A field that AWS always returns.
    pub fn reported(&mut self, name: impl Into<String>, value: Option<impl Into<String>>) {
        let fact = value.map_or(Fact::NotReported, |value| Fact::Is(value.into()));
        self.0.insert(name.into(), fact);
    }

    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Fact::Is(value)) => Some(value),
            Some(Fact::NotReported) | None => None,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(name, fact)| (name.as_str(), fact))
    }
}

/// What the cloud says about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    Absent,
    Present(Seen),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub ownership: Ownership,
    pub condition: Condition,
    pub facts: Facts,
    /// Worth telling, never compared: the live version, who published it.
    pub details: Vec<(&'static str, String)>,
}

impl Seen {
    pub fn detail(&self, name: &str) -> Option<&str> {
        let found = self.details.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Observed {
    pub fn seen(&self) -> Option<&Seen> {
        match self {
            Observed::Absent => None,
            Observed::Present(seen) => Some(seen),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    Ours,
    /// Our name without our tags, or with those of another stage or region.
    Foreign(String),
    /// The tags could not be read. Unknown is not absent.
    Unknown(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Ready,
    /// On its way somewhere by itself; waiting helps.
    Settling(String),
    /// Neither waiting nor updating helps; says why.
    Broken(String),
    /// Failed when it was made: holds nothing, and AWS only lets it be deleted and made again.
    FailedAtCreation(String),
}

/// What differs in one attribute: what the user reads and what `update` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub attribute: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub on_change: OnChange,
    pub source: Option<String>,
}

/// True where one of the differences is about an attribute the predicate names.
pub fn touches(differences: &[Difference], names: impl Fn(&str) -> bool) -> bool {
    differences
        .iter()
        .any(|difference| names(&difference.attribute))
}

/// What a changing verb is given: where it works and how it waits.
#[derive(Clone)]
pub struct Step<'a> {
    pub context: &'a Context,
    pub wait: Wait<'a>,
}

/// One kind of thing the stack owns. A further kind is one file and one line in `Stack::resources`.
///
/// The attributes are a view for comparing and showing; API calls are built from the typed spec.
#[async_trait(?Send)]
pub trait Resource {
    fn id(&self) -> ResourceId;

    /// What must be done before this one's change starts.
    fn needs(&self) -> Vec<ResourceId>;

    /// What goes only after this one is gone: as a rule, what it needs.
    fn goes_before(&self) -> Vec<ResourceId> {
        self.needs()
    }

    /// The declaration as attributes. No network; `down` never asks for it.
    fn desired(&self, context: &Context) -> Vec<Attribute>;

    /// Reads only.
    async fn observe(&self) -> Result<Observed, CloudError>;

    async fn create(&self, step: &Step<'_>) -> Result<(), Error>;

    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error>;

    async fn delete(&self, step: &Step<'_>) -> Result<(), Error>;

    /// Takes over what somebody else made. Most kinds need no more than an update with our tags.
    async fn adopt(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.update(differences, step).await
    }

    /// What a user should know before this is adopted.
    fn adoption_note(&self) -> Option<String> {
        None
    }

    /// Puts back what this run changed, after the release could not be proven with it.
    /// Says what it put back.
    async fn restore(&self, _step: &Step<'_>) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// The ARN, for outputs.
    fn arn(&self, context: &Context) -> String;
}
