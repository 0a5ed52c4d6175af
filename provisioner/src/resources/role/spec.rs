//! The declaration of the role: its trust policy and its permissions.

use serde_json::Value;

use crate::engine::attribute::{Attribute, Name};
use crate::engine::inputs::Inputs;
use crate::engine::observed::{Context, ObservedState, ResourceId};
use crate::engine::resource::Declared;
use crate::policy::{self, Names, Template};
use crate::resources::owner::{Owner, Tags};

pub const KIND: &str = "role";

pub const TRUST: &str = "trust";
pub const SESSION: &str = "maximum session duration";
/// The group of the role's inline policies.
pub const POLICY: &str = "policy";
/// The group of the managed policies that are attached to it.
pub const ATTACHED: &str = "attached";

/// Outputs. A role that was deleted and created again has its old ARN and a new ID.
pub const ARN: &str = "arn";
pub const ID: &str = "id";

#[derive(Clone, Debug)]
pub struct RoleSpec {
    pub name: String,
    pub session_seconds: i32,
    /// The trust policy, as in `policies/`.
    pub trust: Template,
    /// Its inline policies: the name, and the document as in `policies/`.
    pub policies: Vec<(&'static str, Template)>,
    /// The names that its policies contain.
    pub table: String,
    pub log_group: String,
    pub function: String,
    pub tags: Tags,
}

impl RoleSpec {
    pub fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.name)
    }

    /// The inline policies by name, rendered.
    pub fn policies(&self, context: &Context) -> Vec<(&'static str, Value)> {
        let names = self.names(context);
        let policies = self.policies.iter();
        policies
            .map(|(name, template)| (*name, template.fill(&names)))
            .collect()
    }

    pub fn trust(&self, context: &Context) -> Value {
        self.trust.fill(&self.names(context))
    }

    /// The names that policies contain.
    pub fn names<'a>(&'a self, context: &'a Context) -> Names<'a> {
        let RoleSpec {
            name,
            session_seconds: _,
            trust: _,
            policies: _,
            table,
            log_group,
            function,
            tags: _,
        } = self;
        let Context {
            partition,
            account,
            region,
            stage: _,
            caller: _,
        } = context;
        Names {
            partition,
            account,
            region,
            table,
            log_group,
            role: name,
            function,
        }
    }
}

impl Declared for RoleSpec {
    fn id(&self) -> ResourceId {
        RoleSpec::id(self)
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let context = inputs.context();
        let trust = policy::readable(&self.trust(context)).to_string();
        let mut attributes = vec![
            Attribute::new(TRUST, trust).policy(),
            Attribute::new(SESSION, seconds(self.session_seconds)).usual("3600 s"),
        ];
        for (name, document) in self.policies(context) {
            let text = policy::readable(&document).to_string();
            attributes.push(Attribute::new(Name::entry(POLICY, name), text).policy());
        }
        let owner = Owner::of(context, &self.tags);
        attributes.extend(owner.attributes(&self.id(), inputs));
        attributes
    }

    fn has_tags(&self) -> bool {
        true
    }

    /// IAM has no two roles whose names differ only by case.
    fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The ARN, with the path of the role if it exists already.
    fn arn(&self, inputs: &Inputs<'_>) -> String {
        arn(&self.name, inputs)
    }
}

/// The ARN of the role of that name, with its path if it exists already.
pub fn arn(name: &str, inputs: &Inputs<'_>) -> String {
    let arn = inputs.output(&ResourceId::new(KIND, name), ARN);
    let conventional = || conventional_arn(name, inputs.context());
    arn.known().map_or_else(conventional, str::to_owned)
}

/// The ARN of a role that is created without a path.
pub fn conventional_arn(name: &str, context: &Context) -> String {
    let Context {
        partition, account, ..
    } = context;
    format!("arn:{partition}:iam::{account}:role/{name}")
}

pub fn seconds(seconds: i32) -> String {
    format!("{seconds} s")
}

/// Whether managed policies are attached.
pub fn has_attachments(state: &ObservedState) -> bool {
    let mut names = state.facts.iter().map(|(name, _)| name);
    names.any(|name| name.key_in(ATTACHED).is_some())
}

/// The inline policies, each as one line of JSON.
pub fn inline_documents(state: &ObservedState) -> impl Iterator<Item = &str> {
    let names = state.facts.iter().map(|(name, _)| name);
    names
        .filter(|name| name.key_in(POLICY).is_some())
        .filter_map(|name| state.facts.value(name))
}
