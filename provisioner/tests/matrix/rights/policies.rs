//! The policies of the scenarios.

use provisioner::artifact::Arch;
use provisioner::engine::observed::Context;
use provisioner::policy::permissions::Principal;
use provisioner::stack::declaration::Stack;
use provisioner::stack::stage::Stage;
use serde_json::{Value, json};

/// The policy as `provision policy` prints it.
pub fn policy(principal: Principal, stage: &str) -> Value {
    let stage = Stage::parse_pattern(stage).expect("a stage");
    let context = Context {
        partition: "aws".to_owned(),
        account: local_cloud::ACCOUNT.to_owned(),
        region: "us-east-1".to_owned(),
        stage: stage.as_str().to_owned(),
        caller: String::new(),
    };
    Stack::for_stage(&stage, Arch::X86_64).policy_of(principal, &context)
}

pub fn policy_of_operator() -> Value {
    policy(Principal::Operator, "default")
}

/// The policy without an action of one of its statements.
pub fn without(mut policy: Value, sid: &str, action: &str) -> Value {
    let statements = policy["Statement"].as_array_mut().expect("statements");
    for statement in statements.iter_mut().filter(|one| one["Sid"] == sid) {
        let actions = match statement["Action"].take() {
            Value::Array(actions) => actions,
            one => vec![one],
        };
        let others = actions.into_iter().filter(|other| other != action);
        statement["Action"] = others.collect();
    }
    statements.retain(|statement| statement["Action"] != json!([]));
    policy
}
