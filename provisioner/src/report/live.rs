//! The live view: a row for each running change and wait, drawn at the bottom of the terminal, with a time that
//! ticks.

use std::cell::OnceCell;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::observed::ResourceId;
use crate::engine::status::Status;
use crate::report::escape;
use crate::report::row::Row;
use crate::report::screen::Screen;

/// Times are shown in tenths of a second.
const TICK: Duration = Duration::from_millis(100);

pub struct LiveView {
    rows: Arc<Mutex<Rows>>,
    /// Its thread ends when this is dropped.
    ticker: OnceCell<Sender<()>>,
}

/// Where lines that stay are written: stderr, above the rows of the live view if there is one.
#[derive(Clone, Debug, Default)]
pub struct Lines(Option<Arc<Mutex<Rows>>>);

impl Lines {
    pub fn write(&self, text: &str) {
        let text = escape::escaped(text);
        match &self.0 {
            Some(rows) => lock(rows).write(&text),
            // A stderr that is closed or full does not stop the run.
            None => drop(std::io::stderr().write_all(text.as_bytes())),
        }
    }
}

#[derive(Debug)]
struct Rows {
    screen: Screen,
    /// In the order in which they began.
    rows: Vec<Running>,
    /// Also what AWS shows.
    verbose: bool,
}

#[derive(Debug)]
struct Running {
    id: ResourceId,
    verb: Option<&'static str>,
    started: Instant,
    /// What it waits for, and since when.
    waiting: Option<(Status, Instant)>,
}

impl LiveView {
    pub fn on_stderr(verbose: bool) -> LiveView {
        let rows = Rows {
            screen: Screen::on_stderr(),
            rows: Vec::new(),
            verbose,
        };
        LiveView {
            rows: Arc::new(Mutex::new(rows)),
            ticker: OnceCell::new(),
        }
    }

    pub fn started(&self, id: &ResourceId, verb: &'static str) {
        self.change(id, |row| row.verb = Some(verb));
    }

    pub fn waiting(&self, id: &ResourceId, status: &Status, waited: Duration) {
        let now = Instant::now();
        let since = now.checked_sub(waited).unwrap_or(now);
        self.change(id, |row| row.waiting = Some((status.clone(), since)));
    }

    pub fn waited(&self, id: &ResourceId) {
        self.change(id, |row| row.waiting = None);
    }

    pub fn ended(&self, id: &ResourceId) {
        let mut rows = lock(&self.rows);
        rows.rows.retain(|row| row.id != *id);
        rows.write("");
    }

    pub fn lines(&self) -> Lines {
        Lines(Some(Arc::clone(&self.rows)))
    }

    /// Changes the row of a resource; a new one if there is none.
    fn change(&self, id: &ResourceId, change: impl FnOnce(&mut Running)) {
        self.ticker.get_or_init(|| ticker(Arc::clone(&self.rows)));
        let mut rows = lock(&self.rows);
        let found = rows.rows.iter().position(|row| row.id == *id);
        let index = found.unwrap_or_else(|| {
            rows.rows.push(Running {
                id: id.clone(),
                verb: None,
                started: Instant::now(),
                waiting: None,
            });
            rows.rows.len() - 1
        });
        change(&mut rows.rows[index]);
        rows.write("");
    }
}

impl Rows {
    /// Writes a text that stays, and all rows below it.
    fn write(&mut self, text: &str) {
        let columns = self.screen.columns();
        let rows = self.rows.iter();
        let lines = rows.flat_map(|row| row.row().lines(columns, self.verbose));
        let lines: Vec<String> = lines.collect();
        self.screen.write(text, &lines);
    }
}

impl Running {
    fn row(&self) -> Row<'_> {
        let waiting = self.waiting.as_ref();
        let since = waiting.map_or(self.started, |(_, since)| *since);
        Row {
            id: &self.id,
            verb: self.verb,
            time: since.elapsed(),
            status: waiting.map(|(status, _)| status),
        }
    }
}

fn lock(rows: &Mutex<Rows>) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws the rows until the sender is dropped: a thread of its own, since the run's task may be busy.
fn ticker(rows: Arc<Mutex<Rows>>) -> Sender<()> {
    let (sender, dropped) = mpsc::channel();
    thread::spawn(move || {
        while let Err(RecvTimeoutError::Timeout) = dropped.recv_timeout(TICK) {
            let mut rows = lock(&rows);
            if !rows.rows.is_empty() {
                rows.write("");
            }
        }
    });
    sender
}
