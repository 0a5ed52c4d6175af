//! Every declared value of the stack. To change the stack, edit this file.

use std::collections::BTreeMap;

use function_contract::env::TABLE_NAME;
use function_contract::item;

use super::setting::Setting;
use super::stage::Stage;
use crate::artifact::Arch;
use crate::policy;
use crate::resources::function::{FunctionSpec, Neighbors};
use crate::resources::log_group::LogGroupSpec;
use crate::resources::release;
use crate::resources::role::RoleSpec;
use crate::resources::table::{Billing, TableSpec};

#[derive(Clone, Debug)]
pub struct Stack {
    pub stage: Stage,
    pub table: TableSpec,
    pub role: RoleSpec,
    pub log_group: LogGroupSpec,
    pub function: FunctionSpec,
    /// Versions of the function kept for `rollback`.
    pub kept_versions: usize,
}

impl Stack {
    /// The stack of a stage, with the values that differ between stages.
    pub fn for_stage(stage: &Stage, arch: Arch) -> Stack {
        let table = TableSpec {
            name: stage.name("Rides"),
            key: item::RIDE_ID,
            billing: Billing::OnDemand,
            deletion_protection: true,
            class: "STANDARD",
            point_in_time_recovery: stage.is_production(),
        };
        let function_name = stage.name("RequestUnicorn");
        let log_group = LogGroupSpec {
            name: format!("/aws/lambda/{function_name}"),
            retention_days: Setting::declared(14, "--retention-days"),
            deletion_protection: false,
        };
        let role = RoleSpec {
            name: stage.name("WildRydesLambda"),
            session_seconds: 3600,
            trust: policy::TRUST,
            policies: vec![
                ("DynamoDBWriteAccess", policy::DYNAMODB_WRITE_ACCESS),
                ("WriteLogs", policy::WRITE_LOGS),
            ],
            table: table.name.clone(),
            log_group: log_group.name.clone(),
            function: function_name.clone(),
        };
        let table_name = Setting::declared(table.name.clone(), "--env");
        let function = FunctionSpec {
            neighbors: Neighbors {
                role: role.id(),
                log_group: log_group.id(),
                table: table.id(),
                release: release::id(&function_name),
            },
            name: function_name,
            runtime: "provided.al2023",
            handler: "bootstrap",
            arch,
            memory_mb: Setting::declared(128, "--memory"),
            // Room for three attempts of the write, 2 s each, and the log line behind them.
            timeout_seconds: Setting::declared(10, "--timeout"),
            ephemeral_storage_mb: 512,
            env: BTreeMap::from([(TABLE_NAME.to_owned(), table_name)]),
            shown_env: Vec::new(),
            upload: false,
            role: role.name.clone(),
            log_group: log_group.name.clone(),
        };
        Stack {
            stage: stage.clone(),
            table,
            role,
            log_group,
            function,
            kept_versions: 5,
        }
    }

    pub fn with(mut self, overrides: Overrides) -> Stack {
        let Overrides {
            memory_mb,
            timeout_seconds,
            retention_days,
            env,
            shown_env,
            upload,
        } = overrides;
        self.function.memory_mb.override_with(memory_mb);
        self.function.timeout_seconds.override_with(timeout_seconds);
        self.function.upload = upload;
        self.function.shown_env = shown_env;
        self.log_group.retention_days.override_with(retention_days);
        for (key, value) in env {
            let setting = self.function.env.entry(key);
            setting
                .or_insert_with(|| Setting::declared(String::new(), "--env"))
                .override_with(Some(value));
        }
        self
    }
}

/// Flags of `up` and `plan` that override a declared value for one run.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub memory_mb: Option<i32>,
    pub timeout_seconds: Option<i32>,
    pub retention_days: Option<i32>,
    pub env: BTreeMap<String, String>,
    /// Variables whose values may be shown.
    pub shown_env: Vec<String>,
    /// Upload the code even if only its compiler differs.
    pub upload: bool,
}

#[cfg(test)]
mod tests {
    use super::Stack;
    use crate::artifact::Arch;
    use crate::stack::stage::Stage;

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
