//! Items: the table's status is checked, then dynoxide does the rest.

use dynoxide::Database;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::cloud::Cloud;
use crate::identity::call::Call;
use crate::services::dynamodb::arn;
use crate::services::dynamodb::errors::not_found;
use crate::state::table::Status;

pub(crate) async fn run(
    cloud: &Cloud,
    call: &Call,
    action: &str,
    input: &Input,
) -> ApiResult<Value> {
    let mut members = input.0.clone();
    for table in name_tables(&mut members) {
        let state = cloud.store.read();
        match state.region(&call.region).table(&table, call.now) {
            Some((_, Status::Active | Status::Updating)) => {}
            // A table has no items while it is being created or deleted, as at AWS.
            Some((_, Status::Creating | Status::Deleting)) | None => {
                return Err(not_found("Requested resource not found"));
            }
        }
    }
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
        other => Err(ApiError::missing(&format!("dynamodb:{other}"))),
    }
}

/// Replaces ARNs of tables by names, since dynoxide accepts names only. Returns the names.
fn name_tables(members: &mut Map<String, Value>) -> Vec<String> {
    let mut tables = Vec::new();
    let mut name = |members: &mut Map<String, Value>| {
        if let Some(Value::String(table)) = members.get_mut("TableName") {
            *table = arn::name_of(table).to_owned();
            tables.push(table.clone());
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
            .map(|(table, request)| (arn::name_of(&table).to_owned(), request))
            .collect();
        tables.extend(requests.keys().cloned());
    }
    tables.sort();
    tables.dedup();
    tables
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
                vec!["B", "Rides"],
            ),
            (json!({"RequestItems": {arn: {"Keys": []}}}), vec!["Rides"]),
            (json!({"RequestItems": "x", "TransactItems": [7]}), vec![]),
        ] {
            let mut members = request.as_object().unwrap().clone();
            assert_eq!(name_tables(&mut members), names);
            assert!(!json!(members).to_string().contains("arn:"));
        }
    }
}
