//! Streams and their events: one file of JSON lines a stream, only ever appended to.
//!
//! A line that a crash cut short was never acknowledged and is dropped; any other damage is named.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::error::{ApiError, ApiResult};
use crate::state::{Alive, file};

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

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) created: Millis,
    /// In the order they were put, which is nearly that of their timestamps.
    pub(crate) events: Vec<Event>,
    path: PathBuf,
}

/// Whether an append must be on disk before it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durable {
    Yes,
    /// What a function printed was acknowledged to nobody.
    No,
}

type Streams = BTreeMap<String, Stream>;

#[derive(Debug)]
pub(crate) struct LogFiles {
    alive: Alive,
    folder: PathBuf,
    /// By group id, read when first asked for.
    groups: Arc<Mutex<HashMap<String, Arc<Mutex<Streams>>>>>,
}

impl LogFiles {
    pub(crate) fn new(folder: &Path, alive: Alive) -> LogFiles {
        LogFiles {
            alive,
            folder: folder.join("logs"),
            groups: Arc::default(),
        }
    }

    /// Looks at a group's streams, off the async threads.
    pub(crate) async fn with<R: Send + 'static>(
        &self,
        group_id: &str,
        work: impl FnOnce(&mut Group<'_>) -> ApiResult<R> + Send + 'static,
    ) -> ApiResult<R> {
        let folder = self.folder.join(group_id);
        let (groups, id) = (Arc::clone(&self.groups), group_id.to_owned());
        let work = move || {
            let streams = Arc::clone(lock(&groups).entry(id).or_default());
            let mut streams = lock(&streams);
            if streams.is_empty() {
                *streams = read_group(&folder).map_err(|e| failed(&folder, &e))?;
            }
            work(&mut Group {
                folder: &folder,
                streams: &mut streams,
            })
        };
        self.alive.run(work).await
    }

    /// Forgets a group that was deleted. Its record is gone already, so a failure loses nothing.
    pub(crate) async fn remove(&self, group_id: &str) {
        lock(&self.groups).remove(group_id);
        let folder = self.folder.join(group_id);
        let work = move || fs::remove_dir_all(&folder).map_err(|e| failed(&folder, &e));
        let _ = self.alive.run(work).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(path: &Path, error: &io::Error) -> ApiError {
    ApiError::internal(format!("cannot use {}: {error}", path.display()))
}

pub(crate) struct Group<'a> {
    folder: &'a Path,
    pub(crate) streams: &'a mut Streams,
}

impl Group<'_> {
    /// Makes a stream; false if it is there already.
    pub(crate) fn create(&mut self, name: &str, now: Millis) -> ApiResult<bool> {
        if self.streams.contains_key(name) {
            return Ok(false);
        }
        // Stream names hold any character, `/` too: the file has the name's hash.
        let hash = crate::encode::hex(&crate::encode::sha256(name.as_bytes()));
        let path = self.folder.join(format!("{hash}.jsonl"));
        let head = Head {
            stream: name.to_owned(),
            created: now,
        };
        let make = || -> io::Result<()> {
            file::make_folder(self.folder)?;
            let mut line = serde_json::to_vec(&head)?;
            line.push(b'\n');
            file::replace(&path, &line)
        };
        make().map_err(|e| failed(&path, &e))?;
        let stream = Stream {
            created: now,
            events: Vec::new(),
            path,
        };
        self.streams.insert(name.to_owned(), stream);
        Ok(true)
    }

    /// Appends events; false if there is no such stream.
    pub(crate) fn append(
        &mut self,
        name: &str,
        events: Vec<Event>,
        durable: Durable,
    ) -> ApiResult<bool> {
        let Some(stream) = self.streams.get_mut(name) else {
            return Ok(false);
        };
        let write = || -> io::Result<()> {
            let mut lines = Vec::new();
            for event in &events {
                serde_json::to_writer(&mut lines, event)?;
                lines.push(b'\n');
            }
            let mut file = OpenOptions::new().append(true).open(&stream.path)?;
            let before = file.metadata()?.len();
            let written = file.write_all(&lines).and_then(|()| match durable {
                Durable::Yes => file.sync_data(),
                Durable::No => Ok(()),
            });
            // Half a line must not stand before whatever is appended next.
            written.inspect_err(|_| drop(file.set_len(before)))
        };
        write().map_err(|e| failed(&stream.path, &e))?;
        stream.events.extend(events);
        Ok(true)
    }

    /// Deletes a stream; false if there is none.
    pub(crate) fn delete(&mut self, name: &str) -> ApiResult<bool> {
        let Some(stream) = self.streams.get(name) else {
            return Ok(false);
        };
        let remove = || fs::remove_file(&stream.path).and_then(|()| file::sync_folder(self.folder));
        remove().map_err(|e| failed(&stream.path, &e))?;
        self.streams.remove(name);
        Ok(true)
    }
}

fn read_group(folder: &Path) -> io::Result<Streams> {
    let mut streams = Streams::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(streams),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            let (name, stream) = read_stream(path)?;
            streams.insert(name, stream);
        }
    }
    Ok(streams)
}

fn read_stream(path: PathBuf) -> io::Result<(String, Stream)> {
    let text = fs::read(&path)?;
    let whole = text
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    if whole < text.len() {
        File::options()
            .write(true)
            .open(&path)?
            .set_len(whole as u64)?;
    }
    let damaged = |line: usize, why: &dyn std::fmt::Display| {
        let text = format!("line {} of {} is damaged: {why}", line + 1, path.display());
        io::Error::new(io::ErrorKind::InvalidData, text)
    };
    let mut lines = text[..whole].split(|byte| *byte == b'\n').enumerate();
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
            path,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::{Durable, Event, Group, Streams, read_group};
    use std::fs;
    use std::io::Write as _;

    fn event(message: &str) -> Event {
        Event {
            timestamp: 1,
            ingested: 2,
            message: message.to_owned(),
        }
    }

    #[test]
    fn events_are_found_again_and_a_torn_line_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let mut streams = Streams::new();
        let mut group = Group {
            folder: folder.path(),
            streams: &mut streams,
        };
        assert!(group.create("2026/11/22/[1]x", 5).unwrap());
        assert!(!group.create("2026/11/22/[1]x", 6).unwrap());
        assert!(
            group
                .append("2026/11/22/[1]x", vec![event("a\nb")], Durable::Yes)
                .unwrap()
        );
        assert!(
            !group
                .append("none", vec![event("a")], Durable::Yes)
                .unwrap()
        );
        let path = streams["2026/11/22/[1]x"].path.clone();
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"t\":1,\"i\"").unwrap();
        let again = read_group(folder.path()).unwrap();
        assert_eq!(again["2026/11/22/[1]x"].events, [event("a\nb")]);
        assert_eq!(again["2026/11/22/[1]x"].created, 5);
        assert!(fs::read_to_string(&path).unwrap().ends_with("}\n"));
        file.write_all(b"nonsense\n").unwrap();
        let error = read_group(folder.path()).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
    }
}
