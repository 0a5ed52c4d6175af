//! The table of rides. Its key is for good; everything else changes in place.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
    KeySchemaElement, KeyType, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
    ScalarAttributeType, SseSpecification, StreamSpecification, TableClass, TableDescription,
    TableStatus, Tag, TimeToLiveSpecification, TimeToLiveStatus,
};
use futures::future::try_join3;

use crate::cloud::error::{CloudError, CloudErrorKind};
use crate::cloud::retry::{absent_is_none, gone_is_fine, when_free, while_failing};
use crate::error::Error;
use crate::owner::Owner;
use crate::resource::{
    Attribute, Condition, Context, Difference, Facts, Observed, OnChange, Ownership, Resource,
    ResourceId, Seen, Step, touches,
};
use crate::rides::{Count, Rides};
use crate::wait::Look;

pub const KIND: &str = "table";

/// DynamoDB needs 2 to 8 s; a switch of the billing mode up to 3 minutes.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Backups can be set up 1.4 to 2.7 s after the table is ACTIVE; rarely it took minutes.
const BACKUPS_LIMIT: Duration = Duration::from_secs(5 * 60);

const KEY: &str = function_contract::item::RIDE_ID;
const INDEX: &str = "index ";
const ON: &str = "on";
const OFF: &str = "off";

#[derive(Clone, Debug)]
pub struct TableSpec {
    pub name: String,
    /// Costs by the gigabyte; leaves a system backup for 35 days when the table is deleted.
    pub point_in_time_recovery: bool,
}

pub struct Table {
    pub spec: TableSpec,
    pub owner: Owner,
    pub client: Client,
    pub rides: Rides,
    pub delete_rides: bool,
}

#[async_trait(?Send)]
impl Resource for Table {
    fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.spec.name)
    }

    fn needs(&self) -> Vec<ResourceId> {
        Vec::new()
    }

    fn desired(&self, _context: &Context) -> Vec<Attribute> {
        let TableSpec {
            name: _,
            point_in_time_recovery,
        } = &self.spec;
        let key = Attribute::new("key", format!("{KEY} (S)")).refuse(
            "a table's key can't be changed, and `provision` never replaces a table",
            "restore the declared key, or put up another stage and copy the rides over: \
             `… --stage second`",
        );
        let recovery = Attribute::new("point-in-time recovery", on_off(*point_in_time_recovery))
            .ask("which ends the recovery history");
        // Switching it on loses nothing.
        let recovery = if *point_in_time_recovery {
            Attribute {
                on_change: OnChange::Update,
                ..recovery
            }
        } else {
            recovery
        };
        let mut attributes = vec![
            key,
            Attribute::new("billing", "on demand"),
            Attribute::new("deletion protection", ON),
            Attribute::new("class", "STANDARD"),
            Attribute::new("encryption", "AWS-owned key"),
            recovery,
        ];
        attributes.extend(self.owner.attributes());
        attributes
    }

    async fn observe(&self) -> Result<Observed, CloudError> {
        let (table, recovery, ttl) =
            try_join3(self.describe(), self.point_in_time_recovery(), self.ttl()).await?;
        let Some(table) = table else {
            return Ok(Observed::Absent);
        };
        let mut facts = facts(&table);
        facts.reported("point-in-time recovery", recovery.map(on_off));
        if let Some(attribute) = ttl {
            facts.is("time to live", attribute);
        }
        let mut condition = condition(&table);
        let arn = table.table_arn().unwrap_or_default();
        let ownership = match self.tags(arn).await {
            Ok(tags) => {
                let tags = tags.iter().map(|tag| (tag.key(), tag.value()));
                self.owner.facts(tags, &mut facts);
                self.owner.judge(&facts)
            }
            // Tags show only together with ACTIVE, and go seconds before the table does: perhaps
            // since it was described.
            Err(error) if error.kind == CloudErrorKind::NotFound => {
                if condition == Condition::Ready {
                    condition = Condition::Settling("going".to_owned());
                }
                Ownership::Unknown("its tags are not there".to_owned())
            }
            Err(error) => return Err(error),
        };
        Ok(Observed::Present(Seen {
            ownership,
            condition,
            facts,
            details: Vec::new(),
        }))
    }

    async fn create(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            match self.create_table().await.map_err(CloudError::of(&doing)) {
                // Our own lost answer: the closing look compares it like any other.
                Err(error) if error.kind == CloudErrorKind::AlreadyExists => self.is_ours().await,
                result => result.map(drop),
            }
        })
        .await?;
        self.until_active(step).await?;
        if self.spec.point_in_time_recovery {
            self.set_point_in_time_recovery(true, step).await?;
        }
        Ok(())
    }

    /// `UpdateTable` takes one logical change a call, with a wait between.
    async fn update(&self, differences: &[Difference], step: &Step<'_>) -> Result<(), Error> {
        let changed = |attribute: &str| touches(differences, |name| name == attribute);
        let update = || self.client.update_table().table_name(&self.spec.name);
        if changed("deletion protection") {
            self.send(update().deletion_protection_enabled(true), step)
                .await?;
        }
        if changed("billing") {
            self.send(update().billing_mode(BillingMode::PayPerRequest), step)
                .await?;
        }
        if changed("class") {
            self.send(update().table_class(TableClass::Standard), step)
                .await?;
        }
        if changed("encryption") {
            let aws_owned = SseSpecification::builder().enabled(false).build();
            self.send(update().sse_specification(aws_owned), step)
                .await?;
        }
        if changed("stream") {
            let off = StreamSpecification::builder().stream_enabled(false).build();
            let off = off.map_err(|error| Error::failed("update the stream").because(error))?;
            self.send(update().stream_specification(off), step).await?;
        }
        for difference in differences {
            if let Some(index) = difference.attribute.strip_prefix(INDEX) {
                self.send(
                    update().global_secondary_index_updates(drop_index(index)?),
                    step,
                )
                .await?;
            }
        }
        if let Some(ttl) = differences.iter().find(|d| d.attribute == "time to live") {
            self.disable_ttl(ttl.from.as_deref().unwrap_or_default(), step)
                .await?;
        }
        if changed("point-in-time recovery") {
            self.set_point_in_time_recovery(self.spec.point_in_time_recovery, step)
                .await?;
        }
        if touches(differences, |name| name.starts_with("tag ")) {
            self.tag(step).await?;
        }
        Ok(())
    }

    /// Lifts the protection first.
    async fn delete(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("delete {}", self.id());
        let Some(table) = self.describe().await? else {
            return Ok(());
        };
        if !self.delete_rides && table.table_status() != Some(&TableStatus::Deleting) {
            // An UPDATING table takes rides like any other, and is counted when it has settled.
            self.until_active(step).await?;
            self.must_be_empty(step).await?;
        }
        if table.deletion_protection_enabled.unwrap_or(false) {
            let request = self.client.update_table().table_name(&self.spec.name);
            self.send(request.deletion_protection_enabled(false), step)
                .await?;
        }
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self.client.delete_table().table_name(&self.spec.name);
            let result = request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing));
            match gone_is_fine(result) {
                // Already on its way: the wait below sees it off.
                Err(error) if error.message.contains("being deleted") => Ok(()),
                result => result,
            }
        })
        .await
        .map_err(protected_meanwhile)?;
        let what = format!("wait until {} is gone", self.id());
        step.wait
            .until(&what, LIMIT, async || {
                Ok(match self.describe().await? {
                    None => Look::Ready(()),
                    Some(table) => Look::NotYet(status(&table)),
                })
            })
            .await
    }

    fn arn(&self, context: &Context) -> String {
        let Context {
            partition,
            account,
            region,
            ..
        } = context;
        format!(
            "arn:{partition}:dynamodb:{region}:{account}:table/{}",
            self.spec.name
        )
    }
}

impl Table {
    async fn describe(&self) -> Result<Option<TableDescription>, CloudError> {
        let doing = format!("describe {}", self.id());
        let request = self.client.describe_table().table_name(&self.spec.name);
        let answer = absent_is_none(request.send().await.map_err(CloudError::of(doing)))?;
        Ok(answer.and_then(|answer| answer.table))
    }

    /// `None` where the table or the answer is not there.
    async fn point_in_time_recovery(&self) -> Result<Option<bool>, CloudError> {
        let doing = format!("describe the backups of {}", self.id());
        let request = self
            .client
            .describe_continuous_backups()
            .table_name(&self.spec.name);
        let answer = absent_is_none(request.send().await.map_err(CloudError::of(doing)))?;
        let recovery = answer
            .and_then(|answer| answer.continuous_backups_description)
            .and_then(|backups| backups.point_in_time_recovery_description)
            .and_then(|recovery| recovery.point_in_time_recovery_status);
        Ok(recovery.map(|status| status == PointInTimeRecoveryStatus::Enabled))
    }

    /// The attribute by which items expire.
    async fn ttl(&self) -> Result<Option<String>, CloudError> {
        let doing = format!("describe the time to live of {}", self.id());
        let request = self
            .client
            .describe_time_to_live()
            .table_name(&self.spec.name);
        let answer = match absent_is_none(request.send().await.map_err(CloudError::of(doing))) {
            // CREATING and DELETING tables are refused this way.
            Err(error) if error.code.as_deref() == Some("ValidationException") => None,
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
        let doing = format!("list the tags of {}", self.id());
        let mut tags = Vec::new();
        let mut next = None;
        loop {
            let request = self.client.list_tags_of_resource().resource_arn(arn);
            let answer = request
                .set_next_token(next)
                .send()
                .await
                .map_err(CloudError::of(&doing))?;
            tags.extend(answer.tags.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() {
                return Ok(tags);
            }
        }
    }

    async fn create_table(&self) -> Result<(), SdkError<CreateTableError>> {
        let key = AttributeDefinition::builder()
            .attribute_name(KEY)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(SdkError::construction_failure)?;
        let hash = KeySchemaElement::builder()
            .attribute_name(KEY)
            .key_type(KeyType::Hash);
        let hash = hash.build().map_err(SdkError::construction_failure)?;
        let tags = self.owned_tags().map_err(SdkError::construction_failure)?;
        self.client
            .create_table()
            .table_name(&self.spec.name)
            .attribute_definitions(key)
            .key_schema(hash)
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(true)
            .set_tags(Some(tags))
            .send()
            .await
            .map(drop)
    }

    fn owned_tags(&self) -> Result<Vec<Tag>, BuildError> {
        let tags = self.owner.tags().into_iter();
        tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }

    /// For a create that met an existing table.
    async fn is_ours(&self) -> Result<(), CloudError> {
        let foreign = |message: &str, kind| CloudError {
            doing: format!("create {}", self.id()),
            kind,
            code: None,
            message: message.to_owned(),
        };
        match self.observe().await? {
            Observed::Absent => Err(foreign("the table is being deleted", CloudErrorKind::Busy)),
            Observed::Present(seen) => match seen.ownership {
                Ownership::Ours => Ok(()),
                Ownership::Unknown(why) => Err(foreign(&why, CloudErrorKind::Busy)),
                Ownership::Foreign(why) => Err(foreign(
                    &format!("somebody else made it meanwhile: {why}"),
                    CloudErrorKind::AlreadyExists,
                )),
            },
        }
    }

    /// Asked once the function is gone. What it had accepted just before may still be under way, for
    /// as long as its timeout: that is not waited for.
    async fn must_be_empty(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("count the rides in {}", self.id());
        let rides = when_free(&step.wait, &doing, LIMIT, async || {
            match self.rides.count().await {
                // Somebody was quicker.
                Err(error) if error.kind == CloudErrorKind::NotFound => Ok(Count::Exactly(0)),
                result => result,
            }
        })
        .await?;
        match rides {
            Count::Exactly(0) => Ok(()),
            rides => Err(
                Error::refused(format!("{rides} came into {} while this ran", self.id())).hint(
                    "nothing is lost: `… --keep-data` leaves the table, `… --delete-data` deletes \
                     the rides with it",
                ),
            ),
        }
    }

    async fn send(&self, request: UpdateTableFluentBuilder, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("update {}", self.id());
        when_free(&step.wait, &doing, LIMIT, async || {
            request
                .clone()
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await?;
        self.until_active(step).await
    }

    async fn until_active(&self, step: &Step<'_>) -> Result<(), Error> {
        let what = format!("wait for {}", self.id());
        step.wait
            .until(&what, LIMIT, async || match self.describe().await? {
                None => Ok(Look::NotYet("not visible yet".to_owned())),
                Some(table) => match condition(&table) {
                    Condition::Ready => Ok(Look::Ready(())),
                    Condition::Settling(status) => Ok(Look::NotYet(status)),
                    Condition::Broken(reason) | Condition::FailedAtCreation(reason) => {
                        Err(Error::failed(format!("{} is {reason}", self.id()))
                            .hint("mend it in AWS, then go on: `…`"))
                    }
                },
            })
            .await
    }

    async fn set_point_in_time_recovery(&self, on: bool, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!(
            "switch point-in-time recovery of {} {}",
            self.id(),
            on_off(on)
        );
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(on)
            .build();
        let specification = specification.map_err(|error| Error::failed(&doing).because(error))?;
        // A young table is still "not found" here.
        let passing =
            |error: &CloudError| error.is_transient() || error.kind == CloudErrorKind::NotFound;
        while_failing(&step.wait, &doing, BACKUPS_LIMIT, passing, async || {
            let request = self
                .client
                .update_continuous_backups()
                .table_name(&self.spec.name)
                .point_in_time_recovery_specification(specification.clone());
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    async fn disable_ttl(&self, attribute: &str, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("switch off the time to live of {}", self.id());
        let off = TimeToLiveSpecification::builder()
            .enabled(false)
            .attribute_name(attribute);
        let off = off
            .build()
            .map_err(|error| Error::failed(&doing).because(error))?;
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .update_time_to_live()
                .table_name(&self.spec.name)
                .time_to_live_specification(off.clone());
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }

    /// The full set in one call: a second tag write within 1.8 s is refused unless it holds the
    /// pairs in flight.
    async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.id());
        let tags = self
            .owned_tags()
            .map_err(|error| Error::failed(&doing).because(error))?;
        when_free(&step.wait, &doing, LIMIT, async || {
            let request = self
                .client
                .tag_resource()
                .resource_arn(self.arn(step.context))
                .set_tags(Some(tags.clone()));
            request
                .send()
                .await
                .map(drop)
                .map_err(CloudError::of(&doing))
        })
        .await
    }
}

fn drop_index(index: &str) -> Result<GlobalSecondaryIndexUpdate, Error> {
    let delete = DeleteGlobalSecondaryIndexAction::builder()
        .index_name(index)
        .build();
    let delete =
        delete.map_err(|error| Error::failed(format!("drop index {index}")).because(error))?;
    Ok(GlobalSecondaryIndexUpdate::builder().delete(delete).build())
}

/// The facts `DescribeTable` tells, with AWS's absences spelled out.
fn facts(table: &TableDescription) -> Facts {
    let mut facts = Facts::default();
    facts.is("key", key(table));
    facts.is("billing", billing(table));
    facts.reported(
        "deletion protection",
        table.deletion_protection_enabled.map(on_off),
    );
    let class = table
        .table_class_summary()
        .and_then(|summary| summary.table_class());
    facts.is("class", class.unwrap_or(&TableClass::Standard).as_str());
    let key_arn = table
        .sse_description()
        .and_then(|sse| sse.kms_master_key_arn());
    facts.is("encryption", key_arn.unwrap_or("AWS-owned key"));
    let stream = table
        .stream_specification()
        .filter(|stream| stream.stream_enabled());
    if let Some(stream) = stream {
        facts.is(
            "stream",
            stream.stream_view_type().map_or("on", |view| view.as_str()),
        );
    }
    for index in table.global_secondary_indexes() {
        let name = index.index_name().unwrap_or_default();
        facts.is(format!("{INDEX}{name}"), "global secondary index");
    }
    facts
}

/// `RideId (S)`, with the range key behind it where somebody made one.
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

/// An absent summary means that the table was always provisioned.
fn billing(table: &TableDescription) -> String {
    let mode = table
        .billing_mode_summary()
        .and_then(|summary| summary.billing_mode());
    if mode == Some(&BillingMode::PayPerRequest) {
        return "on demand".to_owned();
    }
    let throughput = table.provisioned_throughput();
    let units = |units: Option<i64>| units.unwrap_or_default();
    let read = units(throughput.and_then(|t| t.read_capacity_units()));
    let write = units(throughput.and_then(|t| t.write_capacity_units()));
    format!("provisioned, {read} read and {write} write units")
}

/// `delete` lifted the protection just now.
fn protected_meanwhile(error: Error) -> Error {
    let chain = error.chain().join(": ");
    if chain.contains("protected against deletion") {
        error.hint("somebody protected it while this ran; this lifts that and goes on: `…`")
    } else {
        error
    }
}

fn condition(table: &TableDescription) -> Condition {
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

fn status(table: &TableDescription) -> String {
    table
        .table_status()
        .map_or("without a status", |status| status.as_str())
        .to_owned()
}

fn on_off(on: bool) -> &'static str {
    if on { ON } else { OFF }
}
