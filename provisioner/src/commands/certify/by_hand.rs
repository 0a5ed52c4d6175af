//! What somebody does in the console: a stack made without this program, and tags.

use std::io::{Cursor, Write as _};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType, TableStatus, Tag as TableTag,
};
use aws_sdk_iam::types::Tag as RoleTag;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime, State};
use aws_smithy_types::error::operation::BuildError;
use function_contract::item;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::runner::Runner;
use crate::aws::call::read;
use crate::aws::error::CloudErrorKind;
use crate::engine::wait::Look;
use crate::error::Error;
use crate::resources::owner::{Owner, Tags};

/// As the console writes it, without a condition.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// The policy that the console attaches.
const BASIC: &str = "service-role/AWSLambdaBasicExecutionRole";

const LIMIT: std::time::Duration = std::time::Duration::from_secs(3 * 60);

pub fn basic_policy(runner: &Runner) -> String {
    format!("arn:{}:iam::aws:policy/{BASIC}", runner.context.partition)
}

/// A table with one ride, a role and a function in another language, without tags.
pub async fn make_stack(runner: &Runner) -> Result<(), Error> {
    Box::pin(make_table(runner)).await?;
    let role = Box::pin(make_role(runner)).await?;
    Box::pin(make_function(runner, &role)).await
}

async fn make_table(runner: &Runner) -> Result<(), Error> {
    let (client, name) = (&runner.cloud.dynamodb, &runner.stack.table.name);
    let definition = AttributeDefinition::builder()
        .attribute_name(item::RIDE_ID)
        .attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder()
        .attribute_name(item::RIDE_ID)
        .key_type(KeyType::Hash);
    let request = client
        .create_table()
        .table_name(name)
        .attribute_definitions(definition.build().map_err(incomplete)?)
        .key_schema(key.build().map_err(incomplete)?)
        .billing_mode(BillingMode::PayPerRequest);
    let call = runner.call(format!("create table {name}"));
    call.attempt(async || match call.read(request.clone().send()).await {
        // The response to the first attempt was lost.
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    })
    .await?;
    let wait = &runner.session.wait;
    let what = format!("wait for table {name}");
    wait.until(&what, LIMIT, async || {
        let request = client.describe_table().table_name(name);
        let answer = read(&what, request.send()).await;
        let status = match answer {
            Ok(answer) => answer.table.and_then(|table| table.table_status),
            Err(error) if error.kind == CloudErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        Ok(match status {
            Some(TableStatus::Active) => Look::Ready(()),
            status => Look::NotYet(format!("{status:?}").into()),
        })
    })
    .await?;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = client
        .put_item()
        .table_name(name)
        .item(item::RIDE_ID, text("made-by-hand"))
        .item(item::USER, text("certify"));
    let call = runner.call(format!("put a ride into table {name}"));
    call.send(|| request.clone().send()).await.map(drop)
}

/// Its ARN.
async fn make_role(runner: &Runner) -> Result<String, Error> {
    let (client, name) = (&runner.cloud.iam, &runner.stack.role.name);
    let request = client
        .create_role()
        .role_name(name)
        .path("/service-role/")
        .assume_role_policy_document(TRUST);
    let call = runner.call(format!("create role {name}"));
    call.attempt(async || match call.read(request.clone().send()).await {
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    })
    .await?;
    attach_basic_policy(runner).await?;
    let call = runner.call(format!("get role {name}"));
    let answer = call.send(|| client.get_role().role_name(name).send());
    let role = answer.await?.role;
    role.map(|role| role.arn)
        .ok_or_else(|| Error::failed(format!("role {name} has no ARN")))
}

pub async fn attach_basic_policy(runner: &Runner) -> Result<(), Error> {
    let (client, name) = (&runner.cloud.iam, &runner.stack.role.name);
    let request = client.attach_role_policy().role_name(name);
    let request = request.policy_arn(basic_policy(runner));
    let call = runner.call(format!("attach {BASIC} to role {name}"));
    call.send(|| request.clone().send()).await.map(drop)
}

async fn make_function(runner: &Runner, role: &str) -> Result<(), Error> {
    let (client, name) = (&runner.cloud.lambda, &runner.stack.function.name);
    let request = client
        .create_function()
        .function_name(name)
        .runtime(Runtime::Nodejs20x)
        .handler("index.handler")
        .role(role)
        .code(
            FunctionCode::builder()
                .zip_file(Blob::new(script()?))
                .build(),
        );
    let call = runner
        .call(format!("create function {name}"))
        .retry_while(|error| {
            error.is_transient() || error.kind == CloudErrorKind::RoleNotAssumable
        });
    call.attempt(async || match call.read(request.clone().send()).await {
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    })
    .await?;
    let what = format!("wait for function {name}");
    let wait = &runner.session.wait;
    wait.until(&what, LIMIT, async || {
        let request = client.get_function_configuration().function_name(name);
        let state = match read(&what, request.send()).await {
            Ok(answer) => answer.state,
            Err(error) if error.kind == CloudErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        Ok(match state {
            Some(State::Active) => Look::Ready(()),
            state => Look::NotYet(format!("{state:?}").into()),
        })
    })
    .await
}

/// The function that the console would have zipped.
fn script() -> Result<Vec<u8>, Error> {
    let failed = |error: String| Error::failed("zip a script").because(error);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let started = zip.start_file("index.mjs", SimpleFileOptions::default());
    started.map_err(|error| failed(error.to_string()))?;
    zip.write_all(b"export const handler = async () => ({});\n")
        .map_err(|error| failed(error.to_string()))?;
    let zip = zip.finish().map_err(|error| failed(error.to_string()))?;
    Ok(zip.into_inner())
}

/// Gives everything in the stage the tags of the stack, so that `down` deletes it.
pub async fn tag_everything(runner: &Runner) -> Result<(), Error> {
    let owner = Owner::of(&runner.context, &Tags::new());
    for (key, value) in owner.own_tags() {
        Box::pin(tag(runner, key, &value)).await?;
    }
    Ok(())
}

/// Writes one tag to the table, the role, the log group and the function, as far as they exist.
pub async fn tag(runner: &Runner, key: &str, value: &str) -> Result<(), Error> {
    let cloud = &runner.cloud;
    let stack = &runner.stack;
    let arn = |service: &str, resource: String| runner.context.arn(service, &resource);

    let tag = TableTag::builder().key(key).value(value).build();
    let request = cloud.dynamodb.tag_resource();
    let request = request.resource_arn(arn("dynamodb", format!("table/{}", stack.table.name)));
    let request = request.tags(tag.map_err(incomplete)?);
    let call = runner.call("tag the table");
    call.ignore_not_found(|| request.clone().send()).await?;

    let tag = RoleTag::builder().key(key).value(value).build();
    let request = cloud.iam.tag_role().role_name(&stack.role.name);
    let request = request.tags(tag.map_err(incomplete)?);
    let call = runner.call("tag the role");
    call.ignore_not_found(|| request.clone().send()).await?;

    let request = cloud.logs.tag_resource().tags(key, value);
    let request = request.resource_arn(arn("logs", format!("log-group:{}", stack.log_group.name)));
    let call = runner.call("tag the log group");
    call.ignore_not_found(|| request.clone().send()).await?;

    let request = cloud.lambda.tag_resource().tags(key, value);
    let request = request.resource(arn("lambda", format!("function:{}", stack.function.name)));
    let call = runner.call("tag the function");
    call.ignore_not_found(|| request.clone().send()).await
}

fn incomplete(error: BuildError) -> Error {
    Error::failed("build a request").because(error)
}
