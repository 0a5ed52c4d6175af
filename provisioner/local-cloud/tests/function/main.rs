//! A function for the tests: does what its event says. On std alone, so that it is small and quick.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return ExitCode::from(9);
    };
    match std::env::var("AT_START").as_deref() {
        Ok("exit") => return ExitCode::from(7),
        Ok("error") => {
            let told = r#"{"errorType":"Start.Broken","errorMessage":"told at start"}"#;
            let _ = call(&api, "POST", "init/error", told);
            return ExitCode::from(1);
        }
        Ok("print") => say("printed at start"),
        _ => {}
    }
    let mut count = 0;
    loop {
        let Some((id, event)) = call(&api, "GET", "invocation/next", "") else {
            return ExitCode::SUCCESS;
        };
        count += 1;
        let wanted = event
            .split("\"do\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let (what, answer) = match wanted.unwrap_or("echo") {
            "exit" => return ExitCode::from(3),
            "hang" => loop {
                std::thread::park();
            },
            "child" => {
                // Whatever it starts has to end with it.
                let child = std::process::Command::new("sleep").arg("1000").spawn();
                let pid = child.map(|child| child.id()).unwrap_or_default();
                say(&format!("child {pid}"));
                loop {
                    std::thread::park();
                }
            }
            "exit-after" => {
                let answer = "\"bye\"".to_owned();
                let _ = call(&api, "POST", &format!("invocation/{id}/response"), &answer);
                return ExitCode::SUCCESS;
            }
            "fail" => (
                "error",
                r#"{"errorType":"Broken","errorMessage":"told"}"#.to_owned(),
            ),
            "big" => ("response", format!("\"{}\"", "x".repeat(7 * 1024 * 1024))),
            "print" => {
                say("out");
                let _ = std::io::stderr().write_all(b"err\n");
                ("response", "null".to_owned())
            }
            "flood" => {
                say(&"y".repeat(3 * 1024 * 1024));
                ("response", "null".to_owned())
            }
            "env" => {
                let mut all: Vec<String> = std::env::vars()
                    .map(|(name, value)| format!("{name:?}:{value:?}"))
                    .collect();
                all.sort();
                ("response", format!("{{{}}}", all.join(",")))
            }
            _ => {
                let pid = std::process::id();
                (
                    "response",
                    format!("{{\"event\":{event},\"count\":{count},\"pid\":{pid}}}"),
                )
            }
        };
        if call(&api, "POST", &format!("invocation/{id}/{what}"), &answer).is_none() {
            return ExitCode::SUCCESS;
        }
    }
}

fn say(line: &str) {
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// The request id and the body of the answer; none once the Runtime API is gone.
fn call(api: &str, method: &str, path: &str, body: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(api).ok()?;
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {api}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    // Refused before it is whole, a large body is no reason to give up.
    let _ = stream.write_all(body.as_bytes());
    let mut reader = BufReader::new(stream);
    let mut id = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("lambda-runtime-aws-request-id: ") {
            id = value.to_owned();
        }
    }
    let mut body = String::new();
    reader.read_to_string(&mut body).ok()?;
    Some((id, body))
}
