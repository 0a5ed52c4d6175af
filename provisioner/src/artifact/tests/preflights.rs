//! Tests each fault of a zip and its message.

use std::error::Error;
use std::path::Path;

use crate::artifact::pack::pack;
use crate::artifact::preflight::check;
use crate::artifact::zip_fault::ZipFault;
use crate::artifact::{Arch, BuildTarget, elf, preflight};

use super::fixtures::{DYNAMIC, Numbers, Program, STATIC, good_zip, zip_of};

#[track_caller]
fn refused(zip: &[u8], expected: &str) {
    let fault = check(zip, &BuildTarget::lambda(Arch::X86_64))
        .expect_err(expected)
        .to_string();
    assert!(
        fault.contains(expected),
        "expected: {expected}\nfound: {fault}"
    );
}

#[track_caller]
fn program_refused(program: &[u8], expected: &str) {
    refused(&pack(program).unwrap(), expected);
}

#[test]
fn static_programs_and_those_for_lambdas_glibc_pass() {
    let x86_64 = BuildTarget::lambda(Arch::X86_64);
    check(&good_zip(), &x86_64).unwrap();
    check(&pack(&DYNAMIC.bytes()).unwrap(), &x86_64).unwrap();
    let arm64 = Program {
        machine: elf::AARCH64,
        ..STATIC
    }
    .bytes();
    check(&pack(&arm64).unwrap(), &BuildTarget::lambda(Arch::Arm64)).unwrap();
    let more = [
        ("bootstrap", &STATIC.bytes()[..], 0o555),
        ("lib/x..y/a", b"a", 0o644),
    ];
    check(&zip_of(&more), &x86_64).unwrap();
    // Nothing is known of the place's glibc: nothing is checked of it.
    let unknown = BuildTarget {
        glibc_max: None,
        ..x86_64
    };
    check(
        &pack(
            &Program {
                needs: &["GLIBC_9.9"],
                ..DYNAMIC
            }
            .bytes(),
        )
        .unwrap(),
        &unknown,
    )
    .unwrap();
}

#[test]
fn programs_that_cannot_run_there_are_refused() {
    let arm64 = Program {
        machine: elf::AARCH64,
        ..STATIC
    };
    program_refused(&arm64.bytes(), "is built for arm64; x86_64 is needed");
    program_refused(
        &Program {
            machine: 243,
            ..STATIC
        }
        .bytes(),
        "ELF machine 243",
    );
    let newer = Program {
        needs: &["GLIBC_2.17", "GLIBC_2.38"],
        ..DYNAMIC
    };
    program_refused(
        &newer.bytes(),
        "needs glibc 2.38; the system it runs on has 2.34",
    );
    let musl = Program {
        loader: Some("/lib/ld-musl-x86_64.so.1"),
        ..DYNAMIC
    };
    program_refused(&musl.bytes(), "for the loader `/lib/ld-musl-x86_64.so.1`");
    program_refused(
        &Program { kind: 1, ..STATIC }.bytes(),
        "an ELF file that is not a program",
    );
    program_refused(
        b"#!/bin/sh\nexec node index.js\n",
        "is a script (`#!/bin/sh`)",
    );
    program_refused(b"", "is an empty file; a 64-bit ELF program is needed");
    program_refused(b"MZ\x90\0", "a Windows program");
    program_refused(&[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1], "a macOS program");
    program_refused(b"exports.handler = 1", "is not a program");
    program_refused(b"\x7fELF\x01\x01", "32 bits");
    program_refused(&DYNAMIC.bytes()[..100], "a damaged ELF file");
}

#[test]
fn zips_without_an_executable_bootstrap_at_their_root_are_refused() {
    let program = STATIC.bytes();
    let zip = |name, mode| zip_of(&[(name, &program[..], mode)]);
    refused(&zip_of(&[]), "it is empty");
    refused(
        &zip("Bootstrap", 0o755),
        "no `bootstrap` at its root, only `Bootstrap`",
    );
    refused(
        &zip("release/bootstrap", 0o755),
        "is at `release/bootstrap`",
    );
    refused(
        &zip("bootstrap/bootstrap", 0o755),
        "is at `bootstrap/bootstrap`",
    );
    refused(
        &zip("bootstrap", 0o644),
        "has mode 0644; all users must be able to execute it (0755)",
    );
    refused(&zip("bootstrap", 0o700), "has mode 0700");
    let names: Vec<_> = (0..9).map(|number| format!("f{number}")).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), &b""[..], 0o644))
        .collect();
    refused(&zip_of(&many), "only `f0`, `f1`, `f2`, `f3`, `f4`");
}

/// The names that the local cloud is tested with too.
#[test]
fn names_are_taken_or_refused_as_by_the_local_cloud() {
    let table = include_str!("../../../local-cloud/tests/zip_names.txt");
    let program = STATIC.bytes();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let verdict = words.next().unwrap();
        let entries: Vec<(&str, &[u8], u32)> =
            words.map(|name| (name, &program[..], 0o755)).collect();
        let found = check(&zip_of(&entries), &BuildTarget::lambda(Arch::X86_64));
        let found = match found {
            Ok(()) => "runs",
            Err(ZipFault::NoBootstrap { .. } | ZipFault::BootstrapInFolder { .. }) => "nothing",
            Err(ZipFault::BootstrapNotAFile { .. }) if verdict == "nothing" => "nothing",
            Err(_) => "refused",
        };
        assert_eq!(found, verdict, "{line}");
    }
}

#[test]
fn names_and_links_that_lead_outside_are_refused() {
    let program = STATIC.bytes();
    for name in [
        "../x",
        "a/../../x",
        "..",
        "/etc/x",
        "a\\..\\x",
        "C:x",
        "a/..",
    ] {
        // Written under a harmless name of the same length: writers refuse or mend such names.
        let harmless = "_".repeat(name.len());
        let zip = zip_of(&[("bootstrap", &program[..], 0o755), (&harmless, b"", 0o644)]);
        let zip = replaced(&zip, harmless.as_bytes(), name.as_bytes());
        refused(&zip, "points outside");
    }
    for (target, expected) in [("/etc", "points outside"), ("a/../../b", "points outside")] {
        refused(&with_link("lib", target), expected);
    }
    check(
        &with_link("lib", "other/lib"),
        &BuildTarget::lambda(Arch::X86_64),
    )
    .unwrap();
    refused(
        &with_link("bootstrap", "real"),
        "is a symbolic link; a program is needed",
    );
}

#[test]
fn what_is_no_whole_zip_is_refused() {
    let good = good_zip();
    refused(b"", "not a whole zip");
    refused(b"PK", "not a whole zip");
    refused(&STATIC.bytes(), "not a whole zip");
    refused(
        &[&good[..], b"x"].concat(),
        "its end record is not at its end",
    );
    for length in 0..good.len() {
        refused(&good[..length], "not a whole zip");
    }
    // One bit of the content, which lies between the two headers: the sum tells. (The very last
    // byte has bits that mean nothing.)
    let content = 30 + "bootstrap".len()..good.len() - (46 + "bootstrap".len() + 22) - 1;
    for at in content {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        assert!(
            check(&flipped, &BuildTarget::lambda(Arch::X86_64)).is_err(),
            "byte {at}"
        );
    }
    let twice = zip_of(&[
        ("bootstrap", &STATIC.bytes(), 0o755),
        ("bootstrup", b"", 0o755),
    ]);
    refused(
        &replaced(&twice, b"bootstrup", b"bootstrap"),
        "the same name",
    );
}

#[test]
fn lambdas_limits_hold_whatever_a_zip_declares() {
    refused(
        &vec![0; 50 * 1024 * 1024 + 1],
        "its size is 51 MiB; Lambda accepts at most 50 MiB zipped",
    );
    // 251 MiB of nothing in a quarter of a megabyte.
    let bomb = zip_of(&[("a", &vec![0; 251 << 20], 0o644), ("bootstrap", b"", 0o755)]);
    assert!(bomb.len() < 1 << 20);
    refused(&bomb, "unpacks to more than the 250 MiB");
    let lies = replaced(&bomb, &(251_u32 << 20).to_le_bytes(), &5_u32.to_le_bytes());
    assert_ne!(lies, bomb);
    assert!(check(&lies, &BuildTarget::lambda(Arch::X86_64)).is_err());
}

#[test]
fn more_entries_than_a_reader_should_make_room_for_are_refused() {
    let good = good_zip();
    let end = good.len() - 22;
    let mut claims = good.clone();
    claims[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    refused(&claims, "more than 10000 entries");
    let mut many = b"PK\x01\x02".repeat(10_001);
    many.extend(&good[end..]);
    refused(&many, "more than 10000 entries");
    // The 64-bit record claims as many as it likes.
    let mut claims = b"PK\x06\x06".to_vec();
    claims.extend([0xff; 52]);
    claims.extend(&good[end..]);
    refused(&claims, "more than 10000 entries");
}

#[test]
fn damaged_and_random_zips_never_panic() {
    let good = good_zip();
    let target = BuildTarget::lambda(Arch::X86_64);
    for at in 0..good.len() {
        for value in [0, 1, 0x7f, 0xff, good[at] ^ 1] {
            let mut zip = good.clone();
            zip[at] = value;
            drop(check(&zip, &target));
        }
    }
    let mut numbers = Numbers(11);
    for _ in 0..2_000 {
        let mut zip: Vec<u8> = (0..numbers.below(400))
            .map(|_| numbers.below(256) as u8)
            .collect();
        zip.extend(&good[numbers.below(good.len())..]);
        drop(check(&zip, &target));
    }
}

#[test]
fn an_error_names_the_file_and_the_command_to_run() {
    let arm64 = Program {
        machine: elf::AARCH64,
        ..STATIC
    }
    .bytes();
    let zip = pack(&arm64).unwrap();
    let error = preflight(
        Path::new("out/f.zip"),
        &zip,
        &BuildTarget::lambda(Arch::X86_64),
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "check `out/f.zip` before uploading it");
    let cause = error.source().unwrap();
    assert_eq!(
        cause.to_string(),
        "its `bootstrap` is built for arm64; x86_64 is needed"
    );
    assert!(cause.source().is_none());
    assert!(error.hint().unwrap().contains("`… without --artifact`"));
}

fn with_link(name: &str, target: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    if name != "bootstrap" {
        zip.start_file("bootstrap", options.unix_permissions(0o755))
            .unwrap();
        std::io::Write::write_all(&mut zip, &STATIC.bytes()).unwrap();
    }
    zip.add_symlink(name, target, options).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Every occurrence replaced by something of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}
