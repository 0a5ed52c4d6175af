//! Turns off time to live, which DynamoDB allows to be changed about once an hour.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use aws_sdk_dynamodb::types::TimeToLiveSpecification;

use super::change::{LIMIT, malformed};
use super::observe::Table;
use crate::aws::call::Call;
use crate::aws::error::CloudErrorKind;
use crate::engine::wait::Wait;
use crate::error::Error;

/// Documented; about half of it was measured.
const TTL_COOLDOWN: Duration = Duration::from_secs(60 * 60);

impl Table {
    pub async fn disable_ttl(&self, attribute: &str, wait: &Wait<'_>) -> Result<(), Error> {
        let doing = format!("turn off time to live (TTL) of {}", self.spec.id());
        let off = TimeToLiveSpecification::builder()
            .enabled(false)
            .attribute_name(attribute);
        let off = off.build().map_err(malformed(&doing))?;
        let request = self.client.update_time_to_live();
        let request = request.table_name(&self.spec.name);
        let request = request.time_to_live_specification(off);
        let call = Call::new(wait, doing, LIMIT);
        let mut cooling_down = false;
        let result = call.attempt(async || {
            let result = call.read(request.clone().send()).await.map(drop);
            let kind = result.as_ref().err().map(|error| error.kind);
            cooling_down = kind == Some(CloudErrorKind::Cooldown);
            result
        });
        let result = result.await;
        result.map_err(|error| match cooling_down {
            true => error.hint(ttl_hint(wait.now())),
            false => error,
        })
    }
}

/// AWS does not say when the last change was, so the hint names the latest possible time.
fn ttl_hint(now: SystemTime) -> String {
    let latest = now + TTL_COOLDOWN;
    let latest = latest.duration_since(UNIX_EPOCH).unwrap_or_default();
    let latest = DateTime::from_secs(i64::try_from(latest.as_secs()).unwrap_or(i64::MAX));
    let latest = latest.fmt(DateTimeFormat::DateTime).unwrap_or_default();
    format!(
        "DynamoDB accepts one change of the time to live in an hour; after {latest} at the latest, \
         run it again: `…`"
    )
}
