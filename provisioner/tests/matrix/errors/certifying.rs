//! What `certify` finds.

use super::{Case, Scenario};
use crate::artifact::zip_of_headers;
use crate::proxy::{At, Fault};
use crate::schema;
use crate::world::Run;

pub const SCENARIOS: &[Scenario] = &[
    ("report-unwritable", |case| {
        let (shell, _, _) = case.standing();
        let line = "provision certify --local --yes --report missing/report.json";
        let hint = case.told_by(&shell.run(line).never_says("preview"));
        assert_eq!(
            hint[0],
            "provision certify --local --yes --report certify-report.json"
        );
    }),
    ("certify-failed", |case| {
        let run = certify(case, &[(At::Name("PublishVersion"), NO)]);
        case.told_by(&run);
        run.says("FAILED")
            .says("publish a version")
            .says("skipped")
            .says("adopted")
            .says("nothing is left, by name and by tag")
            .never_says("left in the stage");
        assert!(report(case).contains("| failed ride | 0.0 | 0 | skipped |"));
    }),
    ("certify-left", |case| {
        let denied = Fault::Refuse("AccessDenied", "not authorized to perform: iam:DeleteRole");
        // In each of three chapters: an early end, and what cleans up.
        let mut faults = vec![(At::Name("iam_DeleteRole"), denied); 3];
        faults.extend([(At::Name("PublishVersion"), NO); 8]);
        let run = certify(case, &faults);
        let hint = case.told_by(&run);
        let (shell, _, _) = case.standing();
        shell.run(&hint[0]).ok().says("deleted  role");
    }),
    ("certify-differs", |case| {
        let planted = Fault::Edit(r#""PackageType":"Zip""#, r#""PackageType":"Image""#);
        let run = certify(case, &[(At::Name("CreateFunction"), planted)]);
        case.told_by(&run);
        run.says("Lambda CreateFunction (201) PackageType")
            .says("33 of 33 steps passed")
            .says("1 differences, 0 additional members")
            .says("nothing is left, by name and by tag")
            .never_says("FAILED");
        let line = "| Lambda CreateFunction | 201 | PackageType | value | Image | Zip |";
        let report = report(case);
        assert!(report.contains(line), "{report}");
        for secret in ["123456789012", "user/owner", "AKIA"] {
            assert!(!report.contains(secret), "{secret} in {report}");
        }
    }),
    ("certify-not-compared", |case| {
        // The local cloud cannot run it either.
        let (shell, world, _) = case.standing();
        let zip = world.write("headers.zip", zip_of_headers());
        let shell = shell.with("PROVISION_ARTIFACT", zip.to_str().expect("UTF-8"));
        let run = shell.run("provision certify --local --yes").exits(1);
        case.told_by(&run);
        run.says("answers not compared: the local cloud itself failed at `up`")
            .says("nothing is left, by name and by tag");
        assert!(report(case).contains("Not compared: the local cloud itself failed"));
    }),
];

const NO: Fault = Fault::Refuse("InvalidParameterValueException", "no");

/// In a cloud with these faults.
fn certify(case: &Case, faults: &[(At, Fault)]) -> Run {
    let (shell, world, cloud) = case.standing();
    let _proxy = world.behind(cloud, faults);
    shell.run("provision certify --local --yes").exits(1)
}

fn report(case: &Case) -> String {
    let (_, world, _) = case.standing();
    let read = |name: &str| std::fs::read_to_string(world.path().join(name)).expect("a report");
    let document = serde_json::from_str(&read("certify-report.json")).expect("JSON");
    schema::check("certify", &document);
    read("certify-report.md")
}
