//! One directory for each kind. In each, `spec` is the declaration and pure, `observe` reads, the other
//! files change, and `mod` implements `Resource` with them.

pub mod function;
pub mod log_group;
pub mod owner;
pub mod release;
pub mod role;
pub mod table;
