//! The system that the function is built for, which decides how it is built and what it may need.

use std::fs;
use std::path::PathBuf;

use super::elf;

/// The glibc of Amazon Linux 2023, under `provided.al2023`.
const LAMBDA_GLIBC: (u32, u32) = (2, 34);
/// The profile with the smallest program and the fastest start; defined in the root manifest.
const LAMBDA_PROFILE: &str = "lambda";
/// The profile that `cargo run` has just compiled the provisioner with. A profile of its own would
/// compile every dependency again.
const LOCAL_PROFILE: &str = "dev";

/// The processor architectures that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    X86_64,
    Arm64,
}

impl Arch {
    /// Lambda's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Arm64 => "arm64",
        }
    }

    /// Rust's and the compilers' name for it.
    pub fn triple_name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Arm64 => "aarch64",
        }
    }
}

/// A system that runs the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildTarget {
    /// Rust's name of the target, such as `x86_64-unknown-linux-musl`.
    pub triple: String,
    pub arch: Arch,
    /// The newest glibc version that a dynamically linked program may need; `None` if it is not known
    /// and therefore not checked.
    pub glibc_max: Option<(u32, u32)>,
    /// cargo's profile.
    pub profile: &'static str,
}

impl BuildTarget {
    /// Lambda. The function is linked statically against musl, so that it needs no glibc. A zip from
    /// elsewhere may be linked dynamically, and needs at most the glibc of Amazon Linux 2023.
    pub fn lambda(arch: Arch) -> BuildTarget {
        BuildTarget {
            triple: format!("{}-unknown-linux-musl", arch.triple_name()),
            arch,
            glibc_max: Some(LAMBDA_GLIBC),
            profile: LAMBDA_PROFILE,
        }
    }

    /// The machine that this process runs on.
    pub fn this_machine() -> BuildTarget {
        let arch = if cfg!(target_arch = "aarch64") {
            Arch::Arm64
        } else {
            Arch::X86_64
        };
        let system = if cfg!(target_os = "macos") {
            "apple-darwin"
        } else if cfg!(target_env = "musl") {
            "unknown-linux-musl"
        } else {
            "unknown-linux-gnu"
        };
        BuildTarget {
            triple: format!("{}-{system}", arch.triple_name()),
            arch,
            glibc_max: host_glibc(),
            profile: LOCAL_PROFILE,
        }
    }

    /// What a program needs to run here: `x86_64-unknown-linux-gnu, glibc 2.36`.
    pub fn system(&self) -> String {
        match self.glibc_max {
            Some((major, minor)) => format!("{}, glibc {major}.{minor}", self.triple),
            None => self.triple.clone(),
        }
    }

    /// Whether cargo builds for its own host, with the dependencies it has compiled for the provisioner.
    pub(super) fn is_this_machine(&self) -> bool {
        self.profile == LOCAL_PROFILE
    }
}

/// The newest symbol version of this machine's libc. It is read from the library's file, since calling
/// the library would take unsafe code and running `ldd` a process.
fn host_glibc() -> Option<(u32, u32)> {
    let mapped = fs::read_to_string("/proc/self/maps").ok().and_then(|maps| {
        let line = maps.lines().find(|line| line.ends_with("/libc.so.6"))?;
        Some(PathBuf::from(&line[line.find('/')?..]))
    });
    // A statically linked provisioner has no libc in its maps.
    let usual = [
        "/lib/x86_64-linux-gnu",
        "/lib/aarch64-linux-gnu",
        "/lib64",
        "/usr/lib",
    ]
    .into_iter()
    .map(|folder| PathBuf::from(folder).join("libc.so.6"));
    let library = mapped
        .into_iter()
        .chain(usual)
        .find_map(|path| fs::read(path).ok())?;
    elf::read(&library).ok()?.glibc_provided
}

#[cfg(test)]
mod tests {
    use super::{Arch, BuildTarget};

    #[test]
    fn lambda_takes_static_programs_or_those_for_its_own_glibc() {
        let target = BuildTarget::lambda(Arch::Arm64);
        assert_eq!(target.triple, "aarch64-unknown-linux-musl");
        assert_eq!(
            (target.glibc_max, target.profile),
            (Some((2, 34)), "lambda")
        );
        assert!(!target.is_this_machine());
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn this_machines_glibc_is_found() {
        let target = BuildTarget::this_machine();
        let (major, minor) = target.glibc_max.unwrap();
        assert!(major == 2 && minor >= 17, "{major}.{minor}");
        assert!(target.triple.ends_with("-unknown-linux-gnu"));
        assert!(target.is_this_machine());
    }
}
