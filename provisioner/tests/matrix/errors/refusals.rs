//! What is refused for the sake of somebody's resources or rides, and what is not there.

use super::access::statement;
use super::by_hand::{by_hand, make_log_group, make_table, protect_log_group, put_policy};
use super::shell::Shell;
use super::{Case, Scenario};
use crate::proxy::{At, Fault};
use crate::world::World;

pub const SCENARIOS: &[Scenario] = &[
    ("unmanaged", |case| {
        let world = World::new();
        let cloud = world.cloud();
        let shell = Shell::new(&world);
        by_hand(&cloud, async |config| {
            make_table(config.clone(), "Rides", "RideId").await;
            make_log_group(config, "/aws/lambda/RequestUnicorn").await;
        });
        let hint = case.told_by(&shell.run("provision up --local"));
        // One paste for both; then consent is wanted.
        let run = shell.run(&hint[0]).exits(4).says("adopt table Rides");
        let (_, agree) = run.stderr.split_once("to confirm: `").expect("a hint");
        shell.run(agree.trim_end().trim_end_matches('`')).ok();
    }),
    ("managed-elsewhere", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, async |config| {
            let lambda = aws_sdk_lambda::Client::new(&config);
            let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
            let tag = lambda.tag_resource().resource(arn);
            let tag = tag.tags("provision:stage", "theirs");
            tag.send().await.expect("a change");
        });
        let hint = case.told_by(&shell.run("provision plan --local --exit-code"));
        shell
            .run(&hint[0])
            .exits(3)
            .says("+ role WildRydesLambda-second");
    }),
    ("in-another-region", |case| {
        let (shell, ..) = case.standing();
        let line = "provision plan --local --region eu-west-1 --exit-code";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("nothing to do");
        shell
            .run(&hint[1])
            .exits(3)
            .says("+ role WildRydesLambda-second");
    }),
    ("tags-unreadable", |case| {
        let (shell, world, cloud) = case.standing();
        let proxy = world.behind(cloud, &[]);
        let denied = r#""TagsError":{"ErrorCode":"AccessDeniedException","Message":"User: arn:aws:iam::123456789012:user/a is not authorized to perform: lambda:ListTags on resource: arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn because no identity-based policy allows the lambda:ListTags action"},"Untagged":"#;
        proxy.at(At::Name("GetFunction"), Fault::Edit(r#""Tags":"#, denied));
        let run = shell.run("provision up --local");
        case.told_by(&run);
        assert!(statement(&run.stderr).contains("lambda:ListTags"));
        shell.run("provision up --local").ok();
    }),
    ("resource-broken", |case| {
        let (shell, world, cloud) = case.standing();
        let proxy = world.behind(cloud, &[]);
        let locked = r#""TableStatus":"INACCESSIBLE_ENCRYPTION_CREDENTIALS""#;
        proxy.at(
            At::Name("DescribeTable"),
            Fault::Edit(r#""TableStatus":"ACTIVE""#, locked),
        );
        let hint = case.told_by(&shell.run("provision up --local"));
        shell.run(&hint[0]).ok();
    }),
    ("function-is-image", |case| {
        let image = refused_function(case, r#""PackageType":"Zip""#, r#""PackageType":"Image""#);
        image.0.run(&image.1).exits(3);
    }),
    ("function-has-snapstart", |case| {
        let off = r#""ApplyOn":"None""#;
        let (shell, again) = refused_function(case, off, r#""ApplyOn":"PublishedVersions""#);
        shell.run(&again).ok();
    }),
    ("function-set-for-good", |case| {
        let zip = r#""PackageType":"Zip""#;
        for setting in [
            r#","TenancyConfig":{"TenantIsolationMode":"PER_TENANT"}"#,
            r#","DurableConfig":{"ExecutionTimeout":60}"#,
            r#","CapacityProviderConfig":{}"#,
        ] {
            let with: &'static str = format!("{zip}{setting}").leak();
            let (shell, again) = refused_function(case, zip, with);
            shell.run(&again).exits(3);
        }
    }),
    ("table-key-differs", |case| {
        let world = World::new();
        let cloud = world.cloud();
        let shell = Shell::new(&world);
        by_hand(&cloud, async |config| {
            make_table(config, "Rides", "Id").await;
        });
        let line = "provision plan --local --exit-code --adopt table";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).exits(3).says("+ table Rides-second");
    }),
    ("confirmation-required", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, async |config| {
            let extra = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
            put_policy(config, "WildRydesLambda", "Extra", extra).await;
        });
        let hint = case.told_by(&shell.run("provision up --local"));
        shell.run(&hint[0]).ok();
    }),
    ("plan-changed", |case| {
        let (shell, ..) = case.standing();
        let planned = shell.run("provision plan --local --memory 512").ok();
        let (_, digest) = planned.stdout.split_once("digest: ").expect("a digest");
        shell.run("provision up --local --memory 256").ok();
        let again = format!("provision up --local --memory 512 --plan-digest {digest}");
        let hint = case.told_by(&shell.run(&again));
        shell.run(&hint[0]).ok().says("memory  256 MB → 512 MB");
    }),
    ("not-confirmed", |case| {
        let (shell, ..) = case.standing();
        // The terminal that `script` gives it is asked on.
        let line = "echo n | script -qec 'provision down --local --color never' /dev/null";
        let hint = case.told_by(&shell.run(line));
        assert_eq!(hint[0], "provision down --local --color never");
        shell.run("provision status --local").ok().says("healthy");
    }),
    ("rolled-back", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --memory 256").ok();
        shell.run("provision rollback --local").ok();
        let hint = case.told_by(&shell.run("provision up --local --memory 256"));
        let planned = shell.run("provision plan --local --memory 256").exits(1);
        assert!(
            planned.stderr.contains(&format!("`{}`", hint[0])),
            "{planned:?}"
        );
        shell
            .run(&hint[0])
            .ok()
            .says("version 2 passed its test ride");
    }),
    ("version-not-tested", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --memory 256").ok();
        let hint = case.told_by(&shell.run("provision rollback --local --to 99"));
        shell.run(&hint[0]).ok().says("live: version 2 → 1");
    }),
    ("only-versions-above", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --memory 256").ok();
        shell.run("provision rollback --local").ok();
        let hint = case.told_by(&shell.run("provision rollback --local"));
        shell.run(&hint[0]).ok().says("live: version 1 → 2");
    }),
    ("no-live-alias", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, async |config| {
            let lambda = aws_sdk_lambda::Client::new(&config);
            let alias = lambda.delete_alias().function_name("RequestUnicorn");
            alias.name("live").send().await.expect("a change");
        });
        let hint = case.told_by(&shell.run("provision rollback --local"));
        shell.run(&hint[0]).ok().says("passed its test ride");
    }),
    ("function-unmanaged", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, async |config| {
            let lambda = aws_sdk_lambda::Client::new(&config);
            let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
            let untag = lambda.untag_resource().resource(arn);
            let untag = untag.tag_keys("provision:stack");
            untag.send().await.expect("a change");
        });
        let hint = case.told_by(&shell.run("provision rollback --local"));
        let run = shell.run(&hint[0]).exits(4).says("adopt function");
        let (_, agree) = run.stderr.split_once("to confirm: `").expect("a hint");
        shell.run(agree.trim_end().trim_end_matches('`')).ok();
    }),
    ("function-managed-elsewhere", |case| {
        let (shell, _, cloud) = case.standing();
        let give_to = |stage: &'static str| {
            by_hand(cloud, async move |config| {
                let lambda = aws_sdk_lambda::Client::new(&config);
                let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
                let tag = lambda.tag_resource().resource(arn);
                tag.tags("provision:stage", stage)
                    .send()
                    .await
                    .expect("a change");
            });
        };
        give_to("theirs");
        let hint = case.told_by(&shell.run("provision rollback --local"));
        shell.run(&hint[0]).ok().says("stage `theirs`");
        give_to("default");
    }),
    ("function-absent", |case| {
        let (shell, ..) = case.standing();
        let hint = case.told_by(&shell.run("provision rollback --local --stage prod"));
        shell.run(&hint[0]).ok().says("passed its test ride");
    }),
    ("rollback-other-table", |case| {
        let (shell, world, _) = case.standing();
        world.declare("names.table = \"Trips\"");
        shell.run("provision up --local --yes").ok();
        let hint = case.told_by(&shell.run("provision rollback --local"));
        world.declare("");
        shell.run(&format!("{} --yes", hint[0])).ok();
    }),
    ("rollback-other-role", |case| {
        let (shell, world, _) = case.standing();
        world.declare("names.role = \"Rider\"");
        shell.run("provision up --local --yes").ok();
        shell.run("provision down --local --undeclared --yes").ok();
        let hint = case.told_by(&shell.run("provision rollback --local"));
        world.declare("");
        shell.run(&format!("{} --yes", hint[0])).ok();
    }),
    ("no-version-below", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --stage prod").ok();
        let hint = case.told_by(&shell.run("provision rollback --local --stage prod"));
        shell.run(&hint[0]).ok().says("nothing to do");
    }),
    ("production-stage", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --stage prod").ok();
        let line = "provision down --local --stage prod --keep-data --yes";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("kept     table Rides-prod");
        // One hint with both flags, where nothing can be asked.
        shell.run("provision up --local --stage prod").ok();
        let line = "provision down --local --stage prod --keep-data";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("kept     table Rides-prod");
    }),
    ("log-group-protected", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, protect_log_group);
        let hint = case.told_by(&shell.run("provision down --local --yes"));
        shell.run(&hint[0]).ok();
    }),
    ("log-group-protected-kept-data", |case| {
        let (shell, _, cloud) = case.standing();
        by_hand(cloud, protect_log_group);
        case.told_by(&shell.run("provision down --local --yes --keep-data"));
        shell.run("provision up --local").ok();
    }),
    ("stack-absent", |case| {
        let (shell, ..) = case.standing();
        for verb in ["invoke --at 0,0", "rides", "logs"] {
            let line = format!("provision {verb} --local --stage dev");
            let hint = case.told_by(&shell.run(&line));
            assert_eq!(hint[0], "provision up --local --stage dev");
        }
        let line = "provision rides --local --stage dev --output json";
        let run = shell.run(line);
        let hint = case.told_by(&run);
        // The document says the same.
        let told = format!(
            "deploy the stack first: `{}`; or choose its region (--region)",
            hint[0]
        );
        assert_eq!(run.json()["errors"][0]["hint"], told);
        shell.run(&hint[0]).ok();
    }),
    ("table-not-empty", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --stage dev").ok();
        shell
            .run("provision invoke --local --stage dev --at 0,0")
            .ok();
        let line = "provision down --local --stage dev --yes";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("kept     table Rides-dev");
        shell.run(&hint[1]).ok().says("deleted  table Rides-dev");
        shell.run("provision up --local --stage dev").ok();
        shell
            .run("provision invoke --local --stage dev --at 0,0")
            .ok();
        let hint = case.told_by(&shell.run("provision down --local --stage dev"));
        shell.run(&hint[1]).ok().says("deleted  table Rides-dev");
    }),
    ("tables-not-empty", |case| {
        let (shell, world, _) = case.standing();
        let ride = "provision invoke --local --at 0,0";
        shell.run(ride).ok();
        world.declare("names.table = \"Trips\"");
        shell.run("provision up --local --yes").ok();
        shell.run(ride).ok();
        let hint = case.told_by(&shell.run("provision down --local"));
        shell.run(&hint[0]).ok().says("kept     table Rides");
        // The name of each is asked for.
        let line = "printf 'Rides\\nTrips\\n' | script -qec 'provision down --local' /dev/null";
        let all = shell.run(line).ok().says("deleted  table Rides");
        all.says("deleted  table Trips");
    }),
    ("undeclared-in-use", |case| {
        let (shell, world, _) = case.standing();
        world.declare("names.table = \"Trips\"");
        shell.run("provision up --local --yes").ok();
        world.declare("");
        let down = "provision down --local --undeclared --yes";
        let hint = case.told_by(&shell.run(down));
        shell.run(&format!("{} --yes", hint[0])).ok();
        shell.run(down).ok().says("deleted  table Trips");
    }),
    ("declared-absent", |case| {
        let (shell, world, _) = case.standing();
        world.declare("names.function = \"Unicorns\"");
        let down = "provision down --local --undeclared --yes";
        let hint = case.told_by(&shell.run(down));
        shell.run(&hint[0]).ok();
        shell
            .run(down)
            .ok()
            .says("deleted  function RequestUnicorn");
    }),
    ("other-stage-confirmed", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision up --local --stage prod").ok();
        let line = "provision down --local --stage prod --yes --confirm-stage prd";
        let hint = case.told_by(&shell.run(line));
        shell.run(&hint[0]).ok().says("deleted  table Rides-prod");
    }),
    ("name-not-confirmed", |case| {
        let (shell, ..) = case.standing();
        shell.run("provision invoke --local --at 0,0").ok();
        let line = "echo ride | script -qec 'provision down --local --color never' /dev/null";
        let hint = case.told_by(&shell.run(line));
        assert_eq!(hint[0], "provision down --local --color never");
        shell.run("provision up --local --stage prod").ok();
        let line = "echo x | script -qec 'provision down --local --stage prod' /dev/null";
        case.told_by(&shell.run(&format!("export NO_COLOR=1; {line}")));
        shell.run("provision status --local").ok().says("healthy");
    }),
];

/// What `plan` says of a function that differs so. Returns the command of the hint, too.
fn refused_function<'a>(
    case: &'a Case,
    from: &'static str,
    to: &'static str,
) -> (Shell<'a>, String) {
    let (shell, world, cloud) = case.standing();
    let proxy = world.behind(cloud, &[(At::Name("GetFunction"), Fault::Edit(from, to))]);
    let hint = case.told_by(&shell.run("provision plan --local --exit-code"));
    proxy.at(At::Name("GetFunction"), Fault::Edit(from, to));
    shell.run("provision up --local").exits(4);
    let published = |name: &String| name.ends_with("PublishVersion");
    assert!(!proxy.names().iter().any(published));
    world.point_at(cloud.keys(), &cloud.url);
    (shell, hint[0].clone())
}
