//! The function, built once for all tests, as `up --local` would build it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use provisioner::artifact::{self, Artifact, BuildTarget};

pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .parent()
        .expect("the provisioner stands in the workspace")
        .to_owned()
}

/// cargo has nothing to fetch: the tests' own build has compiled the same crates.
pub fn artefact() -> &'static Artifact {
    static BUILT: OnceLock<Artifact> = OnceLock::new();
    // On a thread of its own: a test's runtime can't wait for another one.
    BUILT.get_or_init(|| {
        std::thread::spawn(build)
            .join()
            .expect("the function builds")
    })
}

fn build() -> Artifact {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut said = Vec::new();
    let mut on_line = |line: &str| said.push(line.to_owned());
    let runs = BuildTarget::this_machine();
    let workspace = workspace();
    let building = artifact::build(&workspace, &runs, None, &mut on_line);
    let built = runtime.expect("a runtime").block_on(building);
    built.unwrap_or_else(|error| panic!("{error}:\n{}", said.join("\n")))
}
