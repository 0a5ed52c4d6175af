//! `bootstrap` as a zip of the same bytes, whoever packs it, where and when.
//!
//! What enters a zip beside the content is fixed here: one entry, no time, Unix, mode 0755, method
//! and level. The compressor's version is fixed by Cargo.lock; zlib-rs gives the same bytes on every
//! processor, since what it chooses by processor is only how it compares.

use std::io::{Cursor, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// What Lambda starts, at the zip's root.
pub const BOOTSTRAP: &str = "bootstrap";
/// Lambda runs it as another user than the one that unpacks it: all may read and execute.
const MODE: u32 = 0o755;
/// The best that deflate has: an upload is paid for more often than a build.
const LEVEL: i64 = 9;

/// The zip that holds this program.
pub fn pack(bootstrap: &[u8]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        // 1980-01-01, the first day that a zip can tell.
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(MODE);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(BOOTSTRAP, options)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}
