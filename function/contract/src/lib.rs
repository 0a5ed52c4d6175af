//! The names that the function shares with `provision`, with its callers and with its table.
//!
//! They are a crate of their own so that `provision` can use them without compiling the function's
//! runtime.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Environment variables that the function reads.
pub mod env {
    /// The name of the table that rides are written to. Must be set.
    pub const TABLE_NAME: &str = "TABLE_NAME";
    /// `off` leaves the rider's name out of the log.
    pub const LOG_RIDER: &str = "LOG_RIDER";
    /// `off` skips the warm-up while initializing.
    pub const WARM_UP: &str = "WARM_UP";
    /// The path of a PEM file whose certificates are trusted besides Amazon's own.
    pub const EXTRA_CA: &str = "EXTRA_CA";
    /// The endpoint of DynamoDB in place of the region's, as in every AWS SDK.
    pub const ENDPOINT_URL_DYNAMODB: &str = "AWS_ENDPOINT_URL_DYNAMODB";
    /// The same for all services; `ENDPOINT_URL_DYNAMODB` takes precedence.
    pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
    /// The value that turns a variable's feature off.
    pub const OFF: &str = "off";
}

/// Attributes of a stored ride.
pub mod item {
    /// Partition key of the table.
    pub const RIDE_ID: &str = "RideId";
    pub const USER: &str = "User";
    /// A map of `NAME`, `COLOR` and `GENDER`.
    pub const UNICORN: &str = "Unicorn";
    pub const NAME: &str = "Name";
    pub const COLOR: &str = "Color";
    pub const GENDER: &str = "Gender";
    pub const UNICORN_NAME: &str = "UnicornName";
    /// UTC, RFC 3339, milliseconds.
    pub const REQUEST_TIME: &str = "RequestTime";
    /// A map of `LATITUDE` and `LONGITUDE`, in degrees; in the request's body too.
    pub const PICKUP_LOCATION: &str = "PickupLocation";
    pub const LATITUDE: &str = "Latitude";
    pub const LONGITUDE: &str = "Longitude";
}

/// HTTP headers.
pub mod header {
    /// In a request, in any case: a retry with the same value gets the same ride.
    pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
    /// In an answer, with the value `true`: the ride had been stored before.
    pub const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";
}

/// The action in the log line of a failed write.
pub const PUT_ITEM: &str = "dynamodb:PutItem";

/// A ride id as text: 16 bytes, base64url without padding, so 22 characters.
pub fn ride_id(bytes: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The id of the one ride that `user` can request with `key`.
pub fn idempotent_ride_id(user: &str, key: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"RequestUnicorn idempotent ride\0");
    // The length keeps ("ab", "c") apart from ("a", "bc").
    hash.update((user.len() as u64).to_be_bytes());
    hash.update(user);
    hash.update(key);
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ride_id(bytes)
}

#[cfg(test)]
mod tests {
    use super::{idempotent_ride_id, ride_id};
    use std::collections::HashSet;

    #[test]
    fn a_ride_id_is_22_url_safe_characters() {
        assert_eq!(ride_id([0xff; 16]), "_____________________w");
        assert_eq!(ride_id([0; 16]), "AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn an_idempotent_ride_id_never_changes() {
        // Stored rides are found again by it: another value here breaks every retry in flight.
        assert_eq!(
            idempotent_ride_id("the_username", "key"),
            "0ygj2WZ3yxTwTTvaUq0WFQ"
        );
    }

    #[test]
    fn user_and_key_are_told_apart() {
        let pairs = [
            ("ab", "c"),
            ("a", "bc"),
            ("abc", ""),
            ("", "abc"),
            ("c", "ab"),
            ("ab", "C"),
        ];
        let ids: HashSet<String> = pairs
            .iter()
            .map(|(user, key)| idempotent_ride_id(user, key))
            .collect();
        assert_eq!(ids.len(), pairs.len());
    }
}
