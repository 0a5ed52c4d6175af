//! The stages that the names of resources show.

use std::collections::BTreeSet;

use futures::future::try_join4;

use crate::aws::call::read;
use crate::aws::clients::Cloud;
use crate::aws::error::CloudError;
use crate::error::Error;
use crate::session::Session;
use crate::stack::stage::Stage;

/// The stages of a pattern, by name.
pub async fn stages(session: &Session, cloud: &Cloud) -> Result<Vec<Stage>, Error> {
    let pattern = &session.stage;
    let stack = session.named_stack(&cloud.build_target)?;
    let log_groups = log_groups(cloud, stack.log_group.name.trim_end_matches('*'));
    let (tables, roles, functions, log_groups) = Box::pin(try_join4(
        tables(cloud),
        roles(cloud),
        functions(cloud),
        log_groups,
    ))
    .await?;
    let all = [
        (&stack.table.name, tables),
        (&stack.role.name, roles),
        (&stack.function.name, functions),
        (&stack.log_group.name, log_groups),
    ];
    let found = all.iter().flat_map(|(form, names)| {
        let names = names.iter();
        names.filter_map(|name| pattern.of_name(form, name))
    });
    let found: BTreeSet<Stage> = found.collect();
    Ok(found.into_iter().collect())
}

async fn tables(cloud: &Cloud) -> Result<Vec<String>, CloudError> {
    let pages = cloud.dynamodb.list_tables().into_paginator().items().send();
    read("list the tables", pages.collect::<Result<_, _>>()).await
}

async fn roles(cloud: &Cloud) -> Result<Vec<String>, CloudError> {
    let pages = cloud.iam.list_roles().into_paginator().items().send();
    let roles = read("list the roles", pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(roles.into_iter().map(|role| role.role_name).collect())
}

async fn functions(cloud: &Cloud) -> Result<Vec<String>, CloudError> {
    let pages = cloud
        .lambda
        .list_functions()
        .into_paginator()
        .items()
        .send();
    let functions = read("list the functions", pages.collect::<Result<Vec<_>, _>>()).await?;
    let names = functions.into_iter();
    Ok(names
        .filter_map(|function| function.function_name)
        .collect())
}

async fn log_groups(cloud: &Cloud, prefix: &str) -> Result<Vec<String>, CloudError> {
    let request = cloud.logs.describe_log_groups();
    let request = request.log_group_name_prefix(prefix);
    let pages = request.into_paginator().items().send();
    let groups = read("list the log groups", pages.collect::<Result<Vec<_>, _>>()).await?;
    let names = groups.into_iter();
    Ok(names.filter_map(|group| group.log_group_name).collect())
}
