//! From the global flags to the cloud that a run uses.

use std::path::Path;

use crate::artifact::BuildTarget;
use crate::aws;
use crate::cli::{FaultProfile, Global, Identity};
use crate::engine::observed::Context;
use crate::error::Error;
use crate::local::{self, Faults};
use crate::policy::permissions::Principal;
use crate::stack::declaration::Stack;
use crate::stack::stage::Stage;
use crate::stack::workspace::Declaration;
use crate::target::Target;

/// The region of the local cloud, unless `--region` names another.
pub const LOCAL_REGION: &str = "us-east-1";

/// `home` is where the local cloud has its directory, unless a flag names another.
pub fn target(
    global: &Global,
    home: &Path,
    stage: &Stage,
    declaration: &Declaration,
) -> Result<Target, Error> {
    if !global.local {
        let misplaced = [
            ("--as", global.identity.is_some()),
            ("--faults", global.faults.is_some()),
        ];
        if let Some((flag, _)) = misplaced.into_iter().find(|(_, given)| *given) {
            let text = format!("`{flag}` applies to the local cloud only");
            return Err(Error::usage(text).hint("add `--local`: `… --local`"));
        }
        return Ok(Target::Aws(aws::connect::Options {
            region: global.region.clone(),
            profile: global.profile.clone(),
            endpoint_url: global.endpoint_url.clone(),
        }));
    }
    let region = global
        .region
        .clone()
        .unwrap_or_else(|| LOCAL_REGION.to_owned());
    let folder = global.local_folder(home);
    let identity = global.identity.map(|identity| {
        let principal = principal(identity);
        let context = local_context(&region, stage);
        let arch = BuildTarget::this_machine().arch;
        let policy = match principal {
            Principal::Certifier => Stack::policy_of_certifier(arch, &context),
            _ => declaration
                .named_stack(stage, arch)?
                .policy_of(principal, &context),
        };
        Ok::<_, Error>((principal.name().to_owned(), policy))
    });
    Ok(Target::Local(local::Options {
        region,
        folder,
        identity: identity.transpose()?,
        faults: global
            .faults
            .map(|profile| faults(profile, global.faults_seed)),
    }))
}

fn principal(identity: Identity) -> Principal {
    match identity {
        Identity::Deployer => Principal::Deployer,
        Identity::Planner => Principal::Planner,
        Identity::Operator => Principal::Operator,
        Identity::Sweeper => Principal::Sweeper,
        Identity::Certifier => Principal::Certifier,
    }
}

/// The context of the local cloud, whose account is always the same.
fn local_context(region: &str, stage: &Stage) -> Context {
    Context {
        partition: "aws".to_owned(),
        account: local::ACCOUNT.to_owned(),
        region: region.to_owned(),
        stage: stage.as_str().to_owned(),
        caller: String::new(),
    }
}

fn faults(profile: FaultProfile, seed: u64) -> Faults {
    match profile {
        FaultProfile::Calm => Faults::Calm,
        FaultProfile::Aws => Faults::Aws { seed },
        FaultProfile::Storm => Faults::Storm { seed },
    }
}
