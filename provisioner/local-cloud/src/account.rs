//! The one account of this cloud.

pub const ACCOUNT: &str = "123456789012";
