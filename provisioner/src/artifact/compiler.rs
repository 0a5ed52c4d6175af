//! Finds the C compiler for the target: `ring` contains C and assembly.
//!
//! For this machine's own processor the system's compiler is enough, since nothing of the system's C
//! library gets into the program. For another processor a cross compiler is needed, or zig, which is
//! one for every target. Linking needs neither: Rust ships with a linker and musl.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::build_target::{Arch, BuildTarget};
use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::record::replace;
use super::toolchain::Toolchain;

/// Rust's own linker, which rustc finds without a path.
const OWN_LINKER: &str = "rust-lld";
const ZIG: &str = "zig";

#[derive(Debug, PartialEq, Eq)]
pub struct CCompiler {
    pub program: OsString,
    /// The linker of the program, unless the user has set one.
    pub linker: OsString,
}

/// The first compiler that exists. One named in `CC_<target>`, with dashes or underscores, takes precedence. A wrapper script may be
/// written to the folder `scratch`.
pub fn find(
    environment: &Environment,
    target: &BuildTarget,
    toolchain: &Toolchain,
    scratch: &Path,
) -> Result<CCompiler, ArtifactError> {
    let is_there = |name: &str| environment.program(OsStr::new(name)).is_some();
    let compilers = candidates(target, &toolchain.host);
    let usual = compilers.iter().find(|name| is_there(name));
    let linker = OsString::from(usual.map_or(OWN_LINKER, String::as_str));

    let variables = [target.triple.clone(), target.triple.replace('-', "_")];
    let mut named = variables.iter().map(|triple| format!("CC_{triple}"));
    let named = named.find_map(|name| environment.get(&name));
    let (program, tried) = match (named, usual) {
        (Some(named), _) if is_program(environment, named) => (Some(named.to_owned()), vec![]),
        (Some(named), _) => (None, vec![named.to_string_lossy().into_owned()]),
        (None, Some(usual)) => (Some(usual.into()), vec![]),
        (None, None) if is_there(ZIG) => (Some(zig_wrapper(target, scratch)?), vec![]),
        (None, None) => (None, [compilers, vec![ZIG.to_owned()]].concat()),
    };
    match program {
        Some(program) => Ok(CCompiler { program, linker }),
        None => Err(ArtifactError::new(
            format!(
                "find a C compiler to build the function for `{}`",
                target.triple
            ),
            Problem::NoCCompiler {
                target: target.triple.clone(),
                tried,
                install: install(target, &toolchain.host),
            },
        )),
    }
}

/// Whether it names a program, or one with arguments such as `ccache gcc`.
fn is_program(environment: &Environment, named: &OsStr) -> bool {
    let text = named.to_string_lossy();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    environment.program(named).is_some() || environment.program(OsStr::new(first_word)).is_some()
}

/// The compilers to look for.
fn candidates(target: &BuildTarget, host: &str) -> Vec<String> {
    if is_for_host(target, host) {
        return ["gcc", "cc", "clang"].map(str::to_owned).to_vec();
    }
    let arch = target.arch.triple_name();
    let cross = ["musl", "gnu"].map(|library| format!("{arch}-linux-{library}-gcc"));
    cross.to_vec()
}

/// How to install one of them with the package manager that this system usually has.
fn install(target: &BuildTarget, host: &str) -> &'static str {
    if host.contains("apple") {
        return "run `brew install zig`";
    }
    if host.contains("windows") {
        return "build in WSL, or use a zip that was built elsewhere: `provision up --artifact function.zip`";
    }
    match target.arch {
        _ if is_for_host(target, host) => "run `apt-get install gcc`, or install zig",
        Arch::Arm64 => "run `apt-get install gcc-aarch64-linux-gnu`, or install zig",
        Arch::X86_64 => "run `apt-get install gcc-x86-64-linux-gnu`, or install zig",
    }
}

/// Whether programs for the target run on this machine's processor and kernel.
fn is_for_host(target: &BuildTarget, host: &str) -> bool {
    let arch = target.arch.triple_name();
    host.starts_with(&format!("{arch}-")) && host.contains("linux")
}

/// Writes a script that runs zig as a compiler for the target. zig has other target names than Rust
/// and rejects Rust's, which build scripts pass to every compiler that looks like clang.
fn zig_wrapper(target: &BuildTarget, scratch: &Path) -> Result<OsString, ArtifactError> {
    let zig_target = format!("{}-linux-musl", target.arch.triple_name());
    let script = format!(
        "#!/bin/sh\n\
         for argument; do\n\
         \x20   shift\n\
         \x20   case $argument in --target=*) ;; *) set -- \"$@\" \"$argument\" ;; esac\n\
         done\n\
         exec {ZIG} cc -target {zig_target} \"$@\"\n"
    );
    let path = scratch.join(format!("zig-cc-{zig_target}"));
    replace(&path, script.as_bytes())
        .and_then(|()| make_executable(&path))
        .map_err(|error| {
            ArtifactError::new(format!("write `{}`", path.display()), Problem::Io(error))
        })?;
    Ok(path.into_os_string())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{candidates, install};
    use crate::artifact::{Arch, BuildTarget};

    #[test]
    fn each_system_is_told_of_its_own_package_manager() {
        let apt = |package: &str| format!("run `apt-get install {package}`, or install zig");
        let (gcc, arm64, x86_64) = (
            apt("gcc"),
            apt("gcc-aarch64-linux-gnu"),
            apt("gcc-x86-64-linux-gnu"),
        );
        let zig = "run `brew install zig`";
        for (host, arch, expected, first) in [
            ("x86_64-unknown-linux-gnu", Arch::X86_64, &*gcc, "gcc"),
            (
                "x86_64-unknown-linux-gnu",
                Arch::Arm64,
                &arm64,
                "aarch64-linux-musl-gcc",
            ),
            ("aarch64-unknown-linux-musl", Arch::Arm64, &gcc, "gcc"),
            (
                "aarch64-unknown-linux-gnu",
                Arch::X86_64,
                &x86_64,
                "x86_64-linux-musl-gcc",
            ),
            // The compiler of macOS makes no Linux programs, for whichever processor.
            (
                "aarch64-apple-darwin",
                Arch::Arm64,
                zig,
                "aarch64-linux-musl-gcc",
            ),
            (
                "x86_64-apple-darwin",
                Arch::X86_64,
                zig,
                "x86_64-linux-musl-gcc",
            ),
        ] {
            let target = BuildTarget::lambda(arch);
            assert_eq!(install(&target, host), expected, "{host} {arch:?}");
            assert_eq!(candidates(&target, host)[0], first, "{host} {arch:?}");
        }
        let windows = install(&BuildTarget::lambda(Arch::X86_64), "x86_64-pc-windows-msvc");
        assert!(windows.contains("WSL"), "{windows}");
    }
}
