//! Damaged state folders: the cloud opens with everything that was saved, or fails with an error that
//! names the file. It never starts empty and never panics.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_cloud::{FaultProfile, LocalCloud, Settings, StartError, SystemClock};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use serde_json::json;
use tempfile::TempDir;

use super::wire::{Answer, Request};
use super::{block_on, one_in};
use crate::world::World;

/// The folder of a stopped cloud with a role, a table with an item, and a log stream with an event.
struct Left {
    folder: TempDir,
    saved: String,
}

async fn left() -> Left {
    let world = World::new().await;
    world.role().await;
    world.table("Rides").await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("a time after 1970").as_millis();
    for (service, action, body) in [
        (
            "dynamodb",
            "PutItem",
            json!({"TableName": "Rides", "Item": {"RideId": {"S": "a"}}}),
        ),
        ("logs", "CreateLogGroup", json!({"logGroupName": "g"})),
        (
            "logs",
            "CreateLogStream",
            json!({"logGroupName": "g", "logStreamName": "s"}),
        ),
        (
            "logs",
            "PutLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": now as u64, "message": "m"}]}),
        ),
    ] {
        let request = Request::json(service, action, &body.to_string());
        let answer = request.send(&world.cloud).await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let saved = look(&world.cloud).await.expect("all of it");
    let World { cloud, folder, .. } = world;
    cloud.stop().await;
    Left { folder, saved }
}

/// Everything that was saved, as its owner reads it, or the error of a read.
async fn look(cloud: &LocalCloud) -> Result<String, Answer> {
    let mut all = String::new();
    for (service, action, body) in [
        (
            "dynamodb",
            "GetItem",
            json!({"TableName": "Rides", "Key": {"RideId": {"S": "a"}}}),
        ),
        ("dynamodb", "DescribeTable", json!({"TableName": "Rides"})),
        (
            "logs",
            "GetLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s"}),
        ),
        ("logs", "DescribeLogGroups", json!({})),
    ] {
        let request = Request::json(service, action, &body.to_string());
        let answer = request.send(cloud).await.expect("an answer");
        if answer.status != 200 {
            return Err(answer);
        }
        all += &answer.body;
    }
    let role = Request::form("iam", "Action=GetRole&RoleName=R&Version=2010-05-08");
    let answer = role.send(cloud).await.expect("an answer");
    if answer.status != 200 {
        return Err(answer);
    }
    // The id of the request is in it, at its end.
    let role = answer.body.split("<ResponseMetadata>").next();
    Ok(all + role.unwrap_or_default())
}

async fn open(folder: &Path) -> Result<LocalCloud, StartError> {
    let settings = Settings {
        state_dir: folder.to_owned(),
        port: 0,
        clock: Arc::new(SystemClock),
        faults: FaultProfile::calm(),
    };
    LocalCloud::start(settings).await
}

/// Opens the folder. Fails unless everything is there or the error names the file.
async fn all_or_named(left: &Left, name: &str) -> Result<(), String> {
    match open(left.folder.path()).await {
        Err(error) => match error.to_string().contains(name) {
            true => Ok(()),
            false => Err(format!("stopped without naming {name}: {error}")),
        },
        Ok(cloud) => {
            let found = look(&cloud).await;
            cloud.stop().await;
            match found {
                Ok(all) if all == left.saved => Ok(()),
                Ok(_) => Err("opened with something else".to_owned()),
                Err(answer) if answer.status == 500 && answer.body.contains(name) => Ok(()),
                Err(answer) => Err(format!("{}: {}", answer.status, answer.body)),
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Flip(Index, u8),
    Zeroes(Index, Index),
    Random(Vec<u8>),
    Twice,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => any::<Index>().prop_map(Damage::Cut),
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Zeroes(a, b)),
        1 => any::<Vec<u8>>().prop_map(Damage::Random),
        1 => proptest::strategy::Just(Damage::Twice),
    ]
}

impl Damage {
    fn done_to(&self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        match self {
            Damage::Cut(at) => bytes.truncate(at.index(good.len())),
            Damage::Flip(at, bit) => bytes[at.index(good.len())] ^= 1 << bit,
            Damage::Zeroes(a, b) => {
                let (a, b) = (a.index(good.len()), b.index(good.len()));
                bytes[a.min(b)..a.max(b)].fill(0);
            }
            Damage::Random(other) => bytes.clone_from(other),
            Damage::Twice => bytes.extend_from_slice(good),
        }
        bytes
    }
}

#[test]
fn a_damaged_state_document_is_named() {
    let runtime = block_on();
    let left = runtime.block_on(left());
    let path = left.folder.path().join("state.json");
    let good = fs::read(&path).expect("the state");
    let result = one_in(2).run(&damage(), |damage| {
        fs::write(&path, damage.done_to(&good)).expect("a damaged file");
        let told = runtime.block_on(all_or_named(&left, "state.json"));
        told.map_err(TestCaseError::fail)
    });
    result.unwrap();
}

#[test]
fn a_damaged_database_is_named() {
    let runtime = block_on();
    let left = runtime.block_on(left());
    let path = left.folder.path().join("eu-west-1/tables.sqlite");
    let good = fs::read(&path).expect("the database");
    // SQLite has no digest of its pages: an item with a flipped bit is an item.
    let damage = damage().prop_filter("not in an item", |damage| {
        !matches!(damage, Damage::Flip(..) | Damage::Zeroes(..))
    });
    let result = one_in(4).run(&damage, |damage| {
        fs::write(&path, damage.done_to(&good)).expect("a damaged file");
        let told = runtime.block_on(all_or_named(&left, "tables.sqlite"));
        told.map_err(TestCaseError::fail)
    });
    result.unwrap();
}

#[test]
fn a_database_with_flipped_bits_brings_nothing_down() {
    let runtime = block_on();
    let left = runtime.block_on(left());
    let path = left.folder.path().join("eu-west-1/tables.sqlite");
    let good = fs::read(&path).expect("the database");
    let result = one_in(4).run(&damage(), |damage| {
        fs::write(&path, damage.done_to(&good)).expect("a damaged file");
        let told = runtime.block_on(async {
            let cloud = match open(left.folder.path()).await {
                Ok(cloud) => cloud,
                Err(error) if error.to_string().contains("tables.sqlite") => return Ok(()),
                Err(error) => return Err(error.to_string()),
            };
            let found = look(&cloud).await;
            cloud.stop().await;
            match found {
                Ok(_) => Ok(()),
                Err(answer) if answer.status < 500 => Ok(()),
                Err(answer) if answer.body.contains("tables.sqlite") => Ok(()),
                Err(answer) => Err(format!("{}: {}", answer.status, answer.body)),
            }
        });
        told.map_err(TestCaseError::fail)
    });
    result.unwrap();
}

#[tokio::test]
async fn a_folder_in_the_place_of_a_file_is_named() {
    for name in [
        "state.json",
        "eu-west-1/tables.sqlite",
        "cloud.lock",
        "logs",
        "eu-west-1",
    ] {
        let left = left().await;
        let path = left.folder.path().join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).expect("a folder less");
            fs::write(&path, "x").expect("a file in its place");
        } else {
            fs::remove_file(&path).expect("a file less");
            fs::create_dir(&path).expect("a folder in its place");
        }
        let told = all_or_named(&left, name).await;
        assert_eq!(told, Ok(()), "{name}");
    }
}

#[test]
fn a_damaged_log_file_is_named() {
    let runtime = block_on();
    let left = runtime.block_on(left());
    let path = only_file(&left.folder.path().join("logs"));
    let good = fs::read(&path).expect("the log");
    // An incomplete event was never acknowledged, and a message with a flipped bit is a message. What
    // must not happen is a panic, an empty stream or an error that does not name the file.
    let result = one_in(4).run(&damage(), |damage| {
        fs::write(&path, damage.done_to(&good)).expect("a damaged file");
        let told = runtime.block_on(async {
            let cloud = open(left.folder.path()).await.map_err(|e| e.to_string())?;
            let found = look(&cloud).await;
            cloud.stop().await;
            match found {
                Ok(_) => Ok(()),
                Err(answer) if answer.status == 500 && answer.body.contains(".jsonl") => Ok(()),
                Err(answer) if answer.status == 400 && answer.body.contains("NotFound") => Ok(()),
                Err(answer) => Err(format!("{}: {}", answer.status, answer.body)),
            }
        });
        told.map_err(TestCaseError::fail)
    });
    result.unwrap();
}

fn only_file(folder: &Path) -> PathBuf {
    let mut path = folder.to_owned();
    while path.is_dir() {
        let mut entries = fs::read_dir(&path).expect("a folder");
        path = entries.next().expect("an entry").expect("an entry").path();
    }
    path
}
