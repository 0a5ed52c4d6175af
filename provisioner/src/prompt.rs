//! What a run asks on the terminal, and other reads of stdin. A signal ends them.

use std::io::{self, Write as _};

use crate::error::Error;
use crate::report::output;
use crate::session::Session;

impl Session {
    /// Asks for confirmation. Without a terminal the answer is no, unless `--yes` is given.
    pub async fn agree(&self, to: &[String]) -> Result<(), Error> {
        if to.is_empty() || self.yes {
            return Ok(());
        }
        let list = to.join("\n  ");
        if !self.asks {
            return Err(Error::refused(format!("confirmation required:\n  {list}"))
                .hint("to confirm: `… --yes`"));
        }
        match self
            .ask(&format!("This run will\n  {list}\nContinue? [y/N] "))
            .await?
            .as_str()
        {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Error::refused("not confirmed: nothing was changed")
                .hint("to see the prompt again: `…`")),
        }
    }

    /// What a command in a hint needs besides, where it is confirmed once more: ` --yes` without a terminal.
    pub fn assent(&self) -> &'static str {
        if self.yes || self.asks { "" } else { " --yes" }
    }

    /// What the user typed; `None` without a terminal.
    pub async fn ask_name(&self, question: &str) -> Result<Option<String>, Error> {
        if !self.asks {
            return Ok(None);
        }
        self.ask(question).await.map(Some)
    }

    /// The line that the user typed. Empty, which confirms nothing, if the terminal fails.
    async fn ask(&self, question: &str) -> Result<String, Error> {
        let mut stderr = std::io::stderr();
        let asked = write!(stderr, "{question}").and_then(|()| stderr.flush());
        let read = move || {
            let mut answer = String::new();
            asked?;
            std::io::stdin().read_line(&mut answer)?;
            Ok(answer.trim().to_owned())
        };
        // What follows ctrl-c stands on a line of its own.
        let answer = self.from_stdin(read).await;
        let answer = answer.inspect_err(|_| output::error("\n"))?;
        Ok(answer.unwrap_or_default())
    }

    /// What a blocking read of stdin returns. A signal ends it.
    pub async fn from_stdin<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<io::Result<T>, Error> {
        let reading = tokio::task::spawn_blocking(read);
        let result = self.stop.unless_set(reading).await?;
        Ok(result.unwrap_or_else(|panic| Err(io::Error::other(panic))))
    }
}
