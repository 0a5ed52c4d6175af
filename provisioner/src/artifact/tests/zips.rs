//! The zip's bytes follow from the program alone.

use std::io::Cursor;

use zip::{CompressionMethod, DateTime, ZipArchive};

use crate::artifact::pack::pack;
use crate::artifact::record::code_sha256;

#[test]
fn one_entry_without_time_for_unix_executable_by_all() {
    let zip = pack(b"program").unwrap();
    let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
    assert_eq!(archive.len(), 1);
    assert!(archive.comment().is_empty());
    let entry = archive.by_index(0).unwrap();
    assert_eq!(entry.name().unwrap(), "bootstrap");
    assert_eq!(entry.unix_mode(), Some(0o100_755));
    assert_eq!(entry.last_modified(), Some(DateTime::default()));
    assert_eq!(entry.compression(), CompressionMethod::Deflated);
    assert!(entry.extra_data().as_deref().is_none_or(<[u8]>::is_empty));
}

/// A new compressor may pack otherwise. Then every deployed function would look changed though its
/// source is not: change the hash only together with the version in Cargo.lock, and say so.
#[test]
fn the_bytes_are_those_of_every_other_machine() {
    let program: Vec<u8> = (0..200_000_u32)
        .flat_map(|n| (n.wrapping_mul(n) / 7).to_le_bytes())
        .collect();
    let zip = pack(&program).unwrap();
    assert_eq!(
        code_sha256(&zip),
        "M7gcDGxXxsaWNsHjRTxniCsETMjZTKn5oUxdgFpcJho="
    );
    assert_eq!(pack(&program).unwrap(), zip);
}
