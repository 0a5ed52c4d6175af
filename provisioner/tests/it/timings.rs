//! `--timings`: what is on the page, when it is written, and what is never on it.

use std::fs;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local_cloud::{FaultProfile, Span};
use provisioner::artifact::BuildTarget;
use provisioner::aws::clients::Cloud;
use provisioner::cli::Command;
use provisioner::commands::{down, up};
use provisioner::engine::observed::ResourceId;
use provisioner::engine::purpose::Purpose;
use provisioner::error::{Error, Exit};
use provisioner::report::calls::{Answer, Call, Calls};
use provisioner::report::ended::Ended;
use provisioner::report::record::{Moments, Progress, Record, Step};
use provisioner::report::recorder::Recorder;
use provisioner::report::timings::{Row, Timings, Work, page};
use provisioner::report::waited::Waited;
use provisioner::report::{Event, Reporter};
use provisioner::session::Session;

use crate::artifact::artifact;
use crate::distance::Distance;
use crate::in_process::{InWeather, told};
use crate::proxy::{At, Fault};
use crate::world::{World, artifact_path};

struct Quiet;

impl Reporter for Quiet {
    fn report(&self, _event: &Event<'_>) {}

    fn data(&self, _text: &str) {}
}

const fn seconds(seconds: u64) -> Span {
    Span::millis(seconds * 1000, seconds * 1000)
}

/// The delays of AWS on a clock that takes no time, and 40 ms for each call: all times are exact.
async fn far_away() -> (
    InWeather,
    Distance<aws_smithy_runtime_api::client::http::SharedHttpClient>,
) {
    let world = InWeather::new(FaultProfile {
        table_creating: seconds(5),
        table_deleting: seconds(5),
        role_assumable: seconds(7),
        function_pending: seconds(2),
        ..FaultProfile::calm()
    })
    .await;
    let distance = Distance::new(world.commands.clock.clone(), Duration::from_millis(40));
    (world, distance)
}

/// Runs the command with `--timings`, and returns what it recorded.
async fn record(args: &[&str]) -> Vec<String> {
    let (world, distance) = far_away().await;
    let config = distance.config(world.config());
    let file = world.commands.world.path().join("timings.html");
    let file = file.to_str().expect("UTF-8");
    let mut shown = Vec::new();
    for command in args {
        let zip = artifact().path.to_str().expect("UTF-8");
        let args: Vec<&str> = match *command {
            "up" => vec!["up", "--timings", file, "--artifact", zip],
            _ => vec!["down", "--timings", file, "--delete-data"],
        };
        let (cli, mut session) = world.commands.session(&args);
        session.workspace = None;
        let recorder = Rc::new(Recorder::new(session.clock.clone(), Rc::new(Quiet)));
        recorder.record_mut().calls = session.recorder.record().calls.clone();
        session.recorder = Rc::clone(&recorder);
        session.reporter = recorder;
        let region = "us-east-1".to_owned();
        let target = BuildTarget::this_machine();
        let cloud = Cloud::new(&config, region, Vec::new(), target, &session.interceptors);
        let outcome = match cli.command {
            Command::Up(flags) => Box::pin(up::run(flags, &cloud, &session)).await,
            Command::Down(flags) => Box::pin(down::run(flags, &cloud, &session)).await,
            _ => panic!("`up` or `down`"),
        };
        assert_eq!(outcome.map_err(|errors| told(&errors)), Ok(Exit::Done));
        shown.push(describe(&session));
    }
    shown
}

fn describe(session: &Session) -> String {
    let timings = Timings::of(&session.recorder.record(), session.recorder.now());
    let rows: String = timings.rows.iter().map(row).collect();
    format!("{} ms in all\n{rows}", timings.wall.as_millis())
}

fn row(row: &Row) -> String {
    let name = match &row.work {
        Work::Change { verb, id } => format!("{verb} {id}"),
        phase => format!("{phase:?}"),
    };
    let critical = if row.is_critical { ", critical" } else { "" };
    let (start, end) = (row.span.start.as_millis(), row.span.end.as_millis());
    let mut text = format!("{name}: {start}-{end}{critical}\n");
    for wait in &row.waits {
        let (start, end) = (wait.span.start.as_millis(), wait.span.end.as_millis());
        let until = wait.until.unwrap_or("…");
        text += &format!("  waits {start}-{end} until {until}\n");
    }
    for timed in &row.calls {
        let (start, end) = (timed.span.start.as_millis(), timed.span.end.as_millis());
        let call = &timed.call;
        let answer = call.answer.as_ref().expect("an answer");
        let status = answer.status.as_ref().expect("a status");
        let code = answer.code.as_ref().map(|code| format!(" {code}"));
        let code = code.unwrap_or_default();
        text += &format!(
            "  {start}-{end} {} {}: {status}{code}\n",
            call.service, call.operation
        );
    }
    text
}

#[tokio::test]
async fn each_request_belongs_to_the_change_or_the_phase_that_sent_it() {
    let [up, down] = &record(&["up", "down"]).await[..] else {
        panic!("two commands");
    };
    insta::assert_snapshot!("timings-up", up);
    insta::assert_snapshot!("timings-down", down);
}

const HOSTILE: &str =
    "</pre></style><script>alert(\"1\")</script><img src=x onerror='y'>&amp;\u{202e}";

fn at(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + milliseconds)
}

fn call(
    purpose: Purpose,
    operation: &str,
    (start, end): (u64, u64),
    answer: Result<u16, &str>,
) -> Call {
    Call {
        service: "DynamoDB".to_owned(),
        operation: operation.to_owned(),
        purpose,
        attempt: 1,
        began: at(start),
        answer: Some(Answer {
            at: at(end),
            status: answer.map_err(str::to_owned),
            code: answer
                .is_ok_and(|status| status >= 400)
                .then(|| "Code".to_owned()),
            request_id: Some("7c1f".to_owned()),
        }),
    }
}

/// A run that was canceled, with that name everywhere that a name can be.
fn canceled(name: &str) -> Record {
    let table = ResourceId::new("table", name);
    let of_table = || Purpose::Change(table.clone());
    let calls = Calls::default();
    calls.begin(call(Purpose::Read, name, (10, 50), Ok(404)));
    calls.begin(call(of_table(), "CreateTable", (100, 140), Err(name)));
    let mut again = call(of_table(), "CreateTable", (200, 240), Ok(200));
    again.attempt = 2;
    calls.begin(again);
    let mut unanswered = call(of_table(), "DescribeTable", (900, 0), Ok(200));
    unanswered.answer = None;
    unanswered.service = name.to_owned();
    calls.begin(unanswered);
    calls.begin(call(Purpose::Other, "GetCallerIdentity", (1, 2), Ok(503)));
    Record {
        steps: vec![Step {
            id: table,
            verb: "create",
            started: at(100),
            ended: None,
            progress: Progress::Running,
            waits: vec![Waited {
                start: at(240),
                end: at(900),
                until: Some("the table is active"),
                service: Some("DynamoDB"),
            }],
        }],
        moments: Moments {
            started: Some(at(0)),
            read: Some(at(60)),
            planned: Some(at(80)),
            applied: None,
        },
        result: Some(name.to_owned()),
        calls: Some(calls),
        ..Record::default()
    }
}

fn page_of(record: &Record, name: &str) -> String {
    let error = Error::interrupted().because(name.to_owned());
    page(&Ended {
        command: "up",
        stage: Some(name),
        exit: Exit::Interrupted,
        errors: &[&error],
        record,
        now: at(1_000),
    })
}

#[test]
fn the_page_of_a_canceled_run_is_as_committed() {
    let page = page_of(&canceled("Rides"), "dev");
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, body) = rest.split_once("</style>").expect("its end");
    insta::assert_snapshot!("timings-page", format!("{head}<style>…</style>{body}"));
}

#[test]
fn no_name_is_markup_and_the_page_loads_nothing() {
    let page = page_of(&canceled(HOSTILE), HOSTILE);
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
    for markup in [
        "<script",
        "<img",
        "onerror='",
        "\u{202e}",
        "http:",
        "https:",
        "@import",
    ] {
        assert!(!page.contains(markup), "{markup}");
    }
    // The same elements as with a harmless name.
    let tags = |page: &str| {
        let tags = page
            .split('<')
            .skip(1)
            .map(|rest| rest.split([' ', '>', '\n']).next());
        tags.map(|tag| tag.unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(tags(&page), tags(&page_of(&canceled("Rides"), "dev")));
    assert_eq!(page.matches("</style>").count(), 1);
}

fn read(world: &World, name: &str) -> String {
    fs::read_to_string(world.path().join(name)).expect("the page")
}

#[test]
fn up_and_down_write_the_page_over_an_earlier_one() {
    let world = World::new();
    world.write("up.html", "an earlier page".repeat(100_000));
    let flags = [
        "--timings",
        "up.html",
        "--output",
        "json",
        "--env",
        "API_KEY=hunter2",
    ];
    let up = world.up(&flags).ok();
    assert_eq!(up.json()["command"], "up");
    assert!(up.stderr.ends_with("timings: up.html\n"), "{}", up.stderr);
    let page = read(&world, "up.html");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for text in ["CreateTable", "test ride", "hunter2", "an earlier"] {
        assert_eq!(page.contains(text), text == "CreateTable", "{text}");
    }
    let down = ["down", "--delete-data", "--yes", "--timings", "down.html"];
    world.local(&down).ok();
    assert!(read(&world, "down.html").contains("DeleteTable"));
}

#[test]
fn a_failed_run_writes_the_page_too() {
    let world = World::new();
    let cloud = world.cloud();
    let refused = Fault::Refuse("ValidationException", "<b>not now</b>");
    let _proxy = world.behind(&cloud, &[(At::Name("CreateTable"), refused)]);
    world.up(&["--timings", "up.html"]).exits(1);
    let page = read(&world, "up.html");
    assert!(page.contains("&lt;b&gt;not now&lt;/b&gt;"), "{page}");
    assert!(page.contains("400 ValidationException"), "{page}");
    assert!(page.contains("<b class=\"bad\">failed</b>"), "{page}");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_anything_is_done() {
    let world = World::new();
    world
        .up(&["--timings", "none/up.html"])
        .exits(1)
        .says("error: write the timings to `none/up.html`\n")
        .says("hint: choose a file that can be written: `provision up ")
        .never_says("account");
    // One that fails only at the end does not undo a run that went well.
    let up = [
        "up",
        "--artifact",
        artifact_path(),
        "--timings",
        "/dev/full",
    ];
    let up = world.local(&up).ok();
    assert!(up.stderr.contains("warning: could not write the timings"));
    // A run that does not begin leaves an earlier page, and no empty one.
    world.write("up.html", "an earlier page");
    world
        .up(&["--timings", "up.html", "--local-dir", "/dev/null"])
        .exits(1);
    world
        .up(&["--timings", "new.html", "--faults-seed", "1"])
        .exits(2);
    assert!(!world.path().join("new.html").exists());
}
