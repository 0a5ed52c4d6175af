//! An UpdateTable request: what is checked before its table is looked for.

use serde_json::{Map, Value};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::services::dynamodb::errors::validation;
use crate::services::dynamodb::tables::encryption_of;

/// Changes that must be the only one of their call.
const ALONE: &[&str] = &[
    "DeletionProtectionEnabled",
    "SSESpecification",
    "TableClass",
    "WarmThroughput",
];
/// Changes that one call may combine.
const TOGETHER: &[&str] = &[
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
];
/// Those that dynoxide carries out.
const OF_DYNOXIDE: &[&str] = &["StreamSpecification", "GlobalSecondaryIndexUpdates"];
/// Those that the local cloud does not have.
const UNSUPPORTED: &[&str] = &[
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "GlobalTableSettingsReplicationMode",
    "VectorIndexUpdates",
];

/// The changes that a request asks for.
pub(crate) struct Changes {
    pub(crate) mode: Option<BillingMode>,
    /// The read and write capacity.
    pub(crate) capacity: Option<(i64, i64)>,
    /// The limits on demand; -1 removes one.
    pub(crate) limits: Vec<(&'static str, i64)>,
    pub(crate) protected: Option<bool>,
    pub(crate) class: Option<String>,
    /// `Some(None)` stands for the key that AWS owns.
    pub(crate) encryption: Option<Option<Value>>,
    pub(crate) warm: Option<Value>,
    /// The request without what only the record has, if dynoxide has to change something.
    pub(crate) of_dynoxide: Option<Map<String, Value>>,
    /// The indexes that are to be created.
    pub(crate) new_indexes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillingMode {
    OnDemand,
    Provisioned,
}

/// Reads a request.
pub(crate) fn read(input: &Input, region: &str) -> ApiResult<Changes> {
    check_combination(input)?;
    let mode = billing_mode(input)?;
    let capacity = capacity_units(input)?;
    if mode == Some(BillingMode::OnDemand) && capacity.is_some() {
        return Err(capacity_on_demand());
    }
    let encryption = match input.has("SSESpecification") {
        true => Some(encryption_of(input, region)?),
        false => None,
    };
    Ok(Changes {
        mode,
        capacity,
        limits: limits(input)?,
        protected: input.flag("DeletionProtectionEnabled")?,
        class: class(input)?,
        encryption,
        warm: input.get("WarmThroughput").cloned(),
        of_dynoxide: of_dynoxide(input),
        new_indexes: new_indexes(input),
    })
}

pub(crate) fn capacity_on_demand() -> ApiError {
    validation(
        "One or more parameter values were invalid: Neither ReadCapacityUnits nor \
         WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    )
}

fn not_one_of(value: &str, member: &str, values: &str) -> ApiError {
    validation(&format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must satisfy enum value set: [{values}]"
    ))
}

fn billing_mode(input: &Input) -> ApiResult<Option<BillingMode>> {
    match input.text("BillingMode")? {
        None => Ok(None),
        Some("PAY_PER_REQUEST") => Ok(Some(BillingMode::OnDemand)),
        Some("PROVISIONED") => Ok(Some(BillingMode::Provisioned)),
        Some(mode) => Err(not_one_of(
            mode,
            "billingMode",
            "PROVISIONED, PAY_PER_REQUEST",
        )),
    }
}

fn class(input: &Input) -> ApiResult<Option<String>> {
    match input.text("TableClass")? {
        None => Ok(None),
        Some(class @ ("STANDARD" | "STANDARD_INFREQUENT_ACCESS")) => Ok(Some(class.to_owned())),
        Some(class) => {
            let values = "STANDARD, STANDARD_INFREQUENT_ACCESS";
            Err(not_one_of(class, "tableClass", values))
        }
    }
}

fn limits(input: &Input) -> ApiResult<Vec<(&'static str, i64)>> {
    let given = input.members("OnDemandThroughput")?.unwrap_or_default();
    let mut limits = Vec::new();
    for name in ["MaxReadRequestUnits", "MaxWriteRequestUnits"] {
        limits.extend(given.number(name)?.map(|units| (name, units)));
    }
    Ok(limits)
}

fn of_dynoxide(input: &Input) -> Option<Map<String, Value>> {
    if !OF_DYNOXIDE.iter().any(|member| input.has(member)) {
        return None;
    }
    let is_its = |name: &str| OF_DYNOXIDE.contains(&name) || !TOGETHER.contains(&name);
    let mut members = input.0.clone();
    members.retain(|name, _| is_its(name));
    Some(members)
}

fn new_indexes(input: &Input) -> Vec<String> {
    let updates = input.get("GlobalSecondaryIndexUpdates");
    let updates = updates.and_then(Value::as_array).into_iter().flatten();
    updates
        .filter_map(|update| update["Create"]["IndexName"].as_str())
        .map(str::to_owned)
        .collect()
}

fn check_combination(input: &Input) -> ApiResult<()> {
    if let Some(member) = UNSUPPORTED.iter().find(|member| input.has(member)) {
        return Err(ApiError::missing(&format!(
            "{member} of dynamodb:UpdateTable"
        )));
    }
    let count = ALONE
        .iter()
        .chain(TOGETHER)
        .filter(|member| input.has(member))
        .count();
    if count == 0 {
        return Err(validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
             GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
        ));
    }
    if count > 1
        && let Some(member) = ALONE.iter().find(|member| input.has(member))
    {
        return Err(validation(&format!(
            "One or more parameter values were invalid: {member} must be the only operation in the \
             request"
        )));
    }
    // AWS answers these with a 500 and an empty message.
    for member in ["WarmThroughput", "OnDemandThroughput"] {
        if input
            .get(member)
            .is_some_and(|value| value.as_object().is_some_and(|m| m.is_empty()))
        {
            return Err(ApiError::internal(""));
        }
    }
    Ok(())
}

/// The read and write capacity in a request.
fn capacity_units(input: &Input) -> ApiResult<Option<(i64, i64)>> {
    let Some(units) = input.members("ProvisionedThroughput")? else {
        return Ok(None);
    };
    let read = units.number("ReadCapacityUnits")?.unwrap_or(0);
    let write = units.number("WriteCapacityUnits")?.unwrap_or(0);
    if read < 1 || write < 1 {
        return Err(validation(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits \
             must be at least 1",
        ));
    }
    Ok(Some((read, write)))
}
