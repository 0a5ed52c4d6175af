//! Settings of an existing function that `provision` can neither keep nor change. A function with one of
//! them is refused before anything is published.

use aws_sdk_lambda::types::{FunctionConfiguration, PackageType, SnapStartApplyOn};

use crate::engine::attribute::{Attribute, Shown};
use crate::engine::observed::Facts;

const PACKAGE_TYPE: &str = "package type";
const SNAP_START: &str = "SnapStart";
const TENANCY: &str = "tenant isolation";
const CAPACITY_PROVIDER: &str = "capacity provider";
const DURABLE: &str = "durable execution";

const NONE: &str = "none";
const CONFIGURED: &str = "configured";

const ANOTHER: &str = "keep it and deploy another stage: `… --stage second`, or delete it first";

pub fn attributes() -> [Attribute; 5] {
    let for_good = |name: &str| format!("{name} is set for good when a function is created");
    let none = |name: &'static str| Attribute::new(name, NONE).refuse(for_good(name), ANOTHER);
    let attributes = [
        Attribute::new(PACKAGE_TYPE, PackageType::Zip.as_str()).refuse(
            "it is a container image, which cannot become a zip file",
            ANOTHER,
        ),
        Attribute::new(SNAP_START, SnapStartApplyOn::None.as_str()).refuse(
            "SnapStart is on, which Lambda does not have for provided.al2023",
            "turn it off, then run again: `…`",
        ),
        none(TENANCY),
        none(CAPACITY_PROVIDER),
        none(DURABLE),
    ];
    attributes.map(|attribute| attribute.shown(Shown::Changed))
}

/// The facts for these attributes.
pub fn facts(configuration: &FunctionConfiguration, facts: &mut Facts) {
    let package = configuration.package_type().map(PackageType::as_str);
    facts.reported(PACKAGE_TYPE, package);
    let snap_start = configuration.snap_start();
    let snap_start = snap_start.and_then(|snap_start| snap_start.apply_on());
    facts.reported(SNAP_START, snap_start.map(SnapStartApplyOn::as_str));
    // AWS omits each of these members if it is not set.
    for (name, is_set) in [
        (TENANCY, configuration.tenancy_config().is_some()),
        (
            CAPACITY_PROVIDER,
            configuration.capacity_provider_config().is_some(),
        ),
        (DURABLE, configuration.durable_config().is_some()),
    ] {
        facts.is(name, if is_set { CONFIGURED } else { NONE });
    }
}
