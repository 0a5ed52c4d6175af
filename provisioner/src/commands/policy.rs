//! Prints IAM policies, rendered for this partition, account, region and stage.

use crate::aws::clients::Cloud;
use crate::cli::{self, PolicyName};
use crate::error::{Error, Exit};
use crate::policy::permissions::Principal;
use crate::session::Session;
use crate::settings::Layer;
use crate::stack::declaration::Stack;

pub async fn run(flags: cli::Policy, cloud: &Cloud, session: &Session) -> Result<Exit, Error> {
    session.guard(cloud).await?;
    let context = cloud.context(&session.stage).await?;
    let stack = session.stack(&Layer::default(), &cloud.build_target)?;
    let policy = match flags.policy {
        PolicyName::Deployer => stack.policy_of(Principal::Deployer, &context),
        PolicyName::Planner => stack.policy_of(Principal::Planner, &context),
        PolicyName::Operator => stack.policy_of(Principal::Operator, &context),
        PolicyName::Sweeper => stack.policy_of(Principal::Sweeper, &context),
        PolicyName::Certifier => Stack::policy_of_certifier(cloud.build_target.arch, &context),
        PolicyName::Function => stack.policy_of_function(&context),
    };
    session.json(&policy);
    Ok(Exit::Done)
}
