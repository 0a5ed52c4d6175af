//! The documents of `--output json`.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::proxy::{At, Fault};
use crate::standing::Standing;
use crate::world::{Run, World};

/// `kind result` of each change.
fn results(document: &Value) -> Vec<String> {
    let changes = document["changes"].as_array().expect("changes");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let changes = changes.iter();
    changes
        .map(|change| format!("{} {}", text(&change["kind"]), text(&change["result"])))
        .collect()
}

#[test]
fn a_run_that_fails_half_way_says_what_was_done_and_what_not() {
    let world = World::new();
    let cloud = world.cloud();
    let refused = Fault::Refuse("InvalidParameterValueException", "planted");
    let _proxy = world.behind(&cloud, &[(At::Name("CreateFunction"), refused)]);
    let document = world.up(&["--output", "json"]).exits(1).json();
    assert_eq!(document["command"], "up");
    assert_eq!(document["target"]["account"], "123456789012");
    assert_eq!(document["changed"], true);
    assert_eq!(
        results(&document),
        [
            "table done",
            "role done",
            "log group done",
            "function failed",
            "release not-started"
        ]
    );
    assert!(document["planDigest"].is_string());
    assert!(document["changes"][0]["seconds"].is_number());
    assert!(document["seconds"]["apply"].is_number());
    assert_eq!(document["errors"][0]["exit"], 1);
    assert_eq!(document["outputs"], Value::Null);

    // The next run continues.
    let document = world.up(&["--output", "json"]).ok().json();
    let expected = [
        "table -",
        "role -",
        "log group -",
        "function done",
        "release done",
    ];
    assert_eq!(results(&document), expected);
    assert_eq!(document["errors"], Value::Null);
    let document = world.up(&["--output", "json"]).ok().json();
    assert_eq!(document["changed"], false);

    let denied = Fault::Refuse("ValidationException", "planted");
    let _proxy = world.behind(&cloud, &[(At::Name("DeleteTable"), denied)]);
    let down = ["down", "--yes", "--output", "json"];
    let document = world.local(&down).exits(1).json();
    assert_eq!(document["receipt"]["remaining"][0]["kind"], "table");
    assert_eq!(document["errors"][0]["exit"], 1);
    assert!(results(&document).contains(&"table failed".to_owned()));
}

#[test]
fn a_refused_run_has_its_plan_and_changed_nothing() {
    let world = World::standing(Standing::Ridden);
    let refused = ["down", "--yes", "--output", "json"];
    let document = world.local(&refused).exits(4).json();
    assert_eq!(document["changed"], false);
    assert!(results(&document).contains(&"table not-started".to_owned()));
    assert_eq!(document["errors"][0]["exit"], 4);

    // Of no plan.
    let digest = format!("{:032}-{:016}", 0, 0);
    let refused = world.up(&["--plan-digest", &digest, "--output", "json"]);
    let document = refused.exits(4).json();
    assert_eq!(document["changed"], false);
    assert_eq!(document["errors"][0]["exit"], 4);
}

#[test]
fn a_command_that_prints_a_result_and_fails_has_both_in_its_document() {
    let world = World::standing(Standing::Up);
    let event = world.write("event.json", "{}");
    let event = event.to_str().expect("UTF-8");
    let invoke = ["invoke", "--event", event, "--output", "json"];
    let run = world.local(&invoke).exits(1);
    let document = run.json();
    assert!(document["answer"]["statusCode"].as_u64() >= Some(400));
    assert_eq!(document["errors"][0]["exit"], 1);
    let message = document["errors"][0]["message"].as_str().expect("a text");
    run.says(&format!("error: {message}"));
}

#[test]
fn a_malformed_command_line_is_a_document_too() {
    let world = World::new();
    let check = |args: &[&str], command: Value, message: &str| {
        let document = world.run(args).exits(2).json();
        assert_eq!(document["command"], command);
        let error = &document["errors"][0];
        assert_eq!(error["message"], message);
        assert_eq!(error["exit"], 2);
        assert!(error["hint"].is_string());
    };
    let unknown = "unexpected argument '--nope' found";
    check(
        &["plan", "--nope", "--output", "json"],
        json!("plan"),
        unknown,
    );
    check(&["--output=json", "plan", "--nope"], json!("plan"), unknown);
    let subcommand = "unrecognized subcommand 'nope'";
    check(&["nope", "--output", "json"], Value::Null, subcommand);
    let mut command = world.command(&["plan", "--nope"]);
    let run = Run::of(command.env("PROVISION_OUTPUT", "json")).exits(2);
    assert_eq!(run.json()["errors"][0]["message"], unknown);
    // The last one counts, as for clap.
    let args = ["plan", "--nope", "--output", "json", "--output", "text"];
    assert_eq!(world.run(&args).exits(2).stdout, "");
}

#[cfg(unix)]
#[test]
fn a_command_line_that_is_not_text_is_a_usage_error() {
    use std::os::unix::ffi::OsStrExt as _;

    let world = World::new();
    let mut command = world.command(&[]);
    command.arg(std::ffi::OsStr::from_bytes(b"p\xff"));
    let run = Run::of(&mut command).exits(2);
    run.says("hint: `provision --help`").never_says("fault");
}

#[test]
fn an_error_after_lines_is_a_line() {
    let world = World::new();
    for command in ["rides", "logs"] {
        let run = world.local(&[command, "--output", "json"]).exits(1);
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
        assert_eq!(run.json()["errors"][0]["exit"], 1);
    }
}

#[test]
fn the_local_cloud_prints_its_environment_as_a_document() {
    let world = World::new();
    let mut command = world.command(&["cloud", "--output", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    let stdout = child.stdout.take().expect("a pipe");
    let mut documents = serde_json::Deserializer::from_reader(stdout).into_iter::<Value>();
    let document = documents.next().expect("a document").expect("JSON");
    let environment = &document["environment"];
    let url = environment["AWS_ENDPOINT_URL"].as_str().expect("a text");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(environment["AWS_PROFILE"], Value::Null);
    child.kill().expect("a process of ours");
    child.wait().expect("a process of ours");
}

#[test]
fn policies_and_completions_are_what_they_are_with_either_output() {
    let world = World::new();
    let policy = world.local(&["policy", "planner", "--output", "json"]);
    assert_eq!(policy.ok().json()["Version"], "2012-10-17");
    let script = |output| {
        let run = world.run(&["completions", "bash", "--output", output]);
        run.ok().stdout
    };
    assert_eq!(script("json"), script("text"));
}
