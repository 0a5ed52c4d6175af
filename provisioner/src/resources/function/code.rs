//! The code that the function should have: that of the artifact, or the deployed one. Pure.

use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;

/// Outputs of the release: the code that the live version holds, and the source fingerprint in its
/// description.
pub const LIVE_CODE: &str = "code of the live version";
pub const LIVE_SOURCE: &str = "source of the live version";

/// The code that the function should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedCode {
    pub sha256: String,
    /// The source fingerprint of the artifact, as far as a version's description has room for it.
    pub source: Option<String>,
    /// The deployed bytes differ from the artifact's though they have the same source.
    pub other_compiler: bool,
}

/// The artifact's code; or the deployed code if it was built from the same source by another compiler and
/// `upload` is false. `None` without an artifact. `latest` is the code of `$LATEST`.
pub fn wanted(
    inputs: &Inputs<'_>,
    latest: Option<&str>,
    release: &ResourceId,
    upload: bool,
) -> Option<WantedCode> {
    let artifact = inputs.artifact?;
    let live = inputs.state(release).map(|state| &state.outputs);
    let live = |name: &str| {
        live.and_then(|outputs| outputs.get(name))
            .map(String::as_str)
    };
    Some(choose(
        &artifact.code_sha256,
        artifact.source.as_deref().map(short),
        latest,
        (live(LIVE_CODE), live(LIVE_SOURCE)),
        upload,
    ))
}

fn choose(
    built: &str,
    source: Option<&str>,
    latest: Option<&str>,
    (live, live_source): (Option<&str>, Option<&str>),
    upload: bool,
) -> WantedCode {
    let same_source = source.is_some() && source == live_source;
    let deployed = live.filter(|live| !upload && same_source && latest == Some(live));
    let sha256 = deployed.unwrap_or(built);
    WantedCode {
        sha256: sha256.to_owned(),
        source: source.map(str::to_owned),
        other_compiler: sha256 != built,
    }
}

/// As much of a source fingerprint as a version's description has room for.
fn short(fingerprint: &str) -> &str {
    fingerprint.get(..32).unwrap_or(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::choose;

    fn check(upload: bool, latest: &str, live_source: Option<&str>, expected: &str) {
        let live = (Some("live"), live_source);
        let code = choose("built", Some("s1"), Some(latest), live, upload);
        assert_eq!(code.sha256, expected);
        assert_eq!(code.other_compiler, expected == "live");
    }

    #[test]
    fn the_same_source_from_another_compiler_changes_nothing_unless_asked() {
        check(false, "live", Some("s1"), "live");
        check(true, "live", Some("s1"), "built");
    }

    #[test]
    fn other_or_unknown_source_is_uploaded() {
        check(false, "live", Some("s2"), "built");
        check(false, "live", None, "built");
        check(false, "changed by hand", Some("s1"), "built");
    }
}
