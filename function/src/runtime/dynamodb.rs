//! Stores rides in DynamoDB.

use super::connection::Connection;
use super::settings::Settings;
use crate::contract::item;
use crate::rejection::clipped;
use crate::ride::{Ride, StoredRide, UnicornCard};
use crate::store::{Guard, Put, RideStore, WriteFailure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::collections::HashMap;
use std::time::Duration;

/// A write takes milliseconds; one that hangs is retried while the rider still waits.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(2);

type Item = HashMap<String, AttributeValue>;

/// The table; each ride is an item.
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub fn new(settings: &Settings, connection: &Connection) -> Table {
        let credentials = Credentials::new(
            &settings.access_key_id,
            &settings.secret_access_key,
            settings.session_token.clone(),
            None,
            "Environment",
        );
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            // The credentials stay the same as long as the process lives: there is nothing to cache.
            .identity_cache(IdentityCache::no_cache())
            .http_client(connection.http_client())
            // Bodies of a few hundred bytes do not stall half way.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(ATTEMPT_LIMIT)
                    .build(),
            );
        config.set_endpoint_url(settings.endpoint_url.clone());
        Table {
            client: Client::from_conf(config.build()),
            name: settings.table.clone(),
        }
    }
}

impl RideStore for Table {
    async fn put(&self, ride: &Ride<'_>, guard: Guard) -> Result<Put, WriteFailure> {
        let mut put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_item(ride)));
        if guard == Guard::KeepFirst {
            put = put
                .condition_expression("attribute_not_exists(RideId)")
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
        }
        match put.send().await {
            Ok(_) => Ok(Put::Stored),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(taken) => {
                    let stored = taken.item.as_ref().and_then(from_item);
                    stored.map(Put::AlreadyExists).ok_or_else(|| WriteFailure {
                        code: "UnreadableItem".into(),
                        message: "the item with this id is not a ride".into(),
                    })
                }
                error => Err(WriteFailure {
                    code: error.code().unwrap_or("Unknown").into(),
                    message: clipped(error.message().unwrap_or("no message").into()),
                }),
            },
            Err(error) => Err(WriteFailure {
                code: match &error {
                    SdkError::TimeoutError(_) => "TimeoutError",
                    SdkError::DispatchFailure(_) => "DispatchFailure",
                    SdkError::ResponseError(_) => "ResponseError",
                    _ => "ClientError",
                }
                .into(),
                message: clipped(DisplayErrorContext(&error).to_string()),
            }),
        }
    }
}

fn to_item(ride: &Ride<'_>) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |value: f64| AttributeValue::N(value.to_string());
    let unicorn = Item::from([
        (item::NAME.into(), text(ride.unicorn.name)),
        (item::COLOR.into(), text(ride.unicorn.color)),
        (item::GENDER.into(), text(ride.unicorn.gender)),
    ]);
    let pickup = Item::from([
        (item::LATITUDE.into(), number(ride.pickup.latitude())),
        (item::LONGITUDE.into(), number(ride.pickup.longitude())),
    ]);
    Item::from([
        (item::RIDE_ID.into(), text(&ride.id)),
        (item::USER.into(), text(&ride.user)),
        (item::UNICORN.into(), AttributeValue::M(unicorn)),
        (item::UNICORN_NAME.into(), text(ride.unicorn.name)),
        (item::REQUEST_TIME.into(), text(ride.request_time)),
        (item::PICKUP_LOCATION.into(), AttributeValue::M(pickup)),
    ])
}

/// The ride in an item; none if the item is not a ride.
fn from_item(stored: &Item) -> Option<StoredRide> {
    let map = |name| stored.get(name)?.as_m().ok();
    let text = |item: &Item, name| item.get(name)?.as_s().ok().cloned();
    let number = |item: &Item, name| item.get(name)?.as_n().ok()?.parse().ok();
    let unicorn = map(item::UNICORN)?;
    let pickup = map(item::PICKUP_LOCATION)?;
    Some(StoredRide {
        user: text(stored, item::USER)?,
        unicorn: UnicornCard {
            name: text(unicorn, item::NAME)?.into(),
            color: text(unicorn, item::COLOR)?.into(),
            gender: text(unicorn, item::GENDER)?.into(),
        },
        latitude: number(pickup, item::LATITUDE)?,
        longitude: number(pickup, item::LONGITUDE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{from_item, to_item};
    use crate::fleet::FLEET;
    use crate::geo::Position;
    use crate::ride::Ride;

    #[test]
    fn a_stored_ride_is_recognized_to_the_last_bit() {
        for (latitude, longitude) in [
            (47.6174755835663, -122.28837066650185),
            (-0.0, 1e-300),
            (90.0, -180.0),
            (0.1 + 0.2, 3.0),
        ] {
            let ride = Ride {
                id: "id".into(),
                user: "rider".into(),
                unicorn: &FLEET[0],
                request_time: "now",
                pickup: Position::new(latitude, longitude).expect("a position"),
            };
            let stored = from_item(&to_item(&ride)).expect("a ride");
            assert!(stored.is(&ride), "{stored:?}");
            assert_eq!(stored.unicorn.name, FLEET[0].name);
        }
    }

    #[test]
    fn a_foreign_item_is_no_ride() {
        assert_eq!(from_item(&super::Item::new()), None);
    }
}
