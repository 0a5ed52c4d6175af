//! What is read from ELF files, whole, damaged and crafted.

use crate::artifact::elf::{self, Elf, ElfProblem};
use crate::artifact::{BuildTarget, executable};

use super::fixtures::{DYNAMIC, Numbers, Program, STATIC};

#[test]
fn headers_loader_and_versions_are_read() {
    let elf = elf::read(&STATIC.bytes()).unwrap();
    assert_eq!(
        elf,
        Elf {
            kind: 2,
            machine: 62,
            ..Elf::default()
        }
    );
    let elf = elf::read(&DYNAMIC.bytes()).unwrap();
    assert_eq!(
        elf.interpreter.as_deref(),
        Some("/lib64/ld-linux-x86-64.so.2")
    );
    assert_eq!(
        (elf.glibc_needed, elf.glibc_provided),
        (Some((2, 34)), None)
    );
}

#[test]
fn the_newest_version_needed_counts_in_whatever_order_and_form() {
    for (needs, expected) in [
        (&["GLIBC_2.34", "GLIBC_2.4"][..], Some((2, 34))),
        (&["GLIBC_2.3.4"], Some((2, 3))),
        (&["GLIBC_2.9", "GLIBC_2.10"], Some((2, 10))),
        (&["GLIBC_PRIVATE", "GCC_3.0", "GLIBC_2"], None),
        (&["GLIBC_2.2.5", "GLIBC_ABI_DT_RELR"], Some((2, 36))),
    ] {
        let elf = elf::read(&Program { needs, ..DYNAMIC }.bytes()).unwrap();
        assert_eq!(elf.glibc_needed, expected, "{needs:?}");
    }
}

#[test]
fn what_is_no_elf_file_of_ours_is_told_apart() {
    for (file, expected) in [
        (&b""[..], ElfProblem::NotElf),
        (b"MZ", ElfProblem::NotElf),
        (b"\x7fELF", ElfProblem::OtherClass),
        (b"\x7fELF\x01\x01", ElfProblem::OtherClass),
        (b"\x7fELF\x02\x02", ElfProblem::OtherClass),
        (
            b"\x7fELF\x02\x01",
            ElfProblem::Damaged("its header is cut off"),
        ),
    ] {
        assert_eq!(elf::read(file), Err(expected), "{file:?}");
    }
}

#[test]
fn a_file_cut_off_anywhere_in_its_headers_is_refused_and_never_panics() {
    let whole = DYNAMIC.bytes();
    for length in 0..whole.len() - 16 {
        assert!(elf::read(&whole[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn damaged_and_random_files_never_panic_and_end_soon() {
    let whole = DYNAMIC.bytes();
    let mut numbers = Numbers(7);
    for _ in 0..20_000 {
        let mut file = whole.clone();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(file.len());
            file[at] = [0, 1, 0x7f, 0xff, numbers.below(256) as u8][numbers.below(5)];
        }
        drop(elf::read(&file));
        let mut random = b"\x7fELF\x02\x01".to_vec();
        random.extend((0..numbers.below(300)).map(|_| numbers.below(256) as u8));
        drop(elf::read(&random));
    }
}

#[test]
fn a_chain_of_versions_as_long_as_the_file_ends_soon() {
    // The first name follows its library's entry, whose offset to it is the last 16 in the file;
    // from there the chain is led on behind the end of the file, where the test makes it go on.
    let file = Program {
        needs: &["GLIBC_2.2.5"],
        ..DYNAMIC
    }
    .bytes();
    let offset = file
        .windows(4)
        .rposition(|four| four == [16, 0, 0, 0])
        .unwrap();
    let name = offset + 8;
    let chained = |names: usize| {
        let mut file = file.clone();
        file[name + 12..name + 16].copy_from_slice(&1_024_u32.to_le_bytes());
        file.resize(name + 1_024, 0);
        file.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0].repeat(names));
        file.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        file
    };
    assert_eq!(elf::read(&chained(100)).unwrap().glibc_needed, Some((2, 2)));
    assert!(matches!(
        elf::read(&chained(1_000_000)),
        Err(ElfProblem::Damaged(_))
    ));
}

#[test]
#[cfg(target_os = "linux")]
fn this_very_program_runs_on_this_machine() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    executable::check(&program, &BuildTarget::this_machine()).unwrap();
}

#[test]
fn programs_of_a_mac_are_checked_by_their_own_header() {
    let mut target = BuildTarget {
        triple: "aarch64-apple-darwin".to_owned(),
        ..BuildTarget::this_machine()
    };
    target.arch = crate::artifact::Arch::Arm64;
    let arm64 = [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1];
    executable::check(&arm64, &target).unwrap();
    let x86_64 = [0xcf, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 1];
    let fault = executable::check(&x86_64, &target).unwrap_err().to_string();
    assert_eq!(fault, "is built for x86_64; arm64 is needed");
    let fault = executable::check(&STATIC.bytes(), &target)
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("is a Linux program; a 64-bit Mach-O program is needed"),
        "{fault}"
    );
}
