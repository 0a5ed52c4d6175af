//! HTTP: connections, the service and the caller of a request, and its response.

mod dispatch;
mod reply;
pub(crate) mod server;
mod stream;
mod unsigned;
