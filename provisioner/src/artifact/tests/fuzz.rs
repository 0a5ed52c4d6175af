//! Fuzz tests: damaged and crafted zips, programs and records never panic.

use std::fs;

use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::Index;

use crate::artifact::preflight::check;
use crate::artifact::record::{self, Record};
use crate::artifact::{Arch, BuildTarget, elf};

use super::fixtures::{DYNAMIC, Folder, STATIC, zip_of};

/// Sizes, counts and signatures that overwrite others.
const NUMBERS: &[&[u8]] = &[
    &[0, 0, 0, 0],
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff, 0xff],
    &[0, 0, 0, 0x80],
    &[1],
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
];

/// A zip of some files, with parts overwritten by such numbers, or cut off.
fn zip() -> impl Strategy<Value = Vec<u8>> {
    let number = proptest::sample::select(NUMBERS);
    let edit = prop_oneof![
        2 => (any::<Index>(), number.prop_map(<[u8]>::to_vec)),
        1 => (any::<Index>(), proptest::collection::vec(any::<u8>(), 1..3)),
    ];
    let names = proptest::collection::vec("[ab./]{1,4}", 0..3);
    let edits = proptest::collection::vec(edit, 0..4);
    let cut = proptest::option::weighted(0.2, any::<Index>());
    (names, any::<bool>(), edits, cut).prop_map(|(names, is_static, edits, cut)| {
        let program = if is_static { STATIC } else { DYNAMIC }.bytes();
        let mut files = vec![("bootstrap", &program[..], 0o755)];
        let mut others: Vec<&str> = names.iter().map(String::as_str).collect();
        others.sort_unstable();
        others.dedup();
        files.extend(others.into_iter().map(|name| (name, &b"x"[..], 0o644)));
        let mut zip = zip_of(&files);
        for (at, bytes) in edits {
            let at = at.index(zip.len());
            let end = (at + bytes.len()).min(zip.len());
            zip[at..end].copy_from_slice(&bytes[..end - at]);
        }
        if let Some(cut) = cut {
            zip.truncate(cut.index(zip.len()));
        }
        zip
    })
}

proptest! {
    #[test]
    fn no_zip_does_harm(zip in zip()) {
        for target in [BuildTarget::lambda(Arch::X86_64), BuildTarget::lambda(Arch::Arm64)] {
            drop(check(&zip, &target));
        }
    }

    #[test]
    fn no_program_does_harm(
        edits in proptest::collection::vec((any::<Index>(), any::<u64>(), 1..9_usize), 0..5),
        cut in any::<Index>(),
        random in any::<Vec<u8>>(),
    ) {
        let mut program = DYNAMIC.bytes();
        for (at, number, width) in edits {
            let at = at.index(program.len() - 8);
            program[at..at + width.min(8)].copy_from_slice(&number.to_le_bytes()[..width.min(8)]);
        }
        drop(elf::read(&program));
        drop(elf::read(&program[..cut.index(program.len())]));
        drop(elf::read(&[b"\x7fELF\x02\x01", &random[..]].concat()));
    }

    /// A record is valid for the bytes it names, or is not read.
    #[test]
    fn no_record_does_harm(
        at in any::<Index>(),
        to in any::<u8>(),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let folder = Folder::new();
        let zip = folder.path().join("f.zip");
        let written = Record {
            source: "a source".to_owned(),
            code_sha256: "the hash".to_owned(),
            checked_for: "a system".to_owned(),
            compiler: folder.path().join("rustc"),
            compiler_state: None,
        };
        written.write(&zip).unwrap();
        assert_eq!(Record::read(&zip, "the hash"), Some(written));
        let path = record::path(&zip);
        let mut bytes = fs::read(&path).unwrap();
        let length = bytes.len();
        bytes[at.index(length)] = to;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(length));
        }
        fs::write(&path, &bytes).unwrap();
        if let Some(read) = Record::read(&zip, "the hash") {
            assert_eq!(read.code_sha256, "the hash");
            let _ = read.compiler_changed();
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(Record::read(&zip, "the hash"), None);
    }
}
