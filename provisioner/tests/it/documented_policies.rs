//! The policies of `provision policy` are enough for a role that is assumed: for everything that `up` can do, for what a failed `up` restores,
//! and for what `plan` and `status` read.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::Client as Iam;
use local_cloud::FaultProfile;
use provisioner::artifact::{Arch, BuildTarget};
use provisioner::aws::clients::Cloud;
use provisioner::aws::interceptors::Interceptors;
use provisioner::cli::Declared;
use provisioner::commands::Outcome;
use provisioner::commands::up::deploy;
use provisioner::engine::clock::RealClock;
use provisioner::engine::observed::Context;
use provisioner::error::Exit;
use provisioner::policy::permissions::Principal as Caller;
use provisioner::stack::declaration::Stack;
use provisioner::stack::stage::Stage;

use crate::artifact::{artifact, zip_of_headers};
use crate::drift_by_hand::{
    BASIC, FUNCTION, LOG_GROUP, ROLE, TABLE, add_index, change_function, change_log_group,
    change_role, change_table, delete_and_create_role,
};
use crate::in_process::{InWeather, told, without_writes};
use crate::world::Run;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// The policy of a caller, as `provision policy` prints it.
fn documented(caller: Caller) -> String {
    let stage = Stage::parse("default").expect("a stage");
    let context = Context {
        partition: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        stage: stage.as_str().to_owned(),
        caller: String::new(),
    };
    let stack = Stack::for_stage(&stage, Arch::X86_64);
    stack.policy_of(caller, &context).to_string()
}

/// A principal that has one of the documented policies and nothing else.
struct Principal {
    world: InWeather,
    credentials: Credentials,
    cloud: Cloud,
}

impl Principal {
    async fn with(caller: Caller, faults: FaultProfile) -> Principal {
        let world = InWeather::new(faults).await;
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;
        let iam = Iam::new(&world.config());
        let request = iam.create_role().role_name("Documented");
        let role = request.assume_role_policy_document(trust).send().await;
        let role = role.expect("a role").role.expect("a role");
        let request = iam.put_role_policy().role_name("Documented");
        let request = request.policy_name("P").policy_document(documented(caller));
        request.send().await.expect("a valid policy");
        let sts = aws_sdk_sts::Client::new(&world.config());
        let request = sts.assume_role().role_arn(role.arn);
        let session = request.role_session_name("ci").send().await;
        let session = session.expect("a session").credentials.expect("keys");
        let credentials = Credentials::new(
            session.access_key_id,
            session.secret_access_key,
            Some(session.session_token),
            None,
            "test",
        );
        let provider = SharedCredentialsProvider::new(credentials.clone());
        let config = world.config().to_builder();
        let config: SdkConfig = config.credentials_provider(provider).build();
        let target = BuildTarget::this_machine();
        let interceptors = Interceptors::silent(Arc::new(RealClock));
        let cloud = Cloud::new(
            &config,
            REGION.to_owned(),
            Vec::new(),
            target,
            &interceptors,
        );
        Principal {
            world,
            credentials,
            cloud,
        }
    }

    async fn up(&self, adopt: &[&str], edit: impl Fn(&mut Stack)) -> Outcome {
        let (_, session) = self.world.commands.session(&["up"]);
        let mut stack = Stack::for_stage(&session.stage, self.cloud.build_target.arch);
        edit(&mut stack);
        let flags = Declared {
            artifact: Some(artifact().path.clone()),
            adopt: adopt.iter().map(|kind| (*kind).to_owned()).collect(),
            ..Declared::default()
        };
        deploy(&flags, &stack, &self.cloud, &session).await
    }

    async fn converges(&self, what: &str, adopt: &[&str]) {
        match self.up(adopt, |_| {}).await {
            Ok(exit) => assert_eq!(exit, Exit::Done, "{what}"),
            Err(errors) => panic!("{what}: {}", told(&errors)),
        }
    }

    /// The real binary, as in a workflow.
    async fn run(&self, args: &[&str]) -> Run {
        let mut command = self.world.commands.world.command(args);
        command
            .args(["--endpoint-url", &self.world.url()])
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", self.credentials.access_key_id())
            .env(
                "AWS_SECRET_ACCESS_KEY",
                self.credentials.secret_access_key(),
            )
            .env(
                "AWS_SESSION_TOKEN",
                self.credentials.session_token().unwrap_or_default(),
            );
        // The cloud runs in this thread.
        let run = tokio::task::spawn_blocking(move || Run::of(&mut command));
        run.await.expect("a run")
    }

    fn iam(&self) -> Iam {
        Iam::new(&self.world.config())
    }

    async fn attached(&self) -> usize {
        let list = self.iam().list_attached_role_policies().role_name(ROLE);
        let list = list.send().await.expect("a list");
        list.attached_policies().len()
    }
}

#[tokio::test]
async fn up_creates_updates_and_repairs_with_the_documented_policy() {
    let failed_once = FaultProfile {
        failed_creations: 1,
        ..FaultProfile::calm()
    };
    let deployer = Principal::with(Caller::Deployer, failed_once).await;
    deployer.up(&[], |_| {}).await.expect_err("failed once");
    deployer.converges("the function is replaced", &[]).await;
    deployer.converges("nothing is to do", &[]).await;
    let config = deployer.world.config();
    change_table(&config).await;
    change_role(&config).await;
    change_log_group(&config).await;
    change_function(&config).await;
    deployer.converges("all drift is repaired", &[]).await;
    add_index(&config).await;
    deployer.converges("an index is dropped", &[]).await;
    let iam = deployer.iam();
    delete_and_create_role(&iam).await;
    deployer.converges("the role is renewed", &["role"]).await;
    // As an earlier version left it: only the ride finds out, and records it.
    let id = delete_and_create_role(&iam).await;
    let lambda = aws_sdk_lambda::Client::new(&config);
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}");
    let request = lambda.tag_resource().resource(arn);
    let request = request.tags("provision:role-id", id).send();
    request.await.expect("a tag");
    let errors = deployer.up(&["role"], |_| {}).await.expect_err("denied");
    assert!(
        told(&errors).contains("KMSAccessDenied"),
        "{}",
        told(&errors)
    );
    deployer
        .converges("after a ride without the key", &[])
        .await;
    deployer.run(&["rollback"]).await.ok();
}

/// The call that was missing from the page: a policy that is detached before a ride that fails is attached
/// again.
#[tokio::test]
async fn a_failed_up_restores_the_role_with_the_documented_policy() {
    let deployer = Principal::with(Caller::Deployer, FaultProfile::calm()).await;
    deployer.converges("a first deployment", &[]).await;
    let request = deployer.iam().attach_role_policy().role_name(ROLE);
    request.policy_arn(BASIC).send().await.expect("attached");
    let errors = deployer.up(&[], without_writes).await.expect_err("a ride");
    let told = told(&errors);
    assert_eq!(errors.len(), 1, "{told}");
    assert!(
        told.contains("not allowed to perform dynamodb:PutItem"),
        "{told}"
    );
    assert_eq!(deployer.attached().await, 1);
    deployer.converges("the declared policy", &[]).await;
    assert_eq!(deployer.attached().await, 0);
}

#[tokio::test]
async fn up_adopts_with_the_documented_policy() {
    let deployer = Principal::with(Caller::Deployer, FaultProfile::calm()).await;
    deployer.converges("a first deployment", &[]).await;
    let config = deployer.world.config();
    let keys = ["stack", "stage", "region", "managed-by", "role-id"];
    let keys: Vec<String> = keys.map(|key| format!("provision:{key}")).into();
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    let request = dynamodb.untag_resource().set_tag_keys(Some(keys.clone()));
    let request = request.resource_arn(arn("dynamodb", &format!("table/{TABLE}")));
    request.send().await.expect("untagged");
    let request = deployer.iam().untag_role().role_name(ROLE);
    let request = request.set_tag_keys(Some(keys.clone())).send();
    request.await.expect("untagged");
    let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
    let request = logs.untag_resource().set_tag_keys(Some(keys.clone()));
    let request = request.resource_arn(arn("logs", &format!("log-group:{LOG_GROUP}")));
    request.send().await.expect("untagged");
    let lambda = aws_sdk_lambda::Client::new(&config);
    let request = lambda.untag_resource().set_tag_keys(Some(keys));
    let request = request.resource(arn("lambda", &format!("function:{FUNCTION}")));
    request.send().await.expect("untagged");
    let request = lambda.delete_alias().function_name(FUNCTION).name("live");
    request.send().await.expect("deleted");
    let all = ["table", "role", "log-group", "function"];
    deployer.converges("everything is adopted", &all).await;
}

#[tokio::test]
async fn plan_and_status_read_with_the_documented_policy() {
    let planner = Principal::with(Caller::Planner, FaultProfile::calm()).await;
    let commands = &planner.world.commands;
    let zip = commands.world.write("function.zip", zip_of_headers());
    let zip = zip.to_str().expect("UTF-8");
    let plan = async || planner.run(&["plan", "--artifact", zip]).await.ok();
    plan().await.says("+ role WildRydesLambda");
    commands
        .deploy(|_| {})
        .await
        .expect("deployed by its owner");
    plan().await.says("~ function RequestUnicorn");
    planner.run(&["status"]).await.ok().says("healthy");
}
