//! One file a kind: its spec, its facts, its calls, and the quirks of its service.

pub mod alias;
pub mod code;
pub mod function;
pub mod log_group;
pub mod proof;
pub mod release;
pub mod role;
pub mod role_trouble;
pub mod table;
pub mod test_ride;
