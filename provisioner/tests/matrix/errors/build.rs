//! Errors of building the function, and of zips that would not run.

use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::symlink;

use zip::write::SimpleFileOptions;

use super::shell::Shell;
use super::{Case, Scenario};
use crate::artifact::workspace;
use crate::world::artifact_path;

const TARGET: &str = "x86_64-unknown-linux-musl";
const BUILD: &str = "provision build --arch x86_64";

pub const SCENARIOS: &[Scenario] = &[
    ("artifact-unreadable", |case| {
        let clone = Clone::new(case);
        let line = "provision plan --local --artifact absent.zip";
        let hint = case.told_by(&clone.shell.run(line));
        clone.shell.run(&hint[0]).ok().says("+ function");
        let shell = clone.shell.with("PROVISION_ARTIFACT", "absent.zip");
        let hint = case.told_by(&shell.run("provision plan --local"));
        shell.run(&hint[0]).ok().says("+ function");
    }),
    ("artifact-invalid", |case| {
        let clone = Clone::new(case);
        let check = |name: &str, zip: &[u8], why: &str| {
            fs::write(clone.shell.path(&format!("clone/{name}")), zip).expect("a file");
            let line = format!("provision plan --local --artifact {name}");
            let run = clone.shell.run(&line).says(why);
            let hint = case.told_by(&run);
            clone.shell.run(&hint[0]).ok().says("+ function");
        };
        check("empty.zip", b"", "not a whole zip");
        check("text.zip", b"no zip at all", "not a whole zip");
        let whole = fs::read(artifact_path()).expect("the artifact");
        check("half.zip", &whole[..whole.len() / 2], "not a whole zip");
        let script = zip("bootstrap", b"#!/bin/sh\n", 0o755);
        check("script.zip", &script, "is a script (`#!/bin/sh`)");
        check(
            "other.zip",
            &zip("main", b"", 0o755),
            "no `bootstrap` at its root",
        );
        check(
            "mode.zip",
            &zip("bootstrap", &program(), 0o644),
            "has mode 0644",
        );
    }),
    ("cargo-missing", |case| {
        let clone = Clone::without(case, "cargo");
        let hint = case.told_by(&clone.shell.run("provision plan --local"));
        symlink(artifact_path(), clone.shell.path("clone/function.zip")).expect("a link");
        clone.shell.run(&hint[0]).ok().says("passed its test ride");
    }),
    ("cargo-failed", |case| {
        let clone = Clone::new(case);
        clone.write("tools/cargo-fails", "error: expected `;`\n");
        let run = clone.shell.run("provision plan --local");
        let hint = case.told_by(&run.says("expected `;`"));
        clone.shell.run(&hint[0]).exits(101).says("expected `;`");
    }),
    ("lock-outdated", |case| {
        // cargo's own: the hint is about what it does.
        let clone = Clone::new(case);
        let shell = clone
            .shell
            .with("PATH", std::env::var("PATH").unwrap_or_default());
        let cargo = std::env::var("CARGO").expect("a test that cargo started");
        let toolchain = fs::canonicalize(cargo).expect("cargo");
        let tools = toolchain.parent().expect("a folder").display();
        let path = format!("{}:{tools}:/usr/bin:/bin", shell.path("programs").display());
        let shell = shell.with("PATH", path);
        clone.write(
            "clone/Cargo.toml",
            "[workspace]\nmembers = [\"function\"]\n",
        );
        clone.write(
            "clone/function/Cargo.toml",
            "[package]\nname = \"function\"\nversion = \"1.0.0\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n",
        );
        let hint = case.told_by(&shell.run("provision plan --local"));
        shell.run(&hint[0]).ok();
        shell.run(&hint[1]).ok().says("+ function");
    }),
    ("rustc-failed", |case| {
        let clone = Clone::new(case);
        clone.write("tools/rustc-fails", "");
        let hint = case.told_by(&clone.shell.run("provision plan --local"));
        clone.shell.run(&hint[0]).ok();
    }),
    ("no-program", |case| {
        let clone = Clone::new(case);
        clone.write("tools/no-program", "");
        let hint = case.told_by(&clone.shell.run("provision plan --local"));
        clone.shell.run(&hint[0]).ok().says("Compiling function");
    }),
    ("target-missing", |case| {
        let clone = Clone::new(case);
        fs::remove_dir_all(clone.shell.path("tools/sysroot/lib")).expect("a folder");
        clone.write("tools/rustup-fails", "");
        let hint = case.told_by(&clone.shell.run(BUILD));
        // With a network.
        fs::remove_file(clone.shell.path("tools/rustup-fails")).expect("a file");
        clone.shell.run(&hint[0]).ok();
        let built = clone.shell.run(&format!("{BUILD} --output json"));
        assert!(built.ok().json()["path"].is_string());
    }),
    ("target-missing-without-rustup", |case| {
        let clone = Clone::without(case, "rustup");
        fs::remove_dir_all(clone.shell.path("tools/sysroot/lib")).expect("a folder");
        let hint = case.told_by(&clone.shell.run(BUILD));
        assert_eq!(hint[0], format!("rustup target add {TARGET}"));
    }),
    ("no-c-compiler", |case| {
        let clone = Clone::without(case, "gcc");
        let hint = case.told_by(&clone.shell.run(BUILD));
        assert_eq!(hint[0], "apt-get install gcc");
    }),
    ("source-unreadable", |case| {
        let clone = Clone::new(case);
        // Permissions mean nothing to root; this is a file that nobody can read from its start.
        let odd = clone.shell.path("clone/function/src/odd.rs");
        symlink("/proc/self/mem", &odd).expect("a link");
        let hint = case.told_by(&clone.shell.run("provision plan --local"));
        fs::remove_file(odd).expect("the link");
        clone.shell.run(&hint[0]).ok();
    }),
    ("artifact-unwritable", |case| {
        let clone = Clone::new(case);
        let hint = case.told_by(&clone.shell.run(&format!("{BUILD} --out /dev/null/x.zip")));
        clone.shell.run(&hint[0]).ok().says("function.zip");
    }),
];

/// What stands for a clone of the project, and a toolchain that only plays one.
struct Clone<'a> {
    shell: Shell<'a>,
}

impl<'a> Clone<'a> {
    fn new(case: &'a Case) -> Clone<'a> {
        let shell = case.shell().without("PROVISION_ARTIFACT");
        for folder in ["clone", "tools", ".provision"] {
            let _ = fs::remove_dir_all(shell.path(folder));
        }
        let folder = shell.path("clone");
        let path = format!(
            "{}:{}",
            shell.path("programs").display(),
            shell.path("tools").display()
        );
        let shell = shell.with("PATH", path).inside("clone");
        let clone = Clone { shell };
        clone.write("clone/Cargo.toml", "[workspace]\n");
        clone.write("clone/Cargo.lock", "version = 4\n");
        clone.write("clone/function/Cargo.toml", "[package]\n");
        clone.write("clone/function/src/main.rs", "fn main() {}\n");
        clone.write("tools/program", program());
        clone.write("tools/sysroot/bin/rustc", "the compiler");
        clone.write(
            &format!("tools/sysroot/lib/rustlib/{TARGET}/lib/libstd.rlib"),
            "",
        );
        let script = workspace().join("provisioner/src/artifact/tests/toolchain.sh");
        for tool in ["cargo", "rustc", "rustup", "gcc"] {
            symlink(&script, clone.shell.path("tools").join(tool)).expect("a link");
        }
        assert!(folder.is_dir());
        clone
    }

    fn without(case: &'a Case, tool: &str) -> Clone<'a> {
        let clone = Clone::new(case);
        fs::remove_file(clone.shell.path("tools").join(tool)).expect("a tool");
        clone
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.shell.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

/// The headers of a static program: enough to pass for one.
fn program() -> Vec<u8> {
    let mut program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let machine: u16 = if cfg!(target_arch = "aarch64") {
        183
    } else {
        62
    };
    program.extend(2_u16.to_le_bytes());
    program.extend(machine.to_le_bytes());
    program.extend(1_u32.to_le_bytes());
    program.extend([0, 64, 0].map(u64::to_le_bytes).concat());
    program.extend(0_u32.to_le_bytes());
    program.extend([64_u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).concat());
    // One segment: the file itself.
    program.extend([1_u32, 4].map(u32::to_le_bytes).concat());
    program.extend(
        [0, 0x40_0000, 0, 120, 120, 1]
            .map(u64::to_le_bytes)
            .concat(),
    );
    program
}

fn zip(name: &str, content: &[u8], mode: u32) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(mode);
    zip.start_file(name, options).expect("an entry");
    zip.write_all(content).expect("bytes");
    zip.finish().expect("a zip").into_inner()
}
