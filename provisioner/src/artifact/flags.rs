//! The flags of a build for Lambda, and the environment that passes them.
//!
//! The same commit, toolchain and C compiler must give the same bytes in any folder, for any user. So
//! every path that could get into the program is replaced by a fixed name, and what a user may have
//! set for other builds (`RUSTFLAGS`, `CFLAGS`, wrappers, profile overrides) is removed.

use std::path::{Path, PathBuf};

use super::build_target::BuildTarget;
use super::compiler::CCompiler;
use super::environment::Environment;
use super::toolchain::Toolchain;

/// The flags that decide, besides the source, what the program is. They are part of the fingerprint.
const RUST_FLAGS: &[&str] = &[
    // Nothing to relocate when the program starts; function/README.md has the numbers.
    "-Crelocation-model=static",
];

/// The variables of a build for this machine. Its program is stripped, or packing it would take longer
/// than compiling it; this setting applies to the last step alone, so the dependencies stay shared.
const LOCAL_ENVIRONMENT: &[(&str, &str)] = &[("CARGO_PROFILE_DEV_STRIP", "symbols")];

/// Variables that users set for other builds. In a build for Lambda they would change the program.
const OTHER_BUILDS: &[&str] = &[
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CC_FORCE_DISABLE",
    "CRATE_CC_NO_DEFAULTS",
    "RUSTC_BOOTSTRAP",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];
const C_FLAGS: &[&str] = &[
    "CFLAGS",
    "CPPFLAGS",
    "HOST_CFLAGS",
    "LDFLAGS",
    "TARGET_CFLAGS",
];
/// The beginnings of further names.
const OTHER_PROFILES: &[&str] = &[
    "CARGO_PROFILE_LAMBDA_",
    "CARGO_PROFILE_RELEASE_",
    "CARGO_UNSTABLE_",
];
/// The one of them that would give a program for another machine than this one.
const OTHER_TARGET: &str = "CARGO_BUILD_TARGET";

/// The variables that are set but not used in this build.
pub fn not_used(base: &Environment, target: &BuildTarget) -> Vec<String> {
    let is_not_used = |name: &String| {
        if target.is_this_machine() {
            name == OTHER_TARGET
        } else {
            OTHER_BUILDS.contains(&name.as_str())
                || OTHER_PROFILES.iter().any(|prefix| name.starts_with(prefix))
                || is_c_flag(name, target)
                || *name == format!("CARGO_TARGET_{}_RUSTFLAGS", shouted(target))
        }
    };
    base.names().filter(is_not_used).collect()
}

/// Whether the variable has flags of the C compiler for this target. The `cc` crate joins all of them.
pub fn is_c_flag(name: &str, target: &BuildTarget) -> bool {
    let of_target = name.strip_prefix("CFLAGS_");
    C_FLAGS.contains(&name)
        || of_target.is_some_and(|triple| triple.replace('-', "_") == snake(target))
}

/// The triple as it stands in most variables: `x86_64_unknown_linux_musl`.
fn snake(target: &BuildTarget) -> String {
    target.triple.replace('-', "_")
}

/// As it stands in cargo's variables.
fn shouted(target: &BuildTarget) -> String {
    snake(target).to_uppercase()
}

/// The environment of a build for this machine.
pub fn local_environment(base: &Environment) -> Environment {
    let mut environment = base.clone();
    environment.remove(OTHER_TARGET);
    for (name, value) in LOCAL_ENVIRONMENT {
        environment.set(*name, *value);
    }
    environment
}

/// The flags as text, without those that name the machine's paths.
pub fn recipe(target: &BuildTarget) -> String {
    if target.is_this_machine() {
        let settings = LOCAL_ENVIRONMENT.iter();
        let settings = settings.map(|(name, value)| format!("{name}={value}"));
        settings.collect::<Vec<_>>().join(" ")
    } else {
        RUST_FLAGS.join(" ")
    }
}

/// The folders of this machine, each with the name that replaces it in the program.
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
            // The name that rustc gives the library's files where the component rust-src is missing.
            (library, format!("/rustc/{}", toolchain.commit)),
        ];
        names.extend(cargo_home.map(|home| (home.to_owned(), "/cargo".to_owned())));
        // Compilers may use the path that was given or the one behind its links.
        let real: Vec<_> = names
            .iter()
            .filter_map(|(folder, name)| Some((folder.canonicalize().ok()?, name.clone())))
            .collect();
        names.extend(real);
        // The last match wins: a folder inside of another one must come after it.
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
    for name in not_used(base, target) {
        environment.remove(&name);
    }
    // Set to nothing, they also override the wrapper in a `.cargo/config.toml` of the user.
    environment.set("RUSTC_WRAPPER", "");
    environment.set("RUSTC_WORKSPACE_WRAPPER", "");
    // Incremental builds split the crate into other units than the profile says.
    environment.set("CARGO_INCREMENTAL", "0");

    let mut rust_flags: Vec<String> = RUST_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    rust_flags.extend(folders.remap("--remap-path-prefix"));
    // This separator allows spaces in a flag, as folders may have them.
    environment.set("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"));

    let variable = snake(target);
    // It would take precedence; `compiler` has read it.
    environment.remove(&format!("CC_{}", target.triple));
    environment.set(format!("CC_{variable}"), &compiler.program);
    let c_flags: Vec<String> = folders
        .remap("-ffile-prefix-map")
        .iter()
        .map(|flag| quoted(flag))
        .collect();
    environment.set("CC_SHELL_ESCAPED_FLAGS", "1");
    environment.set(format!("CFLAGS_{variable}"), c_flags.join(" "));
    let linker = format!("CARGO_TARGET_{}_LINKER", shouted(target));
    environment.set_default(&linker, &compiler.linker);
    environment
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
