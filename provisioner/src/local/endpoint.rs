//! `endpoint.json`: the address and the credentials of a running `provision cloud`.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::local::folder::OTHER_FOLDER;

const FILE: &str = "endpoint.json";

/// The largest size of the file, in bytes.
const SIZE_LIMIT: u64 = 16 * 1024;

/// Stored in a file that only its owner can read.
#[derive(Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub pid: u32,
}

/// The endpoint in a directory. `None` if there is no valid one, or if it is not on 127.0.0.1: `--local`
/// never connects anywhere else.
pub(super) fn read(folder: &Path) -> Option<Endpoint> {
    let mut text = String::new();
    let file = File::open(folder.join(FILE)).ok()?;
    file.take(SIZE_LIMIT).read_to_string(&mut text).ok()?;
    let endpoint: Endpoint = serde_json::from_str(&text).ok()?;
    address(&endpoint.url).is_some().then_some(endpoint)
}

/// The address of a URL, if it is `http://127.0.0.1:PORT`.
pub(super) fn address(url: &str) -> Option<SocketAddr> {
    let address: SocketAddr = url.strip_prefix("http://")?.parse().ok()?;
    (address.ip() == Ipv4Addr::LOCALHOST).then_some(address)
}

/// Writes the file for its owner alone.
pub(super) fn write(folder: &Path, endpoint: &Endpoint) -> Result<(), Error> {
    let path = folder.join(FILE);
    let bytes = serde_json::to_vec_pretty(endpoint).expect("plain data");
    write_private(&path, &bytes).map_err(|error| {
        Error::failed(format!("write `{}`", path.display()))
            .because(error)
            .hint(OTHER_FOLDER)
    })
}

/// Removes the file. It may not exist.
pub(super) fn remove(folder: &Path) {
    let _ = fs::remove_file(folder.join(FILE));
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let _ = fs::remove_file(path);
    let mut file = File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, FILE, read};
    use proptest::prelude::{any, proptest};
    use proptest::sample::Index;
    use std::fs;

    fn endpoint(url: &str) -> String {
        let endpoint = Endpoint {
            url: url.to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            pid: 7,
        };
        serde_json::to_string(&endpoint).expect("plain data")
    }

    #[test]
    fn an_endpoint_outside_of_127_0_0_1_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for (url, is_local) in [
            ("http://127.0.0.1:4566", true),
            ("http://127.0.0.1:4566/path", false),
            ("http://127.0.0.1", false),
            ("https://127.0.0.1:4566", false),
            ("http://localhost:4566", false),
            ("http://10.0.0.1:4566", false),
            ("http://127.0.0.1:4566@example.com:80", false),
            ("", false),
        ] {
            fs::write(&path, endpoint(url)).unwrap();
            assert_eq!(read(folder.path()).is_some(), is_local, "{url}");
        }
        fs::remove_file(&path).unwrap();
        assert!(read(folder.path()).is_none());
        fs::create_dir(&path).unwrap();
        assert!(read(folder.path()).is_none());
    }

    proptest! {
        #[test]
        fn fuzz_no_endpoint_file_leads_elsewhere(
            at in any::<Index>(),
            to in any::<u8>(),
            cut in proptest::option::of(any::<Index>()),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(FILE);
            let mut bytes = endpoint("http://127.0.0.1:4566").into_bytes();
            let length = bytes.len();
            bytes[at.index(length)] = to;
            if let Some(cut) = cut {
                bytes.truncate(cut.index(length));
            }
            fs::write(&path, &bytes).unwrap();
            if let Some(read) = read(folder.path()) {
                assert!(read.url.starts_with("http://127.0.0.1:"), "{}", read.url);
            }
        }
    }
}
