//! What the SDK says about the request that an interceptor sees.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;

/// `Lambda CreateFunction`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    pub service: String,
    pub name: String,
}

impl Operation {
    pub fn of(config: &ConfigBag) -> Operation {
        let metadata = config.load::<Metadata>();
        let operation = metadata.map(|metadata| Operation {
            service: metadata.service().to_owned(),
            name: metadata.name().to_owned(),
        });
        operation.unwrap_or_default()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.name)
    }
}

/// `attempt 1 of 3`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub number: u32,
    pub of: u32,
}

impl Attempt {
    pub fn of(config: &ConfigBag) -> Attempt {
        let number = config.load::<RequestAttempts>();
        let retries = config.load::<RetryConfig>();
        let number = number.map_or(1, |number| number.attempts().max(1));
        Attempt {
            number,
            of: retries.map_or(1, RetryConfig::max_attempts).max(number),
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {} of {}", self.number, self.of)
    }
}
