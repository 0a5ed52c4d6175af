//! The observed state of the cloud, as plain data.

use std::collections::BTreeMap;
use std::fmt;

use super::attribute::Name;

/// The identity of a resource, which prints as `table Rides`. Names are deterministic, so no state file
/// is needed.
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

impl ResourceId {
    /// The kind as a word of flags and of keys in documents: `log-group`.
    pub fn key(&self) -> String {
        self.kind.replace(' ', "-")
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// The account, region and stage of the stack: known after the first refresh, constant afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub partition: String,
    pub account: String,
    pub region: String,
    pub stage: String,
    /// The ARN of the caller; written into a version's description, never compared.
    pub caller: String,
}

impl Context {
    /// The ARN of a resource in this account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Context {
            partition,
            account,
            region,
            ..
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// One value that the cloud reports, normalized like the attribute of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Is(String),
    /// As `Is`, of a part of the resource that others have added: it is deleted only by its name.
    Part(String),
    /// AWS always returns this field and the endpoint left it out: not compared.
    NotReported,
}

/// Facts by attribute name. A declared name that is missing here is absent in the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<Name, Fact>);

impl Facts {
    pub fn is(&mut self, name: impl Into<Name>, value: impl Into<String>) {
        self.0.insert(name.into(), Fact::Is(value.into()));
    }

    /// A part that is never declared and may hold something: an index, a layer.
    pub fn part(&mut self, name: impl Into<Name>, value: impl Into<String>) {
        self.0.insert(name.into(), Fact::Part(value.into()));
    }

    /// A field that AWS always returns.
    pub fn reported(&mut self, name: impl Into<Name>, value: Option<impl Into<String>>) {
        let fact = value.map_or(Fact::NotReported, |value| Fact::Is(value.into()));
        self.0.insert(name.into(), fact);
    }

    pub fn get(&self, name: &Name) -> Option<&Fact> {
        self.0.get(name)
    }

    pub fn value(&self, name: &Name) -> Option<&str> {
        match self.0.get(name) {
            Some(Fact::Is(value) | Fact::Part(value)) => Some(value),
            Some(Fact::NotReported) | None => None,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Fact)> {
        self.0.iter()
    }
}

/// Values of a resource that other resources use: never compared, and only shown by commands that name
/// them.
pub type Outputs = BTreeMap<String, String>;

/// The result of reading one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    Absent,
    Present(ObservedState),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedState {
    pub ownership: Ownership,
    pub condition: Condition,
    pub facts: Facts,
    /// Shown by `status`: the live version and where it came from.
    pub details: Vec<(&'static str, String)>,
    pub outputs: Outputs,
}

impl ObservedState {
    pub fn detail(&self, name: &str) -> Option<&str> {
        let found = self.details.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Observed {
    pub fn state(&self) -> Option<&ObservedState> {
        match self {
            Observed::Absent => None,
            Observed::Present(state) => Some(state),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// Managed by `provision`, as part of this stack, stage and region.
    Managed,
    Unmanaged(Unmanaged),
    /// The tags could not be read. Unknown is not absent.
    Unknown(String),
}

/// Why a resource with one of the stack's names is not managed by this stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmanaged {
    /// Created by other means: it may be adopted.
    Untagged(String),
    /// Tagged as part of another stack or stage: adopting it would break that stack.
    Elsewhere(String),
    /// As `Elsewhere`, for this stack in another region.
    InRegion(String),
}

impl fmt::Display for Unmanaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmanaged::Untagged(why) | Unmanaged::Elsewhere(why) => f.write_str(why),
            Unmanaged::InRegion(region) => write!(f, "it belongs to region {region}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Ready,
    /// In transition to another state; waiting helps.
    Settling(String),
    /// Neither waiting nor updating helps; says why.
    Broken(String),
    /// Its creation failed: it has no content, and AWS only allows deleting it.
    FailedAtCreation(String),
}

/// The observed state of all resources, in the order of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    pub context: Context,
    pub resources: Vec<(ResourceId, Observed)>,
    pub index: Index,
}

/// The resources that the tags of each of them list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub declared: Vec<ResourceId>,
    pub undeclared: Vec<Undeclared>,
    /// What the tags list, nothing declares, and AWS does not find. The next update of the tags leaves it out.
    pub absent: Vec<ResourceId>,
}

/// A resource that exists, or may exist, although it is no longer declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    pub id: ResourceId,
    pub found: Found,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is managed, unless it is in transition and does not show yet whether it is.
    Present(ObservedState),
    /// Why it could not be read.
    Unreadable(String),
    /// This program has no such kind any more.
    UnknownKind,
}

impl Undeclared {
    pub fn state(&self) -> Option<&ObservedState> {
        match &self.found {
            Found::Present(state) => Some(state),
            Found::Unreadable(_) | Found::UnknownKind => None,
        }
    }
}

impl Inventory {
    /// Of a declared resource, or of one that no longer is.
    pub fn state(&self, id: &ResourceId) -> Option<&ObservedState> {
        let undeclared = self.index.undeclared.iter().find(|one| one.id == *id);
        self.of(|other| other == id)
            .or_else(|| undeclared.and_then(Undeclared::state))
    }

    pub fn of_kind(&self, kind: &str) -> Option<&ObservedState> {
        self.of(|other| other.kind == kind)
    }

    fn of(&self, accepts: impl Fn(&ResourceId) -> bool) -> Option<&ObservedState> {
        let found = self.resources.iter().find(|(id, _)| accepts(id));
        found.and_then(|(_, observed)| observed.state())
    }

    /// The resources in transition, with their statuses.
    pub fn settling(&self) -> impl Iterator<Item = (ResourceId, String)> {
        self.present()
            .filter_map(|(id, state)| match &state.condition {
                Condition::Settling(status) => Some((id.clone(), status.clone())),
                Condition::Ready | Condition::Broken(_) | Condition::FailedAtCreation(_) => None,
            })
    }

    /// What exists, declared or not.
    pub fn present(&self) -> impl Iterator<Item = (&ResourceId, &ObservedState)> {
        let declared = self.resources.iter();
        let declared = declared.map(|(id, observed)| (id, observed.state()));
        let undeclared = self.index.undeclared.iter();
        let all = declared.chain(undeclared.map(|one| (&one.id, one.state())));
        all.filter_map(|(id, state)| Some((id, state?)))
    }
}
