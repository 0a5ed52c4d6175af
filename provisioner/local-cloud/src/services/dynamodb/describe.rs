//! A table as DescribeTable shows it. dynoxide's description of keys and indexes is in the record.

use serde_json::{Value, json};

use crate::clock::{Millis, epoch_seconds};
use crate::identity::call::Call;
use crate::services::dynamodb::arn;
use crate::state::table::{Status, Table};

/// How often DynamoDB counts items and bytes.
pub(crate) const COUNTED_EVERY: Millis = 6 * 3600 * 1000;

/// dynoxide's description (keys, indexes, counts), overlaid with the record.
pub(crate) fn describe(call: &Call, name: &str, table: &Table, status: Status) -> Value {
    let mut description = table.description.clone();
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
    Value::Object(shown)
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
