//! The front door: HTTP in, the right service, HTTP out.

pub(crate) mod door;
mod fault;
mod form;
mod identify;
mod reply;
pub(crate) mod server;
mod sigv4;
mod stream;
mod unsigned;
mod xml;

/// The services of this cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Iam,
    Sts,
    Lambda,
    Logs,
}

impl Service {
    /// By the name in a credential scope.
    pub(crate) fn from_scope(name: &str) -> Option<Service> {
        match name {
            "dynamodb" => Some(Service::DynamoDb),
            "iam" => Some(Service::Iam),
            "sts" => Some(Service::Sts),
            "lambda" => Some(Service::Lambda),
            "logs" => Some(Service::Logs),
            _ => None,
        }
    }

    /// As actions are named in policies.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Service::DynamoDb => "dynamodb",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Lambda => "lambda",
            Service::Logs => "logs",
        }
    }

    /// The largest body that it takes.
    pub(crate) fn body_limit(self) -> usize {
        match self {
            Service::DynamoDb => 16 * 1024 * 1024,
            Service::Iam | Service::Sts => 1024 * 1024,
            // A zip of 50 MB as base64, and the rest of the request.
            Service::Lambda => 70_167_211,
            Service::Logs => 2 * 1024 * 1024,
        }
    }
}
