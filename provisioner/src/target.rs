//! The cloud that a run uses: AWS or the local cloud.

use crate::artifact::Arch;
use crate::aws;
use crate::aws::clients::Cloud;
use crate::aws::interceptors::Interceptors;
use crate::engine::clock::SharedClock;
use crate::engine::wait::Wait;
use crate::error::Error;
use crate::local;

/// The cloud that the flags select.
#[derive(Clone, Debug)]
pub enum Target {
    Aws(aws::connect::Options),
    Local(local::Options),
}

/// The clients, and the local cloud if one runs in this process.
pub struct Connection {
    pub cloud: Cloud,
    /// Stops a local cloud that runs in this process.
    pub guard: local::Guard,
}

/// Connects to the cloud. `arch` is the architecture declared for Lambda; the local cloud runs that of this
/// machine.
pub async fn connect(
    target: &Target,
    arch: Arch,
    clock: &SharedClock,
    wait: &Wait<'_>,
    interceptors: &Interceptors,
) -> Result<Connection, Error> {
    match target {
        Target::Aws(options) => Ok(Connection {
            cloud: aws::connect::connect(options, arch, clock, interceptors).await?,
            guard: local::Guard::none(),
        }),
        Target::Local(options) => {
            let (cloud, guard) = local::connect(options, clock, wait, interceptors).await?;
            Ok(Connection { cloud, guard })
        }
    }
}
