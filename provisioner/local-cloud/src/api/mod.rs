//! A request's members in, an answer or an error out: what every service speaks, before a protocol
//! gives it its shape on the wire.

pub(crate) mod answer;
pub(crate) mod constraint;
pub(crate) mod error;
pub(crate) mod input;
