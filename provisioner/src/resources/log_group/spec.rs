//! The declaration of the log group.

use crate::engine::attribute::Attribute;
use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;
use crate::engine::resource::Declared;
use crate::resources::owner::Owner;
use crate::stack::setting::Setting;

pub const KIND: &str = "log group";

pub const RETENTION: &str = "retention";
pub const NEVER_EXPIRES: &str = "never expires";

#[derive(Clone, Debug)]
pub struct LogGroupSpec {
    pub name: String,
    pub retention_days: Setting<i32>,
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
        } = self;
        let retention = Attribute::new(RETENTION, days(retention_days.value))
            .service_default(NEVER_EXPIRES)
            .source(retention_days.source());
        let mut attributes = vec![retention];
        attributes.extend(Owner::of(inputs.context()).attributes());
        attributes
    }

    fn arn(&self, inputs: &Inputs<'_>) -> String {
        let log_group = format!("log-group:{}", self.name);
        inputs.context().arn("logs", &log_group)
    }
}

pub fn days(days: i32) -> String {
    format!("{days} days")
}
