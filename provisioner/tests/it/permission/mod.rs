//! The permission of API Gateway to invoke the alias `live`.

mod calls;
mod spec;

use async_trait::async_trait;
use provisioner::aws::error::CloudError;
use provisioner::engine::attribute::Difference;
use provisioner::engine::observed::{Observed, Outputs};
use provisioner::engine::plan::DataLoss;
use provisioner::engine::resource::{Declared, Resource, Step};
use provisioner::error::Error;
use provisioner::resources::release::alias::LiveAlias;

pub use calls::Permission;
pub use spec::PermissionSpec;

impl Permission {
    /// API Gateway may invoke this alias for the route, whichever API has it.
    pub fn of_api_gateway(alias: LiveAlias, route: &'static str) -> Permission {
        Permission {
            spec: PermissionSpec {
                function: alias.function,
                statement_id: "provision-api-gateway",
                principal: "apigateway.amazonaws.com",
                action: "lambda:InvokeFunction",
                route,
            },
            client: alias.client,
        }
    }
}

#[async_trait(?Send)]
impl Resource for Permission {
    fn declared(&self) -> &dyn Declared {
        &self.spec
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        self.read().await
    }

    async fn create(&self, step: &Step<'_>) -> Result<Outputs, Error> {
        self.add(step).await?;
        Ok(Outputs::default())
    }

    /// Lambda has no call that changes a statement.
    async fn update(&self, _differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        self.remove(step).await?;
        self.add(step).await
    }

    async fn delete(&self, _data: DataLoss, step: &Step<'_>) -> Result<(), Error> {
        self.remove(step).await
    }
}
