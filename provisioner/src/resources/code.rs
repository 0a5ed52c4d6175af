//! The artefact of this run beside what is deployed: which code the function should have.

use std::cell::{OnceCell, RefCell};

use crate::artifact::Artifact;

/// Shared by the function, which uploads it, and the release, which proves it.
#[derive(Debug, Default)]
pub struct Code {
    artifact: OnceCell<Artifact>,
    /// `--upload`: even where only the compiler differs.
    upload: bool,
    latest_sha256: RefCell<Option<String>>,
    live: RefCell<Option<Deployed>>,
}

/// The code a version holds, with the source fingerprint from its description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    pub sha256: String,
    pub source: Option<String>,
}

impl Code {
    pub fn new(upload: bool) -> Code {
        Code {
            upload,
            ..Code::default()
        }
    }

    /// Known once it is built or read; stays unset for `down` and for a `status` without a build.
    pub fn set(&self, artifact: Artifact) {
        // A second artefact in one run would be a broken invariant of the commands.
        self.artifact
            .set(artifact)
            .expect("the artefact is set once");
    }

    pub fn artifact(&self) -> Option<&Artifact> {
        self.artifact.get()
    }

    pub fn saw_latest(&self, sha256: Option<String>) {
        self.latest_sha256.replace(sha256);
    }

    pub fn saw_live(&self, live: Option<Deployed>) {
        self.live.replace(live);
    }

    /// The CodeSha256 to have: that of the artefact, or what is there where it was made from the
    /// same source by another compiler.
    pub fn sha256(&self) -> Option<String> {
        let artifact = self.artifact.get()?;
        let same = if self.upload {
            None
        } else {
            self.same_source()
        };
        Some(same.unwrap_or_else(|| artifact.code_sha256.clone()))
    }

    /// True where the deployed bytes differ though their source is this one.
    pub fn other_compiler(&self) -> bool {
        let built = self.artifact.get().map(|artifact| &artifact.code_sha256);
        !self.upload
            && self
                .same_source()
                .is_some_and(|sha256| Some(&sha256) != built)
    }

    pub fn source(&self) -> Option<&str> {
        self.artifact.get()?.source.as_deref().map(short)
    }

    fn same_source(&self) -> Option<String> {
        let live = self.live.borrow();
        let live = live.as_ref()?;
        let is_latest = self.latest_sha256.borrow().as_ref() == Some(&live.sha256);
        let same = live.source.is_some() && live.source.as_deref() == self.source();
        (is_latest && same).then(|| live.sha256.clone())
    }
}

/// As much of a source fingerprint as a version's description has room for.
fn short(fingerprint: &str) -> &str {
    fingerprint.get(..32).unwrap_or(fingerprint)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Code, Deployed};
    use crate::artifact::Artifact;

    fn artifact(sha256: &str, source: Option<&str>) -> Artifact {
        Artifact {
            path: PathBuf::new(),
            zip: Vec::new(),
            code_sha256: sha256.to_owned(),
            size: 0,
            source: source.map(str::to_owned),
        }
    }

    fn check(upload: bool, latest: &str, live_source: Option<&str>, expected: &str) {
        let code = Code::new(upload);
        code.set(artifact("built", Some("s1")));
        code.saw_latest(Some(latest.to_owned()));
        let source = live_source.map(str::to_owned);
        code.saw_live(Some(Deployed {
            sha256: "live".to_owned(),
            source,
        }));
        assert_eq!(code.sha256().as_deref(), Some(expected));
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
