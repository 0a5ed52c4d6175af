//! Deletes the table: only if it contains no rides, or with consent.

use aws_sdk_dynamodb::types::TableStatus;

use super::change::{CHANGING, LIMIT};
use super::observe::{Table, status};
use crate::aws::call::Call;
use crate::aws::error::CloudErrorKind;
use crate::engine::plan::DataLoss;
use crate::engine::status::Delay;
use crate::engine::wait::{Look, Wait};
use crate::error::Error;
use crate::rides::Count;

const DELETED: Delay = Delay::new("DynamoDB has deleted the table", CHANGING).of("DynamoDB");

impl Table {
    /// Disables the deletion protection first.
    pub async fn delete_table(&self, data: DataLoss, wait: &Wait<'_>) -> Result<(), Error> {
        let Some(table) = self.describe().await? else {
            return Ok(());
        };
        let deleting = table.table_status() == Some(&TableStatus::Deleting);
        if data == DataLoss::Refused && !deleting {
            // An UPDATING table can receive rides too, so the rides are counted when it is ACTIVE.
            let what = format!("wait for {}", self.spec.id());
            wait.until(&what, LIMIT, async || match self.describe().await? {
                // Another process deleted it first.
                None => Ok(Look::Ready(())),
                Some(table) => self.active(&table),
            })
            .await?;
            self.must_be_empty(wait).await?;
        }
        if table.deletion_protection_enabled.unwrap_or(false) {
            self.set_protection(false, wait).await?;
        }
        let doing = format!("delete {}", self.spec.id());
        let call = Call::new(wait, doing, LIMIT);
        call.attempt(async || {
            let request = self.client.delete_table().table_name(&self.spec.name);
            match call.read(request.send()).await {
                Err(error) => match error.kind {
                    CloudErrorKind::NotFound | CloudErrorKind::BeingDeleted => Ok(()),
                    _ => Err(error),
                },
                Ok(_) => Ok(()),
            }
        })
        .await?;
        let what = format!("wait until {} is deleted", self.spec.id());
        wait.until(&what, LIMIT, async || {
            Ok(match self.describe().await? {
                None => Look::Ready(()),
                Some(table) => Look::NotYet(DELETED.shown_as(status(&table))),
            })
        })
        .await
    }

    /// Fails if the table contains rides. Called after the function is deleted. A ride that the function had
    /// accepted just before may still be written, until the function's timeout: `down` does not wait for that.
    async fn must_be_empty(&self, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("count the rides in {}", self.spec.id());
        let rides = Call::new(wait, doing, LIMIT)
            .attempt(async || match self.rides.count().await {
                // Another process deleted it first.
                Err(error) if error.kind == CloudErrorKind::NotFound => Ok(Count::Exactly(0)),
                result => result,
            })
            .await?;
        match rides {
            Count::Exactly(0) => Ok(()),
            rides => Err(Error::refused(format!(
                "{rides} {} added to {} during this run",
                if rides == Count::Exactly(1) {
                    "was"
                } else {
                    "were"
                },
                self.spec.id()
            ))
            .hint(
                "nothing was lost: `… --keep-data` keeps the table, `… --delete-data` deletes \
                     it with its rides",
            )),
        }
    }
}
