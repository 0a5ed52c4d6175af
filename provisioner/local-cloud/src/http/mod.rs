//! HTTP: connections, the service and the caller of a request, and its response.

mod dispatch;
mod in_progress;
mod reply;
pub(crate) mod server;
mod unsigned;
