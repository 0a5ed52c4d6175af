//! Where a scenario begins: made once in a test process by the owner of the account, copied for each test.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use local_cloud::{FaultProfile, LocalCloud, Settings, SystemClock};

use crate::cloud::config;
use crate::console::click_together;
use crate::drift_by_hand::{
    BASIC, LOG_GROUP, READ_ALL, ROLE, add_index, attach, change_all, delete_and_create_role,
};
use crate::standing::{LOCAL, Standing, copy, process_folder};
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Empty,
    Standing(Standing),
    /// Everything has been changed since `up`.
    Drifted,
    /// A managed policy was attached to the role and an inline policy changed since `up`.
    Attached,
    /// The role was deleted and created again since `up`.
    Recreated,
    /// The log group is protected against deletion.
    Protected,
    /// A stack from the console.
    Console,
    /// The stage `pr-1` with a ride, a managed policy on its role, and a log group protected against deletion.
    Preview,
    /// The stage `pr-1`.
    PreviewUp,
}

const UP: Start = Start::Standing(Standing::Up);

impl Start {
    /// A world of its own that begins there.
    pub fn world(self) -> World {
        match self {
            Start::Empty => World::new(),
            Start::Standing(stack) => World::standing(stack),
            Start::Drifted => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                let change = async |config: &SdkConfig| {
                    add_index(config).await;
                    change_all(config).await;
                };
                copied(&FOLDER, "Drifted", UP, change)
            }
            Start::Attached => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                let change = async |config: &SdkConfig| {
                    attach(config).await;
                    widen(config).await;
                };
                copied(&FOLDER, "Attached", UP, change)
            }
            Start::Recreated => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                let change = async |config: &SdkConfig| {
                    delete_and_create_role(&aws_sdk_iam::Client::new(config)).await;
                };
                copied(&FOLDER, "Recreated", UP, change)
            }
            Start::Protected => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                copied(&FOLDER, "Protected", UP, protect_logs)
            }
            Start::Console => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                let make = async |config: &SdkConfig| drop(click_together(config).await);
                copied(&FOLDER, "Console", Start::Empty, make)
            }
            Start::Preview => {
                static FOLDER: OnceLock<PathBuf> = OnceLock::new();
                copied(&FOLDER, "Preview", Start::PreviewUp, make_hard_to_delete)
            }
            Start::PreviewUp => {
                let world = World::new();
                world.up(&["--stage", "pr-1"]).ok();
                world
            }
        }
    }
}

/// Changes the stage `pr-1`.
async fn make_hard_to_delete(config: &SdkConfig) {
    let request = aws_sdk_dynamodb::Client::new(config).put_item();
    let request = request.table_name("Rides-pr-1");
    let id = AttributeValue::S("a ride".to_owned());
    request.item("RideId", id).send().await.expect("a ride");
    let request = aws_sdk_iam::Client::new(config).attach_role_policy();
    let request = request.role_name("WildRydesLambda-pr-1").policy_arn(BASIC);
    request.send().await.expect("a policy");
    let request = aws_sdk_cloudwatchlogs::Client::new(config).put_log_group_deletion_protection();
    let request = request.log_group_identifier("/aws/lambda/RequestUnicorn-pr-1");
    let request = request.deletion_protection_enabled(true);
    request.send().await.expect("protection");
}

async fn protect_logs(config: &SdkConfig) {
    let client = aws_sdk_cloudwatchlogs::Client::new(config);
    let request = client.put_log_group_deletion_protection();
    let request = request.log_group_identifier(LOG_GROUP);
    let request = request.deletion_protection_enabled(true);
    request.send().await.expect("protection");
}

/// Puts another policy in the place of a declared one.
async fn widen(config: &SdkConfig) {
    let client = aws_sdk_iam::Client::new(config);
    let request = client.put_role_policy().role_name(ROLE);
    let request = request.policy_name("DynamoDBWriteAccess");
    let request = request.policy_document(READ_ALL);
    request.send().await.expect("a policy");
}

/// A copy of what the owner makes of another start.
fn copied(
    folder: &OnceLock<PathBuf>,
    name: &str,
    from: Start,
    change: impl AsyncFnOnce(&SdkConfig),
) -> World {
    let folder = folder.get_or_init(|| {
        let world = from.world();
        by_hand(&world, change);
        let folder = process_folder().join(name);
        copy(&world.path().join(LOCAL), &folder);
        folder
    });
    let world = World::new();
    copy(folder, &world.path().join(LOCAL));
    world
}

/// Lets the owner of the account change what is in a world.
fn by_hand(world: &World, change: impl AsyncFnOnce(&SdkConfig)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let settings = Settings {
            state_dir: world.path().join(LOCAL).join("state"),
            port: 0,
            clock: Arc::new(SystemClock),
            faults: FaultProfile::calm(),
        };
        let cloud = LocalCloud::start(settings).await.expect("a cloud");
        let owner = cloud.owner();
        let (id, secret) = (&owner.access_key_id, &owner.secret_access_key);
        change(&config(&cloud.endpoint_url(), id, secret)).await;
        cloud.stop().await;
    });
}
