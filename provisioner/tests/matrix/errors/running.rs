//! What goes wrong while a command runs, and what somebody else does meanwhile.

use std::process::{Child, Command};

use aws_config::SdkConfig;
use provisioner::invocation::RideRequest;

use super::by_hand::{by_hand, enable_time_to_live, lift_protection, make_log_group, make_table};
use super::shell::Shell;
use super::{Case, Scenario};
use crate::cloud::CloudProcess;
use crate::proxy::{At, Fault, Proxy, When};
use crate::world::{Run, artifact_path};

pub const SCENARIOS: &[Scenario] = &[
    ("timed-out", |case| {
        let (shell, _, proxy) = behind(case);
        let busy = "Attempt to change a resource which is still in use: Table is being created";
        proxy.at(
            At::Name("CreateTable"),
            Fault::Refuse("ResourceInUseException", busy),
        );
        let line = "provision up --local --stage slow --wait-limit 0";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok();
    }),
    ("interrupted", |case| {
        let (shell, _, proxy) = behind(case);
        proxy.at(At::Name("PutRetentionPolicy"), Fault::Hold(When::Before));
        let line = "provision up --local --retention-days 7 --memory 192";
        let run = meanwhile(&shell, line, &proxy, |child| {
            let kill = Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status();
            assert!(kill.expect("kill").success());
        });
        let hint = case.told_by(&run);
        shell.run(&hint[0]).ok();
    }),
    ("changed-meanwhile", |case| {
        let (shell, cloud, proxy) = behind(case);
        proxy.at(At::Name("PutRetentionPolicy"), Fault::Hold(When::After));
        let line = "provision up --local --retention-days 5";
        let run = meanwhile(&shell, line, &proxy, |_| by_hand(cloud, lift_protection));
        let hint = case.told_by(&run);
        shell
            .run(&hint[0])
            .ok()
            .says("deletion protection  off → on");
        shell.run("provision up --local").ok();
    }),
    ("stale-revision", |case| {
        let (shell, cloud, proxy) = behind(case);
        shell.run("provision up --local --memory 208").ok();
        proxy.at(At::Name("UpdateAlias"), Fault::Hold(When::Before));
        let run = meanwhile(&shell, "provision rollback --local", &proxy, |_| {
            by_hand(cloud, async |config| {
                let lambda = aws_sdk_lambda::Client::new(&config);
                let update = lambda.update_alias().function_name("RequestUnicorn");
                let update = update.name("live").function_version("2");
                update.send().await.expect("a change");
            });
        });
        let hint = case.told_by(&run);
        shell.run(&hint[0]).ok().says("→ 1");
        shell.run("provision up --local").ok();
    }),
    ("created-meanwhile", |case| {
        let (shell, cloud, proxy) = behind(case);
        proxy.at(At::Name("CreateTable"), Fault::Hold(When::Before));
        let line = "provision up --local --stage race";
        let run = meanwhile(&shell, line, &proxy, |_| {
            by_hand(cloud, async |config| {
                make_table(config, "Rides-race", "RideId").await;
            });
        });
        let hint = case.told_by(&run);
        shell
            .run(&hint[0])
            .exits(1)
            .says("! table Rides-race: not managed by provision");
    }),
    ("deleted-meanwhile", |case| {
        let (shell, _, proxy) = behind(case);
        let gone = Fault::Refuse(
            "ResourceNotFoundException",
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn",
        );
        // Not the log group: it is so new here that the request would be repeated.
        proxy.at(At::Name("UpdateFunctionConfiguration"), gone);
        let hint = case.told_by(&shell.run("provision up --local --memory 224"));
        shell.run(&hint[0]).ok();
    }),
    ("rejected", |case| {
        let (shell, _, proxy) = behind(case);
        let rejection = "The specified value for description is invalid.";
        proxy.at(
            At::Name("CreateRole"),
            Fault::Refuse("ValidationError", rejection),
        );
        let hint = case.told_by(&shell.run("provision up --local --stage many"));
        shell.run(&hint[0]).ok();
    }),
    ("not-of-aws", |case| {
        let (shell, _, proxy) = behind(case);
        let page = Fault::Page("<html>\r\n<title>Please log in</title>");
        proxy.at(At::Name("GetCallerIdentity"), page);
        let run = shell.run("provision status --local");
        let hint = case.told_by(&run.says("<html> <title>Please log in</title>"));
        shell.run(&hint[1]).ok();
    }),
    ("disk-full", |case| {
        let shell = case.shell();
        shell.run("provision status --local --local-dir full").ok();
        let temporary = shell.path("full/state/state.tmp");
        std::os::unix::fs::symlink("/dev/full", &temporary).expect("a link");
        let up = format!(
            "provision up --local --local-dir full --artifact {}",
            artifact_path()
        );
        let hint = case.told_by(&shell.run(&up));
        std::fs::remove_file(temporary).expect("the link");
        shell.run(&hint[0]).ok();
    }),
    ("log-file-unwritable", |case| {
        let shell = case.shell();
        let hint = case.told_by(&shell.run("provision status --local --log-file /dev/full"));
        shell.run(&hint[0]).ok();
    }),
    ("timings-unwritable", |case| {
        let shell = case.shell();
        let zip = artifact_path();
        let up = format!("provision up --local --artifact {zip} --timings none/timings.html");
        let hint = case.told_by(&shell.run(&up));
        shell.run(&hint[0]).ok();
        assert!(shell.path("timings.html").exists());
    }),
    ("status-check", |case| {
        let shell = case.shell();
        let hint = case.told_by(&shell.run("provision status --local --stage none --check"));
        let plan = format!("{} --artifact {}", hint[0], artifact_path());
        shell.run(&plan).ok();
    }),
    ("ttl-cooldown", |case| {
        let (shell, cloud, proxy) = behind(case);
        by_hand(cloud, enable_time_to_live);
        let cooldown = "Time to live has been modified multiple times within a fixed interval";
        proxy.at(
            At::Name("UpdateTimeToLive"),
            Fault::Refuse("ValidationException", cooldown),
        );
        let hint = case.told_by(&shell.run("provision up --local --yes"));
        shell.run(&hint[0]).ok();
    }),
    ("key-denied", |case| {
        let (shell, _, proxy) = behind(case);
        let denied =
            "Lambda was unable to decrypt the environment variables because KMS access was denied.";
        proxy.at(
            At::Name("Invoke"),
            Fault::Refuse("KMSAccessDeniedException", denied),
        );
        let hint = case.told_by(&shell.run("provision invoke --local --at 0,0"));
        shell.run(&hint[0]).ok();
    }),
    ("table-unusable", |case| {
        let (shell, cloud, proxy) = behind(case);
        by_hand(cloud, lift_protection);
        let archived = r#""TableStatus":"ARCHIVED""#;
        proxy.at(
            At::Later(1, "DescribeTable"),
            Fault::Edit(r#""TableStatus":"ACTIVE""#, archived),
        );
        let hint = case.told_by(&shell.run("provision up --local"));
        shell.run(&hint[0]).ok();
    }),
    ("created-again", |case| {
        let run = down_meanwhile(case, "ListBackups", async |config| {
            make_log_group(config, "/aws/lambda/RequestUnicorn").await;
        });
        let hint = case.told_by(&run.says("REMAINS  log group"));
        case.standing().0.run(&hint[0]).ok().says("not managed");
        case.standing()
            .0
            .run("provision up --local --adopt log-group --yes")
            .ok();
    }),
    ("protected-meanwhile", |case| {
        let run = down_meanwhile(case, "DeleteTable", async |config| {
            let dynamodb = aws_sdk_dynamodb::Client::new(&config);
            let update = dynamodb.update_table().table_name("Rides");
            let update = update.deletion_protection_enabled(true);
            update.send().await.expect("a change");
        });
        let hint = case.told_by(&run);
        let (shell, ..) = case.standing();
        shell.run(&hint[0]).ok().says("deleted  table Rides");
        shell.run("provision up --local").ok();
    }),
    ("rides-added-meanwhile", |case| {
        // After the count, before the function goes.
        let run = down_meanwhile(case, "DeleteFunction", ride);
        let hint = case.told_by(&run);
        let (shell, ..) = case.standing();
        shell.run(&hint[0]).ok().says("kept     table Rides");
        shell.run(&hint[1]).ok().says("deleted  table Rides");
    }),
];

/// The standing stack, with a proxy before its cloud.
pub fn behind<'a>(case: &'a Case) -> (Shell<'a>, &'a CloudProcess, Proxy) {
    let (shell, world, cloud) = case.standing();
    (shell, cloud, world.behind(cloud, &[]))
}

/// Runs the line, and acts while its call is held.
pub fn meanwhile(shell: &Shell<'_>, line: &str, proxy: &Proxy, act: impl FnOnce(&Child)) -> Run {
    let mut child = shell.spawn(line);
    let reached = proxy.wait_for_hold(|| matches!(child.try_wait(), Ok(Some(_))));
    assert!(reached, "{line} never comes to the call");
    act(&child);
    proxy.release();
    let output = child.wait_with_output().expect("a process of ours");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text in UTF-8");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// `down` of the standing stack, which somebody takes a hand in before one of its calls.
fn down_meanwhile(case: &Case, call: &'static str, act: impl AsyncFnOnce(SdkConfig)) -> Run {
    let (shell, cloud, proxy) = behind(case);
    proxy.at(At::Name(call), Fault::Hold(When::Before));
    let line = "provision down --local --yes --wait-limit 0";
    meanwhile(&shell, line, &proxy, |_| by_hand(cloud, act))
}

async fn ride(config: SdkConfig) {
    let event = RideRequest {
        latitude: 1.0,
        longitude: 2.0,
        user: "late".to_owned(),
        idempotency_key: None,
    };
    let event = event.event().to_string().into_bytes();
    let lambda = aws_sdk_lambda::Client::new(&config);
    let ride = provisioner::invocation::invoke(&lambda, "RequestUnicorn", "$LATEST", &event).await;
    assert_eq!(ride.expect("an answer").status(), Some(201));
}
