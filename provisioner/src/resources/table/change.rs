//! The requests that create and change the table.

use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
    KeySchemaElement, KeyType, PointInTimeRecoverySpecification, ProvisionedThroughput,
    ScalarAttributeType, SseSpecification, StreamSpecification, TableClass, TableDescription,
    TableStatus, Tag,
};

use super::observe::{Table, condition};
use super::spec::Billing;
use crate::aws::call::{Call, find};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::engine::inputs::Age;
use crate::engine::observed::{Condition, Observed, Ownership};
use crate::engine::pace::Pace;
use crate::engine::resource::{Declared as _, Step};
use crate::engine::status::Delay;
use crate::engine::wait::{Look, Wait};
use crate::error::Error;

/// Changes take 2 to 8 s, a change of the billing mode up to 3 minutes.
pub const LIMIT: Duration = Duration::from_secs(10 * 60);

/// The role that a first `up` creates at the same time takes longer, and then a late check costs nothing.
const CREATED: Delay = Delay::new(
    "the table is active",
    Pace::usually(
        Duration::from_secs(2),
        Duration::from_secs(8),
        Duration::from_millis(1500),
    ),
)
.of("DynamoDB");

const UPDATED: Delay = Delay::new("the table is active", CHANGING).of("DynamoDB");

/// Of an update and of a deletion.
pub const CHANGING: Pace = Pace::usually(
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_millis(250),
);

/// Backups can be configured 1.4 to 2.7 s after the table is ACTIVE, and rarely only after minutes.
const BACKUPS_LIMIT: Duration = Duration::from_secs(5 * 60);

impl Table {
    pub async fn create_table(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("create {}", self.spec.id());
        let request = self.create_request(step).map_err(malformed(&doing))?;
        let call = Call::new(&step.wait, &doing, LIMIT);
        call.attempt(async || match call.read(request.clone().send()).await {
            // The response to the first attempt was lost: `verify` compares the table like any other.
            Err(error) if error.kind == CloudErrorKind::AlreadyExists => self.is_managed().await,
            result => result.map(drop),
        })
        .await
    }

    fn create_request(&self, step: &Step<'_>) -> Result<CreateTableFluentBuilder, BuildError> {
        let key = AttributeDefinition::builder()
            .attribute_name(self.spec.key)
            .attribute_type(ScalarAttributeType::S)
            .build()?;
        let hash = KeySchemaElement::builder()
            .attribute_name(self.spec.key)
            .key_type(KeyType::Hash)
            .build()?;
        let (mode, throughput) = billing(self.spec.billing)?;
        let class = TableClass::from(self.spec.class);
        // A new table is STANDARD anyway, and not every endpoint knows the field.
        let class = (class != TableClass::Standard).then_some(class);
        Ok(self
            .client
            .create_table()
            .table_name(&self.spec.name)
            .attribute_definitions(key)
            .key_schema(hash)
            .billing_mode(mode)
            .set_provisioned_throughput(throughput)
            .deletion_protection_enabled(self.spec.deletion_protection)
            .set_table_class(class)
            .set_tags(Some(self.owned_tags(step)?)))
    }

    fn owned_tags(&self, step: &Step<'_>) -> Result<Vec<Tag>, BuildError> {
        let tags = self.owner.tags(&self.spec.id(), &step.inputs).into_iter();
        tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }

    /// Succeeds if the table that already exists is managed by this stack.
    async fn is_managed(&self) -> Result<(), CloudError> {
        let error = |message: &str, kind| CloudError {
            doing: format!("create {}", self.spec.id()),
            kind,
            code: None,
            message: message.to_owned(),
            request_id: None,
        };
        match self.read().await? {
            Observed::Absent => Err(error("the table is being deleted", CloudErrorKind::Busy)),
            Observed::Present(state) => match state.ownership {
                Ownership::Managed => Ok(()),
                Ownership::Unknown(why) => Err(error(&why, CloudErrorKind::Busy)),
                Ownership::Unmanaged(why) => Err(error(
                    &format!("it was created during this run: {why}"),
                    CloudErrorKind::AlreadyExists,
                )),
            },
        }
    }

    pub async fn set_protection(&self, on: bool, wait: &Wait<'_>) -> Result<(), Error> {
        let request = self.update_request().deletion_protection_enabled(on);
        self.send(request, wait).await
    }

    pub async fn set_billing(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("update {}", self.spec.id());
        let (mode, throughput) = billing(self.spec.billing).map_err(malformed(&doing))?;
        let request = self.update_request().billing_mode(mode);
        self.send(request.set_provisioned_throughput(throughput), wait)
            .await
    }

    pub async fn set_class(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let class = TableClass::from(self.spec.class);
        self.send(self.update_request().table_class(class), wait)
            .await
    }

    pub async fn set_aws_owned_key(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let aws_owned = SseSpecification::builder().enabled(false).build();
        let request = self.update_request().sse_specification(aws_owned);
        self.send(request, wait).await
    }

    pub async fn disable_stream(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let off = StreamSpecification::builder().stream_enabled(false).build();
        let off = off.map_err(malformed("update the stream"))?;
        let request = self.update_request().stream_specification(off);
        self.send(request, wait).await
    }

    pub async fn delete_index(&self, index: &str, wait: &Wait<'_>) -> Result<(), Error> {
        let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(index);
        let delete = delete.build();
        let delete = delete.map_err(malformed(&format!("delete index {index}")))?;
        let update = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
        let request = self.update_request().global_secondary_index_updates(update);
        self.send(request, wait).await
    }

    pub async fn set_point_in_time_recovery(&self, age: Age, wait: &Wait<'_>) -> Result<(), Error> {
        let days = self.spec.recovery_days.value;
        let word = super::spec::on_off(days.is_some());
        let doing = format!("turn point-in-time recovery of {} {word}", self.spec.id());
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(days.is_some())
            .set_recovery_period_in_days(days)
            .build();
        let specification = specification.map_err(malformed(&doing))?;
        let request = self.client.update_continuous_backups();
        let request = request.table_name(&self.spec.name);
        let request = request.point_in_time_recovery_specification(specification);
        let call = Call::new(wait, doing, BACKUPS_LIMIT)
            .retry_while(CloudError::is_transient)
            .of_age(age);
        call.send(|| request.clone().send()).await.map(drop)
    }

    /// Writes all tags in one request: DynamoDB rejects a second write within 1.8 s unless it contains the
    /// tags of the first.
    pub async fn tag(&self, step: &Step<'_>) -> Result<(), Error> {
        let doing = format!("tag {}", self.spec.id());
        let tags = self.owned_tags(step).map_err(malformed(&doing))?;
        let request = self.client.tag_resource();
        let request = request.resource_arn(self.spec.arn(&step.inputs));
        let request = request.set_tags(Some(tags));
        let call = Call::new(&step.wait, doing, LIMIT);
        call.send(|| request.clone().send()).await.map(drop)
    }

    fn update_request(&self) -> UpdateTableFluentBuilder {
        self.client.update_table().table_name(&self.spec.name)
    }

    async fn send(&self, request: UpdateTableFluentBuilder, wait: &Wait<'_>) -> Result<(), Error> {
        let call = Call::new(wait, format!("update {}", self.spec.id()), LIMIT);
        call.send(|| request.clone().send()).await?;
        self.until_active(Age::Old, wait).await
    }

    pub async fn until_active(&self, age: Age, wait: &Wait<'_>) -> Result<(), Error> {
        let what = format!("wait for {}", self.spec.id());
        wait.until(&what, LIMIT, async || {
            let request = self.client.describe_table().table_name(&self.spec.name);
            let answer = find(age, &what, request.send()).await?;
            match answer.and_then(|answer| answer.table) {
                None => Ok(Look::NotYet(CREATED.shown_as("not visible yet"))),
                Some(table) => self.active(&table),
            }
        })
        .await
    }

    pub fn active(&self, table: &TableDescription) -> Result<Look<()>, Error> {
        match condition(table) {
            Condition::Ready => Ok(Look::Ready(())),
            Condition::Settling(status) => Ok(Look::NotYet(match table.table_status() {
                Some(TableStatus::Creating) => CREATED.shown_as(status),
                _ => UPDATED.shown_as(status),
            })),
            Condition::Broken(reason) | Condition::FailedAtCreation(reason) => {
                Err(Error::failed(format!("{} is {reason}", self.spec.id()))
                    .hint("fix it in AWS, then run again: `…`"))
            }
        }
    }
}

/// The error for a request that lacks a member that the SDK requires.
pub fn malformed(doing: &str) -> impl FnOnce(BuildError) -> Error {
    move |error| Error::failed(doing).because(error)
}

fn billing(billing: Billing) -> Result<(BillingMode, Option<ProvisionedThroughput>), BuildError> {
    match billing {
        Billing::OnDemand => Ok((BillingMode::PayPerRequest, None)),
        Billing::Provisioned {
            read_units,
            write_units,
        } => {
            let throughput = ProvisionedThroughput::builder()
                .read_capacity_units(read_units)
                .write_capacity_units(write_units)
                .build()?;
            Ok((BillingMode::Provisioned, Some(throughput)))
        }
    }
}
