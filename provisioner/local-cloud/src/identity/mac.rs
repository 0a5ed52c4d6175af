//! HMAC-SHA-256.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

pub(crate) fn mac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// Compares in constant time: the HMACs of both sides under a random key.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    let key = crate::random::bytes::<32>();
    let mut left = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    left.update(a);
    left.verify_slice(&mac(&key, b)).is_ok()
}
