//! A function for the tests, which does what its event says. It uses std alone, to be small and quick.

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
                // A process that it starts must end with it.
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
            "raw" => {
                // Bytes for its own Runtime API, as they are in the event; then an answer as always.
                let bytes = unhex(event.split("\"bytes\":\"").nth(1).unwrap_or_default());
                let is_all = event.contains("\"then\":\"end\"");
                let told = raw(&api, &bytes.replace("{id}", &id), is_all).unwrap_or_default();
                ("response", format!("{told:?}"))
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

/// Text from hex digits, up to the first other character.
fn unhex(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map_while(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.map(char::from).collect()
}

/// Sends each char as the byte that it is and, if that is all it will say, ends its side; the first
/// line of what comes back.
fn raw(api: &str, text: &str, is_all: bool) -> Option<String> {
    let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let mut stream = TcpStream::connect(api).ok()?;
    let _ = stream.write_all(&bytes);
    if is_all {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    Some(answer.lines().next().unwrap_or_default().to_owned())
}

fn say(line: &str) {
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// The request id and the body of the response, or `None` once the Runtime API has closed.
fn call(api: &str, method: &str, path: &str, body: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(api).ok()?;
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {api}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    // A large body may be refused before it is sent completely, which is not an error here.
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
