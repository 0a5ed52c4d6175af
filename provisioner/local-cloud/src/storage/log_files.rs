//! Log streams and their events: one append-only file of JSON lines for each stream.
//!
//! An incomplete last line was never acknowledged and is dropped; any other damage is an error.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::api::error::{ApiError, ApiResult};
use crate::clock::Millis;
use crate::storage::file;
use crate::storage::shutdown_guard::ShutdownGuard;

/// The first line of a stream's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Head {
    stream: String,
    created: Millis,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    #[serde(rename = "t")]
    pub(crate) timestamp: Millis,
    #[serde(rename = "i")]
    pub(crate) ingested: Millis,
    #[serde(rename = "m")]
    pub(crate) message: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Stream {
    pub(crate) created: Millis,
    /// In the order of their arrival, which is nearly that of their timestamps.
    pub(crate) events: Vec<Event>,
}

/// Whether an append must be on disk before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durable {
    Yes,
    /// For the output of a function, which is never acknowledged.
    No,
}

#[derive(Debug)]
pub(crate) struct LogFiles {
    guard: ShutdownGuard,
    folder: PathBuf,
    /// Only one task at a time uses the files of a group. By group id.
    locks: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
}

impl LogFiles {
    pub(crate) fn new(folder: &Path, guard: ShutdownGuard) -> LogFiles {
        LogFiles {
            guard,
            folder: folder.join("logs"),
            locks: Arc::default(),
        }
    }

    /// Runs work on a group's streams off the async threads.
    pub(crate) async fn with<R: Send + 'static>(
        &self,
        group_id: &str,
        work: impl FnOnce(&Group) -> ApiResult<R> + Send + 'static,
    ) -> ApiResult<R> {
        let group = Group {
            folder: self.folder.join(group_id),
        };
        let one_at_a_time = Arc::clone(lock(&self.locks).entry(group_id.to_owned()).or_default());
        let work = move || {
            let _one_at_a_time = lock(&one_at_a_time);
            work(&group)
        };
        self.guard.run(work).await
    }

    /// Deletes the files of a group whose record is already deleted. A failure only leaves files behind.
    pub(crate) async fn remove(&self, group_id: &str) {
        lock(&self.locks).remove(group_id);
        let folder = self.folder.join(group_id);
        let work = move || fs::remove_dir_all(&folder).map_err(|e| failed(&folder, &e));
        let _ = self.guard.run(work).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(path: &Path, error: &io::Error) -> ApiError {
    ApiError::internal(format!("cannot use {}: {error}", path.display()))
}

/// The files of one log group.
#[derive(Debug)]
pub(crate) struct Group {
    folder: PathBuf,
}

impl Group {
    /// The file is named by a hash, since stream names may contain any character.
    fn path(&self, stream: &str) -> PathBuf {
        let hash = crate::encode::hex(&crate::encode::sha256(stream.as_bytes()));
        self.folder.join(format!("{hash}.jsonl"))
    }

    /// Creates a stream; false if it exists.
    pub(crate) fn create(&self, name: &str, now: Millis) -> ApiResult<bool> {
        let path = self.path(name);
        if path.exists() {
            return Ok(false);
        }
        let head = Head {
            stream: name.to_owned(),
            created: now,
        };
        let make = || -> io::Result<()> {
            file::make_folder(&self.folder)?;
            let mut line = serde_json::to_vec(&head)?;
            line.push(b'\n');
            file::replace(&path, &line)
        };
        make().map_err(|e| failed(&path, &e))?;
        Ok(true)
    }

    /// Appends events; false if the stream does not exist.
    pub(crate) fn append(&self, name: &str, events: &[Event], durable: Durable) -> ApiResult<bool> {
        let path = self.path(name);
        let mut file = match OpenOptions::new().read(true).append(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(&path, &error)),
        };
        let mut write = || -> io::Result<()> {
            let mut lines = Vec::new();
            for event in events {
                serde_json::to_writer(&mut lines, event)?;
                lines.push(b'\n');
            }
            let end = drop_torn_line(&mut file)?;
            let written = file.write_all(&lines).and_then(|()| match durable {
                Durable::Yes => file.sync_data(),
                Durable::No => Ok(()),
            });
            // An incomplete line must not stay before the next append.
            written.inspect_err(|_| drop(file.set_len(end)))
        };
        write().map_err(|e| failed(&path, &e))?;
        Ok(true)
    }

    /// Deletes a stream; false if it does not exist.
    pub(crate) fn delete(&self, name: &str) -> ApiResult<bool> {
        let path = self.path(name);
        match fs::remove_file(&path).and_then(|()| file::sync_folder(&self.folder)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// A stream with its events, if it exists.
    pub(crate) fn read(&self, name: &str) -> ApiResult<Option<Stream>> {
        let path = self.path(name);
        match read_stream(&path) {
            Ok((_, stream)) => Ok(Some(stream)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// The streams with the wanted names, with their events.
    pub(crate) fn read_all(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> ApiResult<BTreeMap<String, Stream>> {
        let mut streams = BTreeMap::new();
        for path in self.paths().map_err(|e| failed(&self.folder, &e))? {
            let name = read_head(&path).map_err(|e| failed(&path, &e))?.stream;
            if wanted(&name) {
                let (name, stream) = read_stream(&path).map_err(|e| failed(&path, &e))?;
                streams.insert(name, stream);
            }
        }
        Ok(streams)
    }

    /// The size of all streams in bytes, close to the number that AWS counts.
    pub(crate) fn bytes(&self) -> ApiResult<u64> {
        let sum = || -> io::Result<u64> {
            self.paths()?
                .into_iter()
                .map(|path| Ok(fs::metadata(path)?.len()))
                .sum()
        };
        sum().map_err(|e| failed(&self.folder, &e))
    }

    fn paths(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                paths.push(path);
            }
        }
        Ok(paths)
    }
}

/// Removes an incomplete last line. Returns the file's length.
fn drop_torn_line(file: &mut File) -> io::Result<u64> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if end > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == [b'\n'] {
        return Ok(end);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let whole = whole_lines(&bytes).len() as u64;
    file.set_len(whole)?;
    Ok(whole)
}

fn whole_lines(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1)]
}

fn read_head(path: &Path) -> io::Result<Head> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?).read_until(b'\n', &mut line)?;
    serde_json::from_slice(&line).map_err(|e| damaged(0, &e))
}

fn read_stream(path: &Path) -> io::Result<(String, Stream)> {
    let bytes = fs::read(path)?;
    let mut lines = whole_lines(&bytes).split(|byte| *byte == b'\n').enumerate();
    let head: Head = match lines.next() {
        Some((at, line)) => serde_json::from_slice(line).map_err(|e| damaged(at, &e))?,
        None => return Err(damaged(0, &"it is empty")),
    };
    let mut events = Vec::new();
    for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
        events.push(serde_json::from_slice(line).map_err(|e| damaged(at, &e))?);
    }
    Ok((
        head.stream,
        Stream {
            created: head.created,
            events,
        },
    ))
}

fn damaged(line: usize, why: &dyn std::fmt::Display) -> io::Error {
    let text = format!("its line {} is damaged: {why}", line + 1);
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::{Durable, Event, Group};
    use proptest::prelude::{any, proptest};
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    const NAME: &str = "2026/11/22/[1]x";

    fn event(message: &str) -> Event {
        Event {
            timestamp: 1,
            ingested: 2,
            message: message.to_owned(),
        }
    }

    fn group() -> (tempfile::TempDir, Group) {
        let folder = tempfile::tempdir().unwrap();
        let group = Group {
            folder: folder.path().join("id"),
        };
        assert!(group.create(NAME, 5).unwrap());
        assert!(group.append(NAME, &[event("a\nb")], Durable::Yes).unwrap());
        (folder, group)
    }

    #[test]
    fn streams_are_created_filled_found_and_deleted() {
        let (_folder, group) = group();
        assert!(!group.create(NAME, 6).unwrap());
        assert!(!group.append("none", &[event("a")], Durable::Yes).unwrap());
        assert_eq!(group.read("none").unwrap(), None);
        let found = group.read(NAME).unwrap().unwrap();
        assert_eq!(
            (found.created, &found.events[..]),
            (5, &[event("a\nb")][..])
        );
        assert!(group.read_all(|name| name == "other").unwrap().is_empty());
        assert_eq!(group.read_all(|_| true).unwrap()[NAME], found);
        assert!(group.bytes().unwrap() > 0);
        assert!(group.delete(NAME).unwrap() && !group.delete(NAME).unwrap());
    }

    #[test]
    fn an_incomplete_line_is_dropped_and_other_damage_is_an_error() {
        let (_folder, group) = group();
        let path = group.path(NAME);
        let write = |bytes: &[u8]| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(bytes).unwrap();
        };
        write(b"{\"t\":1,\"i\"");
        assert_eq!(group.read(NAME).unwrap().unwrap().events, [event("a\nb")]);
        assert!(group.append(NAME, &[event("c")], Durable::No).unwrap());
        assert_eq!(
            group.read(NAME).unwrap().unwrap().events,
            [event("a\nb"), event("c")]
        );
        write(b"nonsense\n");
        let error = group.read(NAME).unwrap_err().message;
        assert!(error.contains("its line 4 is damaged"), "{error}");
    }

    proptest! {
        #[test]
        fn fuzz_no_file_panics(bytes in any::<Vec<u8>>()) {
            let (_folder, group) = group();
            fs::write(group.path(NAME), bytes).unwrap();
            let _ = group.read(NAME);
            let _ = group.read_all(|_| true);
            let _ = group.append(NAME, &[event("x")], Durable::No);
        }
    }
}
