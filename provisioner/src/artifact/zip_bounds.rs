//! Checks what must hold before a zip reader may open a zip: its end record is at its end, and it has
//! no more entries than a reader should allocate memory for.
//!
//! A reader allocates by the number of entries that the zip declares, and keeps some hundred bytes
//! for each that it finds; 50 MiB have room for a million of them.

use std::io::BufRead as _;

use super::zip_fault::ZipFault;

/// Far more than the deployment package of any Rust function has.
pub const ENTRIES_MAX: usize = 10_000;

const ENTRY: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
/// The end record has this size, and a comment of at most 65,535 bytes after it.
const END_SIZE: usize = 22;
/// The part of the file, from its end, that contains a zip's end records, the 64-bit ones included.
const TAIL: usize = END_SIZE + 65_535 + 4_096;

pub fn check(zip: &[u8]) -> Result<(), ZipFault> {
    let tail = &zip[zip.len().saturating_sub(TAIL)..];
    let mut end = None;
    for at in positions(tail, END) {
        end = Some(at);
        declares(number(tail, at + 10, 2))?;
    }
    for at in positions(tail, END_64) {
        declares(number(tail, at + 32, 8))?;
    }
    let Some(end) = end else {
        return Err(ZipFault::NotAZip("it has no end record".to_owned()));
    };
    let comment = number(tail, end + 20, 2).unwrap_or(u64::MAX);
    if (tail.len() as u64).checked_sub((end + END_SIZE) as u64) != Some(comment) {
        return Err(ZipFault::NotAZip(
            "its end record is not at its end".to_owned(),
        ));
    }
    if positions(zip, ENTRY).nth(ENTRIES_MAX).is_some() {
        return Err(ZipFault::TooManyEntries { limit: ENTRIES_MAX });
    }
    Ok(())
}

fn declares(entries: Option<u64>) -> Result<(), ZipFault> {
    match entries {
        // Cut off within the record: the check of the end reports that.
        None => Ok(()),
        Some(entries) if entries <= ENTRIES_MAX as u64 => Ok(()),
        Some(_) => Err(ZipFault::TooManyEntries { limit: ENTRIES_MAX }),
    }
}

/// The positions of a signature. They are searched by its first byte, since `skip_until` uses memchr:
/// a closure called for each byte costs a debug build 0.1 s on every run.
fn positions<'a>(bytes: &'a [u8], signature: &'a [u8; 4]) -> impl Iterator<Item = usize> + 'a {
    let (first, others) = (signature[0], &signature[1..]);
    let mut rest = bytes;
    std::iter::from_fn(move || {
        while rest.skip_until(first).is_ok_and(|skipped| skipped > 0) {
            if rest.starts_with(others) {
                return Some(bytes.len() - rest.len() - 1);
            }
        }
        None
    })
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(size)?)?;
    Some(
        digits
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}
