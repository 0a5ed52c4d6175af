//! The policies of the stack's callers and of its function.

use serde_json::{Value, json};

use super::declaration::Stack;
use super::stage::Stage;
use crate::artifact::Arch;
use crate::engine::observed::Context;
use crate::policy;
use crate::policy::permissions::Principal;
use crate::resources::release;

/// The stages of `certify`.
const CERTIFIED: &str = "certify-*";

impl Stack {
    /// The policy of a caller. If the stage is a pattern, for all stages that fit.
    pub fn policy_of(&self, principal: Principal, context: &Context) -> Value {
        let test_ride = release::ride_id(self.stage.as_str());
        let test_ride = (!self.stage.is_pattern()).then_some(&*test_ride);
        policy::of_caller(principal, &self.role.names(context), test_ride)
    }

    /// The policy of who runs `certify`: for the stages of all its runs, whose names are the same whatever the
    /// workspace declares.
    pub fn policy_of_certifier(arch: Arch, context: &Context) -> Value {
        let stages = Stage::parse_pattern(CERTIFIED).expect("a constant pattern");
        Stack::for_stage(&stages, arch).policy_of(Principal::Certifier, context)
    }

    /// The inline policies of the function's role, as one document.
    pub fn policy_of_function(&self, context: &Context) -> Value {
        let policies = self.role.policies(context).into_iter();
        let statements = policies.flat_map(|(_, mut policy)| match policy["Statement"].take() {
            Value::Array(statements) => statements,
            statement => vec![statement],
        });
        json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::artifact::Arch;
    use crate::engine::observed::Context;
    use crate::policy::permissions::Principal;
    use crate::stack::declaration::Stack;
    use crate::stack::stage::Stage;

    /// IAM's limits in characters, white space not counted: the policy of a session, a managed policy.
    const SESSION: usize = 2048;
    const MANAGED: usize = 6144;

    fn policy(principal: Principal, stage: &str, region: &str) -> Value {
        let stage = Stage::parse_pattern(stage).expect("a stage");
        let context = Context {
            partition: "aws-us-gov".to_owned(),
            account: "123456789012".to_owned(),
            region: region.to_owned(),
            stage: stage.as_str().to_owned(),
            caller: String::new(),
        };
        Stack::for_stage(&stage, Arch::X86_64).policy_of(principal, &context)
    }

    #[test]
    fn the_policies_are_below_iams_limits() {
        let longest = "s".repeat(31);
        for stage in ["default", "pr-*", &longest] {
            for (principal, limit) in [
                (Principal::Deployer, MANAGED),
                (Principal::Planner, SESSION),
                (Principal::Operator, SESSION),
                (Principal::Certifier, MANAGED),
            ] {
                let policy = policy(principal, stage, "ap-southeast-99").to_string();
                let length = policy.len();
                assert!(length < limit, "{principal:?} of {stage}: {length}");
                assert!(!policy.contains("{{"), "{policy}");
            }
        }
    }

    #[test]
    fn a_policy_is_for_one_partition_account_region_and_stage() {
        let policy = policy(Principal::Operator, "dev", "us-gov-west-1");
        let table = "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/Rides-dev";
        let live =
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:RequestUnicorn-dev:live";
        let statement = |sid: &str| {
            let mut statements = policy["Statement"].as_array().expect("statements").iter();
            let found = statements.find(|statement| statement["Sid"] == sid);
            found.expect("the statement").clone()
        };
        assert_eq!(statement("ReadRides")["Resource"], table);
        assert_eq!(statement("InvokeLive")["Resource"], live);
    }

    #[test]
    fn only_a_policy_for_one_stage_is_limited_to_its_test_ride() {
        let condition = |stage: &str| {
            let policy = policy(Principal::Deployer, stage, "us-gov-west-1");
            let mut statements = policy["Statement"].as_array().expect("statements").iter();
            let ride = statements.find(|statement| statement["Sid"] == "TestRide");
            ride.expect("the statement")["Condition"].clone()
        };
        let of_default =
            json!({"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "5qW5GWt7iTJjwcejKHu_ig"}});
        assert_eq!(condition("default"), of_default);
        assert_ne!(condition("dev"), of_default);
        assert_eq!(condition("pr-*"), Value::Null);
    }
}
