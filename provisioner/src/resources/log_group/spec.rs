//! The declaration of the log group.

use crate::engine::attribute::Attribute;
use crate::engine::inputs::Inputs;
use crate::engine::observed::{ObservedState, ResourceId};
use crate::engine::resource::Declared;
use crate::resources::owner::{Owner, Tags};
use crate::stack::setting::Setting;

pub const KIND: &str = "log group";

pub const RETENTION: &str = "retention";
pub const NEVER_EXPIRES: &str = "never expires";
pub const PROTECTION: &str = "deletion protection";

#[derive(Clone, Debug)]
pub struct LogGroupSpec {
    pub name: String,
    pub retention_days: Setting<i32>,
    /// If it is not declared, it is left as it is.
    pub deletion_protection: bool,
    pub tags: Tags,
}

impl LogGroupSpec {
    pub fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.name)
    }
}

impl Declared for LogGroupSpec {
    fn id(&self) -> ResourceId {
        LogGroupSpec::id(self)
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let LogGroupSpec {
            name: _,
            retention_days,
            deletion_protection,
            tags,
        } = self;
        let retention = Attribute::new(RETENTION, days(retention_days.value))
            .service_default(NEVER_EXPIRES)
            .source(retention_days.shown_source());
        let mut attributes = vec![retention];
        if *deletion_protection {
            attributes.push(Attribute::new(PROTECTION, ON).service_default(OFF));
        }
        let owner = Owner::of(inputs.context(), tags);
        attributes.extend(owner.attributes(&self.id(), inputs));
        attributes
    }

    fn has_tags(&self) -> bool {
        true
    }

    fn arn(&self, inputs: &Inputs<'_>) -> String {
        let log_group = format!("log-group:{}", self.name);
        inputs.context().arn("logs", &log_group)
    }
}

pub fn days(days: i32) -> String {
    format!("{days} days")
}

pub const ON: &str = "on";
pub const OFF: &str = "off";

/// What a user should know about a log group that is as declared, as far as its declaration allows.
pub fn remarks(state: &ObservedState) -> impl Iterator<Item = String> {
    let remarks = [
        (RETENTION, "the retention of the log group is"),
        (PROTECTION, "the deletion protection of the log group is"),
    ];
    remarks
        .into_iter()
        .filter_map(|(name, is)| Some(format!("{is} {}", state.detail(name)?)))
}

pub fn is_protected(state: &ObservedState) -> bool {
    state
        .outputs
        .get(PROTECTION)
        .is_some_and(|state| state == ON)
}
