//! A command line, or what it names, that makes no sense.

use std::os::unix::fs::symlink;

use super::Scenario;
use crate::world::artefact_path;

pub const SCENARIOS: &[Scenario] = &[
    ("unknown-command", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision fly"));
        scene.shell().run(&hint[0]).ok().says("Commands:");
    }),
    ("unknown-flag", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision up --fast"));
        scene.shell().run(&hint[0]).ok().says("--skip-test-ride");
    }),
    ("bad-value", |scene| {
        for bad in [
            "up --local --memory 64",
            "up --local --env AWS_REGION=x",
            "plan --retention-days 15",
            "logs --since 1y",
            "up --adopt release",
        ] {
            let hint = scene.told_by(&scene.shell().run(&format!("provision {bad}")));
            scene.shell().run(&hint[0]).ok().says("Options:");
        }
        scene
            .shell()
            .run("provision up --env AWS_REGION=x")
            .says("Lambda reserves AWS_REGION");
    }),
    ("missing-value", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision up --local --stage"));
        scene.shell().run(&hint[0]).ok().says("--stage <STAGE>");
    }),
    ("missing-argument", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision policy"));
        scene.shell().run(&hint[0]).ok().says("<POLICY>");
    }),
    ("flags-exclude-each-other", |scene| {
        for both in ["down --keep-data --delete-data", "up --local --profile me"] {
            let hint = scene.told_by(&scene.shell().run(&format!("provision {both}")));
            scene.shell().run(&hint[0]).ok().says("Usage:");
        }
    }),
    ("stage-malformed", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision status --local --stage Prod!"));
        scene.shell().run(&hint[0]).ok().says("stage dev");
    }),
    ("region-malformed", |scene| {
        let shell = scene.shell();
        let hint = scene.told_by(&shell.run("provision status --local --region eu_west"));
        shell.run(&hint[0]).ok().says("region eu-west-1");
        let shell = shell.with("AWS_REGION", "eu");
        scene.told_by(&shell.run("provision status"));
    }),
    ("account-malformed", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision up --local --account 12"));
        scene
            .shell()
            .run(&hint[0])
            .ok()
            .says("account 123456789012");
    }),
    ("endpoint-malformed", |scene| {
        let (shell, _, cloud) = scene.standing();
        let shell = shell.to_endpoint(cloud);
        let bare = cloud.url.trim_start_matches("http://");
        let line = format!("provision status --endpoint-url {bare}");
        let hint = scene.told_by(&shell.run(&line));
        shell.run(&hint[0]).ok().says("healthy");
        scene.told_by(&shell.run("provision status --endpoint-url 'ftp://a b'"));
    }),
    ("only-with-local", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision status --faults calm"));
        scene.shell().run(&hint[1]).ok().says("the local cloud");
        scene.told_by(&scene.shell().run("provision status --as planner"));
    }),
    ("as-unavailable", |scene| {
        let line = "provision status --local --as planner";
        let hint = scene.told_by(&scene.shell().run(line));
        scene.shell().run(&hint[0]).ok();
        let shell = scene.shell().with("PROVISION_AS", "planner");
        let hint = scene.told_by(&shell.run("provision status --local"));
        shell.run(&hint[0]).ok();
    }),
    ("no-region", |scene| {
        let hint = scene.told_by(&scene.shell().run("provision status --stage dev"));
        // The next thing that is missing.
        scene.shell().run(&hint[0]).exits(5);
        assert_eq!(hint[1], "provision up --local --stage dev");
    }),
    ("no-current-folder", |scene| {
        let gone = "mkdir gone && cd gone && rmdir ../gone && provision status --local";
        let hint = scene.told_by(&scene.shell().run(gone));
        scene.shell().run(&hint[0]).ok();
    }),
    ("not-in-the-project", |scene| {
        let shell = scene.shell().without("PROVISION_ARTIFACT");
        let hint = scene.told_by(&shell.run("provision plan --local --stage dev"));
        symlink(artefact_path(), shell.path("function.zip")).expect("a link");
        shell.run(&hint[0]).ok().says("is proven");
    }),
    ("nobody-to-pick-up", |scene| {
        let (shell, ..) = scene.standing();
        let hint = scene.told_by(&shell.run("provision invoke --local"));
        shell.run(&hint[0]).ok().says("answered 201");
    }),
    ("position-malformed", |scene| {
        let (shell, ..) = scene.standing();
        for at in ["north", "91,0"] {
            let line = format!("provision invoke --local --at {at}");
            let hint = scene.told_by(&shell.run(&line));
            shell.run(&hint[0]).ok().says("answered 201");
        }
    }),
    ("stdout-unwritable", |scene| {
        let line = "provision policy function --local";
        let hint = scene.told_by(&scene.shell().run(&format!("{line} >/dev/full")));
        assert_eq!(hint[0], line);
        // Its reader has had enough: no error.
        let run = scene.shell().run(&format!("{line} | head -c 1")).ok();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("{", ""));
    }),
    ("event-unreadable", |scene| {
        let (shell, ..) = scene.standing();
        let hint = scene.told_by(&shell.run("provision invoke --local --event absent.json"));
        shell.run(&hint[0]).ok().says("answered 201");
    }),
    ("stdin-unreadable", |scene| {
        let (shell, ..) = scene.standing();
        let hint = scene.told_by(&shell.run("provision invoke --local --event - </"));
        shell.run(&hint[0]).ok().says("answered 201");
    }),
    ("event-no-json", |scene| {
        let (shell, ..) = scene.standing();
        let line = "echo '{' >event.json; provision invoke --local --event event.json";
        let hint = scene.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("answered 201");
        scene.told_by(&shell.run("echo '{' | provision invoke --local --event -"));
    }),
];
