//! The fingerprint changes for what gets into the program, and for nothing else.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::artifact::{Arch, BuildTarget, fingerprint};

use super::fixtures::Folder;

fn of(folder: &Folder) -> String {
    fingerprint(folder.path(), &BuildTarget::lambda(Arch::X86_64)).unwrap()
}

#[test]
fn it_is_the_same_in_every_folder() {
    let (one, two) = (Folder::workspace(), Folder::workspace());
    assert_eq!(of(&one), of(&two));
    assert_eq!(of(&one).len(), 64);
}

#[test]
fn it_changes_with_every_file_that_gets_into_the_program() {
    for name in [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        ".cargo/config.toml",
        "function/Cargo.toml",
        "function/build.rs",
        "function/fleet.json",
        "function/src/main.rs",
        "function/src/inner/mod.rs",
        "function/src/new.rs",
        "function/src/tests/new.rs",
        "function/roots.pem",
    ] {
        let folder = Folder::workspace();
        let before = of(&folder);
        folder.write(name, "# changed");
        assert_ne!(of(&folder), before, "{name}");
    }
}

#[test]
fn it_stays_for_what_does_not() {
    let folder = Folder::workspace();
    let before = of(&folder);
    for name in [
        "README.md",
        "policies/trust.json",
        "provisioner/src/main.rs",
        "function/README.md",
        "function/bench/measure.py",
        "function/benches/ride.rs",
        "function/fuzz/Cargo.toml",
        "function/tests/contract.rs",
        "function/examples/x.rs",
        "function/.main.rs.swp",
        "function/src/main.rs~",
        "function/target/x",
    ] {
        folder.write(name, "new");
        assert_eq!(of(&folder), before, "{name}");
    }
    let main = folder.path().join("function/src/main.rs");
    let file = fs::File::options().append(true).open(&main).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
        .unwrap();
    assert_eq!(of(&folder), before, "a file's time");
}

/// A change of settings needs no compiler.
#[test]
fn settings_of_provision_do_not_count_and_the_rest_of_the_manifest_does() {
    let folder = Folder::workspace();
    let before = of(&folder);
    for settings in ["memory = 256", "memory = 512\nstage.prod.timeout = 3"] {
        let settings = format!("[workspace.metadata.provision]\n{settings}\n");
        folder.write(
            "Cargo.toml",
            format!("[workspace]\n# A comment.\n{settings}"),
        );
        assert_eq!(of(&folder), before, "{settings}");
    }
    for other in [
        "workspace.metadata.other = 1",
        "[profile.lambda]\nopt-level = 1",
    ] {
        folder.write("Cargo.toml", format!("{other}\n[workspace]\n"));
        assert_ne!(of(&folder), before, "{other}");
    }
}

#[test]
fn an_edit_of_the_same_size_and_time_is_seen() {
    let folder = Folder::workspace();
    let before = of(&folder);
    let path = folder.path().join("function/src/main.rs");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    folder.write("function/src/main.rs", "fn niam() {}\n");
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    assert_ne!(of(&folder), before);
}

#[test]
fn moved_content_is_another_source() {
    let folder = Folder::workspace();
    let before = of(&folder);
    let source = folder.path().join("function/src");
    fs::rename(source.join("inner/mod.rs"), source.join("inner.rs")).unwrap();
    assert_ne!(of(&folder), before);
}

#[test]
fn target_and_profile_count() {
    let folder = Folder::workspace();
    let x86_64 = BuildTarget::lambda(Arch::X86_64);
    let other = BuildTarget {
        profile: "release",
        ..x86_64.clone()
    };
    let fingerprints = [
        x86_64,
        other,
        BuildTarget::lambda(Arch::Arm64),
        BuildTarget::this_machine(),
    ]
    .map(|target| fingerprint(folder.path(), &target).unwrap());
    for (number, one) in fingerprints.iter().enumerate() {
        assert!(!fingerprints[..number].contains(one));
    }
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_it() {
    let folder = Folder::new();
    let error = fingerprint(folder.path(), &BuildTarget::lambda(Arch::X86_64)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("read `{}`", folder.path().join("function").display())
    );
}
