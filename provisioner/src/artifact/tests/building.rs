//! Tests when cargo runs, what it gets, and what is made of its program.

use std::fs;
use std::path::Path;

use crate::artifact::make::{build_in, built_in};
use crate::artifact::record::{Record, code_sha256};
use crate::artifact::{Arch, Artifact, ArtifactError, BuildTarget, open};

use super::fixtures::{Folder, good_zip, told};
use super::toolchain::FakeToolchain;

pub const TARGET: &str = "x86_64-unknown-linux-musl";

pub async fn build(
    toolchain: &FakeToolchain,
    workspace: &Folder,
    target: &BuildTarget,
) -> Result<Artifact, ArtifactError> {
    build_in(
        &toolchain.environment(),
        workspace.path(),
        target,
        None,
        &mut |_| {},
    )
    .await
}

pub fn lambda() -> BuildTarget {
    BuildTarget::lambda(Arch::X86_64)
}

#[tokio::test]
async fn cargo_runs_for_a_changed_source_and_for_a_zip_that_is_not_as_it_was_left() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let first = build(&toolchain, &workspace, &lambda()).await.unwrap();
    assert!(first.path.ends_with("target/lambda/function-x86_64.zip"));
    assert_eq!(fs::read(&first.path).unwrap(), first.zip);
    assert_eq!(first.size, first.zip.len() as u64);
    let mut calls = 1;
    let zip = first.path.clone();
    let record = zip.with_extension("json");
    let compiler = toolchain.path().join("sysroot/bin/rustc");
    let steps: &[(&str, bool, &dyn Fn())] = &[
        ("nothing", false, &|| ()),
        ("a readme", false, &|| {
            workspace.write("function/README.md", "x");
        }),
        ("the source", true, &|| {
            workspace.write("function/src/main.rs", "fn main() { }");
        }),
        ("nothing more", false, &|| ()),
        ("no zip", true, &|| fs::remove_file(&zip).unwrap()),
        ("another zip", true, &|| {
            fs::write(&zip, good_zip()).unwrap();
        }),
        ("no record", true, &|| fs::remove_file(&record).unwrap()),
        ("a broken record", true, &|| {
            fs::write(&record, "{").unwrap();
        }),
        ("a compiler updated in place", true, &|| {
            fs::write(&compiler, "newer").unwrap();
        }),
        ("no compiler any more", false, &|| {
            fs::remove_file(&compiler).unwrap();
        }),
    ];
    for (what, rebuilds, change) in steps {
        change();
        let before = built_in(&toolchain.environment(), workspace.path(), &lambda()).unwrap();
        assert_eq!(before.is_none(), *rebuilds, "{what}");
        let artifact = build(&toolchain, &workspace, &lambda()).await.unwrap();
        calls += usize::from(*rebuilds);
        assert_eq!(toolchain.cargo_calls(), calls, "{what}");
        assert_eq!(artifact.zip, first.zip, "{what}");
        assert_eq!(artifact.code_sha256, first.code_sha256, "{what}");
    }
}

#[tokio::test]
async fn the_zip_is_the_same_whatever_mode_and_time_the_program_has() {
    use std::os::unix::fs::PermissionsExt;
    let mut zips = Vec::new();
    for (mode, seconds) in [(0o700, 0), (0o755, 1_000_000_000), (0o444, 2_000_000_000)] {
        let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
        let program = toolchain.path().join("program");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::options()
            .append(true)
            .open(&program)
            .unwrap()
            .set_modified(time)
            .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        zips.push(build(&toolchain, &workspace, &lambda()).await.unwrap().zip);
    }
    assert!(zips.iter().all(|zip| *zip == zips[0]));
}

#[tokio::test]
async fn a_build_for_lambda_gets_its_own_flags_and_none_of_the_users() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let mut environment = toolchain.environment();
    environment.set("RUSTFLAGS", "-Ctarget-cpu=native");
    environment.set("CFLAGS", "-O0");
    environment.set("CARGO_PROFILE_LAMBDA_OPT_LEVEL", "0");
    environment.set("CARGO_BUILD_TARGET", "wasm32-unknown-unknown");
    environment.set("RUSTC_WRAPPER", "sccache");
    environment.set("CARGO_TERM_COLOR", "always");
    environment.set("CARGO_TARGET_DIR", "elsewhere");
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let artifact = build_in(
        &environment,
        workspace.path(),
        &lambda(),
        None,
        &mut on_line,
    )
    .await
    .unwrap();
    assert_eq!(
        lines[0],
        "not used in this build: CARGO_BUILD_TARGET, CARGO_PROFILE_LAMBDA_OPT_LEVEL, CFLAGS, \
         RUSTC_WRAPPER, RUSTFLAGS"
    );
    assert_eq!(
        artifact.path,
        workspace
            .path()
            .join("elsewhere/lambda/function-x86_64.zip")
    );
    let asked = toolchain.log();
    assert!(
        asked.contains("--locked --package function --bin bootstrap"),
        "{asked}"
    );
    assert!(
        asked.contains(&format!("--profile lambda --target {TARGET}")),
        "{asked}"
    );

    for foreign in [
        "RUSTFLAGS",
        "CFLAGS",
        "CARGO_PROFILE_LAMBDA_OPT_LEVEL",
        "CARGO_BUILD_TARGET",
    ] {
        assert_eq!(toolchain.given(foreign), None, "{foreign}");
    }
    for (name, value) in [
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ("CARGO_INCREMENTAL", "0"),
        // It overrides the one in a config.toml too.
        ("RUSTC_WRAPPER", ""),
        ("CC_x86_64_unknown_linux_musl", "gcc"),
        ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER", "gcc"),
    ] {
        assert_eq!(toolchain.given(name).as_deref(), Some(value), "{name}");
    }
    let folder = workspace.path().display();
    let flags = toolchain.given("CARGO_ENCODED_RUSTFLAGS").unwrap();
    let flags: Vec<&str> = flags.split('\u{1f}').collect();
    assert_eq!(flags[0], "-Crelocation-model=static");
    let place = |flag: String| flags.iter().position(|other| **other == flag).expect(&flag);
    let inner = place(format!(
        "--remap-path-prefix={folder}/elsewhere=/build/target"
    ));
    // The last match wins.
    assert!(place(format!("--remap-path-prefix={folder}=/build")) < inner);
    place("--remap-path-prefix=/home/me/.cargo=/cargo".to_owned());
    let library = toolchain.path().join("sysroot/lib/rustlib/src/rust");
    place(format!(
        "--remap-path-prefix={}=/rustc/c0ffee",
        library.display()
    ));
    let flags = toolchain.given("CFLAGS_x86_64_unknown_linux_musl").unwrap();
    assert!(
        flags.contains(&format!("'-ffile-prefix-map={folder}=/build'")),
        "{flags}"
    );
}

#[tokio::test]
async fn a_build_for_lambda_takes_nothing_from_cargos_configuration() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    workspace.write(
        "Cargo.toml",
        "[workspace]\n[profile.lambda]\nopt-level = 3\n",
    );
    workspace.write(
        ".cargo/config.toml",
        "[build]\ntarget = \"wasm32-unknown-unknown\"\ntarget-dir = \"/elsewhere\"\n\
         [profile.lambda]\nopt-level = 0\n[env]\nCFLAGS = \"-O0\"\n",
    );
    let home = Folder::new();
    home.write("config.toml", "[build]\nrustc-wrapper = \"sccache\"\n");
    let mut environment = toolchain.environment();
    environment.set("CARGO_HOME", home.path());
    environment.set(format!("CC_{TARGET}"), "ccache gcc");
    environment.set(format!("CFLAGS_{TARGET}"), "-O1");
    toolchain.add("ccache");
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let (from, target) = (workspace.path(), lambda());
    build_in(&environment, from, &target, None, &mut on_line)
        .await
        .unwrap();
    assert_eq!(
        lines[0],
        format!(
            "not used in this build: CFLAGS_{TARGET}, build.target, build.target-dir, \
             env.CFLAGS, profile.lambda.opt-level, build.rustc-wrapper"
        )
    );
    let asked = toolchain.log();
    let restored = format!("--target {TARGET} --config profile.lambda.opt-level=3");
    assert!(asked.contains(&restored), "{asked}");
    let target_folder = workspace.path().join("target").display().to_string();
    for (name, value) in [
        ("CARGO_TARGET_DIR", &*target_folder),
        ("CC_x86_64_unknown_linux_musl", "ccache gcc"),
        ("CFLAGS", ""),
        ("RUSTC_WRAPPER", ""),
    ] {
        assert_eq!(toolchain.given(name).as_deref(), Some(value), "{name}");
    }
    for name in [format!("CC_{TARGET}"), format!("CFLAGS_{TARGET}")] {
        assert_eq!(toolchain.given(&name), None, "{name}");
    }
}

#[tokio::test]
async fn a_build_for_this_machine_shares_what_was_compiled_and_keeps_the_users_flags() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    // Whatever this machine is: the program that the fake cargo makes is static and for x86_64.
    let target = BuildTarget {
        profile: BuildTarget::this_machine().profile,
        ..lambda()
    };
    let mut environment = toolchain.environment();
    environment.set("RUSTFLAGS", "-Cdebuginfo=0");
    environment.set("CARGO_BUILD_TARGET", "wasm32-unknown-unknown");
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let artifact = build_in(&environment, workspace.path(), &target, None, &mut on_line).await;
    assert_eq!(lines[0], "not used in this build: CARGO_BUILD_TARGET");
    assert_eq!(toolchain.given("CARGO_BUILD_TARGET"), None);
    assert!(
        artifact
            .unwrap()
            .path
            .ends_with("target/local/function-x86_64.zip")
    );
    let asked = toolchain.log();
    assert!(asked.trim_end().ends_with("--profile dev"), "{asked}");
    assert_eq!(
        toolchain.given("CARGO_PROFILE_DEV_STRIP").as_deref(),
        Some("symbols")
    );
    // Either would resolve other features than those of the default members.
    assert!(!asked.contains("--target"), "{asked}");
    assert!(!asked.contains("--package"), "{asked}");
    assert_eq!(toolchain.given("RUSTFLAGS").unwrap(), "-Cdebuginfo=0");
    assert_eq!(toolchain.given("CARGO_ENCODED_RUSTFLAGS"), None);
}

#[tokio::test]
async fn the_zip_is_also_put_where_it_is_asked_for() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let out = workspace.path().join("out/f.zip");
    for _ in 0..2 {
        let environment = toolchain.environment();
        let (from, target) = (workspace.path(), lambda());
        let artifact = build_in(&environment, from, &target, Some(&out), &mut |_| {})
            .await
            .unwrap();
        assert_eq!(artifact.path, out);
        let opened = open(&out, &lambda()).unwrap();
        assert_eq!((opened.zip, opened.source), (artifact.zip, artifact.source));
        assert!(opened.code_sha256 == artifact.code_sha256 && opened.size == artifact.size);
    }
    assert_eq!(toolchain.cargo_calls(), 1);
    fs::remove_file(out.with_extension("json")).unwrap();
    assert_eq!(open(&out, &lambda()).unwrap().source, None);
    let arm64 = open(&out, &BuildTarget::lambda(Arch::Arm64)).unwrap_err();
    assert!(told(&arm64).contains("built for x86_64; arm64 is needed"));
    let missing = open(Path::new("/no/such.zip"), &lambda()).unwrap_err();
    assert!(told(&missing).starts_with("read the artifact `/no/such.zip`\nNo such file"));
}

/// A record stands for the exact bytes, so that this one can vouch for a zip that would be refused.
#[test]
fn a_zip_is_checked_again_unless_it_was_checked_for_this_system() {
    let folder = Folder::new();
    let zip = folder.path().join("f.zip");
    fs::write(&zip, "no zip at all").unwrap();
    let check = |checked_for: &str, target: &BuildTarget| {
        let record = Record {
            source: "a source".to_owned(),
            code_sha256: code_sha256(b"no zip at all"),
            checked_for: checked_for.to_owned(),
            compiler: folder.path().join("rustc"),
            compiler_state: None,
        };
        record.write(&zip).unwrap();
        open(&zip, target).is_err()
    };
    let older = BuildTarget {
        glibc_max: Some((2, 17)),
        ..lambda()
    };
    assert!(!check(&lambda().system(), &lambda()));
    for other in [BuildTarget::lambda(Arch::Arm64), older] {
        assert!(check(&lambda().system(), &other), "{other:?}");
    }
    assert!(check("", &lambda()));
    fs::write(&zip, "another zip").unwrap();
    assert!(open(&zip, &lambda()).is_err());
}

#[tokio::test]
async fn source_that_changes_while_cargo_reads_it_is_built_again() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let source = workspace.path().join("function/src/main.rs");
    toolchain
        .folder
        .write("meanwhile", format!("echo '//' >> '{}'", source.display()));
    assert_eq!(
        build(&toolchain, &workspace, &lambda())
            .await
            .unwrap()
            .source,
        None
    );
    fs::remove_file(toolchain.path().join("meanwhile")).unwrap();
    assert!(
        build(&toolchain, &workspace, &lambda())
            .await
            .unwrap()
            .source
            .is_some()
    );
    assert_eq!(toolchain.cargo_calls(), 2);
}

#[tokio::test]
async fn a_compiler_that_the_user_names_and_zig_are_taken_as_they_come() {
    let workspace = Folder::workspace();
    let wrapper = workspace
        .path()
        .join("target/lambda/zig-cc-x86_64-linux-musl");
    let wrapper = wrapper.to_string_lossy();
    for (tools, named, compiler, linker) in [
        (&["gcc"][..], None, "gcc", "gcc"),
        (&["gcc", "mine"], Some("mine"), "mine", "gcc"),
        (&["mine"], Some("mine"), "mine", "rust-lld"),
        (&["ccache", "gcc"], Some("ccache gcc"), "ccache gcc", "gcc"),
        (&["cc", "zig"], None, "cc", "cc"),
        (&["zig"], None, &*wrapper, "rust-lld"),
    ] {
        let toolchain = FakeToolchain::new().without("gcc");
        tools.iter().for_each(|tool| toolchain.add(tool));
        let mut environment = toolchain.environment();
        if let Some(named) = named {
            environment.set(format!("CC_{}", TARGET.replace('-', "_")), named);
        }
        workspace.write("function/src/main.rs", format!("// {tools:?} {named:?}"));
        build_in(&environment, workspace.path(), &lambda(), None, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(
            toolchain.given("CC_x86_64_unknown_linux_musl").as_deref(),
            Some(compiler)
        );
        let variable = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER";
        assert_eq!(toolchain.given(variable).as_deref(), Some(linker));
    }
}
