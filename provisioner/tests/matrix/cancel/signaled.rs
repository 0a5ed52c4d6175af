//! A command that is held at a call, and gets signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::proxy::Proxy;

#[derive(Clone, Copy, Debug)]
pub enum Signal {
    Interrupt,
    Terminate,
    HangUp,
    Kill,
}

impl Signal {
    /// As in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Signal::Interrupt => "sigint",
            Signal::Terminate => "sigterm",
            Signal::HangUp => "sighup",
            Signal::Kill => "sigkill",
        }
    }

    /// To a process, or with a negative number to its group.
    pub fn send(self, process: i64) {
        let signal = format!("-{}", &self.name()["sig".len()..].to_uppercase());
        let mut kill = Command::new("kill");
        kill.args([&*signal, "--", &process.to_string()]);
        // It fails where the process has ended already.
        kill.stderr(Stdio::null()).status().expect("kill");
    }
}

pub struct Signaled {
    child: Child,
    stderr: BufReader<ChildStderr>,
    told: String,
    pub proxy: Proxy,
}

impl Signaled {
    /// Starts the command, and returns when it is held.
    pub fn at_hold(mut command: Command, proxy: Proxy) -> Signaled {
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
        let mut run = Signaled {
            child,
            stderr,
            told: String::new(),
            proxy,
        };
        if !reached {
            run.stderr.read_to_string(&mut run.told).expect("text");
            panic!("the call is never made\n{}", run.told);
        }
        run
    }

    pub fn send(&self, signal: Signal) {
        signal.send(i64::from(self.child.id()));
    }

    /// Reads stderr up to the line with this text.
    pub fn says(&mut self, text: &str) {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("text");
            self.told.push_str(&line);
            assert!(read > 0, "never says `{text}`\n{}", self.told);
            if line.contains(text) {
                return;
            }
        }
    }

    /// The exit code and stderr. The proxy holds until it is dropped.
    pub fn end(mut self) -> (Option<i32>, String, Proxy) {
        self.stderr.read_to_string(&mut self.told).expect("text");
        let status = self.child.wait().expect("a process of this test");
        (status.code(), self.told, self.proxy)
    }
}
