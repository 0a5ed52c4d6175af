//! Which cloud a run works in: AWS, or the local cloud.

use crate::artifact::Arch;
use crate::aws;
use crate::aws::clients::Cloud;
use crate::engine::clock::SharedClock;
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::local;

/// As the flags say.
#[derive(Clone, Debug)]
pub enum Target {
    Aws(aws::connect::Options),
    Local(local::Options),
}

/// The clients, and what keeps their cloud running.
pub struct Connection {
    pub cloud: Cloud,
    /// Ends a local cloud that runs in this process.
    pub guard: local::Guard,
}

/// `arch` is what the stack declares for Lambda; another cloud may run something else.
pub async fn connect(
    target: &Target,
    arch: Arch,
    clock: &SharedClock,
    wait: &Wait<'_>,
) -> Result<Connection, Error> {
    match target {
        Target::Aws(options) => Ok(Connection {
            cloud: aws::connect::connect(options, arch, clock).await?,
            guard: local::Guard::none(),
        }),
        Target::Local(options) => {
            let (cloud, guard) = local::connect(options, clock, wait).await?;
            Ok(Connection { cloud, guard })
        }
    }
}
