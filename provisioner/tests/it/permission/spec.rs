//! The declaration of the permission.

use provisioner::engine::attribute::{Attribute, Name};
use provisioner::engine::inputs::Inputs;
use provisioner::engine::observed::{Context, ResourceId};
use provisioner::engine::plan::Dependencies;
use provisioner::engine::resource::Declared;
use provisioner::resources::{function, release};
use provisioner::stack::names::LIVE;

pub const KIND: &str = "permission";

/// The names of the attributes.
pub const PRINCIPAL: &str = "principal";
pub const ACTION: &str = "action";
/// The group of the statement's conditions: an attribute for each.
pub const CONDITION: &str = "condition";
pub const SOURCE_ARN: &str = "ArnLike AWS:SourceArn";

/// One statement of the policy of the alias `live`: a service may invoke it.
#[derive(Clone, Debug)]
pub struct PermissionSpec {
    pub function: String,
    /// The `Sid` of the statement. A statement has no tags, so no other program may use
    /// this name.
    pub statement_id: &'static str,
    pub principal: &'static str,
    pub action: &'static str,
    /// Which API, stage, method and path of API Gateway: `*/*/POST/ride`.
    pub route: &'static str,
}

impl PermissionSpec {
    pub fn id(&self) -> ResourceId {
        let PermissionSpec {
            function,
            statement_id,
            ..
        } = self;
        ResourceId::new(KIND, format!("{function}:{LIVE}/{statement_id}"))
    }

    pub fn source_arn(&self, context: &Context) -> String {
        context.arn("execute-api", self.route)
    }
}

impl Declared for PermissionSpec {
    fn id(&self) -> ResourceId {
        PermissionSpec::id(self)
    }

    fn dependencies(&self) -> Dependencies {
        let function = ResourceId::new(function::KIND, &self.function);
        Dependencies::needs(vec![function, release::id(&self.function)])
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let PermissionSpec {
            function: _,
            statement_id: _,
            principal,
            action,
            route: _,
        } = self;
        let source_arn = self.source_arn(inputs.context());
        vec![
            Attribute::new(PRINCIPAL, *principal),
            Attribute::new(ACTION, *action),
            Attribute::new(Name::entry(CONDITION, SOURCE_ARN), source_arn),
        ]
    }

    /// That of the alias: a statement has none.
    fn arn(&self, inputs: &Inputs<'_>) -> String {
        let alias = format!("{}:{LIVE}", self.function);
        function::arn(&alias, inputs.context())
    }
}
