//! What was acknowledged is on disk after a stop, a kill at any moment, a full disk and a damaged file.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local_cloud::{FaultProfile, LocalCloud, Settings, StartError, SystemClock};
use serde_json::json;

use crate::world::{Clients, World, bootstrap, create, invoke, rides, start, told, with_keys, zip};

fn settings(folder: &Path, port: u16) -> Settings {
    Settings {
        state_dir: folder.to_owned(),
        port,
        clock: Arc::new(SystemClock),
        faults: FaultProfile::calm(),
    }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let world = World::new().await;
    world.function().await;
    world.table("Rides").await;
    let db = &world.owner.dynamodb;
    let id = AttributeValue::S("a".into());
    db.put_item()
        .table_name("Rides")
        .item("RideId", id)
        .send()
        .await
        .unwrap();
    world
        .owner
        .lambda
        .publish_version()
        .function_name("f")
        .send()
        .await
        .unwrap();
    let owner = world.cloud.owner().clone();
    let world = world.restart().await;
    assert_eq!(*world.cloud.owner(), owner);
    assert_eq!(
        world
            .owner
            .dynamodb
            .scan()
            .table_name("Rides")
            .send()
            .await
            .unwrap()
            .count,
        1
    );
    assert_eq!(invoke(&world.owner, "f:1", json!({})).await.error, None);
    world
        .owner
        .iam
        .get_role()
        .role_name("R")
        .send()
        .await
        .unwrap();
}

/// A cloud in a process of its own.
struct Apart {
    child: Child,
    owner: Clients,
}

fn apart(folder: &Path) -> Apart {
    let mut child = Command::new(env!("CARGO_BIN_EXE_local-cloud"))
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || {
        lines
            .next()
            .unwrap()
            .unwrap()
            .split_once('=')
            .unwrap()
            .1
            .to_owned()
    };
    let (url, id, secret) = (next(), next(), next());
    let keys = aws_credential_types::Credentials::new(id, secret, None, None, "test");
    Apart {
        child,
        owner: with_keys(&url, keys),
    }
}

impl Apart {
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_no_acknowledged_ride() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..6_u32 {
        let cloud = apart(folder.path());
        let table = format!("Rides{round}");
        rides(&cloud.owner, &table).send().await.unwrap();
        // Writers that write until the cloud has ended.
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (owner, table) = (cloud.owner.clone(), table.clone());
                tokio::spawn(async move {
                    let mut done = Vec::new();
                    for n in 0.. {
                        let id = format!("{writer}-{n}");
                        let put = owner.dynamodb.put_item().table_name(&table);
                        let put = put.item("RideId", AttributeValue::S(id.clone()));
                        if put.send().await.is_err() {
                            break;
                        }
                        done.push(id);
                    }
                    done
                })
            })
            .collect();
        // The moment differs from round to round: after so many control plane calls.
        for n in 0..round * 3 {
            let name = format!("{round}-{n}");
            let role = cloud.owner.iam.create_role().role_name(&name);
            role.assume_role_policy_document(crate::world::TRUST)
                .send()
                .await
                .unwrap();
            acknowledged.push((None, name));
        }
        cloud.kill();
        for writer in writers {
            let done = writer.await.unwrap();
            acknowledged.extend(done.into_iter().map(|id| (Some(table.clone()), id)));
        }
    }
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    let cloud = start(folder.path(), Arc::new(SystemClock)).await;
    let owner = crate::world::clients(&cloud.endpoint_url(), cloud.owner());
    for (table, id) in acknowledged {
        match table {
            None => {
                owner.iam.get_role().role_name(id).send().await.unwrap();
            }
            Some(table) => {
                let get = owner.dynamodb.get_item().table_name(&table);
                let found = get
                    .key("RideId", AttributeValue::S(id.clone()))
                    .send()
                    .await
                    .unwrap();
                assert!(found.item.is_some(), "{table} {id}");
            }
        }
    }
}

#[tokio::test]
async fn functions_end_with_a_cloud_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = apart(folder.path());
    let role = cloud.owner.iam.create_role().role_name("R");
    role.assume_role_policy_document(crate::world::TRUST)
        .send()
        .await
        .unwrap();
    create(&cloud.owner, zip(bootstrap())).send().await.unwrap();
    let pid = invoke(&cloud.owner, "f", json!({})).await.answer["pid"]
        .as_u64()
        .unwrap();
    let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(!stat().is_empty());
    cloud.kill();
    // The kernel ends the child a little later.
    let ended = (0..100_000).any(|_| {
        std::thread::yield_now();
        stat().is_empty() || stat().contains(") Z ")
    });
    assert!(ended);
}

#[tokio::test]
async fn a_save_that_fails_changes_nothing() {
    let world = World::new().await;
    world.table("Rides").await;
    // A folder in its place: the new state can be written beside, and not renamed onto it.
    let state = world.folder.path().join("state.json");
    let good = std::fs::read(&state).unwrap();
    std::fs::remove_file(&state).unwrap();
    std::fs::create_dir(&state).unwrap();
    std::fs::write(state.join("x"), "").unwrap();
    let role = || {
        let role = world.owner.iam.create_role().role_name("R");
        role.assume_role_policy_document(crate::world::TRUST).send()
    };
    let refused = told(role().await);
    assert!(
        refused.starts_with("InternalFailure: nothing was changed: cannot save "),
        "{refused}"
    );
    assert!(told(rides(&world.owner, "Other").send().await).starts_with("InternalFailure: "));
    let found = told(world.owner.iam.get_role().role_name("R").send().await);
    assert!(found.starts_with("NoSuchEntity: "), "{found}");
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::write(&state, good).unwrap();
    role().await.unwrap();
    rides(&world.owner, "Other").send().await.unwrap();
}

async fn start_error(folder: &Path) -> String {
    match LocalCloud::start(settings(folder, 0)).await {
        Ok(_) => "started".to_owned(),
        Err(error) => format!("{error}\n{}", error.hint()),
    }
}

#[tokio::test]
async fn a_damaged_file_stops_the_start_and_is_named() {
    let world = World::new().await;
    world.table("Rides").await;
    let World { cloud, folder, .. } = world;
    cloud.stop().await;
    let (state, tables) = (
        folder.path().join("state.json"),
        folder.path().join("eu-west-1/tables.sqlite"),
    );
    for path in [&state, &tables] {
        let good = std::fs::read(path).unwrap();
        for bad in [&b""[..], b"x", b"{\"format\":1", &good[good.len() / 2..]] {
            std::fs::write(path, bad).unwrap();
            let error = start_error(folder.path()).await;
            assert!(
                error.contains(&format!("`{}` is damaged", path.display())),
                "{error}"
            );
            let way_out = format!("`mv {0} {0}.damaged`", folder.path().display());
            assert!(error.contains(&way_out), "{error}");
            assert_eq!(std::fs::read(path).unwrap(), bad);
        }
        std::fs::remove_file(path).unwrap();
        if path == &tables {
            let error = start_error(folder.path()).await;
            assert!(error.contains("it is gone, with the items"), "{error}");
        }
        std::fs::write(path, good).unwrap();
    }
    let newer =
        std::fs::read_to_string(&state)
            .unwrap()
            .replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(&state, newer).unwrap();
    assert!(start_error(folder.path()).await.contains("format 2"));
}

#[tokio::test]
async fn a_port_or_folder_in_use_is_named() {
    let world = World::new().await;
    let other = tempfile::tempdir().unwrap();
    let port = world.cloud.port();
    let error = LocalCloud::start(settings(other.path(), port))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::PortInUse { port: named } if named == port));
    let error = start_error(world.folder.path()).await;
    assert!(error.contains("another one runs on"), "{error}");
}

#[tokio::test]
async fn an_existing_state_opens_in_no_time() {
    let world = World::new().await;
    world.function().await;
    for n in 0..20 {
        world.table(&format!("Rides{n}")).await;
    }
    let World { cloud, folder, .. } = world;
    cloud.stop().await;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begun = std::time::Instant::now();
        let cloud = start(folder.path(), Arc::new(SystemClock)).await;
        best = best.min(begun.elapsed());
        cloud.stop().await;
    }
    assert!(best < Duration::from_millis(5), "{best:?}");
}
