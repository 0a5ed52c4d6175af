//! The services. A further one is a folder here, a line in [`SERVICES`] and, if it stores records, a
//! field of the state document.

mod dynamodb;
mod iam;
mod lambda;
mod logs;
mod service;
mod sts;

pub(crate) use service::Service;

/// All services of this cloud.
pub(crate) static SERVICES: &[&dyn Service] = &[
    &dynamodb::DynamoDb,
    &iam::Iam,
    &sts::Sts,
    &lambda::Lambda,
    &logs::Logs,
];
