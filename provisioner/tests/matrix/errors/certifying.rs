//! What `certify` finds.

use super::{Case, Scenario};
use crate::proxy::{At, Fault};
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
        let refused = (
            At::Name("PublishVersion"),
            Fault::Refuse("InvalidParameterValueException", "no"),
        );
        let run = certify(case, &[refused]);
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
        // `down` and what cleans up behind it, in each of three chapters.
        let run = certify(case, &[(At::Name("iam_DeleteRole"), denied); 6]);
        let hint = case.told_by(&run);
        let (shell, _, _) = case.standing();
        shell.run(&hint[0]).ok().says("deleted  role");
    }),
    ("certify-differs", |case| {
        let planted = Fault::Edit(r#""PackageType":"Zip""#, r#""PackageType":"Image""#);
        let run = certify(case, &[(At::Name("CreateFunction"), planted)]);
        case.told_by(&run);
        run.says("Lambda CreateFunction (201) PackageType")
            .says("nothing is left, by name and by tag")
            .never_says("FAILED");
        let line = "| Lambda CreateFunction | 201 | PackageType | value | Image | Zip |";
        assert!(report(case).contains(line), "{}", report(case));
    }),
];

/// In a cloud with these faults.
fn certify(case: &Case, faults: &[(At, Fault)]) -> Run {
    let (shell, world, cloud) = case.standing();
    let _proxy = world.behind(cloud, faults);
    shell.run("provision certify --local --yes").exits(1)
}

fn report(case: &Case) -> String {
    let (_, world, _) = case.standing();
    std::fs::read_to_string(world.path().join("certify-report.md")).expect("a report")
}
