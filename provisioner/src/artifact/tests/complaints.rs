//! Tests the errors of a build that fails or cannot start.

use std::fs;

use crate::artifact::make::{build_in, built_in, usual_path};
use crate::artifact::{Arch, BuildTarget, elf, workspace};

use super::building::{TARGET, build, lambda};
use super::fixtures::{Folder, Program, STATIC, told};
use super::toolchain::FakeToolchain;

#[tokio::test]
async fn what_cargo_says_goes_on_line_by_line_and_its_end_is_kept_in_the_error() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let said = "\u{1b}[1m\u{1b}[91merror\u{1b}[0m: expected `;`\n --> function/src/main.rs\n";
    toolchain.folder.write("cargo-fails", said);
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let environment = toolchain.environment();
    let result = build_in(
        &environment,
        workspace.path(),
        &lambda(),
        None,
        &mut on_line,
    )
    .await;
    assert_eq!(lines[0], "   Compiling function v0.1.0");
    assert_eq!(lines[1], said.lines().next().unwrap());
    assert_eq!(
        told(&result.unwrap_err()),
        "build the function for `x86_64-unknown-linux-musl`\n\
         cargo failed with exit status: 101\n  error: expected `;`\n   --> function/src/main.rs\n\
         hint: fix the errors that cargo reports; `cargo check -p function` shows them sooner"
    );
    toolchain
        .folder
        .write("cargo-fails", b"error: na\xefve\r\n");
    let error = build(&toolchain, &workspace, &lambda()).await.unwrap_err();
    assert!(
        told(&error).contains("  error: na\u{fffd}ve\nhint:"),
        "{}",
        told(&error)
    );
    let lock = "error: cannot update the lock file because --locked was passed to prevent this\n";
    toolchain.folder.write("cargo-fails", lock);
    let error = build(&toolchain, &workspace, &lambda()).await.unwrap_err();
    assert!(
        error.hint().unwrap().contains("Cargo.lock"),
        "{}",
        told(&error)
    );
}

#[tokio::test]
async fn a_program_that_cannot_run_in_lambda_does_not_become_an_artifact() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    toolchain.folder.write(
        "program",
        Program {
            machine: elf::AARCH64,
            ..STATIC
        }
        .bytes(),
    );
    let error = build(&toolchain, &workspace, &lambda()).await.unwrap_err();
    assert!(
        told(&error).contains("built for arm64; x86_64 is needed"),
        "{}",
        told(&error)
    );
    assert!(!usual_path(&toolchain.environment(), workspace.path(), &lambda()).exists());
    toolchain.folder.write("no-program", "");
    let error = build(&toolchain, &workspace, &lambda()).await.unwrap_err();
    assert!(told(&error).contains("cargo did not build a program `bootstrap`"));
}

#[tokio::test]
async fn what_is_missing_to_build_with_is_named_with_the_way_to_get_it() {
    let workspace = Folder::workspace();
    let check = async |toolchain: FakeToolchain, target: &BuildTarget, expected: &[&str]| {
        let error = build(&toolchain, &workspace, target).await.unwrap_err();
        for part in expected {
            assert!(
                told(&error).contains(part),
                "expected: {part}\nfound: {}",
                told(&error)
            );
        }
    };
    let no_cargo = [
        "cargo is not on PATH",
        "hint: install Rust with rustup",
        "--artifact function.zip",
    ];
    check(FakeToolchain::new().without("cargo"), &lambda(), &no_cargo).await;
    check(
        FakeToolchain::new().without("rustc"),
        &lambda(),
        &["cargo is not on PATH"],
    )
    .await;

    let broken = FakeToolchain::new();
    broken.folder.write("rustc-fails", "");
    let expected = [
        "rustc failed",
        "error: toolchain is not installed",
        "hint: `rustup show`",
    ];
    check(broken, &lambda(), &expected).await;

    let expected = [
        "no C compiler for `x86_64-unknown-linux-musl`",
        "gcc, cc, clang, zig)",
        "install gcc",
    ];
    check(FakeToolchain::new().without("gcc"), &lambda(), &expected).await;
    let expected = [
        "looked for aarch64-linux-musl-gcc, aarch64-linux-gnu-gcc, zig)",
        "run `apt-get install gcc-aarch64-linux-gnu`, or install zig",
        "set CC_aarch64_unknown_linux_musl",
    ];
    check(
        FakeToolchain::new(),
        &BuildTarget::lambda(Arch::Arm64),
        &expected,
    )
    .await;

    let arm64 = BuildTarget::lambda(Arch::Arm64);
    let offline = FakeToolchain::new();
    offline.folder.write("rustup-fails", "");
    let expected = [
        "the Rust target `aarch64-unknown-linux-musl` is not installed\n  error: no network",
        "hint: run `rustup target add aarch64-unknown-linux-musl`",
    ];
    check(offline, &arm64, &expected).await;
    let expected = ["is not installed", "hint: install rustup"];
    check(FakeToolchain::new().without("rustup"), &arm64, &expected).await;
}

#[tokio::test]
async fn rustup_adds_a_missing_target_and_the_user_is_told() {
    let (toolchain, workspace) = (FakeToolchain::new(), Folder::workspace());
    let library = toolchain.path().join("sysroot/lib/rustlib").join(TARGET);
    fs::remove_dir_all(library).unwrap();
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let environment = toolchain.environment();
    build_in(
        &environment,
        workspace.path(),
        &lambda(),
        None,
        &mut on_line,
    )
    .await
    .unwrap();
    assert!(
        toolchain
            .log()
            .starts_with(&format!("rustup target add {TARGET}\ncargo "))
    );
    assert!(
        lines[0].ends_with(&format!("is missing: rustup target add {TARGET}")),
        "{}",
        lines[0]
    );
}

#[tokio::test]
async fn only_our_workspace_is_built() {
    let (toolchain, other) = (FakeToolchain::new(), Folder::new());
    other.write("Cargo.toml", "[workspace]");
    let error = build(&toolchain, &other, &lambda()).await.unwrap_err();
    assert!(
        told(&error).contains("there is no function/Cargo.toml\nhint: run it in the workspace")
    );
    assert_eq!(workspace(other.path()), None);
    let ours = Folder::workspace();
    let inside = ours.path().join("function/src");
    assert_eq!(workspace(&inside).as_deref(), Some(ours.path()));
    assert!(
        built_in(&toolchain.environment(), ours.path(), &lambda())
            .unwrap()
            .is_none()
    );
}
