//! What is declared. The one file to edit to change the stack.

use std::collections::BTreeMap;
use std::rc::Rc;

use function_contract::env::TABLE_NAME;

use crate::artifact::Arch;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::owner::Owner;
use crate::policy;
use crate::resource::Resource;
use crate::resources::alias::LiveAlias;
use crate::resources::code::Code;
use crate::resources::function::{Function, FunctionSpec, Neighbours};
use crate::resources::log_group::{LogGroup, LogGroupSpec};
use crate::resources::release::{self, Release};
use crate::resources::role::{Role, RoleSpec, SharedRoleIdentity};
use crate::resources::table::{Table, TableSpec};
use crate::resources::test_ride::TestRide;
use crate::rides::Rides;
use crate::setting::Setting;

/// A deployment of the stack in one account and region: `default`, `dev`, `prod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

impl Stage {
    pub const DEFAULT: &str = "default";

    /// Names end in the stage, so it has to fit into all of them.
    const LONGEST: usize = 31;

    pub fn parse(text: &str) -> Result<Stage, Error> {
        let letter = |c: char| c.is_ascii_lowercase();
        let starts_well = text.starts_with(letter);
        let consists_well = text
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || c == '-');
        if starts_well && consists_well && text.len() <= Stage::LONGEST {
            return Ok(Stage(text.to_owned()));
        }
        Err(Error::usage(format!("the stage `{text}` is malformed"))
            .hint("a lowercase letter, then up to 30 of a-z, 0-9 and -: `… --stage dev`"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Production stages lose nothing by a typo: `down` wants their name.
    pub fn is_production(&self) -> bool {
        self.0 == "prod" || self.0 == "production" || self.0.starts_with("prod-")
    }

    /// `Rides`, or `Rides-dev`.
    fn name(&self, base: &str) -> String {
        match self.as_str() {
            Stage::DEFAULT => base.to_owned(),
            stage => format!("{base}-{stage}"),
        }
    }
}

/// Flags of `up` and `plan` that override a declared value for one run.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub memory_mb: Option<i32>,
    pub timeout_seconds: Option<i32>,
    pub retention_days: Option<i32>,
    pub env: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub struct Stack {
    pub stage: Stage,
    pub table: TableSpec,
    pub role: RoleSpec,
    pub log_group: LogGroupSpec,
    pub function: FunctionSpec,
}

impl Stack {
    /// What a stage may vary lives here.
    pub fn for_stage(stage: &Stage, arch: Arch) -> Stack {
        let table = stage.name("Rides");
        let role = stage.name("WildRydesLambda");
        let function = stage.name("RequestUnicorn");
        let log_group = format!("/aws/lambda/{function}");
        let table_name = Setting::declared(table.clone(), "--env");
        Stack {
            stage: stage.clone(),
            table: TableSpec {
                name: table.clone(),
                point_in_time_recovery: stage.is_production(),
            },
            role: RoleSpec {
                name: role.clone(),
                trust: policy::TRUST,
                policies: vec![
                    ("DynamoDBWriteAccess", policy::DYNAMODB_WRITE_ACCESS),
                    ("WriteLogs", policy::WRITE_LOGS),
                ],
                table,
                log_group: log_group.clone(),
                function: function.clone(),
            },
            log_group: LogGroupSpec {
                name: log_group.clone(),
                retention_days: Setting::declared(14, "--retention-days"),
            },
            function: FunctionSpec {
                name: function,
                role,
                log_group,
                arch,
                memory_mb: Setting::declared(128, "--memory"),
                // Room for three attempts of the write, 2 s each, and the log line behind them.
                timeout_seconds: Setting::declared(10, "--timeout"),
                env: BTreeMap::from([(TABLE_NAME.to_owned(), table_name)]),
            },
        }
    }

    pub fn with(mut self, overrides: Overrides) -> Stack {
        let Overrides {
            memory_mb,
            timeout_seconds,
            retention_days,
            env,
        } = overrides;
        self.function.memory_mb.override_with(memory_mb);
        self.function.timeout_seconds.override_with(timeout_seconds);
        self.log_group.retention_days.override_with(retention_days);
        for (key, value) in env {
            let setting = self.function.env.entry(key);
            setting
                .or_insert_with(|| Setting::declared(String::new(), "--env"))
                .override_with(Some(value));
        }
        self
    }

    /// The only list of kinds, in the order people read them. `down` needs names only: an empty
    /// `Code` will do.
    pub fn resources(&self, cloud: &Cloud, code: &Rc<Code>, run: Run) -> Vec<Rc<dyn Resource>> {
        let Stack {
            stage,
            table,
            role,
            log_group,
            function,
        } = self;
        let owner = Owner {
            stage: stage.as_str().to_owned(),
            region: cloud.region.clone(),
        };
        let identity = SharedRoleIdentity::default();
        let ride = self.test_ride(cloud);

        let table: Rc<dyn Resource> = Rc::new(Table {
            spec: table.clone(),
            owner: owner.clone(),
            client: cloud.dynamodb.clone(),
            rides: self.rides(cloud),
            delete_rides: run.delete_rides,
        });
        let role: Rc<dyn Resource> = Rc::new(Role::new(
            role.clone(),
            owner.clone(),
            cloud.iam.clone(),
            Rc::clone(&identity),
        ));
        let log_group: Rc<dyn Resource> = Rc::new(LogGroup {
            spec: log_group.clone(),
            owner: owner.clone(),
            client: cloud.logs.clone(),
        });
        let lambda: Rc<dyn Resource> = Rc::new(Function::new(
            function.clone(),
            owner,
            cloud.lambda.clone(),
            Rc::clone(code),
            identity,
            Neighbours {
                role: Rc::clone(&role),
                log_group: log_group.id(),
                table: table.id(),
            },
        ));
        let release: Rc<dyn Resource> = Rc::new(Release::new(
            function.clone(),
            run.release,
            self.live_alias(cloud),
            Rc::clone(code),
            ride,
            vec![Rc::clone(&table), Rc::clone(&role), Rc::clone(&lambda)],
            vec![log_group.id()],
            run.commit,
        ));
        vec![table, role, log_group, lambda, release]
    }

    pub fn live_alias(&self, cloud: &Cloud) -> LiveAlias {
        LiveAlias {
            client: cloud.lambda.clone(),
            function: self.function.name.clone(),
        }
    }

    pub fn rides(&self, cloud: &Cloud) -> Rides {
        Rides {
            client: cloud.dynamodb.clone(),
            table: self.table.name.clone(),
            test_ride: self.test_ride(cloud).ride_id(),
        }
    }

    pub fn test_ride(&self, cloud: &Cloud) -> TestRide {
        TestRide {
            function: self.function.name.clone(),
            table: self.table.name.clone(),
            role: self.role.clone(),
            stage: self.stage.as_str().to_owned(),
            lambda: cloud.lambda.clone(),
            dynamodb: cloud.dynamodb.clone(),
        }
    }
}

/// What this run asks for beyond the declaration.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub release: release::Policy,
    /// `down` was told to: rides may go with their table.
    pub delete_rides: bool,
    /// Told in the version's description.
    pub commit: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{Stack, Stage};
    use crate::artifact::Arch;

    #[test]
    fn a_stage_is_a_short_lowercase_word() {
        for good in ["default", "dev", "prod-eu", "a", "x1"] {
            assert!(Stage::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(32);
        for bad in [
            "",
            "Dev",
            "1st",
            "-dev",
            "dev_1",
            "dév",
            "a b",
            long.as_str(),
        ] {
            assert!(Stage::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn production_is_told_by_its_name() {
        for (stage, production) in [
            ("prod", true),
            ("production", true),
            ("prod-eu", true),
            ("product", false),
            ("dev", false),
            ("default", false),
        ] {
            let stage = Stage::parse(stage).expect("a good stage");
            assert_eq!(stage.is_production(), production, "{stage:?}");
        }
    }

    #[test]
    fn the_default_stage_has_the_tutorials_names() {
        let names = |stage: &str| {
            let stage = Stage::parse(stage).expect("a good stage");
            let stack = Stack::for_stage(&stage, Arch::X86_64);
            [
                stack.table.name,
                stack.role.name,
                stack.log_group.name,
                stack.function.name,
            ]
        };
        assert_eq!(
            names("default"),
            [
                "Rides",
                "WildRydesLambda",
                "/aws/lambda/RequestUnicorn",
                "RequestUnicorn"
            ]
        );
        assert_eq!(
            names("dev"),
            [
                "Rides-dev",
                "WildRydesLambda-dev",
                "/aws/lambda/RequestUnicorn-dev",
                "RequestUnicorn-dev"
            ]
        );
    }
}
