//! The C compiler for the target: `ring` has C and assembly in it.
//!
//! For this machine's own processor the system's compiler will do, since nothing of the system's C
//! library gets into the program; for another one a cross compiler is needed.

use std::ffi::{OsStr, OsString};

use super::environment::Environment;
use super::error::{ArtifactError, Problem};
use super::runs::Runs;
use super::toolchain::Toolchain;

#[derive(Debug, PartialEq, Eq)]
pub struct CCompiler {
    pub program: OsString,
    /// What links the program, unless the user has said it.
    pub linker: OsString,
}

/// The first compiler that is there; one named in `CC_<target>` comes first of all.
pub fn find(
    environment: &Environment,
    runs: &Runs,
    toolchain: &Toolchain,
) -> Result<CCompiler, ArtifactError> {
    let variable = format!("CC_{}", runs.target.replace('-', "_"));
    let (tried, package) = match environment.get(&variable) {
        Some(named) => (vec![named.to_string_lossy().into_owned()], None),
        None => candidates(runs, &toolchain.host),
    };
    match tried
        .iter()
        .find(|name| environment.program(OsStr::new(name)).is_some())
    {
        Some(name) => Ok(CCompiler {
            program: name.into(),
            linker: name.into(),
        }),
        None => Err(ArtifactError::new(
            format!(
                "find a C compiler to build the function for `{}`",
                runs.target
            ),
            Problem::NoCCompiler {
                target: runs.target.clone(),
                tried,
                package,
            },
        )),
    }
}

/// The names to try, and the Debian package of the usual one.
fn candidates(runs: &Runs, host: &str) -> (Vec<String>, Option<&'static str>) {
    let arch = runs.arch.triple_name();
    let is_host = host.starts_with(&format!("{arch}-")) && host.contains("linux");
    if is_host {
        return (
            vec!["gcc".to_owned(), "cc".to_owned(), "clang".to_owned()],
            Some("gcc"),
        );
    }
    let package = match arch {
        "aarch64" => "gcc-aarch64-linux-gnu",
        _ => "gcc-x86-64-linux-gnu",
    };
    let cross = ["musl", "gnu"].map(|library| format!("{arch}-linux-{library}-gcc"));
    (cross.to_vec(), Some(package))
}
