//! A table as DescribeTable shows it: what dynoxide knows of it, completed from the record.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::clock::epoch_seconds;
use crate::identity::call::Call;
use crate::services::dynamodb::arn;
use crate::state::table::{Counts, Status, Table};

/// The name that the table's own counts have among those of its indexes.
const OWN: &str = "";

/// dynoxide's description (keys, indexes, streams), overlaid with the record.
pub(crate) fn overlay(
    mut description: Value,
    call: &Call,
    name: &str,
    table: &Table,
    status: Status,
) -> Value {
    arn::rewrite(&mut description, &call.region);
    let Value::Object(mut shown) = description else {
        return Value::Null;
    };
    for name in [
        "TableThroughputModeSummary",
        "BillingModeSummary",
        "TableClassSummary",
    ] {
        shown.remove(name);
    }
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("TableName", json!(name));
    put("TableArn", json!(arn::of_table(&call.region, name)));
    put("TableId", json!(table.id));
    put("TableStatus", json!(status.name()));
    put("CreationDateTime", epoch_seconds(table.created));
    let (read, write) = table.billing.provisioned.unwrap_or((0, 0));
    put(
        "ProvisionedThroughput",
        json!({
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": read,
            "WriteCapacityUnits": write,
        }),
    );
    if let Some(since) = table.billing.on_demand_since {
        let mode = match table.billing.provisioned {
            None => "PAY_PER_REQUEST",
            Some(_) => "PROVISIONED",
        };
        let summary = json!({
            "BillingMode": mode,
            "LastUpdateToPayPerRequestDateTime": epoch_seconds(since),
        });
        put("BillingModeSummary", summary);
    }
    if let Some(class) = &table.class {
        put("TableClassSummary", json!({ "TableClass": class }));
    }
    put("DeletionProtectionEnabled", json!(table.protected));
    put("WarmThroughput", warm_throughput(table));
    match &table.on_demand_limits {
        Some(limits) => put("OnDemandThroughput", limits.clone()),
        None => shown.remove("OnDemandThroughput"),
    };
    match &table.encryption {
        Some(encryption) => shown.insert("SSEDescription".to_owned(), encryption.clone()),
        None => shown.remove("SSEDescription"),
    };
    show_counts(&mut shown, &table.counts);
    show_index_statuses(&mut shown, table, status);
    Value::Object(shown)
}

/// The items and bytes of a table and of its indexes, which dynoxide counts at every look.
pub(crate) fn counts_of(description: &Value) -> BTreeMap<String, Counts> {
    let number = |part: &Value, member: &str| part[member].as_i64().unwrap_or(0);
    let own = Counts {
        items: number(description, "ItemCount"),
        bytes: number(description, "TableSizeBytes"),
    };
    let indexes = INDEXES
        .iter()
        .filter_map(|kind| description[kind].as_array());
    let indexes = indexes.flatten().filter_map(|index| {
        let counts = Counts {
            items: number(index, "ItemCount"),
            bytes: number(index, "IndexSizeBytes"),
        };
        Some((index["IndexName"].as_str()?.to_owned(), counts))
    });
    std::iter::once((OWN.to_owned(), own))
        .chain(indexes)
        .collect()
}

const INDEXES: [&str; 2] = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];

/// Shows the counts of the record: those that DynamoDB took at its last count.
fn show_counts(shown: &mut Map<String, Value>, counts: &BTreeMap<String, Counts>) {
    let of = |name: &str| counts.get(name).copied().unwrap_or_default();
    shown.insert("ItemCount".to_owned(), json!(of(OWN).items));
    shown.insert("TableSizeBytes".to_owned(), json!(of(OWN).bytes));
    for index in indexes_mut(shown, &INDEXES) {
        let counts = of(index["IndexName"].as_str().unwrap_or_default());
        index.insert("ItemCount".to_owned(), json!(counts.items));
        index.insert("IndexSizeBytes".to_owned(), json!(counts.bytes));
    }
}

/// dynoxide has every index ready at once. Until the change that created one has ended it is CREATING.
fn show_index_statuses(shown: &mut Map<String, Value>, table: &Table, status: Status) {
    for index in indexes_mut(shown, &["GlobalSecondaryIndexes"]) {
        let name = index["IndexName"].as_str().unwrap_or_default();
        let is_new = table.new_indexes.iter().any(|new| new == name);
        let status = match status {
            Status::Creating => "CREATING",
            Status::Updating if is_new => "CREATING",
            Status::Deleting => "DELETING",
            Status::Updating | Status::Active => "ACTIVE",
        };
        index.insert("IndexStatus".to_owned(), json!(status));
        if is_new && status == "CREATING" {
            index.insert("Backfilling".to_owned(), json!(true));
        }
    }
}

fn indexes_mut<'a>(
    shown: &'a mut Map<String, Value>,
    kinds: &'a [&str],
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    shown
        .iter_mut()
        .filter(|(kind, _)| kinds.contains(&kind.as_str()))
        .filter_map(|(_, indexes)| indexes.as_array_mut())
        .flatten()
        .filter_map(Value::as_object_mut)
}

/// `WarmThroughput`, which AWS always shows; on demand with these defaults.
fn warm_throughput(table: &Table) -> Value {
    let (read, write) = table.billing.provisioned.unwrap_or((12_000, 4_000));
    let mut warm = json!({
        "ReadUnitsPerSecond": read,
        "WriteUnitsPerSecond": write,
        "Status": "ACTIVE",
    });
    if let Some(set) = &table.warm {
        for name in ["ReadUnitsPerSecond", "WriteUnitsPerSecond"] {
            if let Some(units) = set.get(name) {
                warm[name] = units.clone();
            }
        }
    }
    warm
}
