//! Items: checked against the table's life cycle, then handed to dynoxide.

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
            // While a table is made or deleted it has no items, as at AWS.
            Some((_, Status::Creating | Status::Deleting)) | None => {
                return Err(not_found("Requested resource not found"));
            }
        }
    }
    let (databases, region) = (&cloud.databases, &call.region);
    match action {
        "PutItem" => {
            databases
                .run(region, "PutItem", members, Database::put_item)
                .await
        }
        "GetItem" => {
            databases
                .run(region, "GetItem", members, Database::get_item)
                .await
        }
        "DeleteItem" => {
            databases
                .run(region, "DeleteItem", members, Database::delete_item)
                .await
        }
        "UpdateItem" => {
            databases
                .run(region, "UpdateItem", members, Database::update_item)
                .await
        }
        "Query" => {
            databases
                .run(region, "Query", members, Database::query)
                .await
        }
        "Scan" => databases.run(region, "Scan", members, Database::scan).await,
        "BatchGetItem" => {
            databases
                .run(region, "BatchGetItem", members, Database::batch_get_item)
                .await
        }
        "BatchWriteItem" => {
            databases
                .run(
                    region,
                    "BatchWriteItem",
                    members,
                    Database::batch_write_item,
                )
                .await
        }
        "TransactGetItems" => {
            databases
                .run(
                    region,
                    "TransactGetItems",
                    members,
                    Database::transact_get_items,
                )
                .await
        }
        "TransactWriteItems" => {
            databases
                .run(
                    region,
                    "TransactWriteItems",
                    members,
                    Database::transact_write_items,
                )
                .await
        }
        other => Err(ApiError::missing(&format!("dynamodb:{other}"))),
    }
}

/// Puts names where ARNs stand, since dynoxide takes names only; answers the tables named.
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
