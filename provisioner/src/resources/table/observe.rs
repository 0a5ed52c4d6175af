//! Reads the table with four requests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    BillingMode, PointInTimeRecoveryStatus, TableClass, TableDescription, TableStatus, Tag,
    TimeToLiveStatus,
};
use futures::future::try_join3;

use super::spec::{
    AWS_OWNED_KEY, BILLING, Billing, CLASS, ENCRYPTION, INDEX, KEY, PROTECTION, RECOVERY, STREAM,
    TTL, TableSpec, on_off, recovery_text,
};
use crate::aws::call::{optional, read};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::attribute::Name;
use crate::engine::inputs::CREATED;
use crate::engine::observed::{Condition, Facts, Observed, ObservedState, Outputs, Ownership};
use crate::resources::owner::Owner;
use crate::rides::Rides;

/// The declaration with the means to send its requests.
pub struct Table {
    pub spec: TableSpec,
    pub owner: Owner,
    pub client: Client,
    pub rides: Rides,
}

/// Point-in-time recovery as the service reports it.
enum Recovery {
    /// On, for so many days back if the service reports them.
    On(Option<i32>),
    Off,
    /// `ENABLING` and the like, which AWS reports for some seconds after a change; no API model has them.
    Changing(String),
    /// The table exists, but is so new that the request for backups does not find it.
    Unseen,
    NotReported,
}

impl Table {
    pub async fn read(&self) -> Result<Observed, CloudError> {
        let (table, recovery, ttl) =
            try_join3(self.describe(), self.point_in_time_recovery(), self.ttl()).await?;
        let Some(table) = table else {
            return Ok(Observed::Absent);
        };
        let mut facts = facts(&table);
        let mut condition = condition(&table);
        match recovery {
            Recovery::On(None) => facts.is(RECOVERY, on_off(true)),
            Recovery::On(days) => facts.is(RECOVERY, recovery_text(days)),
            Recovery::Off => facts.is(RECOVERY, on_off(false)),
            Recovery::NotReported => facts.reported(RECOVERY, None::<String>),
            Recovery::Changing(status) if condition == Condition::Ready => {
                condition = Condition::Settling(format!("{RECOVERY} {status}"));
            }
            Recovery::Unseen if condition == Condition::Ready => {
                condition = Condition::Settling(format!("{RECOVERY} is not visible yet"));
            }
            Recovery::Changing(_) | Recovery::Unseen => {}
        }
        if let Some(attribute) = ttl {
            facts.is(TTL, attribute);
        }
        let arn = table.table_arn().unwrap_or_default();
        let ownership = match self.tags(arn).await {
            Ok(tags) => {
                let tags = tags.iter().map(|tag| (tag.key(), tag.value()));
                self.owner.judge(tags, &mut facts)
            }
            // Tags are visible only while the table is ACTIVE, and disappear some seconds before the table
            // does, perhaps since it was described.
            Err(error) if error.kind == CloudErrorKind::NotFound => {
                if condition == Condition::Ready {
                    condition = Condition::Settling("being deleted".to_owned());
                }
                Ownership::Unknown("its tags do not exist".to_owned())
            }
            Err(error) => return Err(error),
        };
        Ok(Observed::Present(ObservedState {
            ownership,
            condition,
            facts,
            details: Vec::new(),
            outputs: outputs(&table),
        }))
    }

    pub async fn describe(&self) -> Result<Option<TableDescription>, CloudError> {
        let doing = format!("describe {}", self.spec.id());
        let request = self.client.describe_table().table_name(&self.spec.name);
        let answer = optional(doing, request.send()).await?;
        Ok(answer.and_then(|answer| answer.table))
    }

    async fn point_in_time_recovery(&self) -> Result<Recovery, CloudError> {
        let doing = format!("describe the backups of {}", self.spec.id());
        let request = self.client.describe_continuous_backups();
        let request = request.table_name(&self.spec.name);
        let Some(answer) = optional(doing, request.send()).await? else {
            return Ok(Recovery::Unseen);
        };
        let recovery = answer
            .continuous_backups_description
            .and_then(|backups| backups.point_in_time_recovery_description);
        let days = recovery
            .as_ref()
            .and_then(|recovery| recovery.recovery_period_in_days);
        Ok(
            match recovery.and_then(|it| it.point_in_time_recovery_status) {
                None => Recovery::NotReported,
                Some(PointInTimeRecoveryStatus::Enabled) => Recovery::On(days),
                Some(PointInTimeRecoveryStatus::Disabled) => Recovery::Off,
                Some(changing) => Recovery::Changing(changing.as_str().to_owned()),
            },
        )
    }

    /// The attribute by which items expire.
    async fn ttl(&self) -> Result<Option<String>, CloudError> {
        let doing = format!("describe the time to live of {}", self.spec.id());
        let request = self.client.describe_time_to_live();
        let request = request.table_name(&self.spec.name);
        let answer = match optional(doing, request.send()).await {
            // The response for CREATING and DELETING tables.
            Err(error) if error.is_validation() => None,
            answer => answer?,
        };
        let ttl = answer.and_then(|answer| answer.time_to_live_description);
        Ok(ttl
            .filter(|ttl| {
                let status = ttl.time_to_live_status();
                matches!(
                    status,
                    Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
                )
            })
            .and_then(|ttl| ttl.attribute_name))
    }

    async fn tags(&self, arn: &str) -> Result<Vec<Tag>, CloudError> {
        let doing = format!("list the tags of {}", self.spec.id());
        let mut tags = Vec::new();
        let mut next = None;
        loop {
            let request = self.client.list_tags_of_resource().resource_arn(arn);
            let answer = read(&doing, request.set_next_token(next).send()).await?;
            tags.extend(answer.tags.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() {
                return Ok(tags);
            }
        }
    }
}

fn outputs(table: &TableDescription) -> Outputs {
    let created = table.creation_date_time();
    let created = created.map(|created| (CREATED.to_owned(), created.secs().to_string()));
    Outputs::from_iter(created)
}

/// The facts of `DescribeTable`, with AWS's defaults for absent members.
fn facts(table: &TableDescription) -> Facts {
    let mut facts = Facts::default();
    facts.is(KEY, key(table));
    facts.is(BILLING, billing(table).to_string());
    facts.reported(PROTECTION, table.deletion_protection_enabled.map(on_off));
    let class = table
        .table_class_summary()
        .and_then(|summary| summary.table_class());
    facts.is(CLASS, class.unwrap_or(&TableClass::Standard).as_str());
    let key_arn = table
        .sse_description()
        .and_then(|sse| sse.kms_master_key_arn());
    facts.is(ENCRYPTION, key_arn.unwrap_or(AWS_OWNED_KEY));
    let stream = table
        .stream_specification()
        .filter(|stream| stream.stream_enabled());
    if let Some(stream) = stream {
        facts.part(
            STREAM,
            stream.stream_view_type().map_or("on", |view| view.as_str()),
        );
    }
    for index in table.global_secondary_indexes() {
        let name = index.index_name().unwrap_or_default();
        facts.part(
            Name::entry(INDEX, name.to_owned()),
            "global secondary index",
        );
    }
    facts
}

/// The key: `RideId (S)`, followed by the sort key if there is one.
fn key(table: &TableDescription) -> String {
    let type_of = |name: &str| {
        let definitions = table.attribute_definitions();
        let definition = definitions.iter().find(|d| d.attribute_name() == name);
        definition.map_or("?", |definition| definition.attribute_type().as_str())
    };
    let elements = table.key_schema().iter();
    let elements =
        elements.map(|e| format!("{} ({})", e.attribute_name(), type_of(e.attribute_name())));
    elements.collect::<Vec<_>>().join(", ")
}

/// The billing mode. Without a summary the table has always been provisioned.
fn billing(table: &TableDescription) -> Billing {
    let mode = table
        .billing_mode_summary()
        .and_then(|summary| summary.billing_mode());
    if mode == Some(&BillingMode::PayPerRequest) {
        return Billing::OnDemand;
    }
    let throughput = table.provisioned_throughput();
    Billing::Provisioned {
        read_units: throughput
            .and_then(|throughput| throughput.read_capacity_units())
            .unwrap_or_default(),
        write_units: throughput
            .and_then(|throughput| throughput.write_capacity_units())
            .unwrap_or_default(),
    }
}

pub fn condition(table: &TableDescription) -> Condition {
    match table.table_status() {
        Some(TableStatus::Active) => Condition::Ready,
        Some(TableStatus::Creating | TableStatus::Updating | TableStatus::Deleting)
        | Some(TableStatus::Archiving) => Condition::Settling(status(table)),
        Some(TableStatus::InaccessibleEncryptionCredentials | TableStatus::Archived)
        | Some(TableStatus::ReplicationNotAuthorized)
        | Some(_) => Condition::Broken(status(table)),
        // Always sent by AWS.
        None => Condition::Ready,
    }
}

pub fn status(table: &TableDescription) -> String {
    table
        .table_status()
        .map_or("without a status", |status| status.as_str())
        .to_owned()
}
