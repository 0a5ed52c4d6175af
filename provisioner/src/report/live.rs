//! The live view: one row for each change that is still running, redrawn at the bottom.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::observed::ResourceId;
use crate::report::escape;
use crate::report::screen::Screen;

/// Waits report about twice a second; a spread of changes may report more often together.
const REDRAWS_PER_SECOND: u8 = 10;

pub struct LiveView {
    progress: MultiProgress,
    rows: RefCell<BTreeMap<ResourceId, ProgressBar>>,
}

impl LiveView {
    pub fn on_stderr() -> LiveView {
        let screen = Box::new(Screen::on_stderr());
        let target = ProgressDrawTarget::term_like_with_hz(screen, REDRAWS_PER_SECOND);
        LiveView {
            progress: MultiProgress::with_draw_target(target),
            rows: RefCell::default(),
        }
    }

    pub fn show(&self, id: &ResourceId, text: &str) {
        let mut rows = self.rows.borrow_mut();
        let row = rows
            .entry(id.clone())
            .or_insert_with(|| self.progress.add(row()));
        // A status can be AWS's own text, of several lines.
        let line = text.lines().next().unwrap_or_default();
        row.set_message(escape::value(line).into_owned());
    }

    pub fn remove(&self, id: &ResourceId) {
        if let Some(row) = self.rows.borrow_mut().remove(id) {
            row.finish_and_clear();
            self.progress.remove(&row);
        }
    }

    /// Removes the rows from the screen, writes, and draws them again below.
    pub fn above(&self, write: impl FnOnce()) {
        // An error is that of a closed stderr, which does not stop the run.
        let _ = self.progress.clear();
        write();
        if let Some(row) = self.rows.borrow().values().next() {
            row.force_draw();
        }
    }
}

fn row() -> ProgressBar {
    let row = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    // Cut at the terminal's width, whatever it is at that moment.
    row.with_style(ProgressStyle::with_template("{wide_msg}").expect("a template"))
}
