//! Packs `bootstrap` as a zip whose bytes depend on the program alone.
//!
//! What a zip has besides the content is fixed here: one entry, no time, Unix, mode 0755, method and
//! level. Cargo.lock fixes the compressor's version; zlib-rs gives the same bytes on every processor,
//! since it selects only the instructions for comparing by processor.

use std::io::{Cursor, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The program that Lambda starts, at the zip's root.
pub const BOOTSTRAP: &str = "bootstrap";
/// All users may read and execute it: Lambda runs it as another user than the one that unpacks it.
const MODE: u32 = 0o755;
/// The best compression of deflate: there are more uploads than builds.
const LEVEL: i64 = 9;

/// The zip that holds this program.
pub fn pack(bootstrap: &[u8]) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        // 1980-01-01, the first day that a zip can store.
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(MODE);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(BOOTSTRAP, options)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}
