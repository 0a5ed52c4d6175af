//! How the function is compiled for Lambda: the flags, and the environment that carries them.
//!
//! Same commit, toolchain and C compiler are to give the same bytes in any folder, for any user. So
//! every path that could get into the program is given a name of its own, and what a user may have
//! set to shape other builds (`RUSTFLAGS`, `CFLAGS`, profile overrides) is left out of this one.

use std::path::{Path, PathBuf};

use super::build_target::BuildTarget;
use super::compiler::CCompiler;
use super::environment::Environment;
use super::toolchain::Toolchain;

/// What shapes the program beside the source; changing it changes the fingerprint.
const RUST_FLAGS: &[&str] = &[
    // Nothing to relocate when the program starts; function/README.md has the numbers.
    "-Crelocation-model=static",
];

/// The binary for this machine is stripped, or packing it would take longer than compiling it. Of
/// cargo's settings this one reaches the last step alone: the dependencies stay shared.
pub const LOCAL_ENVIRONMENT: &[(&str, &str)] = &[("CARGO_PROFILE_DEV_STRIP", "symbols")];

/// The flags as text, the machine's paths apart.
pub fn recipe(target: &BuildTarget) -> String {
    if target.is_this_machine() {
        let settings = LOCAL_ENVIRONMENT.iter();
        let settings = settings.map(|(name, value)| format!("{name}={value}"));
        settings.collect::<Vec<_>>().join(" ")
    } else {
        RUST_FLAGS.join(" ")
    }
}

/// The folders of this machine, and what the program is to call them.
#[derive(Debug)]
pub struct Folders {
    names: Vec<(PathBuf, String)>,
}

impl Folders {
    pub fn new(
        workspace: &Path,
        target: &Path,
        cargo_home: Option<&Path>,
        toolchain: &Toolchain,
    ) -> Folders {
        let library = toolchain.sysroot.join("lib/rustlib/src/rust");
        let mut names = vec![
            (workspace.to_owned(), "/build".to_owned()),
            (target.to_owned(), "/build/target".to_owned()),
            (toolchain.sysroot.clone(), "/toolchain".to_owned()),
            // With the component rust-src, rustc names the library's files as they lie there;
            // without it, like this.
            (library, format!("/rustc/{}", toolchain.commit)),
        ];
        names.extend(cargo_home.map(|home| (home.to_owned(), "/cargo".to_owned())));
        // Compilers may see a folder under the name it was given or under its real one.
        let real: Vec<_> = names
            .iter()
            .filter_map(|(folder, name)| Some((folder.canonicalize().ok()?, name.clone())))
            .collect();
        names.extend(real);
        // The last match wins: a folder inside of another must come after it.
        names.sort_by_key(|(folder, _)| folder.as_os_str().len());
        names.dedup();
        Folders { names }
    }

    fn remap(&self, option: &str) -> Vec<String> {
        let names = self.names.iter();
        names
            .map(|(folder, name)| format!("{option}={}={name}", folder.display()))
            .collect()
    }
}

/// The environment of a build for Lambda.
pub fn environment(
    base: &Environment,
    target: &BuildTarget,
    folders: &Folders,
    compiler: &CCompiler,
) -> Environment {
    let mut environment = base.clone();
    for foreign in [
        "RUSTFLAGS",
        "CFLAGS",
        "TARGET_CFLAGS",
        "CPPFLAGS",
        "LDFLAGS",
    ] {
        environment.remove(foreign);
    }
    for profile in ["CARGO_PROFILE_LAMBDA_", "CARGO_PROFILE_RELEASE_"] {
        environment.remove_prefixed(profile);
    }
    // It would split the crate into other units than the profile says.
    environment.set("CARGO_INCREMENTAL", "0");

    let mut rust_flags: Vec<String> = RUST_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    rust_flags.extend(folders.remap("--remap-path-prefix"));
    // Separated like this, a flag may hold blanks, as folders do.
    environment.set("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"));

    let variable = target.triple.replace('-', "_");
    environment.set(format!("CC_{variable}"), &compiler.program);
    let c_flags: Vec<String> = folders
        .remap("-ffile-prefix-map")
        .iter()
        .map(|flag| quoted(flag))
        .collect();
    environment.set("CC_SHELL_ESCAPED_FLAGS", "1");
    environment.set(format!("CFLAGS_{variable}"), c_flags.join(" "));
    let linker = format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase());
    environment.set_default(&linker, &compiler.linker);
    environment
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
