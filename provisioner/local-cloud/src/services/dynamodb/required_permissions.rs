//! The permissions that each DynamoDB operation requires, with their condition keys.

use serde_json::{Map, Value};

use crate::account::ACCOUNT;
use crate::api::input::Input;
use crate::identity::authorize::RequiredPermission;
use crate::identity::call::Call;
use crate::identity::policy::Context;
use crate::services::dynamodb::{arn, partiql};
use crate::state::State;
use crate::state::table::Table;

pub(crate) fn required_permissions(
    state: &State,
    call: &Call,
    action: &str,
    input: &Input,
) -> Vec<RequiredPermission> {
    let one = |resource: String, context: Context| {
        vec![RequiredPermission::new(format!("dynamodb:{action}"), resource).with(context)]
    };
    match action {
        "ListTables" | "ListBackups" => one(
            format!("arn:aws:dynamodb:{}:{ACCOUNT}:table/*", call.region),
            Context::default(),
        ),
        "DescribeBackup" | "DeleteBackup" => one(text(input, "BackupArn"), Context::default()),
        "BatchGetItem" | "BatchWriteItem" => batch(state, call, action, input),
        "TransactGetItems" | "TransactWriteItems" => transaction(state, call, input),
        "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
            of_statements(state, call, input)
        }
        "TagResource" | "UntagResource" | "ListTagsOfResource" => {
            let resource = text(input, "ResourceArn");
            let mut context = of_table(state, call, arn::name_of(&resource));
            with_request_tags(&mut context, input);
            one(resource, context)
        }
        "CreateTable" => {
            let name = text(input, "TableName");
            let resource = arn::of_table(&call.region, arn::name_of(&name));
            let mut context = Context::default();
            with_request_tags(&mut context, input);
            let mut required = one(resource.clone(), context.clone());
            // AWS requires it for an empty list of tags too.
            if input.has("Tags") {
                required
                    .push(RequiredPermission::new("dynamodb:TagResource", resource).with(context));
            }
            required
        }
        _ => {
            let name = text(input, "TableName");
            let name = arn::name_of(&name);
            let mut context = of_table(state, call, name);
            let table = state.region(&call.region).tables.get(name);
            with_item_keys(&mut context, table, action, &input.0);
            let index = input.text("IndexName").ok().flatten();
            let mut resource = arn::of_table(&call.region, name);
            if let (Some(index), "Query" | "Scan") = (index, action) {
                resource = format!("{resource}/index/{index}");
            }
            one(resource, context)
        }
    }
}

fn text(input: &Input, name: &str) -> String {
    input
        .text(name)
        .ok()
        .flatten()
        .unwrap_or_default()
        .to_owned()
}

fn of_table(state: &State, call: &Call, name: &str) -> Context {
    let mut context = Context::default();
    if let Some(table) = state.region(&call.region).tables.get(name) {
        let tags = table.tags.seen(call.now).iter();
        context.resource_tags(
            None,
            tags.map(|(key, value)| (key.as_str(), value.as_str())),
        );
    }
    context
}

fn with_request_tags(context: &mut Context, input: &Input) {
    let tags = input.tag_list("Tags").ok().flatten().unwrap_or_default();
    context.request_tags(
        tags.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    if let Ok(Some(keys)) = input.texts("TagKeys") {
        context.texts("aws:TagKeys", keys);
    }
}

fn batch(state: &State, call: &Call, action: &str, input: &Input) -> Vec<RequiredPermission> {
    let Some(Value::Object(requests)) = input.get("RequestItems") else {
        return vec![RequiredPermission::new(format!("dynamodb:{action}"), "*")];
    };
    let required = requests.iter().map(|(table, request)| {
        let name = arn::name_of(table);
        let mut context = of_table(state, call, name);
        let record = state.region(&call.region).tables.get(name);
        let items: Vec<&Map<String, Value>> = match request {
            Value::Object(get) => get
                .get("Keys")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_object)
                .collect(),
            Value::Array(writes) => writes
                .iter()
                .filter_map(Value::as_object)
                .flatten()
                .filter_map(|(kind, write)| {
                    write.get(if kind == "PutRequest" { "Item" } else { "Key" })
                })
                .filter_map(Value::as_object)
                .collect(),
            _ => Vec::new(),
        };
        with_leading_keys(&mut context, record, &items);
        let resource = arn::of_table(&call.region, name);
        RequiredPermission::new(format!("dynamodb:{action}"), resource).with(context)
    });
    required.collect()
}

/// A statement requires the permission for what it does. One that cannot be read requires it for every
/// table.
fn of_statements(state: &State, call: &Call, input: &Input) -> Vec<RequiredPermission> {
    let statements = partiql::statements(&input.0).into_iter();
    let mut required: Vec<RequiredPermission> = statements
        .map(|statement| {
            let Some(target) = partiql::target(statement) else {
                return RequiredPermission::new("dynamodb:PartiQLDelete", "*");
            };
            let name = arn::name_of(&target.table);
            let mut resource = arn::of_table(&call.region, name);
            if let Some(index) = &target.index {
                resource = format!("{resource}/index/{index}");
            }
            let action = format!("dynamodb:{}", target.action);
            RequiredPermission::new(action, resource).with(of_table(state, call, name))
        })
        .collect();
    if required.is_empty() {
        required.push(RequiredPermission::new("dynamodb:PartiQLSelect", "*"));
    }
    required
}

/// A transaction requires the permissions of its parts.
fn transaction(state: &State, call: &Call, input: &Input) -> Vec<RequiredPermission> {
    let parts = input
        .list("TransactItems")
        .ok()
        .flatten()
        .unwrap_or_default();
    let mut required = Vec::new();
    for (kind, part) in parts.iter().filter_map(Value::as_object).flatten() {
        let action = match kind.as_str() {
            "Get" => "GetItem",
            "Put" => "PutItem",
            "Update" => "UpdateItem",
            "Delete" => "DeleteItem",
            "ConditionCheck" => "ConditionCheckItem",
            _ => continue,
        };
        let Value::Object(part) = part else { continue };
        let name = part
            .get("TableName")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = arn::name_of(name);
        let mut context = of_table(state, call, name);
        with_item_keys(
            &mut context,
            state.region(&call.region).tables.get(name),
            action,
            part,
        );
        let resource = arn::of_table(&call.region, name);
        required
            .push(RequiredPermission::new(format!("dynamodb:{action}"), resource).with(context));
    }
    if required.is_empty() {
        required.push(RequiredPermission::new("dynamodb:*", "*"));
    }
    required
}

/// Adds `dynamodb:LeadingKeys`, `Attributes`, `Select` and `ReturnValues` of a call.
fn with_item_keys(
    context: &mut Context,
    table: Option<&Table>,
    action: &str,
    members: &Map<String, Value>,
) {
    // Chosen by the action and not by the members: a DeleteItem with a stray `Item` deletes its `Key`.
    let item = members.get(if action == "PutItem" { "Item" } else { "Key" });
    if let Some(item) = item.and_then(Value::as_object) {
        with_leading_keys(context, table, &[item]);
        context.texts("dynamodb:Attributes", item.keys().cloned().collect());
    }
    if action == "Query"
        && let Some(key) = table.and_then(|table| queried_key(table, members))
    {
        context.texts("dynamodb:LeadingKeys", vec![key]);
    }
    if action == "Scan" {
        context.flag("dynamodb:FullTableScan", true);
    }
    for name in ["Select", "ReturnValues", "ReturnConsumedCapacity"] {
        if let Some(Value::String(value)) = members.get(name) {
            context.text(&format!("dynamodb:{name}"), value);
        }
    }
}

fn with_leading_keys(context: &mut Context, table: Option<&Table>, items: &[&Map<String, Value>]) {
    let Some(hash) = table.and_then(|table| table.keys.first()) else {
        return;
    };
    let keys: Vec<String> = items
        .iter()
        .filter_map(|item| item.get(hash))
        .filter_map(scalar)
        .collect();
    if !keys.is_empty() {
        context.texts("dynamodb:LeadingKeys", keys);
    }
}

/// `{"S":"x"}` as the text that policies compare.
fn scalar(value: &Value) -> Option<String> {
    let (_, value) = value.as_object()?.iter().next()?;
    value.as_str().map(str::to_owned)
}

/// The partition key of a query: from `#k = :v` in its key condition, or from the older form.
fn queried_key(table: &Table, members: &Map<String, Value>) -> Option<String> {
    let hash = table.keys.first()?;
    if let Some(condition) = members.get("KeyConditions").and_then(|all| all.get(hash)) {
        return scalar(condition.get("AttributeValueList")?.get(0)?);
    }
    let expression = members.get("KeyConditionExpression")?.as_str()?;
    let names = members.get("ExpressionAttributeNames");
    let values = members.get("ExpressionAttributeValues")?;
    let spaced = expression.replace('=', " = ").replace(['(', ')'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words
        .windows(3)
        .filter(|three| three[1] == "=")
        .find_map(|three| {
            let resolve = |word: &str| match names.and_then(|names| names.get(word)) {
                Some(Value::String(name)) => name.clone(),
                _ => word.to_owned(),
            };
            match (resolve(three[0]) == *hash, resolve(three[2]) == *hash) {
                (true, _) => scalar(values.get(three[2])?),
                (_, true) => scalar(values.get(three[0])?),
                _ => None,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::queried_key;
    use crate::state::lagging::{Lagging, Stale};
    use crate::state::table::{Billing, Locks, Table};
    use serde_json::json;

    #[test]
    fn the_queried_key_is_found() {
        let table = Table {
            id: String::new(),
            created: 0,
            active_at: 0,
            updating_until: 0,
            gone_at: None,
            new_indexes: Vec::new(),
            counts: [].into(),
            counted: 0,
            keys: vec!["RideId".to_owned(), "At".to_owned()],
            billing: Billing {
                provisioned: None,
                on_demand_since: None,
            },
            protected: false,
            class: None,
            on_demand_limits: None,
            warm: None,
            encryption: None,
            tags: Lagging::new(Vec::new()),
            locks: Locks::default(),
            recovery: None,
            stale_recovery: Stale::default(),
            ttl: None,
        };
        let values = json!({":r": {"S": "r1"}, ":a": {"N": "2"}});
        for (expression, key) in [
            ("RideId = :r", Some("r1")),
            ("(RideId=:r)AND At > :a", Some("r1")),
            ("#r = :r AND begins_with(At, :a)", Some("r1")),
            (":r = RideId", Some("r1")),
            ("At = :a", None),
            ("", None),
        ] {
            let members = json!({
                "KeyConditionExpression": expression,
                "ExpressionAttributeNames": {"#r": "RideId"},
                "ExpressionAttributeValues": values,
            });
            let found = queried_key(&table, members.as_object().unwrap());
            assert_eq!(found.as_deref(), key, "{expression}");
        }
        let old = json!({"KeyConditions": {"RideId": {"AttributeValueList": [{"S": "x"}]}}});
        assert_eq!(
            queried_key(&table, old.as_object().unwrap()).as_deref(),
            Some("x")
        );
    }
}
