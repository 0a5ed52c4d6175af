//! Names that every stage shares.

/// The alias that API Gateway and every other caller should point at.
pub const LIVE: &str = "live";
