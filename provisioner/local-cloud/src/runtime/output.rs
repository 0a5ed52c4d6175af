//! The output of a process, collected until it is taken.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::unix::pipe::Receiver;

/// How many bytes are kept between two invocations. The log says how many more were dropped.
const LIMIT: usize = 1024 * 1024;

/// The reading end of the pipe for standard output and error. It is one pipe, so that the lines keep
/// their order.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: Arc<Receiver>,
    collected: Arc<Mutex<Collected>>,
    reader: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Collected {
    bytes: Vec<u8>,
    dropped: usize,
}

impl Output {
    pub(crate) fn new(read_end: OwnedFd) -> io::Result<Output> {
        let pipe = Arc::new(Receiver::from_owned_fd(read_end)?);
        let collected = Arc::new(Mutex::new(Collected::default()));
        // A full pipe would block the process, so a task reads it all the time.
        let reader = tokio::spawn(read(Arc::clone(&pipe), Arc::clone(&collected)));
        Ok(Output {
            pipe,
            collected,
            reader,
        })
    }

    /// Takes everything printed so far. What the process wrote before its response is in the pipe,
    /// even if the reader task has not read it yet.
    pub(crate) fn take(&self) -> String {
        let mut collected = self
            .collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = rustix::io::read(&*self.pipe, &mut buffer) {
            collected.add(&buffer[..count]);
        }
        let Collected { bytes, dropped } = std::mem::take(&mut *collected);
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if dropped > 0 {
            text.push_str(&format!(
                "\n[the local cloud dropped {dropped} bytes of output]\n"
            ));
        }
        text
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Collected {
    fn add(&mut self, bytes: &[u8]) {
        let room = LIMIT.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..room]);
        self.dropped += bytes.len() - room;
    }
}

async fn read(pipe: Arc<Receiver>, collected: Arc<Mutex<Collected>>) {
    let mut buffer = [0; 8192];
    while pipe.readable().await.is_ok() {
        // Read and stored under one lock, so that `take` finds every byte either in the pipe or here.
        let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
        match pipe.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => collected.add(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
