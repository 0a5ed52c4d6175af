//! A command line, or what it names, that makes no sense.

use std::fs;
use std::os::unix::fs::symlink;

use provisioner::policy::FILES;

use super::shell::Shell;
use super::{Case, Scenario};
use crate::world::artifact_path;

/// A shell in a workspace with these settings, whose artifact is there.
fn workspace<'a>(case: &'a Case, settings: &str) -> Shell<'a> {
    let shell = case.shell();
    fs::create_dir_all(shell.path("function")).expect("a folder");
    let text = format!("[workspace.metadata.provision]\n{settings}\n");
    for (name, text) in [
        ("Cargo.toml", &*text),
        ("function/Cargo.toml", "[package]\n"),
    ] {
        fs::write(shell.path(name), text).expect("a file");
    }
    shell
}

pub const SCENARIOS: &[Scenario] = &[
    ("unknown-command", |case| {
        let hint = case.told_by(&case.shell().run("provision fly"));
        case.shell().run(&hint[0]).ok().says("Commands:");
    }),
    ("unknown-flag", |case| {
        let hint = case.told_by(&case.shell().run("provision up --fast"));
        case.shell().run(&hint[0]).ok().says("--skip-test-ride");
    }),
    ("mistyped-command", |case| {
        for (typed, meant) in [
            ("stauts", "status"),
            ("Versions", "versions"),
            ("aply", "up"),
        ] {
            let line = format!("provision {typed} --local --stage dev");
            let hint = case.told_by(&case.shell().run(&line));
            assert_eq!(hint[0], format!("provision {meant} --local --stage dev"));
        }
    }),
    ("mistyped-flag", |case| {
        let line = "provision plan --lokal --memory=512 --env API_KEY=hunter2";
        let run = case.shell().run(line).never_says("hunter2");
        let hint = case.told_by(&run.says("a similar argument exists: '--local'"));
        let shell = case.shell().with("API_KEY", "hunter2");
        shell.run(&hint[0]).ok().says("memory 512 MB");
    }),
    ("preview-as-flag", |case| {
        let shell = case.shell();
        for flag in ["--plan", "--dry-run"] {
            let line = format!("provision up --local {flag} --memory 256 --env API_KEY=hunter2");
            let run = shell.run(&line).never_says("hunter2").never_says("similar");
            let hint = case.told_by(&run);
            let shell = shell.with("API_KEY", "hunter2");
            shell.run(&hint[0]).ok().says("memory 256 MB");
        }
    }),
    ("bad-value", |case| {
        for bad in [
            "up --local --memory 64",
            "up --local --env AWS_REGION=x",
            "plan --retention-days 15",
            "logs --since 1y",
            "up --adopt release",
        ] {
            let hint = case.told_by(&case.shell().run(&format!("provision {bad}")));
            case.shell().run(&hint[0]).ok().says("Options:");
        }
        case.shell()
            .run("provision up --env AWS_REGION=x")
            .says("Lambda reserves AWS_REGION");
        case.shell()
            .run("provision up --env hunter2")
            .says("the `=` is missing")
            .never_says("hunter2");
    }),
    ("missing-value", |case| {
        let hint = case.told_by(&case.shell().run("provision up --local --stage"));
        case.shell().run(&hint[0]).ok().says("--stage <STAGE>");
    }),
    ("missing-argument", |case| {
        let hint = case.told_by(&case.shell().run("provision policy"));
        case.shell().run(&hint[0]).ok().says("<POLICY>");
    }),
    ("flags-exclude-each-other", |case| {
        for both in ["down --keep-data --delete-data", "up --local --profile me"] {
            let hint = case.told_by(&case.shell().run(&format!("provision {both}")));
            case.shell().run(&hint[0]).ok().says("Usage:");
        }
    }),
    ("stage-malformed", |case| {
        let hint = case.told_by(&case.shell().run("provision status --local --stage Prod!"));
        case.shell().run(&hint[0]).ok().says("stage dev");
    }),
    ("not-a-pattern", |case| {
        let run = case.shell().run("provision sweep --local --older-than 3d");
        let hint = case.told_by(&run);
        case.shell().run(&hint[0]).ok().says("no stage pr-* exists");
        let line = "provision sweep --local --older-than 3d --stage pr-7";
        case.told_by(&case.shell().run(line));
    }),
    ("region-malformed", |case| {
        let shell = case.shell();
        let hint = case.told_by(&shell.run("provision status --local --region eu_west"));
        shell.run(&hint[0]).ok().says("region eu-west-1");
        let shell = shell.with("AWS_REGION", "eu");
        case.told_by(&shell.run("provision status"));
    }),
    ("account-malformed", |case| {
        let hint = case.told_by(&case.shell().run("provision up --local --account 12"));
        case.shell().run(&hint[0]).ok().says("account 123456789012");
    }),
    ("endpoint-malformed", |case| {
        let (shell, _, cloud) = case.standing();
        let shell = shell.to_endpoint(cloud);
        let bare = cloud.url.trim_start_matches("http://");
        let line = format!("provision status --endpoint-url {bare}");
        let hint = case.told_by(&shell.run(&line));
        shell.run(&hint[0]).ok().says("healthy");
        case.told_by(&shell.run("provision status --endpoint-url 'ftp://a b'"));
    }),
    ("only-with-local", |case| {
        let hint = case.told_by(&case.shell().run("provision status --faults calm"));
        case.shell().run(&hint[1]).ok().says("the local cloud");
        case.told_by(&case.shell().run("provision status --as planner"));
    }),
    ("no-effect", |case| {
        let shell = case.shell();
        for (line, again) in [
            ("plan --local --arch arm64", "plan --local"),
            ("status --local-dir x", "status"),
            ("plan --local --faults-seed 3", "plan --local"),
            (
                "plan --graph --local --output json",
                "plan --local --output json",
            ),
            ("build --local --out x.zip", "build --out x.zip"),
        ] {
            let hint = case.told_by(&shell.run(&format!("provision {line}")));
            assert_eq!(hint[0], format!("provision {again}"));
        }
        // A variable is for all commands.
        let shell = shell.with("PROVISION_LOCAL_DIR", "x");
        shell.run("provision config").ok();
    }),
    ("setting-unknown", |case| {
        let shell = workspace(case, "memry = 256");
        let line = "provision plan --local --stage dev";
        let hint = case.told_by(&shell.run(line).says("line 2"));
        workspace(case, &format!("{} = 256", hint[0]));
        shell.run(line).ok().says("memory 256 MB");
        // Of every stage, and without one that is like it.
        let shell = workspace(case, "stage.prod.zzz = 1");
        case.told_by(
            &shell
                .run(line)
                .says("stage.prod.zzz")
                .says("retention-days"),
        );
        case.told_by(&shell.run("provision down --local"));
    }),
    ("setting-malformed", |case| {
        for (settings, why) in [
            ("memory = 64", "64 is not from 128 to 10240 MB"),
            ("memory = \"512\"", "it is a string, not an integer"),
            (
                "environment.AWS_REGION = \"x\"",
                "Lambda reserves AWS_REGION",
            ),
            (
                "stage.prod.tags.\"aws:x\" = \"x\"",
                "keys with `aws:` are reserved",
            ),
        ] {
            let shell = workspace(case, settings);
            let run = shell.run("provision plan --local").says(why);
            let hint = case.told_by(&run);
            let shell = workspace(case, "memory = 256");
            shell.run(&hint[0]).ok().says("memory 256 MB");
        }
    }),
    ("settings-elsewhere", |case| {
        let shell = workspace(case, "[workspace.metadata.provison]\nmemory = 256");
        let hint = case.told_by(&shell.run("provision plan --local"));
        workspace(case, "memory = 256");
        shell.run(&hint[1]).ok().says("memory 256 MB");
    }),
    ("settings-malformed", |case| {
        let name =
            "names.function = \"a-name-of-sixty-characters-which-is-short-enough-for-lambda--\"";
        let shell = workspace(case, name);
        shell.run("provision plan --local").ok();
        let hint = case.told_by(&shell.run("provision plan --local --stage staging"));
        workspace(case, "names.function = \"Unicorns\"");
        shell.run(&hint[0]).ok().says("function Unicorns-staging");
    }),
    ("settings-unreadable", |case| {
        let shell = workspace(case, "environment.KEY = \"hunter2");
        let run = shell
            .run("provision plan --local")
            .says("line 2 is not TOML");
        let hint = case.told_by(&run.never_says("hunter2"));
        workspace(case, "");
        shell.run(&hint[0]).ok();
    }),
    ("policy-unusable", |case| {
        let shell = workspace(case, "");
        let file = |name: &str| shell.path("policies").join(name);
        fs::create_dir_all(shell.path("policies")).expect("a folder");
        for (name, text) in FILES {
            fs::write(file(name), text).expect("a file");
        }
        let original = fs::read(file("trust.json")).expect("a file");
        for bad in ["{", "{\"Statement\": \"{{tabel}}\"}", ""] {
            fs::write(file("trust.json"), bad).expect("a file");
            if bad.is_empty() {
                fs::remove_file(file("trust.json")).expect("a file");
            }
            let hint = case.told_by(&shell.run("provision plan --local"));
            fs::write(file("trust.json"), &original).expect("a file");
            shell.run(&hint[0]).ok().says("5 to create");
        }
    }),
    ("no-region", |case| {
        let hint = case.told_by(&case.shell().run("provision status --stage dev"));
        // The next thing that is missing.
        case.shell().run(&hint[0]).exits(5);
        assert_eq!(hint[1], "provision status --stage dev --local");
    }),
    ("environment-too-large", |case| {
        for command in ["plan", "up"] {
            let long = "hunter2".repeat(600);
            let line = format!("provision {command} --local --env API_KEY={long}");
            case.told_by(&case.shell().run(&line));
            case.shell().run(&line).never_says("hunter2");
        }
    }),
    ("no-current-directory", |case| {
        let gone = "mkdir gone && cd gone && rmdir ../gone && provision status --local";
        let hint = case.told_by(&case.shell().run(gone));
        case.shell().run(&hint[0]).ok();
    }),
    ("not-in-the-project", |case| {
        let shell = case.shell().without("PROVISION_ARTIFACT");
        let hint = case.told_by(&shell.run("provision plan --local --stage dev"));
        symlink(artifact_path(), shell.path("function.zip")).expect("a link");
        shell.run(&hint[0]).ok().says("passed its test ride");
    }),
    ("no-event", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision invoke --local"));
        shell.run(&hint[0]).ok().says("returned 201");
    }),
    ("adopt-unknown", |case| {
        let (shell, ..) = case.standing();
        let shell = shell.with("PROVISION_ARTIFACT", artifact_path());
        for command in ["plan", "up"] {
            let line = format!("provision {command} --local --adopt table/Riders");
            let run = shell.run(&line);
            case.told_by(&run);
            run.says("table/Rides, role/WildRydesLambda, log-group//aws/lambda/RequestUnicorn");
        }
        let named = "provision plan --local --exit-code --adopt table/Rides";
        shell.run(named).ok().says("nothing to do");
    }),
    ("drop-unknown", |case| {
        let (shell, ..) = case.standing();
        let shell = shell.with("PROVISION_ARTIFACT", artifact_path());
        let line = "provision up --local --drop index/ByUser";
        case.told_by(&shell.run(line));
    }),
    ("position-malformed", |case| {
        let (shell, ..) = case.standing();
        for at in ["north", "91,0"] {
            let line = format!("provision invoke --local --at {at}");
            let hint = case.told_by(&shell.run(&line));
            shell.run(&hint[0]).ok().says("returned 201");
        }
    }),
    ("stdout-unwritable", |case| {
        let line = "provision policy function --local";
        let hint = case.told_by(&case.shell().run(&format!("{line} >/dev/full")));
        assert_eq!(hint[0], line);
        // Its reader has had enough: no error.
        let run = case.shell().run(&format!("{line} | head -c 1")).ok();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("{", ""));
    }),
    ("event-unreadable", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision invoke --local --event absent.json"));
        shell.run(&hint[0]).ok().says("returned 201");
    }),
    ("event-not-a-file", |case| {
        let (shell, ..) = case.standing();
        let event = r#"'{"requestContext": null}'"#;
        let line = format!("provision invoke --local --event {event}");
        let hint = case.told_by(&shell.run(&line));
        let piped = format!("echo {event} | {}", hint[0]);
        shell.run(&piped).exits(1).says("the function returned 401");
    }),
    ("stdin-unreadable", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision invoke --local --event - </"));
        shell.run(&hint[0]).ok().says("returned 201");
    }),
    ("event-not-json", |case| {
        let (shell, ..) = case.standing();
        let line = "echo '{' >event.json; provision invoke --local --event event.json";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("returned 201");
        case.told_by(&shell.run("echo '{' | provision invoke --local --event -"));
    }),
];
