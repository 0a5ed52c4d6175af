//! The lines that Lambda logs around a function's output.

use std::time::Duration;

use crate::runtime::invocation::EnvironmentSpec;

/// The limit of `X-Amz-Log-Result`, in bytes.
const TAIL: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) duration: Duration,
    /// Only for the first invocation of an environment.
    pub(crate) init: Option<Duration>,
    /// `None` where the system does not report it.
    pub(crate) peak_megabytes: Option<u64>,
}

/// The log of an invocation: START, the output, END and REPORT, one line each.
pub(crate) fn log(
    spec: &EnvironmentSpec,
    request_id: &str,
    output: &str,
    measured: &Measured,
) -> String {
    let Measured {
        duration,
        init,
        peak_megabytes,
    } = measured;
    let (duration, billed) = (milliseconds(*duration), duration.as_micros().div_ceil(1000));
    let (version, memory) = (&spec.version, spec.memory);
    let peak = peak_megabytes.map_or("not measured".to_owned(), |peak| format!("{peak} MB"));
    let mut text = String::new();
    add(
        &mut text,
        &format!("START RequestId: {request_id} Version: {version}"),
    );
    add(&mut text, output);
    add(&mut text, &format!("END RequestId: {request_id}"));
    let mut report = format!(
        "REPORT RequestId: {request_id}\tDuration: {duration} ms\tBilled Duration: {billed} ms\t\
         Memory Size: {memory} MB\tMax Memory Used: {peak}\t"
    );
    if let Some(init) = init {
        report.push_str(&format!("Init Duration: {} ms\t", milliseconds(*init)));
    }
    add(&mut text, &report);
    text
}

fn add(text: &mut String, lines: &str) {
    text.push_str(lines);
    if !lines.is_empty() && !lines.ends_with('\n') {
        text.push('\n');
    }
}

fn milliseconds(duration: Duration) -> String {
    let micros = duration.as_micros();
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

/// The last 4 KB of a log, cut between characters.
pub(crate) fn tail(log: &str) -> &str {
    let mut start = log.len().saturating_sub(TAIL);
    while !log.is_char_boundary(start) {
        start += 1;
    }
    &log[start..]
}

#[cfg(test)]
mod tests {
    use super::{Measured, log, tail};
    use crate::runtime::invocation::EnvironmentSpec;
    use std::time::Duration;

    #[test]
    fn the_lines_are_those_of_lambda() {
        let spec = EnvironmentSpec {
            version: "3".into(),
            memory: 128,
            timeout: Duration::from_secs(3),
            root: "/".into(),
            log_group: String::new(),
            log_stream: String::new(),
            variables: Vec::new(),
            expires: 0,
        };
        let measured = Measured {
            duration: Duration::from_micros(1_230),
            init: Some(Duration::from_millis(20)),
            peak_megabytes: Some(12),
        };
        assert_eq!(
            log(&spec, "id", "hello", &measured),
            "START RequestId: id Version: 3\nhello\nEND RequestId: id\nREPORT RequestId: id\t\
             Duration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 12 MB\t\
             Init Duration: 20.00 ms\t\n"
        );
        let unknown = Measured {
            peak_megabytes: None,
            ..measured
        };
        let log = log(&spec, "id", "hello", &unknown);
        assert!(log.contains("\tMax Memory Used: not measured\t"), "{log}");
    }

    #[test]
    fn the_tail_is_cut_between_characters() {
        assert_eq!(tail("short"), "short");
        let long = "ü".repeat(3000);
        assert!(tail(&long).len() <= 4096);
        assert!(tail(&format!("{long}x")).len() <= 4096);
    }
}
