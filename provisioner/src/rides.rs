//! The rides in the table: counted exactly up to a limit, and listed.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use function_contract::item;
use serde::Serialize;

use crate::aws::error::CloudError;

/// A page is up to 1 MB: some thousands of rides. Reading a table costs money.
pub const PAGES: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exactly(u64),
    /// This many in the pages that were read, and the table has more pages.
    MoreThan(u64),
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Count::Exactly(1) => f.write_str("1 ride"),
            Count::Exactly(count) => write!(f, "{count} rides"),
            Count::MoreThan(count) => write!(f, "more than {count} rides"),
        }
    }
}

/// The rides of a stack, without the test ride, which remains in the table if `up` is killed.
#[derive(Clone, Debug)]
pub struct Rides {
    pub client: Client,
    pub table: String,
    /// The id of the test ride.
    pub test_ride: String,
}

/// The key after which a scan continues.
pub type Start = Option<HashMap<String, AttributeValue>>;

impl Rides {
    /// Reads two items consistently to see whether the table is empty, and counts only if it is not.
    pub async fn count(&self) -> Result<Count, CloudError> {
        let doing = format!("count the rides in table {}", self.table);
        let scan = || self.scan().select(Select::Count).consistent_read(true);
        let first = scan().limit(2).send().await;
        let first = first.map_err(CloudError::of(&doing))?;
        if first.count == 0 && first.last_evaluated_key.is_none() {
            return Ok(Count::Exactly(0));
        }
        let mut counted = 0;
        let mut start = None;
        for _ in 0..PAGES {
            let page = scan().set_exclusive_start_key(start).send().await;
            let page = page.map_err(CloudError::of(&doing))?;
            counted += u64::try_from(page.count).unwrap_or_default();
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(Count::Exactly(counted));
            }
        }
        Ok(Count::MoreThan(counted))
    }

    pub async fn page(&self, start: Start) -> Result<(Vec<Ride>, Start), CloudError> {
        let doing = format!("read the rides of table {}", self.table);
        let scan = self.scan().set_exclusive_start_key(start);
        let page = scan.send().await.map_err(CloudError::of(doing))?;
        let rides = page.items.unwrap_or_default().iter().map(ride).collect();
        Ok((rides, page.last_evaluated_key))
    }

    fn scan(&self) -> ScanFluentBuilder {
        let test_ride = AttributeValue::S(self.test_ride.clone());
        self.client
            .scan()
            .table_name(&self.table)
            .filter_expression("#id <> :test")
            .expression_attribute_names("#id", item::RIDE_ID)
            .expression_attribute_values(":test", test_ride)
    }
}

/// A stored ride, in the form that is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ride {
    #[serde(rename = "RideId")]
    pub id: String,
    #[serde(rename = "RequestTime")]
    pub request_time: String,
    #[serde(rename = "User")]
    pub user: String,
    #[serde(rename = "UnicornName")]
    pub unicorn: String,
    #[serde(rename = "PickupLocation")]
    pub pickup: Pickup,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pickup {
    #[serde(rename = "Latitude")]
    pub latitude: Option<f64>,
    #[serde(rename = "Longitude")]
    pub longitude: Option<f64>,
}

/// The ride in an item. Items that other programs wrote may lack everything but the key.
fn ride(attributes: &HashMap<String, AttributeValue>) -> Ride {
    let text = |name: &str| {
        let value = attributes.get(name).and_then(|value| value.as_s().ok());
        value.cloned().unwrap_or_default()
    };
    let pickup = attributes
        .get(item::PICKUP_LOCATION)
        .and_then(|value| value.as_m().ok());
    let degrees = |name: &str| pickup?.get(name)?.as_n().ok()?.parse().ok();
    Ride {
        id: text(item::RIDE_ID),
        request_time: text(item::REQUEST_TIME),
        user: text(item::USER),
        unicorn: text(item::UNICORN_NAME),
        pickup: Pickup {
            latitude: degrees(item::LATITUDE),
            longitude: degrees(item::LONGITUDE),
        },
    }
}
