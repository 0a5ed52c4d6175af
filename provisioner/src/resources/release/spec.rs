//! The declaration of the release: the code and configuration that `live` serves, and the proof of its test
//! ride.

use std::rc::Rc;

use super::proof::{Digest, Record};
use crate::commit::Commit;
use crate::engine::attribute::{Attribute, Shown, TAG, Value};
use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;
use crate::engine::plan::Dependencies;
use crate::engine::resource::Declared;
use crate::resources::function::{self, FunctionSpec};
use crate::stack::names::LIVE;

pub const KIND: &str = "release";

pub const SERVES: &str = "serves";
pub const PROOF: &str = "proof";
pub const TEST_RIDE: &str = "test ride";
pub const PASSED: &str = "passed";
pub const SKIPPED: &str = "skipped";
/// Whether `live` sends a share of the requests to a second version, which may never have taken a test ride.
pub const TRAFFIC: &str = "traffic";
pub const ONE_VERSION: &str = "all to one version";

/// Outputs: the alias's revision, the version it points at, all versions that it sends requests to, and its
/// description.
pub const REVISION: &str = "revision";
pub const VERSION: &str = "version";
pub const SERVING: &str = "serving";
pub const RECORD: &str = "record";

pub struct ReleaseSpec {
    pub function: FunctionSpec,
    /// Versions kept for `rollback`; never fewer than `live` and the one below it.
    pub kept_versions: usize,
    pub options: ReleaseOptions,
    /// The resources that a ride depends on: the proof covers their declarations.
    pub proves: Vec<Rc<dyn Declared>>,
    /// Further resources that must be done first.
    pub also_needs: Vec<ResourceId>,
    /// Written into the version's description.
    pub commit: Option<Commit>,
}

/// The flags that concern the release.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseOptions {
    /// `--skip-test-ride`: for endpoints that cannot run functions.
    pub skip_test_ride: bool,
    /// `--forward`: deploy the build that `live` was rolled back from.
    pub forward: bool,
}

pub fn id(function: &str) -> ResourceId {
    ResourceId::new(KIND, format!("{function}:{LIVE}"))
}

impl ReleaseSpec {
    pub fn id(&self) -> ResourceId {
        id(&self.function.name)
    }

    /// The digest of the declarations, not of the observed state. Tags do not affect a ride, except for the
    /// one with the ID of the role.
    pub fn digest(&self, inputs: &Inputs<'_>) -> Option<Digest> {
        let declared = self.proves.iter();
        let declared = declared.flat_map(|declared| declared.attributes(inputs));
        let counts = |attribute: &Attribute| {
            attribute.name.key_in(TAG).is_none() || function::is_role_id(&attribute.name)
        };
        let declared: Vec<Attribute> = declared.filter(counts).collect();
        Digest::over(declared.iter())
    }

    /// The record in the alias's description when it was read.
    pub fn record(&self, inputs: &Inputs<'_>) -> Record {
        let record = inputs.output(&self.id(), RECORD);
        record.known().map(Record::parse).unwrap_or_default()
    }

    fn proof(&self, inputs: &Inputs<'_>) -> Attribute {
        let digest = self.digest(inputs);
        let value = digest.as_ref().map(Digest::to_string);
        // It covers the ID of the role, and the observed one may name a version.
        let proof = Attribute::new(PROOF, value.map_or(Value::AfterApply, Value::Known)).varies();
        let record = self.record(inputs);
        let Some(last) = &record.rolled_back_from else {
            return proof;
        };
        let same = digest.and_then(|digest| record.rolled_back(&digest));
        let version = same.unwrap_or(last).version;
        let rolled_back = format!("`live` was rolled back from version {version}");
        let proof = proof.source(rolled_back.clone());
        if same.is_none() || self.options.forward {
            return proof;
        }
        proof.refuse(
            format!("{rolled_back}, and this is the same build"),
            "change the code, or deploy this build again: `up … --forward`",
        )
    }
}

impl Declared for ReleaseSpec {
    fn id(&self) -> ResourceId {
        ReleaseSpec::id(self)
    }

    fn dependencies(&self) -> Dependencies {
        let proven = self.proves.iter().map(|declared| declared.id());
        Dependencies::needs(proven.chain(self.also_needs.iter().cloned()).collect())
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let Some(code) = self.function.wanted_code(inputs) else {
            return [SERVES, PROOF, TEST_RIDE, TRAFFIC]
                .map(Attribute::not_compared)
                .into();
        };
        let serves = serves(&code.sha256, &self.function.configuration());
        let test_ride = if self.options.skip_test_ride {
            Attribute::not_compared(TEST_RIDE)
        } else {
            Attribute::new(TEST_RIDE, PASSED).shown(Shown::State)
        };
        vec![
            Attribute::new(SERVES, serves),
            self.proof(inputs),
            test_ride,
            Attribute::new(TRAFFIC, ONE_VERSION),
        ]
    }

    fn arn(&self, inputs: &Inputs<'_>) -> String {
        let name = format!("{}:{LIVE}", self.function.name);
        function::arn(&name, inputs.context())
    }
}

/// The code and the configuration of a version, short enough to read.
pub fn serves(sha256: &str, configuration: &[Attribute]) -> String {
    let code: String = sha256.chars().take(10).collect();
    let digest = Digest::over(configuration.iter());
    let digest = digest.map_or(Value::AfterApply.to_string(), |digest| digest.to_string());
    format!("code {code}, configuration {digest}")
}
