//! Items: the table's status is checked, then dynoxide does the rest.

use dynoxide::Database;
use serde_json::{Map, Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::dynamodb::absent::{error_of, unused_name};
use crate::services::dynamodb::arn;
use crate::services::dynamodb::errors::not_found;
use crate::services::dynamodb::partiql;
use crate::services::dynamodb::table_name::is_table_name;
use crate::state::table::Status;

pub(crate) async fn run(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<Value> {
    let mut members = input.0.clone();
    name_tables(&mut members, &mut |_| {});
    if !names_absent_table(cloud, call, &mut members) {
        let is_ended = action == "Query" && is_behind_its_only_item(cloud, call, &members);
        let answer = run_in_dynoxide(cloud, call, action, members).await?;
        return Ok(if is_ended {
            without_items(answer)
        } else {
            answer
        });
    }
    if action == "BatchExecuteStatement" {
        return run_statements(cloud, call, members).await;
    }
    if !partiql::statements(&members).is_empty() {
        return Err(not_found("Requested resource not found"));
    }
    // dynoxide checks the request, and must not change the tables that do exist.
    let mut renamed = Vec::new();
    name_tables(&mut members, &mut |name| {
        if is_table_name(name) {
            let unused = unused_name();
            renamed.push((unused.clone(), std::mem::replace(name, unused)));
        }
    });
    let result = run_in_dynoxide(cloud, call, action, members).await;
    let absent = not_found("Requested resource not found");
    Err(error_of(result, &renamed, absent))
}

/// Whether a table of the request does not exist. A table has no items while it is being created or
/// deleted, as at AWS.
fn names_absent_table(cloud: &Cloud, call: &Call, members: &mut Map<String, Value>) -> bool {
    let mut is_any_absent = false;
    name_tables(members, &mut |name| {
        is_any_absent |= is_absent(cloud, call, name);
    });
    let mut targets = partiql::statements(members)
        .into_iter()
        .filter_map(partiql::target);
    is_any_absent || targets.any(|target| is_absent(cloud, call, arn::name_of(&target.table)))
}

fn is_absent(cloud: &Cloud, call: &Call, name: &str) -> bool {
    let state = cloud.store.read();
    match state.region(&call.region).table(name, call.now) {
        Some((_, Status::Active | Status::Updating)) => false,
        Some((_, Status::Creating | Status::Deleting)) | None => true,
    }
}

/// A batch of statements, of which those about absent tables fail and the others run.
async fn run_statements(
    cloud: &Cloud,
    call: &Call,
    mut members: Map<String, Value>,
) -> ApiResult<Value> {
    let mut renamed = Vec::new();
    let statements = members.get_mut("Statements").and_then(Value::as_array_mut);
    for statement in statements.into_iter().flatten() {
        let Some(Value::String(text)) = statement.get_mut("Statement") else {
            continue;
        };
        let Some(target) = partiql::target(text) else {
            continue;
        };
        let name = arn::name_of(&target.table);
        if is_table_name(name) && is_absent(cloud, call, name) {
            let unused = unused_name();
            *text = target.replaced(text, &unused);
            renamed.push((unused, name.to_owned()));
        }
    }
    let mut answer = run_in_dynoxide(cloud, call, "BatchExecuteStatement", members).await?;
    let responses = answer.get_mut("Responses").and_then(Value::as_array_mut);
    for response in responses.into_iter().flatten() {
        let Some(Value::String(table)) = response.get_mut("TableName") else {
            continue;
        };
        if let Some((_, name)) = renamed.iter().find(|(unused, _)| unused == table) {
            table.clone_from(name);
        }
    }
    Ok(answer)
}

/// Whether a query is to continue behind an item of a table without sort key, whose partitions have one
/// item each: dynoxide begins again with that item.
fn is_behind_its_only_item(cloud: &Cloud, call: &Call, query: &Map<String, Value>) -> bool {
    let has = |name: &str| query.get(name).is_some_and(|member| !member.is_null());
    let name = query.get("TableName").and_then(Value::as_str);
    let state = cloud.store.read();
    let table = name.and_then(|name| state.region(&call.region).table(name, call.now));
    has("ExclusiveStartKey")
        && !has("IndexName")
        && table.is_some_and(|(table, _)| table.keys.len() == 1)
}

/// The last page of a query, which is empty.
fn without_items(mut answer: Value) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.remove("LastEvaluatedKey");
        if let Some(items) = members.get_mut("Items") {
            *items = json!([]);
        }
        members.insert("Count".to_owned(), json!(0));
        members.insert("ScannedCount".to_owned(), json!(0));
    }
    answer
}

/// A transaction that only writes has no responses. The model knows no empty list of them.
fn without_empty_responses(mut answer: Value) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.retain(|name, value| name != "Responses" || *value != json!([]));
    }
    answer
}

async fn run_in_dynoxide(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    members: Map<String, Value>,
) -> ApiResult<Value> {
    // Each operation has request and response types of its own.
    macro_rules! run {
        ($operation:ident) => {{
            let operation = Database::$operation;
            let databases = &cloud.databases;
            databases
                .run(&call.region, action, members, operation)
                .await
        }};
    }
    match action {
        "PutItem" => run!(put_item),
        "GetItem" => run!(get_item),
        "DeleteItem" => run!(delete_item),
        "UpdateItem" => run!(update_item),
        "Query" => run!(query),
        "Scan" => run!(scan),
        "BatchGetItem" => run!(batch_get_item),
        "BatchWriteItem" => run!(batch_write_item),
        "TransactGetItems" => run!(transact_get_items),
        "TransactWriteItems" => run!(transact_write_items),
        "ExecuteStatement" => run!(execute_statement),
        "BatchExecuteStatement" => run!(batch_execute_statement),
        "ExecuteTransaction" => run!(execute_transaction).map(without_empty_responses),
        other => Err(ApiError::missing(&format!("dynamodb:{other}"))),
    }
}

/// Replaces ARNs of tables by names, since dynoxide accepts names only, and lets `rename` change each.
fn name_tables(members: &mut Map<String, Value>, rename: &mut dyn FnMut(&mut String)) {
    let mut name = |members: &mut Map<String, Value>| {
        if let Some(Value::String(table)) = members.get_mut("TableName") {
            *table = arn::name_of(table).to_owned();
            rename(table);
        }
    };
    name(members);
    if let Some(Value::Array(items)) = members.get_mut("TransactItems") {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.values_mut()
                .filter_map(Value::as_object_mut)
                .for_each(&mut name);
        }
    }
    if let Some(Value::Object(requests)) = members.get_mut("RequestItems") {
        *requests = std::mem::take(requests)
            .into_iter()
            .map(|(table, request)| {
                let mut table = arn::name_of(&table).to_owned();
                rename(&mut table);
                (table, request)
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::name_tables;
    use serde_json::json;

    #[test]
    fn tables_are_named_wherever_they_stand() {
        let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/Rides";
        for (request, names) in [
            (json!({"TableName": arn}), vec!["Rides"]),
            (
                json!({"TransactItems": [{"Put": {"TableName": arn}}, {"Delete": {"TableName": "B"}}]}),
                vec!["Rides", "B"],
            ),
            (json!({"RequestItems": {arn: {"Keys": []}}}), vec!["Rides"]),
            (json!({"RequestItems": "x", "TransactItems": [7]}), vec![]),
        ] {
            let mut members = request.as_object().unwrap().clone();
            let mut found = Vec::new();
            name_tables(&mut members, &mut |name| found.push(name.clone()));
            assert_eq!(found, names);
            assert!(!json!(members).to_string().contains("arn:"));
        }
    }
}
